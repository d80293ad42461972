/**
 * Logons and TLS as the bundled relay conducts them: what it writes, in the words and rows of both versions, is read into
 * a database, and the diagnosis comes first, with the row that proves it.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recordOf } from '../../src/configuration/record.ts';
import type { ReceiveConnector } from '../../src/connector/connector.ts';
import { ingest } from '../../src/ingest/ingest.ts';
import type { LogRow } from '../../src/protocol-log/writer.ts';
import type { ExchangeVersion } from '../../src/relay/machine/settings.ts';
import { storeConfigurations } from '../../src/store/configuration-store.ts';
import { connector } from '../connector/connectors.ts';
import { logText, temporaryDatabase, temporaryFolder, writeFiles } from '../harness.ts';
import { FRONTEND, RELAY, type Stage, SUBMISSION, Talk } from '../relay/machine/conversing.ts';
import { verdictOn } from './example-case.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const VERSIONS: readonly ExchangeVersion[] = ['2013', '2016+'];
const PORT_587 = '10.0.0.5:587';
const MINUTE = 60_000;
const USER = 'scan@contoso.example';

/** What a client does in one session. */
type Doing = (talk: Talk) => void;

interface Scenario {
  readonly story: string;
  readonly stage?: Stage;
  /** One session each, ten minutes apart unless `apart` (ms) says otherwise. */
  readonly sessions: readonly (Doing | { readonly stage: Stage; readonly doing: Doing })[];
  readonly apart?: number;
  readonly imported?: readonly ReceiveConnector[];
  readonly who?: string;
  readonly only?: ExchangeVersion;
  readonly check: string;
  /** In what is said, or in a remedy. */
  readonly says: readonly (string | RegExp)[];
  /** In the rows of evidence. */
  readonly row: RegExp;
}

const hello = (talk: Talk): void => void talk.say('EHLO mfp-02');
const quit = (talk: Talk): void => void talk.say('QUIT');
const startTls: Doing = (talk) => {
  hello(talk);
  talk.say('STARTTLS');
};
const secure: Doing = (talk) => {
  startTls(talk);
  hello(talk);
};
const logOn = (talk: Talk, user: string, password: string): void => {
  talk.say('AUTH LOGIN');
  talk.say(base64(user));
  talk.say(base64(password));
};
const mail = (talk: Talk, recipient = 'someone@contoso.example'): void => {
  talk.say(`MAIL FROM:<${USER}>`);
  talk.say(`RCPT TO:<${recipient}>`);
};
const deliver = (talk: Talk): void => {
  mail(talk);
  talk.say('DATA');
  talk.say('Subject: scan', '', 'page', '.');
  quit(talk);
};
const plainMail: Doing = (talk) => {
  hello(talk);
  deliver(talk);
};
const wrongLogon =
  (user = USER): Doing =>
  (talk) => {
    secure(talk);
    logOn(talk, user, 'guess');
    quit(talk);
  };
const rightLogon: Doing = (talk) => {
  secure(talk);
  logOn(talk, USER, 'secret');
  deliver(talk);
};
const USERS = { [USER]: 'secret', 'CONTOSO\\Administrator': 'secret' };
const STRICT = connector('Secure EX01', '0.0.0.0:25', '10.0.20.12', {
  AuthMechanism: ['Tls'],
  PermissionGroups: ['AnonymousUsers'],
  RequireTLS: true,
});
const EMPTY = connector('Scanners', '0.0.0.0:25', '10.0.20.12', { AuthMechanism: ['Tls'], PermissionGroups: [] });
const PLAIN = connector('Plain', '0.0.0.0:25', '10.0.20.12', { AuthMechanism: [], PermissionGroups: ['AnonymousUsers'] });
const WIDE = connector('Anon Relay EX01', '0.0.0.0:25', '10.0.20.0/24', {
  AuthMechanism: ['Tls'],
  PermissionGroups: ['AnonymousUsers', 'Custom'],
});

const SCENARIOS: readonly Scenario[] = [
  {
    story: 'a printer with a wrong password on port 587',
    stage: { local: PORT_587, users: USERS },
    sessions: [wrongLogon()],
    check: 'wrong-password',
    says: [USER, /never logged on/, /Get-ADUser/],
    row: /Inbound AUTH LOGIN failed because of LogonDenied/,
  },
  {
    story: 'the password was changed at noon',
    stage: { local: PORT_587, users: USERS },
    sessions: [rightLogon, wrongLogon(), wrongLogon()],
    check: 'wrong-password',
    says: ['2026-11-02 08:02 UTC', '2026-11-02 08:12 UTC', /changed or has expired/],
    row: /535 5\.7\.3 Authentication unsuccessful/,
  },
  {
    story: 'a wrong password, and mail to the outside all the same',
    stage: { users: USERS },
    sessions: [
      (talk) => {
        secure(talk);
        logOn(talk, USER, 'guess');
        mail(talk, 'partner@fabrikam.example');
        quit(talk);
      },
    ],
    imported: [FRONTEND, SUBMISSION],
    check: 'wrong-password',
    says: [/right password would be refused here as well/, /port 587/],
    row: /User Name: scan@contoso\.example/,
  },
  {
    story: 'another device locks the account',
    stage: { local: PORT_587, users: USERS },
    apart: 2 * MINUTE,
    sessions: [
      rightLogon,
      ...Array.from({ length: 11 }, () => ({ stage: { remote: '10.0.20.77:50222' }, doing: wrongLogon() })),
      wrongLogon(),
    ],
    check: 'account-locked-out',
    says: ['10.0.20.77', 'Unlock-ADAccount'],
    row: /LogonDenied/,
  },
  {
    story: 'the right password on port 25',
    stage: { users: USERS },
    sessions: [
      (talk) => {
        secure(talk);
        logOn(talk, USER, 'secret');
        quit(talk);
      },
    ],
    imported: [FRONTEND],
    check: 'missing-submit-right',
    says: ['-PermissionGroups AnonymousUsers, ExchangeServers, ExchangeLegacyServers, ExchangeUsers', /port 587/],
    row: /doesn't have submit permission/,
  },
  {
    story: 'the built-in Administrator',
    stage: { local: PORT_587, users: USERS },
    sessions: [
      (talk) => {
        secure(talk);
        logOn(talk, 'CONTOSO\\Administrator', 'secret');
        talk.say(`MAIL FROM:<${USER}>`);
      },
    ],
    check: 'well-known-account',
    says: ['CONTOSO\\Administrator'],
    row: /well-known account/,
  },
  {
    story: 'a logon on the relay connector',
    stage: { remote: '10.0.20.11:50111' },
    sessions: [
      (talk) => {
        hello(talk);
        talk.say('AUTH LOGIN');
        quit(talk);
      },
    ],
    imported: [FRONTEND, RELAY],
    check: 'mechanism-not-offered',
    says: [/no logon at all/, /empty the fields/],
    row: /504 5\.7\.4/,
  },
  {
    story: 'AUTH PLAIN inside TLS on port 587, then mail without a logon',
    stage: { local: PORT_587 },
    sessions: [
      (talk) => {
        secure(talk);
        talk.say('AUTH PLAIN AGEAYg==');
        talk.say(`MAIL FROM:<${USER}>`);
      },
    ],
    check: 'mechanism-not-offered',
    says: [/offers PLAIN nowhere/, /method LOGIN/],
    row: /AUTH GSSAPI NTLM LOGIN/,
  },
  {
    story: 'AUTH LOGIN before STARTTLS on port 587',
    stage: { local: PORT_587 },
    sessions: [
      (talk) => {
        hello(talk);
        talk.say('AUTH LOGIN');
        quit(talk);
      },
    ],
    imported: [SUBMISSION],
    check: 'mechanism-not-offered',
    says: [/BasicAuthRequireTLS/, /switch STARTTLS on/],
    row: /AUTH GSSAPI NTLM\b/,
  },
  {
    story: 'software that cancels NTLM',
    sessions: [
      (talk) => {
        hello(talk);
        talk.say('AUTH NTLM');
        talk.say('*');
        quit(talk);
      },
    ],
    check: 'logon-broken-off',
    says: ['NTLM', /asterisk/],
    row: /501 5\.5\.4 Authentication cancelled/,
  },
  {
    story: 'software that leaves when it is asked for the password',
    stage: { local: PORT_587 },
    sessions: [
      (talk) => {
        secure(talk);
        talk.say('AUTH LOGIN');
        talk.say(base64(USER));
        talk.hangUp('ConnectionReset');
      },
    ],
    check: 'logon-broken-off',
    says: [/asked twice/],
    row: /Remote\(ConnectionReset\)/,
  },
  {
    story: 'software that falls silent when it is asked',
    stage: { local: PORT_587 },
    sessions: [
      (talk) => {
        secure(talk);
        talk.say('AUTH LOGIN');
        talk.wait(5 * MINUTE);
      },
    ],
    check: 'logon-broken-off',
    says: [/5 minutes/],
    row: /451 4\.7\.0 Timeout/,
  },
  {
    story: 'the mailbox database is dismounted',
    stage: {
      local: PORT_587,
      users: USERS,
      faults: [{ at: 'auth', reply: '451 4.7.0 Temporary server error. Please try again later. CPRX1 ' }],
    },
    sessions: [
      (talk) => {
        secure(talk);
        logOn(talk, USER, 'secret');
        quit(talk);
      },
    ],
    check: 'logon-service-failed',
    says: ['Get-MailboxDatabase -Status'],
    row: /CPRX1/,
  },
  {
    story: 'port 587 without a logon',
    stage: { local: PORT_587 },
    sessions: [
      (talk) => {
        hello(talk);
        talk.say(`MAIL FROM:<${USER}>`);
      },
    ],
    check: 'anonymous-refused',
    says: [/never tried to log on/, /port 25/],
    row: /530 5\.7\./,
  },
  {
    story: 'a connector without any group',
    stage: { connectors: [FRONTEND, EMPTY] },
    sessions: [
      (talk) => {
        hello(talk);
        talk.say(`MAIL FROM:<${USER}>`);
      },
    ],
    imported: [FRONTEND, EMPTY],
    check: 'anonymous-refused',
    says: [/no permission group/, 'Set-ReceiveConnector -Identity "EX01\\Scanners" -PermissionGroups AnonymousUsers'],
    row: /530 5\.7\./,
  },
  {
    story: 'a connector that demands TLS',
    stage: { connectors: [FRONTEND, STRICT] },
    sessions: [
      (talk) => {
        hello(talk);
        talk.say(`MAIL FROM:<${USER}>`);
      },
    ],
    imported: [FRONTEND, STRICT],
    check: 'starttls-required',
    says: [/STARTTLS/, '-RequireTLS $false'],
    row: /451 5\.7\.3 STARTTLS is required/,
  },
  {
    story: 'a connector that demands TLS and has no certificate',
    stage: { connectors: [FRONTEND, STRICT], tls: false },
    sessions: [
      (talk) => {
        hello(talk);
        talk.say(`MAIL FROM:<${USER}>`);
      },
    ],
    check: 'starttls-required',
    says: [/does not offer STARTTLS/, 'Get-ExchangeCertificate'],
    row: /451 5\.7\.3 STARTTLS is required/,
  },
  {
    story: 'STARTTLS without a certificate, and then a logon',
    stage: { tls: false },
    sessions: [
      (talk) => {
        startTls(talk);
        talk.say('AUTH LOGIN');
        quit(talk);
      },
    ],
    imported: [FRONTEND],
    check: 'starttls-not-offered',
    says: [/no certificate/, 'ex01.contoso.example'],
    row: /500 5\.3\.3 Unrecognized command/,
  },
  {
    story: 'STARTTLS where Tls is missing',
    stage: { connectors: [FRONTEND, PLAIN] },
    sessions: [
      (talk) => {
        startTls(talk);
        quit(talk);
      },
    ],
    imported: [FRONTEND, PLAIN],
    check: 'starttls-not-offered',
    says: ['-AuthMechanism Tls'],
    row: /500 5\.3\.3/,
  },
  {
    story: 'no common version of TLS',
    stage: { tlsError: 'AlgorithmMismatch' },
    sessions: [startTls],
    check: 'tls-handshake-failed',
    says: ['AlgorithmMismatch', /TLS 1\.2/],
    row: /TLS negotiation failed with error AlgorithmMismatch/,
  },
  {
    story: "the server's own key",
    stage: { tlsError: 'UnknownCredentials' },
    sessions: [startTls],
    check: 'tls-handshake-failed',
    says: [/private key/],
    row: /UnknownCredentials/,
  },
  {
    story: 'a client that does not like the certificate',
    stage: { tlsError: 'ConnectionReset' },
    sessions: [startTls, startTls, startTls],
    check: 'tls-handshake-failed',
    says: ['mail.contoso.example', /3 sessions/],
    row: /ConnectionReset/,
  },
  {
    story: 'the same after its certificate has expired',
    sessions: [plainMail, { stage: { tlsError: 'ConnectionReset' }, doing: startTls }],
    apart: 100 * 24 * 60 * MINUTE,
    only: '2016+',
    check: 'server-certificate-expiring',
    says: ['2027-01-12 00:00 UTC', /expired/],
    row: /Sending certificate/,
  },
  {
    story: 'a device set to SSL',
    stage: { local: PORT_587 },
    sessions: [
      (talk) => {
        talk.send(Buffer.from('\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003a\r\n', 'latin1'));
        talk.hangUp('ConnectionReset');
      },
    ],
    check: 'implicit-tls-on-plain-port',
    says: [/STARTTLS/, /587/],
    row: /500 5\.3\.3/,
  },
  {
    story: 'a device set to SSL whose handshake holds no line end',
    stage: { local: PORT_587 },
    sessions: [
      (talk) => {
        talk.send(Buffer.from('\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003a', 'latin1'));
        talk.wait(5 * MINUTE);
      },
    ],
    check: 'wordless-connection',
    says: [/STARTTLS/, /5 minutes/],
    row: /,-,,Local/,
  },
  {
    story: 'an Exchange server on a relay connector',
    stage: { connectors: [FRONTEND, WIDE], remote: '10.0.20.6:50111' },
    sessions: [
      (talk) => {
        talk.say('EHLO ex02.contoso.example');
        talk.say('X-EXPS GSSAPI');
        quit(talk);
      },
    ],
    imported: [FRONTEND, WIDE],
    check: 'exchange-authentication-failed',
    says: ['10.0.20.0/24', 'ex02.contoso.example'],
    row: /,>,500 5\.3\.3/,
  },
  {
    story: 'somebody guesses',
    stage: { local: PORT_587, users: USERS, remote: '203.0.113.77:50111' },
    sessions: ['admin', 'info', 'office', 'test', 'backup'].map((user) => wrongLogon(user)),
    check: 'password-guessing',
    says: [/5 user names/, '203.0.113.77'],
    row: /LogonDenied/,
  },
];

/** Rows of the sessions one after the other, each with an id and a time of its own. */
function rowsOf({ stage, sessions, apart = 10 * MINUTE }: Scenario, version: ExchangeVersion): LogRow[] {
  return sessions.flatMap((session, index) => {
    const own = typeof session === 'function' ? { stage: {}, doing: session } : session;
    const talk = new Talk({ ...stage, ...own.stage, version });
    own.doing(talk);
    if (!talk.closed) talk.hangUp();
    const sessionId = (0x08de19a1b2c3d401n + BigInt(index)).toString(16).toUpperCase().padStart(16, '0');
    return talk.rows.map((row) => ({ ...row, at: row.at + index * apart, sessionId }));
  });
}

async function verdict(scenario: Scenario, version: ExchangeVersion) {
  const folder = temporaryFolder();
  const logs = join(folder, 'logs');
  mkdirSync(logs);
  const path = 'EX01/FrontEnd/ProtocolLog/SmtpReceive/RECV2026110208-1.LOG';
  writeFiles(logs, { [path]: logText(rowsOf(scenario, version)) });
  const db = temporaryDatabase(folder);
  await ingest(db, [logs]);
  if (scenario.imported)
    storeConfigurations(db, [
      {
        kind: 'connectors',
        scope: 'EX01',
        asOf: Date.parse('2026-11-01T00:00:00.000Z'),
        importedAt: 0,
        file: 'connectors.json',
        content: JSON.stringify(scenario.imported.map(recordOf)),
      },
    ]);
  return verdictOn(db, scenario.who ?? (scenario.stage?.remote ?? '10.0.20.12:50111').replace(/:\d+$/, ''));
}

describe.each(VERSIONS)('as %s writes it', (version) => {
  it.each(SCENARIOS.filter(({ only = version }) => only === version))('$story: $check', async (scenario) => {
    const { verdicts } = await verdict(scenario, version);
    const [first] = verdicts;
    expect(verdicts.map(({ check }) => check)[0]).toBe(scenario.check);
    const told = [first!.what, first!.cause, ...first!.unknown, ...first!.remedy.map(({ text }) => text)].join('\n');
    for (const words of scenario.says)
      if (typeof words === 'string') expect(told).toContain(words);
      else expect(told).toMatch(words);
    const rows = first!.evidence.flatMap((one) => (one.kind === 'row' ? [one.row] : []));
    expect(rows.join('\n')).toMatch(scenario.row);
  });

  it('whatever a client calls itself and its user: a verdict, and commands of one line', async () => {
    const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(name, name, async (user, host) => {
        const doing: Doing = (talk) => {
          talk.say(`EHLO ${host.replace(/[\r\n]/g, '')}`);
          secure(talk);
          logOn(talk, user, 'guess');
          quit(talk);
        };
        const stage = { local: PORT_587, users: USERS };
        const { verdicts } = await verdict({ story: '', stage, sessions: [doing], check: '', says: [], row: /./ }, version);
        expect(verdicts).not.toHaveLength(0);
        for (const { remedy, cause } of verdicts) {
          expect(cause).not.toMatch(/undefined/);
          for (const { text } of remedy) expect(text).toMatch(/^\S[^\r\n]*\S$/);
        }
      }),
      { numRuns: 25 },
    );
  });

  it('a logon that succeeds, inside TLS: nothing to say', async () => {
    const { verdicts, condition } = await verdict(
      { story: '', stage: { local: PORT_587, users: USERS }, sessions: [rightLogon], check: '', says: [], row: /./ },
      version,
    );
    expect({ verdicts, condition }).toEqual({ verdicts: [], condition: 'works' });
  });
});
