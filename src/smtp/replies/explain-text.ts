/**
 * What a person pasted, explained: a reply as a device shows it, a piece of a non-delivery report, a code, or a row of a
 * protocol log. Pure; every text, however long or hostile, is answered in bounded time.
 *
 * It is tried in this order, and the first that finds something decides:
 *
 * 1. `exact`: a code of the text, and behind it the whole of a template; or a context row that is the whole text;
 * 2. `text`: the words of a template without its code, with blanks or punctuation changed, or cut off at the end (six
 *    letters at least). Where the text has codes, entries with these codes come alone; words with another code than theirs
 *    count only where there is nothing better, and then only as a whole;
 * 3. `code only`: entries with the code. Three digits count alone only where the text has no other words: too many
 *    entries share them.
 */
import { type CataloguedReply, REPLY_INDEX } from '../reply-catalogue.ts';
import type { ReplySide } from './entry.ts';
import {
  BETWEEN_CODES,
  type CodeInText,
  codesIn,
  hasWording,
  LONGEST_PASTE,
  type PastedRow,
  pastedLine,
  pastedRows,
  wordingKey,
} from './pasted-text.ts';
import type { FoundReply, IndexedTemplate, ReplyPlace } from './reply-index.ts';
import { type StatusMeaning, statusMeaning } from './status-code.ts';
import { onOneLine, type Values } from './template.ts';

/** How well a text is an entry. */
export type MatchQuality = 'exact' | 'text' | 'code only';

/** An entry that a text may be. */
export interface Candidate {
  readonly entry: CataloguedReply;
  readonly how: MatchQuality;
  /** What stood at the placeholders: of exact matches only. */
  readonly values: Values;
  /** The id of the entry in whose text this reply was quoted. */
  readonly quotedBy?: string;
}

/**
 * `known`: at least one candidate, the best first. `command`: the row is something that a client
 * said. `connected`: it is the row with which a session begins.
 */
export type TextExplanation = {
  /** What the digits mean in general, for every code in the text. */
  readonly codes: readonly StatusMeaning[];
  /** The row, where the text was one. */
  readonly row?: PastedRow;
} & (
  | { readonly kind: 'known'; readonly candidates: readonly [Candidate, ...Candidate[]] }
  | { readonly kind: 'command'; readonly command: string }
  | { readonly kind: 'connected' }
  | { readonly kind: 'unknown' }
);

/** Explains what was pasted; `place` is what is known of where it was said, if it is no row that says so itself. */
export function explainText(pasted: string, place: ReplyPlace = {}): TextExplanation {
  const read = pasted.slice(0, LONGEST_PASTE);
  const rows = pastedRows(read).map((row) => explainRow(row, place));
  const row = rows.find(isRefusal) ?? rows[0];
  if (row) return row;
  const text = pastedLine(read);
  return explanation(text, candidatesOf(text, read, place));
}

/** Of several rows, the one that somebody asks about. */
const isRefusal = ({ codes }: TextExplanation): boolean => codes.some(({ basic }) => basic !== undefined && basic >= '400');

const COMMAND = /^(?:EHLO|HELO|MAIL|RCPT|DATA|BDAT|RSET|NOOP|QUIT|VRFY|EXPN|HELP|AUTH|STARTTLS|X[A-Z0-9-]+)\b/i;

function explainRow(row: PastedRow, place: ReplyPlace): TextExplanation {
  const reply = /^\d{3}(?:[ -]|$)/.test(row.data.trim());
  const text = pastedLine(row.event === '*' && !/^Tarpit\b/.test(row.data) ? row.context || row.data : row.data || row.context);
  if (!reply && (row.event === '<' || row.event === '>') && (COMMAND.test(text) || text === ''))
    return { kind: 'command', command: text, codes: [], row };
  if (row.event === '+') return { kind: 'connected', codes: [], row };
  const candidates = candidatesOf(text, text, { side: sideOf(row, reply), ...place });
  return { ...explanation(text, candidates), row };
}

/**
 * On a receive log the replies of the server are `>`, on a send log `<`. Other rows tell by the connector: that of a
 * receive log has its server's name before it, and no connector at all means a client that none would take.
 */
function sideOf({ connector, event }: PastedRow, reply: boolean): ReplySide {
  if (reply && event !== '*') return event === '<' ? 'send' : 'receive';
  return connector === '' || connector.includes('\\') ? 'receive' : 'send';
}

function explanation(text: string, candidates: readonly Candidate[]): TextExplanation {
  const codes = codesIn(text).map(({ basic, enhanced }) =>
    statusMeaning({ ...(basic === undefined ? {} : { basic }), ...(enhanced === undefined ? {} : { enhanced }) }),
  );
  const once = codes.filter(
    ({ basic, enhanced }, index) => codes.findIndex((other) => other.basic === basic && other.enhanced === enhanced) === index,
  );
  const [best, ...others] = candidates;
  return best ? { kind: 'known', candidates: [best, ...others], codes: once } : { kind: 'unknown', codes: once };
}

function candidatesOf(text: string, pasted: string, place: ReplyPlace): Candidate[] {
  const codes = codesIn(text);
  for (const found of [
    exactCandidates(text, pasted, codes, place),
    wordingCandidates(text, codes),
    codeCandidates(text, codes, place),
  ])
    if (found.length > 0) return onceEach(found);
  return [];
}

/** The outer reply first, then those that it quotes. */
function exactCandidates(text: string, pasted: string, codes: readonly CodeInText[], place: ReplyPlace): Candidate[] {
  const whole = REPLY_INDEX.find(onOneLine(pasted), place).filter(({ match }) => match === 'whole');
  if (whole.length > 0) return withQuoted(whole, place);
  const found: { readonly replies: readonly FoundReply<CataloguedReply>[]; readonly start: number; readonly end: number }[] = [];
  for (const { start, basic } of codes) {
    if (basic === undefined) continue;
    const { found: replies, end } = REPLY_INDEX.findAtStart(text.slice(start).replace(BETWEEN_CODES, '$1 '), place);
    if (replies.length > 0 && !found.some((outer) => start < outer.end && start > outer.start))
      found.push({ replies, start, end: start + end });
  }
  return found.sort((a, b) => b.end - b.start - (a.end - a.start)).flatMap(({ replies }) => withQuoted(replies, place));
}

/** A reply that quotes another one names its values `reply` or `error`. */
function withQuoted(found: readonly FoundReply<CataloguedReply>[], place: ReplyPlace): Candidate[] {
  return found.flatMap(({ entry, values }) => {
    const quoted = values.reply ?? values.error;
    const inner = quoted === undefined ? [] : REPLY_INDEX.find(quoted, place);
    return [
      { entry, how: 'exact', values },
      ...inner.map((reply): Candidate => ({ entry: reply.entry, how: 'exact', values: reply.values, quotedBy: entry.id })),
    ];
  });
}

/** Fewer letters say too little. */
const SHORTEST_WORDING = 8;
const SHORTEST_BEGINNING = 6;
/** What stands at a placeholder is a name, an address or a number, not half a page. */
const LONGEST_VALUE = 200;

interface Wording {
  readonly indexed: IndexedTemplate<CataloguedReply>;
  readonly code: string;
  readonly enhanced: string | undefined;
  /** Keys of the literals between the placeholders, without code. */
  readonly keys: readonly string[];
  readonly weight: number;
}

let wordings: readonly Wording[] | undefined;

/** Made at the first question. */
function allWordings(): readonly Wording[] {
  wordings ??= REPLY_INDEX.all().map((indexed) => {
    const [first = '', ...rest] = indexed.pattern.literals;
    const [prefix = '', code = '', enhanced] = /^(?:(\d{3}) (?:(\d\.\d{1,3}\.\d{1,3}) )?)?(?:SMTP; )?/.exec(first) ?? [];
    const keys = [first.slice(prefix.length), ...rest].map(wordingKey).filter((key) => key !== '');
    return { indexed, code, enhanced, keys, weight: keys.reduce((sum, { length }) => sum + length, 0) };
  });
  return wordings;
}

function wordingCandidates(text: string, codes: readonly CodeInText[]): Candidate[] {
  const key = wordingKey(text);
  const found = allWordings()
    .filter(({ weight }) => weight >= SHORTEST_WORDING)
    .flatMap((wording) => {
      const span = spanOf(wording.keys, key);
      return span ? [{ wording, ...span, weight: wording.weight }] : [];
    });
  const inside = (a: (typeof found)[number], b: (typeof found)[number]) =>
    a.weight < b.weight && a.start >= b.start && a.end <= b.end;
  const widest = found.filter((one) => !found.some((other) => inside(one, other)));
  const ranked = [...widest, ...cutOff(text, codes)].map((one) => ({ ...one, agrees: agreement(one.wording, codes) }));
  const agreeing = ranked.filter(({ agrees }) => agrees >= 0);
  return (agreeing.length > 0 ? agreeing : ranked)
    .sort((a, b) => b.agrees - a.agrees || b.weight - a.weight)
    .map(({ wording }): Candidate => ({ entry: wording.indexed.entry, how: 'text', values: {} }));
}

/** Where the keys stand in the text, one behind the other. */
function spanOf(keys: readonly string[], text: string): { readonly start: number; readonly end: number } | undefined {
  let [start, end] = [-1, 0];
  for (const key of keys) {
    const at = text.indexOf(key, end);
    if (at < 0 || (start >= 0 && at - end > LONGEST_VALUE)) return undefined;
    if (start < 0) start = at;
    end = at + key.length;
  }
  return start < 0 ? undefined : { start, end };
}

/** Texts that a display has cut: what stands behind a code, or all, is the beginning of a wording. */
function cutOff(text: string, codes: readonly CodeInText[]): { readonly wording: Wording; readonly weight: number }[] {
  const tails = codes.length > 0 ? codes.map(({ end }) => text.slice(end)) : [text];
  const beginnings = tails
    .map((tail) => wordingKey(tail.replace(/^\s*SMTP; /i, '')))
    .filter(({ length }) => length >= SHORTEST_BEGINNING);
  return allWordings().flatMap((wording) => {
    const first = wording.keys[0] ?? '';
    const beginning = beginnings.find((one) => first.startsWith(one));
    return beginning !== undefined && agreement(wording, codes) >= 0 ? [{ wording, weight: beginning.length }] : [];
  });
}

/** 2: a code of the text is the template's; 1: its enhanced code alone is; 0: the text has no code; -1: it has others. */
function agreement({ code, enhanced }: Wording, codes: readonly CodeInText[]): number {
  if (codes.length === 0) return 0;
  const agrees = codes.map((one) => {
    if (one.enhanced !== undefined && one.enhanced !== enhanced) return -1;
    if (one.basic !== undefined && one.basic !== code) return -1;
    return one.basic === undefined ? 1 : 2;
  });
  return Math.max(...agrees);
}

function codeCandidates(text: string, codes: readonly CodeInText[], place: ReplyPlace): Candidate[] {
  const bare = !hasWording(text);
  const entries = codes.flatMap(({ basic, enhanced }) => {
    const of = (fits: (wording: Wording) => boolean) =>
      allWordings()
        .filter(fits)
        .map(({ indexed }) => indexed.entry);
    if (enhanced === undefined) return bare ? of((wording) => wording.code === basic) : [];
    const both = basic === undefined ? [] : of((wording) => wording.code === basic && wording.enhanced === enhanced);
    return both.length > 0 ? both : of((wording) => wording.enhanced === enhanced);
  });
  const fit = (entry: CataloguedReply): number =>
    (entry.stage === place.stage ? 4 : 0) + (entry.side === place.side ? 2 : 0) + (entry.often ? 1 : 0);
  return entries.map((entry): Candidate => ({ entry, how: 'code only', values: {} })).sort((a, b) => fit(b.entry) - fit(a.entry));
}

const onceEach = (candidates: readonly Candidate[]): Candidate[] => {
  const seen = new Set<string>();
  return candidates.filter(({ entry }) => !seen.has(entry.id) && seen.add(entry.id));
};
