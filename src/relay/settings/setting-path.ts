/** Where a setting stands in the file, and what is wrong with it, in one line. */

export type SettingPath = readonly PropertyKey[];

/** `connectors[2].remoteIPRanges[0]`; names that are no plain words stand in quotes: `clients["127.0.0.12"]`. */
export function formatPath(path: SettingPath): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    const name = String(key);
    if (!/^[\w$-]+$/.test(name)) return `${text}[${JSON.stringify(name)}]`;
    return text === '' ? name : `${text}.${name}`;
  }, '');
}

/** What stands at the path of a parsed document; undefined for nothing. */
export function valueAt(document: unknown, path: SettingPath): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined),
    document,
  );
}

const SHOWN = 60;

/** A value for a message: as JSON, cut where it is long. */
export function shownValue(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length <= SHOWN ? text : `${text.slice(0, SHOWN - 1)}…`;
}
