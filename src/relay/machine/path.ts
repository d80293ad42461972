/**
 * What stands behind `MAIL FROM:` and `RCPT TO:`: a path, its brackets being optional, and options.
 * Source: reference of the receive connectors, sections 6 and 7.5.
 */

export interface Path {
  /** Without brackets; empty for `<>`. */
  readonly address: string;
  /** Upper-case names; a value is undefined where there is no `=`. */
  readonly options: ReadonlyMap<string, string | undefined>;
}

/** `keyword`: `FROM` or `TO` is missing or misspelt. `address`: what stands there is no path. `options`: no list of options. */
export type PathFault = 'keyword' | 'address' | 'options';

/** Lengths of RFC 5321, beyond which an address is long. */
const LOCAL_PART = 64;
const DOMAIN = 255;

export function parsePath(command: string, keyword: 'FROM' | 'TO'): Path | PathFault {
  const start = new RegExp(`^\\s*\\S+\\s+${keyword}\\s*:\\s*`, 'i').exec(command);
  if (!start) return 'keyword';
  const rest = command.slice(start[0].length).trimEnd();
  const end = endOfPath(rest);
  if (end === undefined) return 'address';
  const bracketed = rest.startsWith('<');
  const options = optionsOf(rest.slice(end));
  if (!options) return 'options';
  return { address: bracketed ? rest.slice(1, end - 1) : rest.slice(0, end), options };
}

/** The index behind the path; a quoted local part may hold blanks and brackets. */
function endOfPath(text: string): number | undefined {
  const bracketed = text.startsWith('<');
  let quoted = false;
  for (let at = bracketed ? 1 : 0; at < text.length; at++) {
    const c = text[at];
    if (c === '\\' && quoted) at++;
    else if (c === '"') quoted = !quoted;
    else if (!quoted && c === '>') return bracketed ? at + 1 : undefined;
    else if (!quoted && (c === ' ' || c === '\t')) return bracketed ? undefined : at;
  }
  return bracketed || quoted || text === '' ? undefined : text.length;
}

function optionsOf(text: string): Map<string, string | undefined> | undefined {
  const options = new Map<string, string | undefined>();
  if (text.trim() === '') return options;
  if (!/^\s/.test(text)) return undefined;
  for (const word of text.trim().split(/\s+/)) {
    const option = /^([a-z0-9][a-z0-9-]*)(?:=([^\s=]+(?:=[^\s]*)?))?$/i.exec(word);
    if (!option) return undefined;
    const name = option[1]!.toUpperCase();
    if (options.has(name)) return undefined;
    options.set(name, option[2]);
  }
  return options;
}

export type AddressFault = 'invalid' | 'long' | 'unicode';

/** A whole address: local part, and a domain unless `defaultDomain` completes it. undefined: it is one. */
export function addressFault(address: string, { unicode }: { unicode: boolean }): AddressFault | undefined {
  const at = address.lastIndexOf('@');
  const local = at < 0 ? address : address.slice(0, at);
  const domain = at < 0 ? undefined : address.slice(at + 1);
  const isUnicode = /[^\x20-\x7e]/.test(address);
  if (/\p{Cc}/u.test(address)) return 'invalid';
  if (isUnicode && !unicode) return 'unicode';
  if (!isLocalPart(local) || (domain !== undefined && !isDomain(domain))) return 'invalid';
  if (local.length > LOCAL_PART || (domain?.length ?? 0) > DOMAIN) return 'long';
  return undefined;
}

function isLocalPart(local: string): boolean {
  if (/^"(?:[^"\\]|\\.)*"$/s.test(local)) return true;
  return /^[^\s"(),:;<>@[\\\]]+$/.test(local) && !local.startsWith('.') && !local.endsWith('.') && !local.includes('..');
}

function isDomain(domain: string): boolean {
  if (/^\[[^\]\s]+\]$/.test(domain)) return true;
  return /^[\p{L}\p{M}\p{N}_-]{1,63}(\.[\p{L}\p{M}\p{N}_-]{1,63})*$/u.test(domain);
}
