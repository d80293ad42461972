/**
 * How PowerShell reads what the scripts hold, written from the rules of the language and not from the code that quotes:
 * where literals end, what stands in them, what separates arguments and statements. It knows the few forms of values
 * that a script may use; anything else is an error.
 */

export interface Token {
  /** `word`: outside quotes. `text`: a string, evaluated. `end`: a line feed or `;`. */
  readonly kind: 'word' | 'text' | 'variable' | 'sign' | 'end' | 'comment';
  readonly text: string;
}

const SINGLE = "'\u2018\u2019\u201a\u201b";
const DOUBLE = '"\u201c\u201d\u201e';
const DASHES = '-\u2013\u2014\u2015';
const BLANKS = ' \t\v\f\u00a0\u0085';

export function tokens(script: string): Token[] {
  const found: Token[] = [];
  let at = 0;
  const next = (): string => script[at] ?? '';
  while (at < script.length) {
    const character = next();
    if (character === '\0') throw new Error('NUL outside a string');
    if (BLANKS.includes(character) || /\p{Zs}/u.test(character)) at++;
    else if (character === '\n' || character === '\r' || character === ';') {
      found.push({ kind: 'end', text: character });
      at++;
    } else if (character === '#') {
      const start = at;
      while (at < script.length && !'\r\n'.includes(next())) at++;
      found.push({ kind: 'comment', text: script.slice(start, at) });
    } else if (SINGLE.includes(character)) {
      let text = '';
      for (at++; ; at++) {
        if (at >= script.length) throw new Error('a string without an end');
        // Two in a row, of whatever kind, are the second one.
        if (SINGLE.includes(next()) && !SINGLE.includes(script[++at] ?? '?')) break;
        text += next();
      }
      found.push({ kind: 'text', text });
    } else if (DOUBLE.includes(character)) {
      let text = '';
      for (at++; ; at++) {
        if (at >= script.length) throw new Error('a string without an end');
        if (next() === '`' || next() === '$') throw new Error(`${next()} means something in double quotes`);
        if (DOUBLE.includes(next()) && !DOUBLE.includes(script[++at] ?? '?')) break;
        text += next();
      }
      found.push({ kind: 'text', text });
    } else if (character === '$') {
      const name = /^\$[A-Za-z_][A-Za-z0-9_]*/.exec(script.slice(at))?.[0];
      if (!name) throw new Error('a $ without a name');
      found.push({ kind: 'variable', text: name });
      at += name.length;
    } else if ('(){}@,=|+[].:'.includes(character)) {
      found.push({ kind: 'sign', text: character });
      at++;
    } else {
      const word = /^[A-Za-z0-9_-]+/.exec(script.slice(at))?.[0];
      if (!word || DASHES.slice(1).includes(character)) throw new Error(`${JSON.stringify(character)} outside a string`);
      found.push({ kind: 'word', text: word });
      at += word.length;
    }
  }
  return found;
}

/** The value of one argument, which must be all there is: a string, or in parentheses a sum of strings and characters. */
export function evaluate(code: string): string {
  const all = tokens(code);
  const [first, ...more] = all;
  if (first?.kind === 'text') {
    if (more.length > 0) throw new Error(`more than one token: ${code}`);
    return first.text;
  }
  let at = 0;
  const take = (text?: string): Token => {
    const token = all[at++];
    if (!token || (text !== undefined && token.text !== text)) throw new Error(`${text} expected in ${code}`);
    return token;
  };
  take('(');
  let value = '';
  for (let terms = 0; ; terms++) {
    const token = take();
    if (token.kind === 'text') value += token.text;
    else if (token.text === '[' && terms > 0) {
      take('char');
      take(']');
      if (all[at]?.text === ':') {
        for (const sign of [':', ':', 'ConvertFromUtf32', '(']) take(sign);
        value += String.fromCodePoint(Number(take().text));
        take(')');
      } else value += String.fromCharCode(Number(take().text));
    } else throw new Error(`no string in front, or no character: ${code}`);
    if (all[at]?.text !== '+') break;
    take('+');
  }
  take(')');
  if (at !== all.length) throw new Error(`more than one argument: ${code}`);
  return value;
}
