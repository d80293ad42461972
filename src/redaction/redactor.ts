/**
 * Replaces what identifies an organisation by stand-ins, so that a case can be shared.
 *
 * Known names are found wherever they stand as words of their own; besides, everything that looks like an address, a mail
 * address, a host, an account or a certificate is replaced, whether it is known or not. What means the same everywhere
 * (names of the product, of Microsoft's hosts, ordinary words) stays.
 */
import { plainName } from '../connector/server-name.ts';
import type { Document } from '../document/document.ts';
import { formatAddress, parseAddress, parseRange } from '../net/address-range.ts';
import { AddressMap } from './address-map.ts';
import { isGeneric } from './generic-words.ts';
import { KeyedBits } from './keyed-bits.ts';
import type { KnownNames } from './known-names.ts';
import { Phrases } from './phrases.ts';
import { redactedSessionId } from './session-mark.ts';
import { isHost, type ShapeMatch, shapesIn } from './shapes.ts';
import type { StandIns } from './stand-ins.ts';
import { isProductConnector, isWellKnownMailbox, microsoftTail } from './well-known.ts';

interface Replacement {
  readonly start: number;
  readonly end: number;
  /** undefined: what stands there stays. Asked only of what is replaced, so that no number is given for nothing. */
  readonly standIn: () => string | undefined;
}

/** Texts of which the stand-in is remembered: columns repeat themselves. */
const REMEMBERED = 20_000;

/** A time as JSON has it: nothing in it is a name. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

/** An absolute path and nothing else: folder, and the name in it. */
const WHOLE_PATH = /^((?:[A-Za-z]:|\\)?[\\/][^\r\n"<>|]*)[\\/]([^\\/\r\n"<>|]+)$/;

/** Endings of domains that say something about them, and nothing about whose they are. */
const TELLING_ENDINGS = new Set(['local', 'lan', 'internal', 'intern', 'corp', 'home', 'test', 'invalid', 'localdomain', 'arpa']);

/** Parts before a backslash that are no organisation. */
const NO_ORGANISATION = /^(authority|builtin|exchange)$/i;
const PRODUCT_FOLDER = /^(frontend|hub|edge|mailbox|protocollog|smtpreceive|smtpsend|transportroles|logs|delivery|submission)$/i;
/** First words of groups that every organisation has. */
const GROUPS = /^(exchange|authenticated|anonymous|externally|domain|enterprise|organization|hub|edge|partner|legacy|users)/i;

/** Values of a document that are words of ours, whatever a device may be called. */
const OWN_WORDS: ReadonlySet<string> = new Set(['kind', 'cell', 'tone', 'step']);

export class Redactor {
  readonly #standIns: StandIns;
  readonly #bits: KeyedBits;
  readonly #addresses: AddressMap;
  readonly #phrases = new Phrases<() => string>();
  readonly #servers = new Set<string>();
  /** Servers that are called like a thing: their names stay. */
  readonly #genericServers = new Set<string>();
  readonly #remembered = new Map<string, string>();

  constructor(known: KnownNames, standIns: StandIns) {
    this.#standIns = standIns;
    this.#bits = new KeyedBits(standIns.key);
    this.#addresses = new AddressMap(this.#bits);
    this.#learn(known);
  }

  /** Any text: a name, a sentence, a command, a whole row of a log. Quotes and commas stay where they are. */
  text(text: string): string {
    if (text === '' || TIME.test(text)) return text;
    let redacted = this.#remembered.get(text);
    if (redacted === undefined) {
      redacted = this.#path(text) ?? this.#redact(text);
      if (this.#remembered.size >= REMEMBERED) this.#remembered.clear();
      this.#remembered.set(text, redacted);
    }
    return redacted;
  }

  /** A JSON-like value of the same shape. Keys are redacted where they are data: names that code has for things stay. */
  value<T>(value: T): T {
    return this.#walk(value, () => false, true) as T;
  }

  document(document: Document): Document {
    return this.fields(document, OWN_WORDS);
  }

  /** An object whose keys are those of a schema, and stay, as do the values under the keys of `ownWords`. */
  fields<T>(object: T, ownWords: ReadonlySet<string>): T {
    return this.#walk(object, (key) => ownWords.has(key), false) as T;
  }

  #walk(value: unknown, stays: (key: string) => boolean, keys: boolean): unknown {
    if (typeof value === 'string') return this.text(value);
    if (Array.isArray(value)) return value.map((one) => this.#walk(one, stays, keys));
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, one]) => [
        keys && !/\p{Ll}\p{Lu}/u.test(key) ? this.text(key) : key,
        stays(key) ? one : this.#walk(one, stays, keys),
      ]),
    );
  }

  #redact(text: string): string {
    const found: Replacement[] = [];
    for (const { start, end, means } of this.#phrases.matches(text)) found.push({ start, end, standIn: means });
    for (const shape of shapesIn(text))
      found.push({ start: shape.start, end: shape.end, standIn: () => this.#shape(shape, text) });
    found.sort((a, b) => a.start - b.start || b.end - a.end);
    let redacted = '';
    let at = 0;
    for (const { start, end, standIn } of found) {
      const own = start < at ? undefined : standIn();
      if (own === undefined) continue;
      // What stands between may hold something that overlapped with what was replaced.
      redacted += this.#between(text, at, start) + own;
      at = end;
    }
    return redacted + this.#between(text, at, text.length);
  }

  /** A path as a whole; undefined for any other text, and where all of its folders are known, or the product's own. */
  #path(text: string): string | undefined {
    const [, folder = '', name = ''] = WHOLE_PATH.exec(text) ?? [];
    if (folder === '') return undefined;
    const known = [...this.#phrases.matches(text)]
      .filter(({ start }) => start < 2)
      .reduce((end, one) => Math.max(end, one.end), 0);
    const rest = text
      .slice(known, folder.length)
      .split(/[\\/]/)
      .filter((part) => part !== '');
    if (known > 0 && rest.every((part) => PRODUCT_FOLDER.test(part))) return undefined;
    return `${this.#folder(folder)}${text.charAt(folder.length)}${this.#redact(name)}`;
  }

  #folder(folder: string): string {
    return `folder${this.#standIns.numberOf('folder', folder.replaceAll('\\', '/').toLowerCase())}`;
  }

  #between(text: string, start: number, end: number): string {
    if (start === 0 && end === text.length) return text;
    return end - start < 2 ? text.slice(start, end) : this.#redact(text.slice(start, end));
  }

  /** undefined: it only looks like it. */
  #shape({ kind, text, start }: ShapeMatch, whole: string): string | undefined {
    switch (kind) {
      case 'mail':
        return this.#mail(text, whole.slice(0, start));
      case 'name':
        return this.#distinguishedName(text);
      case 'range4':
        return /version:?\s*$/i.test(whole.slice(Math.max(0, start - 12), start)) ? undefined : this.#range(text);
      case 'masked4':
        return this.#masked(text);
      case 'range6':
        return this.#range(text);
      case 'account':
        return this.#account(text);
      case 'host':
        return isHost(text) ? this.#host(text) : undefined;
      case 'hex':
        return this.#bits.hex(text.toLowerCase(), text.length);
      case 'session':
        return redactedSessionId(this.#bits, text);
      case 'sid':
        return `S-1-5-21-0-0-0-${this.#standIns.numberOf('user', text.toLowerCase())}`;
      case 'hello':
        return this.#name(text);
      case 'user':
        return isGeneric(text) ? undefined : this.#user(text);
    }
  }

  #mail(text: string, before: string): string {
    const at = text.lastIndexOf('@');
    const local = text.slice(0, at);
    const domain = text.slice(at + 1);
    // The product forgets a blank: "Session forcrm@contoso.com will now be proxied".
    const glued = /\bSession $/.test(before) && /^for./.test(local) ? 'for' : '';
    return `${glued}${this.#user(local.slice(glued.length))}@${this.#name(domain)}`;
  }

  #user(name: string): string {
    const [, open = '', inside = '', close = ''] = /^("*)(.*?)("*)$/s.exec(name)!;
    if (open !== '') return open + this.#user(inside) + close;
    const local = name.toLowerCase();
    if (isWellKnownMailbox(local)) return name;
    // Those of messages are told apart without a number, of which each would take one.
    if (/[0-9a-f]{8}/.test(local) || local.length > 40) return `id-${this.#bits.hex(local, 10)}`;
    return `user${this.#standIns.numberOf('user', local)}`;
  }

  /** A host that may be one without dots, an address in brackets, or anything that a client calls itself. */
  #name(text: string): string {
    if (isHost(text)) return this.#host(text);
    const redacted = this.#redact(text);
    if (redacted !== text || isGeneric(text) || /^\[?[\d.:/-]+\]?$/.test(text)) return redacted;
    return this.#label(text);
  }

  #host(text: string): string {
    const tail = microsoftTail(text);
    if (tail !== undefined) {
      const tenant = text.slice(0, text.length - tail.length).replace(/\.$/, '');
      return tenant === '' ? tail : `domain${this.#standIns.numberOf('domain', tenant.toLowerCase())}.${tail}`;
    }
    const labels = text.toLowerCase().split('.');
    const own = ownLabels(labels);
    const ending = labels.at(-1)!;
    const domain = `domain${this.#standIns.numberOf('domain', labels.slice(-own).join('.'))}`;
    const hosts = labels.slice(0, -own).map((label) => (label === '*' ? label : this.#label(label).toLowerCase()));
    return [...hosts, domain, TELLING_ENDINGS.has(ending) ? ending : 'example'].join('.');
  }

  /** One part of a host, or a name without dots. */
  #label(text: string): string {
    const name = text.toLowerCase();
    if (this.#servers.has(name)) return this.#server(name);
    if (isGeneric(name) && /\p{L}/u.test(name)) return text;
    return `host${blankIn(name)}${this.#standIns.numberOf('host', name)}`;
  }

  #server(name: string): string {
    return `SERVER${this.#standIns.numberOf('server', name.toLowerCase())}`;
  }

  #organisation(name: string): string {
    return `ORG${this.#standIns.numberOf('organisation', name.toLowerCase())}`;
  }

  #account(text: string): string | undefined {
    const backslash = text.indexOf('\\');
    const [before, name] = [text.slice(0, backslash), text.slice(backslash + 1)];
    const left = before.toLowerCase();
    if (this.#servers.has(left) || this.#genericServers.has(left) || NO_ORGANISATION.test(before) || PRODUCT_FOLDER.test(before))
      return undefined;
    const organisation = isHost(before) ? this.#host(before) : this.#organisation(before);
    return `${organisation}\\${GROUPS.test(name) ? name : this.#user(name)}`;
  }

  #range(text: string): string | undefined {
    const [, first = '', slash, length, mask] = /^([^/(-]+)(?:(\/)(\d+)|(\(.*\)))?$/.exec(text) ?? [];
    if (first !== '' && (slash || mask)) {
      const range = parseRange(text);
      const address = parseAddress(first);
      if (!range || !address) return undefined;
      const bits = (range.last - range.first + 1n).toString(2).length - 1;
      const prefix = length === undefined ? (address.family === 'ipv4' ? 32 : 128) - bits : Number(length);
      return `${formatAddress(this.#addresses.block(address, prefix))}${mask ?? `/${length}`}`;
    }
    if (first !== '') return this.#addresses.text(text);
    const range = parseRange(text);
    if (!range)
      return text
        .split('-')
        .map((one) => this.#addresses.text(one) ?? one)
        .join('-');
    return this.#addresses.range(range).map(formatAddress).join('-');
  }

  /** `10.0.20.*`: the part that is given. */
  #masked(text: string): string | undefined {
    const mapped = this.#addresses.text(text.replace(/[*x]+/gi, '0'))?.split('.');
    const parts = text.split('.').map((part, index) => (/\d/.test(part) ? mapped?.[index] : part));
    return mapped && parts.join('.');
  }

  /** `CN=…, O=…`, and the serial number and thumbprint that follow it in a log. */
  #distinguishedName(text: string): string {
    return text
      .replace(/\s[0-9a-f]{8,64}(?=\s|$)/gi, (hex) => ` ${this.#bits.hex(hex.trim().toLowerCase(), hex.length - 1)}`)
      .replace(
        /([A-Za-z.]+=)("{0,2})((?:(?!,\s*[A-Za-z.]+=|\s[0-9A-F]{8,64}(?:\s|$)).)+?)("{0,2})(?=,\s*[A-Za-z.]+=|\s[0-9A-F]{8,64}(?:\s|$)|$)/gs,
        (_, attribute: string, open: string, value: string, close: string) => {
          if (/^C=$/i.test(attribute)) return `${attribute}${open}${value}${close}`;
          if (isHost(value) || value.includes('@') || this.#isKnown(value))
            return `${attribute}${open}${this.text(value)}${close}`;
          return `${attribute}${open}name${this.#standIns.numberOf('subject', value.toLowerCase())}${close}`;
        },
      );
  }

  #isKnown(text: string): boolean {
    return [...this.#phrases.matches(text)].some(({ start, end }) => start === 0 && end === text.length);
  }

  #learn(known: KnownNames): void {
    for (const server of known.servers) {
      if (isGeneric(server)) {
        this.#genericServers.add(server.toLowerCase());
        continue;
      }
      this.#servers.add(server.toLowerCase());
      this.#add(server, () => this.#server(server));
    }
    for (const folder of known.folders) {
      const standIn = (): string => this.#folder(folder);
      // With what follows it in a path: a folder may be called data, or as a server, which stands before a backslash too.
      this.#add(`${folder.replaceAll('\\', '/')}/`, () => `${standIn()}/`);
      if (!this.#servers.has(folder.toLowerCase())) this.#add(`${folder.replaceAll('/', '\\')}\\`, () => `${standIn()}\\`);
    }
    for (const name of known.connectors) {
      const server = known.servers.find((one) => plainName({ server: one, name }) !== name.trim());
      const plain = server === undefined ? name : plainName({ server, name });
      if (isProductConnector(name, plain) || isGeneric(plain)) continue;
      // Its likes on other servers are named after those, so they differ in the server only.
      const after = (): string => (server === undefined ? '' : ` ${this.#server(server)}`);
      const key = plain.trim().toLowerCase();
      const blank = blankIn(name.trim());
      this.#add(name.trim(), () => `Connector${blank}${this.#standIns.numberOf('connector', key)}${after()}`);
    }
    for (const host of known.hosts)
      if (!isHost(host) && !parseAddress(host) && !isGeneric(host)) this.#add(host, () => this.#label(host));
    for (const user of known.users) {
      const [, organisation, local = ''] = /^(?:([^\\@]*)\\)?(.*?)(?:@[^@]*)?$/s.exec(user) ?? [];
      if (organisation && !NO_ORGANISATION.test(organisation) && !isGeneric(organisation) && !isHost(organisation))
        this.#add(organisation, () => this.#organisation(organisation));
      if (!isGeneric(local)) this.#add(local, () => this.#user(local));
    }
    for (const domain of known.domains) {
      const labels = domain
        .toLowerCase()
        .replace(/^\*\.?/, '')
        .split('.');
      const label = labels.at(-ownLabels(labels)) ?? '';
      if (!isGeneric(label)) this.#add(label, () => this.#organisation(label));
    }
    for (const name of known.organisations) if (!isGeneric(name)) this.#add(name, () => this.#organisation(name));
    for (const kind of ['owner', 'site', 'note'] as const)
      for (const name of known[`${kind}s`])
        if (!isGeneric(name))
          this.#add(
            name,
            () => `${kind.charAt(0).toUpperCase()}${kind.slice(1)} ${this.#standIns.numberOf(kind, name.toLowerCase())}`,
            true,
          );
  }

  /** `wordLike`: a single word of letters is found as it is written only. Names stand with doubled quotes in rows and commands. */
  #add(text: string, means: () => string, wordLike = false): void {
    const exact = wordLike && /^\p{L}+$/u.test(text);
    for (const form of new Set([text, text.replaceAll('"', '""'), text.replaceAll("'", "''")]))
      this.#phrases.add({ text: form, exact, means });
  }
}

/** How many labels make the domain that somebody owns: contoso.com, contoso.co.uk. */
const ownLabels = (labels: readonly string[]): number =>
  labels.length > 2 && labels.at(-1)!.length === 2 && /^(co|com|org|net|ac|edu|gov|or|ne|gv)$/.test(labels.at(-2)!) ? 3 : 2;

/** A blank in a name is what servers refuse a client for, so it is in the stand-in too. */
const blankIn = (name: string): string => (/\s/.test(name) ? ' ' : '');
