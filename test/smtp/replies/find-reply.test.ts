import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findReplies, findReply, REPLIES } from '../../../src/smtp/reply-catalogue.ts';

const ids = (text: string, place = {}): string[] => findReplies(text, place).map(({ entry }) => entry.id);
const SYSTEM_RESOURCES = '452 4.3.1 Insufficient system resources';

describe('a reply is found', () => {
  it('with what stood at its placeholders', () => {
    expect(findReply('250 2.6.0 CHUNK received OK, 65536 octets')).toMatchObject({
      entry: { id: 'chunk-received' },
      values: { octets: '65536' },
    });
  });

  it('by the longest template that it is', () => {
    expect(ids('535 5.7.3 Authentication unsuccessful. User not found')).toEqual(['authenticated-user-not-found']);
    expect(ids('421 4.4.2 Connection dropped due to ConnectionReset')).toEqual(['connection-dropped-by-server']);
    expect(ids("Tarpit for '0.00:00:05' due to 'DelayedAck'")).toEqual(['delayed-acknowledgement']);
  });

  it('in several entries where they share a text, in the order of a session', () => {
    expect(ids(SYSTEM_RESOURCES)).toEqual(['back-pressure-at-connect', 'back-pressure', 'back-pressure-at-end']);
  });

  it('first in the entry of the stage, the side or the version that is known', () => {
    expect(ids(SYSTEM_RESOURCES, { stage: 'end-of-data' })[0]).toBe('back-pressure-at-end');
    expect(ids(SYSTEM_RESOURCES, { stage: 'mail' })[0]).toBe('back-pressure');
    expect(ids('421 4.4.1 Connection timed out', { side: 'send' })[0]).toBe('send-timed-out');
    expect(ids('535 5.7.3 Authentication unsuccessful', { version: 'EXO' })[0]).toBe('online-authentication-failed');
    expect(ids('421 4.4.1 Connection timed out', { stage: 'any-time', side: 'receive' })[0]).toBe('session-too-old');
  });

  it('where more follows in brackets or behind a full stop', () => {
    expect(findReply('550 5.7.64 TenantAttribution; Relay Access Denied. Details: 1')).toMatchObject({
      entry: { id: 'online-relay-denied' },
      match: 'beginning',
    });
  });

  it('on one line or several, with one blank or two', () => {
    expect(ids('250  ex01.contoso.example Hello [10.0.0.1] SIZE CHUNKING')).toEqual(['extended-hello-accepted']);
    expect(ids('250-ex01.contoso.example Hello [10.0.0.1]\r\n250 SIZE')).toEqual(['extended-hello-accepted']);
    expect(ids('451 4.7.0 Temporary server error. Please try again later. PRX2')).toEqual(['hub-name-unresolved']);
  });
});

describe('a reply is not found', () => {
  it.each([
    '',
    '550',
    '250 2.0.0 OK  1666169082 abc - gsmtp',
    '550 5.7.1 Unable',
    '550 5.7.1 Unable to relay for you',
    '550 5.7.11 Unable to relay',
    '5507.1',
    'toString',
    '__proto__',
  ])('where no template is the text: %j', (text) => {
    expect(findReply(text)).toBeUndefined();
  });
});

describe('looking a reply up', () => {
  const samples = REPLIES.flatMap((entry) => entry.samples);

  it.each(
    [
      '550 ',
      '250 2.6.0 <a> [InternalId=',
      ' Microsoft ESMTP MAIL Service ready at ',
      "Tarpit for '",
      '220 ',
      '5.7.1 ',
      '[',
      ' ',
      '-\r\n',
      '".',
    ].map((piece) => ({ piece })),
  )('takes no longer for hostile text: $piece', ({ piece }) => {
    const begins = ['', '250 2.6.0 ', '220 ', '451 4.4.0 Primary target IP address responded with: "', 'TLS protocol '];
    for (const start of begins) expect(() => findReply(start + piece.repeat(200_000 / piece.length))).not.toThrow();
    // Anything that tried twice would take minutes, and run into the limit of the runner.
  });

  it('takes any text whatever', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' })), fc.constantFrom(...samples), (text, sample) => {
        findReply(text);
        findReply(sample + text);
        findReply(text + sample);
      }),
    );
  });
});
