/** Length of `yyyy-MM-ddTHH:mm:`. */
const MINUTE_LENGTH = 17;
/** The minute that was read last: as a rule the next row is of the same. */
const minute = new Uint8Array(MINUTE_LENGTH);
let minuteAt = Number.NaN;

/**
 * `yyyy-MM-ddTHH:mm:ss.fffZ` at `start` as milliseconds UTC, or NaN. The three decimals are always there in a log of
 * the product.
 */
export function parseTimeStamp(bytes: Uint8Array, start: number, end: number): number {
  if (end - start !== 24 || bytes[start + 19] !== 0x2e || bytes[start + 23] !== 0x5a) return Number.NaN;
  if (!isLastMinute(bytes, start)) {
    minuteAt = parseMinute(bytes, start);
    for (let i = 0; i < MINUTE_LENGTH; i++) minute[i] = bytes[start + i]!;
  }
  const second = number(bytes, start + 17, 2);
  if (second > 60) return Number.NaN;
  return minuteAt + second * 1000 + number(bytes, start + 20, 3);
}

function isLastMinute(bytes: Uint8Array, start: number): boolean {
  for (let i = MINUTE_LENGTH - 1; i >= 0; i--) if (minute[i] !== bytes[start + i]) return false;
  return true;
}

function parseMinute(bytes: Uint8Array, start: number): number {
  if (
    bytes[start + 4] !== 0x2d ||
    bytes[start + 7] !== 0x2d ||
    bytes[start + 10] !== 0x54 ||
    bytes[start + 13] !== 0x3a ||
    bytes[start + 16] !== 0x3a
  )
    return Number.NaN;
  const year = number(bytes, start, 4);
  const month = number(bytes, start + 5, 2);
  const date = number(bytes, start + 8, 2);
  if (!(month >= 1 && month <= 12 && date >= 1 && date <= 31)) return Number.NaN;
  const hour = number(bytes, start + 11, 2);
  const minutes = number(bytes, start + 14, 2);
  if (hour > 23 || minutes > 59) return Number.NaN;
  return Date.UTC(year, month - 1, date) + (hour * 60 + minutes) * 60_000;
}

function number(bytes: Uint8Array, start: number, digits: number): number {
  let value = 0;
  for (let i = start; i < start + digits; i++) {
    const digit = bytes[i]! - 48;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

/** Milliseconds UTC as the log writes them. */
export const formatTimeStamp = (at: number): string => new Date(at).toISOString();
