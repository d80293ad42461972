import { describe, expect, it } from 'vitest';
import { customConnectors, defaultConnectors } from '../../fixtures/configuration/connectors.ts';
import { contosoConnectors, contosoDomains, contosoRights } from '../../fixtures/configuration/contoso.ts';
import { configurationRecord, connectorOf, connectorRecord, recordOf } from '../../src/configuration/record.ts';

const [example] = customConnectors();
const withProperties = (properties: Record<string, unknown>): unknown => ({ ...example, properties });
const accepts = (record: unknown): boolean => connectorRecord.safeParse(record).success;

describe('a record', () => {
  it('becomes a connector and itself again', () => {
    for (const record of [...customConnectors(), ...defaultConnectors('2013', 'EX02')])
      expect(recordOf(connectorOf(record))).toEqual(record);
  });

  it('outlives JSON', () => {
    const records = { connectors: contosoConnectors(), rights: contosoRights(), acceptedDomains: contosoDomains(), devices: [] };
    expect(configurationRecord.parse(JSON.parse(JSON.stringify(records)))).toEqual(records);
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
