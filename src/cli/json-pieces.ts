/** Items of a list that are made into text at a time. */
const BATCH = 500;

/**
 * An object as indented JSON in pieces: its lists may hold a million items, more than one string can. The pieces together
 * are what JSON.stringify with two spaces would say, but for lists, which have an item a line of their own.
 */
export function* jsonPieces(object: object): Generator<string> {
  const entries = Object.entries(object).filter(([, value]) => value !== undefined);
  yield '{';
  for (const [index, [key, value]] of entries.entries()) {
    yield `${index > 0 ? ',' : ''}\n  ${JSON.stringify(key)}: `;
    if (Array.isArray(value) && value.length > BATCH) yield* listPieces(value);
    else yield indented(JSON.stringify(value, null, 2), '  ');
  }
  yield '\n}\n';
}

function* listPieces(list: readonly unknown[]): Generator<string> {
  yield '[';
  for (let start = 0; start < list.length; start += BATCH) {
    const items = list.slice(start, start + BATCH).map((item) => `\n    ${indented(JSON.stringify(item, null, 2), '    ')}`);
    yield (start > 0 ? ',' : '') + items.join(',');
  }
  yield '\n  ]';
}

const indented = (json: string, by: string): string => json.replaceAll('\n', `\n${by}`);
