/** What a client wrote, in a sentence. */

const SHOWN = 80;

/** In quotes, and cut where it is long: the row that is the evidence has it whole. */
export const quotation = (text: string): string => `"${shortened(text)}"`;

/** Cut where it is long; blanks in a row are one, so that a sentence stays a sentence. */
export function shortened(text: string): string {
  const oneLine = text.replace(/\s+/g, ' ');
  return oneLine.length <= SHOWN ? oneLine : `${oneLine.slice(0, SHOWN - 1)}…`;
}

/** Text as the client meant it, where the log has its UTF-8 byte by byte (`bÃ¼ro`); else unchanged. */
export function asMeant(text: string): string {
  if (!/[\u00c2-\u00f4][\u0080-\u00bf]/.test(text) || [...text].some((character) => character > 'ÿ')) return text;
  const meant = Buffer.from(text, 'latin1').toString('utf8');
  return meant.includes('\ufffd') ? text : meant;
}

/** A character as one names it: `a blank`, `"#"`, `U+0007`. */
export function characterName(character: string): string {
  switch (character) {
    case ' ':
      return 'a blank';
    case '\t':
      return 'a tab';
    case '"':
      return 'a quotation mark';
    default:
      return /[\p{C}\p{Z}\p{M}]/u.test(character)
        ? `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`
        : `"${character}"`;
  }
}
