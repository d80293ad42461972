import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { DeliveryOrder, Destination } from '../../../src/relay/delivery/destination.ts';
import type { DeliveryResult } from '../../../src/relay/delivery/schedule.ts';
import { temporaryFolder } from '../../harness.ts';
import { ManualClock } from '../log/manual-clock.ts';
import { CONTENT, openSpool, put, smartHost, startRunner, until } from './delivery-harness.ts';
import { startRemote } from './remote-server.ts';

const MINUTE = 60_000;
const OK: DeliveryResult = { kind: 'delivered', reply: '250 ok' };
const LATER: DeliveryResult = { kind: 'deferred', reply: '451 later' };
const NEVER: DeliveryResult = { kind: 'refused', reply: '550 5.1.1 nobody' };

/** Answers as told, and remembers who was tried when. */
function destination(clock: ManualClock, answer: (recipient: string, attempt: number) => DeliveryResult | Error) {
  const tried: { recipient: string; minutes: number }[] = [];
  const start = clock.now();
  const told: Destination = {
    deliver: async ({ recipients }: DeliveryOrder) =>
      recipients.map((recipient) => {
        tried.push({ recipient, minutes: Math.round((clock.now() - start) / MINUTE) });
        const result = answer(recipient, tried.filter((one) => one.recipient === recipient).length);
        if (result instanceof Error) throw result;
        return result;
      }),
  };
  return { told, tried };
}

async function scene(answer: (recipient: string, attempt: number) => DeliveryResult | Error, recipients = ['a@x', 'b@x', 'c@x']) {
  const folder = join(temporaryFolder(), 'spool');
  const clock = new ManualClock(Date.now() + 1000);
  const spool = await openSpool({ folder, clock });
  const { told, tried } = destination(clock, answer);
  const { runner, reports } = startRunner({ spool, destination: told, clock });
  await runner.start();
  const id = await put(spool, { recipients });
  /** Lets time go on, and what is under way come to rest. */
  const pass = async (minutes: number): Promise<void> => {
    for (let i = 0; i < minutes; i++) {
      clock.advance(MINUTE);
      await runner.idle();
    }
  };
  await runner.idle();
  const failed = (kind: string): string => readFileSync(join(folder, 'failed', `${id}.${kind}`), 'utf8');
  return { folder, clock, spool, runner, reports, tried, id, pass, failed };
}

describe('the queue', () => {
  it('delivers at once, and keeps nothing of what is delivered', async () => {
    const { spool, folder, tried, runner } = await scene(() => OK);
    expect(tried.map(({ recipient }) => recipient)).toEqual(['a@x', 'b@x', 'c@x']);
    expect([spool.size, readdirSync(join(folder, 'queue')), readdirSync(join(folder, 'failed'))]).toEqual([0, [], []]);
    expect([runner.delivered, runner.failed]).toEqual([3, 0]);
  });

  it('tries again only for the recipients that were deferred, with growing delays', async () => {
    const { tried, pass, spool } = await scene((recipient, attempt) => (recipient === 'b@x' && attempt < 4 ? LATER : OK));
    await pass(30);
    expect(tried).toEqual([
      { recipient: 'a@x', minutes: 0 },
      { recipient: 'b@x', minutes: 0 },
      { recipient: 'c@x', minutes: 0 },
      { recipient: 'b@x', minutes: 1 },
      { recipient: 'b@x', minutes: 6 },
      { recipient: 'b@x', minutes: 21 },
    ]);
    expect(spool.size).toBe(0);
  });

  it('puts what is refused into failed/, with message, envelope and reason, and goes on with the others', async () => {
    const { failed, pass, spool, runner, folder } = await scene((recipient, attempt) =>
      recipient === 'a@x' ? NEVER : recipient === 'b@x' ? (attempt < 3 ? LATER : NEVER) : OK,
    );
    expect(failed('txt')).toMatch(/<a@x>\n {2}.*: 550 5\.1\.1 nobody/);
    expect(failed('txt')).not.toContain('b@x');
    expect(failed('eml')).toBe(CONTENT);
    await pass(10);
    expect(JSON.parse(failed('json'))).toMatchObject({
      sender: 'scan@contoso.example',
      recipients: ['a@x', 'b@x', 'c@x'],
      failures: [
        { recipient: 'a@x', reply: '550 5.1.1 nobody' },
        { recipient: 'b@x', reply: '550 5.1.1 nobody' },
      ],
    });
    expect([spool.size, runner.delivered, runner.failed]).toEqual([0, 1, 2]);
    expect(readdirSync(join(folder, 'queue'))).toEqual([]);
    expect(failed('eml')).toBe(CONTENT);
  });

  it('says once that mail waits, what is given up, and when mail goes again', async () => {
    let isUp = false;
    const { reports, pass, spool, runner, id } = await scene((recipient) =>
      recipient === 'c@x' ? NEVER : isUp ? OK : { kind: 'deferred', reply: '421 4.2.1 Unable\r\nto connect' },
    );
    await put(spool, { recipients: ['d@x'] });
    await pass(6);
    expect(reports).toEqual([
      `message ${id} is given up and stands in failed/: <c@x>: 550 5.1.1 nobody`,
      `mail waits and is tried again: message ${id} to <a@x>: 421 4.2.1 Unable to connect`,
    ]);
    isUp = true;
    await pass(30);
    expect(reports.slice(2)).toEqual(['mail is delivered again; 1 more still in the spool']);
    expect([spool.size, runner.failedMessages]).toEqual([0, 1]);
  });

  it('gives up when the message expires', async () => {
    const { failed, pass, tried, spool } = await scene(() => LATER, ['a@x']);
    await pass(2 * 24 * 60 - 1);
    expect(spool.size).toBe(1);
    await pass(3);
    expect(spool.size).toBe(0);
    expect(tried).toHaveLength(53);
    expect(failed('txt')).toContain('550 4.4.7 QUEUE.Expired; message expired. Last answer: 451 later');
  });

  it('takes a destination that throws for one that defers', async () => {
    const { pass, tried, spool } = await scene((_, attempt) => (attempt === 1 ? new Error('broken') : OK), ['a@x']);
    await pass(1);
    expect([tried.length, spool.size]).toEqual([2, 0]);
  });

  it('remembers over a restart who has the message, and when the others are due', async () => {
    const { folder, clock, runner, spool } = await scene((recipient) => (recipient === 'b@x' ? LATER : OK));
    await runner.stop();
    spool.close();
    const again = await openSpool({ folder, clock });
    const { told, tried } = destination(clock, () => OK);
    const second = startRunner({ spool: again, destination: told, clock }).runner;
    await second.start();
    await second.idle();
    expect(tried).toEqual([]);
    clock.advance(MINUTE);
    await second.idle();
    expect(tried).toEqual([{ recipient: 'b@x', minutes: 1 }]);
    expect(again.size).toBe(0);
  });

  it('does not try again those who have the message while that cannot be written down', async () => {
    const folder = join(temporaryFolder(), 'spool');
    const clock = new ManualClock(Date.now() + 1000);
    const spool = await openSpool({ folder, clock });
    let blocked = '';
    const { told, tried } = destination(clock, (recipient, attempt) => (recipient === 'b@x' && attempt === 1 ? LATER : OK));
    const blocking: Destination = {
      deliver: async (order) => {
        const path = join(folder, 'queue', `${order.message.internalId}.state.tmp`);
        if (!blocked) mkdirSync((blocked = path));
        return told.deliver(order);
      },
    };
    const { runner, reports } = startRunner({ spool, destination: blocking, clock });
    await runner.start();
    await put(spool, { recipients: ['a@x', 'b@x'] });
    await runner.idle();
    expect(reports).toEqual([expect.stringMatching(/has to wait: EISDIR/)]);
    rmSync(blocked, { recursive: true });
    clock.advance(2 * MINUTE);
    await runner.idle();
    expect(tried.map(({ recipient }) => recipient)).toEqual(['a@x', 'b@x', 'b@x']);
    expect(spool.size).toBe(0);
  });

  it('leaves a message alone whose envelope is not readable, and says so', async () => {
    const folder = join(temporaryFolder(), 'spool');
    const spool = await openSpool({ folder, groupCommit: false });
    const id = await put(spool);
    writeFileSync(join(folder, 'queue', `${id}.json`), '{"sender":7}');
    const clock = new ManualClock(Date.now());
    const { told, tried } = destination(clock, () => OK);
    const { runner, reports } = startRunner({ spool, destination: told });
    await runner.start();
    await runner.idle();
    expect(reports).toEqual([`message ${id} in the spool is not readable, and stays where it is`]);
    expect([tried, existsSync(join(folder, 'queue', `${id}.eml`))]).toEqual([[], true]);
  });

  it('delivers no more at a time than it may', async () => {
    const spool = await openSpool();
    let now = 0;
    let most = 0;
    const slow: Destination = {
      deliver: async ({ recipients }) => {
        most = Math.max(most, ++now);
        await new Promise((resolve) => setTimeout(resolve, 2));
        now--;
        return recipients.map(() => OK);
      },
    };
    const { runner } = startRunner({ spool, destination: slow, concurrency: 3 });
    await runner.start();
    await Promise.all(Array.from({ length: 30 }, () => put(spool)));
    await until(() => spool.size === 0);
    expect(most).toBe(3);
  });

  it('ends with what is under way, and begins nothing more', async () => {
    const spool = await openSpool();
    let release: () => void = () => {};
    const slow: Destination = {
      deliver: async ({ recipients, signal }) => {
        await new Promise<void>((resolve) => {
          release = resolve;
          signal.addEventListener('abort', () => resolve());
        });
        return recipients.map(() => (signal.aborted ? LATER : OK));
      },
    };
    const { runner } = startRunner({ spool, destination: slow, concurrency: 1 });
    await runner.start();
    await put(spool);
    await put(spool);
    const stopped = runner.stop();
    release();
    await stopped;
    expect(spool.size).toBe(1);
  });
});

describe('the queue before a smart host', () => {
  it('that is down at first delivers when it is up, and logs both', async () => {
    const gone = await startRemote();
    await gone.close();
    const clock = new ManualClock(Date.now() + 1000);
    const spool = await openSpool({ clock });
    const sender = smartHost(gone.port, { clock });
    const { runner } = startRunner({ spool, destination: sender.host, clock });
    await runner.start();
    await put(spool);
    await runner.idle();
    const remote = await startRemote({ port: gone.port });
    clock.advance(MINUTE);
    await runner.idle();
    expect(remote.messages).toHaveLength(1);
    const { sessions, result } = await sender.ingest();
    expect(result.anomalies).toEqual({});
    expect(sessions.map(({ outcome }) => outcome)).toEqual(['connect-failed', 'accepted']);
  });

  it('that says 421 in the middle of many gets every message, each once', async () => {
    let answered = 0;
    const remote = await startRemote({
      manners: (command) => (/^(MAIL|RCPT|DATA|\.)/.test(command) && ++answered % 7 === 0 ? '421 4.3.2 closing' : undefined),
    });
    const spool = await openSpool();
    const sender = smartHost(remote.port);
    const { runner } = startRunner({
      spool,
      destination: sender.host,
      retries: { delaysMs: [1], expiryMs: 60_000 },
      concurrency: 5,
    });
    await runner.start();
    const ids = await Promise.all(Array.from({ length: 40 }, (_, i) => put(spool, {}, `Message-ID: <${i}@x>\r\n\r\n`)));
    await until(() => spool.size === 0);
    const taken = remote.messages.map(({ content }) => /Message-ID: <(\d+)@x>/.exec(content)![1]);
    expect(taken.toSorted()).toEqual(ids.map((_, i) => String(i)).toSorted());
    const { result, sessions } = await sender.ingest();
    expect(result.anomalies).toEqual({});
    expect(sessions.filter(({ outcome }) => outcome === 'accepted')).toHaveLength(40);
  });
});
