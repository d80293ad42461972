/**
 * Hellos, envelopes, contents and limits as the bundled relay meets them: what it writes, in the words and rows of both
 * versions, is read into a database, and the diagnosis comes first, with the row that proves it.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ingest } from '../../src/ingest/ingest.ts';
import type { LogRow } from '../../src/protocol-log/writer.ts';
import { Limits } from '../../src/relay/machine/limits.ts';
import type { ExchangeVersion } from '../../src/relay/machine/settings.ts';
import type { Database } from '../../src/store/database.ts';
import { ALL_IPV4, connector } from '../connector/connectors.ts';
import { logText, temporaryDatabase, temporaryFolder, writeFiles } from '../harness.ts';
import { type Stage, Talk } from '../relay/machine/conversing.ts';
import { verdictOn } from './example-case.ts';

type Properties = NonNullable<Parameters<typeof connector>[3]>;
/** What a client sends, packet by packet; `waits`: milliseconds of silence, `drops`: it goes without a word. */
type Packet = string | readonly string[] | { readonly waits: number } | 'drops';

interface Scenario {
  readonly story: string;
  readonly stage?: Stage;
  readonly sessions: readonly (readonly Packet[])[];
  readonly only?: ExchangeVersion;
  readonly check: string;
  /** What comes after it, where that matters: ids in their order. */
  readonly beside?: readonly string[];
  /** In what is said, or in a remedy. */
  readonly says: readonly (string | RegExp)[];
  /** In the rows of evidence. */
  readonly row: RegExp;
}

const VERSIONS: readonly ExchangeVersion[] = ['2013', '2016+'];
const EHLO = 'EHLO mfp-02';
const MAIL = 'MAIL FROM:<scan@contoso.example>';
const RCPT = 'RCPT TO:<anna@contoso.example>';
const TEXT = ['Subject: scan', 'Message-ID: <1@mfp-02>', '', 'page', '.'];
const SENT: readonly Packet[] = [MAIL, RCPT, 'DATA', TEXT];

const only = (properties: Properties): Stage => ({
  connectors: [
    connector('Apps EX01', '0.0.0.0:25', ALL_IPV4, {
      PermissionGroups: ['AnonymousUsers'],
      AuthMechanism: ['Tls'],
      ProtocolLoggingLevel: 'Verbose',
      ...properties,
    }),
  ],
});
const saying = (at: 'mail' | 'rcpt' | 'end-of-data', reply: string): Stage => ({ faults: [{ at, reply }] });

const SCENARIOS: readonly Scenario[] = [
  {
    story: 'a UPS card calls itself by its place',
    sessions: [['EHLO UPS room #2', MAIL, RCPT, 'QUIT']],
    check: 'invalid-hello-name',
    says: ['a blank and "#"', '"UPS-room-2"'],
    row: /EHLO UPS room #2/,
  },
  {
    story: 'no name, where the connector wants one',
    stage: only({ RequireEHLODomain: true }),
    sessions: [['EHLO', 'QUIT']],
    check: 'invalid-hello-name',
    says: ['Set-ReceiveConnector -Identity "EX01\\Apps EX01" -RequireEHLODomain $false'],
    row: /501 5\.0\.0 EHLO requires domain address/,
  },
  {
    story: 'a script that begins with MAIL',
    sessions: [[MAIL, RCPT, 'DATA', 'QUIT']],
    check: 'hello-out-of-order',
    says: ['first command'],
    row: /503 5\.5\.2 Send hello first/,
  },
  {
    story: 'no EHLO after STARTTLS',
    sessions: [[EHLO, 'STARTTLS', MAIL, 'QUIT']],
    check: 'hello-out-of-order',
    says: ['a new EHLO is due'],
    row: /STARTTLS/,
  },
  {
    story: 'HELO, and then STARTTLS',
    sessions: [['HELO plc', 'STARTTLS', 'QUIT']],
    check: 'hello-out-of-order',
    says: ['to start TLS', 'ESMTP'],
    row: /HELO plc/,
  },
  {
    story: 'the display name of the device stands in MAIL FROM, and it goes on regardless',
    sessions: [[EHLO, 'MAIL FROM:Scanner 2 <scan@contoso.example>', RCPT, 'DATA', 'QUIT']],
    check: 'invalid-sender-address',
    says: ['A name stands before the address ("Scanner 2")', 'scan@contoso.example alone'],
    row: /MAIL FROM:Scanner 2/,
  },
  {
    story: 'a sender without a domain',
    sessions: [[EHLO, 'MAIL FROM:<scanner>', 'QUIT']],
    check: 'invalid-sender-address',
    says: ['-DefaultDomain'],
    row: /501 5\.1\.7 Invalid address/,
  },
  {
    story: 'a sender with an umlaut',
    stage: only({ SmtpUtf8Enabled: false }),
    sessions: [[EHLO, 'MAIL FROM:<büro@contoso.example>', 'QUIT']],
    check: 'invalid-sender-address',
    says: ['"ü"', 'SmtpUtf8Enabled'],
    row: /501 5\.1\.9 UTF-8/,
  },
  {
    story: 'an umlaut without SMTPUTF8 where that is offered',
    stage: only({ SmtpUtf8Enabled: true }),
    sessions: [[EHLO, 'MAIL FROM:<büro@contoso.example>', 'QUIT']],
    only: '2016+',
    check: 'invalid-sender-address',
    says: ['say SMTPUTF8'],
    row: /501 5\.1\.6 SMTPUTF8/,
  },
  {
    story: 'two recipients in one field',
    sessions: [[EHLO, MAIL, 'RCPT TO:<anna@contoso.example;ben@contoso.example>', 'DATA', 'QUIT']],
    check: 'invalid-recipient-address',
    says: ['Several addresses', 'distribution group'],
    row: /RCPT TO:<anna@contoso\.example;ben@contoso\.example>/,
  },
  {
    story: 'a recipient that the filter does not find',
    stage: saying('rcpt', '550 5.1.1 User unknown'),
    sessions: [[EHLO, MAIL, RCPT, 'DATA', 'QUIT']],
    check: 'unknown-recipient',
    says: ["Get-Recipient -Identity 'anna@contoso.example'"],
    row: /550 5\.1\.1 User unknown/,
  },
  {
    story: 'example.com was left in the settings',
    stage: only({
      RejectReservedSecondLevelRecipientDomains: true,
      AuthMechanism: ['ExternalAuthoritative'],
      PermissionGroups: ['ExchangeServers'],
    }),
    sessions: [[EHLO, MAIL, 'RCPT TO:<admin@example.com>', 'QUIT']],
    only: '2016+',
    check: 'reserved-recipient-domain',
    says: ['RejectReservedSecondLevelRecipientDomains $false'],
    row: /550 5\.1\.5/,
  },
  {
    story: 'a sender whom the Hub does not let, and the front end passes that on',
    stage: saying('end-of-data', '550 5.7.60 SMTP; Client does not have permissions to send as this sender'),
    sessions: [[EHLO, ...SENT, 'QUIT']],
    check: 'sender-not-allowed',
    says: ['scan@contoso.example without having logged on', 'Send-As'],
    row: /550 5\.7\.60/,
  },
  {
    story: 'the sender filter',
    stage: saying('rcpt', '554 5.1.0 Sender denied'),
    sessions: [[EHLO, MAIL, RCPT, 'QUIT']],
    check: 'sender-blocked',
    says: ["-BlockedSenders @{Remove='scan@contoso.example'}"],
    row: /554 5\.1\.0 Sender denied/,
  },
  {
    story: 'the block list',
    stage: saying('rcpt', '550 5.7.1 Recipient not authorized, your IP has been found on a block list'),
    sessions: [[EHLO, MAIL, RCPT, 'QUIT']],
    check: 'client-on-block-list',
    says: ['Get-IPBlockListEntry -IPAddress "10.0.20.12"'],
    row: /block list/,
  },
  {
    story: 'a scan that announces its size',
    sessions: [[EHLO, 'MAIL FROM:<scan@contoso.example> SIZE=50541363', 'QUIT']],
    check: 'message-too-large',
    says: ['announced 48.2 MB (50,541,363 bytes)', '36 MB'],
    row: /SIZE 37748736/,
  },
  {
    story: 'a scan that is counted, with the limit in the row',
    stage: only({ MaxMessageSize: 65_536 }),
    sessions: [
      [EHLO, MAIL, RCPT, 'DATA', ['Subject: scan', '', ...Array.from({ length: 100 }, () => 'x'.repeat(900)), '.'], 'QUIT'],
    ],
    check: 'message-too-large',
    says: ['64 KB', 'announced no size', 'Set-ReceiveConnector -Identity "EX01\\Apps EX01"'],
    row: /AccumulatedMessageSize: \d+ > MessageSizeLimit: 65536/,
  },
  {
    story: 'a header beyond measure',
    stage: only({ MaxHeaderSize: 1024 }),
    sessions: [
      [
        EHLO,
        MAIL,
        RCPT,
        'DATA',
        [...Array.from({ length: 20 }, (_, n) => `X-Data-${n}: ${'x'.repeat(80)}`), '', 'text', '.'],
        'QUIT',
      ],
    ],
    check: 'header-too-large',
    says: ['-MaxHeaderSize'],
    row: /552 5\.3\.4 Header size/,
  },
  {
    story: 'a mailing to more than the connector takes',
    stage: only({ MaxRecipientsPerMessage: 2 }),
    sessions: [[EHLO, MAIL, ...['a', 'b', 'c', 'd'].map((name) => `RCPT TO:<${name}@contoso.example>`), 'DATA', TEXT, 'QUIT']],
    check: 'too-many-recipients',
    says: ['2 recipients were accepted', 'the other 2 are missing'],
    row: /452 4\.5\.3 Too many recipients/,
  },
  {
    story: 'a burst, over the rate of the connector',
    stage: only({ MessageRateLimit: 5 }),
    sessions: [[EHLO, ...Array.from({ length: 6 }, () => SENT).flat()]],
    check: 'message-rate-exceeded',
    says: ['6th message within a minute', '-MessageRateLimit'],
    row: /421 4\.4\.2 Message submission rate/,
  },
  {
    story: 'a message that has gone round sixty times',
    sessions: [
      [EHLO, MAIL, RCPT, 'DATA', [...Array.from({ length: 61 }, () => 'Received: from a by b'), '', 'text', '.'], 'QUIT'],
    ],
    check: 'mail-loop',
    says: ['61 Received lines', 'Get-SendConnector'],
    row: /ReceivedHeadersLength: 61 > MaxHopCount: 60/,
  },
  {
    story: 'line feeds without carriage returns',
    stage: only({ BareLinefeedRejectionEnabled: true }),
    sessions: [[EHLO, MAIL, RCPT, 'DATA', ['Subject: x', '', 'one\ntwo', '.'], 'QUIT']],
    check: 'content-refused',
    says: ['CR LF', 'BareLinefeedRejectionEnabled $false'],
    row: /bare linefeeds/,
  },
  {
    story: 'a scanner that divides its messages',
    sessions: [[EHLO, MAIL, RCPT, 'DATA', ['Content-Type: message/partial; id="1"', '', 'text', '.'], 'QUIT']],
    check: 'content-refused',
    says: ['divide'],
    row: /554 5\.6\.1/,
  },
  {
    story: 'the content filter',
    stage: saying('end-of-data', '550 5.7.1 Message rejected as spam by Content Filtering.'),
    sessions: [[EHLO, ...SENT, 'QUIT']],
    check: 'rejected-by-agent',
    says: ['-InternalSMTPServers @{Add="10.0.20.12"}'],
    row: /rejected as spam/,
  },
  {
    story: 'a quota',
    stage: saying('end-of-data', '550 5.2.2 Submission quota exceeded'),
    sessions: [[EHLO, ...SENT, 'QUIT']],
    check: 'submission-quota',
    says: ['quota'],
    row: /550 5\.2\.2/,
  },
  {
    story: 'a firewall that overwrites EHLO, and a client that falls back to HELO and finds no logon there',
    sessions: [['XXXX mfp-02', 'HELO mfp-02', 'AUTH LOGIN', 'QUIT']],
    check: 'protocol-error',
    beside: [],
    says: ['no inspect esmtp'],
    row: /XXXX mfp-02/,
  },
  {
    story: 'a browser',
    sessions: [[['GET / HTTP/1.1', 'Host: ex01', '']]],
    check: 'protocol-error',
    says: ['HTTP'],
    row: /500 5\.3\.3/,
  },
  {
    story: 'wrong commands until the server hangs up',
    sessions: [[EHLO, 'SEND', 'SEND', 'SEND', 'SEND', 'SEND', 'SEND']],
    check: 'protocol-error',
    beside: [],
    says: ['5 times', 'hang up'],
    row: /SEND/,
  },
  {
    story: 'six clients behind a load balancer, none of which may relay',
    sessions: ['mfp', 'crm', 'ups', 'plc', 'mfp', 'crm', 'ups', 'plc', 'nas', 'erp'].map((name) => [
      `EHLO ${name}.contoso.example`,
      MAIL,
      'RCPT TO:<partner@fabrikam.example>',
      'QUIT',
    ]),
    check: 'shared-address',
    beside: ['relay-denied'],
    says: ['Do not add 10.0.20.12 to a relay connector', 'PROXY protocol'],
    row: /Hello \[10\.0\.20\.12\]/,
  },
  {
    story: 'the same clients, one of which has a wrong recipient: worth a word beside it',
    sessions: ['mfp', 'crm', 'ups', 'plc', 'mfp', 'crm', 'ups', 'plc'].map((name, index) => [
      `EHLO ${name}`,
      ...(index === 3 ? [MAIL, 'RCPT TO:<anna>', 'QUIT'] : [...SENT, 'QUIT']),
    ]),
    check: 'invalid-recipient-address',
    beside: ['shared-address'],
    says: ['"anna" has no @'],
    row: /RCPT TO:<anna>/,
  },
];

/** One session each, ten minutes apart. */
async function logged({ stage, sessions }: Scenario, version: ExchangeVersion): Promise<Database> {
  const rows = sessions.flatMap((packets, index): LogRow[] => {
    const talk = new Talk({ ...stage, version, remote: `10.0.20.12:${50_100 + index}` });
    for (const packet of packets) {
      if (talk.closed) break;
      if (packet === 'drops') talk.hangUp('ConnectionReset');
      else if (typeof packet === 'string') talk.say(packet);
      else if ('waits' in packet) talk.wait(packet.waits);
      else talk.say(...packet);
    }
    if (!talk.closed) talk.hangUp('ConnectionReset');
    return moved(talk.rows, index);
  });
  return inDatabase({ EX01: rows }, version);
}

const moved = (rows: readonly LogRow[], index: number): LogRow[] =>
  rows.map((row) => ({
    ...row,
    at: row.at + index * 600_000,
    sessionId: (0x08de19a1b2c3d401n + BigInt(index)).toString(16).toUpperCase().padStart(16, '0'),
  }));

async function inDatabase(servers: Readonly<Record<string, readonly LogRow[]>>, version: ExchangeVersion): Promise<Database> {
  const folder = temporaryFolder();
  const logs = join(folder, 'logs');
  mkdirSync(logs);
  const number = version === '2013' ? '20261102-1' : '2026110208-1';
  writeFiles(
    logs,
    Object.fromEntries(
      Object.entries(servers).map(([server, rows]) => [
        `${server}/FrontEnd/ProtocolLog/SmtpReceive/RECV${number}.LOG`,
        logText(rows),
      ]),
    ),
  );
  const db = temporaryDatabase(folder);
  await ingest(db, [logs]);
  return db;
}

function expectVerdict(db: Database, { check, beside, says, row }: Omit<Scenario, 'story' | 'sessions'>): void {
  const { verdicts } = verdictOn(db, '10.0.20.12');
  const [first, ...others] = verdicts;
  expect(first?.check).toBe(check);
  if (beside) expect(others.map((one) => one.check)).toEqual(beside);
  const told = [first!.what, first!.cause, ...first!.remedy.map(({ text }) => text)].join('\n');
  for (const words of says)
    if (typeof words === 'string') expect(told).toContain(words);
    else expect(told).toMatch(words);
  expect(first!.evidence.some((one) => one.kind === 'row' && row.test(one.row))).toBe(true);
}

describe.each(VERSIONS)('as %s writes it', (version) => {
  it.each(SCENARIOS.filter((one) => (one.only ?? version) === version))('$story', async (scenario) => {
    expectVerdict(await logged(scenario, version), scenario);
  });

  it('what would let everybody behind an address relay is said with a caution', async () => {
    const scenario = SCENARIOS.find(({ check }) => check === 'shared-address')!;
    const { verdicts } = verdictOn(await logged(scenario, version), '10.0.20.12');
    expect(verdicts[1]?.remedy[0]?.text).toBe('Only if 10.0.20.12 turns out to be one host:');
  });

  it('twenty connections that are held open, and one more', async () => {
    const stage = { ...only({}), limits: new Limits(), version };
    const talks = Array.from({ length: 21 }, (_, index) => new Talk({ ...stage, remote: `10.0.20.12:${50_100 + index}` }));
    for (const talk of talks.filter(({ closed }) => !closed)) {
      talk.say(EHLO);
      talk.wait(60_000);
      talk.say('QUIT');
    }
    const rows = talks.flatMap((talk, index) =>
      moved(talk.rows, index).map((row) => ({ ...row, at: row.at - index * 600_000 + index * 10 })),
    );
    expectVerdict(await inDatabase({ EX01: rows }, version), {
      check: 'connection-limit',
      says: ['20 others open', '-MaxInboundConnectionPerSource 100'],
      row: /concurrent connections has exceeded/,
    });
  });

  it('two servers behind one name, of which one takes mail for the outside', async () => {
    const session = (stage: Stage, index: number): LogRow[] => {
      const talk = new Talk({ ...stage, version, remote: `10.0.20.12:${50_100 + index}` });
      for (const packet of [EHLO, MAIL, 'RCPT TO:<partner@fabrikam.example>', 'DATA', TEXT, 'QUIT'])
        if (typeof packet === 'string') talk.say(packet);
        else talk.say(...packet);
      return moved(talk.rows, index);
    };
    const relay = only({ AuthMechanism: ['ExternalAuthoritative'], PermissionGroups: ['ExchangeServers'] });
    const there = (rows: readonly LogRow[]): LogRow[] =>
      rows.map((row) => ({ ...row, connector: row.connector.replace('EX01\\Apps EX01', 'EX02\\Apps EX02') }));
    const db = await inDatabase({ EX01: session({}, 1), EX02: there([...session(relay, 0), ...session(relay, 2)]) }, version);
    expectVerdict(db, {
      check: 'differs-by-server',
      beside: ['relay-denied'],
      says: ['EX01 refuses what EX02 takes', 'relaylens connectors diff EX02 EX01'],
      row: /Unable to relay/,
    });
  });
});
