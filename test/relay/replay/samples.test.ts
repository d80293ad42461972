/**
 * Sessions of real servers, replayed under configurations that are written to match them: the relay answers as Exchange
 * did. Runs where the samples lie beside the project; nothing of them is copied here but names and addresses.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, test } from 'vitest';
import type { Organisation } from '../../../src/connector/organisation.ts';
import { RELAY_RIGHT } from '../../../src/connector/permission-group.ts';
import type { Properties } from '../../../src/connector/properties.ts';
import type { Service } from '../../../src/protocol-log/fields.ts';
import type { Recording } from '../../../src/relay/replay/recording.ts';
import { type Replay, Replayer } from '../../../src/relay/replay/replay.ts';
import { ALL_IPV4, connector } from '../../connector/connectors.ts';
import { ingestFiles } from '../../harness.ts';

const SAMPLES = fileURLToPath(new URL('../../../../shared/samples/', import.meta.url));
const there = existsSync(SAMPLES);
const MB = 2 ** 20;

const FRONTEND: Properties = {
  AuthMechanism: ['Tls', 'Integrated', 'BasicAuth', 'BasicAuthRequireTLS', 'ExchangeServer'],
  PermissionGroups: ['AnonymousUsers', 'ExchangeServers', 'ExchangeLegacyServers'],
  MaxMessageSize: 36 * MB,
};

interface Sample {
  readonly name: string;
  readonly service: Service | null;
  readonly port: number;
  readonly properties: Properties;
  readonly rights?: readonly string[];
  /** Replies that were compared. */
  readonly compared: number;
  /** Why replies were compared no further. */
  readonly stopped?: string;
}

const TRANSCRIPTS: readonly Sample[] = [
  // A connection and nothing more.
  { name: 'anvil-issue77-2023-ex2019-recv-clientfrontend', service: 'FrontEnd', port: 587, properties: {}, compared: 0 },
  // The 334 between AUTH and its outcome was lost when the page was edited.
  {
    name: 'dfir-notes-2023-recv-auth-failed',
    service: 'FrontEnd',
    port: 25,
    properties: { ...FRONTEND, SmtpUtf8Enabled: false },
    compared: 4,
    stopped: 'rows are missing in the log',
  },
  // A Hub of 2010 on port 25: SIZE without a number, no Exchange authentication.
  {
    name: 'graylog-2016-recv-tarpit-authlogin',
    service: 'Hub',
    port: 25,
    properties: {
      TransportRole: 'HubTransport',
      AuthMechanism: ['Tls', 'Integrated'],
      PermissionGroups: ['AnonymousUsers'],
      SizeEnabled: 'EnabledWithoutValue',
    },
    compared: 3,
  },
  { name: 'ipban-issue269-2023-recv-tls-letsencrypt', service: 'FrontEnd', port: 25, properties: FRONTEND, compared: 0 },
  {
    name: 'ipban-smtp_auth_successful',
    service: 'FrontEnd',
    port: 10587,
    properties: {
      AuthMechanism: ['Tls', 'BasicAuth'],
      PermissionGroups: ['ExchangeUsers'],
      MaxMessageSize: 36 * MB,
      SmtpUtf8Enabled: false,
    },
    compared: 5,
  },
  // A front end hands mail over: what it says with MAIL is for Exchange only.
  {
    name: 'msqa-162632-ex2013-hub-recv-xproxyfrom',
    service: 'Hub',
    port: 2525,
    properties: { TransportRole: 'HubTransport', PermissionGroups: ['ExchangeServers'] },
    compared: 0,
    stopped: 'options between Exchange servers cannot be replayed',
  },
  // The end of a session: MAIL and RCPT in one packet, of which the row of MAIL is missing.
  { name: 'msqa-179653-ex2013-recv-unable-to-relay', service: 'FrontEnd', port: 25, properties: FRONTEND, compared: 2 },
  { name: 'r-milne-2019-ex2010-recv', service: 'Hub', port: 25, properties: { TransportRole: 'HubTransport' }, compared: 0 },
];

/** The one connector that took the session, as it must have been. */
function configurationOf({ port, properties, rights }: Sample, recording: Recording): Organisation {
  const name = recording.connector.slice(recording.connector.indexOf('\\') + 1);
  const one = connector(name, `0.0.0.0:${port}`, ALL_IPV4, properties, recording.server);
  return {
    servers: [{ server: recording.server, asOf: 0, connectors: [one] }],
    rights: rights
      ? new Map([
          [
            `${recording.server}\\${name}`.toLowerCase(),
            [{ user: 'NT AUTHORITY\\Authenticated Users', deny: false, inherited: false, rights }],
          ],
        ])
      : new Map(),
    acceptedDomains: [],
    devices: [],
  };
}

async function recordingsOf(sample: Sample): Promise<Recording[]> {
  const file = `${sample.name}.log`;
  const { sessions, detail } = await ingestFiles({ [file]: readFileSync(join(SAMPLES, file)) });
  return sessions.map(({ sessionId, connector: taken, localEndpoint, remoteEndpoint }) => ({
    sessionId,
    server: taken.slice(0, taken.indexOf('\\')) || 'EX',
    service: sample.service,
    connector: taken,
    localEndpoint,
    remoteEndpoint,
    rows: detail(sessionId).events.map((event) => ({
      ...event,
      at: Date.parse(event.at),
      // Two pages have put blanks into an address.
      data: event.data.replace(/ +(?=\.com>)/, ''),
    })),
  }));
}

function replayed(sample: Sample, recording: Recording): Replay {
  const replay = new Replayer(configurationOf(sample, recording)).replay(recording);
  if (replay.kind !== 'replayed') throw new Error(replay.because);
  return replay;
}

describe.runIf(there)('real transcripts under a matching configuration', () => {
  it.each(TRANSCRIPTS.map((sample) => [sample.name, sample] as const))('%s: the same replies', async (_, sample) => {
    for (const recording of await recordingsOf(sample)) {
      const { replies, stopped, connector: taken, messages, outcome } = replayed(sample, recording);
      expect(replies.filter(({ same }) => !same)).toEqual([]);
      expect(replies.filter(({ logged }) => logged !== null)).toHaveLength(sample.compared);
      expect(taken.replayed).not.toBeNull();
      expect(stopped).toBe(sample.stopped ?? null);
      expect(messages.replayed).toMatchObject(messages.logged);
      expect(outcome.replayed).toBe(outcome.logged);
    }
  });

  test('every receive log of the samples is one of those', () => {
    const receive = readdirSync(SAMPLES).filter((name) => name.endsWith('.log') && /recv|smtp_auth/.test(name));
    const known = [...TRANSCRIPTS.map(({ name }) => `${name}.log`), 'commvault-2013-recv-data-only.log'];
    expect(receive.sort()).toEqual(known.sort());
  });

  test('commvault-2013-recv-data-only: three columns of every row, and the same replies all the same', () => {
    const lines = readFileSync(join(SAMPLES, 'commvault-2013-recv-data-only.log'), 'utf8').split(/\r?\n/).filter(Boolean);
    const at = Date.parse('2013-10-15T12:32:43.248Z');
    const rows = lines.map((line, index) => {
      const [, event = '', data = '', context = ''] =
        /^([-+<>*]),(.*?)(?:,(Set Session Permissions|authenticated|receiving message|Delivered))?$/.exec(line) ?? [];
      return { at: at + index, sequence: index + 20, event, data, context };
    });
    const recording: Recording = {
      sessionId: '08D06729BA48D0CA',
      server: 'EX',
      service: 'Hub',
      connector: 'EX\\Default EX',
      localEndpoint: '10.0.0.1:25',
      remoteEndpoint: '10.0.0.2:30000',
      rows,
    };
    const sample: Sample = {
      name: 'commvault-2013-recv-data-only',
      service: 'Hub',
      port: 25,
      properties: { TransportRole: 'HubTransport', AuthMechanism: ['Tls', 'BasicAuth'], PermissionGroups: ['ExchangeUsers'] },
      rights: ['ms-Exch-SMTP-Submit', RELAY_RIGHT],
      compared: 7,
    };
    const { replies, messages, version } = replayed(sample, recording);
    expect(version).toBe('2013');
    // The page has cut its last row.
    expect(replies.filter(({ same }) => !same).map(({ command }) => command)).toEqual(['QUIT']);
    expect(replies.filter(({ logged }) => logged !== null)).toHaveLength(sample.compared);
    expect(messages.replayed).toMatchObject({ accepted: 1, refused: 1 });
  });
});
