/** Which service can take what a device asks: every limit at its edge, and what no log tells. */
import { describe, expect, it, test } from 'vitest';
import { type Judgement, judge, judgeAll, recommend } from '../../src/checks/targets/judgement.ts';
import { TARGETS, type TargetId } from '../../src/checks/targets/limits.ts';
import type { Demand, Peak } from '../../src/queries/usage/views/device-demand.ts';

const MEBIBYTE = 1024 * 1024;
const peak = (count: number): Peak => ({ count, at: '2026-11-02T08:00:00.000Z' });

/** A device that every service takes. */
const EASY: Demand = {
  messages: 10,
  recipients: 10,
  recipientsExternal: 0,
  peakMinute: peak(1),
  peakHour: peak(2),
  peakDay: peak(5),
  peakDayRecipients: peak(5),
  largestBytes: 100_000,
  mostRecipients: 1,
  senderAddresses: 1,
  senderDomains: ['contoso.example'],
  senderDomainsForeign: [],
  sessions: 10,
  tls: { none: 0, old: 0, new: 10, unknown: 0 },
  authenticated: 'yes',
  logonsFailed: 0,
};
const on = (target: TargetId, more: Partial<Demand>): Judgement =>
  judge({ ...EASY, ...more }, TARGETS.find(({ id }) => id === target)!);
const fits = (more: Partial<Demand>): Record<string, string> =>
  Object.fromEntries(judgeAll({ ...EASY, ...more }).map(({ target, fit }) => [target, fit]));

it('a device that asks little fits everywhere, and no reason is given', () => {
  expect(judgeAll(EASY).map(({ fit, because }) => [fit, because])).toEqual(TARGETS.map(() => ['fits', []]));
});

describe('recipients outside', () => {
  it('are taken by three of the five', () => {
    expect(fits({ recipientsExternal: 1 })).toEqual({
      'client-submission': 'fits',
      'high-volume-email': 'does-not-fit',
      'connector-relay': 'fits',
      'direct-send': 'does-not-fit',
      'communication-services': 'fits',
    });
  });

  it('are unknown without the accepted domains, where it matters', () => {
    expect(fits({ recipientsExternal: null })).toMatchObject({ 'direct-send': 'unknown', 'client-submission': 'fits' });
  });
});

describe.each<[limit: string, target: TargetId, within: Partial<Demand>, beyond: Partial<Demand>, fit: Judgement['fit']]>([
  ['messages a minute', 'client-submission', { peakMinute: peak(30) }, { peakMinute: peak(31) }, 'does-not-fit'],
  ['messages a minute', 'communication-services', { peakMinute: peak(30) }, { peakMinute: peak(31) }, 'unknown'],
  ['messages an hour', 'communication-services', { peakHour: peak(100) }, { peakHour: peak(101) }, 'unknown'],
  [
    'recipients a day',
    'client-submission',
    { peakDayRecipients: peak(10_000) },
    { peakDayRecipients: peak(10_001) },
    'does-not-fit',
  ],
  ['recipients a message', 'high-volume-email', { mostRecipients: 50 }, { mostRecipients: 51 }, 'does-not-fit'],
  [
    'the largest message',
    'high-volume-email',
    { largestBytes: 10 * MEBIBYTE },
    { largestBytes: 10 * MEBIBYTE + 1 },
    'does-not-fit',
  ],
  ['the largest message', 'connector-relay', { largestBytes: 35 * MEBIBYTE }, { largestBytes: 35 * MEBIBYTE + 1 }, 'unknown'],
  [
    'the largest message when raised',
    'communication-services',
    { largestBytes: 10 * MEBIBYTE },
    { largestBytes: 30 * MEBIBYTE + 1 },
    'does-not-fit',
  ],
])('%s of %s', (_, target, within, beyond, fit) => {
  it('is kept at the limit, and not one beyond it', () => {
    expect(on(target, within)).toMatchObject({ fit: 'fits', because: [] });
    const judged = on(target, beyond);
    expect(judged.fit).toBe(fit);
    expect(judged.because).toHaveLength(1);
  });
});

describe('TLS', () => {
  const tls = (more: Partial<Demand['tls']>): Partial<Demand> => ({ tls: { none: 0, old: 0, new: 0, unknown: 0, ...more } });

  it('of which only old versions were seen is refused where TLS is required, and in the way where it is not', () => {
    expect(on('client-submission', tls({ old: 3 }))).toEqual({
      target: 'client-submission',
      fit: 'does-not-fit',
      because: ['it was seen with TLS below 1.2 only'],
    });
    expect(on('connector-relay', tls({ old: 3 })).fit).toBe('unknown');
  });

  it('that was never used is unknown where it is required, and does not matter elsewhere', () => {
    expect(on('high-volume-email', tls({ none: 3 }))).toMatchObject({
      fit: 'unknown',
      because: [expect.stringContaining('never used TLS')],
    });
    expect(on('connector-relay', tls({ none: 3 })).fit).toBe('fits');
  });

  it('of which a new version was seen once is known', () => {
    expect(on('client-submission', tls({ old: 99, new: 1 })).fit).toBe('fits');
  });
});

describe('logon and senders', () => {
  it('who never logged on may be able to, and who tried and failed is', () => {
    expect(on('client-submission', { authenticated: 'no' }).fit).toBe('unknown');
    expect(on('client-submission', { authenticated: 'no', logonsFailed: 1 }).fit).toBe('fits');
    expect(on('connector-relay', { authenticated: 'no' }).fit).toBe('fits');
  });

  it('a foreign sender domain is taken nowhere, and many senders need rights where there is one account', () => {
    expect(new Set(Object.values(fits({ senderDomainsForeign: ['wingtip.example'] })))).toEqual(new Set(['does-not-fit']));
    expect(fits({ senderAddresses: 3 })).toMatchObject({ 'client-submission': 'unknown', 'connector-relay': 'fits' });
  });
});

describe('the recommendation', () => {
  const recommended = (more: Partial<Demand>) => {
    const demand = { ...EASY, ...more };
    return recommend(demand, judgeAll(demand));
  };

  it.each<[string, Partial<Demand>, string | null, string]>([
    ['inside only, logs on', {}, 'high-volume-email', 'fits'],
    ['inside only, anonymous', { authenticated: 'no', tls: { none: 9, old: 0, new: 0, unknown: 0 } }, 'connector-relay', 'fits'],
    ['outside', { recipientsExternal: 5 }, 'connector-relay', 'fits'],
    ['very large', { largestBytes: 200 * MEBIBYTE }, 'own-relay', 'fits'],
    ['old TLS, anonymous', { authenticated: 'no', tls: { none: 0, old: 9, new: 0, unknown: 0 } }, 'connector-relay', 'unknown'],
    ['nothing accepted', { messages: 0 }, null, 'unknown'],
  ])('%s', (_, more, target, fit) => {
    expect(recommended(more)).toMatchObject({ target, fit });
  });
});

test('every figure says where it stands, and of when that is', () => {
  for (const { id, name, cautions, ...limits } of TARGETS) {
    expect([id, name].every((text) => text.length > 0)).toBe(true);
    for (const { source } of [...Object.values(limits), ...cautions]) {
      expect(source.asOf).toMatch(/^20\d\d(-\d\d){0,2}$/);
      expect(source.page).not.toBe('');
    }
  }
});
