/** What EHLO offers, in words. */
import { expect, test } from 'vitest';
import { offersInWords, readOffer } from '../../src/probe/offer.ts';

const offer = (...lines: string[]) => readOffer({ lines: ['ex01.contoso.example Hello [10.0.20.12]', ...lines] });

test('the answer to EHLO is read, in any case and with the old form of AUTH', () => {
  expect(offer('size 37748736', 'StartTLS', 'X-ANONYMOUSTLS', 'AUTH ntlm LOGIN')).toMatchObject({
    server: 'ex01.contoso.example',
    seenAs: '10.0.20.12',
    startTls: true,
    auth: ['NTLM', 'LOGIN'],
    size: 37_748_736,
    anonymousTls: true,
  });
  expect(offer('AUTH=LOGIN PLAIN', 'SIZE').auth).toEqual(['LOGIN', 'PLAIN']);
});

test.each(['ex01 Hello [x]', 'ex01 at your service', '', 'ex01 Hello [<script>]'])('%j names no address', (first) => {
  expect(readOffer({ lines: [first] }).seenAs).toBeNull();
});

test.each([
  [offer('STARTTLS', 'AUTH NTLM'), offer('AUTH NTLM LOGIN'), 'Logging on with AUTH LOGIN is offered only after STARTTLS.'],
  [offer('STARTTLS', 'AUTH NTLM LOGIN'), null, 'AUTH LOGIN is offered, even without TLS.'],
  [offer('AUTH LOGIN'), null, 'AUTH LOGIN is offered, and without TLS.'],
  [offer('STARTTLS', 'AUTH NTLM'), offer('AUTH NTLM'), 'AUTH LOGIN is not offered (NTLM is).'],
  [offer('STARTTLS'), null, 'AUTH LOGIN is not offered; it may be after STARTTLS, which was not started.'],
  [offer(), null, 'AUTH LOGIN is not offered.'],
])('%# says which logon there is', (before, after, sentence) => {
  expect(offersInWords({ before, after }, true)).toContain(sentence);
});

test('HELO has nothing of it', () => {
  expect(offersInWords({ before: offer(), after: null }, false)).toHaveLength(1);
});
