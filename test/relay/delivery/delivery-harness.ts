/** A spool, what fills it, and a smart host whose log is kept. */
import { join } from 'node:path';
import { afterEach } from 'vitest';
import type { LogRow } from '../../../src/protocol-log/writer.ts';
import { formatHeader } from '../../../src/protocol-log/writer.ts';
import { QueueRunner, type QueueRunnerSettings } from '../../../src/relay/delivery/queue-runner.ts';
import { SmartHost } from '../../../src/relay/delivery/smart-host.ts';
import type { SmartHostSettings } from '../../../src/relay/delivery/smart-host-settings.ts';
import { Spool, type SpoolSettings } from '../../../src/relay/delivery/spool.ts';
import { rowBytes } from '../../../src/relay/log/row-bytes.ts';
import type { Envelope } from '../../../src/relay/machine/effects.ts';
import { ingestFiles, temporaryFolder } from '../../harness.ts';

const spools: Spool[] = [];
const runners: QueueRunner[] = [];
afterEach(async () => {
  for (const runner of runners.splice(0)) await runner.stop(0);
  for (const spool of spools.splice(0)) spool.close();
});

export async function openSpool(settings: Partial<SpoolSettings> = {}): Promise<Spool> {
  const spool = await Spool.open({ folder: join(temporaryFolder(), 'spool'), ...settings });
  spools.push(spool);
  return spool;
}

export const ENVELOPE: Envelope = {
  sender: 'scan@contoso.example',
  recipients: ['ann@fabrikam.example'],
  helo: 'mfp-02',
  client: '10.0.20.12',
  authUser: null,
  body: '7BIT',
  smtpUtf8: false,
};

export const ORIGIN = { sessionId: '08DE19A1B2C3D401', connector: 'EX01\\Default Frontend EX01', arrivedAt: Date.now() };
export const HEADER = 'Received: from mfp-02 (10.0.20.12)\r\n by ex01.contoso.example;\r\n Mon, 2 Nov 2026 09:02:00 +0100\r\n';
export const CONTENT = 'Message-ID: <1@mfp-02>\r\nSubject: scan\r\n\r\n.a line with a dot\r\nlast\r\n';

export async function put(spool: Spool, envelope: Partial<Envelope> = {}, content: string | Buffer = CONTENT): Promise<string> {
  const message = spool.begin({ ...ENVELOPE, ...envelope }, { ...ORIGIN, arrivedAt: Date.now() });
  await message.write(Buffer.from(content));
  return (await message.commit(HEADER)).internalId;
}

export function startRunner(settings: Omit<QueueRunnerSettings, 'report'> & Partial<QueueRunnerSettings>) {
  const reports: string[] = [];
  const runner = new QueueRunner({ report: (line) => reports.push(line), ...settings });
  runners.push(runner);
  return { runner, reports };
}

export function smartHost(port: number, settings: Partial<SmartHostSettings> = {}) {
  const rows: LogRow[] = [];
  let next = 0x08de19a1b2c3e000n;
  const host = new SmartHost({
    host: '127.0.0.1',
    port,
    connector: 'To smart host',
    fqdn: 'ex01.contoso.example',
    dialect: 'B',
    log: (row) => void rows.push(row),
    newSessionId: () => (next++).toString(16).toUpperCase().padStart(16, '0'),
    answerTimeoutMs: 5000,
    quitTimeoutMs: 200,
    ...settings,
  });
  /** The log as a conversation: event, data and context. */
  const told = (): string[] => rows.map(({ event, data, context }) => `${event} ${data}${context && ` | ${context}`}`);
  const ingest = () =>
    ingestFiles({
      'SmtpSend/SEND2026110208-1.LOG': Buffer.concat([
        Buffer.from(formatHeader({ direction: 'send', at: Date.now() })),
        ...rows.map(rowBytes),
      ]),
    });
  return { host, rows, told, ingest };
}

export async function until(isSo: () => boolean | Promise<boolean>, ms = 5000): Promise<void> {
  for (const end = Date.now() + ms; !(await isSo()); ) {
    if (Date.now() > end) throw new Error('it never came to that');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
