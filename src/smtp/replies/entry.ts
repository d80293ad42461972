/**
 * What the catalogue knows about one situation in which a server answers. An entry is written once for all versions of
 * Exchange; where a version says it in other words, the entry has another text.
 */

/** When it is said, in the order of a session; `hand-over` is front end to Hub, `delivery` the way to the next hop. */
export const REPLY_STAGES = [
  'connect',
  'any-time',
  'hello',
  'start-tls',
  'authentication',
  'mail',
  'recipient',
  'data',
  'end-of-data',
  'hand-over',
  'delivery',
  'non-delivery',
] as const;
export type ReplyStage = (typeof REPLY_STAGES)[number];

/**
 * Who says it: a receive connector to its client; the send side (its own words, or those of the server it talks to); the
 * transport service after it took the message; Exchange Online; the software of the client.
 */
export const REPLY_SIDES = ['receive', 'send', 'transport', 'exchange-online', 'client'] as const;
export type ReplySide = (typeof REPLY_SIDES)[number];

/** Exchange 2016, 2019 and SE are one; EXO is Exchange Online. */
export const REPLY_VERSIONS = ['2007', '2010', '2013', '2016+', 'EXO'] as const;
export type ReplyVersion = (typeof REPLY_VERSIONS)[number];

/** The versions that the reference names together; `other` is said by something that is not Exchange. */
export const VERSION_RANGES = {
  '2007-2013': ['2007', '2010', '2013'],
  '2010': ['2010'],
  '2010+': ['2010', '2013', '2016+'],
  '2010+ EXO': ['2010', '2013', '2016+', 'EXO'],
  '2010-2013': ['2010', '2013'],
  '2013': ['2013'],
  '2013+': ['2013', '2016+'],
  '2016+': ['2016+'],
  '2016+ EXO': ['2016+', 'EXO'],
  EXO: ['EXO'],
  other: [],
} as const satisfies Record<string, readonly ReplyVersion[]>;
export type VersionRange = keyof typeof VERSION_RANGES;

/**
 * Whether the reply is held back by the connector's TarpitInterval; a client that has authenticated (an externally
 * secured connector counts as that) never waits. `thirty-seconds` is a time of its own.
 */
export type Tarpit =
  | 'never'
  | 'unauthenticated'
  | 'discredited-address'
  | 'second-hello'
  | 'duplicate-recipient'
  | 'reset-without-message'
  | 'beyond-thousand-recipients'
  | 'thirty-seconds';

/** `{name}` in a text stands for one or more characters; a line feed in it begins the next line of a long reply. */
export interface ReplyText {
  readonly versions: VersionRange;
  readonly text: string;
}

/** `exchange`: one command that only reads. `log`: what the protocol log shows. The others are sentences. */
export interface Look {
  readonly kind: 'exchange' | 'log' | 'device' | 'network';
  readonly text: string;
}

/** `exchange`: one command for the Exchange Management Shell. The others are sentences. */
export interface ReplyRemedy {
  readonly kind: 'exchange' | 'device' | 'network' | 'advice';
  readonly text: string;
}

/** What may stand in braces in a command; it stands where a quoted literal belongs and is filled with one. */
export const COMMAND_PLACEHOLDERS = [
  'client',
  'component',
  'connector',
  'destination',
  'domain',
  'group',
  'inboundConnector',
  'mailbox',
  'messageId',
  'recipient',
  'sendConnector',
  'sender',
  'server',
  'thumbprint',
  'user',
] as const;

/** How it is known. `product`: the product's own behaviour. `documentation`: Microsoft's pages and blog. */
export type ReplySource = 'product' | 'documentation' | 'real log' | 'public thread';

/** One situation in which a server answers, or a row of the log that stands where an answer would. */
export interface ReplyEntry {
  /** The situation as a noun, unique in the catalogue. */
  readonly id: string;
  readonly stage: ReplyStage;
  readonly side: ReplySide;
  /** What is sent: at most one text for each version. */
  readonly texts: readonly ReplyText[];
  /** Other wordings that are recognised and never sent. */
  readonly variants: readonly string[];
  /** True where the server closes the connection to its client after it. */
  readonly closes: boolean;
  readonly tarpits: Tarpit;
  /** True where administrators ask about it again and again: listed first where only a code is known. */
  readonly often: boolean;
  /** What it says, for somebody who runs a helpdesk. */
  readonly meaning: string;
  readonly causes: readonly string[];
  readonly lookAt: readonly Look[];
  readonly remedy: readonly ReplyRemedy[];
  /** Texts that are this entry, at its stage and side; a text without placeholders is a sample of itself. */
  readonly samples: readonly string[];
  readonly source: readonly ReplySource[];
}

/** An entry as a file of the catalogue writes it: what its file says for all, or what goes without saying, is left out. */
export interface ReplyDraft
  extends Pick<ReplyEntry, 'id' | 'texts' | 'meaning' | 'causes' | 'remedy' | 'source'>,
    Partial<Pick<ReplyEntry, 'stage' | 'side' | 'variants' | 'closes' | 'tarpits' | 'often' | 'lookAt' | 'samples'>> {}

/** Entries with their ids and texts as types, so that a reply that is sent is checked by the compiler. */
export type Entries<Drafts extends readonly ReplyDraft[]> = {
  readonly [Place in keyof Drafts]: ReplyEntry & Pick<Drafts[Place], 'id' | 'texts'>;
};

/** The entries of a file; `place` is where they are said unless a draft says otherwise. */
export function replies<const Drafts extends readonly ReplyDraft[]>(
  place: Pick<ReplyEntry, 'stage' | 'side'>,
  drafts: Drafts,
): Entries<Drafts> {
  const entries = drafts.map(
    (draft): ReplyEntry => ({
      ...place,
      variants: [],
      closes: false,
      tarpits: 'never',
      often: false,
      lookAt: [],
      ...draft,
      samples: [
        ...[...draft.texts.map(({ text }) => text), ...(draft.variants ?? [])].filter((text) => !/\{\w+\}/.test(text)),
        ...(draft.samples ?? []),
      ],
    }),
  );
  // What map gives is known to TypeScript as a list only, not as one entry for each draft.
  return entries as unknown as Entries<Drafts>;
}

/** A command for the Exchange Management Shell: to look with, or to mend with. */
export const exchange = (text: string) => ({ kind: 'exchange', text }) as const;
/** What to look for in the protocol log. */
export const log = (text: string) => ({ kind: 'log', text }) as const;
/** Something to see or set on the device or in the application that sends. */
export const device = (text: string) => ({ kind: 'device', text }) as const;
/** Something to see or do on the way between the two. */
export const network = (text: string) => ({ kind: 'network', text }) as const;
/** A remedy that is neither a command nor a setting. */
export const advice = (text: string) => ({ kind: 'advice', text }) as const;

/** The remedy of a reply that is as it should be. */
export const NOTHING_TO_DO = [advice('Nothing has to be done: this is as it should be.')] as const;
