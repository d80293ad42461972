/** What no configuration decides goes as the log says, for as long as the configuration lets the client come so far. */
import { describe, expect, it } from 'vitest';
import { type StorySettings, story } from '../../../fixtures/story.ts';
import type { Organisation } from '../../../src/connector/organisation.ts';
import { type Replay, Replayer } from '../../../src/relay/replay/replay.ts';
import { contoso, recordingOf, withProperties, withRangesOf } from './fixtures.ts';

const RELAY: StorySettings = { connector: 'EX01\\Anon Relay EX01', remote: '10.0.20.11:50111' };
const EHLO =
  '< EHLO app\n> {hello SIZE 37748736, PIPELINING, DSN, ENHANCEDSTATUSCODES, STARTTLS, 8BITMIME, BINARYMIME, CHUNKING, SMTPUTF8}';
const BEGUN = `+\n> {banner}\n${EHLO}\n< MAIL FROM:<a@contoso.example>\n* {message}\n> 250 2.1.0 Sender OK`;
const TAKEN = `${BEGUN}\n< RCPT TO:<b@contoso.example>\n> 250 2.1.5 Recipient OK`;

function replay(script: string, configuration: Organisation = contoso(), settings = RELAY): Replay {
  const result = new Replayer(configuration).replay(recordingOf(story(settings, script), 'EX01', 'FrontEnd'));
  if (result.kind !== 'replayed') throw new Error(result.because);
  return result;
}

const withoutRelay = contoso(withRangesOf('Anon Relay EX01', '10.0.30.0/28'));

describe('under the same configuration nothing changes where the server', () => {
  it.each([
    [
      'had too many connections from the client',
      '+\n> 421 4.3.2 The maximum number of concurrent connections has exceeded a limit, closing transmission channel\n- | Local',
    ],
    ['was in maintenance', '+\n> 421 4.3.2 Service not active\n- | Local'],
    ['was short of resources at connect', '+\n> 452 4.3.1 Insufficient system resources\n- | Local'],
    [
      'was short of resources at MAIL',
      `+\n> {banner}\n${EHLO}\n< MAIL FROM:<a@contoso.example>\n> 452 4.3.1 Insufficient system resources (UsedDiskSpace[C:\\Queue])\n- | Remote`,
    ],
    [
      'did not know a mailbox',
      `${BEGUN}\n< RCPT TO:<nobody@contoso.example>\n@5000 > 550 5.1.1 User unknown\n< RCPT TO:<b@contoso.example>\n> 250 2.1.5 Recipient OK\n< QUIT\n> 221 2.0.0 Service closing transmission channel\n- | Local`,
    ],
    [
      'found spam',
      `${TAKEN}\n< DATA\n> 354 Start mail input; end with <CRLF>.<CRLF>\n@5000 > 550 5.7.1 Message rejected as spam by Content Filtering.\n- | Remote`,
    ],
    [
      'could not hand the message on',
      `${TAKEN}\n< DATA\n> 354 Start mail input; end with <CRLF>.<CRLF>\n> 451 4.7.0 Temporary server error. Please try again later. PRX5\n- | Remote`,
    ],
    ['had heard nothing for too long', `${BEGUN}\n@300010 > 451 4.7.0 Timeout waiting for client input\n- | Local`],
    [
      'had heard nothing within a message',
      `${TAKEN}\n< DATA\n> 354 Start mail input; end with <CRLF>.<CRLF>\n@300010 > 451 4.7.0 Timeout waiting for client input\n- | Local`,
    ],
    [
      'found the session too old',
      `${BEGUN}\n@250000 < NOOP\n@5000 > 250 2.0.0 OK\n@280000 < NOOP\n@5000 > 250 2.0.0 OK\n@90000 < NOOP\n> 421 4.4.1 Connection timed out\n- | Local`,
    ],
    [
      'found too many Received headers',
      `${TAKEN}\n< DATA\n> 354 Start mail input; end with <CRLF>.<CRLF>\n* | ReceivedHeadersLength: 61 > MaxHopCount: 60\n@5000 > 554 5.4.6 Hop count exceeded - possible mail loop\n- | Remote`,
    ],
    [
      'found too big a header',
      `${TAKEN}\n< DATA\n> 354 Start mail input; end with <CRLF>.<CRLF>\n* | HeaderSize: 300000 > MaxHeaderSize: 262144\n@5000 > 552 5.3.4 Header size exceeds fixed maximum size\n- | Remote`,
    ],
  ])('%s', (_, script) => {
    const { replies, consequence, outcome, stopped } = replay(script);
    expect(replies.filter(({ same }) => !same)).toEqual([]);
    expect(replies.length).toBeGreaterThan(0);
    expect(stopped).toBeNull();
    expect(consequence).toBe('none');
    expect(outcome.replayed).toBe(outcome.logged);
  });
});

describe('under another one', () => {
  it('what a connector counted says nothing about another connector', () => {
    const { outcome, stopped } = replay(
      '+\n> 421 4.3.2 The maximum number of concurrent connections has exceeded a limit, closing transmission channel\n- | Local',
      withoutRelay,
    );
    expect(outcome).toEqual({ logged: 'turned-away', replayed: null });
    expect(stopped).toBe('the client would have been let through, and gone another way');
  });

  it('maintenance and back pressure turn away on every connector', () => {
    expect(replay('+\n> 421 4.3.2 Service not active\n- | Local', withoutRelay).outcome.replayed).toBe('turned-away');
  });

  it('an unknown mailbox stays unknown, but only where the client comes so far', () => {
    const script = `${BEGUN}\n< RCPT TO:<nobody@contoso.example>\n@5000 > 550 5.1.1 User unknown\n- | Remote`;
    expect(replay(script, withoutRelay).replies.at(-1)).toMatchObject({ same: true });
    const noTls = contoso(withProperties('Anon Relay EX01', { RequireTLS: true }));
    expect(replay(script, noTls).replies.at(-1)).toMatchObject({ replayed: '451 5.7.3 STARTTLS is required to send mail' });
  });

  it('a longer patience: that the client would have gone on is not known', () => {
    const script = `${BEGUN}\n@300010 > 451 4.7.0 Timeout waiting for client input\n- | Local`;
    const patient = contoso(
      withProperties('Anon Relay EX01', { ConnectionInactivityTimeout: 900_000, ConnectionTimeout: 1_800_000 }),
    );
    const { replies, outcome } = replay(script, patient);
    expect(replies.at(-1)).toMatchObject({ command: '(silence)', replayed: null, changed: 'class' });
    expect(outcome.replayed).toBeNull();
  });

  it('a shorter patience: a client that thinks for long is given up, and its mail is in doubt', () => {
    const script = `${TAKEN}\n@40000 < DATA\n> 354 Start mail input; end with <CRLF>.<CRLF>\n> {queued 100}\n< QUIT\n> 221 2.0.0 Service closing transmission channel\n- | Local`;
    const hasty = contoso(withProperties('Anon Relay EX01', { ConnectionInactivityTimeout: 10_000 }));
    const { consequence, firstChange, messages } = replay(script, hasty);
    expect(firstChange).toMatchObject({ logged: null, replayed: '451 4.7.0 Timeout waiting for client input' });
    expect(messages.doubtful).toBe(1);
    expect(consequence).toBe('mail-in-doubt');
  });

  it('a slower server: the client waits for it, and is not out of time because of that', () => {
    const script = `+\n> {banner}\n${EHLO}\n< NOOP\n@5000 > 250 2.0.0 OK\n< NOOP\n@5000 > 250 2.0.0 OK\n< QUIT\n> 221 2.0.0 Service closing transmission channel\n- | Local`;
    const slow = contoso(withProperties('Anon Relay EX01', { TarpitInterval: 240_000 }));
    expect(replay(script, slow).consequence).toBe('none');
  });

  it('too many recipients: those beyond are lost, and the message is not', () => {
    const script = `${TAKEN}\n< RCPT TO:<c@contoso.example>\n> 250 2.1.5 Recipient OK\n< DATA\n> 354 Start mail input; end with <CRLF>.<CRLF>\n> {queued 100}\n< QUIT\n> 221 2.0.0 Service closing transmission channel\n- | Local`;
    const { messages, recipients, consequence } = replay(
      script,
      contoso(withProperties('Anon Relay EX01', { MaxRecipientsPerMessage: 1 })),
    );
    expect(messages).toMatchObject({ lost: 0, replayed: { accepted: 1 } });
    expect(recipients).toMatchObject({ lost: 1, replayed: { accepted: 1, refused: 1 } });
    expect(consequence).toBe('mail-lost');
  });
});
