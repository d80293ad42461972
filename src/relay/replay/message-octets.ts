/** Content of a message that nobody has any more. */
import type { Turn } from './turn.ts';

const PIECE = Buffer.alloc(64 * 1024, 'x');
const HEADER = Buffer.from('Message-ID: <replay@replay.invalid>\r\n\r\n');
const END = Buffer.from('\r\n.\r\n');
const SMALL = Buffer.concat([HEADER, END]);

/** Octets of a chunk that are sent at most: nobody waits for more. */
const MOST = 256 * 1024 * 1024;

/**
 * What a client sends behind DATA: a few octets, whatever the size of the message, for whether that was too much is
 * decided without reading through it all. The refusals that its header caused are caused again.
 */
export function contentOf(turn: Turn): Uint8Array {
  const header = headerOf(turn);
  return header ? Buffer.concat([header, END]) : SMALL;
}

/** The octets of a chunk; of one that is over the limit as many as it takes to be over. */
export function* chunkOf(octets: number): Generator<Uint8Array> {
  if (octets >= HEADER.length) {
    yield HEADER;
    octets -= HEADER.length;
  }
  yield* filler(octets);
}

/** As many octets as a chunk has for the decision. */
export const chunkSize = (announced: number, limit: number | 'Unlimited'): number =>
  Math.min(announced, limit === 'Unlimited' ? PIECE.length : Math.min(limit, MOST) + 1);

function* filler(octets: number): Generator<Uint8Array> {
  for (let left = octets; left > 0; left -= PIECE.length) yield left < PIECE.length ? PIECE.subarray(0, left) : PIECE;
}

/** A header that was refused; undefined where it was not, or nobody knows why. */
function headerOf({ headerSize, received, reply: refusal = '' }: Turn): Buffer | undefined {
  const start = 'Message-ID: <replay@replay.invalid>\r\n';
  if (refusal.startsWith('552 5.3.4 Header'))
    return Buffer.from(`${start}X-Replay: ${'x'.repeat(Math.min(headerSize ?? 512 * 1024, 8 * 1024 * 1024))}\r\n\r\n`);
  if (refusal.startsWith('554 5.4.6 Hop'))
    return Buffer.from(`${start}${'Received: from replay\r\n'.repeat(Math.min(received ?? 1000, 5000))}\r\n`);
  if (refusal.startsWith('554 5.6.1')) return Buffer.from(`${start}Content-Type: message/partial\r\n\r\n`);
  return refusal.includes('bare linefeeds') ? Buffer.from(`${start}\r\na\nb\r\n`) : undefined;
}
