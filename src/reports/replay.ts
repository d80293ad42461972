/** What a proposed configuration would have made of sessions, as documents: what would be lost comes first. */
import type { Cell, Column, Document, Section, Table } from '../document/document.ts';
import type { RehearsedSession, ReplayReview, ReplayTotals } from '../rehearsal/review.ts';

/** The consequences, the worst first. */
const ORDER: readonly ReplayConsequence[] = [
  'mail-lost',
  'mail-in-doubt',
  'other-way',
  'other-connector',
  'mail-gained',
  'other-words',
  'none',
];

type ReplayConsequence = RehearsedSession['consequence'];
type Counts = RehearsedSession['messages'];
/** A reply then and now; null: none was given. */
type ReplyPair = RehearsedSession['replies'][number];

const number = (count: number): string => count.toLocaleString('en-US');
const plural = (count: number, noun: string): string => `${number(count)} ${noun}${count === 1 ? '' : 's'}`;

/** `Of 8,141 accepted messages none would have been refused; 3 devices would land on another connector.` */
export function replaySentence(totals: ReplayTotals): string {
  const { messagesAccepted, messagesLost, recipientsLost, messagesDoubtful, messagesGained, recipientsGained, devicesMoved } =
    totals;
  const more = [
    ...(messagesLost === 0 && recipientsLost > 0 ? [`${plural(recipientsLost, 'recipient')} of them would have been`] : []),
    ...(messagesDoubtful > 0 ? [`of ${number(messagesDoubtful)} it cannot be said`] : []),
    `${devicesMoved === 0 ? 'no device' : plural(devicesMoved, 'device')} would land on another connector`,
    ...(messagesGained > 0
      ? [`${plural(messagesGained, 'message')} that failed would have been accepted`]
      : recipientsGained > 0
        ? [`${plural(recipientsGained, 'recipient')} that had been refused would have been accepted`]
        : []),
  ];
  return `Of ${number(messagesAccepted)} accepted message${messagesAccepted === 1 ? '' : 's'} ${messagesLost === 0 ? 'none' : number(messagesLost)} would have been refused; ${more.join('; ')}.`;
}

const TITLES: Readonly<Record<ReplayConsequence, string>> = {
  'mail-lost': 'Accepted mail that would be refused',
  'mail-in-doubt': 'Accepted mail of which it cannot be said',
  'other-way': 'Conversations that would take another course',
  'other-connector': 'Another connector',
  'mail-gained': 'Refused mail that would be accepted',
  'other-words': 'Replies in other words',
  none: 'Nothing changes',
};

const column = (title: string, more: Partial<Column> = {}): Column => ({ title, kind: 'text', ...more });

/** Consequence by consequence; `limit` sessions of each. */
export function replayDocument({ totals, sessions, notReplayed }: ReplayReview, limit: number): Document {
  const sections: Section[] = [
    { kind: 'heading', text: replaySentence(totals) },
    {
      kind: 'text',
      text: `${plural(totals.sessions, 'session')}: ${number(totals.unchanged)} with the same connector and rights as before, ${number(totals.replayed)} replayed, ${number(totals.notReplayed)} not replayed.`,
    },
  ];
  for (const consequence of ORDER) {
    const own = sessions.filter((session) => session.consequence === consequence);
    if (own.length === 0 || consequence === 'none') continue;
    if (consequence === 'other-words') {
      sections.push(wordsTable(own));
      continue;
    }
    sections.push(consequenceTable(TITLES[consequence], own.slice(0, limit)));
    if (own.length > limit)
      sections.push({ kind: 'text', text: `… and ${number(own.length - limit)} more: --format csv has all.` });
  }
  if (notReplayed.length > 0)
    sections.push({
      kind: 'table',
      title: 'Not replayed',
      columns: [column('Sessions', { kind: 'count' }), column('Because', { shrinks: true })],
      rows: notReplayed.map(({ because, count }): Cell[] => [count, because]),
    });
  if (totals.leftOut > 0)
    sections.push({
      kind: 'text',
      text: `Left out: ${plural(totals.leftOut, 'session')} of the Hub with mail that a front end had taken.`,
    });
  sections.push(...assumptions(sessions));
  return { title: 'Replay', sections };
}

function assumptions(sessions: readonly Pick<RehearsedSession, 'assumed'>[]): Section[] {
  const counts = new Map<string, number>();
  for (const { assumed } of sessions) for (const one of assumed) counts.set(one, (counts.get(one) ?? 0) + 1);
  if (counts.size === 0) return [];
  return [
    {
      kind: 'table',
      title: 'Taken to be so, since the log does not say it',
      columns: [column('Sessions', { kind: 'count' }), column('Assumption', { shrinks: true })],
      rows: [...counts].sort(([, a], [, b]) => b - a).map(([one, count]): Cell[] => [count, one]),
    },
  ];
}

function consequenceTable(title: string, sessions: readonly RehearsedSession[]): Table {
  return {
    kind: 'table',
    title,
    columns: [
      column('Session'),
      column('Began', { kind: 'time' }),
      column('Client', { shrinks: true, cap: 26 }),
      column('Outcome', { kind: 'outcome' }),
      column('Would be'),
      column('Connector', { shrinks: true, below: true }),
      column('First change', { shrinks: true, below: true }),
    ],
    rows: sessions.map((session): Cell[] => [
      session.id,
      Date.parse(session.startedAt),
      [session.source, session.device].filter(Boolean).join(' '),
      session.outcome.logged,
      session.outcome.replayed ?? 'unknown',
      connectorText(session.connector),
      changeText(session.firstChange),
    ]),
  };
}

function connectorText({ logged, replayed }: RehearsedSession['connector']): string {
  const [before, after] = [logged ?? 'no connector', replayed ?? 'no connector'];
  return before.toLowerCase() === after.toLowerCase() ? before : `${before} → ${after}`;
}

const changeText = (change: ReplyPair | null): string =>
  change === null
    ? ''
    : `${change.command}: ${offersText(change) ?? `${change.logged ?? '(no reply)'} → ${change.replayed ?? '(no reply)'}`}`;

const HELLO = /^250 \S+ Hello \[[^\]]*\] (.*)$/;
/** Extensions with their values: each begins where a name of the product's list stands. */
const EXTENSION =
  / (?=(?:SIZE|PIPELINING|DSN|ENHANCEDSTATUSCODES|STARTTLS|AUTH|8BITMIME|BINARYMIME|CHUNKING|SMTPUTF8|X[A-Z0-9-]+)\b)/;

/** What EHLO offers less and more; undefined where the replies are no hellos. */
function offersText({ logged, replayed }: Pick<ReplyPair, 'logged' | 'replayed'>): string | undefined {
  const [before, now] = [logged, replayed].map((reply) =>
    HELLO.exec(reply ?? '')?.[1]
      ?.trim()
      .split(EXTENSION),
  );
  if (!before || !now) return undefined;
  const gone = before.filter((one) => !now.includes(one));
  const come = now.filter((one) => !before.includes(one));
  const parts = [
    ...(gone.length > 0 ? [`no longer ${gone.join(', ')}`] : []),
    ...(come.length > 0 ? [`newly ${come.join(', ')}`] : []),
  ];
  return `offers ${parts.join('; ') || 'the same in another order'}`;
}

/** Sessions in which nothing but words change are told together. */
function wordsTable(sessions: readonly RehearsedSession[]): Table {
  const groups = new Map<string, { connector: string; change: string; count: number }>();
  for (const { connector, firstChange } of sessions) {
    const change = firstChange && { ...firstChange, command: firstChange.command.split(/[ :]/)[0]! };
    const text = { connector: connectorText(connector), change: changeText(change) };
    const key = `${text.connector}\0${text.change}`;
    const group = groups.get(key);
    if (group) group.count++;
    else groups.set(key, { ...text, count: 1 });
  }
  return {
    kind: 'table',
    title: TITLES['other-words'],
    columns: [
      column('Sessions', { kind: 'count' }),
      column('Connector', { shrinks: true, cap: 40 }),
      column('First change', { shrinks: true, below: true }),
    ],
    rows: [...groups.values()]
      .sort((x, y) => y.count - x.count)
      .map(({ connector, change, count }): Cell[] => [count, connector, change]),
  };
}

/** One session, its replies side by side. */
export function sessionReplayDocument(session: RehearsedSession): Document {
  const { connector, outcome, messages, recipients, stopped, assumed } = session;
  const counts = ({ logged, replayed }: Counts): string =>
    `${logged.accepted} accepted, ${logged.refused} refused → ${replayed.accepted} accepted, ${replayed.refused} refused${replayed.unknown > 0 ? `, ${replayed.unknown} unknown` : ''}`;
  return {
    title: `Replay of ${session.id}`,
    sections: [
      { kind: 'heading', text: `Replay of session ${session.id}: ${TITLES[session.consequence].toLowerCase()}` },
      {
        kind: 'figures',
        figures: [
          { label: 'Connector', value: connectorText(connector), cell: 'text' },
          { label: 'Outcome', value: `${outcome.logged} → ${outcome.replayed ?? 'unknown'}`, cell: 'text' },
          { label: 'Messages', value: counts(messages), cell: 'text' },
          { label: 'Recipients', value: counts(recipients), cell: 'text' },
          ...(stopped === null ? [] : [{ label: 'Compared until', value: stopped, cell: 'text' as const }]),
        ],
      },
      {
        kind: 'table',
        title: 'Replies',
        columns: [
          column('Changed'),
          column('Command', { shrinks: true, cap: 40 }),
          column('Logged', { shrinks: true }),
          column('Replayed', { shrinks: true }),
        ],
        rows: session.replies.map(({ changed, command, logged, replayed }): Cell[] => [
          changed === 'none' ? '' : changed,
          command,
          logged ?? '(none)',
          changed === 'none' ? 'the same' : (offersText({ logged, replayed }) ?? replayed ?? '(none)'),
        ]),
        none: 'No reply was logged.',
      },
      ...assumptions([{ assumed }]),
    ],
  };
}

/** Every session in columns, for CSV. */
export function replayCsvTable(sessions: readonly RehearsedSession[]): Table {
  const count = (title: string): Column => column(title, { kind: 'count' });
  return {
    kind: 'table',
    columns: [
      ...['id', 'startedAt', 'source', 'device', 'server', 'consequence', 'connectorLogged', 'connectorReplayed'].map((title) =>
        column(title),
      ),
      ...['outcomeLogged', 'outcomeReplayed'].map((title) => column(title)),
      ...['messagesAcceptedLogged', 'messagesAcceptedReplayed', 'messagesLost', 'messagesDoubtful', 'messagesGained'].map(count),
      ...['recipientsAcceptedLogged', 'recipientsAcceptedReplayed', 'recipientsLost', 'recipientsGained'].map(count),
      ...['firstChangeCommand', 'firstChangeLogged', 'firstChangeReplayed', 'stopped', 'assumed'].map((title) => column(title)),
    ],
    rows: sessions.map((session): Cell[] => [
      session.id,
      session.startedAt,
      session.source,
      session.device,
      session.server,
      session.consequence,
      session.connector.logged,
      session.connector.replayed,
      session.outcome.logged,
      session.outcome.replayed,
      session.messages.logged.accepted,
      session.messages.replayed.accepted,
      session.messages.lost,
      session.messages.doubtful,
      session.messages.gained,
      session.recipients.logged.accepted,
      session.recipients.replayed.accepted,
      session.recipients.lost,
      session.recipients.gained,
      session.firstChange?.command ?? null,
      session.firstChange?.logged ?? null,
      session.firstChange?.replayed ?? null,
      session.stopped,
      session.assumed.join('; '),
    ]),
  };
}
