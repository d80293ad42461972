/**
 * Everything that Exchange and Exchange Online say to a relaying client, what a relayed message meets next, and the rows
 * of the log that stand for a reply: said by the relay, and explained by the analyzer, from this one list.
 *
 * Entries stand in the order of a session: file by file as below, and within a file by stage.
 */
import { ANY_TIME_REPLIES } from './replies/any-time.ts';
import { AUTHENTICATION_REPLIES } from './replies/authentication.ts';
import { CONNECT_REPLIES } from './replies/connect.ts';
import { CONTEXT_ROWS, SEND_CONTEXT_ROWS } from './replies/context-rows.ts';
import { DATA_REPLIES } from './replies/data.ts';
import { END_OF_DATA_REPLIES } from './replies/end-of-data.ts';
import { type ReplyEntry, type ReplyVersion, VERSION_RANGES } from './replies/entry.ts';
import { EXCHANGE_ONLINE_REPLIES } from './replies/exchange-online.ts';
import { HAND_OVER_REPLIES } from './replies/hand-over.ts';
import { HELLO_REPLIES } from './replies/hello.ts';
import { MAIL_REPLIES } from './replies/mail.ts';
import { NON_DELIVERY_REPLIES } from './replies/non-delivery.ts';
import { RECIPIENT_REPLIES } from './replies/recipient.ts';
import { type FoundReply, ReplyIndex, type ReplyPlace } from './replies/reply-index.ts';
import { SEND_SIDE_REPLIES } from './replies/send-side.ts';
import { START_TLS_REPLIES } from './replies/start-tls.ts';
import { fillTemplate, replyLines } from './replies/template.ts';

/** The lists of the catalogue, in its order. */
export const REPLY_LISTS = [
  CONNECT_REPLIES,
  ANY_TIME_REPLIES,
  HELLO_REPLIES,
  START_TLS_REPLIES,
  AUTHENTICATION_REPLIES,
  MAIL_REPLIES,
  RECIPIENT_REPLIES,
  DATA_REPLIES,
  END_OF_DATA_REPLIES,
  HAND_OVER_REPLIES,
  SEND_SIDE_REPLIES,
  NON_DELIVERY_REPLIES,
  EXCHANGE_ONLINE_REPLIES,
  CONTEXT_ROWS,
  SEND_CONTEXT_ROWS,
] as const;

type CatalogueEntry = (typeof REPLY_LISTS)[number][number];

/** The id of every entry. */
export type ReplyId = CatalogueEntry['id'];

/** An entry whose id is known to be one of the catalogue's. */
export type CataloguedReply = ReplyEntry & { readonly id: ReplyId };

/** The whole catalogue. */
export const REPLIES: readonly CataloguedReply[] = (REPLY_LISTS as readonly (readonly CataloguedReply[])[]).flat();

const BY_ID = new Map<string, CataloguedReply>(REPLIES.map((entry) => [entry.id, entry]));

/** All replies, looked up by text. */
export const REPLY_INDEX = new ReplyIndex(REPLIES);

/** The entry of an id. */
export const replyById = (id: ReplyId): CataloguedReply => BY_ID.get(id)!;

/** The likeliest entry for a reply or a context row of a log; undefined where the catalogue has none. The rule: `reply-index.ts`. */
export function findReply(text: string, place?: ReplyPlace): FoundReply<CataloguedReply> | undefined {
  return REPLY_INDEX.find(text, place)[0];
}

/** All entries that say this text: more than one where only stage, side or version could tell them apart. */
export function findReplies(text: string, place?: ReplyPlace): FoundReply<CataloguedReply>[] {
  return REPLY_INDEX.find(text, place);
}

type PlaceholderOf<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | PlaceholderOf<Rest>
  : never;
type TextOf<Id extends ReplyId> = Extract<CatalogueEntry, { readonly id: Id }>['texts'][number]['text'];

/** What a reply needs to be said, in any version that has it. */
export type ReplyValues<Id extends ReplyId> = Readonly<Record<PlaceholderOf<TextOf<Id>>, string | number>>;

/** Whether servers of this version say the reply. */
export const isSaidBy = (id: ReplyId, version: ReplyVersion): boolean => templateOf(id, version) !== undefined;

/**
 * The reply as a server of this version sends it: lines parted by CR LF, without the last one. A value that stands on a
 * line of its own (`extensions` of the hello) may hold several lines, parted by LF. Throws a RangeError where the version
 * does not have the reply.
 */
export function formatReply<Id extends ReplyId>(
  id: Id,
  version: ReplyVersion,
  ...[values]: [keyof ReplyValues<Id>] extends [never] ? [] : [values: ReplyValues<Id>]
): string {
  const key = `${version} ${id}`;
  const constant = CONSTANTS.get(key);
  if (constant !== undefined) return constant;
  const template = templateOf(id, version);
  if (template === undefined) throw new RangeError(`Exchange ${version} does not say ${id}`);
  const text = replyLines(fillTemplate(template, values ?? {}));
  if (!template.includes('{')) CONSTANTS.set(key, text);
  return text;
}

/** Replies without values, once they were said: most of what a busy relay says. */
const CONSTANTS = new Map<string, string>();

function templateOf(id: ReplyId, version: ReplyVersion): string | undefined {
  return replyById(id).texts.find(({ versions }) => (VERSION_RANGES[versions] as readonly ReplyVersion[]).includes(version))
    ?.text;
}
