/** `export`: everything line by line, as NDJSON and CSV. */
import { existsSync, readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { describe, expect, it, test } from 'vitest';
import { databaseOf } from './console.ts';

const ask = databaseOf();

async function ndjson(...args: string[]): Promise<Record<string, unknown>[]> {
  const { code, out, err } = await ask('export', ...args);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return out
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

async function csv(...args: string[]): Promise<Record<string, string>[]> {
  const { code, out, err } = await ask('export', ...args, '--format', 'csv');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return parse(out, { columns: true });
}

describe('sessions', () => {
  test('as NDJSON are those of the contract', async () => {
    const { sessions } = await ask.json('sessions');
    expect(new Map((await ndjson('sessions')).map((one) => [one.id, one]))).toEqual(
      new Map(sessions.map((one: { id: string }) => [one.id, one])),
    );
  });

  test('as CSV have a column for every field', async () => {
    const lines = await csv('sessions');
    const { sessions } = await ask.json('sessions');
    expect(lines).toHaveLength(33);
    const { attribution, relayRight, ...plain } = sessions[0];
    expect(Object.keys(lines[0] ?? {})).toEqual(expect.arrayContaining([...Object.keys(plain), 'verdict', 'mayRelay']));
    expect(lines.find(({ helo }) => helo === 'intranet')).toMatchObject({
      connector: 'EX01\\Default Frontend EX01',
      outcome: 'partial',
      recipientsAccepted: '2',
      recipientsRefused: '1',
    });
  });
});

describe('events', () => {
  test('as NDJSON are all rows of all logs, session by session in order', async () => {
    const bySession = new Map<unknown, unknown[]>();
    for (const { session, sequence } of await ndjson('events'))
      bySession.set(session, [...(bySession.get(session) ?? []), sequence]);
    expect(bySession.size).toBe(33);
    expect([...bySession.values()].flat()).toHaveLength(504);
    for (const sequences of bySession.values()) expect(sequences).toEqual(sequences.map((_, index) => index));
  });

  test('are those that session shows', async () => {
    const { events, id } = await ask.json('session', '08DE19A1B2C3D41B');
    const own = (await ndjson('events', '--source', '10.0.30.6')).map(
      ({ session, server, direction, connector, remoteEndpoint, ...event }) => ({ session, event }),
    );
    expect(own).toEqual(events.map((event: object) => ({ session: id, event })));
  });

  const printer = ['events', '--source', '10.0.20.12'];

  test('as CSV say the same as NDJSON', async () => {
    const texts = (await ndjson(...printer)).map((event) =>
      Object.fromEntries(Object.entries(event).map(([name, value]) => [name, String(value)])),
    );
    const but = (rows: Record<string, string>[]): object[] => rows.map(({ event, ...rest }) => rest);
    expect(but(await csv(...printer))).toEqual(but(texts));
  });

  test('as CSV have the event as the log has it: a lone + or - is no formula', async () => {
    const events = (await csv(...printer)).map(({ event }) => event);
    expect([...new Set(events)].sort()).toEqual(['*', '+', '-', '<', '>']);
  });
});

describe('either', () => {
  it.each([
    ['sessions', 3],
    ['events', 13 + 26 + 13],
  ])('%s takes the filters of sessions', async (what, expected) => {
    expect(await ndjson(what, '--source', '10.0.20.12', '--outcome', 'refused')).toHaveLength(expected);
    expect(await ndjson(what, '--sender', '@fabrikam.example')).toEqual([]);
  });

  it.each(['sessions', 'events'])('%s --out writes the file, and nothing on the screen', async (what) => {
    const path = ask.path(`${what}.ndjson`);
    const { out } = await ask('export', what);
    expect((await ask('export', what, '--out', path)).out).toBe('');
    expect(readFileSync(path, 'utf8')).toBe(out);
  });

  it.each(['sessions', 'events'])('%s in CSV without rows still has its header', async (what) => {
    const header = (await ask('export', what, '--format', 'csv')).out.split('\r\n')[0];
    expect((await ask('export', what, '--format', 'csv', '--source', '192.0.2.1')).out).toBe(`${header}\r\n`);
  });

  it('refuses what cannot be exported', async () => {
    const { code, out, err } = await ask('export', 'everything');
    expect({ code, out, lines: err.trim().split('\n').length }).toEqual({ code: 2, out: '', lines: 2 });
  });

  it('leaves no file behind when it is asked wrongly', async () => {
    const path = ask.path('none.ndjson');
    expect((await ask('export', 'sessions', '--since', 'gestern', '--out', path)).code).toBe(2);
    expect(existsSync(path)).toBe(false);
  });

  it('says that a zone is none', async () => {
    const { code, err } = await ask('export', 'sessions', '--since', '2026-11-02', '--tz', 'Europe/Buxtehude');
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining('zone') });
  });

  it('reads days in the zone', async () => {
    expect(await ndjson('sessions', '--since', '2026-11-02', '--tz', 'America/Anchorage')).toHaveLength(9);
  });
});
