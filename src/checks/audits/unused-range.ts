/** A6: addresses that may relay, and of which nobody came. */
import { identityOf } from '../../connector/connector.ts';
import type { RemoteRange } from '../../connector/remote-range.ts';
import type { AuditFacts, RangeUse } from '../../queries/audit/audit-facts.ts';
import type { Audit } from '../audit.ts';
import { daysWatched, relayingConnectors, type WatchedConnector } from '../evidence/audited-clients.ts';
import { rangeEvidence } from '../evidence/range-evidence.ts';
import { RELAY_CONNECTOR, workingSession } from '../examples/example-sessions.ts';
import { aboutConnector, type Remedy } from '../finding.ts';
import { liveRanges } from '../ranges/live-ranges.ts';
import { ANONYMOUS_RELAY, section } from '../references.ts';
import { advice, removeRanges } from '../remedies/commands.ts';
import { isSafeRemoval } from '../remedies/safe-change.ts';
import { count, enumerate } from '../words/enumeration.ts';
import { moment } from '../words/moment.ts';

const DAY_MS = 86_400_000;
/** After so many days without a session an entry counts as unused, however it was used before. */
const STALE_DAYS = 60;
/** Less says nothing: some devices send once a week. */
const FEWEST_DAYS = 14;
/** Whoever sends every quarter was there at least once. */
const QUARTER_DAYS = 92;

const RELAY = { ...RELAY_CONNECTOR, Enabled: true, from: '10.0.20.10 10.0.20.11' } as const;
const onRelay = (from: string, at: string) => ({
  connector: RELAY.id,
  from,
  at,
  rows: workingSession('MFP'),
});

export const unusedRange: Audit = {
  id: 'unused-range',
  title: 'Remote IP range that nobody uses',
  why: 'An address that nobody uses is given to another host one day, and that host may then send to the world without a logon.',
  severity: 'low',
  references: [ANONYMOUS_RELAY, section('5.5 (A6)')],
  needs: ['connectors'],
  falsePositives: [
    'The device sends once a year, or only when something breaks, such as an alarm system.',
    'Its connector did not log for a while.',
  ],
  examples: {
    fires: [
      {
        about: 'one of two addresses never came in three weeks',
        sessions: [onRelay('10.0.20.10', '2026-10-10T08:00:00.000Z'), onRelay('10.0.20.10', '2026-11-01T08:00:00.000Z')],
        configuration: { connectors: [RELAY] },
        says: ['10.0.20.11', '-RemoteIPRanges @{Remove="10.0.20.11"}', '22 days'],
      },
      {
        about: 'one was used last 70 days ago',
        sessions: [onRelay('10.0.20.11', '2026-08-20T08:00:00.000Z'), onRelay('10.0.20.10', '2026-11-01T08:00:00.000Z')],
        configuration: { connectors: [RELAY] },
        says: ['last session 2026-08-20'],
      },
    ],
    silent: [
      {
        about: 'both came',
        sessions: [onRelay('10.0.20.11', '2026-10-10T08:00:00.000Z'), onRelay('10.0.20.10', '2026-11-01T08:00:00.000Z')],
        configuration: { connectors: [RELAY] },
      },
      {
        about: 'its connector may not relay',
        sessions: [onRelay('10.0.20.10', '2026-10-10T08:00:00.000Z'), onRelay('10.0.20.10', '2026-11-01T08:00:00.000Z')],
        configuration: { connectors: [{ ...RELAY, PermissionGroups: ['AnonymousUsers'], anonymousRights: [] }] },
      },
    ],
  },
  obstacle: (facts) =>
    relayingConnectors(facts).some((watched) => daysWatched(watched, facts) < FEWEST_DAYS)
      ? `read the logs of ${FEWEST_DAYS} days at least`
      : undefined,
  find: (facts) =>
    relayingConnectors(facts)
      .filter(isWatched)
      .flatMap((watched) => {
        const { connector, audited } = watched;
        const days = daysWatched(watched, facts);
        const unused = liveRanges(connector).flatMap((range) => {
          const use = audited.ranges.find((one) => one.range === range.text);
          return use && isUnused(use, facts) ? [{ range, use }] : [];
        });
        // Where no range is in use at all, the connector itself is what nobody uses.
        if (unused.length === 0 || days < FEWEST_DAYS) return [];
        const ranges = unused.map(({ range }) => range);
        return [
          aboutConnector(unusedRange, connector, {
            what: `Of the ${count(connector.remoteIPRanges.length, 'remote IP range')} of "${identityOf(connector)}", ${ranges.length === 1 ? 'one is' : `${ranges.length} are`} not in use: ${enumerate(ranges.map(({ text }) => text))}.`,
            cause: `No client came through ${ranges.length === 1 ? 'it' : 'them'}, or none for more than ${STALE_DAYS} days; the logs of ${connector.server} reach back ${count(days, 'day')}. What is rarer than that cannot be seen in them.`,
            evidence: rangeEvidence(connector, ranges, (range) =>
              noteOn(unused.find((one) => one.range === range)!.use, watched, facts),
            ),
            remedy: remedyFor(facts, watched, ranges),
            confidence: {
              level: days >= QUARTER_DAYS ? 'high' : days >= 30 ? 'medium' : 'low',
              because: `the logs reach back ${count(days, 'day')}`,
            },
          }),
        ];
      }),
};

/** Its sessions are in the logs: somebody came, or it is said to log. */
const isWatched = ({ connector, clients }: WatchedConnector): boolean =>
  clients.length > 0 || connector.properties.ProtocolLoggingLevel === 'Verbose';

const isUnused = ({ lastUsed }: RangeUse, { until }: AuditFacts): boolean =>
  lastUsed === null || lastUsed < until - STALE_DAYS * DAY_MS;

function noteOn({ lastUsed, sources }: RangeUse, { audited }: WatchedConnector, { since }: AuditFacts): string {
  if (lastUsed === null) return `no session since ${moment(Math.max(since, audited.logsSince ?? since))}`;
  return `last session ${moment(lastUsed)}, from ${enumerate(sources)}`;
}

function remedyFor({ organisation }: AuditFacts, { connector }: WatchedConnector, ranges: readonly RemoteRange[]): Remedy[] {
  if (!isSafeRemoval(organisation, connector, ranges))
    return [advice('Another connector would take these addresses then, and let them relay: look at "relaylens match" before.')];
  return [
    advice('Ask who owns them, then take them out:'),
    ...removeRanges(connector, ranges),
    advice('Keep the list: to put an address back is the same command with Add.'),
  ];
}
