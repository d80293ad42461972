/** Octets become replies, however they are cut, and whatever they are. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Reply } from '../../src/probe/line.ts';
import { ReplyReader } from '../../src/probe/reply-reader.ts';

function read(...pieces: readonly (string | Uint8Array)[]): { replies: Reply[]; reader: ReplyReader } {
  const reader = new ReplyReader();
  const replies: Reply[] = [];
  for (const piece of pieces) {
    reader.feed(Buffer.from(piece as string));
    for (let reply = reader.next(); reply; reply = reader.next()) replies.push(reply);
  }
  return { replies, reader };
}

test('several lines are one reply; a bare line feed ends a line too; a code alone is a reply', () => {
  expect(read('250-a\r\n250-\n250 b\r\n221\r\n').replies).toEqual([
    { code: 250, lines: ['a', '', 'b'] },
    { code: 221, lines: [''] },
  ]);
});

test('how the octets are cut changes nothing', () => {
  const reply = fc.record({
    code: fc.integer({ min: 200, max: 599 }),
    lines: fc.array(
      fc.string({ unit: 'grapheme' }).map((text) => text.replace(/[\r\n]/g, '')),
      { minLength: 1, maxLength: 5 },
    ),
  });
  fc.assert(
    fc.property(fc.array(reply, { maxLength: 5 }), fc.infiniteStream(fc.integer({ min: 1, max: 9 })), (replies, cuts) => {
      const octets = Buffer.from(
        replies
          .map(({ code, lines }) => lines.map((line, at) => `${code}${at < lines.length - 1 ? '-' : ' '}${line}\r\n`).join(''))
          .join(''),
      );
      const pieces: Buffer[] = [];
      for (let at = 0; at < octets.length; ) {
        const size = cuts.next().value as number;
        pieces.push(octets.subarray(at, at + size));
        at += size;
      }
      expect(read(...pieces).replies).toEqual(replies);
    }),
  );
});

test('a text that is UTF-8 is read as such, the sign for what could not be read included', () => {
  expect(read('250 größe \uFFFD\r\n', Buffer.from('250 gr\xf6\xdfe\r\n', 'latin1')).replies).toEqual([
    { code: 250, lines: ['größe \uFFFD'] },
    { code: 250, lines: ['größe'] },
  ]);
});

test('whatever comes, it never throws and keeps little', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 64 }), { maxLength: 20 }), (pieces) => {
      const { reader } = read(...pieces);
      expect(reader.rest.length).toBeLessThanOrEqual(80);
    }),
  );
});

describe('a fault', () => {
  test.each([
    ['a line beyond 32 KiB', `250 ${'x'.repeat(33_000)}`, { kind: 'line-too-long' }],
    ['a reply of more than 1,000 lines', '250-x\r\n'.repeat(1_001), { kind: 'endless' }],
    ['text without a code, before its line ends', 'HTTP', { kind: 'not-smtp', first: 'HTTP' }],
    [
      'an alert of TLS',
      '\u0015\u0003\u0001\u0000\u0002\u0002F',
      { kind: 'not-smtp', first: '\u0015\u0003\u0001\u0000\u0002\u0002F' },
    ],
    ['binary', Buffer.from([0xff, 0xfe, 1, 2]), { kind: 'not-smtp', first: '\u00ff\u00fe\u0001\u0002' }],
  ])('is %s', (_, octets, fault) => {
    expect(read(octets).reader.fault).toEqual(fault);
  });

  test('is more than anybody reads', () => {
    const reader = new ReplyReader();
    for (let i = 0; i < 20_000 && !reader.fault; i++) reader.feed(Buffer.from(`250 ${'x'.repeat(60)}\r\n`));
    expect(reader.fault).toEqual({ kind: 'endless' });
  });

  test('leaves the replies before it', () => {
    const reader = new ReplyReader();
    reader.feed(Buffer.from('220 hello\r\nnonsense\r\n'));
    expect(reader.next()).toEqual({ code: 220, lines: ['hello'] });
    expect(reader.next()).toBeUndefined();
  });
});
