/** What the relay really writes in both versions, told as whole stories, and what the diagnoses make of it. */
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dialled, ONLINE_BANNER, SEND_QUIT, sending } from '../../src/checks/examples/example-next-hops.ts';
import type { CaseVerdict, Verdict } from '../../src/checks/verdict.ts';
import { ingest } from '../../src/ingest/ingest.ts';
import type { LogRow } from '../../src/protocol-log/writer.ts';
import { defaultHubConnectors } from '../../src/relay/hub/default-hub-connectors.ts';
import { REPLIES } from '../../src/smtp/reply-catalogue.ts';
import { connector } from '../connector/connectors.ts';
import { logText, temporaryDatabase, temporaryFolder, writeFiles } from '../harness.ts';
import { openSpool, put, smartHost } from '../relay/delivery/delivery-harness.ts';
import { type RemoteSettings, startRemote } from '../relay/delivery/remote-server.ts';
import { Client, type HubStage, Place } from '../relay/hub/conversing.ts';
import { FRONTEND, RELAY, type Stage, Talk } from '../relay/machine/conversing.ts';
import { exampleDatabase, verdictOn } from './example-case.ts';

const VERSIONS = ['2013', '2016+'] as const;
type Version = (typeof VERSIONS)[number];

const CLIENT = '10.0.20.12';
const HELLO = 'EHLO MFP-02';
const MAIL = 'MAIL FROM:<scan@contoso.example> SIZE=5242880';
const INSIDE = 'RCPT TO:<anna@contoso.example>';
const OUTSIDE = 'RCPT TO:<partner@fabrikam.example>';
const RECEIVE_LOG = 'EX01/FrontEnd/ProtocolLog/SmtpReceive/RECV2026110208-1.LOG';
const SEND_LOG = 'EX01/Hub/ProtocolLog/SmtpSend/SEND2026110208-1.LOG';

async function verdictOnFiles(files: Readonly<Record<string, string>>, who: string): Promise<CaseVerdict> {
  const folder = temporaryFolder();
  const logs = join(folder, 'logs');
  mkdirSync(logs);
  writeFiles(logs, files);
  const db = temporaryDatabase(folder);
  await ingest(db, [logs]);
  return verdictOn(db, who);
}

interface Expected {
  readonly check: string;
  /** Words of the verdict and its remedies. */
  readonly says: readonly (string | RegExp)[];
  /** Data or context of rows that are evidence. */
  readonly rows: readonly string[];
}

function expectVerdict({ verdicts }: CaseVerdict, { check, says, rows }: Expected): void {
  const [first] = verdicts as [Verdict];
  expect(first?.check).toBe(check);
  const told = [first.what, first.cause, ...first.unknown, ...first.remedy.map(({ text }) => text)].join('\n');
  for (const words of says)
    expect(told).toMatch(typeof words === 'string' ? new RegExp(words.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&')) : words);
  const shown = first.evidence.flatMap((one) => (one.kind === 'row' ? [one.row] : [])).join('\n');
  for (const row of rows) expect(shown).toContain(row);
}

// --- one server ---------------------------------------------------------------------------------------------------

interface Story extends Expected {
  readonly about: string;
  readonly stage?: Stage;
  readonly tell?: (talk: Talk) => void;
}

const say =
  (...lines: string[]) =>
  (talk: Talk): void => {
    for (const line of lines) talk.say(line);
  };
/** Leaves while the server holds its answer back. */
const leaveWaiting = (talk: Talk, line: string, ms: number): void => {
  talk.now += 15;
  talk.machine.receive(talk.now, Buffer.from(`${line}\r\n`));
  talk.now += ms;
  talk.hangUp('ConnectionReset');
};
const APPLICATION = connector('Applications', '0.0.0.0:25', '10.0.20.0/24', {
  AuthMechanism: ['Tls'],
  PermissionGroups: ['AnonymousUsers'],
  ProtocolLoggingLevel: 'Verbose',
});

const STORIES: readonly Story[] = [
  {
    about: 'nobody takes the address',
    stage: { connectors: [RELAY] },
    check: 'no-connector',
    says: ['The session has no connector', 'relaylens match 10.0.20.12'],
    rows: ['421 4.3.2 Service not available'],
  },
  {
    about: 'maintenance',
    stage: { inactive: true },
    check: 'service-inactive',
    says: ['EX01 is in maintenance', 'Set-ServerComponentState "EX01" -Component ServerWideOffline'],
    rows: ['421 4.3.2 Service not active'],
  },
  {
    about: 'the disk is full: nobody is greeted',
    stage: { backPressure: 'high' },
    check: 'back-pressure',
    says: ['highest level', 'ID=15004,15005,15006,15007'],
    rows: ['452 4.3.1 Insufficient system resources'],
  },
  {
    about: 'the disk fills: no mail from outside',
    stage: { backPressure: 'medium' },
    tell: say(HELLO, MAIL, 'QUIT'),
    check: 'back-pressure',
    says: ['The client did nothing wrong', 'Make room on the drive'],
    rows: ['452 4.3.1 Insufficient system resources'],
  },
  {
    about: 'the queue cannot be written',
    stage: { fullDisk: true },
    tell: say(HELLO, MAIL, INSIDE, 'DATA', 'Subject: x\r\n\r\ntext\r\n.', 'QUIT'),
    check: 'server-not-ready',
    says: ['could not write it into its queue database', 'Check the disk'],
    rows: ['452 4.6.0 Insufficient system resources (I/O)'],
  },
  {
    about: 'silence after MAIL',
    tell: (talk) => {
      say(HELLO, MAIL)(talk);
      talk.wait(300_000);
    },
    check: 'idle-timeout',
    says: ['said nothing for 5 minutes after MAIL FROM', '-ConnectionInactivityTimeout "00:10:00" -ConnectionTimeout "00:20:00"'],
    rows: ['451 4.7.0 Timeout waiting for client input', 'MAIL FROM:<scan@contoso.example>'],
  },
  {
    about: 'the data of the message never comes',
    tell: (talk) => {
      say(HELLO, MAIL, INSIDE, 'DATA')(talk);
      talk.wait(300_000);
    },
    check: 'idle-timeout',
    says: ['in the middle of the message', '5.0 MB', 'inspection of SMTP'],
    rows: ['451 4.7.0 Timeout waiting for client input'],
  },
  {
    about: 'a job that keeps its session',
    tell: (talk) => {
      say(HELLO)(talk);
      for (let i = 0; i < 3; i++) {
        talk.wait(220_000);
        say('MAIL FROM:<batch@contoso.example>', 'RSET')(talk);
      }
    },
    check: 'session-timeout',
    says: [/lasted 1\d minutes/, '-ConnectionTimeout "01:00:00"'],
    rows: ['421 4.4.1 Connection timed out'],
  },
  {
    about: 'a client with less patience than the delay',
    tell: (talk) => {
      say(HELLO, MAIL)(talk);
      leaveWaiting(talk, OUTSIDE, 2990);
    },
    check: 'relay-denied',
    says: ['the client left before it heard so', 'fabrikam.example is none of the accepted domains'],
    rows: ["Tarpit for '0.00:00:05'"],
  },
  {
    about: 'a client that hangs up in the message',
    tell: (talk) => {
      say(HELLO, MAIL, INSIDE, 'DATA')(talk);
      talk.now += 29_990;
      talk.hangUp();
    },
    check: 'client-left',
    says: ['in the middle of the message', 'Just 30 seconds is a time-out'],
    rows: ['Remote(SocketError)'],
  },
  {
    about: 'a look whether an address exists',
    tell: say(HELLO, 'MAIL FROM:<>', INSIDE, 'QUIT'),
    check: 'client-left',
    says: ['It looked whether anna@contoso.example would be accepted'],
    rows: ['QUIT'],
  },
  {
    about: 'keep-alives that cost five seconds each',
    stage: { connectors: [FRONTEND, APPLICATION] },
    tell: say(HELLO, 'NOOP', 'NOOP', 'NOOP', 'NOOP', MAIL, INSIDE, 'DATA', 'Subject: x\r\n\r\ntext\r\n.', 'QUIT'),
    check: 'tarpit-delay',
    says: [
      '20.0 seconds went by because of 4 keep-alives',
      'Set-ReceiveConnector -Identity "EX01\\Applications" -TarpitInterval "00:00:00"',
    ],
    rows: ["Tarpit for '0.00:00:05' due to '250 2.0.0 OK'"],
  },
];

describe.each(VERSIONS)('as Exchange %s writes it', (version: Version) => {
  it.each(STORIES)('$about', async ({ stage, tell, ...expected }) => {
    const talk = new Talk({ ...stage, version });
    tell?.(talk);
    expectVerdict(await verdictOnFiles({ [RECEIVE_LOG]: logText(talk.rows) }, CLIENT), expected);
  });

  it('tells the impatience of a client beside the refusal that it did not hear', async () => {
    const talk = new Talk({ version });
    say(HELLO, MAIL)(talk);
    leaveWaiting(talk, OUTSIDE, 2990);
    const { verdicts } = await verdictOnFiles({ [RECEIVE_LOG]: logText(talk.rows) }, CLIENT);
    expect(verdicts.map(({ check }) => check)).toEqual(['relay-denied', 'client-left']);
    expect(verdicts[1]!.cause).toContain('waited 3.0 seconds only');
  });

  it('finds nothing to say of a message that goes through', async () => {
    const talk = new Talk({ version });
    say(HELLO, MAIL, INSIDE, 'DATA', 'Subject: x\r\n\r\ntext\r\n.', 'QUIT')(talk);
    expect((await verdictOnFiles({ [RECEIVE_LOG]: logText(talk.rows) }, CLIENT)).verdicts).toEqual([]);
  });
});

// --- behind the front end -----------------------------------------------------------------------------------------

interface HubStory extends Expected {
  readonly about: string;
  readonly hub: HubStage;
}

const HUB_STORIES: readonly HubStory[] = [
  {
    about: 'the Hub is in maintenance',
    hub: { hubInactive: true },
    check: 'hub-unreachable',
    says: ['PRX1', '-Component HubTransport -State Active'],
    rows: ['No destinations could be obtained to proxy to'],
  },
  {
    about: 'nobody listens on 2525',
    hub: { hubListens: false },
    check: 'hub-unreachable',
    says: ['refused at once (10061)', 'Test-NetConnection "10.0.0.5" -Port 2525'],
    rows: ['Failed to connect. Winsock error code: 10061', 'Message or connection acked with status Retry'],
  },
  {
    about: 'the Hub is short of disk',
    hub: { hubPressure: 'high' },
    check: 'hub-unreachable',
    says: ['PRX4', 'The Hub is under back pressure'],
    rows: ['452 4.3.1 Insufficient system resources'],
  },
  {
    about: 'no connector of the Hub takes the front end',
    hub: { hubConnectors: [] },
    check: 'hub-unreachable',
    says: ['No connector of the Hub takes the address of the front end'],
    rows: ['421 4.3.2 Service not available'],
  },
  {
    about: 'the connector of the Hub does not know Exchange servers',
    hub: {
      hubConnectors: defaultHubConnectors('EX01', '2016+').map((one) => ({
        ...one,
        properties: { ...one.properties, AuthMechanism: ['Tls'] },
      })),
    },
    check: 'hub-unreachable',
    says: ['does not take the front end for an Exchange server', 'AuthMechanism with ExchangeServer'],
    rows: ['Cannot achieve Exchange Server authentication'],
  },
];

describe.each(VERSIONS)('front end and Hub of Exchange %s', (version: Version) => {
  it.each(HUB_STORIES)('$about', async ({ hub, ...expected }) => {
    const place = new Place({ ...hub, version });
    const client = new Client(place);
    client.say(HELLO);
    expect(client.mail('scan@contoso.example', ['anna@contoso.example'])).toMatch(/^451 4\.7\.0 .*PRX\d/);
    client.say('QUIT');
    place.settle();
    expectVerdict(await verdictOnFiles(place.files, CLIENT), expected);
  });
});

it('finds the error of the message that failed, where another of the same session went through before', async () => {
  const place = new Place();
  const client = new Client(place);
  client.say(HELLO);
  expect(client.mail('scan@contoso.example', ['anna@contoso.example'])).toMatch(/^250 2\.6\.0/);
  // The connection to the Hub is kept for a while; then the service behind it is stopped.
  place.wait(240_000);
  place.weather.listens = false;
  expect(client.mail('scan@contoso.example', ['anna@contoso.example'])).toMatch(/PRX3/);
  client.say('QUIT');
  expectVerdict(await verdictOnFiles(place.files, CLIENT), {
    check: 'hub-unreachable',
    says: ['refused at once (10061)'],
    rows: ['Failed to connect. Winsock error code: 10061'],
  });
});

// --- the way out --------------------------------------------------------------------------------------------------

/** One message to a smart host of its own; the rows of the send log. */
async function sent(remote: RemoteSettings, settings: Parameters<typeof smartHost>[1] = {}): Promise<LogRow[]> {
  const { port } = await startRemote(remote);
  return delivery(port, settings);
}

async function delivery(port: number, settings: Parameters<typeof smartHost>[1]): Promise<LogRow[]> {
  const spool = await openSpool();
  const { host, rows } = smartHost(port, settings);
  const message = (await spool.read(await put(spool)))!;
  await host.deliver({
    message,
    recipients: message.recipients,
    content: () => spool.content(message),
    signal: new AbortController().signal,
  });
  return rows;
}

const replying = (start: string, reply: string): RemoteSettings => ({
  manners: (command) => (command.startsWith(start) ? reply : undefined),
});

async function closedPort(): Promise<number> {
  const server = createServer();
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
  });
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe.each(['A', 'B'] as const)('a smart host, in dialect %s', (dialect) => {
  const stories: readonly (Expected & { about: string; rowsOf: () => Promise<LogRow[]> })[] = [
    {
      about: 'does not relay',
      rowsOf: () => sent(replying('RCPT', '554 5.7.1 <ann@fabrikam.example>: Relay access denied'), { dialect }),
      check: 'remote-refusal',
      says: ['does not pass mail on', 'Get-SendConnector "To smart host"'],
      rows: ['Relay access denied'],
    },
    {
      about: 'refuses as Exchange Online does',
      rowsOf: () =>
        sent(replying('RCPT', '550 5.7.64 TenantAttribution; Relay Access Denied [AM0.eop-EUR01.prod.protection.outlook.com]'), {
          dialect,
        }),
      check: 'exchange-online-refusal',
      says: ['In Exchange Online PowerShell', 'Get-InboundConnector'],
      rows: ['550 5.7.64'],
    },
    {
      about: 'is not there',
      rowsOf: async () => delivery(await closedPort(), { dialect }),
      check: 'next-hop-unreachable',
      says: ['refused at once (10061)', 'Test-NetConnection "127.0.0.1"'],
      rows: ['Winsock error code: 10061'],
    },
    {
      about: 'offers no STARTTLS where it is required',
      rowsOf: () => sent({}, { dialect, startTls: 'required' }),
      check: 'next-hop-tls-failed',
      says: ['does not offer STARTTLS', 'Set-SendConnector "To smart host" -RequireTLS $false'],
      rows: ['only over TLS connections'],
    },
    {
      about: 'refuses the logon',
      rowsOf: () =>
        sent(
          { ...replying('AUTH', '535 5.7.8 Error: authentication failed'), extensions: ['AUTH LOGIN PLAIN'] },
          { dialect, startTls: 'none', auth: { user: 'relay', password: 'secret' } },
        ),
      check: 'next-hop-logon-failed',
      says: ['did not take the logon', '-AuthenticationCredential (Get-Credential)'],
      rows: ['535 5.7.8'],
    },
    {
      about: 'hangs up without a word',
      rowsOf: () => sent(replying('RCPT', 'drop'), { dialect }),
      check: 'next-hop-left',
      says: ['without a reply'],
      rows: [',-,,Remote'],
    },
  ];

  it.each(stories)('$about', async ({ rowsOf, ...expected }) => {
    expectVerdict(await verdictOnFiles({ [SEND_LOG]: logText(await rowsOf(), 'send') }, '127.0.0.1'), expected);
  });
});

// --- every refusal of Exchange Online -----------------------------------------------------------------------------

const COMMANDS: Readonly<Record<string, string>> = {
  hello: '',
  'start-tls': '> STARTTLS',
  authentication: '> AUTH LOGIN',
  mail: '> MAIL FROM:<scan@contoso.example>',
  recipient: `${sending('08DE19A1B2C3D3FF')}\n> RCPT TO:<partner@fabrikam.example>`,
  'end-of-data': `${sending('08DE19A1B2C3D3FF')}\n> RCPT TO:<partner@fabrikam.example>\n< 250 2.1.5 Recipient OK\n> DATA\n< 354 Start mail input; end with <CRLF>.<CRLF>`,
};

/** Reports about its own way back, which stand in no log of the own servers. */
const ELSEWHERE = ['delivery', 'non-delivery'];

describe('Exchange Online', () => {
  const said = REPLIES.filter(({ side, stage }) => side === 'exchange-online' && !ELSEWHERE.includes(stage)).flatMap((entry) =>
    entry.samples.slice(0, 1).map((sample) => ({ id: entry.id, stage: entry.stage, sample, entry })),
  );

  it.each(said)('$id is explained with its own meaning', async ({ stage, sample, entry }) => {
    const rows =
      stage === 'hello'
        ? `* | attempting to connect\n+\n< ${ONLINE_BANNER}\n> EHLO mail.contoso.example\n< ${sample}\n- | Remote`
        : `${dialled(ONLINE_BANNER)}\n${COMMANDS[stage]}\n< ${sample}\n${SEND_QUIT}`;
    const db = await exampleDatabase(
      {
        about: sample,
        sessions: [{ from: '52.101.73.9', direction: 'send', service: 'Hub', connector: 'To Microsoft 365', rows }],
      },
      'B',
    );
    const [first] = verdictOn(db, '52.101.73.9').verdicts;
    expect(first).toMatchObject({ check: 'exchange-online-refusal' });
    expect(first!.cause).toContain(entry.meaning);
    expect(first!.remedy.length).toBeGreaterThan(0);
  });
});
