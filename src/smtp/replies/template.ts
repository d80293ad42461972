/** Texts with `{name}` in them: filled for sending, and found again in what was said. */

const PLACEHOLDER = /\{([a-z][A-Za-z0-9]*)\}/g;

/** Controls and line separators; what a client said must not begin a new line of a reply. */
const UNSENDABLE = /[\p{Cc}\u2028\u2029]+/gu;
const UNSENDABLE_BUT_LINE_FEED = /[^\P{Cc}\n]+|[\u2028\u2029]+/gu;

/**
 * The text with its values. Controls become blanks; only a placeholder that has a line of the template for itself may
 * bring further lines. Throws a RangeError where a value is missing: that is a mistake of the caller.
 */
export function fillTemplate(template: string, values: Readonly<Record<string, string | number>>): string {
  const lines = template.split('\n');
  return lines
    .map((line) =>
      line.replace(PLACEHOLDER, (whole, name: string) => {
        const value = Object.hasOwn(values, name) ? values[name] : undefined;
        if (value === undefined) throw new RangeError(`no value for ${whole} of "${template}"`);
        return String(value).replace(whole === line ? UNSENDABLE_BUT_LINE_FEED : UNSENDABLE, ' ');
      }),
    )
    .join('\n');
}

const CODE = /^(\d{3}) (?:(\d\.\d{1,3}\.\d{1,3}) )?/;

/** A reply as it goes over the wire, without the last line end: every line carries the code, and the enhanced code if there is one. */
export function replyLines(text: string): string {
  const lines = text.split('\n');
  const code = CODE.exec(text);
  if (lines.length === 1 || !code) return text;
  const [prefix, basic] = [code[0].slice(3), code[1]!];
  return lines
    .map((line, index) => {
      const wording = index === 0 ? line.slice(code[0].length) : line;
      return `${basic}${index < lines.length - 1 ? '-' : ' '}${prefix.slice(1)}${wording}`;
    })
    .join('\r\n');
}

/**
 * A reply on one line, with single blanks: lines are joined without their codes, so that a long reply reads the same
 * from the wire, from a log with one row a line, and from a log with one row a reply (`250  host Hello …`).
 */
export function onOneLine(text: string): string {
  if (!/[\r\n\t]| {2}|^\d{3}-|^\s|\s$/.test(text)) return text;
  const [first = '', ...rest] = text.trim().split(/\r\n|\r|\n/);
  const head = first.replace(/^(\d{3})-/, '$1 ');
  const code = /^(\d{3}) +(\d\.\d{1,3}\.\d{1,3} )?/.exec(head);
  const tail = rest.map((line) => (code ? withoutCode(line, code[1]!, code[2]) : line));
  return [head, ...tail].join(' ').replace(/\s+/g, ' ').trim();
}

function withoutCode(line: string, basic: string, enhanced: string | undefined): string {
  if (!line.startsWith(basic) || !(line[3] === '-' || line[3] === ' ')) return line;
  const wording = line.slice(4);
  return enhanced && wording.startsWith(enhanced) ? wording.slice(enhanced.length) : wording;
}

/** A template cut at its placeholders: one literal more than names, the first and the last of them possibly empty. */
export interface Pattern {
  readonly literals: readonly string[];
  readonly names: readonly string[];
  /** How many characters are literal: the more, the more specific. */
  readonly weight: number;
}

/** The names in braces, in their order. */
export const placeholdersOf = (template: string): string[] => Array.from(template.matchAll(PLACEHOLDER), ([, name]) => name!);

/** The pattern of a template, on one line. */
export function compileTemplate(template: string): Pattern {
  const parts = onOneLine(template).split(PLACEHOLDER);
  const literals = parts.filter((_, index) => index % 2 === 0);
  const names = parts.filter((_, index) => index % 2 === 1);
  return { literals, names, weight: literals.reduce((sum, { length }) => sum + length, 0) };
}

/** Placeholder by placeholder what stood there. */
export type Values = Readonly<Record<string, string>>;

/**
 * What stands at the placeholders where `text` is the pattern from its beginning: as a whole, or up to `end`. Every
 * literal is looked for once, to the right of the one before, and nothing is tried twice: hostile text costs no more than
 * its length times the number of literals.
 */
export function matchPattern(
  { literals, names }: Pattern,
  text: string,
  whole: boolean,
): { values: Values; end: number } | undefined {
  if (!text.startsWith(literals[0]!)) return undefined;
  let at = literals[0]!.length;
  if (names.length === 0) return whole && at !== text.length ? undefined : { values: {}, end: at };
  const values: Record<string, string> = {};
  for (let i = 0; i < names.length; i++) {
    const next = literals[i + 1]!;
    const last = i === names.length - 1;
    let found: number;
    if (next === '') found = text.length;
    else if (last && whole) found = text.endsWith(next) ? text.length - next.length : -1;
    else found = text.indexOf(next, at + 1);
    if (found <= at) return undefined;
    values[names[i]!] = text.slice(at, found);
    at = found + next.length;
  }
  return { values, end: at };
}
