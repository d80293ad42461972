/** A client without a logon that the baseline did not have. */
import type { AuditedSource } from '../../queries/audit/audit-facts.ts';
import type { Baseline, BaselineSource } from '../baseline/baseline.ts';
import type { BaselineChange, Comparison } from '../baseline-change.ts';
import { clientName, envelopeNote, exampleEvidence, placeNote } from '../evidence/audited-clients.ts';
import { baselineDays, periodWords, purposeOf, saveAgain, withoutLogs } from '../evidence/compared.ts';
import { DEFAULT_FRONTEND, RELAY_CONNECTOR, workingSession } from '../examples/example-sessions.ts';
import { aboutClient, type Finding, type Severity } from '../finding.ts';
import { ANONYMOUS_RELAY, section } from '../references.ts';
import { advice } from '../remedies/commands.ts';
import { count } from '../words/enumeration.ts';
import { moment } from '../words/moment.ts';

const RELAY = { ...RELAY_CONNECTOR, Enabled: true, from: '10.0.20.0/24' } as const;
const CONFIGURED = { connectors: [DEFAULT_FRONTEND, RELAY], acceptedDomains: ['contoso.example'] };
const on = (from: string, at: string, to?: string, connector: string = RELAY.id) => ({
  from,
  connector,
  at: `${at}T08:00:00.000Z`,
  rows: workingSession('MFP', to),
});
const MFP = on('10.0.20.10', '2026-10-01');
const THEN = { configuration: CONFIGURED, sessions: [MFP, on('10.0.20.10', '2026-10-30')] };

export const newAnonymousSource: BaselineChange = {
  id: 'new-anonymous-source',
  title: 'New source without a logon',
  why: 'Whoever may send without a logon should be known before it comes, not after.',
  severity: 'medium',
  references: [ANONYMOUS_RELAY, section('5.2')],
  falsePositives: [
    'The device sends more rarely than the baseline looked back.',
    'A device that is known has got another address.',
  ],
  examples: {
    fires: [
      {
        about: 'it relays',
        before: THEN,
        now: { configuration: CONFIGURED, sessions: [...THEN.sessions, on('10.0.20.11', '2026-11-02')] },
        says: ['"severity":"high"', '10.0.20.11', /1 recipient outside/, '30 days'],
      },
      {
        about: 'it may relay, and did not',
        before: THEN,
        now: { configuration: CONFIGURED, sessions: [...THEN.sessions, on('10.0.20.11', '2026-11-02', 'eva@contoso.example')] },
        says: ['"severity":"medium"', /may relay/],
      },
      {
        about: 'it may not relay',
        before: THEN,
        now: {
          configuration: CONFIGURED,
          sessions: [...THEN.sessions, on('10.0.30.11', '2026-11-02', 'eva@contoso.example', DEFAULT_FRONTEND.id)],
        },
        says: ['"severity":"info"'],
      },
      {
        about: 'it came before the baseline: rarer than that looked back',
        before: THEN,
        now: {
          configuration: CONFIGURED,
          sessions: [on('10.0.20.11', '2026-09-01'), ...THEN.sessions, on('10.0.20.11', '2026-11-02')],
        },
        says: ['"severity":"info"', /30 days, from 2026-10-01 to 2026-10-30/, '2026-09-01'],
      },
      {
        about: 'it was known where nobody may relay, and now may',
        before: {
          configuration: CONFIGURED,
          sessions: [...THEN.sessions, on('10.0.20.11', '2026-10-05', 'eva@contoso.example', DEFAULT_FRONTEND.id)],
        },
        now: { configuration: CONFIGURED, sessions: [on('10.0.20.11', '2026-11-02', 'eva@contoso.example')] },
        says: ['"severity":"medium"', 'Default Frontend EX01'],
      },
    ],
    silent: [
      { about: 'the same as before', before: THEN, now: THEN },
      {
        about: 'under another hello name',
        before: THEN,
        now: {
          configuration: CONFIGURED,
          sessions: [{ ...MFP, at: '2026-11-02T08:00:00.000Z', rows: workingSession('MFP-NEW') }],
        },
      },
      {
        about: 'on the other server behind the same name',
        before: THEN,
        now: {
          configuration: { ...CONFIGURED, connectors: [...CONFIGURED.connectors, { ...RELAY, id: 'EX02\\Anon Relay EX02' }] },
          sessions: [on('10.0.20.10', '2026-11-02', undefined, 'EX02\\Anon Relay EX02')],
        },
      },
      {
        about: 'a mail server of the world that brings mail for the inside',
        before: THEN,
        now: {
          configuration: CONFIGURED,
          sessions: [...THEN.sessions, on('203.0.113.9', '2026-11-02', 'eva@contoso.example', DEFAULT_FRONTEND.id)],
        },
      },
    ],
  },
  obstacle: withoutLogs,
  find(comparison) {
    const { before, now, facts } = comparison;
    const places = new Map<string, BaselineSource[]>();
    for (const one of now.sources) places.set(one.source, [...(places.get(one.source) ?? []), one]);
    return [...places].flatMap(([address, here]) => {
      const source = facts.sources.find((one) => one.source === address);
      const earlier = before.sources.filter((one) => one.source === address);
      if (!source) return [];
      return earlier.length === 0 ? [isNew(comparison, source, here)] : gained(before, source, here, earlier);
    });
  },
};

const reaches = ({ mayRelay }: BaselineSource): boolean => mayRelay === 'yes' || mayRelay === 'likely';

function isNew({ before, now }: Comparison, source: AuditedSource, here: readonly BaselineSource[]): Finding {
  const { external, firstEver, device } = source;
  const place = here.length === 1 ? here[0]! : null;
  const name = clientName(source);
  const rare = source.space !== 'public' && before.period !== null && firstEver < Date.parse(before.period.since);
  const moved =
    device === null
      ? undefined
      : before.sources.find((one) => one.device === device && !now.sources.some(({ source: still }) => still === one.source));
  const severity: Severity = rare
    ? 'info'
    : external !== null
      ? moved
        ? 'medium'
        : 'high'
      : here.some(reaches)
        ? 'medium'
        : 'info';
  const did = external
    ? `${count(external.count, 'recipient')} outside accepted from there`
    : here.some(reaches)
      ? 'it may relay, and did not'
      : 'it may not relay';
  return aboutClient(newAnonymousSource, source, place, {
    severity,
    what: `${name} sends without a logon and is not in the baseline: ${did}.`,
    cause: [
      rare
        ? `It is not new: it was first seen on ${moment(firstEver)}. It sends more rarely than the baseline looked back, for ${periodWords(before)}.`
        : `It was first seen on ${moment(firstEver)}; ${periodWords(before)}${baselineDays(before) < 30 ? ', so that a device which sends once a month may be missing in it' : ''}.`,
      ...(moved
        ? [
            `The device ${moved.device} was at ${moved.source} then, from where nothing comes any more: it has got another address.`,
          ]
        : []),
    ].join(' '),
    evidence: [
      ...source.places
        .filter((one) => here.some(({ server, connector }) => one.server === server && one.connector === connector))
        .map((one) => ({ kind: 'count', note: `${one.server}\\${one.connector}: ${placeNote(one)}` }) as const),
      ...exampleEvidence(external?.examples ?? [], (example) => `accepted: ${envelopeNote(example)}`),
    ],
    remedy: [
      advice(`Ask whose ${source.source} is, and whether it is to send without a logon; give it a name in the list of devices.`),
      saveAgain,
    ],
    confidence: {
      level: baselineDays(before) >= 30 ? 'high' : 'medium',
      because: periodWords(before),
    },
    seen: { count: source.sessions, firstSeen: source.first, lastSeen: source.last, lastSuccess: null },
  });
}

/** Known, but from connectors that refused. What it relayed is told as such. */
function gained(
  before: Baseline,
  source: AuditedSource,
  here: readonly BaselineSource[],
  earlier: readonly BaselineSource[],
): Finding[] {
  const place = here.find(reaches);
  if (!place || earlier.some(reaches) || here.some(({ externalRecipients }) => externalRecipients > 0)) return [];
  if (earlier.some((one) => purposeOf(one) === purposeOf(place) && one.mayRelay === 'unknown')) return [];
  const where = earlier.map(({ connector }) => `"${connector}"`).join(', ');
  return [
    aboutClient(newAnonymousSource, source, place, {
      what: `${clientName(source)} may relay on "${place.connector}" now; in the baseline it came to ${where}, where it might not.`,
      cause: `Either the ranges or the rights of a connector were changed, or the client comes to another one; ${periodWords(before)}.`,
      evidence: source.places.map((one) => ({ kind: 'count', note: `${one.server}\\${one.connector}: ${placeNote(one)}` })),
      remedy: [
        advice(`See whether ${source.source} needs to relay; if not, take it out of the ranges of "${place.connector}".`),
        saveAgain,
      ],
      confidence: { level: 'high', because: 'the source and its connectors are in both' },
      seen: { count: source.sessions, firstSeen: source.first, lastSeen: source.last, lastSuccess: null },
    }),
  ];
}
