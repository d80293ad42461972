/**
 * What every reader makes of an export, before anybody knows the meaning: objects with properties, whose names do not
 * differ by case, and values as the shape of the export has them.
 */

export type RawValue = null | string | number | boolean | readonly RawValue[] | RawObject | Wrapped | Unreadable;

/** An object of the export, with the text that it gave of itself where the shape keeps that (`<ToString>` of CLIXML). */
export class RawObject {
  readonly text: string | undefined;
  readonly #byName = new Map<string, { readonly name: string; readonly value: RawValue }>();

  constructor(text?: string) {
    this.text = text;
  }

  static of(entries: Iterable<readonly [string, RawValue]>, text?: string): RawObject {
    const object = new RawObject(text);
    for (const [name, value] of entries) object.add(name, value);
    return object;
  }

  /** The first of two values of one name stays: PowerShell puts what it adds itself behind. */
  add(name: string, value: RawValue): void {
    const key = name.toLowerCase();
    if (!this.#byName.has(key)) this.#byName.set(key, { name, value });
  }

  has(name: string): boolean {
    return this.#byName.has(name.toLowerCase());
  }

  get(name: string): RawValue | undefined {
    return this.#byName.get(name.toLowerCase())?.value;
  }

  /** Names as the export writes them, in its order. */
  *entries(): IterableIterator<readonly [string, RawValue]> {
    for (const { name, value } of this.#byName.values()) yield [name, value];
  }
}

/** A value that the console broke into lines: only its type tells whether blanks were lost between the pieces. */
export class Wrapped {
  readonly pieces: readonly string[];
  /** The pieces as the prose that they most likely were. */
  readonly text: string;

  constructor(pieces: readonly string[], text: string) {
    this.pieces = pieces;
    this.text = text;
  }
}

/** A value that the export refers to and does not hold. */
export class Unreadable {
  readonly why: string;

  constructor(why: string) {
    this.why = why;
  }
}

/** One object of an export and where it began: `line 12` or `object 3`. */
export interface RawRecord {
  readonly place: string;
  readonly object: RawObject;
}

/** Under these names nested objects of Exchange keep their text; the first that is there counts. */
const TEXT_NAMES = ['Expression', 'IPAddressToString', 'RawIdentity', 'Name', 'Address', 'Domain', 'Value', 'DistinguishedName'];
const DEPTH = 4;

/** The value as one text: `''` for nothing, undefined for a list or an object that has none. */
export function textOf(value: RawValue, names: readonly string[] = TEXT_NAMES, depth = DEPTH): string | undefined {
  if (value === null) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (value instanceof Wrapped) return value.text;
  if (!(value instanceof RawObject) || depth === 0) return undefined;
  if (value.text !== undefined) return value.text;
  for (const name of names) {
    const inner = value.get(name);
    const text = inner === undefined ? undefined : textOf(inner, names, depth - 1);
    if (text) return text;
  }
  return undefined;
}

/** Text of a value without any blank that the console may have put in: for everything that is not prose. */
export function plainText(value: RawValue): string | undefined {
  return value instanceof Wrapped ? value.pieces.join('').trim() : textOf(value)?.trim();
}

const SHOWN = 80;

/** The value for a message: one line, not too long. */
export function shown(value: RawValue | undefined): string {
  if (value === undefined) return '';
  const text = value instanceof Unreadable ? value.why : Array.isArray(value) ? listShown(value) : (textOf(value) ?? 'an object');
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= SHOWN ? line : `${line.slice(0, SHOWN - 1)}…`;
}

const listShown = (values: readonly RawValue[]): string => {
  const first = values.slice(0, 8).map((value) => textOf(value) ?? 'an object');
  return `{${first.join(', ')}${values.length > first.length ? ', …' : ''}}`;
};

/** The value as `Format-List` would print it, for properties whose type nobody knows; cut where it is endless. */
export function printed(value: RawValue): string {
  if (!Array.isArray(value)) return (textOf(value) ?? '').slice(0, LONGEST_PRINT);
  let text = '';
  for (const item of value) {
    text += `${text && ', '}${textOf(item) ?? ''}`;
    if (text.length > LONGEST_PRINT) return `{${text.slice(0, LONGEST_PRINT)}…`;
  }
  return `{${text}}`;
}

const LONGEST_PRINT = 4000;
