/** The client landed on a connector that was not meant for it: its range, address family, binding or server decided so. */
import { identityOf, partsOf, type ReceiveConnector } from '../../connector/connector.ts';
import { effectiveRights, unauthenticatedPrincipal } from '../../connector/effective-rights.ts';
import { rightsOf, serverOf } from '../../connector/organisation.ts';
import type { Case, ExaminedSession } from '../../queries/cases/case.ts';
import type { Diagnosed, SessionDiagnosis } from '../diagnosis.ts';
import {
  addClient,
  addingHelps,
  connectorCalled,
  isNear,
  landedOn,
  portOf,
  twinsWithoutClient,
} from '../evidence/client-place.ts';
import { misspelling } from '../evidence/misspelling.ts';
import { isOnlineClient } from '../evidence/online-client.ts';
import { rowAt } from '../evidence/row-evidence.ts';
import { replyIdOf, type Sign } from '../evidence/sign.ts';
import {
  DEFAULT_FRONTEND,
  greeted,
  RELAY_CONNECTOR,
  relayRefusedSession,
  tarpitted,
  workingSession,
} from '../examples/example-sessions.ts';
import type { Evidence, Remedy } from '../finding.ts';
import { isPublic } from '../ranges/address-space.ts';
import { ANONYMOUS_RELAY, RECEIVE_CONNECTORS, section } from '../references.ts';
import { advice, setConnector } from '../remedies/commands.ts';
import { relaysPerhaps } from '../remedies/safe-change.ts';
import { enumerate } from '../words/enumeration.ts';
import { moment } from '../words/moment.ts';

export const wrongConnector: SessionDiagnosis = {
  kind: 'session',
  id: 'wrong-connector',
  title: 'The connector that took it was not meant for it',
  why: 'Exchange gives a client to the connector with the smallest range that holds its address: an address that is missing there lands elsewhere, with other rights.',
  severity: 'high',
  references: [RECEIVE_CONNECTORS, ANONYMOUS_RELAY, section('2.2')],
  signs: ['relay-denied', 'client-not-authenticated'],
  examples: {
    fires: [
      {
        about: 'an address just behind the range of the relay connector',
        configuration: { connectors: [DEFAULT_FRONTEND, RELAY_CONNECTOR], acceptedDomains: ['contoso.example'] },
        sessions: [{ rows: relayRefusedSession('MFP-02') }],
        says: [
          '10.0.20.10-10.0.20.11',
          'Set-ReceiveConnector -Identity "EX01\\Anon Relay EX01" -RemoteIPRanges @{Add="10.0.20.12"}',
        ],
      },
      {
        about: 'IPv6, where the relay connector has IPv4 only',
        configuration: {
          connectors: [
            {
              ...DEFAULT_FRONTEND,
              on: '0.0.0.0:25 [::]:25',
              from: '0.0.0.0-255.255.255.255 ::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
            },
            RELAY_CONNECTOR,
          ],
        },
        sessions: [{ from: 'fd00:20::31', to: '[fd00::5]:25', rows: relayRefusedSession('cam-lobby') }],
        says: [/IPv6/],
      },
      {
        about: 'no mail without a logon on the default connector: the relay connector would give more than was asked for',
        configuration: {
          connectors: [{ ...DEFAULT_FRONTEND, PermissionGroups: ['ExchangeServers'] }, RELAY_CONNECTOR],
          acceptedDomains: ['contoso.example'],
        },
        sessions: [
          {
            rows: `${greeted('MFP-02')}\n< MAIL FROM:<scan@contoso.example>\n${tarpitted('530 5.7.57 SMTP; Client was not authenticated to send anonymous mail during MAIL FROM')}\n- | Local`,
          },
        ],
        says: [
          /addresses of the organisation only, leave "Anon Relay EX01" as it is/,
          /If 10\.0\.20\.12 may send to the outside/,
        ],
      },
      {
        about: 'no configuration, but a twin that lands elsewhere and relays',
        sessions: [
          { from: '10.0.20.11', connector: 'EX01\\Anon Relay EX01', rows: workingSession('MFP-01') },
          { rows: relayRefusedSession('MFP-02') },
        ],
        who: '10.0.20.12',
        says: ['"Anon Relay EX01"', /Get-ReceiveConnector/],
      },
      {
        about: 'no configuration, and the client itself landed elsewhere before',
        sessions: [
          { connector: 'EX01\\Anon Relay EX01', rows: workingSession('MFP-02') },
          { rows: relayRefusedSession('MFP-02') },
        ],
        says: [/On 2026-11-02 08:00 UTC it arrived on "Anon Relay EX01", and got through/, /and do not now/],
      },
    ],
    silent: [
      {
        about: 'the connector that it misses by little may not relay either',
        configuration: {
          connectors: [DEFAULT_FRONTEND, { ...RELAY_CONNECTOR, PermissionGroups: ['AnonymousUsers'], anonymousRights: [] }],
          acceptedDomains: ['contoso.example'],
        },
        sessions: [{ rows: relayRefusedSession('MFP-02') }],
      },
      {
        about: 'a client in another subnet than all whom the relay connector holds: nothing says that it was meant for it',
        configuration: { connectors: [DEFAULT_FRONTEND, RELAY_CONNECTOR], acceptedDomains: ['contoso.example'] },
        sessions: [{ from: '10.0.0.250', rows: relayRefusedSession('balanced') }],
      },
      {
        about: 'a slip in the own domain',
        configuration: { connectors: [DEFAULT_FRONTEND, RELAY_CONNECTOR], acceptedDomains: ['contoso.example'] },
        sessions: [{ rows: relayRefusedSession('app').replace('partner@fabrikam.example', 'anna@contoso.exmaple') }],
      },
      {
        about: 'it landed where it belongs, and no connector relays',
        configuration: { connectors: [DEFAULT_FRONTEND] },
        sessions: [{ rows: relayRefusedSession('MFP-02') }],
      },
      { about: 'nothing is known but the refusal', sessions: [{ rows: relayRefusedSession('MFP-02') }] },
    ],
  },
  diagnose({ sign }, { session }, theCase) {
    if (session.direction === 'send' || session.authResult === 'success') return undefined;
    // Who mistyped an address wants to stay inside: no other connector is needed for that.
    if (misspelling(sign, theCase)) return undefined;
    // All tenants share its addresses: none of them is ever meant for a relay connector.
    if (isOnlineClient(session)) return undefined;
    return byConfiguration(session, sign, theCase) ?? byTwin(session, sign, theCase);
  },
};

// --- by the configuration -----------------------------------------------------------------------------------------

function byConfiguration(session: ExaminedSession, sign: Sign, theCase: Case): Diagnosed | undefined {
  const { attribution, source } = session;
  const missed = attribution?.missed.find(
    ({ connector, why }) => lets(theCase, connector, sign) && isLikely(theCase, connector, why, source),
  );
  const server = serverOf(theCase.organisation, session.server || partsOf(session.connector).server);
  if (!attribution || !missed || !server || source === null) return undefined;
  const meant = connectorCalled(theCase.organisation, missed.connector);
  if (!meant) return undefined;
  const twin = theCase.twins.find(({ connector }) => connector.toLowerCase() === missed.connector.toLowerCase());
  return {
    cause: [
      `It arrived on ${landedOn(session)}, whose sessions may not do that.`,
      twin ? `Its twin ${twin.source} works: it arrives on ${landedOn(twin)}.` : '',
      `As for "${partsOf(missed.connector).name}", ${missed.because}.`,
    ]
      .filter(Boolean)
      .join(' '),
    evidence: [
      ...(meant.remoteIPRanges.length > 0
        ? [
            {
              kind: 'property' as const,
              connector: identityOf(meant),
              property: 'RemoteIPRanges',
              value: enumerate(meant.remoteIPRanges.map(({ text }) => text)),
            },
          ]
        : []),
      ...(twin ? acceptedRow(twin, sign) : []),
    ],
    remedy: [
      ...(BY_ADDRESS.includes(missed.why) && !twin ? condition(session, sign, meant, theCase) : []),
      ...remedyOf(session, theCase, meant, missed.why),
    ],
    confidence: attribution.configurationIsLater
      ? { level: 'medium', because: 'the configuration that was imported is later than the session' }
      : attribution.verdict === 'other-connector'
        ? {
            level: 'medium',
            because: 'the log shows another connector than the configuration gives, so that one may have changed since',
          }
        : { level: 'high', because: 'the configuration gives the connector that the log shows' },
  };
}

/** From far away it was hardly meant for the connector, unless one like it lands there. */
function isLikely(theCase: Case, connector: string, why: Why, client: string | null): boolean {
  if (why !== 'range') return true;
  if (theCase.twins.some((twin) => twin.connector.toLowerCase() === connector.toLowerCase())) return true;
  return isNear(connectorCalled(theCase.organisation, connector), client);
}

/** Where the connector does not name the client yet. */
const BY_ADDRESS: readonly Why[] = ['range', 'family'];

/** That it tried to relay does not say that it may; a twin that does speaks for it. */
function condition(
  { source, connector }: ExaminedSession,
  sign: Sign,
  meant: ReceiveConnector,
  { organisation }: Case,
): Remedy[] {
  if (isPublic(source!) || !relaysPerhaps(organisation, meant)) return [];
  return [
    ...(replyIdOf(sign) === 'relay-denied'
      ? []
      : [
          advice(
            `If ${source} is to reach addresses of the organisation only, leave "${meant.name}" as it is, and see why "${partsOf(connector).name}" takes no mail without a logon (AnonymousUsers is missing in its PermissionGroups), or let the client log on at port 587.`,
          ),
        ]),
    advice(`If ${source} may send to the outside, as the clients of "${meant.name}" may:`),
  ];
}

/** Whether the connector would let the client do what it was refused here: one made for something else is not meant. */
function lets({ organisation }: Case, identity: string, sign: Sign): boolean {
  const connector = connectorCalled(organisation, identity);
  if (!connector) return false;
  if (replyIdOf(sign) === 'relay-denied') return relaysPerhaps(organisation, connector);
  const { permissions, knownBy } = effectiveRights(
    connector,
    rightsOf(organisation, connector),
    unauthenticatedPrincipal(connector),
  );
  return permissions.includes('SMTPSubmit') || knownBy === 'nothing';
}

type Why = NonNullable<ExaminedSession['attribution']>['missed'][number]['why'];

function remedyOf(session: ExaminedSession, theCase: Case, meant: ReceiveConnector, why: Why): Remedy[] {
  const client = session.source!;
  const port = portOf(session);
  const { organisation } = theCase;
  switch (why) {
    case 'range':
    case 'size': {
      if (isPublic(client))
        return [
          advice(
            `${client} is a public address: let it relay only if the host behind it is yours alone, and then by itself, never by a range around it.`,
          ),
          addClient(meant, client),
        ];
      const server = serverOf(organisation, meant.server)!;
      if (!addingHelps(server, meant, client, port))
        return [
          advice(
            `Another connector of ${meant.server} has ${client} in a range as small: take it out there before you add it to "${meant.name}" ("relaylens match ${client}" shows which).`,
          ),
        ];
      const others = twinsWithoutClient(organisation, meant, client, port);
      return [
        addClient(meant, client),
        ...(others.length > 0
          ? [
              advice(
                `Also on ${enumerate(others.map((one) => one.server))}: whoever reaches it there under the same name fails as well.`,
              ),
              ...others.map((one) => addClient(one, client)),
            ]
          : []),
      ];
    }
    case 'family':
      return [
        advice(
          `The client came by IPv6 (${client}). Either give "${meant.name}" an IPv6 binding and the client's IPv6 range, or take the AAAA record of the name that the device uses out of DNS, so that it comes by IPv4.`,
        ),
        setConnector(meant, { Bindings: { add: [`[::]:${port}`] }, RemoteIPRanges: { add: [client] } }),
      ];
    case 'disabled':
      return [setConnector(meant, { Enabled: true })];
    case 'server-lacks-it':
      return [
        advice(
          `${session.server} has no such connector: "relaylens connectors copy --from ${meant.server} --to ${session.server}" prints the commands that make it.`,
        ),
      ];
    case 'port':
    case 'binding':
    case 'role':
    case 'tie':
      return [
        advice(
          `Decide which of the two connectors is meant for ${client}: "relaylens match ${client} --to ${session.localEndpoint}" shows what keeps "${meant.name}" from it.`,
        ),
      ];
  }
}

// --- by a twin ----------------------------------------------------------------------------------------------------

/** Without configuration: one like it, on the same server, lands on another connector and does what this one may not. */
function byTwin(session: ExaminedSession, sign: Sign, theCase: Case): Diagnosed | undefined {
  if (theCase.configurations.length > 0) return undefined;
  const { lastGood } = theCase;
  const twin = [...(lastGood ? [lastGood] : []), ...theCase.twins].find(
    (one) =>
      one.direction === 'receive' &&
      one.server === session.server &&
      one.connector !== session.connector &&
      portOf(one) === portOf(session) &&
      one.authResult !== 'success' &&
      acceptedRow(one, sign).length > 0,
  );
  if (!twin || twin.source === null) return undefined;
  const itself = twin === lastGood;
  return {
    cause: itself
      ? `It arrived on ${landedOn(session)}. On ${moment(Date.parse(twin.startedAt))} it arrived on ${landedOn(twin)}, and got through. Most likely the remote IP ranges of that connector held ${session.source} then${Date.parse(twin.startedAt) < Date.parse(session.startedAt) ? ' and do not now' : ', and not before'}.`
      : `It arrived on ${landedOn(session)}. Its twin ${twin.source} works: it arrives on ${landedOn(twin)}. Most likely the remote IP ranges of that connector hold the twin and not ${session.source}.`,
    evidence: acceptedRow(twin, sign),
    remedy: [
      advice(`See whether the ranges of ${landedOn(twin)} hold ${session.source}, and add it there if it may relay:`),
      { kind: 'powershell', text: getRanges(twin) },
      setConnector(sketch(twin), { RemoteIPRanges: { add: [session.source ?? ''] } }),
    ],
    confidence: {
      level: 'medium',
      because: itself ? 'the same client worked on another connector' : 'a client of the same kind works on another connector',
    },
    unknown: [
      'Which ranges the connectors have is not in the logs: import Get-ReceiveConnector with "relaylens config import", and the cause is certain.',
    ],
  };
}

const sketch = ({ connector, server }: ExaminedSession): ReceiveConnector => {
  const { name, server: own } = partsOf(connector);
  return { server: own || server, name, bindings: [], remoteIPRanges: [], properties: {}, others: {} };
};

const getRanges = (twin: ExaminedSession): string =>
  `${setConnector(sketch(twin), {}).text.replace('Set-', 'Get-').trim()} | Format-List Bindings, RemoteIPRanges`;

/** Where the twin got what this client wants: 250 for a recipient outside. */
function acceptedRow(twin: ExaminedSession, sign: Sign): Evidence[] {
  const domain = sign.kind === 'refusal' ? domainOf(sign.recipient ?? '') : '';
  const recipients = twin.transactions.flatMap(({ recipients: all }) => all).filter(({ accepted }) => accepted);
  const relays = twin.relayRight?.mayRelay === 'yes';
  const place = recipients.findIndex(({ address }) => domainOf(address) === domain || (relays && domain === ''));
  const replies = twin.events.flatMap(({ event, data }, index) => (event === '>' && data.startsWith('250 2.1.5') ? [index] : []));
  const index = replies[place >= 0 ? place : relays ? 0 : -1];
  return index === undefined ? [] : rowAt(twin, index);
}

const domainOf = (address: string): string => address.split('@')[1]?.toLowerCase() ?? '';
