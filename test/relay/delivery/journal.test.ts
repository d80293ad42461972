import { appendFileSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Journal } from '../../../src/relay/delivery/journal.ts';
import { decodeRecords, encodeRecord } from '../../../src/relay/delivery/journal-record.ts';
import type { SpooledMessage } from '../../../src/relay/delivery/spooled-message.ts';
import { temporaryFolder } from '../../harness.ts';
import { ENVELOPE, HEADER, ORIGIN, until } from './delivery-harness.ts';

function folderOf(): string {
  const folder = join(temporaryFolder(), 'journal');
  mkdirSync(folder);
  return folder;
}

const message = (id: number): SpooledMessage => ({
  ...ENVELOPE,
  ...ORIGIN,
  recipients: ['jürgen@x.example'],
  internalId: String(id),
  size: 3,
  messageId: null,
  header: HEADER,
  hasBareLineEnds: false,
});
const content = (id: number, bytes = 100): Buffer => Buffer.alloc(bytes, `${id},`);

it('gives back what it was given, also after a restart, and not what is gone', async () => {
  const folder = folderOf();
  const first = await Journal.open(folder);
  await Promise.all([1, 2, 3].map((id) => first.add(message(id), content(id, id - 1))));
  await first.remove('2');
  const check = async (journal: Journal): Promise<void> => {
    expect(journal.ids()).toEqual(['1', '3']);
    expect(await journal.message('3')).toEqual(message(3));
    expect(await journal.content('3')).toEqual(content(3, 2));
    expect((await journal.content('1'))!.length).toBe(0);
    expect([journal.has('2'), await journal.content('2'), await journal.message('2')]).toEqual([false, undefined, undefined]);
  };
  await check(first);
  first.close();
  const second = await Journal.open(folder);
  await check(second);
  second.close();
});

it('has every whole message when its end was cut anywhere, and goes on', async () => {
  const folder = folderOf();
  const path = join(folder, '1.journal');
  const first = await Journal.open(folder);
  for (const id of [1, 2, 3]) await first.add(message(id), content(id));
  first.close();
  const whole = readFileSync(path);
  const ends = [whole.length / 3, (2 * whole.length) / 3, whole.length];
  for (let cut = 0; cut <= whole.length; cut += 13) {
    writeFileSync(path, whole.subarray(0, cut));
    const journal = await Journal.open(folder);
    expect(journal.ids()).toHaveLength(ends.filter((end) => end <= cut).length);
    journal.close();
    if (cut < ends[0]!) writeFileSync(path, '');
  }
  writeFileSync(path, whole);
  truncateSync(path, whole.length - 5);
  const journal = await Journal.open(folder);
  await journal.add(message(9), content(9));
  journal.close();
  const again = await Journal.open(folder);
  expect(again.ids()).toEqual(['1', '2', '9']);
  again.close();
});

it('believes no record of which a bit has changed, and nothing behind it', () => {
  const records = Buffer.concat([encodeRecord('{"a":1}', content(1)), encodeRecord('77', content(2, 0))]);
  expect([...decodeRecords(records)].map(({ text }) => text)).toEqual(['{"a":1}', '77']);
  fc.assert(
    fc.property(fc.nat(records.length * 8 - 1), (bit) => {
      const damaged = Buffer.from(records);
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      const read = [...decodeRecords(damaged)].map(({ text }) => text);
      expect(read).toEqual(bit < encodeRecord('{"a":1}', content(1)).length * 8 ? [] : ['{"a":1}']);
    }),
  );
  expect([...decodeRecords(fc.sample(fc.uint8Array({ maxLength: 64 }), 1).map((bytes) => Buffer.from(bytes))[0]!)]).toEqual([]);
});

it('deletes a segment when nothing in it or before it is left', async () => {
  const folder = folderOf();
  const journal = await Journal.open(folder, 2000);
  for (let id = 1; id <= 20; id++) await journal.add(message(id), content(id, 500));
  const segments = readdirSync(folder).length;
  expect(segments).toBeGreaterThan(5);
  for (let id = 2; id <= 20; id++) await journal.remove(String(id));
  expect(readdirSync(folder)).toContain('1.journal');
  expect(readdirSync(folder).length).toBeGreaterThanOrEqual(segments);
  expect(journal.overstaying).toEqual(['1']);
  await journal.remove('1');
  await until(() => readdirSync(folder).length === 1);
  expect(journal.overstaying).toEqual([]);
  journal.close();
  const again = await Journal.open(folder);
  expect([again.ids(), readdirSync(folder)]).toEqual([[], []]);
  again.close();
});

it('shares syncs among those who come at once, and keeps their messages apart', async () => {
  const folder = folderOf();
  const journal = await Journal.open(folder);
  const ids = Array.from({ length: 500 }, (_, index) => index + 1);
  await Promise.all(ids.map((id) => journal.add(message(id), content(id, id))));
  for (const id of [1, 250, 500]) expect(await journal.content(String(id))).toEqual(content(id, id));
  journal.close();
});

it('is not put off by a file of somebody else', async () => {
  const folder = folderOf();
  writeFileSync(join(folder, '7 notes.txt'), 'x');
  const journal = await Journal.open(folder);
  await journal.add(message(1), content(1));
  appendFileSync(join(folder, '1.journal'), 'nonsense');
  journal.close();
  const again = await Journal.open(folder);
  expect(again.ids()).toEqual(['1']);
  again.close();
});
