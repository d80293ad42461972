/** `sql`: the documented views and the `event` table answer; nothing is ever changed. */
import { readFileSync } from 'node:fs';
import stringWidth from 'string-width';
import { describe, expect, it, test } from 'vitest';
import { databaseOf } from './console.ts';

const ask = databaseOf();
const rows = async (statement: string): Promise<Record<string, unknown>[]> => (await ask.json('sql', statement)).rows;
const MFP_02 = "'08DE19A1B2C3D408'";

describe('the views', () => {
  test('session_view has one line a session', async () => {
    expect(
      await rows("SELECT outcome, COUNT(*) AS n FROM session_view WHERE direction = 'receive' GROUP BY outcome ORDER BY outcome"),
    ).toEqual([
      { outcome: 'accepted', n: 9 },
      { outcome: 'auth-failed', n: 2 },
      { outcome: 'open', n: 1 },
      { outcome: 'partial', n: 1 },
      { outcome: 'probe', n: 8 },
      { outcome: 'proxied', n: 1 },
      { outcome: 'refused', n: 6 },
      { outcome: 'tls-failed', n: 1 },
      { outcome: 'turned-away', n: 1 },
    ]);
  });

  test('message_view has one line a message, and says which is counted', async () => {
    expect(
      await rows(`SELECT client, connector, counted FROM message_view WHERE sender = 'scan@contoso.example'
        AND direction = 'receive' AND began_at < unixepoch('2026-11-02 08:02:00') * 1000 ORDER BY connector`),
    ).toEqual([
      { client: '10.0.20.11', connector: 'EX01\\Anon Relay EX01', counted: 1 },
      { client: '10.0.20.11', connector: 'EX01\\Default EX01', counted: 0 },
    ]);
  });

  test('recipient_view has one line a recipient, with its own reply', async () => {
    expect(
      await rows(
        "SELECT address, domain, accepted, delivered, reply FROM recipient_view JOIN session_view ON session_view.id = session WHERE helo = 'intranet' ORDER BY ordinal",
      ),
    ).toEqual([
      { address: 'anna@contoso.example', domain: 'contoso.example', accepted: 1, delivered: 1, reply: null },
      { address: 'bert@contoso.example', domain: 'contoso.example', accepted: 1, delivered: 1, reply: null },
      {
        address: 'extern@adatum.example',
        domain: 'adatum.example',
        accepted: 0,
        delivered: 0,
        reply: '550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain',
      },
    ]);
  });

  test('source_view has one line a client address that connected', async () => {
    expect(await rows('SELECT COUNT(*) AS n, SUM(sessions) AS sessions FROM source_view')).toEqual([{ n: 17, sessions: 30 }]);
  });

  test('source_view counts a message once, for its real client, as sources does', async () => {
    const { sources } = (await ask.json('sources')) as { sources: { source: string; messagesAccepted: number }[] };
    const expected = Object.fromEntries(sources.map((one) => [one.source, one.messagesAccepted]));
    const seen = await rows('SELECT source, messages_accepted FROM source_view');
    expect(Object.fromEntries(seen.map((one) => [one.source, one.messages_accepted]))).toEqual(expected);
  });
});

describe('the event table', () => {
  it('gives the rows of a session', async () => {
    expect(
      await rows(
        `SELECT sequence, event, data FROM event WHERE session = (SELECT id FROM session_view WHERE session_id = ${MFP_02}) AND event = '<'`,
      ),
    ).toEqual([
      { sequence: 2, event: '<', data: 'EHLO MFP-02' },
      { sequence: 4, event: '<', data: 'MAIL FROM:<scan@contoso.example> SIZE=201822' },
      { sequence: 7, event: '<', data: 'RCPT TO:<partner@fabrikam.example>' },
      { sequence: 10, event: '<', data: 'QUIT' },
    ]);
  });

  it('gives all rows of a log, with their lines', async () => {
    const [log] = await rows("SELECT id, path, rows FROM log_file WHERE path LIKE '%EX02%'");
    const events = await rows(`SELECT at, session_id, line FROM event WHERE file = ${log?.id}`);
    expect(events).toHaveLength(29 + 26 + 21);
    const lines = readFileSync(String(log?.path), 'utf8').split('\r\n');
    for (const { at, session_id, line } of events)
      expect(lines[Number(line) - 1]).toMatch(new RegExp(`^${at},[^,]*,${session_id},`));
  });

  it('can be joined to the sessions it is asked for', async () => {
    const [{ n } = {}] = await rows(
      "SELECT COUNT(*) AS n FROM session_view s JOIN event ON event.session = s.id WHERE s.server = 'EX02'",
    );
    expect(n).toBe(29 + 26 + 21);
  });

  it('says what it needs when it is asked for everything', async () => {
    const { code, err } = await ask('sql', 'SELECT COUNT(*) FROM event');
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining('WHERE session') });
  });

  it('has no rows for a session that there is not', async () => {
    expect(await rows('SELECT * FROM event WHERE session = 4711')).toEqual([]);
  });
});

describe('what is no question', () => {
  const contents = (): Buffer => readFileSync(ask.database());

  it.each([
    'DELETE FROM session',
    'DELETE FROM session RETURNING id',
    "INSERT INTO text (value) VALUES ('x') RETURNING id",
    'DROP VIEW session_view',
    'CREATE TABLE mine (id)',
    'CREATE TEMP TABLE mine (id)',
    'PRAGMA user_version = 99',
    'PRAGMA journal_mode = DELETE',
    'SELECT 1; DELETE FROM session',
    'VACUUM',
    "VACUUM INTO 'copy.db'",
    "ATTACH DATABASE ':memory:' AS other",
    'BEGIN EXCLUSIVE',
  ])('%s is refused and changes nothing', async (statement) => {
    const before = contents();
    const { code, out, err } = await ask('sql', statement);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err.trim().split('\n').length).toBeLessThanOrEqual(2);
    expect(contents().equals(before)).toBe(true);
    expect(await rows('SELECT COUNT(*) AS n FROM session')).toEqual([{ n: 33 }]);
  });

  it.each(['SELEC 1', 'SELECT nothing FROM session_view', 'SELECT * FROM nowhere', '', ';', 'SELECT (', 'SELECT ?'])(
    '%j is a line and a hint, no stack',
    async (statement) => {
      const { code, out, err } = await ask('sql', statement);
      expect({ code, out }).toEqual({ code: 2, out: '' });
      expect(err.trim().split('\n').length).toBeLessThanOrEqual(2);
      expect(err).toMatch(/^relaylens: SQL/);
    },
  );
});

describe('the answers', () => {
  const statement = "SELECT helo, messages_accepted AS n FROM session_view WHERE source = '10.0.30.8'";

  test('in text, CSV and JSON', async () => {
    expect((await ask('sql', statement)).out).toBe('helo      n\nintranet  1\n');
    expect((await ask('sql', statement, '--format', 'csv')).out).toBe('helo,n\r\nintranet,1\r\n');
    expect(await rows(statement)).toEqual([{ helo: 'intranet', n: 1 }]);
  });

  test('of more columns than the screen has room for still fit it', async () => {
    const { out } = await ask.on({ width: 80 })('sql', "SELECT * FROM session_view WHERE source = '10.0.30.8'");
    expect(out.split('\n').filter((line) => stringWidth(line) > 80)).toEqual([]);
    for (const needed of ['intranet', '10.0.30.8', 'partial']) expect(out).toContain(needed);
  });

  test('no rows are none, not an error', async () => {
    expect((await ask('sql', 'SELECT 1 WHERE 0')).out).toBe('no rows\n');
    expect((await ask('sql', 'SELECT 1 AS one WHERE 0', '--format', 'csv')).out).toBe('one\r\n');
    expect(await rows('SELECT 1 WHERE 0')).toEqual([]);
  });

  test('columns of one name are all there in CSV', async () => {
    expect((await ask('sql', 'SELECT 1 AS a, 2 AS a', '--format', 'csv')).out).toBe('a,a\r\n1,2\r\n');
  });
});
