/** `report --resolve`: DNS is asked little, kept, marked, and never waited for. No test asks a network. */
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { story } from '../../fixtures/story.ts';
import { lookUp, type ReverseLookup } from '../../src/cli/host-names.ts';
import { logText } from '../harness.ts';
import { databaseOf } from './console.ts';

const failure = (code: string): Error => Object.assign(new Error(code), { code });
const never: ReverseLookup = () => new Promise(() => {});

describe('a lookup', () => {
  it('takes "no such name" for an answer, and failures for none', async () => {
    const ask: ReverseLookup = async (address) => {
      if (address === '10.0.0.1') return ['b.contoso.example.', 'a.contoso.example'];
      throw failure({ '10.0.0.2': 'ENOTFOUND', '10.0.0.3': 'ENODATA', '10.0.0.4': 'ESERVFAIL' }[address] ?? 'ETIMEOUT');
    };
    const { names, unanswered } = await lookUp(['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4', '10.0.0.5'], ask);
    expect([...names]).toEqual([
      ['10.0.0.1', 'a.contoso.example'],
      ['10.0.0.2', null],
      ['10.0.0.3', null],
    ]);
    expect(unanswered).toBe(2);
  });

  it('ends when its time is over, with what was answered by then, and calls the others off', async () => {
    const signals: AbortSignal[] = [];
    const ask: ReverseLookup = (address, signal) => {
      signals.push(signal);
      return address === 'fd00::1' ? Promise.resolve(['one']) : never(address, signal);
    };
    const { names, unanswered } = await lookUp(['fd00::1', 'fd00::2', 'fd00::3', 'fd00::4'], ask, { limitMs: 20, atOnce: 2 });
    expect([...names]).toEqual([['fd00::1', 'one']]);
    expect(unanswered).toBe(3);
    // The fourth was never asked.
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true, true]);
  });

  it('asks each address once, never more of them at once than it may', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 1, max: 8 }), async (count, atOnce) => {
        const addresses = Array.from({ length: count }, (_, n) => `10.0.0.${n}`);
        const asked: string[] = [];
        let running = 0;
        let most = 0;
        const ask: ReverseLookup = async (address) => {
          asked.push(address);
          most = Math.max(most, ++running);
          await Promise.resolve();
          running--;
          return [address];
        };
        const { names } = await lookUp(addresses, ask, { atOnce });
        expect(names.size).toBe(count);
        expect(asked.sort()).toEqual([...addresses].sort());
        expect(most).toBeLessThanOrEqual(atOnce);
      }),
      { seed: 6, numRuns: 50 },
    );
  });
});

const HOSTILE = '<b>=1+1\u202E\u001b[31m';
const DEVICES = ['10.0.9.1', '10.0.9.2', '10.0.9.3', '10.0.9.4'];
const ask = databaseOf(() => ({
  'RECV1.LOG': logText(
    DEVICES.flatMap((source, index) =>
      story(
        { sessionId: `08DE19A1B2C3D40${index}`, remote: `${source}:1`, at: `2026-11-02T08:0${index}:00.000Z` },
        `+\n> {banner}\n${index === 0 ? '< EHLO scanner\n> {hello SIZE}\n' : ''}< MAIL FROM:<a@contoso.example>\n* {message}\n> 250 2.1.0 Sender OK\n< RCPT TO:<b@contoso.example>\n> 250 2.1.5 Recipient OK\n< DATA\n> 354 Start mail input; end with <CRLF>.<CRLF>\n> {queued 1000}\n- | Remote`,
      ),
    ),
  ),
}));
const DAY = ['report', '--of', '2026-11-02', '--tz', 'UTC'];

/** A DNS that knows these, and remembers what it was asked. */
function dns(names: Readonly<Record<string, string>>): { asked: string[]; reverseLookup: ReverseLookup } {
  const asked: string[] = [];
  return {
    asked,
    reverseLookup: async (address) => {
      asked.push(address);
      const name = names[address];
      if (name === undefined) throw failure('ENOTFOUND');
      if (name === '') throw failure('ESERVFAIL');
      return [name];
    },
  };
}

const NAMES = { '10.0.9.1': 'mfp-lobby', '10.0.9.2': HOSTILE, '10.0.9.4': '' };

test('is off by default', async () => {
  const { asked, reverseLookup } = dns(NAMES);
  const { out } = await ask.on({ reverseLookup })(...DAY);
  expect(asked).toEqual([]);
  expect(out).not.toContain('DNS');
});

test('names are marked, what was not answered is said, and nothing of it does harm', async () => {
  const { asked, reverseLookup } = dns(NAMES);
  const { code, out, err } = await ask.on({ reverseLookup, now: '2026-11-03T00:00:00.000Z' })(...DAY, '--resolve');
  expect(code).toBe(0);
  expect(asked.sort()).toEqual(DEVICES);
  expect(out).toContain('mfp-lobby (DNS)');
  for (const harm of ['\u202E', '\u001b']) expect(out).not.toContain(harm);
  expect(err).toBe('--resolve: DNS gave no answer for 1 of 4 addresses in time; their names are left out\n');
  const html = await ask.on({ reverseLookup })(...DAY, '--resolve', '--format', 'html');
  expect(html.out).not.toContain('<b>');
});

test('answers are kept, also that there is no name; after their time DNS is asked again', async () => {
  const later = async (now: string): Promise<string[]> => {
    const { asked, reverseLookup } = dns(NAMES);
    await ask.on({ reverseLookup, now })(...DAY, '--resolve');
    return asked.sort();
  };
  expect(await later('2026-11-03T12:00:00.000Z')).toEqual(['10.0.9.4']);
  expect(await later('2026-11-04T12:00:00.000Z')).toEqual(['10.0.9.3', '10.0.9.4']);
  expect(await later('2026-11-10T12:00:00.000Z')).toEqual(DEVICES);
});

test('JSON has them in a field of their own', async () => {
  const { reverseLookup } = dns(NAMES);
  const { out } = await ask.on({ reverseLookup })(...DAY, '--resolve', '--format', 'json');
  const { devices } = JSON.parse(out) as { devices: { source: string; helo: string | null; dnsName: string | null }[] };
  expect(devices.map(({ source, helo, dnsName }) => [source, helo, dnsName])).toEqual([
    ['10.0.9.1', 'scanner', 'mfp-lobby'],
    ['10.0.9.2', null, HOSTILE],
    ['10.0.9.3', null, null],
    ['10.0.9.4', null, null],
  ]);
});

test('with --redact they have stand-ins', async () => {
  const { reverseLookup } = dns({ '10.0.9.1': 'secretname', '10.0.9.2': 'other.contoso.example' });
  const { code, out } = await ask.on({ reverseLookup, now: '2027-11-10T12:00:00.000Z' })(...DAY, '--resolve', '--redact');
  expect(code).toBe(0);
  expect(out).toContain('(DNS)');
  expect(out).not.toMatch(/secretname|contoso/);
});
