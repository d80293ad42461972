/** The client may not use the address that it gives as its sender, or that stands in the message as its author. */
import { effectiveRights } from '../../connector/effective-rights.ts';
import { rightsOf } from '../../connector/organisation.ts';
import { literal } from '../../powershell/quoting.ts';
import type { Case, ExaminedSession } from '../../queries/cases/case.ts';
import { ANONYMOUS_LOGON } from '../../smtp/replies/recipient.ts';
import type { Diagnosed, SessionDiagnosis } from '../diagnosis.ts';
import { configuredConnector, landedOn } from '../evidence/client-place.ts';
import { type LoggedOn, loggedOnUser } from '../evidence/logged-on-user.ts';
import { acceptedDomainOf, domainOf } from '../evidence/own-domain.ts';
import { rowAt } from '../evidence/row-evidence.ts';
import { connectorOf } from '../evidence/session-connector.ts';
import { type RefusalSign, replyIdOf } from '../evidence/sign.ts';
import { delivered, greeted, mailFrom, QUIT, secured, tarpitted } from '../examples/example-sessions.ts';
import { propertyEvidence, type Remedy } from '../finding.ts';
import { replySection, SEND_AS, section } from '../references.ts';
import { advice, getConnector, powershell, showRights } from '../remedies/commands.ts';
import { shortened } from '../words/quotation.ts';

const SEND_AS_DENIED = '550 5.7.60 SMTP; Client does not have permissions to send as this sender';
const CONTENT =
  '< RCPT TO:<partner@fabrikam.example>\n> 250 2.1.5 Recipient OK\n< DATA\n> 354 Start mail input; end with <CRLF>.<CRLF>';

const loggedOn = (user: string): string =>
  `< AUTH LOGIN\n@0 > 334 <authentication response>\n@60 * SMTPSubmit SMTPAcceptAnyRecipient | Set Session Permissions\n@0 * ${user} | authenticated\n> 235 2.7.0 Authentication successful`;

const FRONT_ID = '08DE19A1B2C3D4F1';
const HANDED_OVER = `${greeted('crm')}\n${secured('crm')}
< AUTH LOGIN\n@0 > 334 <authentication response>\n@60 * crm@contoso.example | authenticated
@0 * | Setting up client proxy session to destination(s): ex01.contoso.example
@31 * | Proxy session was successfully set up. Session forcrm@contoso.example will now be proxied
@0 > 235 2.7.0 Authentication successful\n@2800 - | Remote(ConnectionReset)`;
const AT_THE_HUB = `+\n> {banner}\n< EHLO ex01.contoso.example\n> {hello SIZE, XPROXY}
< XPROXY SID=${FRONT_ID} IP=10.0.50.21 PORT=61001 DOMAIN=crm CAPABILITIES=0 SECID=Uy0xLTU=
> 250 XProxy accepted and authenticated\n${mailFrom('invoices@contoso.example')}\n${CONTENT}\n> ${SEND_AS_DENIED}\n${QUIT}`;

export const senderNotAllowed: SessionDiagnosis = {
  kind: 'session',
  id: 'sender-not-allowed',
  title: 'It may not send with this address',
  why: 'Who logs on may write as himself, and as another only with the right to do so; the check comes at the end of the message.',
  severity: 'high',
  references: [SEND_AS, section('7.7'), replySection('C8')],
  signs: ['send-as-denied', 'anonymous-send-as-denied', 'send-on-behalf-denied'],
  examples: {
    fires: [
      {
        about: 'one account, and the address of another',
        sessions: [
          {
            rows: `${greeted('crm')}\n${secured('crm')}\n${loggedOn('crm@contoso.example')}\n${mailFrom('invoices@contoso.example')}\n${CONTENT}\n> ${SEND_AS_DENIED}\n${QUIT}`,
          },
        ],
        says: [
          'logged on as crm@contoso.example',
          "Get-Mailbox -Identity 'invoices@contoso.example' | Add-ADPermission -User 'crm@contoso.example' -ExtendedRights \"Send-As\"",
        ],
      },
      {
        about: 'port 587: the front end has the logon, the Hub the refusal',
        who: '10.0.50.21',
        sessions: [
          {
            from: '10.0.50.21',
            to: '10.0.0.5:587',
            connector: 'EX01\\Client Frontend EX01',
            sessionId: FRONT_ID,
            rows: HANDED_OVER,
          },
          { from: '10.0.0.5', to: '10.0.0.5:465', connector: 'EX01\\Client Proxy EX01', service: 'Hub', rows: AT_THE_HUB },
        ],
        says: ['logged on as crm@contoso.example', 'invoices@contoso.example'],
      },
      {
        about: 'the envelope is allowed, the author in the message is not',
        sessions: [
          {
            rows: `${greeted('crm')}\n${secured('crm')}\n${loggedOn('crm@contoso.example')}\n${mailFrom('crm@contoso.example')}\n${CONTENT}\n> 550 5.7.60 SMTP; Client does not have permissions to send on behalf of the from address\n${QUIT}`,
          },
        ],
        says: ['From line', 'GrantSendOnBehalfTo'],
      },
      {
        about: 'nobody logged on, with an own address, in the words of 2013',
        configuration: { connectors: [], acceptedDomains: ['contoso.example'] },
        sessions: [
          {
            connector: 'EX01\\Apps EX01',
            rows: `${greeted('app')}\n${mailFrom('app@contoso.example')}\n${CONTENT}\n${tarpitted('550 5.7.1 Anonymous client does not have permissions to send as this sender')}\n${QUIT}`,
          },
        ],
        says: ['ms-Exch-SMTP-Accept-Authoritative-Domain-Sender', '"EX01\\Apps EX01"'],
      },
    ],
    silent: [
      {
        about: 'it sends as itself',
        sessions: [
          {
            rows: `${greeted('crm')}\n${secured('crm')}\n${loggedOn('crm@contoso.example')}\n${delivered('a@contoso.example', 'crm@contoso.example')}\n${QUIT}`,
          },
        ],
      },
      {
        about: 'a filter of senders refuses it',
        sessions: [
          {
            rows: `${greeted('app')}\n${mailFrom('spam@fabrikam.example')}\n< RCPT TO:<a@contoso.example>\n${tarpitted('554 5.1.0 Sender denied')}\n${QUIT}`,
          },
        ],
      },
    ],
  },
  diagnose({ sign }, { session }, theCase) {
    if (session.direction === 'send' || sign.kind !== 'refusal') return undefined;
    if (replyIdOf(sign) === 'anonymous-send-as-denied') return withoutLogon(sign, session, theCase);
    const user = loggedOnUser(session, theCase);
    return replyIdOf(sign) === 'send-on-behalf-denied' ? onBehalf(sign, user) : sendAs(sign, user, session);
  },
};

const OWN_ADDRESS = (user: string): Remedy =>
  advice(`Set the sender of the device or application to the address of the account${user ? ` ${shortened(user)}` : ''}.`);
const WITHOUT_LOGON = advice(
  'If it has to use many addresses, or one that is no mailbox: let it send without a logon through a relay connector that holds its address alone.',
);
const UNKNOWN_USER =
  'Who logged on is not in the rows that were read: the log of the front end (SmtpReceive of the same server, port 587) names the user.';

const certain = (user: LoggedOn | undefined) =>
  user
    ? ({ level: 'high', because: 'the rows show the account and the sender' } as const)
    : ({ level: 'medium', because: 'the reply says it' } as const);

/** The client spoke with this server itself, and did not log on. */
const spokeWithoutLogon = ({ authResult, clientSources }: ExaminedSession): boolean =>
  authResult !== 'success' && clientSources.length === 0;

function sendAs({ sender }: RefusalSign, user: LoggedOn | undefined, session: ExaminedSession): Diagnosed {
  const anonymous = user === undefined && spokeWithoutLogon(session);
  const same = user !== undefined && sender !== null && user.user.toLowerCase() === sender.toLowerCase();
  const from = sender === '' ? 'no sender at all' : shortened(sender ?? 'another sender');
  return {
    cause: [
      user ? `The client logged on as ${shortened(user.user)} and sends as ${from}` : `The client sends as ${from}`,
      same
        ? ', which is the same name: then it is no address of the mailbox, or the From line of the message names another one, which no log holds.'
        : user
          ? ', which is no address of its own mailbox, and the right Send As is missing there.'
          : anonymous
            ? ' without having logged on, and is let in as somebody who has no right Send As there.'
            : ', and the account it logged on with has no right Send As there.',
    ].join(''),
    evidence: user?.evidence ?? [],
    remedy: same
      ? [
          advice('See which addresses the mailbox has, and use one of them, in the From line too:'),
          powershell(`Get-Mailbox -Identity ${literal(user.user)} | Format-List PrimarySmtpAddress, EmailAddresses`),
          WITHOUT_LOGON,
        ]
      : [
          OWN_ADDRESS(user?.user ?? ''),
          ...(sender
            ? [
                advice(
                  "See whose address the sender is; nothing is shown where it is nobody's, and then nobody may send with it:",
                ),
                powershell(
                  `Get-Recipient -Identity ${literal(sender)} | Format-List DisplayName, RecipientTypeDetails, EmailAddresses`,
                ),
              ]
            : []),
          advice(
            'Or, if the account is meant to write as that mailbox (for a group: Get-DistributionGroup in its place); it may take an hour to have an effect:',
          ),
          powershell(
            `Get-Mailbox -Identity ${literal(sender || '<sender>')} | Add-ADPermission -User ${literal(user?.user ?? '<user>')} -ExtendedRights "Send-As"`,
          ),
          WITHOUT_LOGON,
        ],
    confidence: certain(user),
    unknown: user
      ? []
      : anonymous
        ? [
            'As whom the client is let in is not in the rows: the permissions and AuthMechanism of the connector tell, with "relaylens config import".',
          ]
        : [UNKNOWN_USER],
  };
}

function onBehalf({ sender }: RefusalSign, user: LoggedOn | undefined): Diagnosed {
  return {
    cause: `The envelope${sender ? ` (${shortened(sender)})` : ''} is allowed${user ? ` to ${shortened(user.user)}` : ''}, but the From line within the message names another author, for whom the account may not send.`,
    evidence: user?.evidence ?? [],
    remedy: [
      advice('Let the application write the same address into the From line as into MAIL FROM.'),
      advice('Or allow it for the mailbox that the From line names:'),
      powershell(
        `Set-Mailbox -Identity "<address in the From line>" -GrantSendOnBehalfTo @{Add=${literal(user?.user ?? '<user>')}}`,
      ),
    ],
    confidence: certain(user),
    unknown: [
      'The From line is not logged: the application, or the message in its outbox, shows which address it writes there.',
      ...(user ? [] : [UNKNOWN_USER]),
    ],
  };
}

function withoutLogon({ sender }: RefusalSign, session: ExaminedSession, theCase: Case): Diagnosed {
  const domain = domainOf(sender);
  const accepted = acceptedDomainOf(theCase, domain);
  const own = accepted === undefined ? undefined : accepted !== null && accepted.domainType !== 'ExternalRelay';
  const right = own === false ? 'ms-Exch-SMTP-Accept-Any-Sender' : 'ms-Exch-SMTP-Accept-Authoritative-Domain-Sender';
  const connector = connectorOf(theCase, session);
  const configured = configuredConnector(theCase, session);
  const granted = configured && effectiveRights(configured, rightsOf(theCase.organisation, configured), 'anonymous');
  const wanted = own === false ? 'SMTPAcceptAnySender' : 'SMTPAcceptAuthoritativeDomainSender';
  const lacking = granted?.knownBy === 'rights' && !granted.permissions.includes(wanted);
  const permissions = session.events.findIndex(({ context }) => context.startsWith('Set Session Permissions'));
  return {
    cause: `Nobody logged on, and on ${landedOn(session)} clients without a logon may not use ${sender ? shortened(sender) : 'this sender'}: ${own === false ? 'the right to use any sender' : own ? 'its domain is an own one, and the right to use senders of own domains' : 'the right to use senders of own domains (if its domain is one), or any sender,'} was taken from them.`,
    evidence: [
      ...(permissions < 0 ? [] : rowAt(session, permissions)),
      ...(configured ? propertyEvidence(configured, 'PermissionGroups') : []),
    ],
    remedy: [
      advice(
        'Often it was taken away on purpose, against forged senders. Then let the device log on, or give it a connector of its own.',
      ),
      ...(connector
        ? [
            showRights(connector),
            advice('If whoever reaches this connector may use such senders, forged ones too, give the right back:'),
            powershell(
              `${getConnector(connector)} | Add-ADPermission -User ${ANONYMOUS_LOGON} -ExtendedRights ${literal(right)}`,
            ),
          ]
        : []),
    ],
    confidence: lacking
      ? { level: 'high', because: 'the rights that were imported say the same' }
      : { level: 'medium', because: 'the reply says it' },
    unknown:
      own === undefined
        ? [
            'Whether the domain of the sender is an own one is not known: import Get-AcceptedDomain with "relaylens config import".',
          ]
        : [],
  };
}
