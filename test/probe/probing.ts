/** Probes of a relay, and of servers that say whatever a test wants. */
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach } from 'vitest';
import type { Organisation } from '../../src/connector/organisation.ts';
import type { ProbeOrder } from '../../src/probe/order.ts';
import { type ProbeReport, probeReport } from '../../src/probe/probe-report.ts';
import { type ProbeEnvironment, type ProbeRun, type ProbeTarget, probeServer } from '../../src/probe/socket/probe-server.ts';
import { type Clock, systemClock } from '../../src/relay/log/clock.ts';
import { readSettings } from '../../src/relay/settings/read-settings.ts';
import { type RelayUnderTest, SETTINGS } from '../relay/server/relay-under-test.ts';

export const OUTSIDE = 'partner@fabrikam.example';
export const INSIDE = 'anna@contoso.example';

export const ORDER: ProbeOrder = {
  helo: 'mfp-01',
  tls: 'if-offered',
  credentials: null,
  sender: 'scan@contoso.example',
  recipients: [OUTSIDE],
  message: null,
};

const servers: { readonly server: Server; readonly sockets: Set<Socket> }[] = [];

afterEach(() => {
  for (const { server, sockets } of servers.splice(0)) {
    server.close();
    for (const socket of sockets) socket.destroy();
  }
});

/** Port of a server that does this with everybody who connects. */
export async function portOf(serve: (socket: Socket) => void, make: (serve: (socket: Socket) => void) => Server = createServer) {
  const sockets = new Set<Socket>();
  const server = make((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    serve(socket);
  });
  servers.push({ server, sockets });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as { port: number }).port;
}

/** Says a banner, and answers each line by the first word of it; `-` closes. */
export function speaking(banner: string, answers: Readonly<Record<string, string>> = {}) {
  return (socket: Socket): void => {
    socket.write(`${banner}\r\n`);
    let rest = '';
    socket.on('data', (octets: Buffer) => {
      const lines = (rest + octets.toString('latin1')).split('\r\n');
      rest = lines.pop()!;
      for (const line of lines) {
        const answer = answers[line.split(/[ :]/)[0]!] ?? '250 ok';
        if (answer === '-') socket.destroy();
        else socket.write(`${answer}\r\n`);
      }
    });
  };
}

const ENVIRONMENT: ProbeEnvironment = { clock: systemClock };

/** Timers in the order in which a probe sets them, as far as the second look at a port that does not greet. */
export const TIMERS = { connect: 1, overall: 2, banner: 3, firstWords: 4, handshake: 7 } as const;

/** A clock by which these timers are over at once, and the others as late as ever. */
export function impatientWith(...timers: readonly (keyof typeof TIMERS)[]): { clock: Clock } {
  const fast = new Set<number>(timers.map((name) => TIMERS[name]));
  let set = 0;
  return { clock: { now: systemClock.now, after: (ms, action) => systemClock.after(fast.has(++set) ? 10 : ms, action) } };
}

export function run(
  target: Partial<ProbeTarget> & Pick<ProbeTarget, 'port'>,
  order: Partial<ProbeOrder> = {},
  environment: Partial<ProbeEnvironment> = {},
): Promise<ProbeRun> {
  return probeServer(
    { host: '127.0.0.1', family: 0, tlsMin: 'TLSv1.2', tlsMax: 'TLSv1.3', stepMs: 10_000, ...target },
    { ...ORDER, ...order },
    { ...ENVIRONMENT, ...environment },
  );
}

/** What the command would say. */
export async function probe(
  target: Partial<ProbeTarget> & Pick<ProbeTarget, 'port'>,
  order: Partial<ProbeOrder> = {},
  environment: Partial<ProbeEnvironment> = {},
): Promise<ProbeReport> {
  const asked = { ...ORDER, ...order };
  const { addresses, lookupFault, attempts, connection } = await run(target, order, environment);
  return probeReport(
    {
      host: target.host ?? '127.0.0.1',
      port: target.port,
      timeout: 10,
      versions: { min: target.tlsMin ?? 'TLSv1.2', max: target.tlsMax ?? 'TLSv1.3' },
      tls: asked.tls,
      logsOn: asked.credentials !== null,
      sender: asked.sender,
      recipients: asked.recipients,
      sends: asked.message !== null,
      helo: asked.helo,
      lookupFault,
      attempts,
      addresses,
      localAddress: connection?.localAddress ?? null,
      localPort: connection?.localPort ?? null,
      remoteAddress: connection?.remoteAddress ?? null,
      dialogue: connection?.dialogue ?? null,
      foreign: connection?.foreign ?? null,
      at: Date.now(),
      asksConfiguration: false,
    },
    null,
  );
}

/** Where the endpoint with this port of the server really listens. */
export const listening = ({ relay }: RelayUnderTest, port: 25 | 587 = 25): { host: string; port: number } => {
  const { on } = relay.endpoints.find(({ as }) => as.port === port)!;
  return { host: on.address, port: on.port };
};

/** What an import of the relay's configuration would have brought. */
export function organisationOf(settings: Readonly<Record<string, unknown>> = {}): Organisation {
  const reading = readSettings(JSON.stringify({ ...SETTINGS, ...settings }), {
    folder: '/',
    read: () => ({ fault: 'cannot be read' }),
  });
  if ('problems' in reading) throw new Error(reading.problems.join('\n'));
  return {
    servers: reading.settings.servers.map(({ server, connectors }) => ({ server, asOf: Date.UTC(2026, 10, 1), connectors })),
    rights: new Map(reading.settings.servers.flatMap(({ rights }) => [...rights])),
    acceptedDomains: reading.settings.servers[0]!.acceptedDomains,
    devices: [],
  };
}
