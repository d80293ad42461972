import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { Sink } from '../../../src/relay/delivery/sink.ts';
import { Spool } from '../../../src/relay/delivery/spool.ts';
import { temporaryFolder } from '../../harness.ts';
import { CONTENT, ENVELOPE, HEADER, ORIGIN, openSpool, put } from './delivery-harness.ts';

const contentOf = async (spool: Spool, id: string): Promise<string> =>
  (await buffer(spool.content((await spool.read(id))!))).toString('latin1');

describe.each([true, false])('a message in the spool (group commit: %s)', (groupCommit) => {
  it('is kept whole: envelope, origin, header before content', async () => {
    const spool = await openSpool({ groupCommit });
    const id = await put(spool, {
      recipients: ['a@x.example', 'b@x.example', 'a@x.example'],
      authUser: 'scan',
      body: '8BITMIME',
    });
    expect(await spool.read(id)).toMatchObject({
      ...ENVELOPE,
      recipients: ['a@x.example', 'b@x.example'],
      authUser: 'scan',
      body: '8BITMIME',
      sessionId: ORIGIN.sessionId,
      connector: ORIGIN.connector,
      internalId: id,
      size: HEADER.length + CONTENT.length,
      messageId: '<1@mfp-02>',
      header: HEADER,
      hasBareLineEnds: false,
    });
    expect(await contentOf(spool, id)).toBe(HEADER + CONTENT);
  });

  it('has every octet, however large it is and in whatever pieces it came', async () => {
    const spool = await openSpool({ groupCommit });
    const content = Buffer.from(Array.from({ length: 700_000 }, (_, i) => (i * i) >> 3));
    for (const piece of [1_000, 65_536, 300_000]) {
      const message = spool.begin(ENVELOPE, ORIGIN);
      for (let at = 0; at < content.length; at += piece) await message.write(content.subarray(at, at + piece));
      const { internalId, size } = await message.commit('');
      expect(size).toBe(content.length);
      expect((await buffer(spool.content((await spool.read(internalId))!))).equals(content)).toBe(true);
    }
  });

  it('asks its sender to wait while the disk is behind', async () => {
    const spool = await openSpool({ groupCommit });
    const message = spool.begin(ENVELOPE, ORIGIN);
    const waits: Promise<void>[] = [];
    for (let i = 0; i < 64; i++) {
      const wait = message.write(Buffer.alloc(64 * 1024));
      if (wait) waits.push(wait);
    }
    expect(waits.length).toBeGreaterThan(40);
    await Promise.all(waits);
    expect((await message.commit('')).size).toBe(64 * 64 * 1024);
  });

  it('goes to its file earlier where many are coming in', async () => {
    const folder = join(temporaryFolder(), 'spool');
    const spool = await openSpool({ folder, maxHeldBytes: 10_000, groupCommit });
    const messages = Array.from({ length: 5 }, () => spool.begin(ENVELOPE, ORIGIN));
    for (const message of messages) await message.write(Buffer.alloc(4000, 'x'));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(readdirSync(join(folder, 'incoming')).length).toBeGreaterThan(0);
    for (const message of messages) await message.commit('');
    expect(spool.size).toBe(5);
  });

  it('may be empty, and have no id', async () => {
    const spool = await openSpool({ groupCommit });
    const id = await put(spool, {}, '');
    expect(await contentOf(spool, id)).toBe(HEADER);
    expect((await spool.read(id))!.messageId).toBeNull();
  });

  it('has the id that the server gave it, or a folded one', async () => {
    const spool = await openSpool({ groupCommit });
    const given = spool.begin(ENVELOPE, ORIGIN);
    await given.write(Buffer.from('Subject: x\r\n\r\nMessage-ID: <no@body>\r\n'));
    const first = await given.commit(`${HEADER}Message-ID: <made@here>\r\n`);
    expect((await spool.read(first.internalId))!.messageId).toBe('<made@here>');
    const folded = await put(spool, {}, 'Subject: x\r\nMESSAGE-ID:\r\n <folded@id>\r\n\r\n');
    expect((await spool.read(folded))!.messageId).toBe('<folded@id>');
    const none = await put(spool, {}, 'Subject: x\r\n\r\nMessage-ID: <no@body>\r\n');
    expect((await spool.read(none))!.messageId).toBeNull();
  });

  it('is known for binary by a line end that stands alone, also across pieces', async () => {
    const spool = await openSpool({ groupCommit });
    const bare = async (...pieces: string[]): Promise<boolean> => {
      const message = spool.begin({ ...ENVELOPE, body: 'BINARYMIME' }, ORIGIN);
      for (const piece of pieces) await message.write(Buffer.from(piece));
      return (await spool.read((await message.commit('')).internalId))!.hasBareLineEnds;
    };
    expect(await bare('a\r', '\nb\r\n')).toBe(false);
    expect(await bare('a\n')).toBe(true);
    expect(await bare('a\r', 'b')).toBe(true);
    expect(await bare('a\r\n', '\n')).toBe(true);
  });

  it('leaves nothing when it is aborted', async () => {
    const folder = join(temporaryFolder(), 'spool');
    const spool = await openSpool({ folder, groupCommit });
    for (const size of [10, 500_000]) {
      const message = spool.begin(ENVELOPE, ORIGIN);
      await message.write(Buffer.alloc(size));
      message.abort();
    }
    const left = () => [readdirSync(join(folder, 'incoming')), readdirSync(join(folder, 'queue')), spool.size];
    await expect.poll(left).toEqual([[], [], 0]);
  });

  it('is announced when it is safe, not before', async () => {
    const folder = join(temporaryFolder(), 'spool');
    const spool = await openSpool({ folder, groupCommit });
    const seen: boolean[] = [];
    spool.whenQueued((id) => {
      const path = groupCommit ? join(folder, 'journal', '1.journal') : join(folder, 'queue', `${id}.json`);
      seen.push(readFileSync(path, 'latin1').includes(ENVELOPE.sender));
    });
    await put(spool);
    expect(seen).toEqual([true]);
  });

  it('is there after a restart, and with it who has it', async () => {
    const folder = join(temporaryFolder(), 'spool');
    const recipients = ['a@x.example', 'b@x.example'];
    const first = await openSpool({ folder, groupCommit });
    const [untouched, tried, gone] = [await put(first), await put(first, { recipients }), await put(first)];
    const states = [
      { kind: 'delivered', at: 1, reply: '250 ok' },
      { kind: 'waiting', attempts: 1, nextAt: 7, reply: '451 later' },
    ] as const;
    await first.writeStates(tried, states);
    await first.remove(gone);
    first.close();
    const second = await openSpool({ folder, groupCommit });
    expect(second.ids()).toEqual([untouched, tried]);
    expect([await second.readStates(untouched), await second.readStates(tried)]).toEqual([undefined, states]);
    for (const id of second.ids()) expect(await contentOf(second, id)).toBe(HEADER + CONTENT);
    for (const id of second.ids()) await second.remove(id);
    second.close();
    expect((await openSpool({ folder })).ids()).toEqual([]);
    expect(readdirSync(join(folder, 'queue'))).toEqual([]);
  });
});

describe('a spool', () => {
  it('removes at the start what was never acknowledged, and keeps what was', async () => {
    const folder = join(temporaryFolder(), 'spool');
    const first = await openSpool({ folder, groupCommit: false });
    const id = await put(first);
    first.close();
    writeFileSync(join(folder, 'incoming', '7.eml'), 'cut');
    for (const name of ['77.eml', '78.json', '79.state', `${id}.state.tmp`]) writeFileSync(join(folder, 'queue', name), 'x');
    const second = await openSpool({ folder });
    expect(second.ids()).toEqual([id]);
    expect(readdirSync(join(folder, 'incoming'))).toEqual([]);
    expect(readdirSync(join(folder, 'queue')).sort()).toEqual([`${id}.eml`, `${id}.json`]);
  });

  it('counts ids up over restarts, even when nothing is left of the messages', async () => {
    const folder = join(temporaryFolder(), 'spool');
    const seen: number[] = [];
    for (let run = 0; run < 3; run++) {
      const spool = await openSpool({ folder });
      for (let i = 0; i < 3; i++) seen.push(Number(await put(spool)));
      for (const id of spool.ids()) await spool.remove(id);
      spool.close();
    }
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(new Set(seen).size).toBe(9);
    rmSync(join(folder, 'next-id'));
    mkdirSync(join(folder, 'failed'), { recursive: true });
    writeFileSync(join(folder, 'failed', '500000.json'), '');
    expect(Number(await put(await openSpool({ folder })))).toBe(500_001);
  });

  it('gives each of many that come at once an id of its own', async () => {
    const spool = await openSpool();
    const ids = await Promise.all(Array.from({ length: 100 }, () => put(spool)));
    expect(new Set(ids).size).toBe(100);
    expect(spool.ids()).toEqual(ids.toSorted((a, b) => Number(a) - Number(b)));
  });

  it('belongs to one relay at a time', async () => {
    const folder = join(temporaryFolder(), 'spool');
    const spool = await openSpool({ folder });
    await expect(Spool.open({ folder })).rejects.toThrow(/in use by process/);
    spool.close();
    writeFileSync(join(folder, 'lock'), '1\n');
    await expect(Spool.open({ folder })).rejects.toMatchObject({ hint: expect.stringContaining('lock') });
    writeFileSync(join(folder, 'lock'), '4194304999\n');
    await openSpool({ folder });
    expect(readFileSync(join(folder, 'lock'), 'utf8')).toBe(`${process.pid}\n`);
  });

  it('takes no more than it may, and nothing without room', async () => {
    const few = await openSpool({ maxMessages: 5 });
    const answers = await Promise.allSettled(Array.from({ length: 8 }, () => put(few)));
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
    expect(few.pressure).toBe('high');
    await expect(put(few)).rejects.toThrow('the spool is full: 5 messages wait already');
    let free = 150;
    let now = 0;
    const small = await openSpool({
      minFreeBytes: 100,
      freeBytes: async () => free,
      clock: { now: () => now, after: () => () => {} },
    });
    await put(small);
    expect(small.pressure).toBe('medium');
    free = 50;
    now += 1000;
    await expect(put(small)).rejects.toThrow('only 50 bytes are free');
    expect([small.pressure, small.size]).toEqual(['high', 1]);
    free = 1000;
    now += 1000;
    await put(small);
    expect(small.pressure).toBe('none');
  });

  it('does not acknowledge what it could not write, and leaves nothing of it', async () => {
    const folder = join(temporaryFolder(), 'spool');
    const spool = await openSpool({ folder, groupCommit: false });
    await put(spool);
    rmSync(join(folder, 'incoming'), { recursive: true });
    await expect(put(spool)).rejects.toThrow('ENOENT');
    await expect(put(spool, {}, Buffer.alloc(200_000))).rejects.toThrow('ENOENT');
    mkdirSync(join(folder, 'incoming'));
    await put(spool);
    expect(spool.size).toBe(2);
    expect(readdirSync(join(folder, 'queue'))).toHaveLength(4);
  });

  it('has a message once that a kill left in the middle of its move out of the journal', async () => {
    const folder = join(temporaryFolder(), 'spool');
    const first = await openSpool({ folder });
    const [id, other] = [await put(first, { recipients: ['a@x', 'b@x'] }), await put(first)];
    cpSync(join(folder, 'journal'), join(folder, 'journal-before'), { recursive: true });
    await first.writeStates(id, [
      { kind: 'delivered', at: 1, reply: '250 ok' },
      { kind: 'waiting', attempts: 1, nextAt: 7, reply: null },
    ]);
    first.close();
    rmSync(join(folder, 'journal'), { recursive: true });
    cpSync(join(folder, 'journal-before'), join(folder, 'journal'), { recursive: true });
    const second = await openSpool({ folder });
    expect(second.ids()).toEqual([id, other]);
    expect(await second.readStates(id)).toMatchObject([{ kind: 'delivered' }, { kind: 'waiting' }]);
    await second.remove(id);
    second.close();
    expect((await openSpool({ folder })).ids()).toEqual([other]);
  });

  it('knows who has a message that a kill left before its move', async () => {
    const folder = join(temporaryFolder(), 'spool');
    const first = await openSpool({ folder });
    const id = await put(first);
    first.close();
    writeFileSync(join(folder, 'queue', `${id}.state`), '[{"kind":"delivered","at":1,"reply":"250 ok"}]');
    const second = await openSpool({ folder });
    expect(await second.readStates(id)).toMatchObject([{ kind: 'delivered' }]);
  });

  it('does not take a recipient for new whose state cannot be read', async () => {
    const folder = join(temporaryFolder(), 'spool');
    const spool = await openSpool({ folder });
    const id = await put(spool);
    expect(await spool.readStates(id)).toBeUndefined();
    const states = [{ kind: 'delivered', at: 1, reply: '250 ok' }] as const;
    await spool.writeStates(id, states);
    expect(await spool.readStates(id)).toEqual(states);
    writeFileSync(join(folder, 'queue', `${id}.state`), '{');
    await expect(spool.readStates(id)).rejects.toThrow('is not readable');
  });

  it('that cannot be made is a circumstance for the user', async () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    await expect(Spool.open({ folder: file })).rejects.toMatchObject({ name: 'UserError' });
  });
});

it('a sink counts and drops', async () => {
  const sink = new Sink();
  const message = sink.begin({ recipients: ['a', 'b'] });
  message.write(Buffer.alloc(10));
  expect(await message.commit('12345')).toEqual({ internalId: '1', size: 15 });
  sink.begin({ recipients: ['c'] }).abort();
  expect([sink.messages, sink.recipients, sink.bytes]).toEqual([1, 2, 15]);
});
