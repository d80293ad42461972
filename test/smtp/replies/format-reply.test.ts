import { describe, expect, it } from 'vitest';
import { formatReply, isSaidBy, replyById } from '../../../src/smtp/reply-catalogue.ts';

describe('a reply is said', () => {
  it.each([
    ['2007', '550 5.7.1 Unable to relay'],
    ['2013', '550 5.7.1 Unable to relay'],
    ['2016+', '550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain'],
  ] as const)('in the words of Exchange %s', (version, text) => {
    expect(formatReply('relay-denied', version)).toBe(text);
  });

  it('with its values', () => {
    expect(
      formatReply('message-queued', '2016+', {
        messageId: '<1@a>',
        internalId: 7,
        fqdn: 'ex01',
        bytes: 9,
        seconds: '0.102',
        rate: '0.086',
      }),
    ).toBe('250 2.6.0 <1@a> [InternalId=7, Hostname=ex01] 9 bytes in 0.102, 0.086 KB/sec Queued mail for delivery');
  });

  it('on as many lines as it has', () => {
    expect(
      formatReply('extended-hello-accepted', '2013', {
        fqdn: 'ex01',
        client: '10.0.0.1',
        extensions: 'SIZE 5\nPIPELINING\nXRDST',
      }),
    ).toBe('250-ex01 Hello [10.0.0.1]\r\n250-SIZE 5\r\n250-PIPELINING\r\n250 XRDST');
    expect(formatReply('help', '2013')).toBe(
      '214-This server supports the following commands:\r\n214 HELO EHLO STARTTLS RCPT DATA RSET MAIL QUIT HELP AUTH BDAT',
    );
  });

  it('with the blanks that the product writes', () => {
    expect(formatReply('hub-unknown', '2016+')).toMatch(/PRX1 $/);
  });

  it('by the versions that have it only', () => {
    expect(isSaidBy('single-label-domain', '2013')).toBe(false);
    expect(isSaidBy('single-label-domain', '2016+')).toBe(true);
    expect(isSaidBy('tls-negotiation-failed', '2016+')).toBe(false);
    expect(() => formatReply('single-label-domain', '2013')).toThrow(RangeError);
  });

  it('only with an id and values that the compiler knows', () => {
    // @ts-expect-error: no such reply
    expect(() => formatReply('relay-refused', '2013')).toThrow();
    // @ts-expect-error: the name is missing
    expect(() => formatReply('banner', '2013', { date: '' })).toThrow(RangeError);
  });

  it('and looked up by its id', () => {
    expect(replyById('relay-denied')).toMatchObject({
      id: 'relay-denied',
      stage: 'recipient',
      side: 'receive',
      tarpits: 'unauthenticated',
    });
  });
});
