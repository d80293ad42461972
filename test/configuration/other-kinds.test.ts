/** Rights, accepted domains and devices. */
import { describe, expect, it } from 'vitest';
import { objectsAsList } from '../../fixtures/configuration/format-list.ts';
import { problemsOf, read } from './reading.ts';

describe('rights', () => {
  const entry = (more: Record<string, unknown>) => ({
    User: 'NT-AUTORITÄT\\ANONYMOUS-ANMELDUNG',
    Deny: false,
    IsInherited: false,
    ExtendedRights: ['ms-Exch-SMTP-Submit'],
    ...more,
  });
  const rightsOf = (...entries: unknown[]) => read(JSON.stringify(entries), { server: 'GIVEN' }).rights;

  it.each([
    [{ Connector: 'EX01\\Relay', Identity: 'other' }, 'EX01', 'Relay'],
    [{ Identity: 'EX01\\Relay' }, 'EX01', 'Relay'],
    [{ Identity: 'contoso.com/Configuration/x/Servers/EX01/Protocols/SMTP Receive Connectors/Relay' }, 'EX01', 'Relay'],
    [
      { Identity: 'CN=Relay\\, \\"new\\" \\C3\\BC,CN=SMTP Receive Connectors,CN=Protocols,CN=EX01,CN=Servers,DC=x' },
      'EX01',
      'Relay, "new" ü',
    ],
    [{ Identity: 'Relay' }, 'GIVEN', 'Relay'],
  ])('name their connector: %j', (identity, server, connector) => {
    expect(rightsOf(entry(identity))).toMatchObject([{ server, connector, entries: [{ rights: ['ms-Exch-SMTP-Submit'] }] }]);
  });

  it('of one connector are one record, of two servers two', () => {
    const of = (connector: string, right: string) => entry({ Connector: connector, ExtendedRights: right });
    const rights = rightsOf(of('EX01\\Relay', 'a'), of('EX02\\Relay', 'b'), of('ex01\\RELAY', 'c;d'), of('EX01\\Relay', 'a'));
    expect(rights.map(({ server, entries }) => [server, entries.map(({ rights }) => rights.join())])).toEqual([
      ['EX01', ['a', 'c,d']],
      ['EX02', ['b']],
    ]);
  });

  it('tell denied from granted, and inherited from own', () => {
    expect(rightsOf(entry({ Identity: 'EX01\\R', Deny: 'True', IsInherited: 'True' }))[0]?.entries[0]).toMatchObject({
      deny: true,
      inherited: true,
    });
  });

  it.each([true, false])('have switches as the local shell writes them: %s', (IsPresent) => {
    expect(
      rightsOf(entry({ Identity: 'EX01\\R', Deny: { IsPresent }, IsInherited: { IsPresent } }))[0]?.entries[0],
    ).toMatchObject({
      deny: IsPresent,
      inherited: IsPresent,
    });
  });

  it.each<[Record<string, unknown>, RegExp, RegExp]>([
    [{ Deny: 'perhaps' }, /neither True nor False \("perhaps"\)/, /^Export again with the lines/],
    [{ User: null }, /names no User/, /^Export again with the lines/],
    [{ ExtendedRights: '{a, b...}' }, /cut off/, /FormatEnumerationLimit/],
  ])('are refused with a hint that fits: %j', (wrong, what, hint) => {
    const [problem] = read(JSON.stringify([entry({ Identity: 'EX01\\R', ...wrong })])).problems;
    expect(problem?.what).toMatch(what);
    expect(problem?.hint).toMatch(hint);
  });

  it('come nested from the local shell', () => {
    const nested = entry({
      Identity: 'EX01\\R',
      User: { SecurityIdentifier: 'S-1-5-7', RawIdentity: 'NT AUTHORITY\\ANONYMOUS LOGON' },
      ExtendedRights: [{ RawIdentity: 'ms-Exch-SMTP-Accept-Any-Recipient' }],
    });
    expect(rightsOf(nested)[0]?.entries).toEqual([
      { user: 'NT AUTHORITY\\ANONYMOUS LOGON', deny: false, inherited: false, rights: ['ms-Exch-SMTP-Accept-Any-Recipient'] },
    ]);
  });

  it('of a connector are known, and none, where no entry is an extended right', () => {
    expect(rightsOf(entry({ Identity: 'EX01\\R', ExtendedRights: null }))).toEqual([
      { server: 'EX01', connector: 'R', entries: [] },
    ]);
  });

  it('come from Format-List and from a table', () => {
    const list = objectsAsList(
      [
        [
          ['User', 'CONTOSO\\Exchange Servers'],
          ['Identity', 'EX01\\R'],
          ['Deny', 'False'],
          ['AccessRights', '{ExtendedRight}'],
          ['IsInherited', 'False'],
          ['ExtendedRights', '{ms-Exch-SMTP-Accept-Authoritative-Domain-Sender}'],
        ],
      ],
      { width: 60 },
    );
    const table =
      'User,Identity,Deny,IsInherited,ExtendedRights\nCONTOSO\\Exchange Servers,EX01\\R,False,False,ms-Exch-SMTP-Accept-Authoritative-Domain-Sender\n';
    expect(read(list).rights).toEqual(read(table).rights);
    expect(read(list).rights[0]?.entries).toHaveLength(1);
  });

  it('of a connector are not read where one entry is cut', () => {
    const text = JSON.stringify([
      entry({ Identity: 'EX01\\R' }),
      entry({ Identity: 'EX01\\R', ExtendedRights: '{a, b...}' }),
      entry({ Identity: 'EX01\\S' }),
    ]);
    expect(read(text).rights.map(({ connector }) => connector)).toEqual(['S']);
    expect(problemsOf(text)).toEqual([
      expect.stringMatching(/^! object 2: EX01\\R: ExtendedRights of .* were cut off by PowerShell/),
    ]);
  });

  it('on something that is no connector are left out', () => {
    expect(problemsOf(JSON.stringify([entry({ Identity: 'contoso.com/Users/Anna' })]))[0]).toMatch(/^! object 1: a right/);
  });

  it('without a column for Deny are taken as granted, and that is said', () => {
    const { Deny: _, ...rest } = entry({ Identity: 'EX01\\R' });
    expect(problemsOf(JSON.stringify([rest]))).toEqual([
      'object 1: rights without a Deny column: all of them are taken as granted',
    ]);
  });
});

describe('accepted domains', () => {
  it.each([
    [{ DomainName: '*.contoso.example', DomainType: 'InternalRelay' }, '*.contoso.example', 'InternalRelay'],
    [{ DomainName: { Domain: 'contoso.example', IncludeSubDomains: true }, DomainType: 2 }, '*.contoso.example', 'InternalRelay'],
    [{ DomainName: { Address: 'contoso.example' }, DomainType: { value: 1 } }, 'contoso.example', 'ExternalRelay'],
    [{ DomainName: { IsStar: true, Domain: '*' }, DomainType: 0 }, '*', 'Authoritative'],
  ])('come in every notation: %j', (domain, domainName, domainType) => {
    expect(read(JSON.stringify({ Name: 'x', Default: true, ...domain })).acceptedDomains).toEqual([
      { name: 'x', domainName, domainType, isDefault: true },
    ]);
  });

  it('of a type that nobody knows are named and left out', () => {
    expect(problemsOf('{"Name":"x","DomainName":"a.example","DomainType":"Shared"}')).toEqual([
      '! object 1: a.example: DomainType "Shared" is none of Authoritative, ExternalRelay, InternalRelay; the domain is left out',
    ]);
  });

  it('told twice are told once, or refused where they differ', () => {
    const domain = (type: number) => ({ Name: 'x', DomainName: 'a.example', DomainType: type });
    expect(read(JSON.stringify([domain(0), domain(0)])).acceptedDomains).toHaveLength(1);
    expect(read(JSON.stringify([domain(0), domain(1)])).acceptedDomains).toEqual([]);
  });
});

describe('devices', () => {
  const matches = (text: string | Uint8Array): string[] => read(text).devices.map(({ match, name }) => `${match} ${name}`);

  it.each([
    'Address,Name\n10.0.0.1,MFP\n',
    'IP;Gerät\n10.0.0.1;MFP\n',
    'Bezeichnung\tIP-Adresse\tStandort\nMFP\t10.0.0.1\tKeller\n',
    'ip address,device name\n10.0.0.1,MFP\n',
    '# our devices\n\nSource,Device,Owner\n# printers\n10.0.0.1,MFP,\n',
  ])('are known by the names of their columns: %j', (text) => {
    expect(matches(text)).toEqual(['10.0.0.1 MFP']);
  });

  it('have owner, site and note where the list says them', () => {
    expect(read('CIDR,Label,Verantwortlicher,Ort,Bemerkung\n10.0.0.0/28,ERP,Anna,Köln,"zwei, drei"\n').devices).toEqual([
      { match: '10.0.0.0/28', name: 'ERP', owner: 'Anna', site: 'Köln', note: 'zwei, drei' },
    ]);
  });

  it('may have several addresses in one cell, and a hello name besides', () => {
    expect(matches('IP,Helo,Name\n10.0.0.1; 10.0.0.3 - 10.0.0.5 fd00::1,UPS room 2,UPS\n')).toEqual([
      '10.0.0.1 UPS',
      '10.0.0.3-10.0.0.5 UPS',
      'fd00::1 UPS',
      'UPS room 2 UPS',
    ]);
  });

  it('may be known by a hello name alone, and lend their name from it', () => {
    expect(matches('IP,Hostname\n10.0.0.1,mfp-01\n,cam-lobby\n')).toEqual([
      '10.0.0.1 mfp-01',
      'mfp-01 mfp-01',
      'cam-lobby cam-lobby',
    ]);
  });

  it('in windows-1252 keep their letters', () => {
    expect(matches(Buffer.from('IP;Gerät\n10.0.0.1;Büro\n', 'latin1'))).toEqual(['10.0.0.1 Büro']);
  });

  it('may have inches in their names', () => {
    expect(matches('IP,Name\n10.0.0.1,Plotter 44" A0\n10.0.0.2,Next\n')).toEqual(['10.0.0.1 Plotter 44" A0', '10.0.0.2 Next']);
  });

  it('with a wrong address are named, and the others stand', () => {
    const text = 'IP,Name\n10.0.0.300,A\n10.0.0.2,B\n,C\n10.0.0.4,\n';
    expect(matches(text)).toEqual(['10.0.0.2 B']);
    expect(problemsOf(text)).toEqual([
      'line 2: "10.0.0.300" is no address and no range; no device is made of it',
      'line 4: C has no address and no hello name; it is left out',
      'line 5: the row has no name for the device; it is left out',
    ]);
  });

  it('with more cells than columns are left out alone', () => {
    const text = 'IP,Name\n10.0.0.1,A,B\n10.0.0.2,C\n';
    expect(matches(text)).toEqual(['10.0.0.2 C']);
    expect(problemsOf(text)).toEqual(['line 2: the row has 3 cells and the header 2, so the row is left out']);
  });

  it('of which none can be read are no list', () => {
    expect(problemsOf('IP,Name\n10.0.0.300,A\n')[1]).toBe('! : nothing in the file can be read');
  });

  it('told twice keep their first name', () => {
    const text = 'IP,Name\n10.0.0.1,A\n10.0.0.1,B\n10.0.0.1,A\n';
    expect(matches(text)).toEqual(['10.0.0.1 A']);
    expect(problemsOf(text)).toEqual([
      'line 3: the device 10.0.0.1 stands at line 2 and line 3 with different values; the first is kept',
    ]);
  });

  it('are not the servers of Exchange', () => {
    expect(read('Name,Fqdn,Site,ObjectClass\nEX01,ex01.contoso.example,x,y\n').devices).toEqual([]);
    expect(read('Name : EX01\nFqdn : ex01.contoso.example\n').devices).toEqual([]);
  });
});
