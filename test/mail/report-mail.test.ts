/** A report as a mail: what is in it, and when two are the same. */
import { describe, expect, it, test } from 'vitest';
import { type ReportMailOptions, reportMail } from '../../src/mail/report-mail.ts';
import { sendFailure } from '../../src/mail/send-failure.ts';
import { document, everywhere } from '../render/everywhere.ts';
import { elementsOf } from '../render/html-reading.ts';
import { OPTIONS, REPORT } from './report.ts';

test('has the page with a picture of its own parts for each chart, and the same as text', () => {
  const { html, text, pictures } = reportMail(REPORT, OPTIONS);
  const sources = elementsOf(html).flatMap(({ name, attributes }) => (name === 'img' ? [attributes.src] : []));
  expect(sources).toEqual(pictures.map(({ id }) => `cid:${id}`));
  expect(pictures.map(({ name }) => name)).toEqual(['chart-1.png', 'chart-2.png']);
  expect(html).toContain('img-src cid:');
  expect(html).not.toContain('data:');
  // Programs for mail fold nothing.
  expect(html).not.toContain('<details');
  expect(text).toContain('42 devices sent 12 messages.');
  expect(text).toContain('a  ·█▄   10');
});

describe('two reports', () => {
  const idOf = (more: Partial<ReportMailOptions> = {}, one = REPORT): string =>
    reportMail(one, { ...OPTIONS, ...more }).messageId;

  it('are the same when made later, with another stamp, for the same people in another order', () => {
    expect(idOf()).toMatch(/^<report\.2026-10\.[0-9a-f]{20}@contoso\.example>$/);
    const later = {
      at: OPTIONS.at + 60_000,
      to: [...OPTIONS.to].reverse(),
      stamp: { kind: 'text', text: 'Made at 7.' } as const,
    };
    expect(idOf(later)).toBe(idOf());
    expect(reportMail(REPORT, { ...OPTIONS, ...later }).html).toContain('Made at 7.');
  });

  it('differ by period, people, subject and figures', () => {
    const ids = [
      idOf(),
      idOf({ period: '2026-09' }),
      idOf({ to: ['anna@contoso.example'] }),
      idOf({ subject: 'Again' }),
      idOf({}, { ...REPORT, sections: REPORT.sections.slice(1) }),
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('have ids without a blank or bracket, whatever the period is called', () => {
    for (const period of ['a b>', '<x@y>\r\nBcc: z', '', '界', 'x'.repeat(500)])
      expect(idOf({ period })).toMatch(/^<[\w.-]+@[\w.-]+>$/);
  });
});

test('hostile text makes no header and no element', () => {
  const text = '</td><img src=x onerror=x>\r\nBcc: x@evil.example';
  const mail = reportMail(document(...everywhere(text)), { ...OPTIONS, subject: text });
  expect(mail.subject).not.toMatch(/[\r\n]/);
  expect(() => elementsOf(mail.html)).not.toThrow();
});

describe('why a mail was not sent', () => {
  it.each([
    [{ code: 'EDNS', originalCode: 'ENOTFOUND', message: 'x' }, /^has no address/],
    [{ code: 'ESOCKET', message: 'connect ECONNREFUSED 127.0.0.1:1' }, /^refused the connection: nothing listens/],
    [{ code: 'ETIMEDOUT', message: 'Connection timeout' }, /^did not answer in time/],
    [
      { code: 'ESOCKET', originalCode: 'DEPTH_ZERO_SELF_SIGNED_CERT', message: 'self-signed certificate' },
      /^has a certificate that this machine does not trust/,
    ],
    [{ code: 'ETLS', message: 'STARTTLS is required' }, /^offers no TLS/],
    [{ code: 'EMESSAGE', message: 'Message size larger than allowed 100' }, /^takes no message of this size/],
    [{ code: 'EWHATEVER', message: 'strange' }, /^did not take the mail \(strange\)/],
    [
      { code: 'EENVELOPE', command: 'MAIL FROM', message: 'x', response: '530 5.7.57 Client not authenticated' },
      /^refused the sender: 530 5\.7\.57/,
    ],
    [
      { code: 'EMESSAGE', command: 'DATA', message: 'x', response: '552-5.3.4 a\r\n552 5.3.4 b' },
      /^refused the message: 552-5\.3\.4 a 552 5\.3\.4 b$/,
    ],
  ])('%j', (error, said) => {
    const { says, hint } = sendFailure(error);
    expect(says).toMatch(said);
    expect(hint.length).toBeGreaterThan(20);
  });
});
