/**
 * Rows that real servers wrote, where they lie beside the project. None of them is copied here: what a sample has to
 * give is derived from its rows and from what its `.src.txt` says about them.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, test } from 'vitest';
import type { SessionDetail } from '../src/queries/session-detail.ts';
import { ingestFiles } from './harness.ts';

const SAMPLES = fileURLToPath(new URL('../../shared/samples/', import.meta.url));
const there = existsSync(SAMPLES);
const names = there ? readdirSync(SAMPLES) : [];
const logs = names.filter((name) => name.endsWith('.log'));
const bytesOf = (name: string): Buffer => readFileSync(join(SAMPLES, name));

/** Also with the number sign eaten by a web page. */
const HEADER = /^\ufeff?#?(Software|Version|Log-type|Date|Fields): /;

type Expected = Partial<Omit<SessionDetail, 'connector'>> & { readonly connector: string };

/** Sample, session-id, and what its rows say. */
const SESSIONS: readonly [sample: string, sessionId: string, expected: Expected][] = [
  [
    'anvil-issue77-2023-ex2019-recv-clientfrontend',
    '08DB56AE7A8E6C7B',
    {
      direction: 'receive',
      connector: 'MAIL001\\Client Frontend MAIL001',
      server: 'MAIL001',
      source: '18.135.76.16',
      tls: 'none',
      authUser: null,
      outcome: 'open',
      lastError: null,
      rows: 1,
    },
  ],
  // The name of the connector is in Chinese; no reply was logged, the row says that AUTH failed.
  [
    'cnc-2019-ex2013-send-intraorg-chinese',
    '08D760DF231F00BC',
    {
      direction: 'send',
      connector: '\u7ec4\u7ec7\u5185 SMTP \u53d1\u9001\u8fde\u63a5\u5668',
      source: null,
      destination: '10.**.**.168:25',
      tls: 'TLS1.0',
      authUser: null,
      authResult: 'failed',
      outcome: 'auth-failed',
      lastError: 'Outbound Authentication failed with LogonDenied',
    },
  ],
  [
    'dfir-notes-2023-recv-auth-failed',
    '123453EC62278461',
    {
      direction: 'receive',
      connector: 'SERVER-HOSTNAME\\Default Frontend SERVER-HOSTNAME',
      source: '95.10.20.33',
      helo: '[95.10.20.33]',
      tls: 'TLS1.2',
      authMechanism: 'LOGIN',
      authUser: 'username@domain.com',
      authResult: 'failed',
      outcome: 'auth-failed',
      lastError: 'Inbound AUTH LOGIN failed because of LogonDenied',
    },
  ],
  [
    'graylog-2016-recv-tarpit-authlogin',
    '0000000000000000',
    {
      direction: 'receive',
      connector: 'EX\\Default',
      source: '91.112.61.94',
      helo: 'ylmf-pc',
      tls: 'none',
      authUser: null,
      outcome: 'auth-failed',
      lastError: '504 5.7.4 Unrecognized authentication type',
      tarpitMs: 5000,
      disconnect: 'Remote',
      rows: 18,
    },
  ],
  [
    'ipban-issue269-2023-recv-tls-letsencrypt',
    '08DB994D2DD18DBF',
    {
      direction: 'receive',
      connector: 'EXCH\\Default Frontend EXCH',
      source: '185.28.39.36',
      helo: 'oenA3BolG',
      tls: 'TLS1.2',
      authUser: null,
      outcome: 'open',
      lastError: null,
      rows: 4,
    },
  ],
  [
    'ipban-smtp_auth_successful',
    '08D7D4D2EFBC4CC6',
    {
      direction: 'receive',
      connector: 'SRV-XCH03\\External Authenticated Relay',
      source: '180.20.20.20',
      helo: 'srv-app01',
      tls: 'TLS1.2',
      authMechanism: 'LOGIN',
      authUser: 'user@example.com',
      authResult: 'success',
      outcome: 'proxied',
      lastError: null,
      disconnect: 'Remote(ConnectionReset)',
      rows: 22,
      permissions: ['SMTPSubmit', 'SMTPAcceptAnyRecipient', 'SMTPAcceptAnySender', 'BypassAntiSpam', 'AcceptRoutingHeaders'],
    },
  ],
  [
    'msdocs-kb4051498-send-tls-unknowncredentials',
    '08D50D3D9730A8D2',
    {
      direction: 'send',
      connector: 'Outbound to Office 365',
      source: null,
      destination: '216.32.181.234:25',
      tls: 'none',
      authUser: null,
      outcome: 'tls-failed',
      lastError: 'TLS negotiation failed with error UnknownCredentials',
      rows: 6,
    },
  ],
  [
    'msqa-1054876-ex2016-send',
    '08DAB13335961996',
    {
      direction: 'send',
      connector: 'My.Mail.Server.com',
      source: null,
      destination: '50.7.176.26:25',
      tls: 'none',
      authUser: null,
      outcome: 'accepted',
      messagesAccepted: 1,
      recipientsAccepted: 1,
      lastError: null,
      disconnect: 'Remote',
      rows: 16,
    },
  ],
  [
    'msqa-162632-ex2013-hub-recv-xproxyfrom',
    '08C8881116H56738',
    {
      direction: 'receive',
      connector: 'OLDEXCHANGE\\Default OLDEXCHANGE',
      server: 'OLDEXCHANGE',
      source: '30.30.30.30',
      tls: 'none',
      authUser: null,
      outcome: 'accepted',
      messagesAccepted: 1,
      recipientsAccepted: 1,
      lastError: null,
      rows: 10,
    },
  ],
  // The poster wrote another server into nearly every row; eight rows are one session all the same.
  [
    'msqa-179653-ex2013-recv-unable-to-relay',
    '08D892B7A9441226',
    {
      direction: 'receive',
      connector: 'Default Frontend Domain',
      source: '40.107.19.96',
      authUser: null,
      outcome: 'refused',
      messagesRefused: 1,
      recipientsRefused: 1,
      lastError: '550 5.7.1 Unable to relay',
      tarpitMs: 5000,
      disconnect: 'Local',
      rows: 8,
    },
  ],
  [
    'pastebin-3PWithi9-ex2016-send-office365',
    '08D6A8D416004F77',
    {
      direction: 'send',
      connector: 'Outbound to Office 365',
      destination: 'x.x.x.x:25',
      tls: 'none',
      outcome: 'open',
      lastError: null,
      rows: 3,
    },
  ],
  [
    'pastebin-3PWithi9-ex2016-send-office365',
    '08D6A8D416004F78',
    {
      direction: 'send',
      connector: 'Outbound to Office 365',
      destination: 'x.x.x.x:25',
      tls: 'none',
      outcome: 'open',
      lastError: null,
      rows: 5,
    },
  ],
  [
    'pastebin-xh5rVuve-ex2010-send',
    '08CE471A665B7E4A',
    {
      direction: 'send',
      connector: 'Send',
      destination: '212.227.15.183:25',
      tls: 'none',
      authUser: null,
      outcome: 'open',
      lastError: null,
      rows: 11,
    },
  ],
  [
    'postal-issue829-2019-ex2013-send',
    '08D6EF29D1B8E590',
    {
      direction: 'send',
      connector: 'TLSBLOM',
      destination: '188.130.30.24:25',
      tls: 'none',
      authUser: null,
      outcome: 'open',
      lastError: null,
      rows: 8,
    },
  ],
  [
    'r-milne-2019-ex2010-recv',
    '08D675E58CA1DA38',
    {
      direction: 'receive',
      connector: 'TAIL-EXCH-1\\Internet Mail',
      source: '185.234.217.220',
      tls: 'none',
      authUser: null,
      outcome: 'open',
      lastError: null,
      rows: 2,
      permissions: ['SMTPSubmit', 'SMTPAcceptAnySender', 'SMTPAcceptAuthoritativeDomainSender', 'AcceptRoutingHeaders'],
    },
  ],
];

describe.runIf(there)('real rows', () => {
  test('every file beside the project is read without a problem, and what is no log is left out by name', async () => {
    const { result } = await ingestFiles(Object.fromEntries(names.map((name) => [name, bytesOf(name)])));
    expect(result.problems).toEqual([]);
    expect(result.files).toBe(logs.length);
    expect(Object.values(result.skipped).flat()).toHaveLength(names.length - logs.length);
  });

  it.each(logs)('%s: every line is a row of a session, or counted with its place', async (name) => {
    const { db, sessions, result, detail } = await ingestFiles({ [name]: bytesOf(name) });
    const anomalies = db.prepare('SELECT line, kind FROM file_anomaly').all() as { line: number; kind: string }[];
    const rows = sessions.flatMap(({ id }) => detail(id).events.map(({ line }) => line));
    const known = new Set([...rows, ...anomalies.map(({ line }) => line)]);
    const lines = bytesOf(name).toString('utf8').split(/\r?\n/);
    const lost = lines.flatMap((line, index) => (line.trim() === '' || HEADER.test(line) || known.has(index + 1) ? [] : [index]));
    // The same line twice in a file is one row, and counted as such.
    expect(lost.filter((index) => lines.indexOf(lines[index] ?? '') === index)).toEqual([]);
    expect(result.duplicateRows).toBe(lost.length);
    expect(Object.values(result.anomalies).reduce((sum, n) => sum + n, 0)).toBe(anomalies.length);
    expect(rows).toHaveLength(new Set(rows).size);
  });

  it.each(SESSIONS)('%s: session %s', async (sample, sessionId, { connector, ...expected }) => {
    const { detail } = await ingestFiles({ [`${sample}.log`]: bytesOf(`${sample}.log`) });
    const session = detail(sessionId);
    expect(session).toMatchObject(expected);
    expect(session.connector.trim()).toMatch(new RegExp(`${connector.replace(/[\\.]/g, '\\$&')}$`));
  });

  test('every session of the samples is one of those', async () => {
    for (const name of logs) {
      const { sessions } = await ingestFiles({ [name]: bytesOf(name) });
      const known = SESSIONS.filter(([sample]) => `${sample}.log` === name).map(([, sessionId]) => sessionId);
      expect({ name, sessions: sessions.map(({ sessionId }) => sessionId).sort() }).toEqual({ name, sessions: known.sort() });
    }
  });

  test('rows that lost their first columns make no session, and every one is counted', async () => {
    const name = 'commvault-2013-recv-data-only.log';
    const { result, sessions } = await ingestFiles({ [name]: bytesOf(name) });
    const lines = bytesOf(name)
      .toString('utf8')
      .split('\n')
      .filter((line) => line !== '').length;
    expect(sessions).toEqual([]);
    expect(Object.values(result.anomalies).reduce((sum, n) => sum + n, 0)).toBe(lines);
  });

  test('the message of the DSN: null sender, one recipient, the reply of another product', async () => {
    const name = 'msqa-1054876-ex2016-send.log';
    const { transactions } = (await ingestFiles({ [name]: bytesOf(name) })).detail('08DAB13335961996');
    expect(transactions).toMatchObject([
      { sender: '', state: 'accepted', reply: '250 ok 1666169082 30910', recipients: [{ accepted: true }] },
    ]);
    expect(transactions[0]?.messageId).toMatch(/^<?fed061de-/);
  });

  test('the refused recipient: answered first in, first out, the MAIL row missing', async () => {
    const name = 'msqa-179653-ex2013-recv-unable-to-relay.log';
    const { transactions } = (await ingestFiles({ [name]: bytesOf(name) })).detail('08D892B7A9441226');
    expect(transactions).toMatchObject([
      { state: 'refused', recipients: [{ accepted: false, reply: '550 5.7.1 Unable to relay' }] },
    ]);
  });

  test('the message at the Hub has the size of its reply', async () => {
    const name = 'msqa-162632-ex2013-hub-recv-xproxyfrom.log';
    const { transactions, anomalies } = (await ingestFiles({ [name]: bytesOf(name) })).detail('08C8881116H56738');
    expect(transactions).toMatchObject([
      { state: 'accepted', bytes: 3454, recipients: [{ address: '@damericz.com', accepted: true }] },
    ]);
    expect(anomalies).toContainEqual({ kind: 'cut-start', count: 172 });
  });

  test('all samples in one database: the same sessions as each alone', async () => {
    const all = await ingestFiles(Object.fromEntries(logs.map((name) => [name, bytesOf(name)])));
    expect(all.sessions.map(({ sessionId }) => sessionId).sort()).toEqual(SESSIONS.map(([, sessionId]) => sessionId).sort());
  });
});
