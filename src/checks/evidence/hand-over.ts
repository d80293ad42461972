/** What became of a session behind the front end: the send session that carried it, and the error that it met there. */
import type { Case, ExaminedSession } from '../../queries/cases/case.ts';
import { remoteReply } from './next-hop.ts';
import type { RowAt, Sign } from './sign.ts';

export interface HandOver {
  /** The send session of the front end; null where its log is not in the store. */
  readonly send: ExaminedSession | null;
  /** False: it failed at the time and names no client, so that it may have been another's. */
  readonly named: boolean;
  /** The row of the send session with the error; null where it has none. */
  readonly error: RowAt | null;
  /** What the Hub or the network said: of that row, else of the front end's row `Message or connection acked`. */
  readonly response: string | null;
  /** The row of the front end that says it. */
  readonly acknowledgement: RowAt | null;
}

const FAILED =
  /^(?:Failed to connect|TLS negotiation failed|Tls cipher strength|Outbound |Connector is configured to send mail only over TLS|Drop connection because TLS|EHLO options between)/;

export function handOverOf(theCase: Case, session: ExaminedSession, sign: Sign): HandOver {
  const acknowledgement = acknowledgementOf(session, sign);
  const said = acknowledgement && remoteReply(acknowledgement.event.context, 'receive');
  const carriers = theCase.circumstances.handOvers(session);
  const own = carriers.flatMap((send) => errorsIn(send, session.sessionId).map((error) => ({ send, error, named: true })));
  // A connection that was not made names no client: a message before it may have gone through.
  const errors =
    own.length > 0
      ? own
      : theCase.circumstances
          .failedHandOvers(session)
          .flatMap((send) => errorsIn(send, undefined).map((error) => ({ send, error, named: false })));
  // Of several messages each has its own: the last before the client was told.
  const told = toldAt(session, sign);
  const met = errors.findLast(({ error }) => Date.parse(error.event.at) <= told) ?? errors[0];
  if (met) {
    const { event, context, data } = met.error.event;
    return { ...met, response: event === '*' ? context : data, acknowledgement };
  }
  return {
    send: carriers.at(-1) ?? null,
    named: carriers.length > 0,
    error: null,
    response: said && said.wrappings.length > 0 ? said.text : null,
    acknowledgement,
  };
}

/** `Message or connection acked with status Retry …`, or the row about the client proxy, before the reply. */
function acknowledgementOf(session: ExaminedSession, sign: Sign): RowAt | null {
  if (sign.kind === 'row') return sign.row;
  if (sign.kind !== 'refusal') return null;
  const before = sign.row?.index ?? session.events.length;
  const index = session.events.findLastIndex(
    ({ event, context }, at) =>
      event === '*' &&
      at < before &&
      /^(?:Message or connection acked|Setting up client proxy session failed|No destinations could be)/.test(context),
  );
  return index < 0 ? null : { index, event: session.events[index]! };
}

const toldAt = (session: ExaminedSession, sign: Sign): number =>
  Date.parse(sign.kind === 'refusal' ? sign.refusal.at : (sign.row?.event.at ?? session.endedAt));

/** The errors of the stretches that serve the client, which others may share with it. */
function errorsIn({ events }: ExaminedSession, sessionId: string | undefined): RowAt[] {
  let serves = sessionId === undefined;
  return events.flatMap((event, index): RowAt[] => {
    const { context, data } = event;
    const client = SERVED.exec(context)?.[1];
    if (client && sessionId !== undefined) serves = client === sessionId;
    const fails = event.event === '*' ? FAILED.test(context) : event.event === '<' && /^[45]\d\d[ -]/.test(data);
    return serves && fails ? [{ index, event }] : [];
  });
}

/** The row that says which session of a client is served from there on. */
const SERVED = /^(?:Proxying inbound session with session id|attempting to connect\. .*Proxied session id) (\w+)/;
