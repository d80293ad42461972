/** What a sign says, as a sentence that stands alone. */
import type { ExaminedSession } from '../../queries/cases/case.ts';
import { isUnheard, type RowAt, type Sign, type Step } from './sign.ts';

const STEP_WORDS: Readonly<Record<Step, string>> = {
  connect: 'after it had connected',
  hello: 'after its hello',
  starttls: 'after the TLS handshake',
  handshake: 'during the TLS handshake',
  auth: 'during the logon',
  mail: 'after MAIL FROM',
  rcpt: 'after RCPT TO',
  data: 'while it sent the message',
};

/** The same for a session that the server itself ended. */
const STANDING: Readonly<Record<Step, string>> = {
  connect: 'before its hello',
  hello: 'after its hello',
  starttls: 'after the TLS handshake',
  handshake: 'in the TLS handshake',
  auth: 'in the logon',
  mail: 'after MAIL FROM',
  rcpt: 'after RCPT TO',
  data: 'in the message',
};

/** `The server refused the recipient a@b: 550 5.7.54 …`. */
export function whatHappened(sign: Sign, session: ExaminedSession): string {
  switch (sign.kind) {
    case 'refusal':
      return `${session.direction === 'receive' ? 'The server' : 'The next hop'} ${refused(sign, session)}${isUnheard(sign) ? ', and the client left before it heard so' : ''}: ${sign.refusal.text.replace(/ {2,}/g, ' ')}`;
    case 'row':
      return `The log says instead of an answer: ${sign.row.event.context}`;
    case 'outcome':
      return `The session ended as ${session.outcome}: ${session.outcomeReason}`;
    case 'end': {
      if (sign.row.event.context === 'Local')
        return `The server itself closed the connection, ${seconds(sign.after)} after the row before; the client stood ${STANDING[sign.step]}.`;
      const who = session.direction === 'receive' ? 'The client' : 'The next hop';
      return `${who} left ${STEP_WORDS[sign.step]}, ${seconds(sign.after)} after the row before${sign.unanswered ? ', without waiting for an answer' : ''}.`;
    }
  }
}

function refused(sign: Extract<Sign, { kind: 'refusal' }>, session: ExaminedSession): string {
  switch (sign.refusal.command) {
    case 'connect':
      return 'refused the connection itself';
    case 'hello':
      return `refused the hello ${quote(argument(sign.command))}`;
    case 'starttls':
      return 'refused STARTTLS';
    case 'auth':
      return `refused the logon${session.authMechanism ? ` (AUTH ${session.authMechanism})` : ''}${session.authUser && session.authUser !== 'NULL' ? ` of ${session.authUser}` : ''}`;
    case 'mail':
      return sign.sender ? `refused mail from ${sign.sender}` : 'refused MAIL FROM';
    case 'rcpt':
      return sign.recipient ? `refused the recipient ${sign.recipient}` : 'refused a recipient';
    case 'data':
    case 'bdat':
    case 'bdat-last':
      return `refused the message${sign.sender ? ` from ${sign.sender}` : ''}`;
    case '':
      return 'ended the session';
    default:
      return `refused ${sign.command ? quote(sign.command.event.data) : sign.refusal.command.toUpperCase()}`;
  }
}

const argument = (command: RowAt | null): string => command?.event.data.replace(/^\S+\s*/, '') ?? '';
const quote = (text: string): string => (text === '' ? 'without a name' : `"${text}"`);

/** `5.0 seconds`, `2 minutes`. */
export function seconds(ms: number): string {
  if (ms < 100) return `${ms} ms`;
  if (ms < 120_000) return `${(ms / 1000).toFixed(1)} seconds`;
  return `${Math.round(ms / 60_000)} minutes`;
}
