import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseBinding } from '../../src/connector/binding.ts';
import { defaultConnectors } from '../../src/connector/default-connectors.ts';
import { parseRemoteRange } from '../../src/connector/remote-range.ts';
import { type NewConnectorRequest, newConnector } from '../../src/powershell/new-connector.ts';
import type { Planned } from '../../src/powershell/plan.ts';
import { connector } from '../connector/connectors.ts';
import { commandsOf, expectGolden } from './golden.ts';

const EX01 = defaultConnectors({ server: 'EX01', fqdn: 'ex01.contoso.com', version: '2019' });

function ask(bindings: string, ranges: string, more: Partial<NewConnectorRequest> = {}): Planned {
  return newConnector({
    server: 'EX01',
    name: 'Anon Relay EX01',
    version: '2019',
    bindings: bindings
      .split(' ')
      .filter(Boolean)
      .map((text) => parseBinding(text)!),
    remoteIPRanges: ranges
      .split(' ')
      .filter(Boolean)
      .map((text) => parseRemoteRange(text)!),
    existing: EX01,
    ...more,
  });
}

function linesOf(planned: Planned) {
  if (planned.kind === 'refused') throw new Error(planned.refusals.map(({ because }) => because).join());
  return planned.lines;
}

const codeOf = (planned: Planned): string =>
  linesOf(planned)
    .filter(({ kind }) => kind === 'command')
    .map(({ text }) => text)
    .join('\n');

const rules = (planned: Planned): string[] => (planned.kind === 'refused' ? planned.refusals.map(({ rule }) => rule) : []);

describe('a new connector', () => {
  it('for an anonymous relay gets its right last, and by the SID of the account', () => {
    const planned = ask('0.0.0.0:25', '10.0.20.11 10.0.20.12', { relay: 'anonymous' });
    expectGolden('new-anonymous-relay', linesOf(planned));
    expect(commandsOf(linesOf(planned))).toEqual([
      'New-ReceiveConnector',
      'Add-ADPermission',
      'Get-ReceiveConnector',
      'Format-List',
      'Get-ReceiveConnector',
      'Get-ADPermission',
      'Where-Object',
      'Format-Table',
    ]);
  });

  it('for an externally secured relay needs no right', () => {
    const planned = ask('0.0.0.0:25 [::]:25', '10.0.20.0/24 fd00:20::/64', { relay: 'externally-secured' });
    expectGolden('new-externally-secured', linesOf(planned));
    expect(commandsOf(linesOf(planned))).not.toContain('Add-ADPermission');
  });

  it('logs', () => {
    expect(codeOf(ask('0.0.0.0:25', '10.0.20.11'))).toContain('ProtocolLoggingLevel = "Verbose"');
  });

  it('greets by the name that it is given', () => {
    expect(codeOf(ask('0.0.0.0:25', '10.0.20.11', { fqdn: 'relay.contoso.com' }))).toContain('Fqdn = "relay.contoso.com"');
    expect(codeOf(ask('0.0.0.0:25', '10.0.20.11', { fqdn: '' }))).toContain('Fqdn = $null');
    const withServers = { authMechanism: ['Tls', 'ExchangeServer'], serverFqdn: 'ex01.contoso.com' } as const;
    expect(rules(ask('0.0.0.0:25', '10.0.0.1', { ...withServers, fqdn: 'relay.contoso.com' }))).toEqual([
      'exchange-server-authentication-with-foreign-fqdn',
    ]);
    expect(rules(ask('0.0.0.0:25', '10.0.0.1', { ...withServers, fqdn: 'ex01.contoso.com' }))).toEqual([]);
  });

  it('takes each range and each binding once, whatever their notation', () => {
    expect(codeOf(ask('0.0.0.0:25 :25', '10.0.20.11 10.0.20.11/32 10.0.20.0/24 10.0.20.0-10.0.20.255'))).toMatch(
      /Bindings = "0\.0\.0\.0:25"\n {2}RemoteIPRanges = "10\.0\.20\.11", "10\.0\.20\.0\/24"\n/,
    );
  });

  it.each(['224.0.0.1:25', '239.255.255.255:25', '255.255.255.255:25', '[ff02::1]:25'])(
    'is refused at %s, which is no host',
    (binding) => {
      expect(rules(ask(binding, '10.0.0.1'))).toEqual(['binding-to-many-hosts']);
    },
  );

  it('relays in one way only', () => {
    const both = { authMechanism: ['ExternalAuthoritative'], permissionGroups: ['ExchangeServers'] } as const;
    expect(rules(ask('0.0.0.0:25', '10.0.0.1', { relay: 'anonymous', ...both }))).toEqual(['two-ways-to-relay']);
    expect(rules(ask('0.0.0.0:25', '10.0.0.1', { relay: 'externally-secured', ...both }))).toEqual([]);
  });

  it.each(['Client', 'Internal'] as const)('of the usage %s is told that ranges are missing, and only those', (usage) => {
    const planned = ask('', '', { usage, existing: null });
    expect(rules(planned)).toEqual(['ranges-missing-for-usage']);
    expect(JSON.stringify(planned)).not.toContain('Bindings and RemoteIPRanges');
    expect(rules(ask('', '10.0.0.1', { usage, existing: null }))).toEqual([]);
  });

  it('is refused for what Exchange refuses', () => {
    expect(rules(ask('', '10.0.0.1'))).toEqual(['bindings-or-ranges-missing']);
    expect(rules(ask('0.0.0.0:25', '10.0.0.1', { name: 'a\\b' }))).toEqual(['name-with-backslash']);
    expect(rules(ask('0.0.0.0:25', '10.0.0.1', { name: 'default frontend ex01' }))).toEqual(['name-taken']);
    expect(rules(ask('0.0.0.0:25', '10.0.0.1', { permissionGroups: ['Custom'] }))).toEqual(['custom-permission-group']);
    expect(rules(ask('0.0.0.0:2525', '10.0.0.1'))).toEqual(['conflict-role']);
    expect(rules(ask('0.0.0.0:25', '0.0.0.0/0'))).toEqual(['conflict-identical-ranges']);
    expect(rules(ask('0.0.0.0:26', '10.0.0.1', { usage: 'Client' }))).toEqual(['bindings-with-usage']);
    expect(rules(ask('0.0.0.0:26', '10.0.0.1', { usage: 'Internet' }))).toEqual(['ranges-with-usage']);
    expect(rules(ask('0.0.0.0:25', '10.0.0.1', { relay: 'externally-secured', authMechanism: ['Tls', 'BasicAuth'] }))).toEqual([
      'external-authoritative-with-other-authentication',
    ]);
  });

  it('does not conflict with the connectors of other servers', () => {
    const existing = [...EX01, connector('Anon Relay EX01', '0.0.0.0:25', '10.0.0.1', {}, 'EX02')];
    expect(rules(ask('0.0.0.0:25', '10.0.0.1', { existing }))).toEqual([]);
  });

  it.each<[string, string, string, Partial<NewConnectorRequest>]>([
    ['open relay', '10.9.9.9:25', '0.0.0.0-255.255.255.255', { relay: 'anonymous' }],
    ['strangers may relay', '0.0.0.0:25', '192.0.0.0/7', { relay: 'anonymous' }],
    ['65,536 addresses relay', '0.0.0.0:25', '10.1.0.0/16', { relay: 'externally-secured' }],
    ['fights with it for the port', '0.0.0.0:25', '10.1.0.1', { transportRole: 'HubTransport', existing: null }],
    ['not known here', '0.0.0.0:25', '10.1.0.1', { existing: null }],
    ['530', '0.0.0.0:25', '10.1.0.1', {}],
    ['no IPv6 client', '0.0.0.0:25 [::]:25', '10.1.0.1', { relay: 'anonymous' }],
  ])('warns: %s', (words, bindings, ranges, more) => {
    const planned = ask(bindings, ranges, more);
    expect(planned.kind === 'commands' && planned.warnings.join()).toContain(words);
    expect(
      linesOf(planned)
        .map(({ text }) => text.slice(2))
        .join(' '),
    ).toContain(words);
  });

  it('runs the same commands whatever its name', () => {
    const usual = commandsOf(linesOf(ask('0.0.0.0:25', '10.0.20.11', { relay: 'anonymous' })));
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }), (name) => {
        const planned = ask('0.0.0.0:25', '10.0.20.11', { relay: 'anonymous', name: `x${name.replaceAll('\\', '')}` });
        const run = commandsOf(linesOf(planned)).filter((one) => one !== 'Where-Object');
        expect(run).toEqual(usual.filter((one) => one !== 'Where-Object'));
      }),
      { numRuns: 300 },
    );
  });
});
