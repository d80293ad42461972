/** `replay`: proposals for the organisation, and what its logs say to them. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { databaseOf } from './console.ts';

const EXPORTS = fileURLToPath(new URL('../../fixtures/configuration/exports', import.meta.url));
const ask = databaseOf();
const bare = databaseOf();

beforeAll(async () => {
  const { code, err } = await ask('config', 'import', EXPORTS, '--as-of', '2026-11-01');
  if (code !== 0) throw new Error(err);
});

/** The export of the connectors with one property of one of them changed. */
function proposal(name: string, connector: string, change: Record<string, unknown>): string {
  const connectors = JSON.parse(readFileSync(`${EXPORTS}/connectors.json`, 'utf8')) as { Name: string }[];
  expect(connectors.some((one) => one.Name === connector)).toBe(true);
  const path = ask.path(name);
  writeFileSync(path, JSON.stringify(connectors.map((one) => (one.Name === connector ? { ...one, ...change } : one))));
  return path;
}

const RELAY = 'Anon Relay EX01';

describe('many sessions', () => {
  it('under the imported configuration: only where it contradicts the log is anything read', async () => {
    const { totals, sessions } = await ask.json('replay');
    expect(totals).toMatchObject({ sessions: 28, unchanged: 26, replayed: 2, notReplayed: 0, messagesLost: 0, leftOut: 2 });
    expect(sessions.map(({ source }: { source: string }) => source).sort()).toEqual(['10.0.30.8', '192.168.77.20']);
  });

  it('--all reads every one, and no mail is lost', async () => {
    const { totals } = await ask.json('replay', '--all');
    expect(totals).toMatchObject({ sessions: 28, unchanged: 0, replayed: 28, messagesAccepted: 13, messagesLost: 0 });
  });

  it('an address more: what was refused would be accepted, and the exit code is 0', async () => {
    const { code, out } = await ask('replay', '--tz', 'UTC', '--ranges', `EX01\\${RELAY}+=10.0.20.12`);
    expect(code).toBe(0);
    expect(out).toMatch(
      /^Of 13 accepted messages none would have been refused; 3 devices would land on another connector; 2 messages that failed would have been accepted\.\n/,
    );
    expect(out).toMatch(/Refused mail that would be accepted\n.*\n08DE19A1B2C3D408-\S+ .* MFP-02 \(floor 3\) +refused +accepted/);
    expect(out).toMatch(/of 201822 bytes as it had announced/);
  });

  it('an address less: accepted mail would be refused, which comes first and is exit code 1', async () => {
    const { code, out } = await ask('replay', '--ranges', `EX01\\${RELAY}-=10.0.20.11`);
    expect(code).toBe(1);
    expect(out).toMatch(/^Of 13 accepted messages 3 would have been refused;/);
    const titles = ['Accepted mail that would be refused', 'Conversations that would', 'Refused mail that would be'];
    const places = titles.map((title) => out.indexOf(title));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places[0]).toBeGreaterThan(0);
  });

  it('--config: a server in it replaces that server, and the rights stay as imported', async () => {
    const path = proposal('tls.json', RELAY, { RequireTLS: true });
    const { code, out } = await ask('replay', '--config', path, '--format', 'json');
    expect(code).toBe(1);
    const { totals, sessions } = JSON.parse(out);
    expect(totals).toMatchObject({ messagesLost: 6, messagesDoubtful: 0 });
    expect(sessions[0]).toMatchObject({
      consequence: 'mail-lost',
      firstChange: { replayed: '451 5.7.3 STARTTLS is required to send mail', changed: 'class' },
    });
  });

  it('takes the filters of sessions', async () => {
    const { totals } = await ask.json('replay', '--source', '10.0.20.12', '--server', 'EX01', '--all');
    expect(totals).toMatchObject({ sessions: 2, replayed: 2 });
  });

  it('CSV is a row a session of which something changes', async () => {
    const { out } = await ask('replay', '--ranges', `EX01\\${RELAY}+=10.0.20.12`, '--format', 'csv');
    const [header, ...rows] = out.trim().split('\r\n').join('\n').split('\n');
    expect(header).toMatch(/^\uFEFF?id,startedAt,source,device,server,consequence,connectorLogged,connectorReplayed,/);
    expect(rows).toHaveLength(4);
    expect(rows.filter((row) => row.includes('10.0.20.12'))).toHaveLength(2);
  });
});

describe('one session', () => {
  it('has its replies side by side', async () => {
    const { code, out } = await ask('replay', '08DE19A1B2C3D408', '--ranges', `EX01\\${RELAY}+=10.0.20.12`);
    expect(code).toBe(0);
    expect(out).toMatch(/Outcome +refused → accepted/);
    expect(out).toMatch(/class +RCPT TO:<partner@fabrikam\.example> +550 5\.7\.54 .* 250 2\.1\.5 Recipient OK/);
  });

  it('is in JSON what the contract says', async () => {
    const replay = await ask.json('replay', '08DE19A1B2C3D408', '--ranges', `EX01\\${RELAY}+=10.0.20.12`);
    expect(replay).toMatchObject({
      connector: { logged: 'EX01\\Default Frontend EX01', replayed: `EX01\\${RELAY}` },
      outcome: { logged: 'refused', replayed: 'accepted' },
      messages: { logged: { accepted: 0, refused: 1 }, replayed: { accepted: 1, refused: 0, unknown: 0 } },
      device: 'MFP-02 (floor 3)',
    });
    expect(replay.replies[0]).toMatchObject({ command: '(connect)', same: true, changed: 'none' });
    expect(replay.assumed.length).toBeGreaterThan(0);
  });

  it('exits with 1 where its mail would be refused', async () => {
    const { code } = await ask('replay', '08DE19A1B2C3D401', '--ranges', `EX01\\${RELAY}=10.0.20.12`);
    expect(code).toBe(1);
  });
});

describe('is refused in one line', () => {
  it.each([
    ['no such session', ['replay', 'FFFF'], /^relaylens: FFFF: no such session/],
    ['the send side', ['replay', '--direction', 'send'], /^relaylens: sessions of the send side cannot be replayed/],
    ['no ranges', ['replay', '--ranges', 'nonsense'], /^relaylens: 'nonsense' is no change of ranges/],
    ['no such connector', ['replay', '--ranges', 'EX01\\Nobody=10.0.0.1'], /^relaylens: there is no connector "EX01\\Nobody"/],
    ['no such file', ['replay', '--config', '/nowhere.json'], /^relaylens: \/nowhere\.json: no such file/],
  ])('%s', async (_, args, expected) => {
    const { code, err } = await ask(...args);
    expect(code).toBe(2);
    expect(err).toMatch(expected);
    expect(err.split('\n')).toHaveLength(3);
  });

  it('a session that was sent', async () => {
    const { sessions } = await ask.json('sessions', '--direction', 'send');
    const { code, err } = await ask('replay', sessions[0].id);
    expect(code).toBe(2);
    expect(err).toMatch(/cannot be replayed: it is of the send side/);
  });

  it('a file that cannot be trusted', async () => {
    const path = ask.path('broken.json');
    writeFileSync(path, '[{"Name": "Relay", "Server": "EX01", "Bindings": "0.0.0.0:25", "RemoteIPRanges": "10.0.0.1…"}]');
    const { code, err } = await ask('replay', '--config', path);
    expect(code).toBe(2);
    expect(err).toMatch(/nothing was replayed, since part of the proposal cannot be read/);
  });

  it('no configuration at all', async () => {
    const { code, err } = await bare('replay');
    expect(code).toBe(2);
    expect(err).toMatch(/^relaylens: there is no configuration to replay under\n/);
  });
});

it('needs no imported configuration: the proposal is one', async () => {
  const { totals } = await bare.json('replay', '--config', EXPORTS);
  expect(totals).toMatchObject({ sessions: 28, unchanged: 0, replayed: 28, messagesLost: 0 });
});
