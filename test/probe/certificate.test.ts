/** What somebody who checks certificates would say. */
import { expect, test } from 'vitest';
import { type CertificateFacts, judgeTls, type TlsFacts } from '../../src/probe/certificate.ts';

const AT = Date.UTC(2026, 10, 2);
const DAY = 86_400_000;

const own: CertificateFacts = {
  subject: 'CN=mail.contoso.example',
  issuer: 'CN=Contoso CA',
  names: ['mail.contoso.example', 'ex01.contoso.example'],
  notBefore: AT - 100 * DAY,
  notAfter: AT + 200 * DAY,
  thumbprint: 'A1B2',
  isSelfSigned: false,
};
const GOOD: TlsFacts = { protocol: 'TLS1.2', cipher: 'x', chain: [own], matchesHost: true, distrust: null };

const judge = (facts: Partial<TlsFacts>, more: Partial<CertificateFacts> = {}): [string, boolean, string][] =>
  judgeTls({ ...GOOD, chain: [{ ...own, ...more }], ...facts }, 'mail.contoso.example', AT).map(({ kind, isRefusal, text }) => [
    kind,
    isRefusal,
    text,
  ]);

test('nothing is wrong with a good one', () => {
  expect(judge({})).toEqual([]);
});

test.each<[Partial<TlsFacts>, Partial<CertificateFacts>, string, boolean, string]>([
  [{ distrust: 'CERT_HAS_EXPIRED' }, { notAfter: AT - DAY }, 'expired', true, 'The certificate expired on 2026-11-01.'],
  [
    { distrust: 'CERT_NOT_YET_VALID' },
    { notBefore: AT + DAY },
    'not-yet-valid',
    true,
    'The certificate is valid from 2026-11-03 on only.',
  ],
  [{}, { notAfter: AT + 30 * DAY }, 'expires-soon', false, 'The certificate expires on 2026-12-02, in 30 days.'],
  [{}, { notAfter: AT + 1 }, 'expires-soon', false, 'The certificate expires on 2026-11-02, in less than a day.'],
  [
    { matchesHost: false },
    {},
    'other-name',
    true,
    'The certificate is not for mail.contoso.example: it is for mail.contoso.example, ex01.contoso.example.',
  ],
  [
    { distrust: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
    { isSelfSigned: true },
    'self-signed',
    true,
    'The certificate is signed by itself: nobody vouches for it.',
  ],
  [{ distrust: 'CERT_REVOKED' }, {}, 'untrusted', true, 'The certificate was revoked.'],
  [{ protocol: 'TLS1.1' }, {}, 'old-protocol', true, 'TLS1.1 is what both agreed on: clients of today want TLS 1.2 at least.'],
])('%o %o is %s', (facts, more, kind, isRefusal, text) => {
  expect(judge(facts, more)).toEqual([[kind, isRefusal, text]]);
});

test('a month and a day are enough', () => {
  expect(judge({}, { notAfter: AT + 30 * DAY + 1 })).toEqual([]);
});

test('an unknown issuer is named, and may be the own one; an expired one above it is found', () => {
  const [[kind, , text] = [], ...others] = judge({ distrust: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
  expect([kind, others]).toEqual(['untrusted', []]);
  expect(text).toContain('signed by CN=Contoso CA, which is not among the public authorities');
  const chain = [own, { ...own, subject: 'CN=Old CA', notAfter: AT - DAY }];
  expect(judge({ chain, distrust: 'CERT_HAS_EXPIRED' })).toMatchObject([
    ['issuer-expired', true, expect.stringContaining('CN=Old CA')],
  ]);
});

test('a chain that is out of date above what was sent is not trusted', () => {
  expect(judge({ distrust: 'CERT_HAS_EXPIRED' })).toMatchObject([['issuer-expired', true, expect.any(String)]]);
});

test('no certificate at all is one finding', () => {
  expect(judge({ chain: [], matchesHost: false })).toEqual([['no-certificate', true, 'The server showed no certificate.']]);
});
