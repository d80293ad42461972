/** `export siem`: a document of the Elastic Common Schema for each session. */
import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { story } from '../../fixtures/story.ts';
import type { EcsDocument } from '../../src/siem/ecs-document.ts';
import { logText } from '../harness.ts';
import { ecsDocument } from '../siem/ecs-schema.ts';
import { type Asked, databaseOf, LOGS } from './console.ts';

const ask = databaseOf();

/** Every line is held to the schema. */
const documentsIn = (text: string): EcsDocument[] =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => ecsDocument.parse(JSON.parse(line)) as EcsDocument);

async function siem(from: Asked, ...args: string[]): Promise<EcsDocument[]> {
  const { code, out, err } = await from('export', 'siem', ...args);
  expect(code).toBe(0);
  // Filters that leave out sessions leave out the findings, and that is said.
  expect(err).toMatch(/^(the findings of an audit are left out: .*\n)?$/);
  return documentsIn(out).filter(({ event }) => event.kind === 'event');
}

test('has a valid document for each session, in order of time', async () => {
  const { sessions } = await ask.json('sessions');
  const documents = await siem(ask);
  expect(documents.map(({ event }) => event.id).sort()).toEqual(sessions.map(({ id }: { id: string }) => id).sort());
  const times = documents.map((one) => one['@timestamp']);
  expect(times).toEqual([...times].sort());
});

test('tells each outcome of the organisation', async () => {
  const told = (await siem(ask)).map(({ event, relaylens }) => `${relaylens.outcome}: ${event.outcome}`);
  expect([...new Set(told)].sort()).toEqual([
    'accepted: success',
    'auth-failed: failure',
    'connect-failed: failure',
    'open: unknown',
    'partial: failure',
    'probe: undefined',
    'proxied: success',
    'refused: failure',
    'tls-failed: failure',
    'turned-away: failure',
  ]);
});

test('tells the mail of a refused printer, and that it may not relay', async () => {
  const [first] = await siem(ask, '--source', '10.0.20.12', '--server', 'EX01');
  expect(first).toMatchObject({
    event: { outcome: 'failure', duration: 5_143_000_000 },
    source: { ip: '10.0.20.12' },
    host: { name: 'EX01' },
    email: { from: { address: ['scan@contoso.example'] }, to: { address: ['partner@fabrikam.example'] } },
    error: { code: '550' },
    relaylens: { connector: 'EX01\\Default Frontend EX01', relay: { may_relay: 'no' }, messages: { accepted: 0, refused: 1 } },
  });
});

test('a message that the Hub had from a front end has the real client beside the front end', async () => {
  const documents = await siem(ask, '--source', '10.0.20.11');
  const hub = documents.find(({ relaylens }) => relaylens.service === 'Hub');
  expect(hub).toMatchObject({ source: { ip: '10.0.0.5' }, network: { forwarded_ip: ['10.0.20.11'] } });
});

test('--original brings the rows, byte for byte', async () => {
  const [batch] = await siem(ask, '--source', '10.0.30.6', '--original');
  const logged = ['08', '09'].flatMap((hour) =>
    readFileSync(`${LOGS}/EX01/FrontEnd/ProtocolLog/SmtpReceive/RECV20261102${hour}-1.LOG`, 'utf8').split('\r\n'),
  );
  expect(batch?.event.original?.split('\n')).toEqual(logged.filter((line) => line.includes(',08DE19A1B2C3D41B,')));
});

test('--out writes the file, and nothing on the screen', async () => {
  const path = ask.path('siem.ndjson');
  const { out } = await ask('export', 'siem');
  expect((await ask('export', 'siem', '--out', path)).out).toBe('');
  expect(readFileSync(path, 'utf8')).toBe(out);
});

it.each([
  [['siem', '--format', 'csv'], 'no CSV'],
  [['sessions', '--original'], '--original'],
])('export %j is refused', async (args, said) => {
  const { code, out, err } = await ask('export', ...args);
  expect({ code, out, err }).toEqual({ code: 2, out: '', err: expect.stringContaining(said) });
});

describe('redacted', () => {
  test('it names nobody of the organisation, and is still valid', async () => {
    const { out } = await ask('export', 'siem', '--redact', '--original');
    expect(documentsIn(out)).toHaveLength(33);
    expect(out).not.toMatch(/contoso|fabrikam|EX01|MFP-0|10\.0\.20\.12/i);
  });

  // The user is called as an outcome, the connector as a category, the client as a protocol.
  const named = databaseOf(() => ({
    'EX01/FrontEnd/ProtocolLog/SmtpReceive/RECV2026110208-1.LOG': logText(
      story(
        { connector: 'EX01\\email', remote: '10.0.20.12:50111' },
        `+
        > {banner}
        < EHLO smtp
        > {hello AUTH LOGIN}
        < AUTH LOGIN
        > 334 <authentication response>
        * SMTPSubmit | Set Session Permissions
        * success | authenticated
        * | Proxy session was successfully set up. Session forsuccess will now be proxied
        > 235 2.7.0 Authentication successful
        - | Local`,
      ),
    ),
  }));

  test('it keeps the words of the schema, whatever somebody calls himself', async () => {
    const [plain] = await siem(named);
    const [redacted] = await siem(named, '--redact');
    expect({ ...redacted?.event, id: '', reason: '' }).toEqual({ ...plain?.event, id: '', reason: '' });
    expect([plain?.user?.name, redacted?.user?.name]).toEqual(['success', expect.not.stringContaining('success')]);
    expect(redacted?.relaylens.auth).toMatchObject({ result: 'success' });
    expect(redacted?.network).toEqual(plain?.network);
  });
});
