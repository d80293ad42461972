/** Lists in words that stay short. */

/** `a, b, c and 37 more`. */
export function enumerate(texts: readonly string[], limit = 3): string {
  if (texts.length === 0) return 'none';
  // "and 1 more" would be as long as the one it hides.
  const shown = texts.length <= limit + 1 ? texts : texts.slice(0, limit);
  const hidden = texts.length - shown.length;
  if (hidden > 0) return `${shown.join(', ')} and ${hidden.toLocaleString('en-US')} more`;
  return shown.length === 1 ? shown[0]! : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}

/** `1 range`, `1,000 ranges`. */
export const count = (n: number, noun: string): string => `${n.toLocaleString('en-US')} ${noun}${n === 1 ? '' : 's'}`;
