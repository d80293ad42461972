/**
 * `npm run bench:relay`: sessions a second of the bundled relay, against nodemailer's smtp-server that does the same (a log
 * written, messages to a sink), in one run. The load comes from postfix's smtp-source: 100 clients, 20,000 messages, a
 * session each.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const work = join(root, '.bench', 'relay');
const CLIENTS = 100;
const MESSAGES = 20_000;
const ROUNDS = 3;

interface Candidate {
  readonly name: string;
  readonly port: number;
  start(): ChildProcess;
  /** Messages that its log tells of. */
  logged(): number;
}

const relay: Candidate = {
  name: 'relaylens relay',
  port: 25_251,
  start() {
    const unlimited = { MaxInboundConnectionPerSource: 'Unlimited', MaxInboundConnectionPercentagePerSource: 100 };
    const config = {
      server: 'EX01',
      fqdn: 'ex01.contoso.example',
      listen: [{ on: `127.0.0.1:${this.port}`, as: '10.0.0.5:25' }],
      connectors: [{ default: 'Default Frontend', ...unlimited }],
      acceptedDomains: ['contoso.example'],
      certificate: 'none',
      delivery: { kind: 'sink' },
    };
    writeFileSync(join(work, 'relay.json'), JSON.stringify(config));
    return spawn(process.execPath, [join(root, 'dist/cli/main.js'), 'relay', join(work, 'relay.json')], { stdio: 'ignore' });
  },
  logged: () => messagesIn(join(work, 'logs'), /,250 2\.6\.0 |,"250 2\.6\.0 /g),
};

const nodemailer: Candidate = {
  name: "nodemailer's smtp-server",
  port: 25_252,
  start() {
    const script = fileURLToPath(new URL('./smtp-server.ts', import.meta.url));
    return spawn(process.execPath, ['--import', 'tsx', script, String(this.port), join(work, 'smtp-server.log')], {
      stdio: 'ignore',
      cwd: root,
    });
  },
  logged: () => messagesIn(work, /OK: message queued/g),
};

function messagesIn(folder: string, pattern: RegExp): number {
  return (readdirSync(folder, { recursive: true }) as string[])
    .filter((name) => /\.log$/i.test(name))
    .reduce((sum, name) => sum + (readFileSync(join(folder, name), 'utf8').match(pattern)?.length ?? 0), 0);
}

async function untilListening(port: number): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy();
        resolve(true);
      });
      socket.on('error', () => resolve(false));
    });
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`nothing listens on port ${port}`);
}

const residentMb = ({ pid }: ChildProcess): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

/** Sessions a second of each round; memory before and after all of them. */
async function measure(candidate: Candidate): Promise<{ rates: number[]; memory: [number, number] }> {
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  const server = candidate.start();
  try {
    await untilListening(candidate.port);
    const rates: number[] = [];
    const memory: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const started = performance.now();
      execFileSync('smtp-source', [
        '-s',
        String(CLIENTS),
        '-m',
        String(MESSAGES),
        '-l',
        '2000',
        '-f',
        'a@contoso.example',
        '-t',
        'b@contoso.example',
        `127.0.0.1:${candidate.port}`,
      ]);
      rates.push(MESSAGES / ((performance.now() - started) / 1000));
      memory.push(residentMb(server));
    }
    // What is still in a buffer: the relay writes it when it is stopped, the other within a moment.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await stop(server);
    const logged = candidate.logged();
    if (logged !== ROUNDS * MESSAGES)
      throw new Error(`${candidate.name}: ${ROUNDS * MESSAGES} messages sent, ${logged} in its log`);
    return { rates, memory: [memory[0]!, memory.at(-1)!] };
  } finally {
    await stop(server);
  }
}

async function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  server.kill('SIGTERM');
  await new Promise((resolve) => server.once('exit', resolve));
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

process.stdout.write(`${CLIENTS} clients, ${MESSAGES.toLocaleString('en-US')} messages a round, ${ROUNDS} rounds\n`);
const results = [];
for (const candidate of [relay, nodemailer]) {
  const result = await measure(candidate);
  results.push(result);
  process.stdout.write(
    `${candidate.name.padEnd(26)} ${median(result.rates).toFixed(0).padStart(6)} sessions/s   memory ${result.memory.map((mb) => mb.toFixed(0)).join(' → ')} MB   none lost\n`,
  );
}
process.stdout.write(`ratio ${(median(results[0]!.rates) / median(results[1]!.rates)).toFixed(2)}\n`);
rmSync(work, { recursive: true, force: true });
