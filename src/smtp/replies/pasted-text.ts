/** What people paste: taken apart into rows of a log, or into lines with the codes in them. Nothing is explained here. */
import { parse } from 'csv-parse/sync';

/** A row of a protocol log, as far as it explains something. */
export interface PastedRow {
  readonly connector: string;
  readonly event: string;
  readonly data: string;
  readonly context: string;
}

const FIELD_COUNT = 9;
const ROW = /^\s*"?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z?"?,/;

/** The rows among the lines of a text. */
export const pastedRows = (text: string): PastedRow[] => text.split(/\r\n|\r|\n/).flatMap((line) => pastedRow(line) ?? []);

/** The row that a line is, or undefined. Columns that a web page or a spreadsheet has added at the end do not count. */
function pastedRow(line: string): PastedRow | undefined {
  if (!ROW.test(line)) return undefined;
  const fields = fieldsOf(line.trim());
  if (fields.length < FIELD_COUNT) return undefined;
  const [connector, event, data, context] = [fields[1]!, fields[6]!.trim(), fields[7]!, fields[8]!];
  // Web pages eat the asterisk of the event.
  return /^[-+<>*]?$/.test(event) ? { connector, event: event === '' ? '*' : event, data, context } : undefined;
}

function fieldsOf(line: string): readonly string[] {
  try {
    const [fields = []] = parse(line, { relax_column_count: true, relax_quotes: true }) as readonly string[][];
    return fields;
  } catch {
    // A quote that is never closed: the text is not a whole row.
    return [];
  }
}

/** A code in a text, and where it stands. */
export interface CodeInText {
  readonly basic?: string;
  readonly enhanced?: string;
  readonly start: number;
  /** Behind the last digit. */
  readonly end: number;
}

/** What may stand between the two codes: `550-5.7.1`, `550, 5.7.1`, and `(535, b'5.7.3 …')` as Python prints it. */
export const BETWEEN_CODES = /^(\d{3})(?:-|[\s,;:#]{1,3}(?:b?["'])?)/;

/** Three digits, or those with full stops, or both: not inside an address, a time, a version, a path or a longer number. */
const CODES =
  /(?<![\w./\\-]|\d:)(?:([2-5][0-5]\d)(?:(?:-|[\s,;:#]{1,3}(?:b?["'])?)([245]\.\d{1,3}\.\d{1,3})(?![\d.]*\d))?(?![\w/]|[.:]\d)|([245]\.\d{1,3}\.\d{1,3})(?![\d.]*\d)(?!\w))/g;

/** More codes than this are not a reply that somebody asks about. */
const MOST_CODES = 40;

/** The codes of a text, in their order. */
export function codesIn(text: string): CodeInText[] {
  const found: CodeInText[] = [];
  for (const match of text.matchAll(CODES)) {
    const [whole, basic, behind, alone] = match;
    const enhanced = behind ?? alone;
    found.push({
      ...(basic === undefined ? {} : { basic }),
      ...(enhanced === undefined ? {} : { enhanced }),
      start: match.index,
      end: match.index + whole.length,
    });
    if (found.length === MOST_CODES) break;
  }
  return found;
}

/** More is not a reply but a file: the rest is not read. */
export const LONGEST_PASTE = 20_000;

/** What was pasted on one line, with single blanks; the marks of quoted mail at the beginnings of lines are taken away. */
export function pastedLine(text: string): string {
  return text
    .replace(/^[ \t]*(?:>[ \t]*)+/gm, '')
    .replace(/[\s\p{Cc}\u200b\ufeff]+/gu, ' ')
    .trim();
}

/** Letters and digits alone, in lower case: what is left of a wording when quotes, blanks, hyphens and lines are forgotten. */
export const wordingKey = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]+/g, '');

/** Words that people and devices write around a code, and that are no wording of a reply. */
const AROUND =
  /\b(?:smtp|esmtp|e?mail|mta|error|err|fehler|code|status|reply|replied|response|responded|responding|remote|local|server|host|returned|returns|return|said|says|message|msg|failed|failure|diagnostic|diagnostic-code|action|sending|send|sent|transfer|scan|job|to|from|with|by|the|an?|is|was|got|received|no|nr|number|dsn|ndr|generating)\b/gi;

/** Whether a text has words of its own beside its codes. */
export function hasWording(text: string): boolean {
  return /[a-z]{3}/i.test(text.replace(CODES, ' ').replace(AROUND, ' '));
}
