/** Mail gets through, and the server holds answers back in each session: keep-alives, needless RSET, wrong commands. */

import type { CaseDiagnosis } from '../diagnosis.ts';
import { configuredConnector, isDefault, landedOn } from '../evidence/client-place.ts';
import { connectorOf } from '../evidence/session-connector.ts';
import { type Delay, type DelayCause, delaysOf } from '../evidence/tarpit.ts';
import { delivered, greeted, QUIT, tarpitted, workingSession } from '../examples/example-sessions.ts';
import { propertyEvidence, type Remedy } from '../finding.ts';
import { RECEIVE_CONNECTORS, replySection } from '../references.ts';
import { advice, setConnector } from '../remedies/commands.ts';
import { durationWords } from '../words/duration.ts';
import { count } from '../words/enumeration.ts';

const RSET = "< RSET\n* Tarpit for '0.00:00:05' due to '250 2.0.0 Resetting'\n@5000 > 250 2.0.0 Resetting";
const NOOP = "< NOOP\n* Tarpit for '0.00:00:05' due to '250 2.0.0 OK'\n@5000 > 250 2.0.0 OK";
const NOOP_A = "< NOOP\n* Tarpit for '0.00:00:05'\n@5000 > 250 2.0.0 OK";

/** Less than this on the whole, or in a session, nobody feels (ms). */
const TRIVIAL_TOTAL = 15_000;
const TRIVIAL_SESSION = 4_000;

export const tarpitDelay: CaseDiagnosis = {
  kind: 'case',
  id: 'tarpit-delay',
  title: 'Mail gets through, with seconds of delay in each session',
  why: 'For clients without a logon Exchange holds back answers that guessing and erring clients get most; harmless ones pay as well.',
  severity: 'low',
  references: [RECEIVE_CONNECTORS, replySection('D')],
  rootOf: [],
  examples: {
    fires: [
      {
        about: 'keep-alives of an application',
        sessions: [
          {
            rows: `${greeted('erp')}\n${NOOP}\n${NOOP}\n${NOOP}\n${NOOP}\n${delivered()}\n${QUIT}`,
            rowsA: `${greeted('erp')}\n${NOOP_A}\n${NOOP_A}\n${NOOP_A}\n${NOOP_A}\n${delivered()}\n${QUIT}`,
          },
        ],
        says: [/20\.0 seconds/, /NOOP/, /TarpitInterval/, /keep-alive/],
      },
      {
        about: 'a needless RSET before each message',
        sessions: [1, 2, 3].map(() => ({ rows: `${greeted('erp')}\n${RSET}\n${delivered()}\n${QUIT}` })),
        says: [/3 sessions/, /RSET/],
      },
      {
        about: 'a wrong command that is always tried',
        sessions: [1, 2, 3].map(() => ({
          rows: `${greeted('erp')}\n< XADR\n${tarpitted('500 5.3.3 Unrecognized command')}\n${delivered()}\n${QUIT}`,
        })),
        says: [/Unrecognized command/],
      },
    ],
    silent: [
      {
        about: 'mostly the wait for the second copy, and five seconds of its own',
        sessions: [
          {
            rows: `${greeted('erp')}\n${RSET}\n${delivered().replace('@120 >', "* Tarpit for '0.00:00:25.639' due to 'DelayedAck'\n@25639 >")}\n${QUIT}`,
          },
        ],
      },
      { about: 'no delay', sessions: [{ rows: workingSession('erp') }] },
      { about: 'once five seconds', sessions: [{ rows: `${greeted('erp')}\n${RSET}\n${delivered()}\n${QUIT}` }] },
      {
        about: 'the server waits for its second copy',
        sessions: [1, 2].map(() => ({
          rows: `${greeted('erp')}\n${delivered().replace('@120 >', "* Tarpit for '0.00:00:25.639' due to 'DelayedAck'\n@25639 >")}\n${QUIT}`,
        })),
      },
      {
        about: 'the delay is that of a refusal',
        sessions: [{ rows: `${greeted('erp')}\n< MAIL FROM:<a b>\n${tarpitted('501 5.1.7 Invalid address')}\n${QUIT}` }],
      },
    ],
  },
  diagnose(theCase) {
    const delayed = theCase.circumstances.delayed();
    if (!delayed || delayed.tarpitMs < TRIVIAL_TOTAL) return undefined;
    const { latest, sessions, tarpitMs } = delayed;
    const delays = delaysOf(latest).filter(({ cause }) => !['back-pressure', 'safety-copy', 'discredited'].includes(cause));
    const own = total(delays);
    if (own < TRIVIAL_SESSION) return undefined;
    // Sums are kept of all delays together: where others have a part in them, only the session that was read can be told.
    const isSum = own >= latest.tarpitMs * 0.9;
    if (!isSum && own < TRIVIAL_TOTAL) return undefined;
    const configured = configuredConnector(theCase, latest);
    const connector = connectorOf(theCase, latest);
    const causes = [...new Set(delays.map(({ cause }) => cause))];
    return {
      what: isSum
        ? `${count(sessions, 'session')} that delivered ${sessions === 1 ? 'its' : 'their'} mail ${sessions === 1 ? 'was' : 'were'} held back ${durationWords(tarpitMs)} on the whole, ${durationWords(tarpitMs / sessions)} each.`
        : `The latest session that delivered its mail was held back ${durationWords(own)}.`,
      cause: `${isSum ? 'In the latest of them ' : ''}${durationWords(own)} went by because of ${causes.map((cause) => wordsOf(cause, delays)).join(' and ')}. ${landedOn(latest)} holds such answers back (TarpitInterval, five seconds unless it was changed) for everybody who has not logged on.`,
      session: latest,
      rows: delays.slice(0, 2).map(({ index }) => index),
      evidence: configured ? propertyEvidence(configured, 'TarpitInterval') : [],
      remedy: [
        ...causes.map((cause) => adviceOf(cause)),
        ...(connector && !isDefault(latest)
          ? [
              advice(
                'If the client cannot be changed, and only such clients use the connector, the delay may go; it slows down whoever guesses addresses and passwords:',
              ),
              setConnector(connector, { TarpitInterval: '00:00:00' }),
            ]
          : [
              advice(
                'If the client cannot be changed: give such clients a connector of their own, by their addresses, with TarpitInterval 00:00:00. Leave the delay on the default connector: it slows down whoever guesses addresses and passwords.',
              ),
            ]),
      ],
      confidence: { level: 'high', because: 'the rows of the delays say for which answer' },
      count: isSum ? sessions : 1,
    };
  },
};

const total = (delays: readonly Delay[]): number => delays.reduce((sum, { ms }) => sum + ms, 0);

function wordsOf(cause: DelayCause, delays: readonly Delay[]): string {
  const of = delays.filter((one) => one.cause === cause);
  switch (cause) {
    case 'keep-alive':
      return `${count(of.length, 'keep-alive')} (NOOP)`;
    case 'reset':
      return `RSET where there was nothing to reset (${of.length === 1 ? 'once' : `${of.length} times`})`;
    case 'hello':
      return 'a second hello';
    case 'error':
      return `commands that were refused ("${of[0]?.reply}")`;
    default:
      return `other answers${of[0]?.reply ? ` ("${of[0].reply}")` : ''}`;
  }
}

function adviceOf(cause: DelayCause): Remedy {
  switch (cause) {
    case 'keep-alive':
      return advice(
        'Switch the keep-alive (NOOP) of the client off, and let it open a connection for each batch instead of keeping one.',
      );
    case 'reset':
      return advice('Let the client leave RSET away where no message was begun: many libraries have an option for that.');
    case 'hello':
      return advice('Let the client say hello once, and again only after STARTTLS.');
    default:
      return advice('Let the client leave away what the server refuses each time.');
  }
}
