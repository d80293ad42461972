/** By how much a message is too big, and whose limit it met: read from the rows of the session. */
import type { Case, ExaminedSession } from '../../queries/cases/case.ts';
import { commandParameter } from '../../smtp/command.ts';
import { configuredConnector } from './client-place.ts';
import type { RefusalSign, RowAt } from './sign.ts';

/** `connector`: the one that took the session. `behind`: the Hub or the organisation, which take less than it. */
export type LimitOwner = 'connector' | 'behind' | 'unknown';

export interface SizeExcess {
  /** Bytes; undefined where no row tells. */
  readonly size: number | undefined;
  readonly limit: number | undefined;
  /** `announced` by SIZE= before anything was sent, or `counted` by the server. */
  readonly sizeIs: 'announced' | 'counted';
  readonly owner: LimitOwner;
  /** The row with size and limit, as it stands between command and reply. */
  readonly context: RowAt | undefined;
  /** Place of the row in which the server says how much it takes; -1 where it does not. */
  readonly offer: number;
}

const CONTEXT = /^(?:AccumulatedMessageSize|NextTotalChunkSize|HeaderSize): (\d+) > (?:MessageSizeLimit|MaxHeaderSize): (\d+)/;
/** What the front end writes when the refusal came from the Hub. */
const ACKNOWLEDGED = /^Message or connection acked with status \w+ and response 552 /;

/** Without the case the configuration is not asked. */
export function sizeExcess(sign: RefusalSign, session: ExaminedSession, theCase: Case | undefined): SizeExcess {
  const context = sign.contexts.find(({ event }) => CONTEXT.test(event.context));
  const [, size, limit] = context ? CONTEXT.exec(context.event.context)! : [];
  const before = sign.row?.index ?? session.events.length;
  const offer = session.events.findLastIndex(({ event, data }, index) => index < before && event === '>' && OFFER.test(data));
  const offered = offer < 0 ? undefined : Number(OFFER.exec(session.events[offer]!.data)![1]);
  const configured = theCase && configuredConnector(theCase, session)?.properties.MaxMessageSize;
  const own = typeof configured === 'number' ? configured : offered;
  const announced = announcedSize(sign, session);
  const passedOn = sign.contexts.some(({ event }) => ACKNOWLEDGED.test(event.context));
  const atMail = sign.refusal.command === 'mail';
  const met = limit === undefined ? undefined : Number(limit);
  const counted = size === undefined ? undefined : Number(size);
  return {
    size: atMail ? announced : (counted ?? announced),
    sizeIs: atMail || counted === undefined ? 'announced' : 'counted',
    limit: met ?? (passedOn ? undefined : own),
    owner: ownerOf({ met, own, passedOn, size: atMail ? announced : counted }),
    context,
    offer,
  };
}

const OFFER = /^250[ -].*?\bSIZE (\d+)/;

function ownerOf({
  met,
  own,
  passedOn,
  size,
}: {
  met: number | undefined;
  own: number | undefined;
  passedOn: boolean;
  size: number | undefined;
}): LimitOwner {
  if (passedOn) return 'behind';
  if (met !== undefined && own !== undefined) return met >= own ? 'connector' : 'behind';
  if (met !== undefined) return 'connector';
  if (size !== undefined && own !== undefined) return size > own ? 'connector' : 'behind';
  return own === undefined ? 'unknown' : 'connector';
}

/** SIZE= of the MAIL row to which the refusal belongs. */
function announcedSize(sign: RefusalSign, session: ExaminedSession): number | undefined {
  const before = sign.row?.index ?? session.events.length;
  const mail = session.events.findLast(({ event, data }, index) => index < before && event === '<' && /^\s*MAIL\b/i.test(data));
  const size = Number((mail && commandParameter(mail.data, 'SIZE')) ?? 0);
  return Number.isSafeInteger(size) && size > 0 ? size : undefined;
}
