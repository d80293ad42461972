/** The other end of a send session: what it is called, and what it really said where one server quotes another. */
import { parseEndpoint } from '../../net/endpoint.ts';
import type { ExaminedSession } from '../../queries/cases/case.ts';
import type { ReplySide } from '../../smtp/replies/entry.ts';
import type { FoundReply } from '../../smtp/replies/reply-index.ts';
import { type CataloguedReply, findReply, type ReplyId } from '../../smtp/reply-catalogue.ts';
import { speakerOf } from './sign.ts';

/** A reply with what it quotes taken out of its wrapping. */
export interface RemoteReply {
  /** The innermost text. */
  readonly text: string;
  readonly found: FoundReply<CataloguedReply> | undefined;
  /** The replies that it was wrapped in, the outermost first. */
  readonly wrappings: readonly ReplyId[];
}

const WRAPPINGS: readonly ReplyId[] = [
  'front-end-send-failed',
  'front-end-send-refused',
  'next-hop-refused',
  'outbound-front-end-refused',
  'next-hop-unreachable',
  'hand-over-acknowledged',
  'client-proxy-failed',
];

/** Follows quotations to the error that is the real one; four deep, which no server writes. */
export function remoteReply(text: string, side: ReplySide): RemoteReply {
  const wrappings: ReplyId[] = [];
  let said = text;
  for (let depth = 0; depth < 4; depth++) {
    const found = findReply(said, { side: ONLINE.test(said) ? 'exchange-online' : side });
    const inner = found && WRAPPINGS.includes(found.entry.id) ? (found.values.reply ?? found.values.error) : undefined;
    if (!found || inner === undefined || inner.trim() === '') return { text: said, found, wrappings };
    wrappings.push(found.entry.id);
    said = inner.trim();
  }
  return { text: said, found: findReply(said, { side }), wrappings };
}

/** A host of Exchange Online in brackets behind a reply. */
const ONLINE = /\[[\w.-]+\.outlook\.com\]/i;

/** What a send session was refused with. */
export const repliedTo = (session: ExaminedSession, text: string): RemoteReply => remoteReply(text, speakerOf(session));

/** The host that the greeting names; null where none came. */
export function greetedBy({ events }: ExaminedSession): string | null {
  const greeting = events.find(({ event, data }) => event === '<' && /^220[ -]/.test(data))?.data ?? '';
  return /^220[ -]([A-Za-z0-9][\w.-]*\.[\w-]+)/.exec(greeting)?.[1] ?? null;
}

/** `203.0.113.9 (mx.fabrikam.example)`. */
export function nextHopName(session: ExaminedSession): string {
  const { address } = parseEndpoint(session.remoteEndpoint);
  const host = greetedBy(session);
  return host === null ? address : `${address} (${host})`;
}

export const nextHopPort = ({ remoteEndpoint }: ExaminedSession): number => parseEndpoint(remoteEndpoint).port ?? 25;

/**
 * Ports on which Exchange servers talk among themselves, the names of the connectors that it has for that (which are in the
 * language of the server), and words that only they say to each other.
 */
export function isInternalHop(session: ExaminedSession): boolean {
  return (
    session.events.some(({ event, data }) =>
      event === '>'
        ? /^X-(?:EXPS|ANONYMOUSTLS)\b/i.test(data)
        : event === '<' && /\bX-EXCHANGEAUTH\b|\bX-EXPS EXCHANGEAUTH\b/i.test(data),
    ) ||
    [2525, 465, 717, 475].includes(nextHopPort(session)) ||
    /^(?:Inbound Proxy Internal|Client Proxy|Outbound Proxy|Intra-Organization|Mailbox Transport)/i.test(session.connector)
  );
}

/** The own public address, as the next hop saw it: it stands in its answer to EHLO. null where it tells none. */
export function seenAs({ events, remoteEndpoint }: ExaminedSession): string | null {
  for (const { event, data } of events) {
    const seen = event === '<' ? /^250[ -].*? Hello \[([0-9A-Fa-f.:]+)\]/.exec(data)?.[1] : undefined;
    if (seen && seen !== parseEndpoint(remoteEndpoint).address) return seen;
  }
  return null;
}

/** Name in the subject of the certificate that the own server showed; null where the rows have none. */
export function shownCertificateName({ events }: ExaminedSession): string | null {
  const place = events.findIndex(
    ({ event, context }) => event === '*' && /^(?:Sending certificate|Certificate subject)/i.test(context),
  );
  // The own certificate is the first; where only that of the other side is logged, it stands behind its own heading.
  const theirs = events.findIndex(({ event, context }) => event === '*' && /^(?:Remote|Received) certificate/i.test(context));
  if (place < 0 || (theirs >= 0 && theirs < place)) return null;
  for (const { data, event, context } of events.slice(place, place + 2)) {
    const isSubject = event === '*' && /^(?:Sending certificate|Certificate subject)/i.test(context);
    const name = isSubject ? /\bCN=([A-Za-z0-9*][\w.*-]*)/.exec(data)?.[1] : undefined;
    if (name) return name;
  }
  return null;
}
