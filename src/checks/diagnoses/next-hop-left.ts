/** The next hop closed the connection in the middle, without a reply. */

import type { SessionDiagnosis } from '../diagnosis.ts';
import { nextHopName } from '../evidence/next-hop.ts';
import { rowAt } from '../evidence/row-evidence.ts';
import { serverCommand } from '../evidence/server-command.ts';
import { serverOfSession } from '../evidence/session-connector.ts';
import { silenceBefore, verbOf } from '../evidence/silence.ts';
import { dialled, passedOn, sending, unconnected } from '../examples/example-next-hops.ts';
import { logSection, replySection, SEND_CONNECTORS } from '../references.ts';
import { advice } from '../remedies/commands.ts';
import { durationWords } from '../words/duration.ts';

const hop = { from: '203.0.113.9', direction: 'send', service: 'Hub' } as const;
const RCPT = '> RCPT TO:<partner@fabrikam.example>\n< 250 2.1.5 Ok';

export const nextHopLeft: SessionDiagnosis = {
  kind: 'session',
  id: 'next-hop-left',
  title: 'The next hop hung up in the middle',
  why: 'A server that closes without a reply tells nothing; Exchange tries again, and waits longer where that happens often.',
  severity: 'medium',
  references: [SEND_CONNECTORS, logSection('4.3'), replySection('C11')],
  signs: ['end'],
  examples: {
    fires: [
      {
        about: 'in the middle of the message',
        sessions: [
          {
            ...hop,
            rows: `${dialled()}\n${sending('08DE19A1B2C3D3FF')}\n${RCPT}\n> DATA\n< 354 go on\n@20000 - | Remote`,
          },
        ],
        says: [/while the message was being sent/, /20\.0 seconds/],
      },
      {
        about: 'before the answer to RCPT',
        sessions: [
          { ...hop, rows: `${dialled()}\n${sending('08DE19A1B2C3D3FF')}\n> RCPT TO:<partner@fabrikam.example>\n@100 - | Remote` },
        ],
        says: [/after RCPT TO/],
      },
    ],
    silent: [
      { about: 'it works', sessions: [{ ...hop, rows: passedOn('08DE19A1B2C3D3FF') }] },
      { about: 'the connection was never made', sessions: [{ ...hop, rows: unconnected(10060) }] },
    ],
  },
  diagnose({ sign }, { session }) {
    if (sign.kind !== 'end' || session.direction === 'receive' || sign.row.event.event !== '-') return undefined;
    if (!/^Remote/.test(sign.row.event.context)) return undefined;
    const silence = silenceBefore(session, sign.row.index);
    const content = silence.moment === 'content';
    const server = serverOfSession(session);
    return {
      cause: `${nextHopName(session)} closed the connection ${content ? 'while the message was being sent' : silence.command ? `after ${verbOf(silence.command)}` : 'right after it had been made'}, ${durationWords(silence.lasted)} after the last row, without a reply: ${content ? 'a filter there or a firewall on the way does not like the content or its size' : 'protection against spam there, an overloaded server, or a firewall on the way'}.`,
      evidence: silence.command ? rowAt(session, silence.command.index) : [],
      remedy: [
        serverCommand('Get-Queue -Server {server} | Format-List NextHopDomain, Status, MessageCount, LastError', { server }),
        advice(
          `Ask the operator of ${nextHopName(session)} what its log says about ${session.endedAt}, and look whether the own address is on block lists.`,
        ),
        advice('Switch the inspection of SMTP off on the way, to see whether it is the reason.'),
      ],
      confidence: { level: 'low', because: 'the log shows when it hung up, not why' },
      unknown: ['Why it hung up stands in the log of the next hop alone.'],
    };
  },
};
