/**
 * Which command a reply answers, told from the reply alone. Used only where rows are missing and "first in, first
 * out" has lost its place; a reply whose command cannot be told is left to the order of the rows.
 */
import type { CommandKind } from './command.ts';

type Rule = readonly [pattern: RegExp, answers: readonly CommandKind[]];

/** Replies of Exchange's receive side, told apart by enhanced status code and text (all versions). */
const RULES: readonly Rule[] = [
  [/^250[ -]+2\.1\.0 /, ['mail']],
  [/^250[ -]+2\.1\.5 /, ['rcpt']],
  [/^250[ -]+2\.6\.0 CHUNK /, ['bdat']],
  [/^250[ -]+2\.6\.0 </, ['data', 'bdat-last']],
  [/^250[ -]+2\.0\.0 Resetting/, ['rset']],
  [/^250[ -]+2\.0\.0 OK$/, ['noop']],
  [/^250 XProxyFrom /, ['xproxyfrom']],
  [/^250 XProxy /, ['xproxy']],
  [/^250[ -]+\S+ Hello\b/, ['hello']],
  [/^220 2\.0\.0 SMTP server ready/, ['starttls']],
  [/^221 /, ['quit']],
  [/^235 /, ['auth']],
  [/^252 /, ['vrfy']],
  [/^354 /, ['data', 'other']],
  [/^50[01] 5\.(5\.4 Invalid domain name|0\.0 (EHLO|HELO) requires)/, ['hello']],
  [/^50[34] 5\.(7\.4 Unrecognized auth|5\.2 Auth command)/, ['auth']],
  [/^535 /, ['auth']],
  [
    /^(530 5\.7\.(1|57) |501 5\.1\.7 |503 5\.5\.2 Sender already|550 5\.7\.1 Client does not have permissions to submit)/,
    ['mail'],
  ],
  [/^(550 5\.7\.1 Unable to relay|550 5\.7\.54 |501 5\.1\.3 |452 4\.5\.3 |550 5\.1\.1 |550 5\.1\.10 )/i, ['rcpt']],
  [/^503 5\.5\.2 Need mail/, ['rcpt', 'data', 'bdat', 'bdat-last']],
  [/^(554 5\.[46]\.|451 4\.7\.0 Temporary server error|452 4\.6\.0 )/, ['data', 'bdat', 'bdat-last']],
];

/** The kinds of command that `reply` can answer, or undefined when its text does not tell. */
export function answeredBy(reply: string): readonly CommandKind[] | undefined {
  return RULES.find(([pattern]) => pattern.test(reply))?.[1];
}

/** Replies that the server says of its own accord, whatever the client is waiting for. */
export function isUnsolicited(reply: string): boolean {
  return /^451 4\.7\.0 Timeout waiting for client input/.test(reply);
}
