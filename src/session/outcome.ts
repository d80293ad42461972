/** Decides what became of a session: the closed set of smtp/outcome.ts, the first rule that holds, with its reason. */
import type { Outcome } from '../smtp/outcome.ts';
import type { Transaction } from './session.ts';
import type { SessionBuilder } from './session-builder.ts';

interface Counts {
  readonly messagesAccepted: number;
  readonly messagesRefused: number;
  readonly recipientsAccepted: number;
  readonly recipientsRefused: number;
}

interface Verdict {
  readonly outcome: Outcome;
  readonly reason: string;
}

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/**
 * `open` is not decided here: whether an unfinished session may still go on depends on where the logs end, which is
 * known only when asked (store/: `session_view`).
 */
export function decideOutcome(session: SessionBuilder, transactions: readonly Transaction[], counts: Counts): Verdict {
  return (
    delivered(transactions, counts) ??
    (session.proxied ? { outcome: 'proxied', reason: 'handed over to the Hub, whose log has the rest' } : undefined) ??
    failedBeforeMail(session) ??
    refused(session, transactions) ??
    undecided(session, transactions)
  );
}

function delivered(transactions: readonly Transaction[], counts: Counts): Verdict | undefined {
  const { messagesAccepted, messagesRefused, recipientsRefused, recipientsAccepted } = counts;
  if (messagesAccepted === 0) {
    if (messagesRefused > 0) return undefined;
    const shadows = transactions.filter((transaction) => transaction.shadow).length;
    return shadows > 0
      ? { outcome: 'accepted', reason: `${plural(shadows, 'shadow copy').replace('copys', 'copies')}, no mail` }
      : undefined;
  }
  const accepted = `${plural(messagesAccepted, 'message')} accepted for ${plural(recipientsAccepted, 'recipient')}`;
  if (messagesRefused === 0 && recipientsRefused === 0) return { outcome: 'accepted', reason: accepted };
  const lost = messagesRefused > 0 ? plural(messagesRefused, 'message') : plural(recipientsRefused, 'recipient');
  return { outcome: 'partial', reason: `${accepted}, ${lost} refused: ${firstRefusal(transactions)}` };
}

function firstRefusal(transactions: readonly Transaction[]): string {
  for (const transaction of transactions) {
    if (transaction.state === 'refused' && transaction.reply) return transaction.reply;
    const recipient = transaction.recipients.find((one) => one.accepted === false);
    if (recipient?.reply) return recipient.reply;
  }
  return 'reply not logged';
}

function failedBeforeMail(session: SessionBuilder): Verdict | undefined {
  if (session.turnedAway !== null) return { outcome: 'turned-away', reason: session.turnedAway };
  if (session.connectError !== null && !session.connected) return { outcome: 'connect-failed', reason: session.connectError };
  if (session.tlsError !== null) return { outcome: 'tls-failed', reason: session.tlsError };
  if (session.authResult === 'failed') {
    const user = session.authUser ? ` (user ${session.authUser})` : '';
    return { outcome: 'auth-failed', reason: `${session.authError ?? 'AUTH failed'}${user}` };
  }
  return undefined;
}

function refused(session: SessionBuilder, transactions: readonly Transaction[]): Verdict | undefined {
  const transaction = transactions.find((one) => one.state === 'refused');
  if (transaction) return { outcome: 'refused', reason: transaction.reply ?? 'reply not logged' };
  return session.commandRefusal === null ? undefined : { outcome: 'refused', reason: session.commandRefusal };
}

function undecided(session: SessionBuilder, transactions: readonly Transaction[]): Verdict {
  const end = session.farewell ?? (session.ended ? `disconnect ${session.disconnect || 'without reason'}` : 'no end in the logs');
  const last = transactions.at(-1);
  if (last) return { outcome: 'abandoned', reason: `${stepOf(last)}, then ${end}` };
  if (session.authPending && session.authResult === 'none')
    return { outcome: 'abandoned', reason: `AUTH ${session.authMechanism ?? ''} begun, then ${end}` };
  if (session.startTlsAt === 'asked' || session.startTlsAt === 'granted')
    return { outcome: 'abandoned', reason: `STARTTLS begun, then ${end}` };
  return { outcome: 'probe', reason: `${deepestStep(session)}, then ${end}` };
}

/** How far the last transaction came. */
function stepOf(transaction: Transaction): string {
  const accepted = transaction.recipients.filter((recipient) => recipient.accepted).length;
  if (accepted > 0) return `${plural(accepted, 'recipient')} accepted, no message completed`;
  return transaction.recipients.length > 0 ? 'RCPT without answer' : 'MAIL begun';
}

function deepestStep(session: SessionBuilder): string {
  if (session.authResult === 'success') return 'authenticated, sent nothing';
  if (session.tls !== 'none') return 'TLS negotiated, sent nothing';
  if (session.helo !== null) return 'said hello, sent nothing';
  return session.connected || session.greeted ? 'connected, said nothing' : 'no conversation in the logs';
}
