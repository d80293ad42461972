import { describe, expect, it } from 'vitest';
import { customConnectors, defaultConnectors } from '../../fixtures/configuration/connectors.ts';
import { contosoConnectors, contosoDomains, contosoRights } from '../../fixtures/configuration/contoso.ts';
import { connectorOf, recordOf } from '../../src/configuration/record.ts';
import { checked } from '../../src/configuration/record-schema.ts';

const [example] = customConnectors();
const withProperties = (properties: Record<string, unknown>): unknown => ({ ...example, properties });
const accepts = (record: unknown): boolean => {
  try {
    checked('connectors', [record]);
    return true;
  } catch {
    return false;
  }
};

describe('a record', () => {
  it('becomes a connector and itself again', () => {
    for (const record of [...customConnectors(), ...defaultConnectors('2013', 'EX02')])
      expect(recordOf(connectorOf(record))).toEqual(record);
  });

  it('outlives JSON', () => {
    const outlives = (kind: Parameters<typeof checked>[0], record: unknown): void =>
      expect(checked(kind, JSON.parse(JSON.stringify(record)))).toEqual(record);
    outlives('connectors', contosoConnectors());
    for (const rights of contosoRights()) outlives('rights', rights);
    outlives('accepted-domains', contosoDomains());
    outlives('devices', [{ match: '10.0.0.1', name: 'MFP', owner: null, site: null, note: null }]);
  });

  it('holds only what can be read', () => {
    expect(accepts({ ...example, bindings: ['0.0.0.0'] })).toBe(false);
    expect(accepts({ ...example, remoteIPRanges: ['10.0.0.300'] })).toBe(false);
    expect(accepts({ ...example, server: '' })).toBe(false);
  });
});

describe('a property of a record', () => {
  it.each([
    { RequireTLS: 'True' },
    { MaxHopCount: 1.5 },
    { MaxMessageSize: '36 MB' },
    { TarpitInterval: -1 },
    { AuthMechanism: ['None'] },
    { AuthMechanism: ['Integrated', 'Tls'] },
    { AuthMechanism: ['Tls', 'Tls'] },
    { TransportRole: 'frontendtransport' },
    { TlsDomainCapabilities: '' },
    { Banner: undefined },
  ])('is not %j', (properties) => {
    expect(accepts(withProperties(properties))).toBe(false);
  });

  it.each([
    {},
    { MaxMessageSize: 'Unlimited', MessageRateLimit: 5 },
    { AuthMechanism: [], PermissionGroups: ['AnonymousUsers', 'Custom'] },
    { ExtendedProtectionPolicy: 'None' },
  ])('may be %j', (properties) => {
    expect(accepts(withProperties(properties))).toBe(true);
  });
});
