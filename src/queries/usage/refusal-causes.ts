/** Why mail was refused: replies, told apart by the catalogue rather than by their wording. */
import type { ReplyStage } from '../../smtp/replies/entry.ts';
import { findReply } from '../../smtp/reply-catalogue.ts';
import type { Texts } from './names.ts';
import type { Slice } from './period.ts';
import type { RollUpReader } from './roll-up-reader.ts';
import type { RefusalCause } from './usage-report.ts';

interface Draft {
  readonly cause: string | null;
  readonly title: string;
  readonly replies: Map<string, number>;
  readonly devices: Set<number>;
  refusals: number;
}

/** The most frequent first. A refusal that answered nothing of a session's mail (of a hello, of a connection) counts too. */
export function refusalCauses(reader: RollUpReader, texts: Texts, slice: Slice): RefusalCause[] {
  type Row = [reply: number, command: string, source: number, refusals: number];
  const causes = new Map<string, Draft>();
  const ofReply = new Map<string, Draft>();
  const query = 'SELECT reply_id, command, source_id, SUM(refusals) FROM r GROUP BY 1, 2, 3';
  for (const [reply, command, source, refusals] of reader.sums<Row>('hourly_causes', query, slice)) {
    const key = `${command} ${reply}`;
    let own = ofReply.get(key);
    if (!own) ofReply.set(key, (own = draftOf(causes, texts.of(reply), command)));
    own.refusals += refusals;
    own.devices.add(source);
    const text = texts.of(reply);
    own.replies.set(text, (own.replies.get(text) ?? 0) + refusals);
  }
  return [...causes.values()]
    .map(({ cause, title, replies, devices, refusals }) => ({
      cause,
      title,
      reply: [...replies].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0]![0],
      refusals,
      devices: devices.size,
    }))
    .sort((a, b) => b.refusals - a.refusals || (a.reply < b.reply ? -1 : 1));
}

/** When a command is answered; what answered none is found by its words alone. */
const STAGES: Readonly<Record<string, ReplyStage>> = {
  hello: 'hello',
  starttls: 'start-tls',
  auth: 'authentication',
  mail: 'mail',
  rcpt: 'recipient',
  data: 'end-of-data',
  bdat: 'end-of-data',
  'bdat-last': 'end-of-data',
};

/** What the catalogue does not know is told apart by its codes. */
function draftOf(causes: Map<string, Draft>, text: string, command: string): Draft {
  const stage = STAGES[command];
  const entry = findReply(text, { side: 'receive', ...(stage === undefined ? {} : { stage }) })?.entry;
  const codes = /^\d{3}(?:[ -]\d\.\d{1,3}\.\d{1,3})?/.exec(text)?.[0] ?? '';
  const key = entry ? `entry ${entry.id}` : `codes ${codes}`;
  let draft = causes.get(key);
  if (!draft) {
    const title = entry ? entry.id.replaceAll('-', ' ') : `not in the catalogue: ${codes}`;
    causes.set(key, (draft = { cause: entry?.id ?? null, title, replies: new Map(), devices: new Set(), refusals: 0 }));
  }
  return draft;
}
