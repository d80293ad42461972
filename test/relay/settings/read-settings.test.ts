/** The configuration file: what it may say, and what is said about it. */
import { describe, expect, test } from 'vitest';
import { mayRelay } from '../../../src/connector/effective-rights.ts';
import { formatPasswordHash, hashPassword } from '../../../src/relay/settings/password-hash.ts';
import { readSettings } from '../../../src/relay/settings/read-settings.ts';
import type { RelaySettings, ServerSettings } from '../../../src/relay/settings/relay-settings.ts';

const FILES: Readonly<Record<string, string>> = {
  '/conf/connectors.json': JSON.stringify([
    {
      Identity: 'EX01\\Relay',
      Bindings: ['0.0.0.0:25'],
      RemoteIPRanges: ['10.0.0.0/24'],
      TransportRole: 'FrontendTransport',
      PermissionGroups: 'AnonymousUsers, Custom',
      AuthMechanism: 'Tls',
    },
    { Identity: 'EX02\\Other', Bindings: ['0.0.0.0:25'], RemoteIPRanges: ['10.0.0.0/24'], TransportRole: 'FrontendTransport' },
  ]),
  '/conf/rights.csv':
    'Connector,User,ExtendedRights,Deny,IsInherited\r\nEX01\\Relay,NT AUTHORITY\\ANONYMOUS LOGON,ms-Exch-SMTP-Accept-Any-Recipient,False,False\r\n',
  '/conf/domains.csv': 'Name,DomainName,DomainType,Default\r\nfabrikam,fabrikam.example,Authoritative,True\r\n',
};

const read = (document: unknown) =>
  readSettings(typeof document === 'string' ? document : JSON.stringify(document), {
    folder: '/conf',
    read: (path) => (FILES[path] === undefined ? { fault: 'cannot be read (ENOENT)' } : Buffer.from(FILES[path])),
  });

const connector = { name: 'Relay', bindings: '0.0.0.0:25', remoteIPRanges: '10.0.0.0/8' };
const server = { server: 'EX01', listen: '127.0.0.1:0', connectors: [connector] };

function settings(document: unknown): RelaySettings {
  const reading = read(document);
  if ('problems' in reading) throw new Error(reading.problems.join('\n'));
  return reading.settings;
}

const first = (document: unknown): ServerSettings => settings(document).servers[0]!;

function problems(document: unknown): readonly string[] {
  const reading = read(document);
  return 'problems' in reading ? reading.problems : [];
}

describe('a file that is right', () => {
  test('may leave nearly everything out', () => {
    expect(settings(server)).toMatchObject({
      delivery: { kind: 'sink' },
      data: '/conf/data',
      logs: { folder: '/conf/logs', maxAge: 30 * 86_400_000, maxDirectorySize: 250 * 2 ** 20, flushInterval: 5000 },
      limits: { connections: 5000, memoryPerConnection: 262_144 },
    });
    expect(first(server)).toMatchObject({
      server: 'EX01',
      fqdn: 'EX01',
      exchange: '2016+',
      certificate: { kind: 'self-signed' },
      tls: { minVersion: '1.2', maxVersion: '1.3' },
      listen: [{ on: { address: '127.0.0.1', port: 0 }, as: undefined, from: undefined, service: 'FrontEnd' }],
      hub: false,
      decimalMark: '.',
    });
  });

  test('may hold comments and commas too many, but not in its texts', () => {
    const text = `\uFEFF// a relay
    { "server": "EX01", // the name
      "listen": ["127.0.0.1:0",],
      "connectors": [{ "name": "a // b, ]", "bindings": ":25", "remoteIPRanges": "10.0.0.1", "Banner": "220 \\"// \\\\", },],
    } // end`;
    expect(first(text).connectors[0]).toMatchObject({ name: 'a // b, ]', properties: { Banner: '220 "// \\' } });
  });

  test('has properties by their names, sizes and spans as people write them', () => {
    const [made] = first({
      ...server,
      connectors: [
        {
          ...connector,
          MaxMessageSize: '25 MB',
          MaxHeaderSize: 65_536,
          TarpitInterval: '00:00:00.5',
          AuthMechanism: 'Tls, BasicAuth',
          PermissionGroups: ['AnonymousUsers', 'ExchangeUsers'],
          MessageRateLimit: 'Unlimited',
          MaxProtocolErrors: 3,
          RequireTLS: true,
        },
      ],
    }).connectors;
    expect(made!.properties).toMatchObject({
      MaxMessageSize: 26_214_400,
      MaxHeaderSize: 65_536,
      TarpitInterval: 500,
      AuthMechanism: ['Tls', 'BasicAuth'],
      PermissionGroups: ['AnonymousUsers', 'ExchangeUsers'],
      MessageRateLimit: 'Unlimited',
      MaxProtocolErrors: 3,
      RequireTLS: true,
      TransportRole: 'FrontendTransport',
      ProtocolLoggingLevel: 'Verbose',
    });
  });

  test('gives what it leaves out the defaults of the version', () => {
    const of = (exchange: string) => first({ ...server, exchange }).connectors[0]!.properties;
    expect(of('2013')).toMatchObject({ MaxHeaderSize: 131_072, SmtpUtf8Enabled: false });
    expect(of('2016+')).toMatchObject({ MaxHeaderSize: 262_144, SmtpUtf8Enabled: true });
  });

  test('has default connectors, with what it says differently', () => {
    const [made] = first({
      ...server,
      connectors: { default: 'Client Frontend', bindings: '0.0.0.0:2587', MaxMessageSize: '1 MB' },
    }).connectors;
    expect(made).toMatchObject({
      name: 'Client Frontend EX01',
      bindings: [{ port: 2587 }],
      properties: { MaxMessageSize: 1_048_576, MessageRateLimit: 5 },
    });
    expect(made!.remoteIPRanges).toHaveLength(2);
  });

  test('has a usage as the cmdlet has it; none is Custom', () => {
    const groups = (usage?: string) =>
      first({ ...server, connectors: [{ ...connector, usage }] }).connectors[0]!.properties.PermissionGroups;
    expect([groups('Internet'), groups('Client'), groups('Custom')]).toEqual([['AnonymousUsers'], ['ExchangeUsers'], []]);
    expect(first(server).connectors[0]!.properties.PermissionGroups).toEqual([]);
  });

  test.each(['anonymous', 'externally-secured'])('says in one word that clients may relay: %s', (relay) => {
    const { connectors, rights } = first({ ...server, connectors: [{ ...connector, relay }] });
    expect(mayRelay(connectors[0]!, rights.get('ex01\\relay') ?? null)).toBe('yes');
  });

  test('takes connectors, rights and domains from exports beside it', () => {
    const made = first({
      ...server,
      connectors: { file: 'connectors.json' },
      rights: { file: 'rights.csv' },
      acceptedDomains: [{ file: 'domains.csv' }, '*.contoso.example'],
    });
    expect(made.connectors.map(({ name }) => name)).toEqual(['Relay']);
    expect(mayRelay(made.connectors[0]!, made.rights.get('ex01\\relay')!)).toBe('yes');
    expect(made.acceptedDomains.map(({ domainName }) => domainName)).toEqual(['fabrikam.example', '*.contoso.example']);
  });

  test('logs what an export would not, where it says so', () => {
    const level = (verbose: boolean) =>
      first({ ...server, connectors: { file: 'connectors.json' }, verbose }).connectors[0]!.properties.ProtocolLoggingLevel;
    expect([level(false), level(true)]).toEqual([undefined, 'Verbose']);
  });

  test('has rights of its own, added to those of a shorthand', () => {
    const { rights } = first({
      ...server,
      connectors: [{ ...connector, relay: 'anonymous' }],
      rights: [{ connector: 'relay', user: 'S-1-5-11', rights: ['Send-As'] }],
    });
    expect(rights.get('ex01\\relay')).toHaveLength(2);
  });

  test('has clients in their shortest form, faults in milliseconds, users without regard to case', async () => {
    const hash = formatPasswordHash(await hashPassword('x', { N: 2, r: 1, p: 1 }));
    const made = first({
      ...server,
      clients: { 'FD00:0::1': '[fd00::31]' },
      faults: [{ at: 'rcpt', delay: '00:01:00', source: '10.0.0.0/24' }],
      users: { 'CONTOSO\\Scanner': hash },
    });
    expect([...made.clients]).toEqual([['fd00::1', 'fd00::31']]);
    expect(made.faults).toMatchObject([{ at: 'rcpt', delayMs: 60_000, source: { family: 'ipv4' } }]);
    expect([...made.users.keys()]).toEqual(['contoso\\scanner']);
  });

  test('holds several servers, which share what stands beside them', () => {
    const { servers } = settings({
      acceptedDomains: ['contoso.example'],
      connectors: [{ default: 'Default Frontend' }],
      servers: [
        { server: 'EX01', listen: '127.0.0.1:0' },
        { server: 'EX02', listen: '127.0.0.1:0', acceptedDomains: [] },
      ],
    });
    expect(
      servers.map(({ server: name, connectors, acceptedDomains }) => [name, connectors[0]!.name, acceptedDomains.length]),
    ).toEqual([
      ['EX01', 'Default Frontend EX01', 1],
      ['EX02', 'Default Frontend EX02', 0],
    ]);
  });
});

test.each(['*', '*.contoso.example', 'contoso', 'büro.example', 'xn--bro-hoa.example', 'a_b.example'])(
  'takes %s for an accepted domain',
  (domain) => {
    expect(first({ ...server, acceptedDomains: [domain] }).acceptedDomains).toMatchObject([{ domainName: domain }]);
  },
);

test('takes clients of both families where there is an endpoint for each', () => {
  const listen = [
    { on: '127.0.0.1:0', as: '10.0.0.5:25' },
    { on: '127.0.0.1:0', as: '[fd00::5]:25' },
  ];
  const connectors = [{ default: 'Default Frontend' }];
  const clients = { '127.0.0.1': '10.0.20.11', '127.0.0.2': 'fd00::31' };
  expect(first({ ...server, listen, connectors, clients }).clients.size).toBe(2);
});

describe('a file that is wrong', () => {
  test.each<[string, object, string]>([
    [
      'range',
      { connectors: [connector, { ...connector, name: 'b', remoteIPRanges: ['10.0.0.1', '10.0.0.300'] }] },
      'connectors[1].remoteIPRanges[1]: "10.0.0.300" is no range',
    ],
    [
      'binding',
      { connectors: [{ ...connector, bindings: ['25'] }] },
      'connectors[0].bindings[0]: "25" is no binding, such as "0.0.0.0:25"',
    ],
    [
      'size',
      { connectors: [{ ...connector, MaxMessageSize: 'lots' }] },
      'connectors[0].MaxMessageSize: "lots" is no size, such as "36 MB" or "Unlimited"',
    ],
    ['negative', { connectors: [{ ...connector, MaxHopCount: -1 }] }, 'connectors[0].MaxHopCount: -1 is no number'],
    [
      'span',
      { connectors: [{ ...connector, TarpitInterval: 5 }] },
      'connectors[0].TarpitInterval: 5 is no time span, such as "00:05:00"',
    ],
    [
      'flag',
      { connectors: [{ ...connector, AuthMechanism: 'Tls, Password' }] },
      'connectors[0].AuthMechanism: "Tls, Password" is none of None, Tls, Integrated, BasicAuth, BasicAuthRequireTLS, ExchangeServer, ExternalAuthoritative',
    ],
    ['nested', { connectors: [{ ...connector, Banner: { a: 1 } }] }, 'connectors[0].Banner: is no text'],
    [
      'property',
      { connectors: [{ ...connector, tarpitinterval: 5 }] },
      'connectors[0].tarpitinterval: no such property of a receive connector; TarpitInterval is meant',
    ],
    [
      'twice',
      { connectors: [connector, { ...connector, name: 'RELAY' }] },
      'connectors[1]: RELAY is already there, at connectors[0]',
    ],
    ['file', { connectors: { file: 'none.json' } }, 'connectors[0].file: "none.json" cannot be read (ENOENT)'],
    [
      'server',
      { server: 'EX03', connectors: { file: 'connectors.json' } },
      'connectors[0].file: "connectors.json" has receive connectors of EX01, EX02 and none of EX03',
    ],
    ['kind', { rights: { file: 'domains.csv' } }, 'rights[0].file: "domains.csv" has no rights on connectors of EX01'],
    [
      'right',
      { rights: [{ connector: 'Nope', user: 'a', rights: ['Send-As'] }] },
      'rights[0].connector: "Nope" is no connector of EX01',
    ],
    [
      'endpoint',
      { listen: [{ on: '127.0.0.1:25', as: 'ex01:25' }] },
      'listen[0].as: "ex01:25" is no endpoint, such as "127.0.0.1:2525" or "[::1]:2525"',
    ],
    ['no endpoint', { listen: [] }, 'listen: is empty'],
    ['double', { listen: ['127.0.0.1:25', '127.0.0.1:25'] }, 'listen[1]: "127.0.0.1:25" is there twice'],
    ['client', { clients: { host: '10.0.0.1' } }, 'clients.host: "host" is no IP address'],
    ['client', { clients: { '127.0.0.1': '10.0.0' } }, 'clients["127.0.0.1"]: "10.0.0" is no IP address'],
    ['hash', { users: { a: 'secret' } }, 'users.a: "secret" is no password hash: relaylens relay --hash-password prints one'],
    ['dear hash', { users: { a: `scrypt$${2 ** 22}$8$1$${'A'.repeat(24)}$${'A'.repeat(44)}` } }, 'is no password hash'],
    [
      'certificate',
      { certificate: 'mine.pem' },
      'certificate: "mine.pem" is neither "self-signed" nor "none" nor the files { "certificate", "key" }',
    ],
    ['certificate', { certificate: { certificate: 'a' } }, 'certificate.key is missing'],
    ['versions', { tls: { minVersion: '1.3', maxVersion: '1.2' } }, 'tls.minVersion: "1.3" is newer than maxVersion'],
    ['zone', { timeZone: 'Mars/Olympus' }, 'timeZone: "Mars/Olympus" is no time zone, such as "Europe/Berlin"'],
    ['stage', { faults: [{ at: 'lunch', drop: true }] }, 'faults[0].at: "lunch" is none of "connect", '],
    ['idle fault', { faults: [{ at: 'data' }] }, 'faults[0]: does nothing: it needs a reply, a delay or drop'],
    ['reply', { faults: [{ at: 'data', reply: '250 ok\r\n250 more' }] }, 'is no reply, such as "451 4.3.2 please try later"'],
    ['unknown', { conectors: [] }, 'conectors: no such setting'],
    ['delivery', { delivery: { kind: 'pigeon' } }, 'delivery.kind: "pigeon" is none of sink, maildir, smart-host'],
    [
      'credentials',
      { delivery: { kind: 'smart-host', host: 'a', user: 'b' } },
      'delivery: has a user or a password, and not both',
    ],
    ['nothing', { server: undefined }, 'server is missing'],
    ['path', { server: '../EX01' }, 'server: "../EX01" is no name of a server'],
    ['limit', { limits: { connections: 0 } }, 'limits.connections: 0 is less than 1'],
    [
      'misspelt right',
      { rights: [{ connector: 'Relay', user: 'a', rights: ['ms-Exch-SMTP-Accept-Any-Recipent'] }] },
      'rights[0].rights[0]: "ms-Exch-SMTP-Accept-Any-Recipent" is no right with a part in SMTP; ms-Exch-SMTP-Accept-Any-Recipient is meant',
    ],
    [
      'no right at all',
      { rights: [{ connector: 'Relay', user: 'a', rights: ['constructor'] }] },
      'rights[0].rights[0]: "constructor" is no right with a part in SMTP, such as ms-Exch-SMTP-Accept-Any-Recipient',
    ],
    ['banner', { connectors: [{ ...connector, Banner: 'hello' }] }, 'connectors[0].Banner: the banner is no 220 reply'],
    ['fqdn', { fqdn: 'a b' }, 'fqdn: "a b" is no name of a server'],
    ['Fqdn', { connectors: [{ ...connector, Fqdn: 'a\r\nb' }] }, 'connectors[0].Fqdn: "a\\r\\nb" is no name of a server'],
    [
      'conflict',
      { connectors: [connector, { ...connector, name: 'Other' }] },
      'connectors[1]: "Relay" and "Other": both listen on 0.0.0.0:25, and both take 10.0.0.0/8, so that nothing decides between them',
    ],
    [
      'idle',
      { connectors: [{ ...connector, ConnectionTimeout: '00:01:00', ConnectionInactivityTimeout: '00:02:00' }] },
      'connectors[0].ConnectionInactivityTimeout: a connection may be idle for longer than it may last',
    ],
    [
      'idle by default',
      { connectors: [{ ...connector, ConnectionTimeout: '00:01:00' }] },
      'connectors[0].ConnectionTimeout: a connection may be idle for longer than it may last',
    ],
    [
      'port',
      { listen: { on: '127.0.0.1:0', as: '10.0.0.5:587' } },
      'listen[0].as: no connector of EX01 is bound to port 587 of IPv4',
    ],
    ['port of its own', { listen: '127.0.0.1:2525' }, 'listen[0]: no connector of EX01 is bound to port 2525 of IPv4'],
    ['family of the port', { listen: '[::1]:25' }, 'listen[0]: no connector of EX01 is bound to port 25 of IPv6'],
    ['no connector', { connectors: [] }, 'connectors: is empty'],
    [
      'family of from',
      { listen: { on: '127.0.0.1:0', as: '10.0.0.5:25', from: 'fd00::1' } },
      'listen[0].from: "fd00::1" is of another family than the endpoint, "10.0.0.5"',
    ],
    [
      'family of a client',
      { listen: { on: '127.0.0.1:0', as: '10.0.0.5:25' }, clients: { '127.0.0.1': 'fd00::1' } },
      'clients["127.0.0.1"]: "fd00::1" is of another family than the endpoints under listen',
    ],
    [
      'domain',
      { acceptedDomains: ['a b'] },
      'acceptedDomains[0]: "a b" is no domain, such as "contoso.example" or "*.contoso.example"',
    ],
    ['domain', { acceptedDomains: [{ name: 'a..b' }] }, 'acceptedDomains[0].name: "a..b" is no domain'],
    ['no servers', { servers: [] }, 'servers: is empty; name a server in it, or leave it out'],
  ])('says where and what: %s', (_, more, line) => {
    expect(problems({ ...server, ...more })).toEqual([expect.stringContaining(line)]);
  });

  test('hears all of it at once', () => {
    expect(
      problems({
        ...server,
        fqdn: 3,
        logs: { maxAge: 'x' },
        connectors: [{ ...connector, remoteIPRanges: ['x', 'y'], Foo: 1 }],
        servr: 1,
      }),
    ).toHaveLength(6);
  });

  test('is told where it is no JSON', () => {
    expect(problems('{\n  "server": "EX01" // name\n  "fqdn": "x"\n}')).toEqual([
      'line 3, column 3: "\\"fqdn\\": \\"x\\" }" cannot stand here',
    ]);
    expect(problems('{ "server": ')).toEqual(['line 1, column 13: the file ends too early']);
    expect(problems('[1]')).toEqual(['the file holds a list and no settings']);
    expect(problems('')).toHaveLength(1);
  });

  test('names a server by its place, and what is shared by its own', () => {
    expect(
      problems({
        connectors: [{ ...connector, bindings: 'x' }],
        servers: [{ server: 'EX01', listen: 'x' }, { server: 'EX02', listen: '127.0.0.1:0', connectors: [{}] }, 7],
      }),
    ).toEqual([
      'servers[2]: 7 is no object',
      'servers[0].listen: "x" is no endpoint, such as "127.0.0.1:2525" or "[::1]:2525"',
      'connectors[0].bindings: "x" is no binding, such as "0.0.0.0:25"',
      'servers[1].connectors[0].name is missing',
      'servers[1].connectors[0].bindings is missing',
      'servers[1].connectors[0].remoteIPRanges is missing',
    ]);
  });
});
