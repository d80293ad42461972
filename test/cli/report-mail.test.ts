/** `report --email-to` through the bundled relay: what the administrator's scheduled task sends. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { relayUnderTest } from '../relay/server/relay-under-test.ts';
import { databaseOf, type Said } from './console.ts';

const ask = databaseOf();
const DAY = ['--of', '2026-11-02', '--tz', 'Europe/Berlin'];

/** Sends the day's report at a time; resolves to what was said, and to the mail as the relay kept it. */
async function mailed(now: string, ...args: string[]): Promise<{ said: Said; message: string }> {
  const under = await relayUnderTest({ delivery: { kind: 'maildir', folder: 'mail' }, data: 'data' });
  const { port } = under.relay.endpoints.find(({ as }) => as.port === 25)!.on;
  const sending = ['--email-to', 'boss@contoso.example', '--email-from', 'relay@contoso.example', '--smtp', `127.0.0.1:${port}`];
  const said = await ask.on({ now })('report', ...DAY, ...sending, ...args);
  const folder = join(under.folder, 'mail', 'new');
  await expect.poll(() => existsSync(folder) && readdirSync(folder).length, { timeout: 10_000 }).toBe(1);
  return { said, message: readFileSync(join(folder, readdirSync(folder)[0]!), 'utf8') };
}

/** The text of the part, as a program for mail shows it. */
function textOf(message: string): string {
  const part = message.slice(message.search(/^Content-Type: text\/plain/m));
  const body = part.slice(part.search(/\r?\n\r?\n/)).split(/^--/m)[0]!;
  return body
    .replace(/=\r?\n/g, '')
    .replace(/(?:=[0-9A-F]{2})+/g, (hex) => Buffer.from(hex.replaceAll('=', ''), 'hex').toString());
}

const idOf = (text: string): string | undefined => /Message-ID:? (<\S+>)/.exec(text)?.[1];

it('sends the day with its figures, pictures and a workbook, and prints nothing beside', async () => {
  const { said, message } = await mailed('2026-11-03T06:00:00.000Z');
  expect(said).toMatchObject({ code: 0, out: '' });
  expect(said.err).toMatch(
    /^report sent to boss@contoso\.example by 127\.0\.0\.1:\d+ \(250 2\.6\.0 [^\n]*\), Message-ID <\S+>\n$/,
  );
  expect(message).toContain('Subject: Use of the relay: Monday, 2 November 2026');
  expect(textOf(message)).toContain('5 devices relayed 14 messages to 17 recipients');
  expect(message).toMatch(/^Content-Type: image\/png/m);
  expect(message).toContain('filename=relaylens-2026-11-02.xlsx');
});

it('sends under the same id when it is run again later, so that nobody counts it twice', async () => {
  const [first, again] = [await mailed('2026-11-03T06:00:00.000Z'), await mailed('2026-11-03T07:30:00.000Z')];
  expect(idOf(again.said.err)).toBe(idOf(first.said.err));
  expect(idOf(again.message)).toBe(idOf(first.said.err));
});

it('sends stand-ins in place of addresses and names with --redact', async () => {
  const { said, message } = await mailed('2026-11-03T06:00:00.000Z', '--redact', '--email-attach', 'csv');
  expect(said.code).toBe(0);
  const csv = Buffer.from(/text\/csv[\s\S]*?\r?\n\r?\n([A-Za-z0-9+/=\r\n]+)/.exec(message)?.[1] ?? '', 'base64').toString();
  expect(csv).toContain('Devices');
  for (const text of [textOf(message), csv]) {
    expect(text).not.toContain('10.0.20.12');
    expect(text).not.toContain('MFP-02');
    expect(text).not.toContain('erp01');
  }
});

it('sends a view in place of the report, with every device in the workbook', async () => {
  const { said, message } = await mailed('2026-11-03T06:00:00.000Z', '--view', 'decommission', '--server', 'EX01');
  expect(said).toMatchObject({ code: 0, out: '' });
  expect(message).toContain('Subject: Decommissioning EX01: who still uses it, Monday, 2 November 2026');
  expect(textOf(message)).toContain('Devices that still use EX01');
  expect(message).toMatch(/^Content-Type: image\/png/m);
  expect(message).toContain('filename=relaylens-decommission-2026-11-02.xlsx');
});
