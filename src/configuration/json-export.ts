/** `… | ConvertTo-Json`: a list of objects, one object, or the list that PowerShell 5.1 wraps as `{"value": […], "Count": 2}`. */
import { jsonFault } from './json-fault.ts';
import { Problems } from './problem.ts';
import type { RawExport } from './raw-export.ts';
import { RawObject, type RawRecord, type RawValue } from './raw-value.ts';

export function readJsonExport(text: string): RawExport {
  const problems = new Problems();
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const at = jsonFault(text);
    problems.refuse(
      placeIn(text, at),
      at < text.trimEnd().length ? brokenAt(text, at) : 'the JSON ends too early',
      'Export again.',
    );
    return { records: [], problems: problems.list };
  }
  const records: RawRecord[] = [];
  let strangers = 0;
  itemsOf(document).forEach((item, index) => {
    const value = rawValue(item, 0);
    if (value instanceof RawObject) records.push({ place: `object ${index + 1}`, object: value });
    else strangers++;
  });
  if (strangers > 0 && records.length > 0)
    problems.note('', `${strangers} entries of the list are no objects and are passed over`);
  return { records, problems: problems.list };
}

const brokenAt = (text: string, at: number): string =>
  `the JSON breaks off before "${text.slice(at, at + 20).replace(/\s+/g, ' ')}"`;

function placeIn(text: string, at: number): string {
  const before = text.slice(0, at);
  return `line ${before.split('\n').length}, column ${at - before.lastIndexOf('\n')}`;
}

/** Lists in lists are what comes of exports that were put together. */
function itemsOf(document: unknown, depth = 0): unknown[] {
  if (depth < 4) {
    if (Array.isArray(document)) return document.flatMap((item: unknown) => itemsOf(item, depth + 1));
    const { value: wrapped, ...more } = isObject(document) ? document : { value: undefined };
    if (Array.isArray(wrapped) && Object.keys(more).length <= 1) return itemsOf(wrapped, depth + 1);
  }
  return [document];
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Nothing that Exchange says stands deeper. */
const DEPTH = 16;

function rawValue(value: unknown, depth: number): RawValue {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (depth === DEPTH) return null;
  if (Array.isArray(value)) return value.map((item: unknown) => rawValue(item, depth + 1));
  if (!isObject(value)) return null;
  return RawObject.of(Object.entries(value).map(([name, inner]) => [name, rawValue(inner, depth + 1)]));
}
