/** The password is right, and users may not submit on the connector that took the session: mostly port 25. */
import { partsOf } from '../../connector/connector.ts';
import type { Case, ExaminedSession } from '../../queries/cases/case.ts';
import type { SessionDiagnosis } from '../diagnosis.ts';
import { configuredConnector, isDefault, landedOn, missedWords, portOf } from '../evidence/client-place.ts';
import { failedLogon, usersMaySubmit, userWords } from '../evidence/failed-logon.ts';
import { rowAt } from '../evidence/row-evidence.ts';
import { DEFAULT_FRONTEND, delivered, greeted, loggingOn, QUIT, refusedLogon, secured } from '../examples/example-sessions.ts';
import { propertyEvidence, type Remedy } from '../finding.ts';
import { RECEIVE_CONNECTORS, replySection, section } from '../references.ts';
import { advice, showRights } from '../remedies/commands.ts';
import { addGroup, showConnector } from '../remedies/permission-group-change.ts';

const opened = `${greeted('erp-01')}\n${secured('erp-01')}`;
const NO_RIGHT = "* | Inbound authentication failed because the client CONTOSO\\erp doesn't have submit permission.";
const refused = `${opened}\n${loggingOn}\n${NO_RIGHT}\n${refusedLogon}`;
const notAuthenticated = (words: string): string => `${refused}\n< MAIL FROM:<erp@contoso.example>\n> ${words}\n- | Local`;

export const missingSubmitRight: SessionDiagnosis = {
  kind: 'session',
  id: 'missing-submit-right',
  title: 'Right password, but users may not submit on this connector',
  why: 'Exchange answers 535 also where the password is right and the connector does not let users submit, as on port 25: people then change passwords in vain.',
  severity: 'high',
  references: [RECEIVE_CONNECTORS, section('3'), replySection('C5')],
  signs: ['authentication-failed', 'submit-right-missing', 'client-may-not-submit'],
  examples: {
    fires: [
      {
        about: 'port 25 of the default front end',
        configuration: { connectors: [DEFAULT_FRONTEND] },
        sessions: [{ rows: `${refused}\n${QUIT}` }],
        says: [
          'CONTOSO\\erp',
          /port 587/,
          'Set-ReceiveConnector -Identity "EX01\\Default Frontend EX01" -PermissionGroups AnonymousUsers, ExchangeServers, ExchangeLegacyServers, ExchangeUsers',
        ],
      },
      {
        about: 'it goes on without a logon: the refused MAIL is a consequence',
        configuration: { connectors: [{ ...DEFAULT_FRONTEND, PermissionGroups: ['ExchangeServers'] }] },
        sessions: [
          {
            rows: notAuthenticated('530 5.7.57 SMTP; Client was not authenticated to send anonymous mail during MAIL FROM'),
            rowsA: notAuthenticated('530 5.7.1 Client was not authenticated'),
          },
        ],
        says: ['CONTOSO\\erp'],
      },
      {
        about: 'a connector of its own, nothing imported',
        sessions: [{ connector: 'EX01\\Applications', rows: `${refused}\n${QUIT}` }],
        says: [
          'Get-ReceiveConnector -Identity "EX01\\Applications" | Format-List Name, PermissionGroups, AuthMechanism',
          /-split ', ' -notmatch '\^\(None\|Custom\)\$'\) \+ "ExchangeUsers"/,
        ],
      },
      {
        about: 'the logon is taken, and MAIL is not',
        sessions: [
          {
            connector: 'EX01\\Applications',
            rows: `${opened}\n${loggingOn}\n* CONTOSO\\erp | authenticated\n> 235 2.7.0 Authentication successful\n< MAIL FROM:<erp@contoso.example>\n> 550 5.7.1 Client does not have permissions to submit to this server\n- | Local`,
          },
        ],
        says: ['CONTOSO\\erp'],
      },
    ],
    silent: [
      {
        about: 'the password is wrong',
        configuration: { connectors: [DEFAULT_FRONTEND] },
        sessions: [
          {
            rows: `${opened}\n${loggingOn}\n* | Inbound AUTH LOGIN failed because of LogonDenied\n* | User Name: erp\n${refusedLogon}\n${QUIT}`,
          },
        ],
      },
      {
        about: 'the logon succeeds',
        sessions: [
          {
            rows: `${opened}\n${loggingOn}\n* CONTOSO\\erp | authenticated\n> 235 2.7.0 Authentication successful\n${delivered()}\n${QUIT}`,
          },
        ],
      },
    ],
  },
  diagnose({ sign }, { session }, theCase) {
    if (session.direction === 'send') return undefined;
    const { why, user, row } = failedLogon(sign, session);
    const atMail = sign.kind === 'refusal' && sign.refusal.command === 'mail';
    if (why !== 'submit-right' && !atMail) return undefined;
    const connector = configuredConnector(theCase, session);
    const groups = connector ? propertyEvidence(connector, 'PermissionGroups') : [];
    const entered = atMail ? session.events.findIndex(({ context }) => context === 'authenticated') : -1;
    const evidence = [...(row ? rowAt(session, row.index) : []), ...(entered < 0 ? [] : rowAt(session, entered)), ...groups];
    const who = userWords(atMail ? session.authUser : user);
    if (connector && usersMaySubmit(theCase, session) === 'yes')
      return {
        cause: `The password of ${who} is right, and the server says that this account may not submit on ${landedOn(session)}. By the configuration that was imported all users may: either the right is denied to this account, or the configuration has changed between.`,
        evidence,
        remedy: [
          showRights(connector),
          advice('Look for "Deny" in a line of this account or of one of its groups, and take it away.'),
        ],
        confidence: { level: 'low', because: 'the log and the configuration contradict each other' },
      };
    return {
      cause:
        `The password of ${who} is right. ${wordsFor(session)} does not let users submit: the permission group ExchangeUsers is missing there. A new password changes nothing. ${missedWords(session, theCase)}`.trim(),
      evidence,
      remedy: remedyFor(theCase, session),
      confidence:
        groups.length > 0
          ? { level: 'high', because: 'the server says so, and the configuration agrees' }
          : { level: 'high', because: 'the server says that the account has no submit permission' },
    };
  },
};

const wordsFor = (session: ExaminedSession): string =>
  portOf(session) === 25 && isDefault(session) ? `${landedOn(session)}, on port 25,` : `The connector ${landedOn(session)}`;

function remedyFor(theCase: Case, session: ExaminedSession): Remedy[] {
  const server = session.server || partsOf(session.connector).server || 'the server';
  const submission = portOf(session) === 587;
  return [
    ...(submission
      ? []
      : [
          advice(`To log on: set the device to port 587 of ${server} with STARTTLS; there the same user and password are taken.`),
          advice(
            'Where the device mails only to addresses of the organisation, or a relay connector holds its address, it needs no logon: empty both fields.',
          ),
        ]),
    ...showConnector(session, 'PermissionGroups', 'AuthMechanism', 'Bindings'),
    advice(
      submission
        ? 'A connector on port 587 is there for users; give it back their group:'
        : 'Only where the device can do neither, let users submit here. Given up by that: whoever reaches this connector can then try passwords on it, and with one send to the outside:',
    ),
    ...addGroup(theCase, session, 'ExchangeUsers'),
  ];
}
