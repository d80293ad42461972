/** The JSON contract of the design, section 6, as schemas. Additions are allowed; what is named must be there. */
import { z } from 'zod';

const time = z.iso.datetime({ precision: 3 });
const count = z.int().nonnegative();
const tls = z.string().regex(/^(none|SSL3|TLS1\.[0-3]|unknown\([^)]+\))$/);
const endpoint = z.string();
const OUTCOMES = [
  'accepted',
  'partial',
  'proxied',
  'turned-away',
  'connect-failed',
  'tls-failed',
  'auth-failed',
  'refused',
  'open',
  'abandoned',
  'probe',
] as const;
const outcome = z.enum(OUTCOMES);

const total = (counts: Readonly<Record<string, number | undefined>>): number =>
  Object.values(counts).reduce<number>((sum, one) => sum + (one ?? 0), 0);

export const ingestContract = z.object({
  files: count,
  bytes: count,
  rows: count,
  sessions: count,
  newSessions: count,
  anomalies: z.record(z.string().min(1), count),
});

const source = z
  .object({
    source: z.string(),
    device: z.string().nullable(),
    helo: z.array(z.string()),
    servers: z.array(z.string()),
    connectors: z.array(z.string()),
    sessions: count,
    messagesAccepted: count,
    messagesRefused: count,
    recipientsAccepted: count,
    recipientsRefused: count,
    recipientsExternal: count.nullable(),
    bytesAccepted: count,
    authenticated: z.enum(['no', 'yes', 'mixed']),
    tls: z.record(tls, count),
    outcomes: z.partialRecord(outcome, count),
    lastError: z.string().nullable(),
    firstSeen: time,
    lastSeen: time,
  })
  .refine((one) => total(one.tls) === one.sessions, 'every session has one TLS version')
  .refine((one) => total(one.outcomes) === one.sessions, 'every session has one outcome')
  .refine((one) => one.firstSeen <= one.lastSeen, 'first is not after last');
export const sourcesContract = z.object({ sources: z.array(source) });

const sessionFields = z.object({
  id: z.string().min(1),
  sessionId: z.string().min(1),
  server: z.string(),
  service: z.enum(['FrontEnd', 'Hub', 'Edge', 'Mailbox']).nullable(),
  direction: z.enum(['receive', 'send']),
  connector: z.string(),
  localEndpoint: endpoint,
  remoteEndpoint: endpoint,
  source: z.string().nullable(),
  clientSources: z.array(z.string().min(1)),
  destination: z.string().nullable(),
  outcomeReason: z.string().min(1),
  startedAt: time,
  endedAt: time,
  helo: z.string().nullable(),
  tls,
  authMechanism: z.string().nullable(),
  authUser: z.string().nullable(),
  authResult: z.enum(['none', 'success', 'failed']),
  permissions: z.array(z.string().min(1)),
  outcome,
  messagesAccepted: count,
  messagesRefused: count,
  recipientsAccepted: count,
  recipientsRefused: count,
  lastError: z.string().nullable(),
  disconnect: z.string().nullable(),
  rows: z.int().positive(),
});
type SessionFields = z.infer<typeof sessionFields>;

const ofItsDirection = (one: SessionFields): boolean =>
  one.direction === 'send' ? one.source === null && one.destination !== null : one.source !== null && one.destination === null;
const inOrder = (one: SessionFields): boolean => one.startedAt <= one.endedAt;
/** A message accepted makes the session accepted or partial; `accepted` without one is a shadow copy. */
const ofItsCounts = (one: SessionFields): boolean =>
  one.messagesAccepted > 0
    ? one.outcome === (one.messagesRefused + one.recipientsRefused > 0 ? 'partial' : 'accepted')
    : one.outcome !== 'partial';

const session = sessionFields
  .refine(ofItsDirection, 'a client on receive, a destination on send')
  .refine(inOrder, 'begins before it ends')
  .refine(ofItsCounts, 'outcome and counts agree');
export const sessionsContract = z.object({ sessions: z.array(session) });

export const sessionContract = sessionFields
  .extend({
    transactions: z.array(
      z.object({
        sender: z.string().nullable(),
        client: z.string().nullable(),
        recipients: z.array(z.object({ address: z.string(), accepted: z.boolean(), reply: z.string().nullable() })),
        state: z.enum(['accepted', 'refused', 'abandoned']),
        reply: z.string().nullable(),
        messageId: z.string().nullable(),
        bytes: count.nullable(),
        shadow: z.boolean().optional(),
      }),
    ),
    anomalies: z.array(z.looseObject({})),
    tarpitMs: count,
    links: z.array(z.looseObject({})),
    events: z.array(
      z.object({
        at: time,
        sequence: count,
        event: z.enum(['+', '-', '>', '<', '*']),
        data: z.string(),
        context: z.string(),
        file: z.string().min(1),
        line: z.int().positive(),
      }),
    ),
  })
  .refine(ofItsDirection, 'a client on receive, a destination on send')
  .refine(inOrder, 'begins before it ends')
  .refine(ofItsCounts, 'outcome and counts agree')
  .refine((one) => one.events.length === one.rows, 'every row is an event')
  .refine((one) => messages(one, 'accepted') === one.messagesAccepted, 'accepted transactions are the accepted messages')
  .refine((one) => messages(one, 'refused') === one.messagesRefused, 'refused transactions are the refused messages');

function messages(one: { transactions: readonly { state: string; shadow?: boolean | undefined }[] }, state: string): number {
  return one.transactions.filter((transaction) => transaction.state === state && !transaction.shadow).length;
}

const verdict = z.object({
  source: z.string().nullable(),
  destination: z.string().nullable(),
  device: z.string().nullable(),
  server: z.string().nullable(),
  connector: z.string().nullable(),
  check: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
  severity: z.enum(['critical', 'high', 'medium', 'low', 'info']),
  title: z.string().min(1),
  what: z.string().min(1),
  cause: z.string().min(1),
  remedy: z.array(z.object({ kind: z.enum(['powershell', 'advice']), text: z.string().min(1) })).min(1),
  confidence: z.object({ level: z.enum(['high', 'medium', 'low']), because: z.string().min(1) }),
  count: count.positive(),
  firstSeen: time,
  lastSeen: time,
  lastSuccess: time.nullable(),
  evidence: z
    .array(
      z.object({
        session: z.string().min(1),
        file: z.string().min(1),
        line: z.int().positive(),
        row: z.string().min(1),
      }),
    )
    .min(1),
  configuration: z.array(z.looseObject({ kind: z.string() })),
  session: z.string().min(1),
});

export const diagnoseContract = z
  .object({
    verdicts: z.array(verdict),
    cases: z.array(
      z.object({
        source: z.string().nullable(),
        condition: z.enum(['fails', 'partly', 'sometimes', 'recovered', 'undelivered', 'works', 'open', 'silent']),
        sessions: count,
        failed: count,
        checks: z.array(z.string()),
      }),
    ),
    absence: z.looseObject({}).nullable(),
  })
  .refine(
    ({ verdicts, cases }) => verdicts.length === cases.reduce((sum, { checks }) => sum + checks.length, 0),
    'every verdict belongs to a case',
  )
  .refine(({ cases }) => cases.every(({ failed, checks }) => (failed > 0 ? checks.length > 0 : true)), 'who fails has a verdict');

const sighted = z.object({ count: count.positive(), first: time, last: time });
const domains = z.array(z.object({ domain: z.string(), count: count.positive() }));
const examples = z.array(
  z.object({ at: time, session: z.string().min(1), sender: z.string().nullable(), recipient: z.string().nullable() }),
);
const SEVERITY = z.enum(['critical', 'high', 'medium', 'low', 'info']);

const auditedSource = z
  .object({
    source: z.string(),
    device: z.string().nullable(),
    owner: z.string().nullable(),
    space: z.enum(['public', 'private', 'link-local', 'loopback', 'unknown']),
    kind: z.enum(['relays', 'may', 'tried', 'logs-on', 'other']),
    risk: z.object({ level: z.enum(['high', 'medium', 'low', 'none']), reasons: z.array(z.string()) }),
    sessions: count,
    tls: z.record(tls, count),
    logon: z.object({ none: count, succeeded: count, failed: count }),
    external: sighted.extend({ domains, examples }).nullable(),
    refusedRelay: sighted.extend({ domains, senderDomains: domains, examples }).nullable(),
    senders: z.object({ own: count.nullable(), foreign: count.nullable(), none: count, domains }),
    places: z.array(
      z.object({
        server: z.string(),
        connector: z.string(),
        range: z.string().nullable(),
        relay: z.object({ mayRelay: z.enum(['yes', 'no', 'likely', 'unknown']), knownBy: z.string() }),
        anonymousSessions: count,
        externalRecipients: count,
      }),
    ),
    first: time,
    last: time,
    firstEver: time,
    activeDays: count,
  })
  .refine(({ sessions, logon }) => sessions === total(logon), 'every session logs on, fails to, or does not try')
  .refine(({ kind, external }) => (kind === 'relays') === (external !== null), 'relay is what was accepted')
  .refine(
    ({ external }) =>
      !external || external.count === total(Object.fromEntries(external.domains.map((one) => [one.domain, one.count]))),
    'parts of what went outside',
  )
  .refine(
    ({ external, places }) => (external?.count ?? 0) === places.reduce((sum, one) => sum + one.externalRecipients, 0),
    'places add up',
  );

export const auditContract = z.object({
  relaylens: z.string(),
  period: z.object({ since: time, until: time }),
  configurationAsOf: time.nullable(),
  externalKnownBy: z.enum(['accepted-domains', 'replies']),
  sources: z.array(auditedSource),
  connectors: z.array(
    z.object({
      connector: z.string(),
      mayRelay: z.enum(['yes', 'likely', 'no', 'unknown']),
      ranges: z.array(z.object({ range: z.string(), sources: z.array(z.string()), lastUsed: time.nullable() })),
      logsSince: time.nullable(),
    }),
  ),
  findings: z.array(
    z.looseObject({
      check: z.string(),
      severity: SEVERITY,
      what: z.string(),
      cause: z.string(),
      remedy: z.array(z.unknown()).min(1),
    }),
  ),
  rules: z.array(
    z.object({
      check: z.string(),
      severity: SEVERITY,
      state: z.enum(['found', 'in-order', 'not-checked', 'broken']),
      findings: count,
      because: z.string().nullable(),
    }),
  ),
  evidence: z
    .object({
      logs: z.array(
        z.object({
          path: z.string(),
          rows: count,
          hash: z
            .string()
            .regex(/^sha256:[0-9a-f]{64}$/)
            .nullable(),
        }),
      ),
      configuration: z.array(z.object({ kind: z.string(), scope: z.string(), asOf: time, file: z.string() })),
    })
    .loose(),
});

const volume = {
  messagesAccepted: count,
  messagesRefused: count,
  recipientsAccepted: count,
  recipientsRefused: count,
  recipientsExternal: count.nullable(),
  bytesAccepted: count,
};
const before = count.nullable();
const period = z
  .object({
    kind: z.enum(['day', 'week', 'month', 'quarter', 'year', 'custom']),
    name: z.string().min(1),
    id: z.string().min(1),
    since: time,
    until: time,
    timeZone: z.string().min(1),
  })
  .refine((one) => one.since < one.until, 'begins before it ends');
const totals = z.object({ devices: count, devicesSending: count, sessions: count, ...volume });
const client = { source: z.string(), device: z.string().nullable(), dnsName: z.string().nullable() };
const namedClient = { ...client, owner: z.string().nullable(), helo: z.string().nullable() };
const coverage = z.object({
  logs: z.array(
    z.object({
      server: z.string(),
      service: z.string(),
      direction: z.enum(['receive', 'send']),
      hours: count,
      silentHours: count,
      longestSilence: z.object({ since: time, hours: count.positive() }).nullable(),
    }),
  ),
  connectorsNotLogged: z.array(z.string().min(1)),
  linesNotRead: count,
  complete: z.boolean(),
  unfinishedAt: time.nullable(),
});
const authentication = z.enum(['no', 'yes', 'mixed']);
const change = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('connector'), before: z.array(z.string()), after: z.array(z.string()) }),
  z.object({ kind: z.literal('tls'), before: z.array(tls).min(1), after: z.array(tls).min(1) }),
  z.object({ kind: z.literal('authentication'), before: authentication, after: authentication }),
  z.object({ kind: z.literal('volume'), before: count, after: count }),
]);
const seenClient = z.object({
  ...namedClient,
  messagesAccepted: count,
  firstSeen: time.nullable(),
  lastSeen: time.nullable(),
});
const busyTime = z.object({ at: time, messagesAccepted: count.positive() });

export const reportContract = z
  .object({
    createdAt: time,
    period,
    compared: period.nullable(),
    server: z.string().nullable(),
    connector: z.string().nullable(),
    totals,
    totalsBefore: totals.nullable(),
    coverage,
    coverageBefore: coverage.nullable(),
    connectors: z.array(
      z.object({
        server: z.string(),
        connector: z.string(),
        sessions: count,
        devices: count,
        ...volume,
        messagesBefore: before,
      }),
    ),
    devices: z.array(
      z.object({
        ...namedClient,
        site: z.string().nullable(),
        servers: z.array(z.string()),
        connectors: z.array(z.string()),
        sessions: count,
        ...volume,
        tls: z.record(tls, count.positive()),
        authenticated: authentication.nullable(),
        curve: z.array(count),
        messagesBefore: before,
        firstSeen: time.nullable(),
        lastSeen: time.nullable(),
      }),
    ),
    changes: z
      .object({
        newcomers: z.array(seenClient),
        returned: z.array(seenClient),
        vanished: z.array(seenClient),
        changed: z.array(z.object({ ...namedClient, changes: z.array(change).min(1) })),
      })
      .nullable(),
    refusals: z.array(
      z.object({
        cause: z.string().nullable(),
        title: z.string().min(1),
        reply: z.string(),
        refusals: count.positive(),
        devices: count.positive(),
      }),
    ),
    unit: z.enum(['hour', 'day', 'week', 'month']),
    slices: z
      .array(
        z.object({
          since: time,
          until: time,
          messagesAccepted: count,
          messagesRefused: count,
          connectors: z.array(z.object({ server: z.string(), connector: z.string(), messagesAccepted: count.positive() })),
          tls: z.record(tls, count.positive()),
        }),
      )
      .min(1),
    senderDomains: z.array(
      z.object({
        domain: z.string().nullable(),
        messagesAccepted: count,
        messagesRefused: count,
        bytesAccepted: count,
        devices: count.positive(),
      }),
    ),
    recipientDomains: z.array(
      z.object({
        domain: z.string(),
        recipientsAccepted: count,
        recipientsRefused: count,
        recipientsExternal: count.nullable(),
        devices: count.positive(),
      }),
    ),
    busiest: z.object({
      hours: z.array(busyTime).max(5),
      minutes: z.array(busyTime).max(5),
      week: z.array(z.array(count).length(24)).length(7),
    }),
    largest: z
      .array(
        z.object({
          at: time,
          bytes: count.positive(),
          ...client,
          sender: z.string().nullable(),
          server: z.string(),
          connector: z.string(),
          sessionId: z.string().min(1),
        }),
      )
      .max(10),
    noise: z.array(
      z.object({
        kind: z.enum(['health-checks', 'own-servers', 'probes']),
        sessions: count,
        messagesAccepted: count,
        messagesRefused: count,
        sources: z.array(z.object({ ...client, sessions: count.positive() })),
      }),
    ),
  })
  .refine(({ devices, slices }) => devices.every(({ curve }) => curve.length === slices.length), 'a point for every slice')
  .refine(({ devices, totals: all }) => devices.length === all.devices, 'every device is listed')
  .refine(
    ({ slices, period: whole }) => slices[0]?.since === whole.since && slices.at(-1)?.until === whole.until,
    'no time is missing',
  )
  .refine(
    ({ compared, totalsBefore, coverageBefore, changes }) =>
      [totalsBefore, coverageBefore, changes].every((one) => (one === null) === (compared === null)),
    'what is compared is there as a whole, or not at all',
  );
