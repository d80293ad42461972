/** `diagnose --follow` as a process (npm run build): rows as they are written, then the verdict. */
import type { ChildProcess } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { story } from '../../fixtures/story.ts';
import { relayRefusedSession, workingSession } from '../../src/checks/examples/example-sessions.ts';
import { formatHeader, formatRow } from '../../src/protocol-log/writer.ts';
import { temporaryFolder, writeFiles } from '../harness.ts';
import { ended, relaylens, startRelaylens } from '../ingest/command-line.ts';

const NAME = 'EX01/FrontEnd/ProtocolLog/SmtpReceive/RECV2026110208-1.LOG';
const rowsOf = (remote: string, sessionId: string, script: string): string[] =>
  story({ remote, sessionId }, script).map(formatRow);
const REFUSED = rowsOf('10.0.20.12:50111', '08DE19A1B2C3D401', relayRefusedSession('MFP-02'));
const OTHER = rowsOf('10.0.20.99:50111', '08DE19A1B2C3D402', relayRefusedSession('MFP-99'));
const WORKS = rowsOf('10.0.20.12:50112', '08DE19A1B2C3D403', workingSession('MFP-02', 'anna@contoso.example'));

const running: ChildProcess[] = [];
afterEach(() => {
  for (const child of running.splice(0)) if (child.exitCode === null) child.kill('SIGKILL');
});

function place() {
  const folder = temporaryFolder();
  writeFiles(folder, {
    [`logs/${NAME}`]: formatHeader({ direction: 'receive', at: Date.UTC(2026, 10, 2, 8) }) + OTHER.slice(0, 2).join(''),
  });
  const logs = join(folder, 'logs');
  return {
    logs,
    db: join(folder, 'test.db'),
    append: (rows: readonly string[]) => appendFileSync(join(logs, NAME), rows.join('')),
  };
}

function follow(logs: string, db: string, who: readonly string[], ...more: string[]) {
  const child = startRelaylens(
    'diagnose',
    ...who,
    '--follow',
    '--logs',
    logs,
    '--db',
    db,
    '--every',
    '0.1',
    '--tz',
    'UTC',
    ...more,
  );
  running.push(child);
  let all = '';
  const waiting: { text: string; resolve: () => void }[] = [];
  const heard = (chunk: Buffer): void => {
    all += chunk;
    for (const one of waiting) if (all.includes(one.text)) one.resolve();
  };
  child.stdout?.on('data', heard);
  child.stderr?.on('data', heard);
  const said = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      if (all.includes(text)) return resolve();
      waiting.push({ text, resolve });
      child.once('close', () => reject(new Error(`ended without '${text}': ${all}`)));
    });
  return { child, said, end: ended(child) };
}

describe('diagnose --follow', { timeout: 30_000 }, () => {
  it('shows the rows of the device as they come, and of nobody else, then the verdict', async () => {
    const { logs, db, append } = place();
    const { said, end } = follow(logs, db, ['10.0.20.12'], '--once');
    await said('Stop with Ctrl+C');
    append(OTHER.slice(2));
    append(REFUSED.slice(0, 8));
    await said('RCPT TO:<partner@fabrikam.example>');
    append(REFUSED.slice(8));
    const { code, out } = await end;
    expect(code).toBe(1);
    expect(out).not.toContain('MFP-99');
    expect(out.match(/< EHLO MFP-02/g)).toHaveLength(1);
    expect(out).toContain('+5.006  > 550 5.7.54');
    expect(out.indexOf('FAILS')).toBeGreaterThan(out.indexOf('- Local'));
    expect(out).toContain('It may not send to the outside here');
  });

  it('says that a session worked, and ends with 0; by the hello name, which no row had before', async () => {
    const { logs, db, append } = place();
    const { said, end } = follow(logs, db, ['mfp-02'], '--once', '--format', 'json');
    await said('Stop with Ctrl+C');
    append(WORKS);
    const { code, out } = await end;
    expect(code).toBe(0);
    const lines = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines[0]).toMatchObject({ source: '10.0.20.12', ended: true });
    expect(lines[0].events).toHaveLength(WORKS.length);
    expect(lines.at(-1)).toMatchObject({ verdicts: [], cases: [{ condition: 'works' }] });
  });

  it('follows the folders that were read before, where none are named', async () => {
    const { logs, db, append } = place();
    relaylens('ingest', logs, '--db', db);
    const child = startRelaylens('diagnose', '--follow', '--once', '--db', db, '--every', '0.1');
    running.push(child);
    const end = ended(child);
    await new Promise<void>((resolve) =>
      child.stderr?.on('data', (chunk: Buffer) => String(chunk).includes('Ctrl+C') && resolve()),
    );
    append(WORKS);
    expect((await end).out).toContain('WORKS');
  });

  it.each([
    [['--format', 'csv'], 'text or JSON'],
    [['--redact'], '--redact and --follow'],
    [['--logs', 'nowhere'], 'nowhere: no such file or folder'],
  ])('refuses %j in a line', (args, line) => {
    const { code, out, err } = relaylens('diagnose', '--follow', ...args, '--db', join(temporaryFolder(), 'x.db'));
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(line);
    expect(err).not.toMatch(/\n\s+at /);
  });
});
