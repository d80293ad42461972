/** The client wants to log on in a way that the connector does not offer, or not yet, or never. */
import type { ReceiveConnector } from '../../connector/connector.ts';
import type { Case, ExaminedSession } from '../../queries/cases/case.ts';
import type { SessionDiagnosis } from '../diagnosis.ts';
import { configuredConnector, configuredSurety, landedOn, missedWords, portOf } from '../evidence/client-place.ts';
import { anybodyMaySubmit, isStranger, STRANGER, STRANGER_REMEDY, usersMaySubmit } from '../evidence/failed-logon.ts';
import { mechanismWords, type Offer, offerBefore, offerRow, offersOf } from '../evidence/offer.ts';
import {
  DEFAULT_FRONTEND,
  delivered,
  deniedLogon,
  greeted,
  QUIT,
  RELAY_CONNECTOR,
  secured,
  tarpitted,
} from '../examples/example-sessions.ts';
import { type Evidence, propertyEvidence, type Remedy } from '../finding.ts';
import { RECEIVE_CONNECTORS, replySection, section } from '../references.ts';
import { advice, setConnector } from '../remedies/commands.ts';
import { showConnector } from '../remedies/permission-group-change.ts';

const REFUSED = tarpitted('504 5.7.4 Unrecognized authentication type');
const wanting = (mechanism: string): string => `< AUTH ${mechanism}\n${REFUSED}`;
const AT_587 = { connector: 'EX01\\Client Frontend EX01', to: '10.0.0.5:587' };
const CLIENT_FRONTEND = {
  id: 'EX01\\Client Frontend EX01',
  on: '0.0.0.0:587',
  PermissionGroups: ['ExchangeUsers'],
  AuthMechanism: ['Tls', 'Integrated', 'BasicAuth', 'BasicAuthRequireTLS'],
} as const;

export const mechanismNotOffered: SessionDiagnosis = {
  kind: 'session',
  id: 'mechanism-not-offered',
  title: 'The way to log on is not offered here',
  why: 'Exchange offers LOGIN only inside TLS, PLAIN nowhere, and on relay connectors no logon at all: devices that try it all the same are refused.',
  severity: 'high',
  references: [RECEIVE_CONNECTORS, section('7.2'), replySection('C5')],
  signs: ['unrecognized-authentication-type'],
  examples: {
    fires: [
      {
        about: 'a relay connector, where nobody has to log on',
        configuration: { connectors: [DEFAULT_FRONTEND, RELAY_CONNECTOR] },
        sessions: [
          {
            from: '10.0.20.11',
            connector: 'EX01\\Anon Relay EX01',
            rows: `${greeted('MFP-01', 'SIZE 37748736, PIPELINING, STARTTLS, 8BITMIME')}\n${wanting('LOGIN')}\n${QUIT}`,
          },
        ],
        says: [/no logon at all, inside TLS neither/, /takes mail without a logon/, /empty the fields/],
      },
      {
        about: 'it should have come to the relay connector, where nobody has to log on',
        configuration: { connectors: [DEFAULT_FRONTEND, RELAY_CONNECTOR] },
        sessions: [{ rows: `${greeted('MFP-02')}\n${wanting('LOGIN')}\n${QUIT}` }],
        says: ['Anon Relay EX01', '10.0.20.10-10.0.20.11'],
      },
      {
        about: 'LOGIN before STARTTLS on port 587',
        configuration: { connectors: [DEFAULT_FRONTEND, CLIENT_FRONTEND] },
        sessions: [
          {
            ...AT_587,
            rows: `${greeted('MFP-02', 'SIZE 37748736, STARTTLS, AUTH GSSAPI NTLM, 8BITMIME')}\n${wanting('LOGIN')}\n${QUIT}`,
          },
        ],
        says: [/only after STARTTLS/, 'BasicAuthRequireTLS', /switch STARTTLS on/],
      },
      {
        about: 'PLAIN inside TLS, where LOGIN is offered',
        sessions: [{ ...AT_587, rows: `${greeted('app-01')}\n${secured('app-01')}\n${wanting('PLAIN AGEAYg==')}\n${QUIT}` }],
        says: [/PLAIN.*nowhere/, /method LOGIN/],
      },
      {
        about: 'the default front end of port 25, where LOGIN after STARTTLS would not do either',
        sessions: [
          {
            rows: `${greeted('MFP-02')}\n${wanting('LOGIN')}\n< MAIL FROM:<scan@contoso.example>\n* {message}\n> 250 2.1.0 Sender OK\n< RCPT TO:<partner@fabrikam.example>\n> 550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain\n${QUIT}`,
          },
        ],
        says: [/only NTLM/, /takes no users/],
      },
      {
        about: 'NTLM alone, inside TLS too',
        configuration: { connectors: [{ ...CLIENT_FRONTEND, AuthMechanism: ['Tls', 'Integrated'] }] },
        sessions: [
          {
            ...AT_587,
            rows: `${greeted('app-01')}\n${secured('app-01', '1_2', 'SIZE 37748736, AUTH NTLM, 8BITMIME')}\n${wanting('LOGIN')}\n${QUIT}`,
          },
        ],
        says: ['-AuthMechanism Tls, Integrated, BasicAuth, BasicAuthRequireTLS'],
      },
    ],
    silent: [
      {
        about: 'PLAIN is refused and LOGIN then taken',
        sessions: [
          {
            ...AT_587,
            rows: `${greeted('app-01')}\n${secured('app-01')}\n${wanting('PLAIN')}\n< AUTH LOGIN\n> 334 <authentication response>\n* scan | authenticated\n> 235 2.7.0 Authentication successful\n${delivered()}\n${QUIT}`,
          },
        ],
      },
      {
        about: 'PLAIN is refused, LOGIN goes on, and the password is wrong',
        sessions: [
          { ...AT_587, rows: `${greeted('app-01')}\n${secured('app-01')}\n${wanting('PLAIN')}\n${deniedLogon('scan')}\n${QUIT}` },
        ],
      },
      { about: 'no logon is tried', sessions: [{ rows: `${greeted('app-01')}\n${delivered()}\n${QUIT}` }] },
      {
        about: 'TLS failed before it: that is the root',
        sessions: [
          {
            rows: `${greeted('app-01', 'SIZE 37748736, AUTH NTLM')}\n< STARTTLS\n${tarpitted('500 5.3.3 Unrecognized command')}\n${wanting('LOGIN')}\n${QUIT}`,
          },
        ],
      },
    ],
  },
  diagnose({ sign }, { session }, theCase) {
    if (session.direction === 'send' || sign.kind !== 'refusal') return undefined;
    const wanted = (sign.command?.event.data.trim().split(/\s+/)[1] ?? session.authMechanism ?? '').toUpperCase();
    const place = sign.command?.index ?? sign.row?.index ?? session.events.length;
    const offer = offerBefore(session, place);
    if (offer?.mechanisms?.includes(wanted)) return undefined;
    const connector = configuredConnector(theCase, session);
    const standing = standingOf(offer, laterOffer(session, theCase), connector);
    const useless = usersMaySubmit(theCase, session);
    const anonymous = anybodyMaySubmit(theCase, session);
    const stranger = isStranger(session, theCase);
    return {
      ...(stranger ? { severity: 'medium' as const } : {}),
      cause: [
        offered(wanted, offer, standing, session),
        meaningOf(standing, wanted, connector),
        uselessWords(standing, useless, session),
        anonymous === 'yes' ? `${landedOn(session)} takes mail without a logon.` : '',
        missedWords(session, theCase),
        stranger ? STRANGER : '',
      ]
        .filter(Boolean)
        .join(' '),
      evidence: evidenceOf(session, offer, connector),
      remedy: [...(stranger ? [STRANGER_REMEDY] : []), ...remedyFor(standing, wanted, session, connector, useless)],
      confidence:
        standing === 'unknown'
          ? { level: 'medium', because: 'the log does not show what the connector offers inside TLS' }
          : connector
            ? configuredSurety(session, 'so say the answer to EHLO and the configuration')
            : { level: 'high', because: 'the answer to EHLO says so' },
      unknown:
        standing === 'unknown'
          ? [
              'Whether the connector offers LOGIN inside TLS is neither in this session nor in another one: import Get-ReceiveConnector with "relaylens config import".',
            ]
          : [],
    };
  },
};

/** `none`: no logon on this connector. `after-tls`: LOGIN inside TLS. `now`: LOGIN here. `no-login`: others, but not LOGIN. */
type Standing = 'none' | 'after-tls' | 'now' | 'no-login' | 'unknown';

function standingOf(offer: Offer | undefined, later: Offer | undefined, connector: ReceiveConnector | undefined): Standing {
  if (offer?.mechanisms?.includes('LOGIN')) return 'now';
  if (offer?.secured) return offer.mechanisms === null ? 'none' : 'no-login';
  const configured = connector?.properties.AuthMechanism;
  if (configured) {
    if (configured.includes('BasicAuth')) return configured.includes('BasicAuthRequireTLS') ? 'after-tls' : 'unknown';
    return configured.includes('Integrated') ? 'no-login' : 'none';
  }
  if (later) return later.mechanisms?.includes('LOGIN') ? 'after-tls' : later.mechanisms === null ? 'none' : 'no-login';
  if (offer && !offer.startTls) return offer.mechanisms === null ? 'none' : 'no-login';
  return 'unknown';
}

/** What the same connector offers inside TLS, by another row of the session or another session. */
function laterOffer(session: ExaminedSession, { lastGood, twins, failing }: Case): Offer | undefined {
  const others = [session, lastGood, ...twins, ...failing.map((group) => group.session)];
  for (const one of others) {
    if (!one || one.connector !== session.connector || one.direction !== session.direction) continue;
    const inside = offersOf(one).find(({ secured: isInside }) => isInside);
    if (inside) return inside;
  }
  return undefined;
}

function offered(wanted: string, offer: Offer | undefined, standing: Standing, session: ExaminedSession): string {
  const wants = wanted ? `The client wants to log on with ${wanted}` : 'The client wants to log on';
  if (!offer) return `${wants}, and the server does not offer that; its answer to EHLO is not in the log, as after HELO.`;
  const where =
    standing === 'none' ? ', inside TLS neither' : offer.secured ? ' inside TLS' : ', as long as the session is not encrypted';
  return `${wants}; ${landedOn(session)} offers ${mechanismWords(offer)}${where}.`;
}

function meaningOf(standing: Standing, wanted: string, connector: ReceiveConnector | undefined): string {
  const never = ['PLAIN', 'XOAUTH2', 'CRAM-MD5', 'DIGEST-MD5'].includes(wanted)
    ? `Exchange Server offers ${wanted} nowhere.`
    : '';
  switch (standing) {
    case 'none':
      return never;
    case 'after-tls':
      return `${never ? `${never} ` : ''}LOGIN is offered here only after STARTTLS${connector?.properties.AuthMechanism?.includes('BasicAuthRequireTLS') ? ' (BasicAuthRequireTLS)' : ''}, and the client did not start TLS.`;
    case 'now':
      return never || 'LOGIN is offered.';
    case 'no-login':
      return `${never ? `${never} ` : ''}User and password (LOGIN) are not offered on this connector, inside TLS neither.`;
    case 'unknown':
      return `${never ? `${never} ` : ''}Mostly LOGIN is offered only after STARTTLS, and the client did not start TLS.`;
  }
}

function uselessWords(standing: Standing, useless: string, session: ExaminedSession): string {
  if (standing === 'none') return '';
  if (useless === 'no') return `Even inside TLS ${landedOn(session)} takes no users: they may not submit there.`;
  return useless === 'likely-not'
    ? `Even inside TLS ${landedOn(session)}, as setup makes it, takes no users: they may not submit there.`
    : '';
}

function evidenceOf(session: ExaminedSession, offer: Offer | undefined, connector: ReceiveConnector | undefined): Evidence[] {
  return [
    ...(offer ? offerRow(session, offer, /[ -]AUTH\b/) : []),
    ...(connector ? propertyEvidence(connector, 'AuthMechanism', 'PermissionGroups') : []),
  ];
}

function remedyFor(
  standing: Standing,
  wanted: string,
  session: ExaminedSession,
  connector: ReceiveConnector | undefined,
  useless: ReturnType<typeof usersMaySubmit>,
): Remedy[] {
  const at587 = portOf(session) === 587;
  const empty = advice(
    at587
      ? 'To send without a logon, as on a relay connector: use port 25, with the fields for user and password empty.'
      : 'To send without a logon, as on a relay connector: empty the fields for user and password on the device, or switch SMTP authentication off there.',
  );
  const submission = advice('To log on: port 587, STARTTLS, and the method LOGIN.');
  const method = wanted === 'LOGIN' || wanted === '' ? '' : ', and choose the method LOGIN';
  if (standing === 'none') return [empty, submission];
  if (useless === 'no' || useless === 'likely-not')
    return [empty, submission, ...showConnector(session, 'AuthMechanism', 'PermissionGroups')];
  switch (standing) {
    case 'after-tls':
      return [advice(`If the device has to log on, switch STARTTLS on there (not SSL)${method}.`), empty];
    case 'now':
      return [advice('If the device has to log on, choose the method LOGIN there.'), empty];
    case 'unknown':
      return [
        advice(`If the device has to log on, switch STARTTLS on there (not SSL)${method}.`),
        empty,
        ...showConnector(session, 'AuthMechanism', 'PermissionGroups'),
      ];
    case 'no-login': {
      const configured = connector?.properties.AuthMechanism;
      return [
        ...(at587 ? [] : [submission]),
        empty,
        ...showConnector(session, 'AuthMechanism', 'PermissionGroups'),
        ...(connector && configured && !configured.includes('ExternalAuthoritative')
          ? [
              advice(
                'Or let this connector take user and password, inside TLS only; everybody whom its ranges hold can then try passwords:',
              ),
              setConnector(connector, {
                AuthMechanism: [...new Set([...configured, 'Tls', 'BasicAuth', 'BasicAuthRequireTLS'])],
              }),
            ]
          : []),
      ];
    }
  }
}
