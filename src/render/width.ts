import stringWidth from 'string-width';

/** Nearly every text: each character takes a column. ASCII, Latin letters, dashes, quotation marks, bullet, ellipsis, minus. */
const NARROW = /^[ -~\u00a1-\u00a8\u00aa-\u00ac\u00af-\u024f\u2013\u2014\u2018-\u201e\u2022\u2026\u2212]*$/;

/** Columns that a text takes on a terminal (Chinese and Korean letters take two). */
export const displayWidth = (text: string): number => (NARROW.test(text) ? text.length : stringWidth(text));

/** The text in at most `width` columns, with an ellipsis where it was cut. */
export function cut(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let kept = '';
  for (const character of text) {
    if (displayWidth(kept + character) > width - 1) break;
    kept += character;
  }
  return `${kept}…`;
}
