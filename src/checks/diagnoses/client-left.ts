/** The client broke off before anything was decided: when, after how long, and what it had been waiting for. */
import type { ExaminedSession } from '../../queries/cases/case.ts';
import { findReply } from '../../smtp/reply-catalogue.ts';
import type { Diagnosed, SessionDiagnosis } from '../diagnosis.ts';
import { isDefault, landedOn } from '../evidence/client-place.ts';
import { rowAt } from '../evidence/row-evidence.ts';
import { namedConnector } from '../evidence/session-connector.ts';
import type { EndSign, RowAt } from '../evidence/sign.ts';
import { momentWords, type Silence, silenceBefore, verbOf } from '../evidence/silence.ts';
import { greeted, mailFrom, QUIT, workingSession } from '../examples/example-sessions.ts';
import type { Remedy } from '../finding.ts';
import { logSection, replySection } from '../references.ts';
import { advice, setConnector } from '../remedies/commands.ts';
import { durationWords } from '../words/duration.ts';

const RCPT_OK = '< RCPT TO:<anna@contoso.example>\n> 250 2.1.5 Recipient OK';
const UNABLE = '550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain';

export const clientLeft: SessionDiagnosis = {
  kind: 'session',
  id: 'client-left',
  title: 'The client broke off in the middle',
  why: 'Nothing was refused: the client, or something on the way, ended the connection before its message was accepted.',
  severity: 'medium',
  references: [logSection('4.3'), replySection('E')],
  signs: ['end'],
  examples: {
    fires: [
      {
        about: 'it left while the server held an answer back',
        sessions: [
          {
            rows: `${greeted('MFP-02')}\n${mailFrom()}\n${RCPT_OK}\n< RSET\n@0 * Tarpit for '0.00:00:05' due to '250 2.0.0 Resetting'\n@3000 - | Remote(ConnectionReset)`,
          },
        ],
        says: [/3\.0 seconds/, /held back/, /no refusal/, /TarpitInterval 00:00:00/],
      },
      {
        about: 'the same on a connector of its own, in a version that does not say which answer',
        sessions: [
          {
            connector: 'EX01\\Anon Relay EX01',
            rows: `${greeted('MFP-02')}\n${mailFrom()}\n${RCPT_OK}\n< RSET\n@0 * Tarpit for '0.00:00:05'\n@3000 - | Remote(ConnectionReset)`,
          },
        ],
        says: [
          /not in the logs of this version/,
          'Set-ReceiveConnector -Identity "EX01\\Anon Relay EX01" -TarpitInterval "00:00:00"',
        ],
      },
      {
        about: 'in the middle of the message, by a reset',
        sessions: [
          {
            rows: `${greeted('MFP-02')}\n${mailFrom()}\n${RCPT_OK}\n< DATA\n> 354 Start mail input; end with <CRLF>.<CRLF>\n@30000 - | Remote(ConnectionReset)`,
          },
        ],
        says: [/30 seconds/, /reset/i, /in the middle of the message/],
      },
      {
        about: 'it did not wait for the answer to its message',
        sessions: [
          {
            rows: `${greeted('app')}\n${mailFrom()}\n${RCPT_OK}\n< BDAT 4000 LAST\n@60000 - | Remote(SocketError)`,
          },
        ],
        says: [/60 seconds/, /patience/, /answer to its message/],
      },
      {
        about: 'it only wanted to know whether the address exists',
        sessions: [{ rows: `${greeted('crm')}\n${mailFrom('<>')}\n${RCPT_OK}\n${QUIT}` }],
        says: [/looked whether/],
      },
      {
        about: 'it ended in order without sending what it had begun',
        sessions: [{ rows: `${greeted('crm')}\n${mailFrom()}\n${QUIT}` }],
        says: [/QUIT/],
      },
    ],
    silent: [
      { about: 'it works', sessions: [{ rows: workingSession('MFP-02') }] },
      { about: 'it only knocked', sessions: [{ rows: '+\n> {banner}\n- | Remote(SocketError)' }] },
      {
        about: 'it was refused before it left',
        sessions: [
          {
            rows: `${greeted('MFP-02')}\n${mailFrom()}\n< RCPT TO:<a@fabrikam.example>\n> ${UNABLE}\n- | Remote(ConnectionReset)`,
          },
        ],
      },
      {
        about: 'the server gave up',
        sessions: [{ rows: `${greeted('app')}\n${mailFrom()}\n@300000 > 451 4.7.0 Timeout waiting for client input\n- | Local` }],
      },
    ],
  },
  diagnose({ sign }, { session }) {
    if (sign.kind !== 'end' || session.direction === 'send' || sign.row.event.event !== '-') return undefined;
    const silence = silenceBefore(session, sign.row.index);
    const quit = session.events.findIndex(({ event, data }) => event === '<' && /^QUIT\b/i.test(data));
    if (quit >= 0) return orderly(session, quit);
    // The server closed without a word: that is not the client's doing.
    if (!/^Remote/.test(sign.row.event.context)) return undefined;
    const held = heldBack(session, sign);
    return held ? inTarpit(session, sign, silence, held) : broken(session, sign, silence);
  },
};

// --- in order -----------------------------------------------------------------------------------------------------

function orderly(session: ExaminedSession, quit: number): Diagnosed {
  const recipients = session.transactions.flatMap(({ recipients: all }) => all).filter(({ accepted }) => accepted);
  const reset = session.events.slice(0, quit).some(({ event, data }) => event === '<' && /^RSET\b/i.test(data));
  const first = recipients[0]?.address;
  return {
    severity: 'info',
    what: `The client ended in order${reset ? ' with RSET and QUIT' : ' with QUIT'} without a message.`,
    cause: first
      ? `It looked whether ${recipients.length === 1 ? first : `${first} and ${recipients.length - 1} more`} would be accepted, and sent nothing: a check of addresses, as forms, CRM systems and other mail servers make it. If it was to send a message, it lost heart after RCPT TO: its own log says why.`
      : 'It named a sender, thought better of it and left with QUIT: its own log says why.',
    evidence: rowAt(session, quit),
    ...(first ? { harmless: true as const } : {}),
    remedy: [advice('Nothing on the server. If mail is missing, look into the log of the client itself.')],
    confidence: { level: recipients.length > 0 ? 'medium' : 'low', because: 'it ended the session itself, in good order' },
  };
}

// --- during a delay -----------------------------------------------------------------------------------------------

/** The row of a delay after which no reply came. */
function heldBack({ events }: ExaminedSession, { row }: EndSign): RowAt | undefined {
  const index = events.findLastIndex(({ event, data }, at) => event === '*' && at < row.index && /^Tarpit for '/.test(data));
  if (index < 0 || events.slice(index + 1, row.index).some(({ event }) => event === '>')) return undefined;
  return { index, event: events[index]! };
}

function inTarpit(session: ExaminedSession, sign: EndSign, silence: Silence, tarpit: RowAt): Diagnosed {
  const reply = /due to '(.*)'$/.exec(tarpit.event.data)?.[1];
  const patience = Date.parse(sign.row.event.at) - Date.parse(tarpit.event.at);
  const found = reply === undefined ? undefined : findReply(reply, { side: 'receive' });
  const refused = reply !== undefined && /^[45]\d\d /.test(reply);
  const command = silence.command ? verbOf(silence.command) : 'its command';
  return {
    cause: [
      `The server held back its answer to ${command}, as it does for clients without a logon, and the client waited ${durationWords(patience)} only: its time-out is shorter than the delay (TarpitInterval).`,
      refused ? `The answer would have been "${reply}": ${found?.entry.meaning ?? 'that is the real error.'}` : '',
      !refused && reply ? `The answer would have been "${reply}", no refusal.` : '',
    ]
      .filter(Boolean)
      .join(' '),
    evidence: rowAt(session, tarpit.index),
    remedy: [
      advice('Set the time-out of the device to a minute at least.'),
      ...(refused ? [advice('It then hears that answer, which is the real error.')] : withoutDelay(session)),
    ],
    confidence: { level: 'high', because: 'the row of the delay stands before the end' },
    unknown:
      reply === undefined
        ? ['What the answer would have been is not in the logs of this version: try the same by hand, and wait ten seconds.']
        : [],
  };
}

/** The delay may go only where nobody else comes: everybody from everywhere lands on a default connector. */
function withoutDelay(session: ExaminedSession): Remedy[] {
  if (isDefault(session) || session.connector === '')
    return [
      advice(
        'If it cannot be set: give such devices a connector of their own, by their addresses, with TarpitInterval 00:00:00.',
      ),
    ];
  return [
    advice('If it cannot be set, take the delay off this connector (it slows down guessing of addresses and passwords):'),
    setConnector(namedConnector(session), { TarpitInterval: '00:00:00' }),
  ];
}

// --- broken off ---------------------------------------------------------------------------------------------------

/** Time-outs that devices have, seconds. */
const PATIENCE = [5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300];

function broken(session: ExaminedSession, { row }: EndSign, silence: Silence): Diagnosed {
  const reset = /Reset|Aborted/.test(row.event.context);
  const waited = silence.lasted;
  const timeout = PATIENCE.find((seconds) => Math.abs(waited / 1000 - seconds) < 0.4 + seconds * 0.01);
  const unanswered = silence.moment === 'command' || silence.moment === 'answer';
  return {
    cause: [
      `The client left ${momentWords(silence)}, ${durationWords(waited)} after the last row${reset ? ': the connection was reset (broken off hard, by the client or by a firewall)' : ': it closed the connection without QUIT'}.`,
      unanswered ? 'The server still owed it an answer.' : '',
      timeout && waited >= 4500
        ? `Just ${timeout} seconds is a time-out that devices have: most likely its patience ended${silence.moment === 'content' ? ' while its data did not get through' : ''}.`
        : '',
      meaningOf(silence, unanswered),
    ]
      .filter(Boolean)
      .join(' '),
    evidence: silence.command ? rowAt(session, silence.command.index) : [],
    remedy: remedyOf(silence, unanswered, session),
    confidence: {
      level: timeout !== undefined && waited >= 4500 ? 'medium' : 'low',
      because: 'the log shows when it left, not why',
    },
    unknown: ['Why it left is known to the client alone, or to a firewall on the way: look into their logs at that second.'],
  };
}

function meaningOf({ moment, command }: Silence, unanswered: boolean): string {
  switch (moment) {
    case 'content':
      return 'A message was under way: a device that was switched off or ran out of memory, a firewall or virus scanner that cut it, or a line that is too slow for it.';
    case 'logon':
      return 'It was asked for user or password, and could not or would not answer.';
    case 'answer':
      return 'The whole message had been sent, and the answer took longer than the client waits: it may send the same message again.';
    case 'command':
      return unanswered ? 'It asked, and did not wait for the answer.' : '';
    case 'idle':
      return command !== null && /^STARTTLS|^EHLO|^HELO/i.test(command.event.data)
        ? 'It did not find what it needs in what the server offers, or does not trust its certificate.'
        : 'The last answer was no refusal: the device broke off for a reason of its own.';
  }
}

function remedyOf({ moment }: Silence, unanswered: boolean, session: ExaminedSession): Remedy[] {
  const look = advice(`Look into the log of the device at ${session.endedAt}, and update its firmware.`);
  switch (moment) {
    case 'content':
      return [
        advice(
          'Send a small message from the same device; if that arrives, look at the inspection of SMTP, the MTU and time-outs on the way.',
        ),
        look,
      ];
    case 'logon':
      return [
        advice('Enter user and password on the device, or switch its SMTP authentication off where no logon is needed.'),
        look,
      ];
    case 'answer':
    case 'command':
      return [
        ...(unanswered
          ? [
              advice(
                `Set the time-out of the device higher, to some minutes, and see why ${landedOn(session)} was slow just then.`,
              ),
            ]
          : []),
        look,
      ];
    case 'idle':
      return [look];
  }
}
