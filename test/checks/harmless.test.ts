/** Remedies are pasted as they are: none may open a relay, or be what Exchange refuses. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CONFIGURATION_CHECKS } from '../../src/checks/configuration-checks.ts';
import { type ConnectorSketch, organisationOf } from '../../src/checks/examples/example-organisation.ts';
import { runConfigurationChecks } from '../../src/checks/run-configuration-checks.ts';
import { expectHarmless } from './applied-remedy.ts';

const ALL = '0.0.0.0-255.255.255.255';
const RELAY = ['ms-Exch-SMTP-Submit', 'ms-Exch-SMTP-Accept-Any-Recipient'];

const some = (...texts: string[]) => fc.subarray(texts, { minLength: 1, maxLength: 3 }).map((list) => list.join(' '));

const sketch = fc.record(
  {
    on: some('0.0.0.0:25', '[::]:25', '10.9.9.9:25', '0.0.0.0:465', '0.0.0.0:587', '[::]:465'),
    from: some(
      ALL,
      '::/0',
      '10.0.0.0/24',
      '10.0.0.8-10.0.0.19',
      '10.0.0.16/28',
      '10.0.0.12',
      '8.8.8.0/30',
      '40.92.0.0/15',
      'fd00::/64',
    ),
    Enabled: fc.constantFrom(true, true, false),
    TransportRole: fc.constantFrom('FrontendTransport' as const, 'FrontendTransport' as const, 'HubTransport' as const),
    AuthMechanism: fc.constantFrom<NonNullable<ConnectorSketch['AuthMechanism']>[]>(
      [],
      ['Tls'],
      ['Tls', 'ExternalAuthoritative'],
      ['Tls', 'BasicAuth', 'ExchangeServer'],
    ),
    PermissionGroups: fc.constantFrom<NonNullable<ConnectorSketch['PermissionGroups']>[]>(
      [],
      ['AnonymousUsers'],
      ['AnonymousUsers', 'Custom'],
      ['ExchangeServers'],
      ['ExchangeUsers'],
      ['Custom'],
    ),
    anonymousRights: fc.constantFrom<string[][]>(RELAY, ['ms-Exch-SMTP-Accept-Any-Recipient'], ['ms-Exch-SMTP-Submit']),
    TlsDomainCapabilities: fc.constantFrom([], ['mail.protection.outlook.com:AcceptCloudServicesMail']),
  },
  { requiredKeys: ['on', 'from', 'Enabled', 'TransportRole', 'AuthMechanism', 'PermissionGroups'] },
);

it('holds for any configuration', () => {
  const names = ['EX01\\Default Frontend EX01', 'EX01\\A', 'EX01\\B', 'EX02\\A', 'EX02\\C'];
  fc.assert(
    fc.property(fc.array(sketch, { minLength: 1, maxLength: names.length }), (sketches) => {
      const organisation = organisationOf({
        connectors: sketches.map((one, index): ConnectorSketch => ({ ...one, id: names[index]! }) as ConnectorSketch),
      });
      expectHarmless(
        organisation,
        CONFIGURATION_CHECKS.flatMap((check) => check.find(organisation)),
      );
    }),
    { numRuns: 250 },
  );
});

it('holds where a disabled connector has the ranges of an enabled one, and either may win', () => {
  const from = '8.8.8.0/30';
  const organisation = organisationOf({
    connectors: [
      { id: 'EX01\\A', on: '[::]:465', from: 'fd00::/64', Enabled: true, PermissionGroups: [] },
      { id: 'EX02\\A', on: '0.0.0.0:465', from, Enabled: false, PermissionGroups: ['Custom'], anonymousRights: RELAY },
      { id: 'EX02\\C', on: '0.0.0.0:465', from, Enabled: true, PermissionGroups: [] },
    ],
  });
  const { findings } = runConfigurationChecks(organisation);
  expectHarmless(organisation, findings);
  const commands = findings.flatMap(({ remedy }) => remedy.map(({ text }) => text));
  expect(commands.filter((text) => /"EX02\\A".*-Enabled \$true/.test(text))).toEqual([]);
});

it('holds for ranges that no binding meets', () => {
  const organisation = organisationOf({
    connectors: [
      {
        id: 'S\\Default Frontend S',
        on: '[::]:25 0.0.0.0:25',
        from: `::/0 ${ALL}`,
        Enabled: true,
        PermissionGroups: ['AnonymousUsers'],
      },
      { id: 'S\\R', from: '10.0.0.0/24 ::/0', Enabled: true, PermissionGroups: ['AnonymousUsers', 'Custom'] },
    ],
  });
  const { findings } = runConfigurationChecks(organisation);
  expectHarmless(organisation, findings);
  expect(findings.map(({ check }) => check)).not.toContain('open-relay');
  expect(findings.map(({ check }) => check)).not.toContain('wide-relay-range');
  const [dead] = findings.filter(({ check }) => check === 'unmatched-family');
  expect(dead?.remedy.at(-1)?.text).toBe('Set-ReceiveConnector -Identity "S\\R" -RemoteIPRanges @{Remove="::/0"}');
});
