/** What is summed up while sessions are written is what the SQL counts from the rows; and old databases are brought up to date. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { organisation } from '../../fixtures/organisation.ts';
import { type StorySettings, story } from '../../fixtures/story.ts';
import type { LogRow } from '../../src/protocol-log/writer.ts';
import { type Database, openDatabase, openForReading } from '../../src/store/database.ts';
import { ROLL_UPS, RollUp } from '../../src/store/roll-up.ts';
import { ingestFiles, logText, writeFiles } from '../harness.ts';
import { tables } from '../ingest/contents.ts';

const HELLO = '+\n> {banner}\n< EHLO mfp\n> {hello SIZE 37748736, XPROXYFROM}';
const QUIT = '< QUIT\n> 221 2.0.0 Service closing transmission channel\n- | Local';
const mail = (sender: string, bytes: number, recipient = 'a@contoso.example'): string =>
  `< MAIL FROM:<${sender}>\n* {message}\n> 250 2.1.0 Sender OK\n< RCPT TO:<${recipient}>\n> 250 2.1.5 Recipient OK\n< DATA\n> 354 Start mail input; end with <CRLF>.<CRLF>\n> {queued ${bytes}}`;

const MIGRATIONS = new URL('../../src/store/migrations/', import.meta.url);

let next = 0x08de19a1b2c40001n;
const session = (settings: StorySettings, script: string): LogRow[] =>
  story({ sessionId: (next++).toString(16).toUpperCase().padStart(16, '0'), ...settings }, script);

const SERVER = '* SMTPSubmit SMTPAcceptAnyRecipient AcceptForestHeaders AcceptOrganizationHeaders | Set Session Permissions';

const recounted = (db: Database): Record<string, string[]> => {
  for (const { table } of ROLL_UPS) db.exec(`INSERT OR IGNORE INTO stale_hour SELECT DISTINCT hour FROM ${table}`);
  new RollUp(db).refreshStale();
  return tables(db);
};

async function same(rows: readonly LogRow[]): Promise<Record<string, string[]>> {
  const { db } = await ingestFiles({ 'RECV2026110208-1.LOG': logText(rows) });
  const summed = tables(db);
  expect(recounted(db)).toEqual(summed);
  return summed;
}

describe('summed up and counted from the rows are the same', () => {
  it('for the organisation', async () => {
    const { db } = await ingestFiles(
      Object.fromEntries(
        organisation().map(({ server, service, direction, rows }) => [
          `${server}/${service}/ProtocolLog/Smtp${direction === 'receive' ? 'Receive' : 'Send'}/1.LOG`,
          logText(rows, direction),
        ]),
      ),
    );
    const summed = tables(db);
    expect(recounted(db)).toEqual(summed);
  });

  it("for the product's own checks, which are noise with the mail in them", async () => {
    const { hourly_noise, hourly_senders } = await same(
      session(
        { remote: '127.0.0.1:31400', local: '127.0.0.1:25' },
        `${HELLO}\n${mail('inboundproxy@contoso.example', 900)}\n${QUIT}`,
      ),
    );
    expect(hourly_noise).toHaveLength(1);
    expect(hourly_noise![0]).toContain('["kind","health"]');
    expect(hourly_senders).toEqual([]);
  });

  it('for mail from another of the own servers, known by rights that only they have', async () => {
    const { hourly_noise, hourly_recipients, minute_messages, hourly_seen } = await same(
      session({ remote: '10.0.0.6:4000' }, `${HELLO}\n${SERVER}\n${mail('a@fabrikam.example', 900)}\n${QUIT}`),
    );
    expect(hourly_noise).toHaveLength(1);
    expect(hourly_noise![0]).toContain('["kind","hop"]');
    expect([hourly_recipients, minute_messages, hourly_seen]).toEqual([[], [], []]);
  });

  it('for a refusal of the Hub behind a session that was handed over blindly: it is the client that was refused', async () => {
    const { hourly_causes } = await same(
      session(
        { connector: 'EX01\\Client Proxy EX01', remote: '10.0.0.5:21877', local: '10.0.0.5:465' },
        `${HELLO}\n< XPROXY SID=08DE19A1B2C3FFFF IP=10.0.50.21 PORT=1 DOMAIN=crm CAPABILITIES=0 UNAME=crm\n> 250 XProxy accepted and authenticated\n< MAIL FROM:<boss@contoso.example>\n> 550 5.7.60 SMTP; Client does not have permissions to send as this sender\n${QUIT}`,
      ),
    );
    expect(hourly_causes).toHaveLength(1);
    expect(hourly_causes![0]).toContain('["source_id","10.0.50.21"]');
  });

  it('for the ten largest messages of a connector, of several that are equally large too, in one run or in many', async () => {
    const rows = Array.from({ length: 14 }, (_, index) =>
      session(
        { remote: `10.0.20.${index}:5000`, at: `2026-11-02T08:${10 + (index % 7)}:00.000Z` },
        `${HELLO}\n${mail('a@contoso.example', index % 2 ? 5000 : 700)}\n${mail('b@contoso.example', 5000)}\n${QUIT}`,
      ),
    );
    const { hourly_largest } = await same(rows.flat());
    expect(hourly_largest).toHaveLength(10);
    const { db, again, folder } = await ingestFiles({ '1.LOG': logText(rows.slice(7).flat()) });
    writeFiles(folder, { '2.LOG': logText(rows.slice(0, 7).flat()) });
    await again();
    expect(tables(db).hourly_largest).toEqual(hourly_largest);
  });

  it('over midnight: a message counts in the hour that took it', async () => {
    const { hourly_senders, hourly_seen } = await same(
      session(
        { at: '2026-11-01T23:59:50.000Z' },
        `${HELLO}\n@20000 < NOOP\n> 250 2.0.0 OK\n${mail('a@contoso.example', 9)}\n${QUIT}`,
      ),
    );
    const midnight = Date.parse('2026-11-02T00:00:00Z');
    expect(hourly_senders!.map((row) => JSON.parse(row)[0])).toEqual([['hour', midnight]]);
    expect(hourly_seen!.map((row) => JSON.parse(row)[0][1]).sort()).toEqual([midnight - 3_600_000, midnight]);
  });
});

/** Tables that the migrations from a version on have made. */
const tablesSince = (version: number): string[] =>
  readdirSync(MIGRATIONS)
    .filter((name) => Number.parseInt(name, 10) >= version)
    .flatMap((name) =>
      [...readFileSync(new URL(name, MIGRATIONS), 'utf8').matchAll(/CREATE TABLE (\w+)/g)].map(([, table]) => table!),
    );

it('a database from before gets what it lacks when it is opened', async () => {
  const { db } = await ingestFiles({ 'RECV2026110208-1.LOG': logText(organisation()[0]!.rows) });
  const expected = tables(db);
  for (const table of tablesSince(5)) db.exec(`DROP TABLE ${table}`);
  db.pragma('user_version = 4');
  const path = db.name;
  db.close();
  const reading = openForReading(path);
  expect(tables(reading)).toEqual(expected);
  reading.close();
  openDatabase(path).close();
});
