import stringWidth from 'string-width';

/** Nearly every text: each character takes a column. */
const ASCII = /^[ -~]*$/;

/** Columns that a text takes on a terminal (Chinese and Korean letters take two). */
export const displayWidth = (text: string): number => (ASCII.test(text) ? text.length : stringWidth(text));

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
