/** A filter of the server refuses the sender: its list, Sender ID, or because the message names nobody. */
import { literal } from '../../powershell/quoting.ts';
import type { ExaminedSession } from '../../queries/cases/case.ts';
import type { Diagnosed, SessionDiagnosis } from '../diagnosis.ts';
import { domainOf } from '../evidence/own-domain.ts';
import { replyIdOf } from '../evidence/sign.ts';
import { greeted, mailFrom, QUIT, tarpitted, workingSession } from '../examples/example-sessions.ts';
import type { Remedy } from '../finding.ts';
import { isPublic } from '../ranges/address-space.ts';
import { replySection, SENDER_FILTERING } from '../references.ts';
import { advice, powershell } from '../remedies/commands.ts';
import { shortened } from '../words/quotation.ts';

const refused = (reply: string, sender = 'news@fabrikam.example'): string =>
  `${greeted('mailer')}\n${mailFrom(sender)}\n< RCPT TO:<anna@contoso.example>\n${tarpitted(reply)}\n${QUIT}`;

export const senderBlocked: SessionDiagnosis = {
  kind: 'session',
  id: 'sender-blocked',
  title: 'A filter refuses its sender',
  why: 'The filters against spam hold for devices and applications too, unless the server is told that they are its own.',
  severity: 'medium',
  references: [SENDER_FILTERING, replySection('C7')],
  signs: ['sender-blocked', 'sender-id-failed', 'sender-id-unavailable', 'purported-sender-missing'],
  examples: {
    fires: [
      {
        about: 'the list of the sender filter',
        sessions: [{ rows: refused('554 5.1.0 Sender denied') }],
        says: ["-BlockedSenders @{Remove='news@fabrikam.example'}"],
      },
      {
        about: 'no sender at all',
        sessions: [{ rows: refused('554 5.1.0 Sender denied', '') }],
        says: ['BlankSenderBlockingEnabled'],
      },
      {
        about: 'Sender ID judges a client of the own network',
        sessions: [{ rows: refused('550 5.7.1 Sender ID (PRA) Not Permitted') }],
        says: ['Set-TransportConfig -InternalSMTPServers @{Add="10.0.20.12"}'],
      },
      {
        about: 'Sender ID, and a client of the Internet',
        sessions: [{ from: '203.0.113.77', rows: refused('550 5.7.1 Sender ID (PRA) Not Permitted') }],
        says: ['SPF', 'Resolve-DnsName -Name "fabrikam.example" -Type TXT'],
      },
      {
        about: 'a message without a From line',
        sessions: [{ rows: refused('550 5.7.1 Missing purported responsible address') }],
        says: ['From line'],
      },
    ],
    silent: [
      { about: 'the sender is taken', sessions: [{ rows: workingSession('mailer', 'anna@contoso.example') }] },
      { about: 'the recipient is unknown', sessions: [{ rows: refused('550 5.1.1 User unknown') }] },
    ],
  },
  diagnose({ sign }, { session }) {
    if (session.direction === 'send' || sign.kind !== 'refusal') return undefined;
    const { sender } = sign;
    const domain = domainOf(sender);
    switch (replyIdOf(sign)) {
      case 'sender-blocked':
        return byList(sender);
      case 'sender-id-failed':
        return {
          cause: `Sender ID looked up who may send for ${domain || 'the domain of the sender'}, and ${session.source ?? 'the client'} is not named there.`,
          remedy: isPublic(session.source ?? '')
            ? [
                powershell(`Resolve-DnsName -Name ${literal(domain || '<domain>')} -Type TXT`),
                advice('If the client may send for that domain, its address belongs into the SPF record there.'),
              ]
            : notJudged(session),
          confidence: { level: 'high', because: 'the reply says it' },
        };
      case 'sender-id-unavailable':
        return {
          severity: 'low',
          cause: `The server could not look up ${domain || 'the domain of the sender'} in DNS at that moment; the client is to try again later.`,
          remedy: [
            powershell(`Resolve-DnsName -Name ${literal(domain || '<domain>')} -Type TXT`),
            ...(isPublic(session.source ?? '') ? [] : notJudged(session)),
          ],
          confidence: { level: 'high', because: 'the reply says it' },
        };
      case 'purported-sender-missing':
        return {
          cause: 'The message has no From or Sender line from which the server could tell who is responsible for it.',
          remedy: [
            advice('Set a sender address on the device or in the application, so that it writes a From line into its messages.'),
            ...(isPublic(session.source ?? '') ? [] : notJudged(session)),
          ],
          confidence: { level: 'high', because: 'the reply says it' },
        };
      default:
        return undefined;
    }
  },
};

function byList(sender: string | null): Diagnosed {
  const look = powershell(
    'Get-SenderFilterConfig | Format-List BlockedSenders, BlockedDomains, BlockedDomainsAndSubdomains, BlankSenderBlockingEnabled',
  );
  if (sender === '')
    return {
      cause:
        'The message has no sender (MAIL FROM:<>), as reports of other servers have none, and the sender filter refuses such mail.',
      remedy: [
        look,
        advice(
          'Set a sender on the device; or, as reports about mail that was not delivered have no sender either, let them in:',
        ),
        powershell('Set-SenderFilterConfig -BlankSenderBlockingEnabled $false'),
      ],
      confidence: { level: 'high', because: 'the sender in the row is empty' },
    };
  return {
    cause: `The sender filter has ${sender ? shortened(sender) : 'the sender'} or its domain on its list.`,
    remedy: [
      look,
      advice('If it is there by mistake, take it off the list on which it stands:'),
      powershell(`Set-SenderFilterConfig -BlockedSenders @{Remove=${literal(sender || '<sender>')}}`),
      powershell(`Set-SenderFilterConfig -BlockedDomains @{Remove=${literal(domainOf(sender) || '<domain>')}}`),
      advice('Or let the device use another sender.'),
    ],
    confidence: { level: 'high', because: 'the reply says it' },
  };
}

/** The agents pass over whoever is named there. */
const notJudged = ({ source }: ExaminedSession): Remedy[] => [
  advice(
    'A client of the own network is no case for Sender ID: name it among the own servers, which the filters do not judge by address:',
  ),
  powershell(`Set-TransportConfig -InternalSMTPServers @{Add=${literal(source ?? '<address>')}}`),
];
