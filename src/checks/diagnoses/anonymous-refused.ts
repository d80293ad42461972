/** Mail without a logon, on a connector that takes none. */
import { partsOf } from '../../connector/connector.ts';
import type { Case, ExaminedSession } from '../../queries/cases/case.ts';
import type { Diagnosed, SessionDiagnosis } from '../diagnosis.ts';
import { configuredConnector, isDefault, landedOn, portOf } from '../evidence/client-place.ts';
import { anybodyMaySubmit } from '../evidence/failed-logon.ts';
import { rowAt } from '../evidence/row-evidence.ts';
import {
  DEFAULT_FRONTEND,
  delivered,
  deniedLogon,
  greeted,
  QUIT,
  secured,
  workingSession,
} from '../examples/example-sessions.ts';
import { type Evidence, propertyEvidence, type Remedy } from '../finding.ts';
import { isPublic } from '../ranges/address-space.ts';
import { RECEIVE_CONNECTORS, replySection, section } from '../references.ts';
import { advice } from '../remedies/commands.ts';
import { addGroup, showConnector } from '../remedies/permission-group-change.ts';

const REFUSED = '530 5.7.57 SMTP; Client was not authenticated to send anonymous mail during MAIL FROM';
const refused = (words = REFUSED): string =>
  `< MAIL FROM:<scan@contoso.example>\n@0 * Tarpit for '0.00:00:05' due to '${words}'\n@5005 > ${words}\n- | Local`;
const refusedA = refused('530 5.7.1 Client was not authenticated');
const both = (rows: string, rest = ''): { rows: string; rowsA: string } => ({
  rows: `${rows}\n${refused()}${rest}`,
  rowsA: `${rows}\n${refusedA}${rest}`,
});

export const anonymousRefused: SessionDiagnosis = {
  kind: 'session',
  id: 'anonymous-refused',
  title: 'This connector takes no mail without a logon',
  why: 'Without the permission group AnonymousUsers a connector refuses MAIL FROM of everybody who has not logged on, and hangs up.',
  severity: 'high',
  references: [RECEIVE_CONNECTORS, section('4.1'), replySection('C6')],
  signs: ['client-not-authenticated'],
  examples: {
    fires: [
      {
        about: 'a mail server on the Internet: it gets no relay connector',
        configuration: { connectors: [{ ...DEFAULT_FRONTEND, PermissionGroups: ['ExchangeServers'] }] },
        sessions: [
          {
            from: '203.0.113.12',
            rows: `${greeted('mx.fabrikam.example')}\n< MAIL FROM:<anna@fabrikam.example>\n> 530 5.7.57 SMTP; Client was not authenticated to send anonymous mail during MAIL FROM\n- | Local`,
          },
        ],
        says: [/mail from the Internet is to come another way/],
      },
      {
        about: 'port 587 without a logon',
        sessions: [
          {
            connector: 'EX01\\Client Frontend EX01',
            to: '10.0.0.5:587',
            ...both(`${greeted('MFP-02')}\n${secured('MFP-02')}`),
          },
        ],
        says: [/port 587/, /port 25/, /never tried to log on/],
      },
      {
        about: 'a connector that was made without any group',
        configuration: {
          connectors: [
            DEFAULT_FRONTEND,
            { id: 'EX01\\Scanners', from: '10.0.20.12', PermissionGroups: [], AuthMechanism: ['Tls'] },
          ],
        },
        sessions: [{ connector: 'EX01\\Scanners', ...both(greeted('MFP-02')) }],
        says: [/no permission group/, 'Set-ReceiveConnector -Identity "EX01\\Scanners" -PermissionGroups AnonymousUsers'],
      },
      {
        about: 'AnonymousUsers was taken from the default front end',
        configuration: { connectors: [{ ...DEFAULT_FRONTEND, PermissionGroups: ['ExchangeServers', 'ExchangeLegacyServers'] }] },
        sessions: [both(greeted('MFP-02'))],
        says: ['-PermissionGroups ExchangeServers, ExchangeLegacyServers, AnonymousUsers', /Internet/],
      },
      {
        about: 'straight to the Hub',
        sessions: [{ connector: 'EX01\\Default EX01', to: '10.0.0.5:2525', service: 'Hub', ...both(greeted('app-01')) }],
        says: [/port 2525/, /port 25[,;]/],
      },
      {
        about: 'nothing was imported',
        sessions: [{ connector: 'EX01\\Scanners', ...both(greeted('MFP-02')) }],
        says: ['Get-ReceiveConnector -Identity "EX01\\Scanners"', /-notmatch '\^\(None\|Custom\)\$'\) \+ "AnonymousUsers"/],
      },
    ],
    silent: [
      {
        about: 'a logon failed before it: that is the root',
        sessions: [
          {
            connector: 'EX01\\Client Frontend EX01',
            to: '10.0.0.5:587',
            ...both(`${greeted('MFP-02')}\n${secured('MFP-02')}\n${deniedLogon('scan')}`),
          },
        ],
      },
      { about: 'mail is taken', sessions: [{ rows: workingSession('MFP-02') }] },
      {
        about: 'the sender is what is refused',
        sessions: [{ rows: `${greeted('MFP-02')}\n< MAIL FROM:<scan>\n> 501 5.1.7 Invalid address\n${QUIT}` }],
      },
      { about: 'two messages', sessions: [{ rows: `${greeted('MFP-02')}\n${delivered()}\n${delivered()}\n${QUIT}` }] },
    ],
  },
  diagnose({ sign }, { session }, theCase) {
    if (session.direction === 'send' || sign.kind !== 'refusal') return undefined;
    const connector = configuredConnector(theCase, session);
    const evidence: Evidence[] = [
      ...permissionsRow(session),
      ...(connector ? propertyEvidence(connector, 'PermissionGroups', 'AuthMechanism') : []),
    ];
    const submission = portOf(session) === 587 || /^client frontend /i.test(partsOf(session.connector).name);
    if (submission) return { ...forSubmission(session), evidence };
    if (BEHIND[portOf(session)]) return { ...behindFrontEnd(session), evidence };
    const groups = connector?.properties.PermissionGroups;
    if (connector && anybodyMaySubmit(theCase, session) === 'yes')
      return {
        cause: `The client did not log on, and ${landedOn(session)} refused its mail for that. By the configuration that was imported anybody may submit there: it was exported at another time than this happened, or the right was denied by hand.`,
        evidence,
        remedy: [
          ...showConnector(session, 'PermissionGroups', 'AuthMechanism'),
          advice('Export the configuration again, import it, and ask again.'),
        ],
        confidence: { level: 'low', because: 'the log and the configuration contradict each other' },
      };
    const none = groups !== undefined && groups.length === 0;
    return {
      cause: `The client did not log on, and ${landedOn(session)} takes no mail without a logon: ${
        none
          ? 'it has no permission group at all, as when it was made with "-Usage Custom" and nothing else, so nobody may submit there.'
          : 'the permission group AnonymousUsers is missing there.'
      }`,
      evidence,
      remedy: forAnonymous(session, theCase),
      confidence: connector
        ? { level: 'high', because: 'the configuration says the same' }
        : { level: 'high', because: 'the reply says that this connector does not let anonymous clients submit' },
      unknown: connector
        ? []
        : [
            'Whether another connector was meant to take this client is not in the logs: import Get-ReceiveConnector with "relaylens config import".',
          ],
    };
  },
};

/** What 2013 and before write at the beginning of each session: the rights, mostly None here. */
function permissionsRow(session: ExaminedSession): Evidence[] {
  const index = session.events.findIndex(({ event, context }) => event === '*' && context === 'Set Session Permissions');
  return index < 0 ? [] : rowAt(session, index);
}

/** Ports on which front ends and Hubs talk among themselves, and what for. */
const BEHIND: Readonly<Record<number, string>> = {
  465: 'for sessions of users that front ends hand to the Hub',
  717: 'for what Hubs send out through front ends',
  2525: 'for what front ends hand to the Hub',
};

function behindFrontEnd(session: ExaminedSession): Omit<Diagnosed, 'evidence'> {
  const port = portOf(session);
  return {
    cause: `The client sends to port ${port}, which Exchange has ${BEHIND[port]}; no mail without a logon is taken there. Clients belong to port 25, or with a logon to port 587.`,
    remedy: [
      advice(
        `Set the device to port 25 of ${session.server || 'the server'}; or, to log on, to port 587 with STARTTLS and the method LOGIN.`,
      ),
      advice(
        `Do not open ${landedOn(session)} for clients without a logon: everybody would get past what the front end keeps out.`,
      ),
    ],
    confidence: { level: 'high', because: `setup gives port ${port} to no client` },
  };
}

function forSubmission(session: ExaminedSession): Omit<Diagnosed, 'evidence'> {
  const server = session.server || 'the server';
  return {
    cause: `The client sends to ${portOf(session) === 587 ? 'port 587' : landedOn(session)}, which is for users who log on, and it never tried to log on.`,
    remedy: [
      advice(
        `If the device can send without a logon (to addresses of the organisation, or from the ranges of a relay connector), set it to port 25 of ${server}.`,
      ),
      advice(
        'Else switch SMTP authentication on there, with STARTTLS, the method LOGIN, and the user and password of a mailbox.',
      ),
      advice('Do not open port 587 for clients without a logon.'),
    ],
    confidence: { level: 'high', because: 'no AUTH stands in the session' },
  };
}

function forAnonymous(session: ExaminedSession, theCase: Case): Remedy[] {
  const add = addGroup(theCase, session, 'AnonymousUsers');
  if (isDefault(session))
    return [
      advice(
        'If this server also takes mail from the Internet or from other systems, they are refused as well: the group that setup gives this connector has to come back. Everybody who reaches it may then send to addresses of the organisation, not to the outside:',
      ),
      ...add,
      advice(
        session.source !== null && isPublic(session.source)
          ? 'If it was taken away on purpose, mail from the Internet is to come another way, and nothing has to be done for this client.'
          : `If it was taken away on purpose, give ${session.source ?? 'the client'} a relay connector of its own instead, or let it log on at port 587.`,
      ),
    ];
  return [
    ...showConnector(session, 'PermissionGroups', 'AuthMechanism', 'RemoteIPRanges'),
    advice(
      'If its clients are to send without a logon, let them; by that alone they may send to addresses of the organisation only:',
    ),
    ...add,
    advice('If they are to log on, enter user and password on the device, and give the group ExchangeUsers instead.'),
  ];
}
