/** The transactions of many sessions, from the rows of the store: senders, recipients and replies without their log. */
import type { TransactionState } from '../session/session.ts';
import type { Database } from '../store/database.ts';

export interface StoredTransaction {
  /** Empty: the null sender. null: the MAIL row is missing. */
  readonly sender: string | null;
  /** The real client, where a front end handed the message over. */
  readonly client: string | null;
  readonly recipients: readonly StoredRecipient[];
  readonly state: TransactionState;
  /** The deciding reply where it is a refusal. */
  readonly reply: string | null;
  readonly messageId: string | null;
  /** Number of the message in the queue and in message tracking. */
  readonly internalId: string | null;
  readonly bytes: number | null;
  /** A shadow copy between servers, which is no mail. */
  readonly shadow: boolean;
}

export interface StoredRecipient {
  readonly address: string;
  /** Its own reply: 2xx true, 4xx or 5xx false, none seen null. */
  readonly accepted: boolean | null;
  /** The reply where it is a refusal. */
  readonly reply: string | null;
}

type TransactionRow = Omit<StoredTransaction, 'recipients' | 'shadow'> & {
  readonly session: number;
  readonly ordinal: number;
  readonly shadow: number;
};
type RecipientRow = Omit<StoredRecipient, 'accepted'> & {
  readonly session: number;
  readonly ordinal: number;
  readonly accepted: number | null;
};

/** By internal number of the session (`session_view.id`), in order; sessions without a transaction have none. */
export function storedTransactions(db: Database, sessions: readonly number[]): Map<number, StoredTransaction[]> {
  const wanted = JSON.stringify(sessions);
  const recipients = new Map<string, StoredRecipient[]>();
  const recipientRows = db
    .prepare<[string], RecipientRow>(
      `SELECT r.session, r.transaction_ordinal AS ordinal, address.value AS address, r.accepted, reply.value AS reply
       FROM json_each(?) wanted JOIN recipient r ON r.session = wanted.value JOIN address ON address.id = r.address_id
       LEFT JOIN text reply ON reply.id = r.reply_id ORDER BY r.session, r.transaction_ordinal, r.ordinal`,
    )
    .all(wanted);
  for (const { session, ordinal, address, accepted, reply } of recipientRows)
    append(recipients, `${session} ${ordinal}`, { address, accepted: accepted === null ? null : accepted === 1, reply });
  const transactions = new Map<number, StoredTransaction[]>();
  const transactionRows = db
    .prepare<[string], TransactionRow>(
      `SELECT t.session, t.ordinal, sender.value AS sender, client.value AS client, t.state, reply.value AS reply,
         t.message_id AS messageId, t.internal_id AS internalId, t.bytes, t.shadow
       FROM json_each(?) wanted JOIN smtp_transaction t ON t.session = wanted.value
       LEFT JOIN address sender ON sender.id = t.sender_id LEFT JOIN text client ON client.id = t.client_id
       LEFT JOIN text reply ON reply.id = t.reply_id ORDER BY t.session, t.ordinal`,
    )
    .all(wanted);
  for (const { session, ordinal, shadow, ...transaction } of transactionRows)
    append(transactions, session, {
      ...transaction,
      shadow: shadow === 1,
      recipients: recipients.get(`${session} ${ordinal}`) ?? [],
    });
  return transactions;
}

function append<Key, Value>(lists: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}
