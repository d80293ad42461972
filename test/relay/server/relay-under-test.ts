/** A relay for a test: loopback, ports that the system chooses, gone afterwards; and what its logs say. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach } from 'vitest';
import { ingest } from '../../../src/ingest/ingest.ts';
import { findSessions, type SessionDetail, sessionDetail } from '../../../src/queries/session-detail.ts';
import { listSessions } from '../../../src/queries/session-list.ts';
import type { SessionSummary } from '../../../src/queries/session-summary.ts';
import { type Relay, type RelayEnvironment, startRelay } from '../../../src/relay/server/relay-server.ts';
import { formatPasswordHash, hashPassword } from '../../../src/relay/settings/password-hash.ts';
import { readSettings } from '../../../src/relay/settings/read-settings.ts';
import { temporaryDatabase, temporaryFolder } from '../../harness.ts';
import { SmtpClient } from './smtp-client.ts';

const relays: Relay[] = [];
const clients: SmtpClient[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await Promise.all(relays.splice(0).map((relay) => relay.stop(0)));
});

/** 10.0.20.11 has no rights beyond the accepted domain, 10.0.20.12 may relay; port 25 and, after STARTTLS, 587. */
export const SETTINGS = {
  server: 'EX01',
  fqdn: 'ex01.contoso.example',
  listen: [
    { on: '127.0.0.1:0', as: '10.0.0.5:25' },
    { on: '127.0.0.1:0', as: '10.0.0.5:587' },
  ],
  clients: { '127.0.0.1': '10.0.20.11', '127.0.0.12': '10.0.20.12' },
  connectors: [
    {
      default: 'Default Frontend',
      TarpitInterval: '00:00:00',
      MaxInboundConnectionPerSource: 'Unlimited',
      MaxInboundConnectionPercentagePerSource: 100,
    },
    { default: 'Client Frontend', TarpitInterval: '00:00:00' },
    { name: 'Relay', bindings: '0.0.0.0:25', remoteIPRanges: '10.0.20.12', relay: 'anonymous', TarpitInterval: '00:00:00' },
  ],
  acceptedDomains: ['contoso.example'],
  timeZone: 'Europe/Berlin',
  logs: { flushInterval: '00:00:00.020' },
};

export const PASSWORD = 'correct horse';

/** Cheap to check. */
export const cheapHash = async (password = PASSWORD): Promise<string> =>
  formatPasswordHash(await hashPassword(password, { N: 1024, r: 8, p: 1 }));

export interface RelayUnderTest {
  readonly relay: Relay;
  readonly folder: string;
  /** What the relay had to say. */
  readonly said: string[];
  /** A connection to the endpoint with this port (25). */
  client(settings?: { readonly to?: number; readonly from?: string }): Promise<SmtpClient>;
  /** Greeted, and EHLO said. */
  greeted(settings?: { readonly to?: number; readonly from?: string }): Promise<SmtpClient>;
  /** What relaylens reads in the logs; the relay is stopped for it, and no anomaly allowed. */
  sessions(): Promise<SessionSummary[]>;
  detail(sessionId: string): SessionDetail;
}

/** To make a certificate takes a while: all tests of a file share one. */
const data = mkdtempSync(join(tmpdir(), 'relaylens-data-'));
afterAll(() => rmSync(data, { recursive: true, force: true }));

export async function relayUnderTest(
  settings: Readonly<Record<string, unknown>> = {},
  environment: Partial<RelayEnvironment> = {},
): Promise<RelayUnderTest> {
  const folder = temporaryFolder();
  const said: string[] = [];
  const text = JSON.stringify({ ...SETTINGS, data, ...settings });
  const reading = readSettings(text, { folder, read: () => ({ fault: 'cannot be read' }) });
  if ('problems' in reading) throw new Error(reading.problems.join('\n'));
  const relay = await startRelay(reading.settings, { warn: (line) => void said.push(line), ...environment });
  relays.push(relay);
  const db = temporaryDatabase(folder);
  const client: RelayUnderTest['client'] = async ({ to = 25, from = '127.0.0.1' } = {}) => {
    const endpoint = relay.endpoints.find(({ as }) => as.port === to)!;
    const made = await SmtpClient.connect({ port: endpoint.on.port, host: endpoint.on.address, from });
    clients.push(made);
    return made;
  };
  return {
    relay,
    folder,
    said,
    client,
    greeted: async (to) => {
      const made = await client(to);
      await made.reply();
      await made.say('EHLO device');
      return made;
    },
    sessions: async () => {
      await relay.stop();
      const result = await ingest(db, [reading.settings.logs.folder], {});
      if (Object.keys(result.anomalies).length > 0) throw new Error(`anomalies: ${JSON.stringify(result.anomalies)}`);
      return listSessions(db, {}).sessions;
    },
    detail: (sessionId) => sessionDetail(db, findSessions(db, sessionId)[0]!),
  };
}
