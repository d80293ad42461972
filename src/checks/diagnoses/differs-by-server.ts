/** One server serves the client, another refuses it for the same kind of mail: their connectors are not alike. */
import { identityOf, isEnabled, partsOf, type ReceiveConnector, sameName } from '../../connector/connector.ts';
import { type Difference, differencesOf } from '../../connector/difference.ts';
import { type Organisation, rightsOf, serverOf } from '../../connector/organisation.ts';
import { RELAY_RIGHT } from '../../connector/permission-group.ts';
import type { PropertyName } from '../../connector/properties.ts';
import { pairConnectors, plainName } from '../../connector/server-name.ts';
import { literal } from '../../powershell/quoting.ts';
import type { Case, ExaminedSession, FailureGroup, Service } from '../../queries/cases/case.ts';
import { ANONYMOUS_LOGON } from '../../smtp/replies/recipient.ts';
import type { CaseDiagnosis } from '../diagnosis.ts';
import { addClient, addingHelps, configuredConnector, landedOn, portOf } from '../evidence/client-place.ts';
import { domainOf } from '../evidence/own-domain.ts';
import { rowAt } from '../evidence/row-evidence.ts';
import { replyIdOf, rootsOf, type Sign } from '../evidence/sign.ts';
import { sizeExcess } from '../evidence/size-excess.ts';
import {
  DEFAULT_FRONTEND,
  greeted,
  mailFrom,
  QUIT,
  RELAY_CONNECTOR,
  relayRefusedSession,
  tarpitted,
  workingSession,
} from '../examples/example-sessions.ts';
import { type Confidence, type Evidence, propertyEvidence, type Remedy } from '../finding.ts';
import { LOAD_BALANCING, section } from '../references.ts';
import { advice, getConnector, powershell, setConnector } from '../remedies/commands.ts';

const HOUR_MS = 3_600_000;
/** What worked there longer ago than this says little about now. */
const RECENT_MS = 7 * 24 * HOUR_MS;

const EX02 = { to: '10.0.0.6:25', connector: 'EX02\\Default Frontend EX02' } as const;
const RELAY_EX02 = { ...RELAY_CONNECTOR, id: 'EX02\\Anon Relay EX02', from: '10.0.20.10-10.0.20.12' };
const FRONT_EX02 = { ...DEFAULT_FRONTEND, id: 'EX02\\Default Frontend EX02' };
const ON_RELAY = { to: '10.0.0.6:25', connector: 'EX02\\Anon Relay EX02' } as const;

export const differsByServer: CaseDiagnosis = {
  kind: 'case',
  id: 'differs-by-server',
  title: 'One server serves it, another refuses it',
  why: 'Behind one name a client reaches now this server, now that: connectors that are not alike make it fail by chance.',
  severity: 'high',
  references: [LOAD_BALANCING, section('5.4')],
  rootOf: [
    'wrong-connector',
    'relay-denied',
    'anonymous-refused',
    'starttls-required',
    'mechanism-not-offered',
    'message-too-large',
  ],
  examples: {
    fires: [
      {
        about: 'the relay connector of one server lacks the address',
        configuration: { connectors: [DEFAULT_FRONTEND, RELAY_CONNECTOR, FRONT_EX02, RELAY_EX02] },
        sessions: [
          { ...ON_RELAY, rows: workingSession('MFP-02') },
          { rows: relayRefusedSession('MFP-02') },
          { ...ON_RELAY, rows: workingSession('MFP-02') },
        ],
        says: [
          'EX01 refuses what EX02 takes',
          'Set-ReceiveConnector -Identity "EX01\\Anon Relay EX01" -RemoteIPRanges @{Add="10.0.20.12"}',
        ],
      },
      {
        about: 'one server has no such connector',
        configuration: { connectors: [DEFAULT_FRONTEND, FRONT_EX02, RELAY_EX02] },
        sessions: [{ ...ON_RELAY, rows: workingSession('MFP-02') }, { rows: relayRefusedSession('MFP-02') }],
        says: ['EX01 has no connector "Anon Relay"', 'connectors copy --from EX02 --to EX01'],
      },
      {
        about: 'the same connector, without the right to relay on one of them',
        configuration: {
          connectors: [
            { ...RELAY_CONNECTOR, from: '10.0.20.10-10.0.20.12', PermissionGroups: ['AnonymousUsers'], anonymousRights: [] },
            RELAY_EX02,
          ],
        },
        sessions: [
          { ...ON_RELAY, rows: workingSession('MFP-02') },
          { connector: 'EX01\\Anon Relay EX01', rows: relayRefusedSession('MFP-02') },
        ],
        says: ['Add-ADPermission'],
      },
      {
        about: 'nothing imported, and a size that only one of them takes',
        sessions: [
          {
            ...EX02,
            rows: `${greeted('MFP-02')}\n${mailFrom('scan@contoso.example', ' SIZE=20000000')}\n< RCPT TO:<a@contoso.example>\n> 250 2.1.5 Recipient OK\n< DATA\n> 354 Start mail input; end with <CRLF>.<CRLF>\n> {queued 20000000}\n${QUIT}`,
          },
          {
            rows: `${greeted('MFP-02', 'SIZE 10485760, PIPELINING')}\n< MAIL FROM:<scan@contoso.example> SIZE=19000000\n${tarpitted('552 5.3.4 Message size exceeds fixed maximum message size')}\n${QUIT}`,
          },
        ],
        who: '10.0.20.12',
        says: ['relaylens connectors diff EX02 EX01'],
      },
    ],
    silent: [
      {
        about: 'the other server took mail for the inside only',
        sessions: [{ ...EX02, rows: workingSession('MFP-02', 'anna@contoso.example') }, { rows: relayRefusedSession('MFP-02') }],
      },
      {
        about: 'the server that refuses takes the same later: it was a matter of time',
        sessions: [
          { ...ON_RELAY, rows: workingSession('MFP-02') },
          { rows: relayRefusedSession('MFP-02') },
          { connector: 'EX01\\Anon Relay EX01', rows: workingSession('MFP-02') },
        ],
      },
      {
        about: 'it worked there a month ago',
        sessions: [
          { ...ON_RELAY, at: '2026-10-01T08:00:00.000Z', rows: workingSession('MFP-02') },
          { at: '2026-11-02T08:00:00.000Z', rows: relayRefusedSession('MFP-02') },
        ],
      },
      { about: 'one server alone', sessions: [{ rows: workingSession('MFP-02') }, { rows: relayRefusedSession('MFP-02') }] },
    ],
  },
  diagnose(theCase) {
    if (theCase.subject.kind !== 'client') return undefined;
    for (const group of theCase.failing) {
      const pair = pairOf(group, theCase);
      if (pair) return explained(pair, theCase);
    }
    return undefined;
  },
};

// --- the two sessions -------------------------------------------------------------------------------------------------

interface Pair {
  readonly group: FailureGroup;
  readonly bad: ExaminedSession;
  readonly sign: Extract<Sign, { kind: 'refusal' }>;
  readonly good: ExaminedSession;
  /** Properties that decide about such a refusal. */
  readonly decides: readonly Difference['what'][];
}

function pairOf(group: FailureGroup, { circumstances, subject }: Case): Pair | undefined {
  const { session: bad } = group;
  if (bad.server === '' || bad.clientSources.length > 0) return undefined;
  const [root] = rootsOf(bad, subject.kind === 'client' ? subject.source : undefined);
  const sign = root?.sign;
  if (sign?.kind !== 'refusal') return undefined;
  const wanted = wantedOf(sign, bad);
  if (!wanted) return undefined;
  const { service, decides } = wanted;
  const port = portOf(bad);
  const good = circumstances.served({ ...service, port, notOn: bad.server, since: group.firstSeen - RECENT_MS });
  if (!good) return undefined;
  // Taken here too, and not long before or after: then it is not the server that makes the difference.
  const here = circumstances.served({
    ...service,
    port,
    on: bad.server,
    since: Math.min(Date.parse(good.startedAt), group.firstSeen),
  });
  return here ? undefined : { group, bad, sign, good, decides };
}

function wantedOf(
  sign: Extract<Sign, { kind: 'refusal' }>,
  bad: ExaminedSession,
): { service: Omit<Service, 'since'>; decides: Pair['decides'] } | undefined {
  switch (replyIdOf(sign)) {
    case 'relay-denied': {
      const domain = domainOf(sign.recipient);
      return domain === ''
        ? undefined
        : {
            service: { kind: 'mail', domain, loggedOn: bad.authResult === 'success' },
            decides: ['relay', 'rights', 'PermissionGroups', 'AuthMechanism'],
          };
    }
    case 'client-not-authenticated':
      return { service: { kind: 'mail', loggedOn: false }, decides: ['PermissionGroups', 'AuthMechanism', 'rights'] };
    case 'starttls-required':
      return { service: { kind: 'mail', secured: false }, decides: ['RequireTLS'] };
    case 'unrecognized-authentication-type':
      return bad.authMechanism
        ? {
            service: { kind: 'logon', mechanism: bad.authMechanism, secured: bad.tls !== 'none' },
            decides: ['AuthMechanism', 'EnableAuthGSSAPI', 'TlsCertificateName'],
          }
        : undefined;
    case 'announced-size-exceeded':
    case 'message-too-large': {
      const { size } = sizeExcess(sign, bad, undefined);
      return size === undefined ? undefined : { service: { kind: 'mail', bytes: size }, decides: ['MaxMessageSize'] };
    }
    default:
      return undefined;
  }
}

// --- what makes the difference ------------------------------------------------------------------------------------------

interface Found {
  readonly words: string;
  readonly remedy: readonly Remedy[];
  readonly evidence: readonly Evidence[];
  readonly confidence: Confidence;
  readonly unknown: readonly string[];
}

function explained(pair: Pair, theCase: Case) {
  const { bad, good, sign, group } = pair;
  const found = byConfiguration(pair, theCase) ?? withoutConfiguration(pair);
  const { session: _, ...seen } = group;
  return {
    session: bad,
    rows: sign.row ? [sign.row.index] : [],
    count: seen.sessions,
    what: `${bad.server} refuses what ${good.server} takes: ${sign.refusal.text}`,
    cause: `On ${good.server} the client lands on ${landedOn(good)} and was served at ${good.startedAt.slice(0, 16).replace('T', ' ')} UTC; on ${bad.server} it lands on ${landedOn(bad)} and was refused at ${bad.startedAt.slice(0, 16).replace('T', ' ')} UTC. ${found.words}`,
    evidence: [...rowAt(good, proofIn(good)), ...found.evidence],
    remedy: found.remedy,
    confidence: found.confidence,
    unknown: found.unknown,
  };
}

/** The row that shows that it was served. */
function proofIn({ events }: ExaminedSession): number {
  const final = events.findLastIndex(({ event, data }) => event === '>' && /^(?:250 2\.6\.0|235) /.test(data));
  return final >= 0 ? final : events.length - 1;
}

const diffAdvice = (pair: Pair): Remedy =>
  advice(`"relaylens connectors diff ${pair.good.server} ${pair.bad.server}" shows all that differs between the two servers.`);

function withoutConfiguration(pair: Pair): Found {
  const { bad, good } = pair;
  return {
    words:
      plainOf(bad) === plainOf(good)
        ? 'The connectors have the same name, so their settings differ, or what stands behind them.'
        : 'So the ranges of the connectors, or the connectors themselves, differ.',
    remedy: [
      advice(
        `Export the receive connectors and their rights of ${good.server} and ${bad.server}, and import them: then the difference is named here.`,
      ),
      diffAdvice(pair),
    ],
    evidence: [],
    confidence: { level: 'medium', because: 'both servers were seen, their settings were not' },
    unknown: [
      `What differs is not in the logs: import Get-ReceiveConnector and Get-ADPermission of both servers with "relaylens config import".`,
    ],
  };
}

const plainOf = ({ connector, server }: ExaminedSession): string => {
  const { name, server: own } = partsOf(connector);
  return plainName({ name, server: own || server }).toLowerCase();
};

function byConfiguration(pair: Pair, theCase: Case): Found | undefined {
  const { bad, good } = pair;
  const here = serverOf(theCase.organisation, bad.server);
  const there = serverOf(theCase.organisation, good.server);
  const model = configuredConnector(theCase, good);
  if (!here || !there || !model) return undefined;
  const twin = pairConnectors(there.connectors, here.connectors).find(({ a }) => a === model)?.b;
  if (!twin)
    return {
      words: `${bad.server} has no connector "${plainName(model)}".`,
      remedy: [
        advice(
          `"relaylens connectors copy --from ${good.server} --to ${bad.server}" prints the commands that make it there, with its rights.`,
        ),
        diffAdvice(pair),
      ],
      evidence: rangesOf(model),
      confidence: { level: 'high', because: 'both configurations were imported' },
      unknown: [],
    };
  return sameName(identityOf(twin), bad.connector)
    ? bySettings(pair, model, twin, theCase.organisation)
    : bySelection(pair, model, twin, theCase);
}

const rangesOf = (connector: ReceiveConnector): Evidence[] => [
  {
    kind: 'property',
    connector: identityOf(connector),
    property: 'RemoteIPRanges',
    value: connector.remoteIPRanges
      .map(({ text }) => text)
      .slice(0, 20)
      .join(', '),
  },
];

/** The connector is there, and another one took the client. */
function bySelection(pair: Pair, model: ReceiveConnector, twin: ReceiveConnector, theCase: Case): Found {
  const { bad } = pair;
  const server = serverOf(theCase.organisation, twin.server)!;
  const client = bad.source ?? '';
  const helps = addingHelps(server, twin, client, portOf(bad));
  return {
    words: isEnabled(twin)
      ? `"${twin.name}" of ${bad.server} ${helps ? `does not have ${client} in its ranges` : 'did not take it, for another reason than its ranges'}.`
      : `"${twin.name}" of ${bad.server} is disabled.`,
    remedy: isEnabled(twin)
      ? helps
        ? [addClient(twin, client), diffAdvice(pair)]
        : [
            advice(`"relaylens match ${client} --to ${bad.localEndpoint}" shows what keeps "${twin.name}" from it.`),
            diffAdvice(pair),
          ]
      : [setConnector(twin, { Enabled: true }), diffAdvice(pair)],
    evidence: [...rangesOf(model), ...rangesOf(twin)],
    confidence: { level: 'high', because: 'both configurations were imported' },
    unknown: [],
  };
}

/** The same connector on both, with other settings. */
function bySettings(pair: Pair, model: ReceiveConnector, twin: ReceiveConnector, organisation: Organisation): Found {
  const all = differencesOf(model, twin, rightsOf(organisation, model), rightsOf(organisation, twin));
  const known = all.filter(({ what, a, b }) => pair.decides.includes(what) && a !== null && b !== null);
  // The groups and the single rights say no more than that.
  const relay = known.filter(({ what }) => what === 'relay');
  const deciding = relay.length > 0 ? relay : known;
  if (deciding.length === 0)
    return {
      words: 'By the configuration that was imported the two connectors are alike in what decides about that.',
      remedy: [
        advice(
          `Export the configuration of both servers again and import it: one of them may have changed since. If they are alike, look behind the connector: certificate, Hub and DNS of ${pair.bad.server}.`,
        ),
        diffAdvice(pair),
      ],
      evidence: [],
      confidence: { level: 'low', because: 'the log and the configuration contradict each other' },
      unknown: [],
    };
  const names = known.map(({ what }) => what).filter(isProperty);
  return {
    words: `The settings differ: ${deciding.map((one) => differenceWords(one, model, twin)).join('; ')}.`,
    remedy: [...deciding.flatMap((one) => levelling(one, model, twin)), diffAdvice(pair)],
    evidence: [...propertyEvidence(model, ...names), ...propertyEvidence(twin, ...names)],
    confidence: { level: 'high', because: 'both configurations were imported' },
    unknown: [],
  };
}

const isProperty = (what: Difference['what']): what is PropertyName =>
  !['connector', 'bindings', 'remoteIPRanges', 'relay', 'rights'].includes(what);

function differenceWords({ what, a, b }: Difference, model: ReceiveConnector, twin: ReceiveConnector): string {
  const values = (list: readonly string[] | null): string => list?.join(', ') || 'none';
  switch (what) {
    case 'relay':
      return `whether clients without a logon may relay: ${values(a)} on ${model.server}, ${values(b)} on ${twin.server}`;
    case 'rights':
      return `rights that only one has: ${values(a)} on ${model.server}, ${values(b)} on ${twin.server}`;
    default:
      return `${what} is ${values(a)} on ${model.server} and ${values(b)} on ${twin.server}`;
  }
}

function levelling({ what }: Difference, model: ReceiveConnector, twin: ReceiveConnector): Remedy[] {
  if (what === 'relay')
    return [
      advice('If everybody in its ranges may send to the outside, give the connector the right that its twin has:'),
      powershell(`${getConnector(twin)} | Add-ADPermission -User ${ANONYMOUS_LOGON} -ExtendedRights ${literal(RELAY_RIGHT)}`),
    ];
  if (!isProperty(what) || what === 'PermissionGroups') return [];
  const value = model.properties[what];
  return value === undefined
    ? []
    : [
        advice(`Let it be as on ${model.server}, if that is what you want for all of its clients:`),
        setConnector(twin, { [what]: value }),
      ];
}
