import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { ingestFiles, temporaryFolder } from '../../harness.ts';
import { startRemote } from './remote-server.ts';

const CHILD = fileURLToPath(new URL('./crash-child.ts', import.meta.url));

/** Acknowledged before the clock of a kill starts: a busy machine is slow, and would be killed before it did anything. */
const FIRST = 3;

/** Runs the child until it ends, or is killed so many milliseconds after it began its work. Answers the lines that it said. */
function run(folder: string, mode: 'fill' | 'drain', number: number, to: string, killAfterMs?: number): Promise<string[]> {
  const child = spawn(process.execPath, ['--import', 'tsx', CHILD, folder, mode, String(number), to], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  let isDoomed = killAfterMs === undefined;
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    if (isDoomed || said.split('\nacknowledged ').length <= FIRST) return;
    isDoomed = true;
    setTimeout(() => child.kill('SIGKILL'), killAfterMs);
  });
  // A last line that was cut is no acknowledgement.
  return new Promise((resolve) => child.on('close', () => resolve(said.split('\n').slice(0, -1))));
}

const KILLS = [0, 0, 0].map((_, index) => 30 + index * 60 + Math.floor(Math.random() * 120));

async function crash(folder: string, to: string): Promise<string[]> {
  const lines: string[] = [];
  for (const [index, after] of KILLS.entries()) lines.push(...(await run(folder, 'fill', index, to, after)));
  const drained = await run(folder, 'drain', KILLS.length, to);
  expect(drained.at(-1)).toBe('empty');
  return lines.flatMap((line) => /^acknowledged (.*)$/.exec(line)?.[1] ?? []);
}

/** What the Maildir held in the end: the recipient of each copy. */
async function crashBeforeMaildir() {
  const folder = temporaryFolder();
  const acknowledged = await crash(folder, 'maildir');
  const mail = join(folder, 'mail', 'new');
  const given = readdirSync(mail).map(
    (name) => /^Delivered-To: (.*)\r$/m.exec(readFileSync(join(mail, name), 'latin1'))?.[1] ?? 'nobody',
  );
  return { acknowledged, given, left: readdirSync(join(folder, 'spool', 'queue')) };
}

/** What the smart host took, one recipient of two at the second attempt only, and the log of it. */
async function crashBeforeSmartHost() {
  const folder = temporaryFolder();
  const deferred = new Set<string>();
  const remote = await startRemote({
    manners: (command) => {
      const later = /^RCPT TO:<later\.(.*)@/.exec(command)?.[1];
      if (later === undefined || deferred.has(later)) return undefined;
      deferred.add(later);
      return '451 4.7.1 greylisted';
    },
  });
  const acknowledged = await crash(folder, String(remote.port));
  const logs = join(folder, 'SmtpSend');
  return {
    acknowledged,
    given: remote.messages.flatMap(({ recipients }) => recipients),
    logs: Object.fromEntries(readdirSync(logs).map((name) => [name, readFileSync(join(logs, name))])),
  };
}

describe.skipIf(process.platform === 'win32')(`a relay that is killed (after ${KILLS.join(', ')} ms)`, () => {
  let maildir: Awaited<ReturnType<typeof crashBeforeMaildir>>;
  let smartHost: Awaited<ReturnType<typeof crashBeforeSmartHost>>;
  // Side by side: most of the time goes into the starts of processes.
  beforeAll(async () => {
    [maildir, smartHost] = await Promise.all([crashBeforeMaildir(), crashBeforeSmartHost()]);
  }, 60_000);

  it('has every acknowledged message in the Maildir, once for each recipient', () => {
    const { acknowledged, given, left } = maildir;
    expect(acknowledged.length).toBeGreaterThan(5);
    expect(given.filter((copy, index) => given.indexOf(copy) !== index)).toEqual([]);
    const there = new Set(given);
    const lost = acknowledged.filter((token) => !there.has(`a.${token}@x.example`) || !there.has(`later.${token}@x.example`));
    expect([lost, left]).toEqual([[], []]);
  });

  it('has given every acknowledged message to the smart host, and twice only what was in SMTP’s own window', () => {
    const { acknowledged, given } = smartHost;
    expect(acknowledged.length).toBeGreaterThan(5);
    const there = new Set(given);
    const lost = acknowledged.filter((token) => !there.has(`a.${token}@x.example`) || !there.has(`later.${token}@x.example`));
    expect(lost).toEqual([]);
    // Four sessions at a time may each have had their answer without having written it down.
    expect(given.length - there.size).toBeLessThanOrEqual(KILLS.length * 4);
  });

  it('has left a send log in which nothing is odd', async () => {
    const { sessions, result } = await ingestFiles(smartHost.logs);
    expect(Object.keys(result.anomalies)).toEqual([]);
    expect(new Set(sessions.map(({ outcome }) => outcome)).has('partial')).toBe(true);
    expect(new Set(sessions.map(({ outcome }) => outcome)).has('accepted')).toBe(true);
  });
});
