/** Where a text stops being JSON: the parser of the platform does not always say. */

/** Offset of the first character that cannot stand where it stands; the length of the text where something is missing. */
export function jsonFault(text: string): number {
  const open: ('{' | '[')[] = [];
  let at = 0;
  let expected: Expected = 'value';
  for (;;) {
    BLANK.lastIndex = at;
    at += BLANK.exec(text)![0].length;
    const token = tokenAt(text, at);
    if (token === undefined) return at;
    const next = after(token, expected, open);
    if (next === undefined) return at;
    expected = next;
    at += token.length;
  }
}

type Expected = 'value' | 'first item' | 'name' | 'first name' | 'colon' | 'comma' | 'nothing';

const BLANK = /[ \t\r\n]*/y;
const SPECIAL = /["\\\p{Cc}]/gu;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const TOKEN = /[{}[\],:]|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

function tokenAt(text: string, at: number): string | undefined {
  if (text[at] === '"') {
    const end = stringEnd(text, at);
    return end === undefined ? undefined : text.slice(at, end);
  }
  TOKEN.lastIndex = at;
  return TOKEN.exec(text)?.[0];
}

/** Step by step: one expression over a string of some megabytes is more than the engine can hold. */
function stringEnd(text: string, start: number): number | undefined {
  SPECIAL.lastIndex = start + 1;
  for (let special = SPECIAL.exec(text); special; special = SPECIAL.exec(text)) {
    if (special[0] === '"') return SPECIAL.lastIndex;
    if (special[0] === '\\') {
      ESCAPE.lastIndex = special.index;
      if (!ESCAPE.test(text)) return undefined;
      SPECIAL.lastIndex = ESCAPE.lastIndex;
    } else if (special[0] < ' ') return undefined;
  }
  return undefined;
}

/** What may follow the token, which moves in and out of lists and objects; undefined where it may not stand. */
function after(token: string, expected: Expected, open: ('{' | '[')[]): Expected | undefined {
  const done = (): Expected => (open.length === 0 ? 'nothing' : 'comma');
  const close = (bracket: '{' | '[', empty: Expected): Expected | undefined => {
    if (open.at(-1) !== bracket || (expected !== 'comma' && expected !== empty)) return undefined;
    open.pop();
    return done();
  };
  const wantsValue = expected === 'value' || expected === 'first item';
  switch (token) {
    case '{':
    case '[':
      if (!wantsValue) return undefined;
      open.push(token);
      return token === '{' ? 'first name' : 'first item';
    case '}':
      return close('{', 'first name');
    case ']':
      return close('[', 'first item');
    case ',':
      return expected === 'comma' ? (open.at(-1) === '{' ? 'name' : 'value') : undefined;
    case ':':
      return expected === 'colon' ? 'value' : undefined;
    default:
      if (expected === 'name' || expected === 'first name') return token.startsWith('"') ? 'colon' : undefined;
      return wantsValue ? done() : undefined;
  }
}
