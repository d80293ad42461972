/**
 * Text as PowerShell literals. The text comes from exports and logs, so it may hold anything: it must come out of the
 * literal unchanged, be one argument, never begin a new command, and be seen by whoever reads the script before running it.
 */

/** What administrators write in double quotes; nothing in it means anything there. */
const PLAIN = /^[A-Za-z0-9\\._/:()-]+(?: +[A-Za-z0-9\\._/:()-]+)*$/;

/** PowerShell takes each of them for an apostrophe, and two of them in a row for one. */
const APOSTROPHES = /['\u2018\u2019\u201a\u201b]/g;

/**
 * Controls, line ends, blanks that are not U+0020, format characters (also those that turn the direction), surrogates
 * that stand alone, unassigned and private characters, letters that show nothing; a mark where it has no letter before it.
 */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{Zs}|^\p{M}+/u;

/** One string literal; where the text holds something unseen, a sum of literals and code points in parentheses. */
export function literal(text: string): string {
  if (PLAIN.test(text)) return `"${text}"`;
  const parts = partsOf(text);
  if (parts.every(({ seen }) => seen)) return apostrophes(text);
  // The first one is a string, so that PowerShell joins and does not add numbers.
  const terms = parts.map(({ seen, text: part }) => (seen ? apostrophes(part) : codePoint(part)));
  return `(${[...(parts[0]!.seen ? [] : ["''"]), ...terms].join(' + ')})`;
}

const apostrophes = (text: string): string => `'${text.replace(APOSTROPHES, '$&$&')}'`;

function codePoint(character: string): string {
  const code = character.codePointAt(0)!;
  const hex = `0x${code.toString(16).toUpperCase().padStart(4, '0')}`;
  return code > 0xffff ? `[char]::ConvertFromUtf32(${hex})` : `[char]${hex}`;
}

/** Runs of what one sees, and the other characters one by one. */
function partsOf(text: string): { readonly seen: boolean; readonly text: string }[] {
  const parts: { seen: boolean; text: string }[] = [];
  for (const character of text) {
    const last = parts.at(-1);
    // A mark joins the character before it, which must be one that is seen: it would change the quote otherwise.
    const joins = last?.seen === true;
    const seen = joins ? !UNSEEN.test(`x${character}`) : !UNSEEN.test(character);
    if (seen && last?.seen) last.text += character;
    else parts.push({ seen, text: character });
  }
  return parts.length === 0 ? [{ seen: true, text: '' }] : parts;
}

/** `"a", "b"`; no text at all is an empty list. */
export const list = (texts: readonly string[]): string => (texts.length === 0 ? '@()' : texts.map(literal).join(', '));

/** `@{Add="a", "b"; Remove="c"}`: what a cmdlet is to change in a list, without naming the rest of it. */
export function listChange({ add = [], remove = [] }: { add?: readonly string[]; remove?: readonly string[] }): string {
  const parts = [...(add.length > 0 ? [`Add=${list(add)}`] : []), ...(remove.length > 0 ? [`Remove=${list(remove)}`] : [])];
  return `@{${parts.join('; ')}}`;
}

/** One line for the reader. What is unseen is named, and nothing in it means anything to PowerShell. */
export function comment(text: string): string {
  const visible = partsOf(text.replace(/\s*[\r\n\u2028\u2029]+\s*/g, ' '))
    .map(({ seen, text: part }) => (seen ? part : `<U+${part.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}>`))
    .join('')
    .replaceAll('#>', '# >')
    .replaceAll('<#', '< #')
    .trim();
  // PowerShell reads two comments itself: what a script requires, and where its signature begins.
  return `# ${/^(requires|sig)\b/i.test(visible) ? '- ' : ''}${visible}`.trimEnd();
}
