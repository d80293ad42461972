/** The closed loop: every outcome that a receive session can have, driven at the machine and read back from its log. */
import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../../src/smtp/outcome.ts';
import { RELAY, type Stage, SUBMISSION, Talk } from './conversing.ts';

const RELAYED: Stage = { remote: '10.0.20.11:50100' };
const CLIENT: Stage = { local: '10.0.0.5:587', users: { crm: 'secret' } };
const MESSAGE = ['MAIL FROM:<a@contoso.example>', 'RCPT TO:<x@fabrikam.example>', 'DATA'];
const CONTENT = ['Subject: x', '', 'text', '.'].join('\r\n');
const SECURE = ['EHLO app', 'STARTTLS', 'EHLO app'];
const logOn = (password: string): string[] => [
  'AUTH LOGIN',
  Buffer.from('crm').toString('base64'),
  Buffer.from(password).toString('base64'),
];

/** What the client says before it goes; the stage that it does it on. */
const CASES: [outcome: Outcome, story: string, stage: Stage, ...lines: string[]][] = [
  ['accepted', 'a message, then QUIT', RELAYED, 'EHLO app', ...MESSAGE, CONTENT, 'QUIT'],
  ['accepted', 'a message, then gone', RELAYED, 'EHLO app', ...MESSAGE, CONTENT],
  ['accepted', 'logged on', CLIENT, ...SECURE, ...logOn('secret'), ...MESSAGE, CONTENT, 'QUIT'],
  ['accepted', 'a wrong password first', CLIENT, ...SECURE, ...logOn('wrong'), ...logOn('secret'), ...MESSAGE, CONTENT, 'QUIT'],
  [
    'partial',
    'one of two recipients',
    {},
    'EHLO app',
    MESSAGE[0]!,
    'RCPT TO:<b@contoso.example>',
    MESSAGE[1]!,
    'DATA',
    CONTENT,
    'QUIT',
  ],
  [
    'partial',
    'a message, then one too big',
    RELAYED,
    'EHLO app',
    ...MESSAGE,
    CONTENT,
    'MAIL FROM:<a@contoso.example> SIZE=99999999',
    'QUIT',
  ],
  ['turned-away', 'no connector', { connectors: [RELAY] }],
  ['turned-away', 'in maintenance', { inactive: true }],
  ['turned-away', 'back pressure', { backPressure: 'high' }],
  ['refused', 'relaying', {}, 'EHLO app', ...MESSAGE.slice(0, 2), 'QUIT'],
  ['refused', 'MAIL, and closed', { connectors: [SUBMISSION], local: '10.0.0.5:587' }, 'EHLO app', MESSAGE[0]!],
  ['refused', 'its name', {}, 'EHLO UPS room 2'],
  ['auth-failed', 'a mechanism that is not offered', {}, 'EHLO app', 'AUTH PLAIN x'],
  ['refused', 'the end of data', { ...RELAYED, fullDisk: true }, 'EHLO app', ...MESSAGE, CONTENT, 'QUIT'],
  ['auth-failed', 'a wrong password', CLIENT, ...SECURE, ...logOn('wrong'), 'QUIT'],
  ['auth-failed', 'too many of them', CLIENT, ...SECURE, ...logOn('1'), ...logOn('2'), ...logOn('3'), ...logOn('4')],
  ['abandoned', 'MAIL, then gone', {}, 'EHLO app', MESSAGE[0]!],
  ['abandoned', 'a recipient, then QUIT', RELAYED, 'EHLO app', ...MESSAGE.slice(0, 2), 'QUIT'],
  ['abandoned', 'in the middle of the content', RELAYED, 'EHLO app', ...MESSAGE, 'Subject: x'],
  ['abandoned', 'in the middle of a logon', CLIENT, ...SECURE, 'AUTH LOGIN'],
  ['probe', 'the banner, then gone', {}],
  ['probe', 'a hello', {}, 'EHLO app', 'QUIT'],
  ['probe', 'TLS, then nothing', CLIENT, ...SECURE, 'QUIT'],
];

describe('is what the log says', () => {
  it.each(CASES)('%s: %s', (outcome, _, stage, ...lines) => {
    const talk = new Talk(stage);
    for (const line of lines) talk.say(line);
    if (!talk.closed) talk.hangUp();
    expect(talk.session).toMatchObject({ outcome, ended: true, anomalies: [] });
  });

  it('tls-failed: a handshake that fails', () => {
    const talk = new Talk({ ...CLIENT, tlsError: 'AlgorithmMismatch' });
    talk.say('EHLO app');
    talk.say('STARTTLS');
    expect(talk.closed).toBe(true);
    expect(talk.session).toMatchObject({
      outcome: 'tls-failed',
      lastError: 'TLS negotiation failed with error AlgorithmMismatch',
      anomalies: [],
    });
  });
});
