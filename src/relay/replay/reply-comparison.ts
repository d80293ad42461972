/** Whether two replies say the same, whatever varies from session to session. */
import { findReply } from '../../smtp/reply-catalogue.ts';
import type { ExchangeVersion } from '../machine/settings.ts';
import { isPositive } from './turn.ts';

/** `class`: one of them is 2xx or 3xx, the other 4xx or 5xx, so that a client goes another way. */
export type Change = 'none' | 'text' | 'class';

/** Placeholders of the catalogue whose values say nothing about what was decided. */
const VARIABLE: ReadonlySet<string> = new Set([
  'fqdn',
  'host',
  'hostname',
  'date',
  'client',
  'messageId',
  'internalId',
  'bytes',
  'octets',
  'seconds',
  'rate',
  'resource',
  'detail',
  'endpoint',
]);

/** Both replies on one line. The code of a masked logon step is all that it says. */
export function changeBetween(logged: string, replayed: string, version: ExchangeVersion): Change {
  if (logged === replayed) return 'none';
  if (isPositive(logged) !== isPositive(replayed)) return 'class';
  if (logged.startsWith('334') && replayed.startsWith('334')) return 'none';
  // Banners can be set to anything: that the client is greeted is what counts.
  if (logged.startsWith('220 ') && replayed.startsWith('220 ')) return 'none';
  // Most differ in the name of the server, or in what is counted and timed: no catalogue is needed for that.
  if (afterName(logged) === afterName(replayed)) return 'none';
  return (sameInCatalogue(logged, replayed, version) ?? withoutVariables(logged) === withoutVariables(replayed))
    ? 'none'
    : 'text';
}

/** A hello from behind the server's name on, where numbers mean something; any other reply without its variables. */
function afterName(reply: string): string {
  const hello = reply.indexOf(' Hello [');
  return hello < 0 ? withoutVariables(reply) : reply.slice(hello);
}

/** undefined where the catalogue does not know both. */
function sameInCatalogue(logged: string, replayed: string, version: ExchangeVersion): boolean | undefined {
  const place = { side: 'receive', version } as const;
  const [a, b] = [findReply(logged, place), findReply(replayed, place)];
  if (!a || !b || a.match !== 'whole' || b.match !== 'whole') return undefined;
  if (a.entry !== b.entry) return false;
  const names = Object.keys(a.values).filter((name) => !VARIABLE.has(name) && name in b.values);
  return names.every((name) => a.values[name]!.trim() === b.values[name]!.trim());
}

const withoutVariables = (reply: string): string =>
  reply
    .replace(/<[^>]*>/g, '<>')
    .replace(/\[[^\]]*\]/g, '[]')
    .replace(/\d+([.,]\d+)?/g, (number, _, at: number) => (at < 4 ? number : '#'))
    .trim();
