/** `sessions` with every filter: which sessions of the organisation it lists, by the stories of fixtures/organisation.ts. */
import { describe, expect, it, test } from 'vitest';
import { databaseOf } from './console.ts';

const ask = databaseOf();

interface Listed {
  readonly startedAt: string;
  readonly source: string | null;
  readonly destination: string | null;
}

/** Sessions as `08:02 10.0.20.12`: UTC and client, or the destination on send. */
async function found(...args: string[]): Promise<string[]> {
  const { sessions } = (await ask.json('sessions', ...args)) as { sessions: Listed[] };
  return sessions.map(({ startedAt, source, destination }) => `${startedAt.slice(11, 16)} ${source ?? `to ${destination}`}`);
}

const MFP_02 = ['08:02 10.0.20.12', '08:22 10.0.20.12', '09:31 10.0.20.12'];
/** At the front ends, and at the Hub, where the client is the front end of EX01. */
const MFP_01 = ['08:01 10.0.20.11', '08:01 10.0.0.5', '08:20 10.0.20.11', '08:40 10.0.20.11', '09:20 10.0.20.11'];
const CRM = ['08:12 10.0.50.21', '08:12 10.0.0.5'];
const CAMERA = ['08:35 fd00:20::31'];
const AFTER_NINE = [
  '09:03 10.0.0.250',
  '09:03 127.0.0.1',
  '09:05 10.0.30.5',
  '09:12 10.0.70.2',
  '09:20 10.0.20.11',
  '09:31 10.0.20.12',
  '09:33 10.0.0.250',
  '09:33 127.0.0.1',
  '09:34 10.0.20.14',
];

it('lists all 33 in order of time', async () => {
  const all = await found();
  expect(all).toHaveLength(33);
  expect(all.map((one) => one.slice(0, 5))).toEqual(all.map((one) => one.slice(0, 5)).sort());
});

describe('--source', () => {
  it.each([
    ['an address', '10.0.20.12', MFP_02],
    ['an address and the Hub sessions that carry its mail', '10.0.20.11', MFP_01],
    ['a client that authenticated, at the front end and at the Hub', '10.0.50.21', CRM],
    ['a front end itself', '10.0.0.5', ['08:01 10.0.0.5', '08:12 10.0.0.5']],
    ['a CIDR', '10.0.20.12/31', [...MFP_02, '08:25 10.0.20.13'].sort()],
    ['a CIDR with host bits', '10.0.20.13/31', [...MFP_02, '08:25 10.0.20.13'].sort()],
    ['a range', '10.0.20.12-10.0.20.14', [...MFP_02, '08:25 10.0.20.13', '09:34 10.0.20.14'].sort()],
    ['an IPv6 address', 'fd00:20::31', CAMERA],
    ['an IPv6 address written otherwise', 'FD00:0020:0:0:0:0:0:31', CAMERA],
    ['an IPv6 address in brackets, as the log writes it', '[fd00:20::31]', CAMERA],
    ['an IPv6 CIDR', 'fd00:20::/64', CAMERA],
    ['an IPv6 range', 'fd00:20::30-fd00:20::3f', CAMERA],
    ['nothing that connected', '192.0.2.1', []],
    ['no address that only begins alike', '10.0.20.1', []],
  ])('finds %s', async (_, source, expected) => {
    expect(await found('--source', source)).toEqual(expected);
  });

  it.each(['10.0.20.0/33', '10.0.20.14-10.0.20.12', '10.0.20.1-fd00::1', '10.0.20.300'])(
    'says that %s is no address and no range, instead of finding nothing',
    async (source) => {
      const { code, err } = await ask('sessions', '--source', source);
      expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining(source) });
    },
  );
});

describe('--connector', () => {
  it('takes part of a name in any case, of every server', async () => {
    expect(await found('--connector', 'ANON relay')).toHaveLength(11);
    expect(await found('--connector', 'ex02\\anon')).toEqual(['08:20 10.0.20.11']);
    expect(await found('--connector', 'Proxy')).toEqual(['08:01 to 10.0.0.5:2525', '08:12 10.0.0.5']);
  });

  it('takes the characters of a pattern as they are', async () => {
    expect(await found('--connector', '%')).toEqual([]);
    expect(await found('--connector', 'Anon_Relay')).toEqual([]);
  });
});

describe('--outcome', () => {
  it.each([
    ['partial', ['08:30 10.0.30.8']],
    ['proxied', ['08:12 10.0.50.21']],
    ['turned-away', ['08:50 192.168.77.20']],
    ['connect-failed', ['08:05 to 198.51.100.30:25']],
    ['tls-failed', ['08:15 10.0.20.40']],
    ['auth-failed', ['08:10 10.0.40.9', '09:12 10.0.70.2']],
    ['open', ['09:34 10.0.20.14']],
    ['abandoned', []],
    ['partial,open', ['08:30 10.0.30.8', '09:34 10.0.20.14']],
    ['partial, open', ['08:30 10.0.30.8', '09:34 10.0.20.14']],
  ])('%s', async (outcome, expected) => {
    expect(await found('--outcome', outcome)).toEqual(expected);
  });

  it('lists the outcomes there are, for one that there is not', async () => {
    const { code, err, out } = await ask('sessions', '--outcome', 'rejected');
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain('turned-away');
  });
});

describe('--sender and --recipient', () => {
  const newsletter = ['08:30 10.0.30.8'];

  it.each([
    ['a sender', '--sender', 'news@contoso.example', newsletter],
    ['a sender in any case', '--sender', 'News@CONTOSO.example', newsletter],
    ['a sender in angle brackets', '--sender', '<news@contoso.example>', newsletter],
    ['a recipient that was refused', '--recipient', 'extern@adatum.example', newsletter],
    ['a recipient in any case', '--recipient', 'BERT@Contoso.Example', newsletter],
    ['a recipient at the Hub behind XPROXY', '--recipient', 'sales@contoso.example', ['08:12 10.0.0.5']],
    ['a domain of recipients', '--recipient', '@adatum.example', ['08:05 10.0.30.5', '08:30 10.0.30.8', '09:05 10.0.30.5']],
    ['a domain in any case', '--recipient', '@WINGTIP.example', ['08:05 10.0.30.5', '09:05 10.0.30.5']],
    ['no domain above', '--recipient', '@example', []],
    ['no part of an address', '--recipient', 'bert', []],
    ['no sender among recipients', '--recipient', 'news@contoso.example', []],
  ])('find %s', async (_, option, address, expected) => {
    expect(await found(option, address)).toEqual(expected);
  });
});

describe('--since and --until', () => {
  const at = (now: string, ...args: string[]): Promise<string[]> =>
    ask
      .on({ now })('sessions', ...args, '--format', 'json')
      .then(({ out }) =>
        (JSON.parse(out).sessions as Listed[]).map((s) => `${s.startedAt.slice(11, 16)} ${s.source ?? `to ${s.destination}`}`),
      );
  const NOON = '2026-11-02T12:00:00.000Z';

  it('take ISO times: from the first on, up to and without the second', async () => {
    expect(await at(NOON, '--since', '2026-11-02T08:30:00Z', '--until', '2026-11-02T08:35:00Z')).toEqual([
      '08:30 10.0.30.8',
      '08:33 10.0.0.250',
      '08:33 127.0.0.1',
    ]);
  });

  it('take an offset', async () => {
    expect(await at(NOON, '--since', '2026-11-02T10:34:00+01:00')).toEqual(['09:34 10.0.20.14']);
    expect(await at(NOON, '--since', '2026-11-02T10:34+0100')).toEqual(['09:34 10.0.20.14']);
  });

  it('read a time without an offset where --tz is', async () => {
    expect(await at(NOON, '--since', '2026-11-02T10:34', '--tz', 'Europe/Berlin')).toEqual(['09:34 10.0.20.14']);
    expect(await at(NOON, '--since', '2026-11-02 09:34:00', '--tz', 'UTC')).toEqual(['09:34 10.0.20.14']);
  });

  // In Anchorage the second of November begins at 09:00 UTC.
  const ANCHORAGE = ['--tz', 'America/Anchorage'];

  it('begin a day at its midnight in the zone', async () => {
    expect(await at(NOON, '--since', '2026-11-02', ...ANCHORAGE)).toEqual(AFTER_NINE);
    expect(await at(NOON, '--until', '2026-11-02', ...ANCHORAGE)).toHaveLength(33 - AFTER_NINE.length);
    expect(await at(NOON, '--since', '2026-11-02', '--tz', 'UTC')).toHaveLength(33);
  });

  it('know today and yesterday in the zone', async () => {
    expect(await at('2026-11-02T23:00:00.000Z', '--since', 'today', ...ANCHORAGE)).toEqual(AFTER_NINE);
    // There it is still the third.
    expect(await at('2026-11-04T08:00:00.000Z', '--since', 'yesterday', ...ANCHORAGE)).toEqual(AFTER_NINE);
    expect(await at('2026-11-04T08:00:00.000Z', '--since', 'yesterday', '--tz', 'UTC')).toEqual([]);
  });

  it('count back from now', async () => {
    expect(await at('2026-11-02T21:00:00.000Z', '--since', '-12h')).toEqual(AFTER_NINE);
    expect(await at('2026-11-09T09:00:00.000Z', '--since', '-7d', '--tz', 'UTC')).toEqual(AFTER_NINE);
    expect(await at('2026-11-16T09:00:00.000Z', '--since', '-2w', '--tz', 'UTC')).toEqual(AFTER_NINE);
    expect(await at('2026-11-02T21:00:00.000Z', '--until', '-12h')).toHaveLength(33 - AFTER_NINE.length);
  });

  it('count days by the clock on the wall where the clock is changed', async () => {
    // Berlin left summer time on 25 October 2026: noon of the 24th was 10:00 UTC, noon of the 31st is 11:00 UTC.
    const { parseTime } = await import('../../src/cli/options.ts');
    const back = parseTime('-7d', { name: 'Europe/Berlin' }, Date.parse('2026-10-31T11:00:00Z'));
    expect(new Date(back).toISOString()).toBe('2026-10-24T10:00:00.000Z');
  });

  it.each(['2026-13-01', '2026-02-30', '2026-11-02T25:00', 'gestern', '7d', '11/02/2026', ''])('refuse %j', async (time) => {
    const { code, out, err } = await ask('sessions', '--since', time);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(`'${time}'`);
    expect(err.trim().split('\n').length).toBeLessThanOrEqual(2);
  });

  it('refuse a zone that there is not', async () => {
    const { code, err } = await ask('sessions', '--tz', 'Europe/Buxtehude');
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining('zone') });
  });

  it('refuse an end before the beginning, instead of finding nothing', async () => {
    const { code, err } = await ask('sessions', '--since', '2026-11-03', '--until', '2026-11-02');
    expect({ code, lines: err.trim().split('\n').length <= 2 }).toEqual({ code: 2, lines: true });
  });
});

describe('the other filters', () => {
  test('--server takes the name in any case', async () => {
    expect(await found('--server', 'ex02')).toEqual(['08:20 10.0.20.11', '08:22 10.0.20.12', '09:12 10.0.70.2']);
    expect(await found('--server', 'EX0')).toEqual([]);
  });

  test('--direction send lists where the server was the client', async () => {
    expect(await found('--direction', 'send')).toEqual([
      '08:01 to 10.0.0.5:2525',
      '08:01 to 203.0.113.9:25',
      '08:05 to 198.51.100.30:25',
    ]);
    expect((await ask('sessions', '--direction', 'both')).code).toBe(2);
  });

  test('together they all have to hold', async () => {
    const printer = ['--source', '10.0.20.0/24', '--recipient', '@fabrikam.example', '--tz', 'UTC'];
    expect(await found(...printer, '--outcome', 'refused', '--server', 'EX01', '--since', '2026-11-02T09:00')).toEqual([
      '09:31 10.0.20.12',
    ]);
    expect(await found(...printer, '--outcome', 'refused', '--direction', 'send')).toEqual([]);
  });

  test('--limit keeps the latest, still in order of time', async () => {
    expect(await found('--limit', '2')).toEqual(AFTER_NINE.slice(-2));
    expect(await found('--limit', '0')).toHaveLength(33);
    expect(await found('--limit', '2', '--source', '10.0.20.12')).toEqual(MFP_02.slice(1));
  });

  test('text says that a list was cut', async () => {
    const { out } = await ask('sessions', '--limit', '2', '--tz', 'UTC');
    expect(out).toContain('latest 2 of 33');
  });

  test.each(['-1', 'many', '1.5'])('--limit %s is refused', async (limit) => {
    expect((await ask('sessions', '--limit', limit)).code).toBe(2);
  });

  test('an option that there is not is refused, not ignored', async () => {
    const { code, out } = await ask('sessions', '--form', '10.0.20.12');
    expect({ code, out }).toEqual({ code: 2, out: '' });
  });
});
