/** The next hop refused the mail, in words of its own: the last of the diagnoses of send sessions. */
import type { ExaminedSession } from '../../queries/cases/case.ts';
import type { SessionDiagnosis } from '../diagnosis.ts';
import { nextHopName, type RemoteReply, repliedTo, seenAs } from '../evidence/next-hop.ts';
import { complaintOf } from '../evidence/remote-complaint.ts';
import { serverCommand } from '../evidence/server-command.ts';
import { serverOfSession } from '../evidence/session-connector.ts';
import type { RefusalSign } from '../evidence/sign.ts';
import { dialled, ONLINE_BANNER, passedOn, refusedRecipient, SEND_QUIT, sending } from '../examples/example-next-hops.ts';
import type { Remedy } from '../finding.ts';
import { replySection, SEND_CONNECTORS } from '../references.ts';
import { advice } from '../remedies/commands.ts';

const SESSION = '08DE19A1B2C3D3FF';
const hop = { from: '203.0.113.9', direction: 'send', service: 'Hub' } as const;

export const remoteRefusal: SessionDiagnosis = {
  kind: 'session',
  id: 'remote-refusal',
  title: 'The next hop refused the mail',
  why: 'The own server accepted the mail and did its part: what the next hop refuses only that side, or the sender, can change.',
  severity: 'medium',
  references: [SEND_CONNECTORS, replySection('C11')],
  signs: ['refusal'],
  examples: {
    fires: [
      {
        about: 'a smart host that does not relay for this server',
        sessions: [{ ...hop, rows: refusedRecipient(SESSION, '554 5.7.1 <partner@fabrikam.example>: Relay access denied') }],
        says: [/does not pass mail on/, /allow the address/, 'Get-SendConnector "Internet"', /for good/],
      },
      {
        about: 'an unknown recipient',
        sessions: [
          {
            ...hop,
            rows: refusedRecipient(SESSION, '550 5.1.1 <partner@fabrikam.example>: Recipient address rejected: User unknown'),
          },
        ],
        says: [/does not know/, /Correct the address/],
      },
      {
        about: 'a block list, before the greeting',
        sessions: [
          {
            ...hop,
            rows: '* | attempting to connect\n+\n< 554 5.7.1 Service unavailable; client [198.51.100.7] blocked using zen.spamhaus.org\n- | Remote',
          },
        ],
        says: [/block list/],
      },
      {
        about: 'what is in the message, and not where it comes from',
        sessions: [
          {
            ...hop,
            rows: refusedRecipient(
              SESSION,
              '552 5.7.0 This message was blocked because its content presents a potential security issue',
            ),
          },
        ],
        says: [/does not like what is in the message/, /as a link/],
      },
      {
        about: 'put off for now',
        sessions: [
          {
            ...hop,
            rows: refusedRecipient(SESSION, '450 4.2.0 <partner@fabrikam.example>: Recipient address rejected: Greylisted'),
          },
        ],
        says: [/greylisting/, /tries again/],
      },
      {
        about: 'quoted by the front end through which mail leaves',
        sessions: [
          {
            ...hop,
            from: '10.0.0.5',
            rows: `${dialled('220 ex01.contoso.example Microsoft ESMTP MAIL Service ready')}\n${sending(SESSION)}\n> RCPT TO:<partner@fabrikam.example>\n< 550 5.7.0 Proxy session setup failed on Frontend with  '554 5.7.1 Relay access denied'\n${SEND_QUIT}`,
          },
        ],
        says: [/front end quotes/, /Relay access denied/],
      },
      {
        about: 'words that nobody knows',
        sessions: [{ ...hop, rows: refusedRecipient(SESSION, '571 Ask the postmaster about rule 66') }],
        says: [/rule 66/],
      },
    ],
    silent: [
      { about: 'it works', sessions: [{ ...hop, rows: passedOn(SESSION) }] },
      {
        about: 'Exchange Online refuses',
        sessions: [
          { ...hop, rows: refusedRecipient(SESSION, '550 5.7.64 TenantAttribution; Relay Access Denied', ONLINE_BANNER) },
        ],
      },
      {
        about: 'the own server refuses a client',
        sessions: [{ from: '10.0.20.12', rows: '+\n> 554 5.7.1 No service for you\n- | Local' }],
      },
    ],
  },
  diagnose({ sign }, { session }) {
    if (session.direction === 'receive' || sign.kind !== 'refusal') return undefined;
    const said = repliedTo(session, sign.refusal.text);
    const complaint = complaintOf(said.text);
    const meaning = complaint?.words ?? said.found?.entry.meaning;
    const temporary = said.text.startsWith('4');
    return {
      ...(complaint?.kind === 'greylisting'
        ? { severity: 'info' as const }
        : complaint?.kind === 'relay'
          ? { severity: 'high' as const }
          : {}),
      cause: [
        quoting(said, session),
        meaning ?? 'Its words are none that are known; they are its own.',
        temporary
          ? 'That is for now: Exchange keeps the message and tries again, for two days unless it was changed.'
          : 'That is for good: the sender gets the message back.',
      ].join(' '),
      remedy: remedyOf(said, session, sign),
      confidence: meaning
        ? {
            level: complaint ? 'medium' : 'high',
            because: complaint ? 'the words of the reply say it, as most servers use them' : 'the reply says it',
          }
        : { level: 'low', because: 'nothing is known of these words' },
      unknown: meaning ? [] : ['What it means only the operator of the next hop can say.'],
    };
  },
};

function quoting({ text, wrappings }: RemoteReply, session: ExaminedSession): string {
  if (wrappings.length === 0) return `${nextHopName(session)}, to which "${session.connector}" sends, refused it.`;
  return `The front end quotes what the next hop said: "${text}".`;
}

function remedyOf({ text, found, wrappings }: RemoteReply, session: ExaminedSession, sign: RefusalSign): Remedy[] {
  const complaint = complaintOf(text);
  const show = serverCommand(
    'Get-SendConnector {sendConnector} | Format-List AddressSpaces, SmartHosts, SmartHostAuthMechanism, Fqdn, RequireTLS',
    {
      sendConnector: session.connector || null,
    },
  );
  const queue = serverCommand('Get-Queue -Server {server} | Format-List NextHopDomain, Status, MessageCount, LastError', {
    server: serverOfSession(session),
  });
  const seen = wrappings.length > 0 ? null : seenAs(session);
  const first = complaint
    ? advice(complaint.advice)
    : advice(
        `Ask the operator of ${nextHopName(session)} what it means${found ? '' : `: "${text}"`}${sign.recipient ? ` (recipient ${sign.recipient})` : ''}.`,
      );
  const address =
    seen && complaint && ['relay', 'reputation', 'proof'].includes(complaint.kind)
      ? [advice(`The next hop saw this server as ${seen}.`)]
      : [];
  return [
    first,
    ...address,
    ...(complaint && ['recipient', 'mailbox', 'greylisting', 'content'].includes(complaint.kind) ? [] : [show]),
    queue,
  ];
}
