/** What clients may not do to the relay, and how it ends. */
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { Sink } from '../../../src/relay/delivery/sink.ts';
import type { Delivery } from '../../../src/relay/server/delivery.ts';
import { relayUnderTest, SETTINGS } from './relay-under-test.ts';

/** A delivery of which the test decides when a message is kept. */
function slowDelivery(): { delivery: Delivery; keep: (error?: Error) => void } {
  const waiting: ((error?: Error) => void)[] = [];
  const sink = new Sink();
  return {
    keep: (error) => {
      for (const go of waiting.splice(0)) go(error);
    },
    delivery: {
      keeper: {
        begin: (envelope) => ({
          ...sink.begin(envelope),
          commit: (header) =>
            new Promise((resolve, reject) => {
              waiting.push((error) => (error ? reject(error) : resolve(sink.begin(envelope).commit(header))));
            }),
        }),
      },
      pressure: () => 'none',
      takesBinary: true,
      backlog: () => ({ waiting: 0, failed: 0 }),
      close: async () => {},
    },
  };
}

const message = ['MAIL FROM:<a@contoso.example>', 'RCPT TO:<b@contoso.example>', 'DATA'] as const;

describe('many clients', () => {
  test('200 at one time send two messages each, and nothing is lost or mixed up', async () => {
    const under = await relayUnderTest();
    const one = async (number: number): Promise<void> => {
      const client = await under.greeted();
      for (const part of [1, 2]) {
        await client.sayAll(...message);
        client.send(`Message-ID: <${number}.${part}@device>\r\n\r\n${'x'.repeat(number)}\r\n.\r\n`);
        expect(await client.reply()).toContain(`<${number}.${part}@device>`);
      }
      expect(await client.say('QUIT')).toMatch(/^221 /);
    };
    await Promise.all(Array.from({ length: 200 }, (_, number) => one(number)));
    expect(under.relay.counts()).toMatchObject({ sessions: 200, messages: 400, dropped: 0, failures: 0 });
    const sessions = await under.sessions();
    expect(sessions).toHaveLength(200);
    expect(sessions.every((session) => session.outcome === 'accepted' && session.messagesAccepted === 2)).toBe(true);
  });

  test('more than the process allows are closed at once, without a session, and there is room again afterwards', async () => {
    const under = await relayUnderTest({ limits: { connections: 3 } });
    const first = await Promise.all([under.greeted(), under.greeted(), under.greeted()]);
    const fourth = await under.client();
    expect(await fourth.reply()).toBe('');
    const fifth = await under.client();
    expect(await fifth.reply()).toBe('');
    expect(under.relay.counts()).toMatchObject({ connections: 3, dropped: 2 });
    expect(under.said).toEqual(['more than 3 connections at one time: others are closed at once (limits.connections)']);
    await first[0]!.say('QUIT');
    await first[0]!.closed();
    first[0]!.end();
    await expect.poll(() => under.relay.counts().connections).toBe(2);
    await under.greeted();
    expect(await under.sessions()).toHaveLength(4);
  });

  test('of one source have a limit of their own, and get it back', async () => {
    const under = await relayUnderTest({
      connectors: [
        { default: 'Default Frontend', MaxInboundConnectionPerSource: 2, MaxInboundConnectionPercentagePerSource: 100 },
      ],
    });
    const [first] = [await under.greeted(), await under.greeted()];
    const third = await under.client();
    expect(await third.reply()).toMatch(/^421 4\.3\.2 The maximum number of concurrent connections has exceeded a limit/);
    third.end();
    first.reset();
    await expect.poll(() => under.relay.counts().connections).toBe(1);
    const fourth = await under.client();
    expect(await fourth.reply()).toMatch(/^220 /);
    const outcomes = (await under.sessions()).map(({ outcome }) => outcome).sort();
    expect(outcomes).toEqual(['probe', 'probe', 'probe', 'turned-away']);
  });
});

describe('a client that', () => {
  test('says nothing is told to go', async () => {
    const under = await relayUnderTest({
      connectors: [{ default: 'Default Frontend', ConnectionInactivityTimeout: '00:00:00.060' }],
    });
    const client = await under.client();
    await client.reply();
    expect(await client.reply()).toBe('451 4.7.0 Timeout waiting for client input');
    await client.closed();
    expect(await under.sessions()).toMatchObject([{ disconnect: 'Local' }]);
  });

  test('drips its octets stays as long as its session may, and no longer', async () => {
    const under = await relayUnderTest({
      connectors: [
        {
          default: 'Default Frontend',
          ConnectionTimeout: '00:00:00.200',
          ConnectionInactivityTimeout: '00:00:00.200',
          TarpitInterval: '00:00:00',
        },
      ],
    });
    const client = await under.client();
    await client.reply();
    const dripping = (async () => {
      for (const octet of 'EHLO a\r\nNOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\n') {
        client.send(octet);
        await delay(15);
      }
    })();
    const replies = [];
    for (let reply = await client.reply(); reply !== ''; reply = await client.reply()) replies.push(reply);
    expect(replies.at(-1)).toBe('421 4.4.1 Connection timed out');
    await dripping;
    expect(await under.sessions()).toHaveLength(1);
  });

  test('never ends its line is cut off at 32 KB', async () => {
    const under = await relayUnderTest();
    const client = await under.client();
    await client.reply();
    client.send('A'.repeat(200_000));
    expect(await client.reply()).toBe('500 5.5.2 Command too long');
    await client.closed();
    await under.sessions();
  });

  test('does not read its replies is not read either: the rest waits where it came from', async () => {
    const under = await relayUnderTest({
      limits: { memoryPerConnection: '64 KB' },
      connectors: [{ name: 'Trusted', bindings: '0.0.0.0:25', remoteIPRanges: '10.0.20.0/24', relay: 'externally-secured' }],
    });
    const client = await under.client();
    await client.reply();
    client.socket.pause();
    const before = process.memoryUsage.rss();
    const flood = Buffer.from('EHLO a\r\n'.repeat(100_000));
    for (let round = 0; round < 20; round++) client.send(flood);
    await delay(700);
    expect(client.socket.writableLength).toBeGreaterThan(1_000_000);
    expect(process.memoryUsage.rss() - before).toBeLessThan(150_000_000);
    client.reset();
    await expect.poll(() => under.relay.counts().connections).toBe(0);
    expect(under.said).toEqual([]);
  });

  test('resets in the middle of its message leaves a session that says so', async () => {
    const under = await relayUnderTest();
    const client = await under.greeted();
    await client.sayAll(...message);
    client.send('Subject: half');
    await delay(20);
    client.reset();
    await expect.poll(() => under.relay.counts().connections).toBe(0);
    expect(under.relay.counts().messages).toBe(0);
    expect(await under.sessions()).toMatchObject([{ disconnect: 'Remote(ConnectionReset)', outcome: 'abandoned' }]);
  });

  test('leaves without QUIT is told from one that resets', async () => {
    const under = await relayUnderTest();
    const client = await under.client();
    await client.reply();
    client.end();
    await client.closed();
    expect(await under.sessions()).toMatchObject([{ disconnect: 'Remote(SocketError)', outcome: 'probe' }]);
  });

  test('sends every octet there is takes nobody along', async () => {
    const under = await relayUnderTest();
    const good = await under.greeted();
    for (let seed = 1; seed <= 20; seed++) {
      const client = await under.client();
      client.send(Buffer.from(Array.from({ length: 3000 }, (_, at) => (at * at * seed + at * 7) % 256)));
      client.end();
    }
    expect(await good.say('NOOP')).toBe('250 2.0.0 OK');
    await expect.poll(() => under.relay.counts().connections, { timeout: 4000 }).toBe(1);
    expect(under.relay.counts()).toMatchObject({ sessions: 21, failures: 0 });
    expect(await under.sessions()).toHaveLength(21);
  });
});

describe('a reply that is delayed', () => {
  test('holds back what was pipelined behind it', async () => {
    const under = await relayUnderTest({ connectors: [{ default: 'Default Frontend', TarpitInterval: '00:00:00.080' }] });
    const client = await under.greeted();
    const before = Date.now();
    client.send('BOGUS\r\nEHLO again\r\n');
    expect(await client.reply()).toBe('500 5.3.3 Unrecognized command');
    expect(Date.now() - before).toBeGreaterThanOrEqual(75);
    await client.reply();
    await client.say('QUIT');
    await under.sessions();
  });
});

describe('a message that', () => {
  test('cannot be kept is refused for the moment, and people are told', async () => {
    const { delivery, keep } = slowDelivery();
    const under = await relayUnderTest({}, { openDelivery: () => delivery });
    const client = await under.greeted();
    await client.sayAll(...message);
    client.send('x: y\r\n\r\n.\r\n');
    await delay(30);
    keep(new Error('no space left on device'));
    expect(await client.reply()).toMatch(/^4\d\d /);
    expect(under.said).toEqual([
      expect.stringMatching(/^session [0-9A-F]{16} of 10\.0\.20\.11:\d+: a message could not be kept: no space left on device$/),
    ]);
    await client.say('QUIT');
    expect(await under.sessions()).toMatchObject([{ messagesAccepted: 0, messagesRefused: 1 }]);
  });

  test('is being kept while its client goes is kept', async () => {
    const { delivery, keep } = slowDelivery();
    const under = await relayUnderTest({}, { openDelivery: () => delivery });
    const client = await under.greeted();
    await client.sayAll(...message);
    client.send('x: y\r\n\r\n.\r\n');
    await delay(30);
    client.reset();
    await delay(30);
    keep();
    await expect.poll(() => under.relay.counts().messages).toBe(1);
    expect(await under.sessions()).toHaveLength(1);
    expect(under.said).toEqual([]);
  });
});

describe('the end', () => {
  test('waits for a message that is under way, and for nobody else', async () => {
    const { delivery, keep } = slowDelivery();
    const under = await relayUnderTest({}, { openDelivery: () => delivery });
    const idle = await under.greeted();
    const busy = await under.greeted();
    await busy.sayAll(...message);
    busy.send('x: y\r\n\r\n.\r\n');
    await delay(30);
    const stopped = under.relay.stop();
    await idle.closed();
    await expect(under.client()).rejects.toThrow('ECONNREFUSED');
    keep();
    expect(await busy.reply()).toMatch(/^250 2\.6\.0 /);
    await stopped;
    await busy.closed();
    const sessions = await under.sessions();
    expect(sessions.map(({ outcome }) => outcome).sort()).toEqual(['accepted', 'probe']);
  });

  test('does not wait for ever', async () => {
    const { delivery } = slowDelivery();
    const under = await relayUnderTest({}, { openDelivery: () => delivery });
    const client = await under.greeted();
    await client.sayAll(...message);
    const before = Date.now();
    await under.relay.stop(50);
    expect(Date.now() - before).toBeLessThan(1000);
    await client.closed();
    expect(await under.sessions()).toMatchObject([{ outcome: 'refused' }]);
  });

  test('comes once, however often it is asked for', async () => {
    const under = await relayUnderTest();
    await under.greeted();
    await Promise.all([under.relay.stop(), under.relay.stop(), under.relay.stop(0)]);
    expect(under.relay.counts()).toMatchObject({ connections: 0, sessions: 1 });
  });
});

describe('an error of the relay itself', () => {
  test('ends its session, says so, and no other', async () => {
    let broken = true;
    const sink = new Sink();
    const delivery: Delivery = {
      keeper: {
        begin: (envelope) => {
          if (broken) throw new Error('a defect');
          return sink.begin(envelope);
        },
      },
      pressure: () => 'none',
      takesBinary: true,
      backlog: () => ({ waiting: 0, failed: 0 }),
      close: async () => {},
    };
    const under = await relayUnderTest({}, { openDelivery: () => delivery });
    const [good, bad] = [await under.greeted(), await under.greeted()];
    await bad.sayAll('MAIL FROM:<a@contoso.example>', 'RCPT TO:<b@contoso.example>');
    bad.send('DATA\r\n');
    await bad.closed();
    expect(under.said).toEqual([expect.stringContaining('unexpected failure, the session is closed. Error: a defect')]);
    broken = false;
    await good.sayAll(...message);
    good.send('x: y\r\n\r\n.\r\n');
    expect(await good.reply()).toMatch(/^250 2\.6\.0 /);
    expect(under.relay.counts()).toMatchObject({ failures: 1, messages: 1 });
    await under.sessions();
  });
});

describe('a start that fails', () => {
  test('says why in one line, and leaves nothing open', async () => {
    const under = await relayUnderTest();
    const { on } = under.relay.endpoints[0]!;
    const taken = {
      ...SETTINGS,
      listen: [
        { on: '127.0.0.1:0', as: '10.0.0.5:25' },
        { on: `127.0.0.1:${on.port}`, as: '10.0.0.5:587' },
      ],
    };
    await expect(relayUnderTest(taken)).rejects.toThrow(`cannot listen on 127.0.0.1:${on.port}: another program does`);
    await expect(relayUnderTest({ certificate: { certificate: 'a.pem', key: 'a.key' } })).rejects.toThrow(
      /^certificate\.certificate: ".*a\.pem" cannot be read \(ENOENT\)/,
    );
  });
});
