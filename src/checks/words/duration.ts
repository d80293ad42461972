/** Lengths of time in words that keep the seconds: timeouts are known by them. */

/** `5.0 seconds`, `10 minutes`, `10 minutes 3 seconds`, `2 hours 5 minutes`; `ms`: milliseconds. */
export function durationWords(ms: number): string {
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} seconds`;
  const seconds = Math.round(ms / 1000);
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), seconds % 60];
  const parts = [part(hours, 'hour'), part(minutes, 'minute'), hours > 0 ? '' : part(rest, 'second')];
  return parts.filter(Boolean).join(' ');
}

const part = (count: number, noun: string): string => (count === 0 ? '' : `${count} ${noun}${count === 1 ? '' : 's'}`);
