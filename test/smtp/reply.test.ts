import { describe, expect, it } from 'vitest';
import { answeredBy, isUnsolicited } from '../../src/smtp/reply.ts';

const QUEUED = '250 2.6.0 <1@device.example> [InternalId=47111, Hostname=ex01.contoso.example] Queued mail for delivery';

describe('a reply', () => {
  it.each([
    ['250 2.1.0 Sender OK', 'mail'],
    ['250 2.1.5 Recipient OK', 'rcpt'],
    ['250 2.6.0 CHUNK received OK, 65536 octets', 'bdat'],
    ['250 2.0.0 Resetting', 'rset'],
    ['250 2.0.0 OK', 'noop'],
    ['250 XProxyFrom accepted', 'xproxyfrom'],
    ['250 XProxy accepted and authenticated', 'xproxy'],
    ['250  ex01.contoso.example Hello [10.0.20.12] SIZE 37748736', 'hello'],
    ['250-ex01.contoso.example Hello [10.0.20.12]', 'hello'],
    ['220 2.0.0 SMTP server ready', 'starttls'],
    ['221 2.0.0 Service closing transmission channel', 'quit'],
    ['235 2.7.0 Authentication successful', 'auth'],
    ['252 2.1.5 Cannot VRFY user', 'vrfy'],
    ['354 Start mail input; end with <CRLF>.<CRLF>', 'data'],
    ['501 5.5.4 Invalid domain name', 'hello'],
    ['504 5.7.4 Unrecognized authentication type', 'auth'],
    ['535 5.7.3 Authentication unsuccessful', 'auth'],
    ['501 5.1.7 Invalid address', 'mail'],
    ['503 5.5.2 Sender already specified', 'mail'],
    ['530 5.7.1 Client was not authenticated', 'mail'],
    ['530 5.7.57 SMTP; Client was not authenticated to send anonymous mail during MAIL FROM', 'mail'],
    ['501 5.1.3 Invalid address', 'rcpt'],
    ['550 5.1.1 User unknown', 'rcpt'],
    ['550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup', 'rcpt'],
    ['550 5.7.1 Unable to relay', 'rcpt'],
    ['550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain', 'rcpt'],
    ['452 4.5.3 Too many recipients', 'rcpt'],
    ['503 5.5.2 Need mail command', 'rcpt'],
    ['554 5.4.6 Hop count exceeded - possible mail loop', 'data'],
    ['554 5.6.0 Invalid message content', 'bdat-last'],
    ['451 4.7.0 Temporary server error. Please try again later. PRX1 ', 'data'],
  ] as const)('%s answers %s', (reply, kind) => {
    expect(answeredBy(reply)).toContain(kind);
  });

  it('answers the end of a message, by DATA or by BDAT LAST, when it queued one', () => {
    expect(answeredBy(QUEUED)).toEqual(['data', 'bdat-last']);
  });

  it('is no end of a message when it only acknowledges a chunk', () => {
    expect(answeredBy('250 2.6.0 CHUNK received OK, 65536 octets')).not.toContain('bdat-last');
  });

  it.each([
    '250 OK',
    '552 5.3.4 Message size exceeds fixed maximum message size',
    '452 4.3.1 Insufficient system resources',
    '421 4.7.0 Too many errors on this connection, closing transmission channel',
    '220 ex01.contoso.example Microsoft ESMTP MAIL Service ready at Mon, 2 Nov 2026 09:02:00 +0100',
    '550 5.7.60 SMTP; Client does not have permissions to send as this sender',
  ])('does not tell what it answers: %s', (reply) => {
    expect(answeredBy(reply)).toBeUndefined();
  });

  it('is said of its own accord when the server waited too long', () => {
    expect(isUnsolicited('451 4.7.0 Timeout waiting for client input')).toBe(true);
    expect(isUnsolicited('451 4.7.0 Temporary server error. Please try again later. PRX1 ')).toBe(false);
    expect(isUnsolicited('421 4.4.1 Connection timed out')).toBe(false);
  });
});
