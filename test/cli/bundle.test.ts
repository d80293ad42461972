/** What the sources cannot show: that the built program holds, or finds, all that a command loads when it is asked for. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ended, relaylens, startRelaylens } from '../ingest/command-line.ts';
import { databaseOf, LOGS } from './console.ts';

const RELAY = {
  server: 'EX01',
  listen: { on: '127.0.0.1:0', as: '10.0.0.5:25', from: '10.0.20.12' },
  connectors: { name: 'Devices', bindings: ['0.0.0.0:25'], remoteIPRanges: ['10.0.20.12'], relay: 'anonymous' },
  certificate: 'self-signed',
  delivery: { kind: 'sink' },
};

describe('the built program', () => {
  const { path, database } = databaseOf();
  const report = (...args: string[]) => relaylens('report', '--of', '2026-11-02', '--db', database(), ...args);

  test('loads every command', () => {
    const commands = [...relaylens('--help').out.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name!);
    expect(commands.length).toBeGreaterThan(15);
    for (const command of commands)
      expect(relaylens(command, '--help'), command).toMatchObject({ code: 0, err: '', out: expect.stringMatching(/^Usage: /) });
  });

  test('reads exports, draws, and makes workbooks', () => {
    const exports = join(LOGS, '../configuration/exports');
    expect(relaylens('config', 'import', exports, '--as-of', '2026-11-01', '--db', database())).toMatchObject({
      code: 0,
      err: '',
    });
    expect(report('--format', 'png', '--out', path('use.png'))).toMatchObject({ code: 0, err: '' });
    expect(readdirSync(path('use.png')).length).toBeGreaterThan(2);
    expect(report('--format', 'xlsx', '--out', path('use.xlsx'))).toMatchObject({ code: 0, err: '' });
    expect(readFileSync(path('use.xlsx')).subarray(0, 2).toString()).toBe('PK');
  });

  test('runs the relay with a certificate of its own, probes it over TLS, and mails through it', async () => {
    const settings = path('relay.json');
    writeFileSync(settings, JSON.stringify({ ...RELAY, logs: { folder: path('logs') }, data: path('data') }));
    const relay = startRelaylens('relay', settings);
    const end = ended(relay);
    try {
      const port = await new Promise<string>((resolve, reject) => {
        let said = '';
        relay.stdout!.on('data', (chunk: Buffer) => {
          said += chunk;
          const listening = /listens on 127\.0\.0\.1:(\d+)/.exec(said);
          if (listening) resolve(listening[1]!);
        });
        relay.once('close', () => reject(new Error(said)));
      });
      const [from, to] = ['scan@contoso.example', 'boss@contoso.example'];
      expect(relaylens('probe', `127.0.0.1:${port}`, '--from', from, '--to', to).out).toContain('(over TLS)');
      const mailed = report('--email-to', to, '--email-from', from, '--smtp', `127.0.0.1:${port}`);
      expect(mailed).toMatchObject({ code: 0, err: expect.stringContaining('report sent to') });
    } finally {
      relay.kill('SIGTERM');
    }
    expect((await end).out).toMatch(/Stopped: 2 sessions, 1 message/);
  });
});
