/**
 * What went wrong in a session, as signs in the order of its rows: a reply that refuses, a row that stands where a reply
 * would, or the end itself. A sign that another one brought about is told under it.
 */

import type { ExaminedSession } from '../../queries/cases/case.ts';
import type { EventDetail, RefusalDetail } from '../../queries/session-detail.ts';
import { type CommandKind, commandKind } from '../../smtp/command.ts';
import { placeOfCommand } from '../../smtp/replies/command-stage.ts';
import type { ReplySide } from '../../smtp/replies/entry.ts';
import type { FoundReply } from '../../smtp/replies/reply-index.ts';
import { type CataloguedReply, findReply, type ReplyId } from '../../smtp/reply-catalogue.ts';

/** A row of the session by its place. */
export interface RowAt {
  readonly index: number;
  readonly event: EventDetail;
}

export interface RefusalSign {
  readonly kind: 'refusal';
  readonly refusal: RefusalDetail;
  /** The reply; null where its row is not found again. */
  readonly row: RowAt | null;
  /** The command that it answered, as far as it is known. */
  readonly command: RowAt | null;
  /** Information rows between the two. */
  readonly contexts: readonly RowAt[];
  readonly found: FoundReply<CataloguedReply> | undefined;
  /** The recipient that was refused, at RCPT. */
  readonly recipient: string | null;
  /** The sender of the transaction, and the real client for which a front end began it; null outside of one. */
  readonly sender: string | null;
  readonly client: string | null;
}

/** A row that stands where a reply would: the handshake failed, the connection was not made. */
export interface RowSign {
  readonly kind: 'row';
  readonly row: RowAt;
  readonly found: FoundReply<CataloguedReply>;
}

/** How far the client had come when it left, or fell silent. */
export type Step = 'connect' | 'hello' | 'starttls' | 'handshake' | 'auth' | 'mail' | 'rcpt' | 'data';

/** The session ended before anything was decided. */
export interface EndSign {
  readonly kind: 'end';
  readonly row: RowAt;
  readonly step: Step;
  /** Milliseconds from the row before to the end. */
  readonly after: number;
  /** What the server owed when it ended: a reply to the last command. */
  readonly unanswered: boolean;
}

/** Nothing in the rows says it: only what the session came to is known. */
export interface OutcomeSign {
  readonly kind: 'outcome';
  /** The last row; null where the rows are no longer in the store. */
  readonly row: RowAt | null;
}

export type Sign = RefusalSign | RowSign | EndSign | OutcomeSign;

/** A sign that no other brought about, with those that it did. */
export interface Root {
  readonly sign: Sign;
  readonly consequences: readonly Sign[];
}

/** Id of the catalogue's entry; undefined where it has none. */
export function replyIdOf(sign: Sign): ReplyId | undefined {
  return sign.kind === 'refusal' || sign.kind === 'row' ? sign.found?.entry.id : undefined;
}

export const commandOf = (sign: Sign): string => (sign.kind === 'refusal' ? sign.refusal.command : '');

/**
 * The roots of a session that failed, those that cost it a message first; at least one. `client`: in a Hub session that
 * serves several, only what became of its mail.
 */
export function rootsOf(session: ExaminedSession, client?: string): Root[] {
  const roots = rootsAmong(session, client);
  if (roots.length > 0) return roots;
  const index = session.events.length - 1;
  const event = session.events[index];
  return [{ sign: { kind: 'outcome', row: event ? { index, event } : null }, consequences: [] }];
}

function rootsAmong(session: ExaminedSession, client: string | undefined): Root[] {
  const shared = client !== undefined && session.clientSources.length > 1;
  const signs = signsOf(session).filter(
    (sign) =>
      !isMadeGood(sign, session) && !(shared && sign.kind === 'refusal' && sign.client !== null && sign.client !== client),
  );
  const parents = signs.map((sign, index) => signs.slice(0, index).find((earlier) => leadsTo(earlier, sign)));
  const rootOf = (sign: Sign): Sign => {
    const parent = parents[signs.indexOf(sign)];
    return parent ? rootOf(parent) : sign;
  };
  const roots = signs.filter((_, index) => parents[index] === undefined);
  return roots
    .map((sign) => ({ sign, consequences: signs.filter((other) => other !== sign && rootOf(other) === sign) }))
    .map((root, index) => ({ root, rank: rankOf(root), index }))
    .sort((a, b) => a.rank - b.rank || a.index - b.index)
    .map(({ root }) => root);
}

/** Signs in the order of the rows. */
export function signsOf(session: ExaminedSession): Sign[] {
  const refusals = refusalSigns(session);
  const signs: Sign[] = [...refusals, ...heldBackSign(session), ...rowSigns(session, refusals)];
  signs.sort((a, b) => placeOf(a) - placeOf(b));
  const end = endSign(session);
  // What the own side closes after a refusal is no more than its end.
  return end && !(signs.length > 0 && end.row.event.context === 'Local') ? [...signs, end] : signs;
}

const placeOf = (sign: Sign): number => sign.row?.index ?? Number.MAX_SAFE_INTEGER;

/** Who refuses in a session: the receive connector, Exchange Online by the names in its rows, or another next hop. */
export function speakerOf({ direction, events }: Pick<ExaminedSession, 'direction' | 'events'>): ReplySide {
  if (direction === 'receive') return 'receive';
  return events.some(({ event, data }) => event === '<' && ONLINE_HOST.test(data)) ? 'exchange-online' : 'send';
}

/** A host of Exchange Online in a banner, in the answer to EHLO, or in the brackets behind a reply. */
const ONLINE_HOST =
  /(?:^220 |^250[- ] ?|\[)[\w.-]+\.(?:protection\.outlook\.com|outlook\.office365\.com|prod\.(?:protection\.)?outlook\.com|office365\.com)\b/i;

// --- refusals ---------------------------------------------------------------------------------------------------

function refusalSigns(session: ExaminedSession): RefusalSign[] {
  const { events, direction } = session;
  const [ours, theirs] = direction === 'receive' ? (['>', '<'] as const) : (['<', '>'] as const);
  const used = new Set<number>();
  const recipients = session.transactions.flatMap(({ recipients: all, sender, client }) =>
    all.map((recipient) => ({ ...recipient, sender, client })),
  );
  const refusedRecipients = recipients
    .map((one, index) => ({ ...one, index }))
    .filter(({ accepted, reply }) => !accepted && reply);
  const recipientRows = rowsOf(events, theirs, ['rcpt']);
  let refusedAt = 0;
  return session.refusals.map((refusal): RefusalSign => {
    const row = replyRow(events, ours, refusal, used);
    if (row) used.add(row.index);
    const before = row?.index ?? events.length;
    const recipient = refusal.command === 'rcpt' ? refusedRecipients[refusedAt++] : undefined;
    const command =
      (recipient && recipientRows[recipient.index]) ??
      rowsOf(events, theirs, COMMANDS[refusal.command] ?? [])
        .filter(({ index }) => index < before)
        .at(-1) ??
      null;
    const transaction = transactionAt(session, refusal);
    const contexts = command
      ? events.flatMap((event, index) =>
          event.event === '*' && index > command.index && index < before ? [{ index, event }] : [],
        )
      : [];
    return {
      kind: 'refusal',
      refusal,
      row,
      command,
      contexts,
      found:
        findReply(refusal.text, {
          side: speakerOf(session),
          ...placeOfCommand(refusal.command),
        }) ?? rejectionOfAgent(contexts),
      recipient: recipient?.address ?? null,
      sender: recipient?.sender ?? transaction?.sender ?? null,
      client: recipient?.client ?? transaction?.client ?? null,
    };
  });
}

/** An agent refuses with words of its own: the row before them names it. */
function rejectionOfAgent(contexts: readonly RowAt[]): RefusalSign['found'] {
  const found = contexts.flatMap(({ event }) =>
    event.context === '' ? [] : (findReply(event.context, { side: 'receive' }) ?? []),
  );
  return found.find(({ entry }) => entry.id === 'rejected-by-agent');
}

/** The kinds of command that a refusal may answer, by the word in which the session tells it. */
const COMMANDS: Readonly<Record<string, readonly CommandKind[]>> = {
  hello: ['hello'],
  starttls: ['starttls'],
  auth: ['auth'],
  mail: ['mail'],
  rcpt: ['rcpt'],
  data: ['data'],
  bdat: ['bdat', 'bdat-last'],
  'bdat-last': ['bdat', 'bdat-last'],
  rset: ['rset'],
  noop: ['noop'],
  vrfy: ['vrfy'],
  help: ['help'],
  quit: ['quit'],
  other: ['other'],
};

/**
 * The refusal that was being held back when the client left: the row of the delay names it from late 2013 on, and no row of
 * its own follows.
 */
function heldBackSign(session: ExaminedSession): RefusalSign[] {
  const { events, direction, transactions } = session;
  if (direction === 'send') return [];
  const index = events.findLastIndex(({ event, data }) => event === '*' && HELD_BACK.test(data));
  if (index < 0 || events.slice(index + 1).some(({ event }) => event === '>')) return [];
  const text = HELD_BACK.exec(events[index]!.data)![1]!;
  const [kind, command] = Object.entries(COMMANDS)
    .flatMap(([name, kinds]) => rowsOf(events.slice(0, index), '<', kinds).map((row) => [name, row] as const))
    .sort(([, a], [, b]) => a.index - b.index)
    .at(-1) ?? ['', null];
  const transaction = transactions.at(-1);
  const refusal = { at: events[index]!.at, command: kind, code: Number(text.slice(0, 3)), text };
  const during = transactionAt(session, refusal);
  return [
    {
      kind: 'refusal',
      refusal,
      row: { index, event: events[index]! },
      command,
      contexts: [],
      found: findReply(text, { side: 'receive', ...placeOfCommand(kind) }),
      recipient: (kind === 'rcpt' ? transaction?.recipients.at(-1)?.address : undefined) ?? null,
      sender: during?.sender ?? null,
      client: during?.client ?? null,
    },
  ];
}

const HELD_BACK = /^Tarpit for '[^']*' due to '([45]\d\d .*)'$/;

/** True for a refusal that the client did not wait for. */
export const isUnheard = (sign: Sign): boolean => sign.kind === 'refusal' && sign.row?.event.event === '*';

function rowsOf(events: readonly EventDetail[], sign: string, kinds: readonly CommandKind[]): RowAt[] {
  return events.flatMap((event, index) => {
    if (event.event !== sign) return [];
    const bytes = Buffer.from(event.data, 'utf8');
    return kinds.includes(commandKind(bytes, 0, bytes.length)) ? [{ index, event }] : [];
  });
}

function replyRow(events: readonly EventDetail[], sign: string, refusal: RefusalDetail, used: ReadonlySet<number>): RowAt | null {
  const code = String(refusal.code);
  const candidates = events.flatMap((event, index) =>
    event.event === sign && event.at === refusal.at && event.data.startsWith(code) && !used.has(index) ? [{ index, event }] : [],
  );
  return candidates.find(({ event }) => event.data.trim() === refusal.text) ?? candidates.at(-1) ?? null;
}

/** The transaction that was under way; undefined where the refusal was not about one. */
function transactionAt({ transactions }: ExaminedSession, { at, command }: RefusalDetail) {
  return TRANSACTION.includes(command) ? transactions.filter(({ beganAt }) => beganAt <= at).at(-1) : undefined;
}

// --- rows that stand for a reply ----------------------------------------------------------------------------------

/** Rows after which no reply follows. */
const ALONE: readonly ReplyId[] = [
  'tls-negotiation-failed',
  'send-connect-failed',
  'send-tls-negotiation-failed',
  'send-tls-not-offered',
  'send-tls-authentication-failed',
  'send-logon-failed',
];
/** Rows before the refusal of a logon: signs of their own only where that is missing. */
const BEFORE_REPLY: readonly ReplyId[] = [
  'logon-denied',
  'submit-right-missing',
  'well-known-account-rejected',
  'client-proxy-failed',
];

function rowSigns(session: ExaminedSession, refusals: readonly RefusalSign[]): RowSign[] {
  const side = session.direction === 'receive' ? 'receive' : 'send';
  return session.events.flatMap((event, index): RowSign[] => {
    if (event.event !== '*' || event.context === '') return [];
    const found = findReply(event.context, { side });
    if (!found) return [];
    const { id } = found.entry;
    const answered = refusals.some(({ command, row }) => command && row && index > command.index && index < row.index);
    return ALONE.includes(id) || (BEFORE_REPLY.includes(id) && !answered) ? [{ kind: 'row', row: { index, event }, found }] : [];
  });
}

// --- the end ------------------------------------------------------------------------------------------------------

function endSign(session: ExaminedSession): EndSign | undefined {
  if (session.outcome !== 'abandoned') return undefined;
  const last = session.events.length - 1;
  const event = session.events[last];
  if (!event) return undefined;
  const before = session.events[last - 1];
  const conversation = session.events.filter((one) => one.event === '<' || one.event === '>');
  return {
    kind: 'end',
    row: { index: last, event },
    step: stepOf(session),
    after: before ? Date.parse(event.at) - Date.parse(before.at) : 0,
    unanswered: conversation.at(-1)?.event === (session.direction === 'receive' ? '<' : '>'),
  };
}

const STEPS: readonly (readonly [Step, RegExp])[] = [
  ['data', /^(?:DATA|BDAT)\b/i],
  ['rcpt', /^RCPT\b/i],
  ['mail', /^MAIL\b/i],
  ['auth', /^(?:AUTH|X-EXPS)\b/i],
  ['starttls', /^(?:STARTTLS|X-ANONYMOUSTLS)\b/i],
  ['hello', /^(?:EHLO|HELO)\b/i],
];

/** By the last command of the client; a handshake that was granted and led nowhere is a step of its own. */
function stepOf({ events, direction, tls }: ExaminedSession): Step {
  const mark = direction === 'receive' ? '<' : '>';
  for (const event of [...events].reverse()) {
    if (event.event !== mark) continue;
    const step = STEPS.find(([, pattern]) => pattern.test(event.data))?.[0];
    if (step === 'starttls') return tls === 'none' ? 'handshake' : 'starttls';
    if (step) return step;
  }
  return 'connect';
}

// --- what leads to what -------------------------------------------------------------------------------------------

/** A certificate that is not taken stands behind a handshake that went well: that is no later try. */
const HANDSHAKES: readonly ReplyId[] = ['tls-negotiation-failed', 'send-tls-negotiation-failed'];

/** A later try of the same went well. */
function isMadeGood(sign: Sign, session: ExaminedSession): boolean {
  if (sign.kind === 'row') return HANDSHAKES.includes(sign.found.entry.id) && session.tls !== 'none';
  if (sign.kind !== 'refusal' || sign.row === null) return false;
  const { events } = session;
  switch (commandOf(sign)) {
    case 'hello':
      return events.some(({ event, data }, index) => index > sign.row!.index && event !== '*' && /^250[ -].* Hello\b/.test(data));
    case 'auth':
      return session.authResult === 'success' || isTakenFurther(sign, session);
    case 'starttls':
      return session.tls !== 'none';
    default:
      return false;
  }
}

/** A way to log on that was not offered, and then another one that the server went into: what came of that one counts. */
function isTakenFurther(sign: RefusalSign | RowSign, { events, direction }: ExaminedSession): boolean {
  const ours = direction === 'receive' ? '>' : '<';
  return (
    replyIdOf(sign) === 'unrecognized-authentication-type' &&
    events.some(({ event, data }, index) => index > sign.row!.index && event === ours && data.startsWith('334'))
  );
}

const NEEDS_LOGON: readonly (ReplyId | undefined)[] = [
  'client-not-authenticated',
  'client-may-not-submit',
  'relay-denied',
  'anonymous-send-as-denied',
  'online-client-not-authenticated',
  'online-relay-denied',
  'user-unknown',
];
const NEEDS_TLS: readonly (ReplyId | undefined)[] = [
  'starttls-required',
  'starttls-first',
  'unrecognized-authentication-type',
  'online-tls-too-old',
];

/** Commands whose refusal makes what is sent next a command that nobody knows. */
const NOT_ASKED_FOR: readonly string[] = ['data', 'bdat', 'bdat-last', 'auth'];

/** A firewall that inspects SMTP writes X over what it does not know. */
const isMasked = (sign: Sign): boolean => sign.kind === 'refusal' && /(?:^|\s)X{4,}(?:\s|$)/.test(sign.command?.event.data ?? '');

/** True where the later sign would not be there without the earlier one. */
export function leadsTo(earlier: Sign, later: Sign): boolean {
  const id = replyIdOf(later);
  const [before, after] = [commandOf(earlier), commandOf(later)];
  if (isMasked(earlier) && isMasked(later)) return true;
  // A client that does not listen sends its text, or its name and password, although nobody asked for them.
  if (id === 'unrecognized-command' && after === 'other' && NOT_ASKED_FOR.includes(before)) return true;
  const tlsFailed =
    before === 'starttls' ||
    (earlier.kind === 'row' &&
      ['tls-negotiation-failed', 'send-tls-negotiation-failed', 'send-tls-not-offered'].includes(earlier.found.entry.id));
  // Who does not wait for a refusal leaves for a reason of its own.
  if (later.kind === 'end') return earlier.kind !== 'end' && !isUnheard(earlier);
  if (id === 'too-many-errors' || id === 'inactivity-timeout') return earlier.kind === 'refusal' && id !== replyIdOf(earlier);
  // What the server did not recognise may have been the hello itself: mistyped, or overwritten on the way.
  if (id === 'hello-missing' || id === 'extended-hello-missing')
    return before === 'hello' || (before === 'other' && replyIdOf(earlier) === 'unrecognized-command');
  if (id === 'mail-missing') return before === 'mail';
  if (id === 'recipient-missing') return before === 'rcpt' || before === 'mail';
  if (tlsFailed && (NEEDS_TLS.includes(id) || after === 'auth')) return true;
  // The front end says so to the client after its own row about it.
  if (earlier.kind === 'row' && earlier.found.entry.id === 'client-proxy-failed' && after === 'auth') return true;
  if (before === 'auth' || (earlier.kind === 'row' && BEFORE_REPLY.includes(earlier.found.entry.id)))
    return after === 'auth' ? replyIdOf(earlier) === id : NEEDS_LOGON.includes(id);
  // The same refusal again: one cause, however often the client tries.
  return id !== undefined && id === replyIdOf(earlier) && before === after;
}

const TRANSACTION = ['mail', 'rcpt', 'data', 'bdat', 'bdat-last'];

/** What cost a message first; what the session went on without last. */
function rankOf({ sign, consequences }: Root): number {
  if ([sign, ...consequences].some((one) => TRANSACTION.includes(commandOf(one)))) return 0;
  if (sign.kind === 'refusal' && ['rset', 'noop', 'vrfy', 'help', 'quit'].includes(commandOf(sign))) return 2;
  return 1;
}
