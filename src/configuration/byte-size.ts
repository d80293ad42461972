/** Sizes as Exchange prints and takes them. */

const UNITS = { B: 0, KB: 1, MB: 2, GB: 3, TB: 4 } as const;

/**
 * Bytes of `36 MB (37,748,736 bytes)`, whose groups any culture may divide its own way, of `36MB` and of `37748736`;
 * undefined for what is none. The number before the unit is rounded by Exchange, so the bytes behind it count.
 */
export function parseByteSize(text: string): number | undefined {
  const exact = /\(([^()]*)\)\s*$/.exec(text);
  const digits = exact ? exact[1]!.replace(/\D/g, '') : undefined;
  if (digits !== undefined) return safe(digits === '' ? Number.NaN : Number(digits));
  const short = /^\s*(\d+)\s*([KMGT]?B)?\s*$/i.exec(text);
  if (!short) return undefined;
  const unit = (short[2] ?? 'B').toUpperCase() as keyof typeof UNITS;
  return safe(Number(short[1]) * 1024 ** UNITS[unit]);
}

const safe = (bytes: number): number | undefined => (Number.isSafeInteger(bytes) ? bytes : undefined);
