/**
 * Makes a large, realistic set of logs: two front ends, hourly files, a few hundred devices whose sessions interleave,
 * refused and failed ones among them. The same seed makes the same bytes.
 *
 *   tsx test/bench/generate.ts FOLDER MEGABYTES [SEED]
 */
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { replyData } from '../../src/protocol-log/dialect.ts';
import type { Dialect } from '../../src/protocol-log/fields.ts';
import { formatHeader, formatRow, type LogRow } from '../../src/protocol-log/writer.ts';

type Event = LogRow['event'];
type Step = readonly [gap: number, event: Event, data: string, context?: string];

export interface GeneratorOptions {
  readonly folder: string;
  /** Stops behind the hour that reaches them. */
  readonly bytes?: number;
  /** Stops after so many. */
  readonly hours?: number;
  /** Milliseconds UTC of the first hour; another start with the same seed has the same devices and other sessions. */
  readonly start?: number;
  readonly seed?: number;
  readonly dialect?: Dialect;
  /** On both servers together, in the hour that begins at this time. */
  readonly sessionsPerHour?: number | ((hour: number) => number);
  readonly devices?: number;
}

interface Device {
  readonly address: string;
  readonly helo: string;
  readonly sender: string;
  readonly kind: 'good' | 'tls' | 'refused' | 'auth-failed' | 'batch' | 'probe' | 'cut';
}

/** A small, fast generator of numbers in [0, 1): mulberry32. */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const HOUR_MS = 3_600_000;
const START = Date.UTC(2026, 10, 2);

/** Writes the logs and returns how many sessions and rows they hold. */
export function generate(options: GeneratorOptions): { sessions: number; rows: number; bytes: number } {
  const {
    folder,
    bytes = Infinity,
    hours = Infinity,
    start = START,
    seed = 1,
    dialect = 'B',
    sessionsPerHour = 12_000,
  } = options;
  rmSync(folder, { recursive: true, force: true });
  const devices = makeDevices(random(seed), options.devices ?? 400);
  const next = random(seed + 1 + (start - START) / HOUR_MS);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)]!;
  let total = 0;
  let rows = 0;
  let sessions = 0;
  // No hour has as many sessions as milliseconds.
  let ticks = 0x08dc6c1a0b2c3d51n + BigInt(start - START);
  for (let hour = 0; total < bytes && hour < hours; hour++) {
    for (const server of ['EX01', 'EX02']) {
      if (total >= bytes) break;
      const from = start + hour * HOUR_MS;
      const out: { at: number; order: number; text: string }[] = [];
      const count = Math.ceil((typeof sessionsPerHour === 'number' ? sessionsPerHour : sessionsPerHour(from)) / 2);
      for (let i = 0; i < count; i++) {
        const sessionId = (ticks++).toString(16).toUpperCase().padStart(16, '0');
        const at = from + Math.floor(next() * 3_590_000);
        const device = pick(devices);
        const made = makeRows({ server, sessionId, at, device, dialect, next });
        sessions++;
        for (const row of made) out.push({ at: row.at, order: rows++, text: formatRow(row) });
      }
      out.sort((a, b) => a.at - b.at || a.order - b.order);
      const place = join(folder, server, 'FrontEnd', 'ProtocolLog', 'SmtpReceive');
      mkdirSync(place, { recursive: true });
      const stamp = new Date(from).toISOString().replace(/\D/g, '').slice(0, 10);
      let instance = 1;
      let file = '';
      let size = 0;
      const open = (): void => {
        file = join(place, `RECV${stamp}-${instance++}.LOG`);
        const header = formatHeader({ direction: 'receive', at: from + 9000 });
        writeFileSync(file, header);
        size = header.length;
      };
      open();
      let buffer: string[] = [];
      const flush = (): void => {
        appendFileSync(file, buffer.join(''));
        buffer = [];
      };
      for (const { text } of out) {
        if (size > 10 << 20) {
          flush();
          open();
        }
        buffer.push(text);
        size += text.length;
        total += text.length;
        if (buffer.length > 20_000) flush();
      }
      flush();
    }
  }
  return { sessions, rows, bytes: total };
}

function makeDevices(next: () => number, count: number): Device[] {
  const kinds: Device['kind'][] = [
    'good',
    'good',
    'good',
    'good',
    'tls',
    'tls',
    'refused',
    'auth-failed',
    'batch',
    'probe',
    'cut',
  ];
  return Array.from({ length: count }, (_, i): Device => {
    const kind = kinds[i % kinds.length]!;
    return {
      address: `10.${20 + (i % 7)}.${i % 250}.${1 + Math.floor(next() * 250)}`,
      helo: `${kind === 'batch' ? 'app' : 'mfp'}-${String(i).padStart(3, '0')}.contoso.example`,
      sender: `${kind === 'batch' ? 'batch' : 'scan'}${i}@contoso.example`,
      kind,
    };
  });
}

const EXTENSIONS =
  'PIPELINING,DSN,ENHANCEDSTATUSCODES,STARTTLS,X-ANONYMOUSTLS,AUTH NTLM,X-EXPS GSSAPI NTLM,8BITMIME,BINARYMIME,CHUNKING,XRDST'.split(
    ',',
  );

interface Making {
  readonly server: string;
  readonly sessionId: string;
  readonly at: number;
  readonly device: Device;
  readonly dialect: Dialect;
  readonly next: () => number;
}

function makeRows({ server, sessionId, at, device, dialect, next }: Making): LogRow[] {
  const fqdn = `${server.toLowerCase()}.contoso.example`;
  const steps: Step[] = [];
  const say = (...step: Step): void => void steps.push(step);
  const hello = (): void => {
    say(15, '<', `EHLO ${device.helo}`);
    for (const data of replyData(250, [`${fqdn} Hello [${device.address}]`, 'SIZE 37748736', ...EXTENSIONS], dialect))
      say(0, '>', data);
  };
  const stamp = new Date(at).toISOString();
  let messages = 0;
  const message = (recipients: number, refused = false): void => {
    say(20, '<', `MAIL FROM:<${device.sender}> SIZE=${1000 + Math.floor(next() * 900_000)}`);
    say(0, '*', `${sessionId};${stamp};${++messages}`, 'receiving message');
    say(1, '>', '250 2.1.0 Sender OK');
    for (let i = 0; i < recipients; i++) {
      say(15, '<', `RCPT TO:<user${Math.floor(next() * 3000)}@${refused ? 'fabrikam.example' : 'contoso.example'}>`);
      if (refused) {
        say(0, '*', "Tarpit for '0.00:00:05' due to '550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain'");
        say(5000, '>', '550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain');
      } else say(1, '>', '250 2.1.5 Recipient OK');
    }
    if (refused) return;
    say(10, '<', 'DATA');
    say(1, '>', '354 Start mail input; end with <CRLF>.<CRLF>');
    say(
      60,
      '*',
      '',
      'Proxy destination(s) obtained from OnProxyInboundMessage event. Correlation Id:5f0c3ac1-88de-4f16-9a3f-8a2d6cc1d001',
    );
    const size = 1000 + Math.floor(next() * 900_000);
    say(
      90,
      '>',
      `250 2.6.0 <${sessionId.toLowerCase()}${messages}@${device.helo}> [InternalId=${Math.floor(next() * 1e13)}, Hostname=${fqdn}] ${size} bytes in 0.102, ${(size / 104.4).toFixed(3)} KB/sec Queued mail for delivery`,
    );
  };
  say(0, '+', '');
  if (dialect === 'A')
    say(
      0,
      '*',
      'SMTPSubmit SMTPAcceptAnySender SMTPAcceptAuthoritativeDomainSender AcceptRoutingHeaders',
      'Set Session Permissions',
    );
  say(1, '>', `220 ${fqdn} Microsoft ESMTP MAIL Service ready at ${new Date(at).toUTCString().replace('GMT', '+0000')}`);
  if (device.kind === 'probe') say(1, '-', '', 'Remote(SocketError)');
  else {
    hello();
    if (device.kind === 'tls' || device.kind === 'auth-failed') {
      say(10, '<', 'STARTTLS');
      say(0, '>', '220 2.0.0 SMTP server ready');
      say(
        0,
        '*',
        ` CN=${fqdn} CN=${fqdn} 04ABC5FA3C2760F1F3F28A7CCC3FC5FB EC5A76488FE0A501C5FC28EC845E443889BA16E2 2026-01-12T10:39:24.000Z 2027-01-12T10:39:23.000Z ${fqdn};mail.contoso.example`,
        'Sending certificate Subject Issuer name Serial number Thumbprint Not before Not after Subject alternate names',
      );
      say(
        30,
        '*',
        '',
        'TLS protocol SP_PROT_TLS1_2_SERVER negotiation succeeded using bulk encryption algorithm CALG_AES_256 with strength 256 bits, MAC hash algorithm CALG_SHA_384 with strength 0 bits and key exchange algorithm CALG_ECDH_EPHEM with strength 384 bits',
      );
      hello();
    }
    if (device.kind === 'auth-failed') {
      say(10, '<', 'AUTH LOGIN');
      say(0, '>', '334 <authentication response>');
      say(10, '>', '334 <authentication response>');
      say(20, '*', '', 'Inbound AUTH LOGIN failed because of LogonDenied');
      say(0, '*', '', `User Name: svc-${device.helo.split('.')[0]}`);
      say(0, '*', "Tarpit for '0.00:00:05' due to '535 5.7.3 Authentication unsuccessful'");
      say(5000, '>', '535 5.7.3 Authentication unsuccessful');
    } else if (device.kind === 'batch') for (let i = 0; i < 3 + Math.floor(next() * 4); i++) message(1 + Math.floor(next() * 2));
    else message(1 + Math.floor(next() * 2), device.kind === 'refused');
    if (device.kind === 'cut') say(10, '-', '', 'Remote(ConnectionReset)');
    else {
      say(10, '<', 'QUIT');
      say(0, '>', '221 2.0.0 Service closing transmission channel');
      say(0, '-', '', 'Local');
    }
  }
  const port = 1024 + Math.floor(next() * 60_000);
  const connector =
    device.kind === 'refused' || device.kind === 'auth-failed' ? `Default Frontend ${server}` : `Anon Relay ${server}`;
  let time = at;
  return steps.map(([gap, event, data, context = ''], sequence): LogRow => {
    time += gap === 0 ? 0 : gap + Math.floor(next() * gap);
    return {
      at: time,
      connector: `${server}\\${connector}`,
      sessionId,
      sequence,
      localEndpoint: server === 'EX01' ? '10.0.0.5:25' : '10.0.0.6:25',
      remoteEndpoint: `${device.address}:${port}`,
      event,
      data,
      context,
    };
  });
}

if (process.argv[1]?.endsWith('generate.ts')) {
  const [folder, megabytes, seed] = process.argv.slice(2);
  if (!folder || !megabytes) throw new Error('usage: generate.ts FOLDER MEGABYTES [SEED]');
  const made = generate({ folder, bytes: Number(megabytes) * 1e6, seed: Number(seed ?? 1) });
  process.stdout.write(`${JSON.stringify(made)}\n`);
}
