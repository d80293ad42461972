import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Document } from '../../src/document/document.ts';
import { LogReader } from '../../src/protocol-log/log-reader.ts';
import { formatRow } from '../../src/protocol-log/writer.ts';
import { redactorOf, standIns } from './case.ts';

const known = {
  servers: ['EX01', 'EX02', 'EX'],
  connectors: [
    'Default Frontend EX01',
    'Anon Relay EX01',
    'Anon Relay EX02',
    "O'Brien's relay",
    'Internet',
    'Inbound Proxy Internal Send Connector',
  ],
  hosts: ['MFP-01', 'UPS room 2', 'server', 'intranet', '[10.0.20.11]', 'say "a, b"'],
  users: ['CONTOSO\\svc-nas', 'crm@contoso.example'],
  domains: ['contoso.example', '*.contoso.co.uk'],
  owners: ['Finance IT', 'Kitchen'],
  sites: ['Floor 2'],
  notes: ['ask Anna Schmidt'],
  folders: ['C:\\Kunden\\Contoso\\EX01', '/home/anna/logs/EX01', 'data', 'EX01'],
};

describe('a text', () => {
  const redactor = redactorOf(known);
  const of = (text: string): string => redactor.text(text);

  test.each([
    [
      'names its server everywhere, whatever the case',
      'EX01\\Default Frontend EX01 on ex01',
      'SERVER1\\Default Frontend SERVER1 on SERVER1',
    ],
    ['keeps words in which a short name stands', 'Exchange, next: EX; example', 'Exchange, next: SERVER2; example'],
    ['keeps EX010, which is another one', 'EX010', 'EX010'],
    [
      'has the like of a connector under the same number',
      '"EX02\\Anon Relay EX02", "Anon Relay EX01"',
      '"SERVER3\\Connector 1 SERVER3", "Connector 1 SERVER1"',
    ],
    [
      'keeps its quotes',
      "Set-ReceiveConnector -Identity 'EX01\\O''Brien''s relay'",
      "Set-ReceiveConnector -Identity 'SERVER1\\Connector 2'",
    ],
    [
      'keeps names that are the same everywhere',
      'Internet, Inbound Proxy Internal Send Connector',
      'Internet, Inbound Proxy Internal Send Connector',
    ],
    [
      'shows a host in its domain',
      '220 ex01.contoso.example Microsoft ESMTP MAIL Service ready',
      '220 server1.domain1.example Microsoft ESMTP MAIL Service ready',
    ],
    ['knows a host by the name that it said', 'EHLO MFP-01 as mfp-01.contoso.example', 'EHLO host1 as host1.domain1.example'],
    ['keeps the code of a reply', '250-mail.contoso.example Hello [::1]', '250-mail.domain1.example Hello [::1]'],
    ['keeps the blank in a name', 'EHLO UPS room 2', 'EHLO host 2'],
    ['replaces a name nobody knew', 'EHLO KM4711X', 'EHLO host3'],
    ['keeps sentences about a server', 'the server says EHLO server', 'the server says EHLO server'],
    ['hides who mails', '< MAIL FROM:<scan@contoso.example> SIZE=2', '< MAIL FROM:<user1@domain1.example> SIZE=2'],
    ['hides who logs on', 'CONTOSO\\svc-nas, svc-nas@contoso.example', 'ORG1\\user2, user2@domain1.example'],
    [
      'keeps groups',
      'CONTOSO\\Exchange Servers, NT AUTHORITY\\ANONYMOUS LOGON',
      'ORG1\\Exchange Servers, NT AUTHORITY\\ANONYMOUS LOGON',
    ],
    ['knows a name that the product glues on', 'Session forcrm@contoso.example will', 'Session foruser3@domain1.example will'],
    [
      'keeps what Microsoft calls its hosts',
      'contoso-com.mail.protection.outlook.com smtp.office365.com',
      'domain2.mail.protection.outlook.com smtp.office365.com',
    ],
    [
      'keeps codes, times, versions and files',
      '550 5.7.54 0.00:00:05 09:12:00 TLS1.2 #Version: 15.0.0.0 RECV2026110208-1.LOG',
      '550 5.7.54 0.00:00:05 09:12:00 TLS1.2 #Version: 15.0.0.0 RECV2026110208-1.LOG',
    ],
    [
      'keeps names of code',
      'AsyncBackendLocator.EndGetDatabaseToServerMappingInfo',
      'AsyncBackendLocator.EndGetDatabaseToServerMappingInfo',
    ],
    ['keeps session-ids as logged', '08DE19A1B2C3D404;2026-11-02T08:05:00.000Z;1', '08DE19A1B2C3D404;2026-11-02T08:05:00.000Z;1'],
    ['hides owners and sites', 'Finance IT, floor 2: Kitchen, the kitchen', 'Owner 1, Site 1: Owner 2, the kitchen'],
    ['hides notes', 'note: ask Anna Schmidt', 'note: Note 1'],
    [
      'keeps the folders of the product',
      '/home/anna/logs/EX01/Hub/ProtocolLog/RECV2026110208-1.LOG',
      'folder1/Hub/ProtocolLog/RECV2026110208-1.LOG',
    ],
    [
      'and those of Windows',
      'C:\\Kunden\\Contoso\\EX01\\Hub\\ProtocolLog\\RECV2026110208-1.LOG',
      'folder2\\Hub\\ProtocolLog\\RECV2026110208-1.LOG',
    ],
    [
      'keeps what a folder is called like',
      'DATA and data, data/Hub/RECV2026110208-1.LOG',
      'DATA and data, folder3/Hub/RECV2026110208-1.LOG',
    ],
    ['hides folders that nothing was read from', '/srv/customers/notes.txt', 'folder4/notes.txt'],
    ['hides folders beside known ones', '/home/anna/logs/EX01/secret/notes.txt', 'folder5/notes.txt'],
    ['hides accounts without a name', 'S-1-5-21-1004336348-1177238915-682003330-512', 'S-1-5-21-0-0-0-4'],
    ['ends an account with its name', 'by CONTOSO\\svc-nas.', 'by ORG1\\user2.'],
    ['keeps the brackets of an address', 'EHLO [127.0.0.1] <scan@[127.0.0.1]>', 'EHLO [127.0.0.1] <user1@[127.0.0.1]>'],
    ['keeps health probes', 'HealthMailbox0123456789abcdef@contoso.example', 'HealthMailbox0123456789abcdef@domain1.example'],
    [
      'keeps loopback and everybody',
      '127.0.0.1 ::1 0.0.0.0:25 [::]:25 0.0.0.0-255.255.255.255',
      '127.0.0.1 ::1 0.0.0.0:25 [::]:25 0.0.0.0-255.255.255.255',
    ],
    ['finds the organisation in words', 'Contoso Ltd. ESMTP', 'ORG1 Ltd. ESMTP'],
    [
      'replaces what a row of a front end says',
      'XPROXYFROM SID=08DE19A1B2C3D404 IP=127.0.0.1 PORT=50100 DOMAIN=mfp-01 UNAME=svc-nas',
      'XPROXYFROM SID=08DE19A1B2C3D404 IP=127.0.0.1 PORT=50100 DOMAIN=host1 UNAME=user2',
    ],
  ])('%s', (_, text, redacted) => {
    expect(of(text)).toBe(redacted);
  });

  test('a range still ends one address before its neighbour', () => {
    const [, first, last, next] = /^(\S+)-(\S+), (\S+)$/.exec(of('10.0.20.10-10.0.20.11, 10.0.20.12'))!;
    expect([first, last, next].map((one) => one!.split('.').at(-1))).toEqual(['10', '11', '12']);
    expect(new Set([first, last, next].map((one) => one!.replace(/\.\d+$/, ''))).size).toBe(1);
    expect(of('it takes fd00:20::31: its range (::ffff:10.0.20.12), [IPv6:fd00:20::31], [fd00:20::31]:25')).not.toMatch(
      /fd00|10\.0\.20/,
    );
    expect(of('10.0.20.12/22')).toMatch(/^10\.\d+\.\d+\.12\/22$/);
    expect(of('10.0.20.0(255.255.255.0)')).toMatch(/^10\.\d+\.\d+\.0\(255\.255\.255\.0\)$/);
  });

  test('the mark of a session, which is made of its addresses, is another one', () => {
    const id = of('08DE19A1B2C3D404-v04r');
    expect(id).toMatch(/^08DE19A1B2C3D404-[0-9a-f]{4}$/);
    expect(id).not.toContain('v04r');
    expect(of('continued by 08DE19A1B2C3D404-v04r')).toBe(`continued by ${id}`);
  });

  test('a certificate keeps its fields and its times', () => {
    const row =
      'CN=mail.contoso.example CN=Contoso Issuing CA 3, O=Contoso, C=DE 5F0C3AC188DE4F169A3F8A2D6CC1D001 A1B2C3D4E5F60718293A4B5C6D7E8F9001122334 2026-01-12T10:39:24.000Z 2027-01-12T10:39:23.000Z mail.contoso.example;autodiscover.contoso.example';
    expect(of(row)).toMatch(
      /^CN=mail\.domain1\.example CN=name1, O=ORG1, C=DE [0-9A-F]{32} [0-9A-F]{40} 2026-01-12T10:39:24\.000Z 2027-01-12T10:39:23\.000Z mail\.domain1\.example;autodiscover\.domain1\.example$/,
    );
    expect(of(row)).not.toMatch(/5F0C3AC1|A1B2C3D4/i);
    expect(of('CN=EX01')).toBe('CN=SERVER1');
    expect(of('CN="Contoso, Inc.", O=Contoso')).toBe('CN="name2", O=ORG1');
  });
});

/** Nothing that the program says has these letters in a row. */
const secretWord = fc.stringMatching(/^zq[a-z0-9]{2,8}$/);
const cased = (text: string): fc.Arbitrary<string> => fc.mixedCase(fc.constant(text));
const PLACES: readonly ((secret: string) => string)[] = [
  (secret) => `EHLO ${secret}`,
  (secret) => `the server ${secret} says no`,
  (secret) => `"${secret}"`,
  (secret) => `'${secret}\\Default Frontend ${secret}'`,
  (secret) => `${secret}.contoso.example`,
  (secret) => `mail.${secret}.co.uk`,
  (secret) => `scan@${secret}.com`,
  (secret) => `<${secret}@contoso.example>`,
  (secret) => `XPROXYFROM IP=10.0.20.11 DOMAIN=${secret} UNAME=${secret}@x.y`,
  (secret) => `${secret}\\svc, CONTOSO\\${secret}`,
  (secret) => `CN=${secret} and sons, O=${secret}, DC=${secret} 5F0C3AC188DE4F169A3F8A2D6CC1D001`,
  (secret) => `[InternalId=1, Hostname=${secret}.local]`,
  (secret) => `D:\\logs\\${secret}\\RECV2026110208-1.LOG`,
  (secret) => `(${secret})_${secret}-${secret};${secret}`,
];

test('no planted name is left, in whatever case and place, and the same one has the same stand-in', () => {
  const planted = secretWord.chain((secret) =>
    fc.record({
      secret: fc.constant(secret),
      kind: fc.constantFrom('servers', 'hosts', 'organisations', 'connectors'),
      pieces: fc.array(
        fc.tuple(fc.constantFrom(...PLACES), cased(secret)).map(([place, text]) => place(text)),
        { minLength: 1, maxLength: 4 },
      ),
      noise: fc.string().filter((text) => !/zq/i.test(text)),
    }),
  );
  fc.assert(
    fc.property(planted, ({ secret, kind, pieces, noise }) => {
      const redactor = redactorOf({ [kind]: [secret] });
      const text = [noise, ...pieces, noise].join(' ');
      expect(redactor.text(text).toLowerCase()).not.toContain('zq');
      if (kind !== 'connectors') expect(redactor.text(secret.toUpperCase())).toBe(redactor.text(secret));
    }),
    { numRuns: 400 },
  );
});

test('no planted address is left, in whatever notation', () => {
  const octet = fc.nat(255);
  const planted = fc.oneof(
    fc.tuple(octet, octet, octet).map(([a, b, c]) => `10.${a}.${b}.${c}`),
    fc.tuple(fc.integer({ min: 16, max: 31 }), octet, octet).map(([a, b, c]) => `172.${a}.${b}.${c}`),
    fc.tuple(octet, octet).map(([a, b]) => `192.168.${a}.${b}`),
    fc.tuple(fc.integer({ min: 11, max: 99 }), octet, octet, octet).map((octets) => octets.join('.')),
    fc.tuple(fc.integer({ min: 4096, max: 65535 }), octet).map(([a, b]) => `fd00:${a.toString(16)}::${(b + 1).toString(16)}`),
  );
  const places: ((address: string) => string)[] = [
    (address) => `[${address}]:25`,
    (address) => `it takes ${address}: its range`,
    (address) => `(${address})`,
    (address) => `IP=${address} PORT=5`,
    (address) => `<scan@[${address}]>`,
    (address) => `EHLO [${address}]`,
    (address) => `"${address}","${address}"`,
    (address) => `@{Add="${address}-${address}", '${address}'}`,
    (address) => `nearest is ${address}/32.`,
    (address) => `,${address}:50111,+,,`,
  ];
  fc.assert(
    fc.property(planted, fc.constantFrom(...places), fc.nat(1000), (address, place, key) => {
      const redactor = redactorOf({}, standIns(Buffer.from([key & 0xff, key >> 8])));
      // IPv6 needs its brackets before a port.
      fc.pre(!(address.includes(':') && place('x').endsWith(':50111,+,,')));
      const subnet = address.includes(':') ? address.replace(/::.*/, '::') : address.replace(/\d+$/, '');
      expect(` ${redactor.text(place(address))}`).not.toMatch(new RegExp(`[^\\d.]${subnet.replaceAll('.', '\\.')}`));
    }),
    { numRuns: 500 },
  );
  expect(redactorOf().text('10.0.20.* and 10.0.20.x')).toMatch(/^10\.\d+\.\d+\.\* and 10\.\d+\.\d+\.x$/);
  expect(redactorOf().text('10.0.20.*')).not.toContain('10.0.20');
});

test('different things have different stand-ins', () => {
  const redactor = redactorOf();
  const mail = fc.tuple(secretWord, secretWord).map(([local, domain]) => `${local}@${domain}.example`);
  fc.assert(
    fc.property(mail, mail, (a, b) => {
      expect(redactor.text(a) === redactor.text(b)).toBe(a === b);
    }),
  );
});

test('what is shown first decides nothing but the number: another run over the same names agrees', () => {
  const from = standIns();
  const texts = ['EHLO MFP-01', 'scan@contoso.example', '10.0.20.11', 'Anon Relay EX01'];
  const first = texts.map((text) => redactorOf(known, from).text(text));
  const again = [...texts].reverse().map((text) => redactorOf(known, from).text(text));
  expect(again.reverse()).toEqual(first);
});

describe('a row of a log', () => {
  const field = fc.oneof(
    fc.string({ maxLength: 30 }),
    fc.constantFrom(...PLACES).map((place) => place('zqname')),
    fc.constantFrom('EHLO say "a, b"', '"a b"@contoso.example', 'O="Contoso, Inc.", C=DE', 'CN="x"', 'say "a, b"', '@0"'),
  );

  test('is still one of nine fields, with what stood between its names', () => {
    fc.assert(
      fc.property(field, field, fc.constantFrom('EX01\\Anon Relay EX01', '', 'a,b'), (data, context, connector) => {
        const row = formatRow({
          at: 0,
          connector,
          sessionId: '08DE19A1B2C3D404',
          sequence: 3,
          localEndpoint: '10.0.0.5:25',
          remoteEndpoint: '[fd00:20::31]:49800',
          event: '<',
          data,
          context,
        });
        const rows: [string, string, number][] = [];
        new LogReader({
          row: (view) => rows.push([view.sessionId, view.remoteEndpoint.replace(/^\[.*\]/, '[]'), view.sequence]),
          damage: (kind, _, line, text) => {
            throw new Error(`${kind} at line ${line}: ${text}`);
          },
        }).read(Buffer.from(redactorOf(known).text(row)), 0);
        expect(rows).toEqual([['08DE19A1B2C3D404', '[]:49800', 3]]);
      }),
      { numRuns: 500 },
    );
  });
});

describe('a value', () => {
  const redactor = redactorOf(known);

  test('keeps its shape: numbers, times, null, names that code has for things', () => {
    const value = {
      startedAt: '2026-11-02T08:05:00.000Z',
      source: null,
      rows: 12,
      server: 'EX01',
      outcomes: { accepted: 3 },
      tls: { 'TLS1.2': 2 },
      'ex01.contoso.example': ['MFP-01', { 'MFP-01': true }],
    };
    expect(redactor.value(value)).toEqual({
      startedAt: '2026-11-02T08:05:00.000Z',
      source: null,
      rows: 12,
      server: 'SERVER1',
      outcomes: { accepted: 3 },
      tls: { 'TLS1.2': 2 },
      'server1.domain1.example': ['host1', { host1: true }],
    });
  });

  test('any value comes out with as many places, of the same types', () => {
    const shape = (value: unknown): unknown =>
      Array.isArray(value)
        ? value.map(shape)
        : value !== null && typeof value === 'object'
          ? Object.values(value).map(shape)
          : value === null
            ? null
            : typeof value === 'string'
              ? 'string'
              : value;
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z]+[A-Z][a-z]+$/), fc.jsonValue()), (value) => {
        const redacted = redactor.value(value);
        expect(Object.keys(redacted)).toEqual(Object.keys(value));
        expect(shape(redacted)).toEqual(shape(value));
      }),
    );
  });
});

test('a document keeps its kinds, whatever a client calls itself', () => {
  const hostile = redactorOf({ hosts: ['table', 'outcome', 'zq1', 'figures', 'transcript'] });
  const document: Document = {
    title: 'zq1',
    sections: [
      { kind: 'figures', figures: [{ label: 'Hello', value: 'ZQ1', cell: 'outcome' }] },
      { kind: 'table', columns: [{ title: 'Outcome', kind: 'outcome' }], rows: [['accepted'], [3], [null]] },
      { kind: 'transcript', lines: [{ at: 5, after: null, event: '<', data: 'EHLO zq1', context: '', line: 4 }] },
    ],
  };
  expect(hostile.document(document)).toEqual({
    title: 'host1',
    sections: [
      { kind: 'figures', figures: [{ label: 'Hello', value: 'host1', cell: 'outcome' }] },
      { kind: 'table', columns: [{ title: 'Outcome', kind: 'outcome' }], rows: [['accepted'], [3], [null]] },
      { kind: 'transcript', lines: [{ at: 5, after: null, event: '<', data: 'EHLO host1', context: '', line: 4 }] },
    ],
  });
});

test('a chart keeps its colours and steps, whatever a device is called', () => {
  const redactor = redactorOf({ hosts: ['day', 'good', 'mfp'] });
  const chart = (name: string): Document => ({
    title: '',
    sections: [
      {
        kind: 'chart',
        title: 'Messages',
        unit: { kind: 'count', name: 'messages' },
        alt: `${name}: 7.`,
        data: { kind: 'lines', span: { step: 'day', starts: [1] }, series: [{ name, values: [7], tone: 'good' }] },
      },
    ],
  });
  expect(redactor.document(chart('EHLO mfp'))).toEqual(chart('EHLO host1'));
});
