/** What was different in the last session that worked and the first that failed after it. */
import { partsOf, sameName } from '../../connector/connector.ts';
import { differenceOf } from '../../connector/difference.ts';
import { serverOf } from '../../connector/organisation.ts';
import { parseEndpoint } from '../../net/endpoint.ts';
import type { Case, ExaminedSession } from '../../queries/cases/case.ts';

export type ChangeKind =
  | 'connector'
  | 'server'
  | 'port'
  | 'hello-name'
  | 'tls'
  | 'certificate'
  | 'logon'
  | 'sender'
  | 'size-limit'
  | 'configuration';

export interface Change {
  readonly kind: ChangeKind;
  /** One sentence: what it was until then, and what it is since. */
  readonly text: string;
}

type History = Pick<Case, 'turn' | 'lastGood'>;

/** Empty where neither the log nor the configuration shows a difference, or where it works again: then no time parts the two. */
export function differencesOf({ turn, lastGood }: History): Change[] {
  if (!turn || (lastGood !== null && lastGood.startedAt > turn.bad.startedAt)) return [];
  return [...changesBetween(turn.good, turn.bad), ...configurationChanges(turn)];
}

/** Whole sentences. */
export const changesOf = (theCase: History): string[] => differencesOf(theCase).map(({ text }) => text);

/** Between the configurations valid at the two sessions: of the connectors that took them. */
function configurationChanges({ good, bad, before, after }: NonNullable<Case['turn']>): Change[] {
  if (before === after) return [];
  const server = good.server || partsOf(good.connector).server;
  const [own, later] = [serverOf(before, server), serverOf(after, server)];
  if (!own || !later || own === later) return [];
  const names = [good, bad].map(({ connector }) => partsOf(connector).name);
  const exports = `exports of ${dayOf(own.asOf)} and ${dayOf(later.asOf)}`;
  return differenceOf(own, later, after.rights)
    .connectors.filter(({ a, b }) => names.some((name) => sameName(name, a ?? '') || sameName(name, b ?? '')))
    .flatMap(({ connector, differences }) =>
      differences.map(
        ({ what, a, b }): Change => ({
          kind: 'configuration',
          text: `Configuration of "${connector}" (${exports}): ${what} ${a?.join(', ') || '(none)'} until then, ${b?.join(', ') || '(none)'} since.`,
        }),
      ),
    );
}

const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

/** Only what the failing session came far enough to show: one that was turned away says nothing about its hello. */
function changesBetween(good: ExaminedSession, bad: ExaminedSession): Change[] {
  const changes: Change[] = [];
  const say = (kind: ChangeKind, what: string, before: string | null, now: string | null): void => {
    if (before !== now) changes.push({ kind, text: `${what}: ${before || '(none)'} until then, ${now || '(none)'} since.` });
  };
  const spoke = bad.helo !== null;
  const wentOn = bad.transactions.length > 0 || bad.authResult !== 'none';
  const sameServer = serverOfSession(good) === serverOfSession(bad) || serverOfSession(bad) === '';
  if (sameServer) say('connector', 'Connector', nameOf(good), nameOf(bad));
  else {
    say('server', 'Server', serverOfSession(good), serverOfSession(bad));
    if (nameOf(good) !== nameOf(bad)) say('connector', 'Connector', good.connector, bad.connector);
  }
  say('port', 'Port', portOf(good), portOf(bad) ?? portOf(good));
  if (!spoke) return changes;
  say('hello-name', 'Hello name', good.helo, bad.helo);
  const [offered, offers] = [offersOf(good), offersOf(bad)];
  if (offered && offers) {
    say('tls', 'STARTTLS offered', offered.tls, offers.tls);
    say('logon', 'Logons offered', offered.logons, offers.logons);
  }
  // A handshake that failed leaves no version behind: that is the failure, not a change before it.
  if (bad.tls !== 'none' || (good.tls !== 'none' && wentOn)) say('tls', 'TLS', good.tls, bad.tls);
  if (wentOn) say('logon', 'Logon', logon(good), logon(bad));
  say('certificate', 'Certificate of the server', thumbprintOf(good), thumbprintOf(bad) ?? thumbprintOf(good));
  say('sender', 'Sender', senderOf(good), senderOf(bad) ?? senderOf(good));
  say('size-limit', 'Size limit announced', sizeOf(good), sizeOf(bad) ?? sizeOf(good));
  return changes;
}

const serverOfSession = ({ server, connector }: ExaminedSession): string => server || partsOf(connector).server;
const nameOf = ({ connector }: ExaminedSession): string => partsOf(connector).name;

function portOf({ direction, localEndpoint, remoteEndpoint }: ExaminedSession): string | null {
  return parseEndpoint(direction === 'receive' ? localEndpoint : remoteEndpoint).port?.toString() ?? null;
}

function logon({ authMechanism, authUser, authResult }: ExaminedSession): string | null {
  if (authMechanism === null && authResult === 'none') return null;
  return [authMechanism, authUser].filter(Boolean).join(' as ') || 'tried';
}

const senderOf = ({ transactions }: ExaminedSession): string | null => transactions[0]?.sender ?? null;

const sizeOf = ({ events }: ExaminedSession): string | null =>
  events.map(({ data }) => /\bSIZE (\d+)\b/.exec(data)?.[1]).find((size) => size !== undefined) ?? null;

/** What the first answer to EHLO offers; undefined where there is none, or TLS was on already. */
function offersOf({ events, direction }: ExaminedSession): { readonly tls: string; readonly logons: string } | undefined {
  const [theirs, ours] = direction === 'receive' ? ['<', '>'] : ['>', '<'];
  const hello = events.findIndex(({ event, data }) => event === theirs && /^EHLO\b/i.test(data));
  if (hello < 0) return undefined;
  const next = events.findIndex(({ event }, index) => index > hello && event === theirs);
  const answer = events
    .slice(hello, next < 0 ? undefined : next)
    .filter(({ event, data }) => event === ours && /^250[ -]/.test(data))
    .map(({ data }) => data)
    .join(' ');
  if (answer === '') return undefined;
  const logons = /\bAUTH((?: (?:NTLM|LOGIN|PLAIN|GSSAPI|XOAUTH2|CRAM-MD5))+)/.exec(answer)?.[1];
  return { tls: /\bSTARTTLS\b/.test(answer) ? 'yes' : 'no', logons: logons?.trim().split(' ').sort().join(', ') ?? '' };
}

/** Of the certificate that the server showed: forty hexadecimal digits in its rows. */
export function thumbprintOf({ events }: ExaminedSession): string | null {
  for (const { event, data, context } of events)
    if (event === '*' && /^(?:Sending certificate|Certificate thumbprint)/i.test(context)) {
      const thumbprint = /\b[0-9A-F]{40}\b/i.exec(data)?.[0];
      if (thumbprint) return thumbprint.toUpperCase();
    }
  return null;
}
