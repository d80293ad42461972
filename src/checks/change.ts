/** What was different in the last session that worked and the first that failed after it. */
import { partsOf, sameName } from '../connector/connector.ts';
import { differenceOf } from '../connector/difference.ts';
import { serverOf } from '../connector/organisation.ts';
import type { Case, ExaminedSession } from '../queries/cases/case.ts';

/** Whole sentences; empty where neither the log nor the configuration shows a difference. */
export function changesOf({ turn }: Pick<Case, 'turn'>): string[] {
  return turn ? [...changesBetween(turn.good, turn.bad), ...configurationChanges(turn)] : [];
}

/** Between the configurations valid at the two sessions: of the connectors that took them. */
function configurationChanges({ good, bad, before, after }: NonNullable<Case['turn']>): string[] {
  if (before === after) return [];
  const server = good.server || partsOf(good.connector).server;
  const [own, later] = [serverOf(before, server), serverOf(after, server)];
  if (!own || !later || own === later) return [];
  const names = [good, bad].map(({ connector }) => partsOf(connector).name);
  return differenceOf(own, later, after.rights)
    .connectors.filter(({ a, b }) => names.some((name) => sameName(name, a ?? '') || sameName(name, b ?? '')))
    .flatMap(({ connector, differences }) =>
      differences.map(
        ({ what, a, b }) =>
          `Configuration of "${connector}": ${what} ${a?.join(', ') || '(none)'} until then, ${b?.join(', ') || '(none)'} since.`,
      ),
    );
}

function changesBetween(good: ExaminedSession, bad: ExaminedSession): string[] {
  const changes: string[] = [];
  const say = (what: string, before: string | null, now: string | null): void => {
    if (before !== now) changes.push(`${what}: ${before || '(none)'} until then, ${now || '(none)'} since.`);
  };
  say('Connector', good.connector, bad.connector);
  if (good.connector === bad.connector) say('Server', good.server, bad.server);
  say('Hello name', good.helo, bad.helo);
  if (bad.tls !== 'none' || good.tls !== 'none') say('TLS', good.tls, bad.tls);
  say('Authentication', logon(good), logon(bad));
  say('Certificate of the server', thumbprintOf(good), thumbprintOf(bad) ?? thumbprintOf(good));
  say('Sender', senderOf(good), senderOf(bad) ?? senderOf(good));
  say('Size limit announced', sizeOf(good), sizeOf(bad) ?? sizeOf(good));
  return changes;
}

function logon({ authMechanism, authUser, authResult }: ExaminedSession): string | null {
  if (authMechanism === null && authResult === 'none') return null;
  return [authMechanism, authUser].filter(Boolean).join(' as ') || 'tried';
}

const senderOf = ({ transactions }: ExaminedSession): string | null => transactions[0]?.sender ?? null;

const sizeOf = ({ events }: ExaminedSession): string | null =>
  events.map(({ data }) => /\bSIZE (\d+)\b/.exec(data)?.[1]).find((size) => size !== undefined) ?? null;

/** Of the certificate that the server showed: forty hexadecimal digits in its rows. */
export function thumbprintOf({ events }: ExaminedSession): string | null {
  for (const { event, data, context } of events)
    if (event === '*' && /^(?:Sending certificate|Certificate thumbprint)/i.test(context)) {
      const thumbprint = /\b[0-9A-F]{40}\b/i.exec(data)?.[0];
      if (thumbprint) return thumbprint.toUpperCase();
    }
  return null;
}
