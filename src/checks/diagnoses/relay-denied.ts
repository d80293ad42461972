/** The recipient is outside, and the sessions of the connector may not send there. */
import { partsOf, type ReceiveConnector } from '../../connector/connector.ts';
import type { Case, ExaminedSession } from '../../queries/cases/case.ts';
import { replyById } from '../../smtp/reply-catalogue.ts';
import type { Diagnosed, SessionDiagnosis } from '../diagnosis.ts';
import { configuredConnector, connectorCalled, isDefault, landedOn } from '../evidence/client-place.ts';
import { misspelling } from '../evidence/misspelling.ts';
import { isOnlineClient } from '../evidence/online-client.ts';
import type { Sign } from '../evidence/sign.ts';
import {
  DEFAULT_FRONTEND,
  greeted,
  mailFrom,
  QUIT,
  RELAY_CONNECTOR,
  relayRefusedSession,
  tarpitted,
  UNABLE_TO_RELAY,
  workingSession,
} from '../examples/example-sessions.ts';
import type { Remedy } from '../finding.ts';
import { propertyEvidence } from '../finding.ts';
import { isPublic, isWide, publicRanges } from '../ranges/address-space.ts';
import { ANONYMOUS_RELAY, section } from '../references.ts';
import { advice, getConnector, powershell, showRights } from '../remedies/commands.ts';
import { filled, fillingOf } from '../remedies/filled-remedy.ts';
import { relaysPerhaps } from '../remedies/safe-change.ts';

export const relayDenied: SessionDiagnosis = {
  kind: 'session',
  id: 'relay-denied',
  title: 'It may not send to the outside here',
  why: 'Without the right to relay a client reaches the accepted domains of the organisation and nobody else.',
  severity: 'high',
  references: [ANONYMOUS_RELAY, section('5.1'), section('6')],
  signs: ['relay-denied'],
  examples: {
    fires: [
      {
        about: 'the default connector, and no connector relays',
        configuration: { connectors: [DEFAULT_FRONTEND], acceptedDomains: ['contoso.example'] },
        sessions: [{ rows: relayRefusedSession('MFP-02') }],
        says: [/connectors new/],
      },
      {
        about: 'a connector made for relaying that never got the right',
        configuration: {
          connectors: [DEFAULT_FRONTEND, { ...RELAY_CONNECTOR, PermissionGroups: ['AnonymousUsers'], anonymousRights: [] }],
        },
        sessions: [{ from: '10.0.20.11', connector: 'EX01\\Anon Relay EX01', rows: relayRefusedSession('MFP-01') }],
        says: ['Add-ADPermission'],
      },
      {
        about: 'a connector without the right whose ranges hold everybody',
        configuration: {
          connectors: [DEFAULT_FRONTEND, { id: 'EX01\\Apps', from: '10.0.0.0/8', PermissionGroups: ['AnonymousUsers'] }],
        },
        sessions: [{ connector: 'EX01\\Apps', rows: relayRefusedSession('MFP-02') }],
        says: [/Do not give the right to "Apps"/],
      },
      {
        about: 'somebody on the Internet looks for an open relay',
        sessions: [{ from: '203.0.113.77', rows: relayRefusedSession('friend') }],
        says: [/open relay/, /nothing has to be done/],
      },
      {
        about: 'Exchange Online hands over mail for a domain that is not accepted here',
        configuration: { connectors: [DEFAULT_FRONTEND, RELAY_CONNECTOR], acceptedDomains: ['contoso.example'] },
        sessions: [{ from: '40.107.19.96', rows: relayRefusedSession('EUR05-DB8-obe.outbound.protection.outlook.com') }],
        says: [/Exchange Online/, /hybrid/, /Give no address of Exchange Online the right to relay/, 'Get-AcceptedDomain'],
      },
      {
        about: 'a relay connector that should have taken it, by a configuration that is not that of the session',
        configuration: {
          connectors: [DEFAULT_FRONTEND, { ...RELAY_CONNECTOR, from: '10.0.20.10-10.0.20.12' }],
          acceptedDomains: ['contoso.example'],
        },
        sessions: [{ rows: relayRefusedSession('MFP-02') }],
        says: [/should have landed on "Anon Relay EX01", which may relay/, /Export the configuration again/],
      },
      {
        about: 'a slip in the own domain',
        configuration: { connectors: [DEFAULT_FRONTEND, RELAY_CONNECTOR], acceptedDomains: ['contoso.example'] },
        sessions: [{ rows: relayRefusedSession('app').replace('partner@fabrikam.example', 'anna@contoso.exmaple') }],
        says: [
          /contoso\.exmaple is none of the accepted domains/,
          /most likely contoso\.example was meant/,
          /Correct the address/,
        ],
      },
      {
        about: 'nothing is known but the refusal, in the words of 2013',
        sessions: [
          {
            rows: `${greeted('MFP-02')}\n${mailFrom()}\n< RCPT TO:<partner@fabrikam.example>\n${tarpitted('550 5.7.1 Unable to relay')}\n${QUIT}`,
          },
        ],
        says: [/config import/],
      },
      {
        about: 'it left before it heard so',
        sessions: [
          {
            rows: `${greeted('MFP-02')}\n${mailFrom()}\n< RCPT TO:<partner@fabrikam.example>\n@0 * Tarpit for '0.00:00:05' due to '${UNABLE_TO_RELAY}'\n@3000 - | Remote(ConnectionReset)`,
          },
        ],
        says: [/left before it heard so/, /fabrikam\.example is none of the accepted domains/],
      },
    ],
    silent: [
      { about: 'the recipient is taken', sessions: [{ rows: workingSession('MFP-02') }] },
      {
        about: 'the recipient does not exist',
        sessions: [
          {
            rows: `${greeted('MFP-02')}\n${mailFrom()}\n< RCPT TO:<nobody@contoso.example>\n${tarpitted('550 5.1.1 User unknown')}\n${QUIT}`,
          },
        ],
      },
    ],
  },
  diagnose({ sign }, { session }, theCase) {
    if (session.direction === 'send') return undefined;
    const recipient = sign.kind === 'refusal' ? sign.recipient : null;
    const domain = recipient?.split('@')[1];
    const connector = configuredConnector(theCase, session);
    const right = session.relayRight;
    const whose = domain
      ? `${domain} is none of the accepted domains`
      : 'The domain of the recipient is none of the accepted ones';
    const mayBySettings = right?.mayRelay === 'yes' && right.knownBy !== 'log';
    if (connector && mayBySettings)
      return {
        cause: `${whose}. By the configuration that was imported, sessions of ${landedOn(session)} may relay, and yet the server refused: it was exported at another time than this happened, or on another server.`,
        evidence: propertyEvidence(connector, 'PermissionGroups', 'AuthMechanism'),
        remedy: [advice('Export the configuration again, import it, and ask again.'), showRights(connector)],
        confidence: { level: 'low', because: 'the log and the configuration contradict each other' },
      };
    const meant = misspelling(sign, theCase);
    if (meant) {
      const own = theCase.organisation.acceptedDomains !== null;
      return {
        severity: 'medium',
        cause: `${whose}: most likely ${meant} was meant, and the address was mistyped.`,
        evidence: [],
        remedy: [
          advice(`Correct the address ${recipient} on the device or in the application, or in its address book.`),
          advice(
            'Only if that domain is really another one outside, it is a matter of the right to relay: ask whether the client may send there.',
          ),
        ],
        confidence: own
          ? { level: 'medium', because: `the domain is all but ${meant}` }
          : { level: 'low', because: `the domain is all but that of the sender, ${meant}` },
        unknown: own ? [] : ['Whether one of them is an own domain is not in the logs: import Get-AcceptedDomain.'],
      };
    }
    if (isOnlineClient(session)) return fromOnline(session, whose, domain, connector);
    const expected = expectedRelay(session, theCase);
    if (expected) return elsewhereByConfiguration(session, whose, expected);
    const custom = !isDefault(session) && session.connector !== '';
    const outsider = session.source !== null && isPublic(session.source);
    return {
      ...(outsider ? { severity: 'low' as const } : {}),
      cause: [
        `${whose}, and sessions of ${landedOn(session)} may not relay${session.authResult === 'success' ? ', although the client logged on' : ''}.`,
        custom
          ? 'The connector was made for certain clients, but the right to relay (Accept-Any-Recipient) is missing there.'
          : '',
        !custom && connector ? 'No connector that may relay holds the address of the client.' : '',
        !connector && session.source?.includes(':') ? 'It came by IPv6: a connector with IPv4 ranges alone never takes it.' : '',
        outsider
          ? 'The client is on the Internet: where nobody of yours is behind it, somebody tries for an open relay, and it is right that he fails.'
          : '',
      ]
        .filter(Boolean)
        .join(' '),
      evidence: connector ? propertyEvidence(connector, 'PermissionGroups') : [],
      remedy: outsider
        ? [
            advice('If nobody of yours is behind the address, nothing has to be done.'),
            advice('If it is a host of your own, give it a relay connector for that one address alone, or have it log on.'),
          ]
        : custom
          ? giveRight(session, sign, connector)
          : relayConnectorFor(session),
      confidence: connector
        ? { level: 'high', because: 'the configuration says the same' }
        : { level: 'medium', because: 'the reply says it' },
      unknown: connector
        ? []
        : [
            'Whether a relay connector exists that should have taken the client is not in the logs: import Get-ReceiveConnector and Get-ADPermission with "relaylens config import".',
          ],
    };
  },
};

/** The relay connector on which the client should have landed by the configuration; undefined where it landed as it should. */
function expectedRelay({ attribution }: ExaminedSession, { organisation }: Case): ReceiveConnector | undefined {
  if (attribution?.verdict !== 'other-connector' || attribution.expected === null) return undefined;
  const expected = connectorCalled(organisation, attribution.expected);
  return expected && relaysPerhaps(organisation, expected) ? expected : undefined;
}

/** Log and configuration are not of one time: another connector for the client would be the second that has it. */
function elsewhereByConfiguration(session: ExaminedSession, whose: string, expected: ReceiveConnector): Diagnosed {
  const later = session.attribution?.configurationIsLater === true;
  const show = powershell(`${getConnector(expected)} | Format-List Enabled, Bindings, RemoteIPRanges, WhenChanged`);
  return {
    cause: `${whose}, and sessions of ${landedOn(session)} may not relay. By the configuration that was imported ${session.source} should have landed on "${expected.name}", which may relay: ${later ? 'it was exported after the session, so most likely the client was added in between' : 'it was changed between the export and the session, or the change has not reached the service'}.`,
    evidence: propertyEvidence(expected, 'PermissionGroups'),
    remedy: later
      ? [advice('Let the client send again: if it lands on that connector now, nothing is left to be done.'), show]
      : [advice('Export the configuration again, import it, and ask again.'), show],
    confidence: later
      ? { level: 'medium', because: 'the configuration that was imported is later than the session' }
      : { level: 'low', because: 'the log and the configuration contradict each other' },
  };
}

/** All tenants send from the same addresses: who lets one of them relay lets everybody relay. */
function fromOnline(
  { connector: name, source }: ExaminedSession,
  whose: string,
  domain: string | undefined,
  connector: ReceiveConnector | undefined,
): Diagnosed {
  const { server } = partsOf(name);
  return {
    severity: 'medium',
    cause: `${whose}, and ${source} is Exchange Online: of your own tenant, as in a hybrid organisation, or of a stranger's, for all of them send from the same addresses. If it is yours, either the domain is missing among the accepted ones here, or the tenant sends its outgoing mail through this server (centralised mail transport) and is not recognised as yours.`,
    evidence: connector ? propertyEvidence(connector, 'TlsDomainCapabilities', 'PermissionGroups') : [],
    remedy: [
      advice('Give no address of Exchange Online the right to relay: every tenant could relay then.'),
      ...(domain
        ? [
            advice(`If ${domain} is yours, it has to be an accepted domain here (InternalRelay where its mailboxes are online):`),
            powershell('Get-AcceptedDomain | Format-Table Name, DomainName, DomainType'),
          ]
        : []),
      advice(
        'If outgoing mail of the tenant is to leave through this server, run the hybrid configuration wizard again: the connector recognises the tenant by its certificate and by TlsDomainCapabilities.',
      ),
      powershell(`${getConnector(partsNamed(name, server))} | Format-List TlsCertificateName, TlsDomainCapabilities, Fqdn`),
      advice('If it is a stranger, it is right that he fails.'),
    ],
    confidence: { level: 'medium', because: 'the address or the hello name is that of Exchange Online' },
    unknown: ['Which tenant it was is not in the log.'],
  };
}

const partsNamed = (identity: string, server: string) => ({ server, name: partsOf(identity).name });

const RELAY_COMMAND = replyById('relay-denied').remedy.flatMap(({ kind, text }) =>
  kind === 'exchange' && text.includes('Add-ADPermission') ? [text] : [],
);

/** Never to a connector of which strangers are clients: whoever its ranges hold could relay then. */
function giveRight(session: ExaminedSession, sign: Sign, connector: ReceiveConnector | undefined): Remedy[] {
  if (connector && (publicRanges(connector.remoteIPRanges).length > 0 || connector.remoteIPRanges.some(isWide)))
    return [
      advice(
        `Do not give the right to ${landedOn(session)}: its ranges hold far more addresses than this one, and all of them could relay then.`,
      ),
      ...relayConnectorFor(session),
    ];
  return [
    ...(connector ? [] : [advice('See first whom the connector takes:'), showRanges(session)]),
    advice('If everybody whom its ranges hold may send to the outside, give the connector the right:'),
    ...RELAY_COMMAND.map((text) => powershell(filled(text, fillingOf(session, sign)))),
  ];
}

const showRanges = ({ connector, server }: ExaminedSession): Remedy => {
  const { name, server: own } = partsOf(connector);
  return powershell(`${getConnector({ server: own || server, name })} | Format-List Bindings, RemoteIPRanges`);
};

function relayConnectorFor({ source, server, connector }: ExaminedSession): Remedy[] {
  const on = server || partsOf(connector).server || '<server>';
  return [
    advice(
      `If the client may send to the outside, give it a relay connector of its own, never the default one: "relaylens connectors new 'Anonymous Relay' --server ${on} --ranges ${source ?? '<address>'} --relay anonymous" prints the commands.`,
    ),
    advice(
      'If the address was a slip, correct it on the device; if the domain is your own, it is missing among the accepted domains.',
    ),
  ];
}
