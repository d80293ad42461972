/** Accepted here, refused further on: mail that the device delivered and the recipient never got. */
import type { LostDelivery } from '../../queries/cases/case.ts';
import type { CaseDiagnosis } from '../diagnosis.ts';
import { nextHopName, repliedTo } from '../evidence/next-hop.ts';
import { explainOnline } from '../evidence/online-reply.ts';
import { complaintOf } from '../evidence/remote-complaint.ts';
import { rowAt } from '../evidence/row-evidence.ts';
import { ONLINE_BANNER, passedOn, refusedRecipient } from '../examples/example-next-hops.ts';
import { workingSession } from '../examples/example-sessions.ts';
import type { Remedy } from '../finding.ts';
import { replySection, SEND_CONNECTORS } from '../references.ts';
import { advice, powershell } from '../remedies/commands.ts';
import { filled } from '../remedies/filled-remedy.ts';
import { count } from '../words/enumeration.ts';

const OWN = '08DE19A1B2C3D401';
const hop = { from: '203.0.113.9', direction: 'send', service: 'Hub' } as const;
const DENIED = '554 5.7.1 <partner@fabrikam.example>: Relay access denied';

export const nextHopRefused: CaseDiagnosis = {
  kind: 'case',
  id: 'next-hop-refused',
  title: 'Accepted here, refused by the next hop',
  why: 'The client has its 250 and is done; what the next hop refuses later comes back to the sender, if there is a mailbox behind that address at all.',
  severity: 'high',
  references: [SEND_CONNECTORS, replySection('C10'), replySection('C11')],
  rootOf: [],
  examples: {
    fires: [
      {
        about: 'the smart host does not relay',
        sessions: [{ rows: workingSession('MFP-02') }, { ...hop, rows: refusedRecipient(OWN, DENIED) }],
        who: '10.0.20.12',
        says: [/Relay access denied/, /nothing is wrong with the device/, /203\.0\.113\.9 \(mx\.fabrikam\.example\)/],
      },
      {
        about: 'Exchange Online does not know the site',
        sessions: [
          { rows: workingSession('MFP-02') },
          {
            ...hop,
            from: '52.101.73.9',
            rows: refusedRecipient(OWN, '550 5.7.64 TenantAttribution; Relay Access Denied', ONLINE_BANNER),
          },
        ],
        who: '10.0.20.12',
        says: [/Exchange Online does not recognise/, 'Set-InboundConnector'],
      },
      {
        about: 'put off once, and delivered later',
        sessions: [
          { rows: workingSession('MFP-02') },
          { ...hop, rows: refusedRecipient(OWN, '450 4.2.0 <partner@fabrikam.example>: Recipient address rejected: Greylisted') },
          { ...hop, rows: passedOn(OWN) },
        ],
        who: '10.0.20.12',
        says: [/delivered at 2026-11-02 08:02/],
      },
    ],
    silent: [
      {
        about: 'the next hop took it',
        sessions: [{ rows: workingSession('MFP-02') }, { ...hop, rows: passedOn(OWN) }],
        who: '10.0.20.12',
      },
      {
        about: 'the next hop refused the message of somebody else, with the same number in another queue',
        sessions: [{ rows: workingSession('MFP-02') }, { ...hop, rows: refusedRecipient('08DE19A1B2C3D3FF', DENIED) }],
        who: '10.0.20.12',
      },
      { about: 'no send log', sessions: [{ rows: workingSession('MFP-02') }] },
    ],
  },
  diagnose(theCase) {
    if (theCase.subject.kind !== 'client') return undefined;
    const [lost, ...others] = theCase.circumstances.lostDeliveries();
    if (!lost) return undefined;
    const { send, received } = lost;
    const queued = received.events.findLastIndex(
      ({ event, data }) => event === '>' && data.includes(`InternalId=${lost.internalId},`),
    );
    const refused = send.events.findIndex(({ event, data }) => event === '<' && data.trim() === lost.reply);
    const total = [lost, ...others].reduce((sum, { messages }) => sum + messages, 0);
    const explained = explanationOf(lost);
    return {
      ...(lost.deliveredAt === null ? {} : { severity: 'info' as const }),
      what: `${count(lost.messages, 'message')} ${lost.messages === 1 ? 'was' : 'were'} accepted here and refused by the next hop: ${lost.reply}`,
      cause: [
        `The server took the mail and gave the device its 250, so nothing is wrong with the device. ${nextHopName(send)}, to which "${send.connector}" sends, refused it later.`,
        explained.cause,
        lost.deliveredAt === null
          ? lost.reply.startsWith('4')
            ? 'A later try that went through is not in the logs read.'
            : ''
          : `A later try was delivered at ${minuteOf(lost.deliveredAt)} UTC: it was delayed, not lost.`,
        others.length > 0
          ? `${count(total - lost.messages, 'more message')} met other refusals there, such as: ${others[0]!.reply}`
          : '',
      ]
        .filter(Boolean)
        .join(' '),
      session: received,
      rows: queued < 0 ? [received.events.length - 1] : [queued],
      evidence: refused < 0 ? rowAt(send, send.events.length - 1) : rowAt(send, refused),
      remedy: [
        ...explained.remedy,
        ...(lost.messageId === null
          ? []
          : [
              advice('On the own server, what became of it:'),
              powershell(
                filled(
                  'Get-MessageTrackingLog -MessageId {messageId} | Format-Table Timestamp, EventId, Source, Recipients, RecipientStatus',
                  {
                    messageId: lost.messageId,
                  },
                ),
              ),
            ]),
      ],
      confidence: { level: 'high', because: 'queue number and message id are the same in both logs' },
      count: lost.messages,
    };
  },
};

const minuteOf = (at: number): string => new Date(at).toISOString().slice(0, 16).replace('T', ' ');

function explanationOf({ send, reply }: LostDelivery): { readonly cause: string; readonly remedy: readonly Remedy[] } {
  const said = repliedTo(send, reply);
  if (said.found?.entry.side === 'exchange-online') return explainOnline(said.found, send, said.wrappings.length > 0);
  const complaint = complaintOf(said.text);
  const show = powershell(
    filled(
      'Get-SendConnector {sendConnector} | Format-List AddressSpaces, SmartHosts, SmartHostAuthMechanism, Fqdn, RequireTLS',
      {
        sendConnector: send.connector || null,
      },
    ),
  );
  return {
    cause: complaint?.words ?? said.found?.entry.meaning ?? 'Its words are its own; only its operator can say what they mean.',
    remedy: [
      complaint
        ? advice(complaint.advice)
        : advice(`Ask the operator of ${nextHopName(send)}, with the words of the reply and its time.`),
      ...(complaint && ['recipient', 'mailbox', 'greylisting'].includes(complaint.kind) ? [] : [show]),
    ],
  };
}
