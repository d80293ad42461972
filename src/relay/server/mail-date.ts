import { tzOffset } from '@date-fns/tz';

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `Mon, 2 Nov 2026 09:02:00 +0100`: milliseconds UTC in a zone, as mail headers and the banner have them. */
export function formatMailDate(at: number, zone: string): string {
  const offset = tzOffset(zone, new Date(at));
  const local = new Date(at + offset * 60_000);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${DAYS[local.getUTCDay()]}, ${local.getUTCDate()} ${MONTHS[local.getUTCMonth()]} ${local.getUTCFullYear()}`;
  const time = `${two(local.getUTCHours())}:${two(local.getUTCMinutes())}:${two(local.getUTCSeconds())}`;
  const east = Math.abs(offset);
  return `${day} ${time} ${offset < 0 ? '-' : '+'}${two(Math.trunc(east / 60))}${two(Math.trunc(east % 60))}`;
}
