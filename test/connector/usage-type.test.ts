import { expect, it } from 'vitest';
import { contosoConnectors } from '../../fixtures/configuration/contoso.ts';
import { connectorOf } from '../../src/configuration/record.ts';
import type { Properties } from '../../src/connector/properties.ts';
import { versionOf } from '../../src/connector/usage-type.ts';
import { connector } from './connectors.ts';

const of = (server: string) =>
  contosoConnectors()
    .filter((one) => one.server === server)
    .map(connectorOf);
const withProperties = (properties: Properties) => [connector('R', '0.0.0.0:25', '10.0.0.1', properties)];

it.each([
  ['EX01', '2016'],
  ['EX02', '2013'],
])('%s of the fixtures counts as %s', (server, version) => {
  expect(of(server).length).toBeGreaterThan(0);
  expect(versionOf(of(server))).toBe(version);
});

it.each<[Properties, string]>([
  [{ SmtpUtf8Enabled: false }, '2013'],
  [{ SmtpUtf8Enabled: true }, '2016'],
  [{ SmtpUtf8Enabled: false, AcceptConsumerMail: false }, '2016'],
  [{ AuthTarpitInterval: 5000 }, '2016'],
  [{ RejectReservedTopLevelRecipientDomains: false }, '2016'],
])('%j is of %s', (properties, version) => {
  expect(versionOf(withProperties(properties))).toBe(version);
});
