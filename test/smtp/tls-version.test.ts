import { expect, it } from 'vitest';
import { tlsVersion } from '../../src/smtp/tls-version.ts';

it.each([
  ['SP_PROT_TLS1_0_SERVER', 'TLS1.0'],
  ['SP_PROT_TLS1_0_CLIENT', 'TLS1.0'],
  ['SP_PROT_TLS1_SERVER', 'TLS1.0'],
  ['SP_PROT_TLS1_1_CLIENT', 'TLS1.1'],
  ['SP_PROT_TLS1_2_SERVER', 'TLS1.2'],
  ['SP_PROT_TLS1_3_SERVER', 'TLS1.3'],
  ['SP_PROT_SSL2_SERVER', 'SSL2'],
  ['SP_PROT_SSL3_CLIENT', 'SSL3'],
  ['SP_PROT_PCT1_SERVER', 'PCT1'],
  ['4096', 'unknown(4096)'],
  ['8192', 'unknown(8192)'],
])('%s is %s', (protocol, version) => {
  expect(tlsVersion(protocol)).toBe(version);
});
