import { describe, expect, it } from 'vitest';
import { json, problemsOf, read, readOne } from './reading.ts';

const propertiesOf = (properties: Record<string, unknown>) => readOne(json(properties)).properties;

describe('enums', () => {
  it('come as numbers, names and wrapped', () => {
    for (const value of [
      45,
      '45',
      'AnonymousUsers, ExchangeServers, ExchangeLegacyServers, Custom',
      ['Custom', 'anonymoususers', 'ExchangeServers', 'ExchangeLegacyServers'],
      { value: 45 },
      { Value: 'Custom, AnonymousUsers, ExchangeServers, ExchangeLegacyServers' },
    ])
      expect(propertiesOf({ PermissionGroups: value }), JSON.stringify(value)).toEqual({
        PermissionGroups: ['AnonymousUsers', 'ExchangeServers', 'ExchangeLegacyServers', 'Custom'],
      });
    for (const value of [16384, 'FrontendTransport', 'frontendtransport', { value: 16384, Value: 'FrontendTransport' }])
      expect(propertiesOf({ TransportRole: value })).toEqual({ TransportRole: 'FrontendTransport' });
  });

  it('of none are an empty list, which is not the same as nothing', () => {
    expect(propertiesOf({ AuthMechanism: 'None', PermissionGroups: 0 })).toEqual({ AuthMechanism: [], PermissionGroups: [] });
    expect(propertiesOf({ AuthMechanism: null, PermissionGroups: '', RequireTLS: null, MaxHopCount: '' })).toEqual({});
  });
});

describe('sizes', () => {
  it.each([
    '36 MB (37,748,736 bytes)',
    '36 MB (37.748.736 bytes)',
    '36 MB (37 748 736 bytes)',
    '36 MB (37\u00a0748\u00a0736 octets)',
    '36 MB (37\u202f748\u202f736 bytes)',
    "36 MB (37'748'736 bytes)",
    '36 MB (37’748’736 Bytes)',
    '36MB',
    '37748736',
    37748736,
    { IsUnlimited: false, Value: { Value: '36 MB (37,748,736 bytes)' } },
    { IsUnlimited: false, Value: '36 MB (37,748,736 bytes)' },
    { IsUnlimited: false, Value: 37748736 },
  ])('are read from %j', (value) => {
    expect(propertiesOf({ MaxMessageSize: value })).toEqual({ MaxMessageSize: 37_748_736 });
  });

  it('may be unlimited', () => {
    for (const value of ['Unlimited', 'unlimited', { IsUnlimited: true, Value: null }])
      expect(propertiesOf({ MaxMessageSize: value, MessageRateLimit: value })).toEqual({
        MessageRateLimit: 'Unlimited',
        MaxMessageSize: 'Unlimited',
      });
  });

  it('without digits are named, and the connector stands without them', () => {
    const text = json({ MaxMessageSize: 'quite big', MaxHopCount: 60 });
    expect(read(text).connectors[0]?.properties).toEqual({ MaxHopCount: 60 });
    expect(problemsOf(text)).toEqual([
      'object 1: EX01\\Relay: MaxMessageSize is unreadable ("quite big"), so it counts as unknown',
    ]);
  });
});

it('spans of time come as text and as objects', () => {
  for (const value of ['1.00:00:00', '24:00:00', 'P1D', 'PT24H', { Ticks: 864_000_000_000, Days: 1 }, '1.00:00:00.0000000'])
    expect(propertiesOf({ ConnectionTimeout: value }), JSON.stringify(value)).toEqual({ ConnectionTimeout: 86_400_000 });
});

describe('nested addresses', () => {
  const address = (text: string) => ({ AddressFamily: 2, IPAddressToString: text });

  it('give their expression, else their bounds', () => {
    const ranges = [
      { Expression: '10.0.0.0/8', LowerBound: address('10.0.0.0') },
      { LowerBound: '10.1.0.1', UpperBound: '10.1.0.9' },
      { LowerBound: address('10.2.0.1'), UpperBound: address('10.2.0.1'), RangeFormat: 4 },
      { LowerBound: address('10.3.0.0'), UpperBound: address('10.3.255.255'), RangeFormat: 1, CIDRLength: 16 },
      { LowerBound: { Address: 'fd00::' }, UpperBound: { Address: 'fd00::ff' } },
      { LowerBound: { Address: 16777343 }, UpperBound: { Address: 16777343 } },
    ];
    expect(readOne(json({ RemoteIPRanges: ranges })).remoteIPRanges).toEqual([
      '10.0.0.0/8',
      '10.1.0.1-10.1.0.9',
      '10.2.0.1',
      '10.3.0.0/16',
      'fd00::-fd00::ff',
      '127.0.0.1',
    ]);
  });

  it('give bindings', () => {
    const bindings = [
      { Address: address('0.0.0.0'), Port: 25 },
      { Address: '::', Port: '587' },
      { Expression: '[::]:717' },
      ':465',
      ':::2525',
      '[::]:26:',
    ];
    expect(readOne(json({ Bindings: bindings })).bindings).toEqual([
      '0.0.0.0:25',
      '[::]:587',
      '[::]:717',
      '0.0.0.0:465',
      '[::]:2525',
      '[::]:26',
    ]);
  });

  it('that ConvertTo-Json made into text at the end of its depth refuse the connector', () => {
    for (const value of [
      ['@{Expression=10.0.0.0/8; LowerBound=10.0.0.0}'],
      '@{Expression=10.0.0.0/8} @{Expression=11.0.0.0/8}',
      ['Microsoft.Exchange.Data.IPRange'],
      'System.Collections.Hashtable',
    ]) {
      const [problem] = read(json({ RemoteIPRanges: value })).problems;
      expect(problem, JSON.stringify(value)).toMatchObject({ fatal: true, what: expect.stringContaining('the name of a type') });
    }
  });

  it('without bounds refuse the connector', () => {
    for (const value of [[{}], [{ LowerBound: '10.0.0.1' }], [null], [[]], [''], true, 7])
      expect(problemsOf(json({ RemoteIPRanges: value }))[0], JSON.stringify(value)).toMatch(
        /^! object 1: EX01\\Relay RemoteIPRanges/,
      );
  });
});

describe('lists', () => {
  it('may be wrapped as PowerShell 5.1 does, and be of one', () => {
    expect(readOne(json({ Bindings: { value: ['0.0.0.0:25'], Count: 1 }, RemoteIPRanges: '10.0.0.1' })).bindings).toEqual([
      '0.0.0.0:25',
    ]);
    expect(readOne(`{"value": [${json({})}], "Count": 1}`).name).toBe('Relay');
    expect(readOne(`[[${json({})}]]`).name).toBe('Relay');
  });

  it('that are empty refuse the connector, which would take nobody', () => {
    expect(problemsOf(json({ RemoteIPRanges: [] }))).toEqual([
      '! object 1: EX01\\Relay has empty RemoteIPRanges in the export; the connector is left out',
    ]);
  });
});

describe('identities', () => {
  const dn = 'CN=Relay\\, floor 2,CN=SMTP Receive Connectors,CN=Protocols,CN=EX07,CN=Servers,CN=x,DC=contoso,DC=example';
  it.each([
    [{ Identity: 'EX01\\a\\b' }, 'EX01', 'a\\b'],
    [{ Identity: dn }, 'EX07', 'Relay, floor 2'],
    [{ Identity: { Name: 'Relay, floor 2', DistinguishedName: dn } }, 'EX07', 'Relay, floor 2'],
    [{ Identity: 'contoso.com/Configuration/Services/Servers/EX08/Protocols/SMTP Receive Connectors/a\\/b' }, 'EX08', 'a/b'],
    [{ Identity: 'EX01\\X', Server: 'ex02.contoso.example' }, 'ex02', 'X'],
    [{ Identity: 'EX01\\X', Server: 'CN=EX05,CN=Servers,DC=contoso' }, 'EX05', 'X'],
    [{ Identity: 'X', Server: { Name: 'EX04', Parent: {} } }, 'EX04', 'X'],
    [{ Identity: null, Name: 'X', DistinguishedName: dn }, 'EX07', 'X'],
    [{ Identity: 'X' }, 'GIVEN', 'X'],
  ])('%j', (properties, server, name) => {
    expect(readOne(json(properties), { server: 'GIVEN.contoso.example' })).toMatchObject({ server, name });
  });

  it('without a server ask for it', () => {
    const [problem] = read(json({ Identity: 'X' })).problems;
    expect(problem).toMatchObject({ fatal: true, hint: expect.stringContaining('--server') });
  });
});

describe('what is not there or not right', () => {
  it('is named: a connector without bindings, ranges or name', () => {
    expect(problemsOf('{"Identity":"EX01\\\\A","Bindings":["0.0.0.0:25"],"Enabled":true}')[0]).toContain(
      'has no RemoteIPRanges in the export',
    );
    expect(problemsOf('{"Identity":"EX01\\\\A","RemoteIPRanges":["0.0.0.0:25"]}')[0]).toContain('has no Bindings in the export');
    expect(problemsOf(json({ Identity: '' }))[0]).toContain('neither Name nor Identity');
  });

  it('is named: each fault of a range by what it is', () => {
    expect(problemsOf(json({ RemoteIPRanges: ['10.0.0.9-10.0.0.1', 'printer'] }))).toEqual([
      expect.stringContaining('"10.0.0.9-10.0.0.1", which is a range whose ends are swapped'),
      expect.stringContaining('"printer", which is no address or range of addresses'),
    ]);
  });

  it('is named: a wrong range', () => {
    expect(problemsOf(json({ RemoteIPRanges: ['10.0.0.1', '10.0.0.9-10.0.0.1'] }))).toEqual([
      '! object 1: EX01\\Relay RemoteIPRanges holds "10.0.0.9-10.0.0.1", which is a range whose ends are swapped; the connector is left out',
    ]);
  });

  it('is named: several wrong bindings in one line', () => {
    expect(problemsOf(json({ Bindings: ['25', ':25', 'a:b', '1.1.1.1:99999', 'x'] }))).toEqual([
      '! object 1: EX01\\Relay Bindings holds "25", "a:b", "1.1.1.1:99999" and 1 more, each of which is no binding (an address and a port, as 0.0.0.0:25); the connector is left out',
    ]);
  });

  it('is named: every wrong value of every type', () => {
    const wrong = {
      AuthMechanism: 'Kerberos',
      PermissionGroups: 128,
      RequireTLS: 'maybe',
      MaxHopCount: 'x',
      TransportRole: 3,
      TarpitInterval: 5,
      Banner: ['x'],
      MaxProtocolErrors: {},
    };
    expect(read(json(wrong)).connectors[0]?.properties).toEqual({});
    expect(problemsOf(json(wrong))).toHaveLength(Object.keys(wrong).length);
  });

  it('is named with its place where the JSON is broken', () => {
    expect(problemsOf('[\n  {"Identity": "EX01\\\\A",\n   "Bindings": [1,2}\n]')[0]).toBe(
      '! line 3, column 20: the JSON breaks off before "} ]"',
    );
    expect(problemsOf('[{"Identity": "EX01')[0]).toMatch(/column/);
    expect(problemsOf('[{"Identity": 1}')[0]).toContain('the JSON ends too early');
    expect(problemsOf(`${json({})}\n${json({})}`)[0]).toMatch(/^! line 2, column 1: the JSON breaks off/);
  });

  it('is one line for a file of something else', () => {
    for (const text of [
      '',
      ' \r\n\t',
      '\ufeff',
      '[]',
      '{}',
      '[1,2]',
      'hello',
      '<html></html>',
      '{"a":{"b":1}}',
      'Dear colleague,\nplease find attached',
      '\0\0\0',
    ]) {
      const { problems } = read(text);
      expect(
        problems.map(({ fatal }) => fatal),
        JSON.stringify(text),
      ).toEqual([true]);
    }
  });

  it('does not end the program, however deep it nests', () => {
    expect(read('['.repeat(100_000) + ']'.repeat(100_000)).problems).toHaveLength(1);
    expect(readOne(json({ Extra: JSON.parse('{"a":'.repeat(2000) + '1' + '}'.repeat(2000)) })).others).toEqual({ Extra: '' });
  });

  it('is no prototype', () => {
    expect(readOne(json({ __proto__x: 1, constructor: 'x' })).others).toEqual({ __proto__x: '1', constructor: 'x' });
    expect(Object.keys(readOne('{"__proto__":"x",' + json({}).slice(1)).others)).toEqual(['__proto__']);
  });
});

describe('the same connector twice', () => {
  it('is kept once where both say the same, whatever the shell adds', () => {
    expect(readOne(`[${json({ RunspaceId: 'a' })},${json({ RunspaceId: 'b', Identity: 'ex01\\RELAY' })}]`).name).toBe('Relay');
  });

  it('is refused where they differ, with both places', () => {
    const text = `[${json({})},${json({ Identity: 'EX01\\Other' })},${json({ RemoteIPRanges: '10.0.0.2' })}]`;
    expect(read(text).connectors.map(({ name }) => name)).toEqual(['Other']);
    expect(problemsOf(text)).toEqual([
      '! object 3: EX01\\Relay stands at object 1 and object 3 with different values; all of them are left out',
    ]);
  });

  it('is not the same on another server', () => {
    expect(read(`[${json({})},${json({ Identity: 'EX02\\Relay' })}]`).connectors).toHaveLength(2);
  });
});

describe('texts that the local shell writes as objects', () => {
  it('are the same as the plain ones', () => {
    const nested = json({
      Fqdn: { Domain: 'mail.contoso.example', IsValid: true },
      ServiceDiscoveryFqdn: { Domain: 'disco.contoso.example' },
      DefaultDomain: { DistinguishedName: 'CN=contoso.com,CN=Accepted Domains', Name: 'contoso.com' },
      TlsCertificateName: { CertificateIssuer: 'CN=CA', CertificateSubject: 'CN=mail' },
      TlsDomainCapabilities: [{ Domain: { Domain: 'mail.example' }, Capabilities: 'AcceptCloudServicesMail' }],
      Banner: null,
    });
    const flat = json({
      Fqdn: 'mail.contoso.example',
      ServiceDiscoveryFqdn: 'disco.contoso.example',
      DefaultDomain: 'contoso.com',
      TlsCertificateName: '<I>CN=CA<S>CN=mail',
      TlsDomainCapabilities: ['mail.example:AcceptCloudServicesMail'],
      Banner: null,
    });
    expect(readOne(nested).properties).toEqual(readOne(flat).properties);
    expect(readOne(nested).properties).toMatchObject({ Fqdn: 'mail.contoso.example', DefaultDomain: 'contoso.com' });
  });

  it('are not half read: a capability that is only a number says so', () => {
    const { connectors, problems } = read(json({ TlsDomainCapabilities: [{ Domain: 'mail.example', Capabilities: 4 }] }));
    expect(connectors[0]?.properties.TlsDomainCapabilities).toBeUndefined();
    expect(problems[0]?.what).toContain('TlsDomainCapabilities is unreadable');
  });
});
