/** A transport agent refused the message: the content filter, an interceptor rule, or another that the log names. */
import { literal } from '../../powershell/quoting.ts';
import type { ExaminedSession } from '../../queries/cases/case.ts';
import type { SessionDiagnosis } from '../diagnosis.ts';
import { rowAt } from '../evidence/row-evidence.ts';
import { type RefusalSign, replyIdOf } from '../evidence/sign.ts';
import { delivered, greeted, mailFrom, QUIT, tarpitted } from '../examples/example-sessions.ts';
import type { Remedy } from '../finding.ts';
import { isPublic } from '../ranges/address-space.ts';
import { ANTISPAM, logSection, replySection } from '../references.ts';
import { advice, powershell } from '../remedies/commands.ts';
import { quotation, shortened } from '../words/quotation.ts';

const atEnd = (rows: string, reply: string): string =>
  `${greeted('shop')}\n${mailFrom('shop@contoso.example')}\n< RCPT TO:<anna@contoso.example>\n> 250 2.1.5 Recipient OK\n< DATA\n> 354 Start mail input; end with <CRLF>.<CRLF>\n${rows}\n${tarpitted(reply)}\n${QUIT}`;
const SPAM = '550 5.7.1 Message rejected as spam by Content Filtering.';

export const rejectedByAgent: SessionDiagnosis = {
  kind: 'session',
  id: 'rejected-by-agent',
  title: 'A transport agent refuses the message',
  why: 'Agents judge messages after the connector has taken them; what decides is in their settings, not in the connector.',
  severity: 'medium',
  references: [ANTISPAM, logSection('4.1'), replySection('C8')],
  signs: ['rejected-as-spam', 'quarantined-as-spam', 'intercepted-for-good', 'intercepted-for-now', 'rejected-by-agent'],
  examples: {
    fires: [
      {
        about: 'the content filter',
        sessions: [{ rows: atEnd('* | Rejected by agent: Content Filter Agent', SPAM) }],
        says: ['spam', 'Set-TransportConfig -InternalSMTPServers @{Add="10.0.20.12"}'],
      },
      {
        about: 'an agent that is named, in words of its own',
        sessions: [{ rows: atEnd('* | Rejected by agent: Contoso Archive Agent', '550 5.7.1 Not for you') }],
        says: ['"Contoso Archive Agent"', 'Get-TransportAgent -Identity "Contoso Archive Agent"'],
      },
      {
        about: 'a rule of the interceptor',
        sessions: [{ rows: atEnd('', '530 5.3.1 Intercepted and rejected by administrative action. PRJCT') }],
        says: ['interceptor'],
      },
    ],
    silent: [
      { about: 'it is taken', sessions: [{ rows: `${greeted('shop')}\n${delivered('anna@contoso.example')}\n${QUIT}` }] },
      {
        about: 'the recipient filter, which says what it is about',
        sessions: [
          {
            rows: `${greeted('shop')}\n${mailFrom()}\n< RCPT TO:<x@contoso.example>\n* | Rejected by agent: Recipient Filter Agent\n${tarpitted('550 5.1.1 User unknown')}\n${QUIT}`,
          },
        ],
      },
    ],
  },
  diagnose({ sign }, { session }) {
    if (session.direction === 'send' || sign.kind !== 'refusal') return undefined;
    const row = sign.contexts.find(({ event }) => /^(?:Rejected|Discarded) by agent: /.test(event.context));
    const agent = row?.event.context.replace(/^\w+ by agent: /, '').trim();
    const id = replyIdOf(sign);
    return {
      cause: causeOf(id, agent),
      evidence: row ? rowAt(session, row.index) : [],
      remedy: remedyOf(id, agent, sign, session),
      confidence: agent ? { level: 'high', because: 'the row names the agent' } : { level: 'high', because: 'the reply says it' },
      unknown: ['Why the agent decided so is in its own log: "Get-AgentLog" on the server, at the time of the row.'],
    };
  },
};

function causeOf(id: string | undefined, agent: string | undefined): string {
  switch (id) {
    case 'rejected-as-spam':
      return 'The content filter rated the message as spam (SCL above the threshold at which it refuses).';
    case 'quarantined-as-spam':
      return 'The content filter rated the message as spam and put it into the quarantine mailbox.';
    case 'intercepted-for-good':
    case 'intercepted-for-now':
      return 'A rule of the interceptor agent, which somebody has made on purpose, holds for the message.';
    default:
      return `The agent ${quotation(agent ?? '')} refused the message with words of its own, or words that an administrator gave it.`;
  }
}

function remedyOf(
  id: string | undefined,
  agent: string | undefined,
  { sender }: RefusalSign,
  session: ExaminedSession,
): Remedy[] {
  switch (id) {
    case 'rejected-as-spam':
    case 'quarantined-as-spam':
      return [
        ...(id === 'quarantined-as-spam' ? [advice('The message itself can be sent on from the quarantine mailbox.')] : []),
        powershell('Get-ContentFilterConfig | Format-List SCLReject*, SCLQuarantine*, BypassedSenders, BypassedSenderDomains'),
        ...(isPublic(session.source ?? '')
          ? [
              advice('If the client is to be trusted whatever it sends:'),
              powershell(`Add-IPAllowListEntry -IPAddress ${literal(session.source ?? '<address>')}`),
            ]
          : [
              advice(
                'A client of the own network needs no such filter: name it among the own servers. Whoever takes its place passes too:',
              ),
              powershell(`Set-TransportConfig -InternalSMTPServers @{Add=${literal(session.source ?? '<address>')}}`),
            ]),
        ...(sender
          ? [
              advice(`Or let ${shortened(sender)} pass; a sender is easily forged, so that this is the weaker way:`),
              powershell(`Set-ContentFilterConfig -BypassedSenders @{Add=${literal(sender)}}`),
            ]
          : []),
      ];
    case 'intercepted-for-good':
    case 'intercepted-for-now':
      return [
        advice('Ask who made the rule and whether it has served its purpose; the message is refused until it is gone.'),
        powershell('Get-TransportAgent'),
      ];
    default:
      return [
        powershell(`Get-TransportAgent -Identity ${literal(agent ?? '<agent>')}`),
        advice('Look at the settings of the product to which the agent belongs, and let it pass what this client sends.'),
      ];
  }
}
