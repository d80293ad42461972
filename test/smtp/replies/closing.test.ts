/** Which replies end the connection, as section B of the reference says it. */
import { describe, expect, it } from 'vitest';
import { REPLIES, type ReplyId, replyById } from '../../../src/smtp/reply-catalogue.ts';

describe('the connection', () => {
  it('is closed by everything that is said instead of the banner', () => {
    const open = REPLIES.filter(
      ({ stage, side, texts, closes }) => stage === 'connect' && side !== 'send' && texts.length > 0 && !closes,
    );
    expect(open.map(({ id }) => id)).toEqual(['banner']);
  });

  it.each([
    'client-not-authenticated',
    'client-may-not-submit',
    'starttls-required',
    'submission-rate-exceeded',
    'too-many-errors',
    'session-too-old',
    'inactivity-timeout',
    'cipher-too-weak',
    'client-certificate-invalid',
    'service-not-active',
    'command-too-long',
    'goodbye',
  ] satisfies ReplyId[])('is closed after %s', (id) => {
    expect(replyById(id).closes).toBe(true);
  });

  it.each([
    'relay-denied',
    'authentication-failed',
    'unrecognized-authentication-type',
    'announced-size-exceeded',
    'message-too-large',
    'back-pressure',
    'back-pressure-at-end',
    'too-many-recipients',
    'unrecognized-command',
    'hub-unknown',
    'message-queued',
  ] satisfies ReplyId[])('stays open after %s', (id) => {
    expect(replyById(id).closes).toBe(false);
  });

  it('is closed by a handful of replies at the later stages, and by no others', () => {
    const closing = REPLIES.filter(
      ({ stage, side, texts, closes }) => closes && side === 'receive' && stage !== 'connect' && texts.length > 0,
    );
    expect(closing.map(({ id }) => id)).toEqual([
      'goodbye',
      'command-too-long',
      'too-many-errors',
      'inactivity-timeout',
      'session-too-old',
      'connection-dropped-by-server',
      'cipher-too-weak',
      'starttls-required',
      'client-certificate-invalid',
      'client-not-authenticated',
      'client-may-not-submit',
      'submission-rate-exceeded',
      'connection-bytes-exceeded',
    ]);
  });
});
