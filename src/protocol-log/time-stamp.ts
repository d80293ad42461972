let cachedDay = -1;
let cachedMidnight = 0;

/**
 * `yyyy-MM-ddTHH:mm:ss.fffZ` at `start` as milliseconds UTC, or NaN. The three decimals are always there in a log of
 * the product; the day's midnight is kept, because thousands of rows in a row share it.
 */
export function parseTimeStamp(bytes: Uint8Array, start: number, end: number): number {
  if (
    end - start !== 24 ||
    bytes[start + 4] !== 0x2d ||
    bytes[start + 7] !== 0x2d ||
    bytes[start + 10] !== 0x54 ||
    bytes[start + 13] !== 0x3a ||
    bytes[start + 16] !== 0x3a ||
    bytes[start + 19] !== 0x2e ||
    bytes[start + 23] !== 0x5a
  )
    return Number.NaN;
  const year = number(bytes, start, 4);
  const month = number(bytes, start + 5, 2);
  const date = number(bytes, start + 8, 2);
  const day = year * 10000 + month * 100 + date;
  if (day !== cachedDay) {
    if (!(month >= 1 && month <= 12 && date >= 1 && date <= 31)) return Number.NaN;
    cachedMidnight = Date.UTC(year, month - 1, date);
    cachedDay = day;
  }
  const hour = number(bytes, start + 11, 2);
  const minute = number(bytes, start + 14, 2);
  const second = number(bytes, start + 17, 2);
  if (hour > 23 || minute > 59 || second > 60) return Number.NaN;
  return cachedMidnight + ((hour * 60 + minute) * 60 + second) * 1000 + number(bytes, start + 20, 3);
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
