/** The commands that the reconstruction tells apart; the proxy commands are Exchange's own. */
export type CommandKind =
  | 'hello'
  | 'starttls'
  | 'auth'
  | 'mail'
  | 'rcpt'
  | 'data'
  | 'bdat'
  | 'bdat-last'
  | 'rset'
  | 'noop'
  | 'quit'
  | 'vrfy'
  | 'help'
  | 'xproxyfrom'
  | 'xproxy'
  | 'other';

/** Upper-cases the ASCII letters of the first four bytes and packs them into one number. */
const verb = (text: string): number =>
  (text.charCodeAt(0) << 24) | (text.charCodeAt(1) << 16) | (text.charCodeAt(2) << 8) | text.charCodeAt(3);

const VERBS = new Map<number, CommandKind>([
  [verb('EHLO'), 'hello'],
  [verb('HELO'), 'hello'],
  [verb('STAR'), 'starttls'],
  [verb('X-AN'), 'starttls'],
  [verb('AUTH'), 'auth'],
  [verb('X-EX'), 'auth'],
  [verb('MAIL'), 'mail'],
  [verb('RCPT'), 'rcpt'],
  [verb('DATA'), 'data'],
  [verb('BDAT'), 'bdat'],
  [verb('RSET'), 'rset'],
  [verb('NOOP'), 'noop'],
  [verb('QUIT'), 'quit'],
  [verb('VRFY'), 'vrfy'],
  [verb('HELP'), 'help'],
  [verb('XPRO'), 'xproxyfrom'],
]);

const upper = (byte: number): number => (byte >= 97 && byte <= 122 ? byte - 32 : byte);

/** The kind of the command that starts at `start`, from its first four letters (any case). */
export function commandKind(bytes: Uint8Array, start: number, end: number): CommandKind {
  // Blanks before a command are passed over, as the server does.
  while (start < end && (bytes[start] === 0x20 || bytes[start] === 0x09)) start++;
  if (end - start < 4) return 'other';
  const first =
    (upper(bytes[start]!) << 24) | (upper(bytes[start + 1]!) << 16) | (upper(bytes[start + 2]!) << 8) | upper(bytes[start + 3]!);
  return VERBS.get(first) ?? 'other';
}

/** The address of a MAIL or RCPT command: brackets optional, `<>` gives the empty (null) sender; parameters are left out. */
export function commandAddress(command: string): string {
  const colon = command.indexOf(':');
  if (colon < 0) return '';
  const rest = command.slice(colon + 1).trimStart();
  if (!rest.startsWith('<')) return rest.split(/\s/, 1)[0] ?? '';
  const end = closingBracket(rest);
  return end < 0 ? rest.slice(1) : rest.slice(1, end);
}

const COLON = 0x3a;

/**
 * Where the address of a MAIL or RCPT command stands that ends at `end`, as the offset of its first byte; its last is before
 * the next `>`. -1 where it is not plain: {@link commandAddress} reads every form.
 */
export function plainAddress(bytes: Uint8Array, start: number, end: number): number {
  let i = start;
  while (i < end && bytes[i] !== COLON) i++;
  while (++i < end && bytes[i] === 0x20);
  if (i >= end || bytes[i] !== 0x3c) return -1;
  const first = ++i;
  for (; i < end && bytes[i] !== 0x3e; i++) if (bytes[i]! >= 0x80 || bytes[i] === 0x22 || bytes[i] === 0x5c) return -1;
  return i < end ? first : -1;
}

/** A quoted local part may hold brackets and spaces (`<"a > b"@c>`). */
function closingBracket(path: string): number {
  let quoted = false;
  for (let i = 1; i < path.length; i++) {
    const c = path[i];
    if (c === '\\') i++;
    else if (c === '"') quoted = !quoted;
    else if (c === '>' && !quoted) return i;
  }
  return path.indexOf('>');
}

/** The value of an ESMTP parameter (`SIZE=18019`, `IP=10.0.0.1`), or undefined. The path before is not searched. */
export function commandParameter(command: string, name: string): string | undefined {
  const path = command.indexOf('<');
  const end = path < 0 ? -1 : closingBracket(command.slice(path));
  const parameters = end < 0 ? command : command.slice(path + end);
  return patternOf(name).exec(parameters)?.[1];
}

const PATTERNS = new Map<string, RegExp>();

function patternOf(name: string): RegExp {
  let pattern = PATTERNS.get(name);
  if (!pattern) {
    pattern = new RegExp(`\\s${name}=(\\S*)`, 'i');
    PATTERNS.set(name, pattern);
  }
  return pattern;
}
