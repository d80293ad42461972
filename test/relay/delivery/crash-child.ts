/**
 * A relay without its front: spools messages, says on stdout which are acknowledged, and delivers them, until it is killed.
 * Arguments: folder, `fill` or `drain`, number of the run, and the port of a smart host, or `maildir`.
 */
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { Maildir } from '../../../src/relay/delivery/maildir.ts';
import { QueueRunner } from '../../../src/relay/delivery/queue-runner.ts';
import { SmartHost } from '../../../src/relay/delivery/smart-host.ts';
import { Spool } from '../../../src/relay/delivery/spool.ts';
import { systemClock } from '../../../src/relay/log/clock.ts';
import { ProtocolLogFiles } from '../../../src/relay/log/protocol-log-files.ts';

const [folder, mode, run, to] = process.argv.slice(2) as [string, 'fill' | 'drain', string, string];
const say = (line: string): void => void writeSync(1, `${line}\n`);

const log = new ProtocolLogFiles({
  folder: join(folder, 'SmtpSend'),
  direction: 'send',
  series: 'hour',
  clock: systemClock,
  report: say,
  flushIntervalMs: 20,
});
let sessions = 0n;
const destination =
  to === 'maildir'
    ? new Maildir({ folder: join(folder, 'mail'), layout: 'one' })
    : new SmartHost({
        host: '127.0.0.1',
        port: Number(to),
        connector: 'To smart host',
        fqdn: 'ex01.contoso.example',
        dialect: 'B',
        log: (row) => log.add(row),
        newSessionId: () =>
          (0x08de19a1b2c3e000n + BigInt(run) * 0x10000n + sessions++).toString(16).toUpperCase().padStart(16, '0'),
      });
const spool = await Spool.open({ folder: join(folder, 'spool') });
const runner = new QueueRunner({
  spool,
  destination,
  report: say,
  concurrency: 4,
  retries: { delaysMs: [1], expiryMs: 600_000 },
});
await runner.start();
say('ready');

let count = 0;
async function fill(): Promise<never> {
  for (;;) {
    const token = `${run}-${count++}`;
    const message = spool.begin(
      {
        sender: 'scan@contoso.example',
        recipients: [`a.${token}@x.example`, `later.${token}@x.example`],
        helo: 'mfp-02',
        client: '10.0.20.12',
        authUser: null,
        body: '7BIT',
        smtpUtf8: false,
      },
      { sessionId: '08DE19A1B2C3D401', connector: 'EX01\\Default', arrivedAt: Date.now() },
    );
    await message.write(Buffer.from(`Message-ID: <${token}>\r\n\r\n`));
    if (count % 10 === 0) await message.write(Buffer.alloc(150_000, 'x'));
    await message.commit('Received: here\r\n');
    say(`acknowledged ${token}`);
  }
}

if (mode === 'fill') for (let i = 0; i < 8; i++) void fill();
else {
  while (spool.size > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await runner.stop();
  log.close();
  say('empty');
  process.exit(0);
}
