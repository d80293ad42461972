import { describe, expect, it } from 'vitest';
import { defaultConnectors } from '../../src/connector/default-connectors.ts';
import type { Properties } from '../../src/connector/properties.ts';
import { refusalsOf, refusalsOfRequest } from '../../src/connector/refusal.ts';
import { EXCHANGE_VERSIONS, USAGES, usageProperties } from '../../src/connector/usage-type.ts';
import { connector } from './connectors.ts';

const rules = (properties: Properties, context = {}): string[] =>
  refusalsOf(connector('Relay', '0.0.0.0:25', '10.0.0.0/8', properties), context).map(({ rule }) => rule);

describe('what the cmdlets refuse on one connector', () => {
  it.each<[string, Properties]>([
    ['basic-auth-require-tls-without-tls', { AuthMechanism: ['BasicAuth', 'BasicAuthRequireTLS'] }],
    ['basic-auth-require-tls-without-basic-auth', { AuthMechanism: ['Tls', 'BasicAuthRequireTLS'] }],
    ['require-tls-without-tls', { RequireTLS: true, AuthMechanism: [] }],
    [
      'external-authoritative-with-other-authentication',
      { AuthMechanism: ['ExternalAuthoritative', 'Integrated'], PermissionGroups: ['ExchangeServers'] },
    ],
    [
      'external-authoritative-without-exchange-servers',
      { AuthMechanism: ['ExternalAuthoritative', 'Tls'], PermissionGroups: ['AnonymousUsers'] },
    ],
    ['domain-secure-without-tls', { DomainSecureEnabled: true, AuthMechanism: [] }],
    [
      'domain-secure-with-external-authoritative',
      { DomainSecureEnabled: true, AuthMechanism: ['Tls', 'ExternalAuthoritative'], PermissionGroups: ['ExchangeServers'] },
    ],
    ['inactivity-longer-than-connection', { ConnectionInactivityTimeout: 601_000, ConnectionTimeout: 600_000 }],
    ['extended-protection-without-require-tls', { ExtendedProtectionPolicy: 'Allow', RequireTLS: false }],
    ['exchange-server-authentication-with-foreign-fqdn', { AuthMechanism: ['Tls', 'ExchangeServer'], Fqdn: 'mail.contoso.com' }],
    ['legacy-servers-on-edge', { TransportRole: 'Edge', PermissionGroups: ['ExchangeLegacyServers'] }],
    ['long-addresses-on-edge', { TransportRole: 'Edge', LongAddressesEnabled: true }],
    ['suppressed-anonymous-tls-on-edge', { TransportRole: 'Edge', SuppressXAnonymousTls: true }],
    ['binary-mime-without-chunking', { BinaryMimeEnabled: true, ChunkingEnabled: false }],
    ['client-settings-without-exchange-users', { AdvertiseClientSettings: true, PermissionGroups: ['AnonymousUsers'] }],
    ['banner-not-220', { Banner: '250 hello' }],
    ['banner-not-220', { Banner: '220 one\r\n220 two' }],
    ['transport-role-without-connectors', { TransportRole: 'Cafe' }],
    ['value-out-of-range', { MaxHopCount: 501 }],
  ])('%s', (rule, properties) => {
    expect(rules(properties)).toEqual([rule]);
  });

  it('says it in plain words and in the words of Exchange', () => {
    const [refusal] = refusalsOf(
      connector('Relay', '0.0.0.0:25', '10.0.0.0/8', { AuthMechanism: ['ExchangeServer'], Fqdn: 'mail.contoso.com' }),
      { serverFqdn: 'ex01.contoso.com' },
    );
    expect(refusal?.properties).toEqual(['AuthMechanism', 'Fqdn']);
    expect(refusal?.exchangeSays).toContain(
      'the FQDN of the transport server "ex01.contoso.com", the NetBIOS name of the transport server "EX01", or $null.',
    );
  });

  it('takes the names of the server itself for Fqdn', () => {
    for (const Fqdn of ['', 'EX01', 'ex01.contoso.com'])
      expect(rules({ AuthMechanism: ['ExchangeServer'], Fqdn }), Fqdn).toEqual([]);
    expect(
      rules({ AuthMechanism: ['ExchangeServer'], Fqdn: 'ex01.fabrikam.com' }, { serverFqdn: 'ex01.contoso.com' }),
    ).toHaveLength(1);
  });

  it('says nothing about what is not known', () => {
    expect(rules({ RequireTLS: true })).toEqual([]);
    expect(rules({ AuthMechanism: ['ExternalAuthoritative'] })).toEqual([]);
    expect(rules({ Banner: '220-one\r\n220 two' })).toEqual([]);
  });

  it('refuses no connector that setup makes, and nothing that a usage gives', () => {
    for (const version of EXCHANGE_VERSIONS) {
      const server = { server: 'EX01', fqdn: 'ex01.contoso.com', version };
      for (const one of defaultConnectors(server)) expect(refusalsOfRequest(one), one.name).toEqual([]);
    }
    for (const usage of [undefined, ...USAGES]) expect(rules(usageProperties(usage, '2016+')), usage).toEqual([]);
  });

  it('refuses Custom in a command, and finds it natural in an export', () => {
    const one = connector('Relay', '0.0.0.0:25', '10.0.0.0/8', { PermissionGroups: ['AnonymousUsers', 'Custom'] });
    expect(refusalsOf(one)).toEqual([]);
    expect(refusalsOfRequest(one).map(({ rule }) => rule)).toEqual(['custom-permission-group']);
  });

  it('refuses names that are none, and connectors without bindings or ranges', () => {
    const of = (name: string, bindings: string, ranges: string) =>
      refusalsOfRequest(connector(name, bindings, ranges)).map(({ rule }) => rule);
    expect(of('a\\b', '0.0.0.0:25', '10.0.0.1')).toEqual(['name-with-backslash']);
    expect(of('x'.repeat(65), '0.0.0.0:25', '10.0.0.1')).toEqual(['name-too-long']);
    expect(of('x'.repeat(64), '0.0.0.0:25', '10.0.0.1')).toEqual([]);
    expect(of(' ', '', '10.0.0.1')).toEqual(['name-missing', 'bindings-or-ranges-missing']);
  });
});

describe('the connectors of setup', () => {
  it('stand in this order, with these ports', () => {
    const made = defaultConnectors({ server: 'EX01', fqdn: 'ex01.contoso.com', version: '2019' });
    expect(made.map(({ name, bindings }) => `${name}: ${bindings.map(({ port }) => port).join()}`)).toEqual([
      'Default EX01: 2525,2525',
      'Client Proxy EX01: 465,465',
      'Default Frontend EX01: 25,25',
      'Outbound Proxy Frontend EX01: 717,717',
      'Client Frontend EX01: 587,587',
    ]);
    expect(made[2]?.properties).toMatchObject({
      Fqdn: 'ex01.contoso.com',
      ProtocolLoggingLevel: 'Verbose',
      MaxHeaderSize: 262_144,
    });
  });
});
