/** `--redact` over everything that there is to show: nothing of the organisation is in it, and it is still the same case. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { withRedactor } from '../../src/cli/redaction.ts';
import { parseRange } from '../../src/net/address-range.ts';
import { databaseOf, LOGS, relaylens } from './console.ts';
import { sessionContract, sessionsContract, sourcesContract } from './contract.ts';

const CONFIGURATION = fileURLToPath(new URL('../../fixtures/configuration/exports/', import.meta.url));

const ask = databaseOf();
beforeAll(async () => {
  const files = readdirSync(CONFIGURATION).map((name) => join(CONFIGURATION, name));
  expect(await ask('config', 'import', ...files, '--as-of', '2026-11-01T00:00Z')).toMatchObject({ code: 0, err: '' });
});

/** What the fixtures name, and must not be seen. */
const SECRETS = [
  /contoso|fabrikam|adatum|wingtip|device\.example/i,
  /\bex0[12]\b/i,
  /mfp|oldscan|nas-backup|svc-nas|erp01|cam-lobby|\b(crm|ups|erp|intranet|ticket|batch|partner@|kunde|invoices|archiv|anna|bert|wache)\b/i,
  /anon relay|facilities|finance it|basement|floor \d|server team|camera lobby|data centre/i,
  /\b10\.0\.\d+\.\d+\b(?!\/0)|192\.168\.77\.|203\.0\.113\.|198\.51\.100\.|fd00:/i,
  /5F0C3AC188DE4F16|A1B2C3D4E5F60718/i,
  /fixtures|relaylens-cli-|\/tmp\b/,
];

function expectRedacted(out: string): void {
  for (const secret of SECRETS) expect(secret.exec(out)?.[0]).toBeUndefined();
}

const PAGES: string[][] = [
  ['sessions'],
  ['sources'],
  ['connectors'],
  ['connectors', 'check'],
  ['diagnose', '--all'],
  ['diagnose', '10.0.20.12'],
  ['diagnose', '10.0.20.99'],
  ['match', '10.0.20.12'],
  ['match', 'fd00:20::31', '--to', '[fd00::5]:25'],
  ['analyze', LOGS],
];

describe.each(['text', 'json', 'csv'])('as %s', (format) => {
  test.each(PAGES)('%s %s', async (...args) => {
    const { code, out, err } = await ask(...args.filter((arg) => typeof arg === 'string'), '--format', format, '--redact');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out.length).toBeGreaterThan(100);
    expectRedacted(out);
  });

  test('every session', async () => {
    const { sessions } = await ask.json('sessions');
    for (const { id } of sessions) {
      const { code, out } = await ask('session', id, '--format', format, '--redact');
      expect(code).toBe(0);
      expectRedacted(out);
    }
  });
});

test.each(['events', 'sessions'])('export %s', async (what) => {
  for (const format of ['ndjson', 'csv']) {
    const plain = await ask('export', what, '--format', format);
    const { code, out } = await ask('export', what, '--format', format, '--redact');
    expect(code).toBe(0);
    expectRedacted(out);
    expect(out.split('\n').length).toBe(plain.out.split('\n').length);
  }
});

test('JSON keeps its contract, and every number in it', async () => {
  sourcesContract.parse(await ask.json('sources', '--redact'));
  const { sessions } = sessionsContract.parse(await ask.json('sessions', '--redact'));
  const plain = sessionsContract.parse(await ask.json('sessions'));
  expect(
    sessions.map(({ sessionId, outcome, rows, messagesAccepted }) => ({ sessionId, outcome, rows, messagesAccepted })),
  ).toEqual(
    plain.sessions.map(({ sessionId, outcome, rows, messagesAccepted }) => ({ sessionId, outcome, rows, messagesAccepted })),
  );
  for (const { id } of sessions) sessionContract.parse(await ask.json('session', id, '--redact'));
});

test('all outputs of a database agree, one by one and one after the other', async () => {
  const { sessions } = await ask.json('sessions', '--redact');
  const marks = new Set((await ask.json('sessions')).sessions.map(({ id }: { id: string }) => id));
  // An id of redacted output finds its session, though it is not the one that the database shows its owner.
  for (const session of sessions.slice(0, 8)) {
    expect(marks.has(session.id)).toBe(false);
    expect(await ask.json('session', session.id, '--redact')).toMatchObject({
      source: session.source,
      helo: session.helo,
      connector: session.connector,
      server: session.server,
      id: session.id,
    });
  }
  const again = await ask('sessions', '--redact');
  expect(again.out).toBe((await ask('sessions', '--redact')).out);
});

test('the device still stands one address behind the range', async () => {
  const { out } = await ask('match', '10.0.20.12', '--server', 'EX01', '--redact');
  const flat = out.replace(/\s+/g, ' ');
  const [, client, range] = /"Default Frontend SERVER\d" takes (\S+): .*nearest is (\S+), which ends one address too early/.exec(
    flat,
  )!;
  const { first, last } = parseRange(range!)!;
  expect(last - first).toBe(1n);
  expect(parseRange(client!)!.first).toBe(last + 1n);
});

test('the rows of a session are a log again, which reads as the same session', async () => {
  const { sessions } = await ask.json('sessions');
  const path = ask.path('RECV2026110208-1.LOG');
  const receive = sessions.filter(
    ({ direction, service }: Record<string, string>) => direction === 'receive' && service === 'FrontEnd',
  );
  for (const { id, outcome, messagesAccepted, rows } of receive.slice(0, 12)) {
    expect(await ask('session', id, '--raw', '--redact', '--out', path)).toMatchObject({ code: 0, err: '' });
    expectRedacted(readFileSync(path, 'utf8'));
    const db = ask.path(`${id}.db`);
    expect((await relaylens(['ingest', path, '--db', db, '--direction', 'receive', '--service', 'FrontEnd'])).err).toBe('');
    const again = JSON.parse((await relaylens(['sessions', '--db', db, '--format', 'json'])).out).sessions;
    expect(again).toMatchObject([{ id: expect.stringMatching(id.split('-')[0]), messagesAccepted, rows }]);
    if (outcome !== 'open') expect(again[0].outcome).toBe(outcome);
  }
});

test('a whole row as text, as evidence is shown, reads as the row redacted field by field', async () => {
  const { sessions } = await ask.json('sessions');
  for (const { id } of sessions) {
    const raw = (await ask('session', id, '--raw')).out.split('\r\n');
    const byField = (await ask('session', id, '--raw', '--redact')).out.split('\r\n');
    const whole = withRedactor(ask.database(), (redactor) => raw.map((row) => redactor.text(row)));
    expect(whole).toEqual(byField);
  }
});

test('stand-ins stay what they were when the database grows', async () => {
  const db = ask.path('grown.db');
  const of = async (...args: string[]) =>
    JSON.parse((await relaylens([...args, '--db', db, '--format', 'json', '--redact'])).out);
  await relaylens(['ingest', join(LOGS, 'EX02'), '--db', db]);
  const before = (await of('sessions')).sessions;
  await relaylens(['ingest', LOGS, '--db', db]);
  await relaylens(['config', 'import', ...readdirSync(CONFIGURATION).map((name) => join(CONFIGURATION, name)), '--db', db]);
  const after = new Map((await of('sessions')).sessions.map((session: { id: string }) => [session.id, session]));
  const named = ({ source, helo, server, connector, remoteEndpoint, localEndpoint }: Record<string, unknown>) => ({
    source,
    helo,
    server,
    connector,
    remoteEndpoint,
    localEndpoint,
  });
  expect(before.length).toBeGreaterThan(2);
  for (const session of before) expect(named(after.get(session.id) as Record<string, unknown>)).toEqual(named(session));
});
