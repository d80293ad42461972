import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteQueue, ofChunks } from '../../src/ingest/byte-queue.ts';

const stream = async function* (chunks: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* chunks;
};

/** What the writing thread is sent is gone here. */
const giveAway = (bytes: Buffer): Buffer => Buffer.from(structuredClone(bytes, { transfer: [bytes.buffer as ArrayBuffer] }));

test('bytes come in their order whatever the chunks, and what was given away takes none along that were given back', async () => {
  const chunks = fc.array(fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)));
  const counts = fc.integer({ min: 1, max: 30 });
  await fc.assert(
    fc.asyncProperty(chunks, counts, fc.nat(9), fc.option(counts), async (parts, count, back, size) => {
      const queue = new ByteQueue(ofChunks(stream(parts)));
      const taken: Buffer[] = [];
      while (!(await queue.isAtEnd())) {
        expect(await queue.peek(count)).toHaveLength(Math.min(count, (await queue.peek(1 << 20)).length));
        const room = size === null ? undefined : new Uint8Array(size).fill(0xee).buffer;
        const bytes = await queue.take(count, room);
        if (room) expect(bytes.buffer === room).toBe(room.byteLength >= count);
        const kept = bytes.length - (bytes.length > back ? back : 0);
        queue.giveBack(bytes.subarray(kept));
        taken.push(giveAway(bytes).subarray(0, kept));
      }
      expect(Buffer.concat(taken)).toEqual(Buffer.concat(parts));
    }),
  );
});
