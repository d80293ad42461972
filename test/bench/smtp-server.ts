/** nodemailer's smtp-server as a sink with a log: port and log file as arguments. */
import { createWriteStream } from 'node:fs';
import { SMTPServer } from 'smtp-server';

const [port = '', file = ''] = process.argv.slice(2);
const log = createWriteStream(file, { flags: 'a' });
const write = (entry: object, text: string, ...values: unknown[]): void => {
  log.write(
    `${new Date().toISOString()},${JSON.stringify(entry)},${[text.replace(/%s/g, () => String(values.shift())), ...values].join(' ')}\n`,
  );
};
const quiet = (): void => {};

new SMTPServer({
  authOptional: true,
  disabledCommands: ['STARTTLS'],
  disableReverseLookup: true,
  logger: { level: quiet, trace: quiet, debug: write, info: write, warn: write, error: write, fatal: write } as never,
  onData(stream, _session, callback) {
    stream.on('end', () => callback(null, 'OK: message queued'));
    stream.resume();
  },
}).listen(Number(port), '127.0.0.1');
