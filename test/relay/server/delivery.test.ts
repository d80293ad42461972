/** Where mail goes behind the relay. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { relayUnderTest } from './relay-under-test.ts';

const message = ['MAIL FROM:<a@contoso.example>', 'RCPT TO:<b@contoso.example>', 'DATA'] as const;

test('a Maildir has the message, behind the header that the relay puts before it', async () => {
  const under = await relayUnderTest({ delivery: { kind: 'maildir', folder: 'mail' }, data: 'data' });
  const client = await under.greeted();
  await client.sayAll(...message);
  client.send('Subject: kept\r\n\r\n..\r\n.\r\n');
  expect(await client.reply()).toMatch(/^250 2\.6\.0 <.*@ex01\.contoso\.example> \[InternalId=1, /);
  const folder = join(under.folder, 'mail', 'new');
  await expect.poll(() => readdirSync(folder).length).toBe(1);
  const text = readFileSync(join(folder, readdirSync(folder)[0]!), 'latin1');
  expect(text).toMatch(
    /^Return-Path: <a@contoso\.example>\r\n[\s\S]*Received: from device \(10\.0\.20\.11\)[\s\S]*Subject: kept\r\n\r\n\.\r\n$/,
  );
  await client.say('QUIT');
  expect(await under.sessions()).toMatchObject([{ messagesAccepted: 1 }]);
});

test('a smart host gets the message, and the send log shows its answers', async () => {
  const host = await relayUnderTest({ server: 'MX', fqdn: 'mx.fabrikam.example', acceptedDomains: ['contoso.example'] });
  const { port } = host.relay.endpoints[0]!.on;
  const under = await relayUnderTest({
    delivery: { kind: 'smart-host', host: '127.0.0.1', port, connector: 'To Fabrikam' },
    data: 'data',
    certificate: 'none',
  });
  const client = await under.greeted();
  await client.sayAll(...message);
  client.send('Message-ID: <7@device>\r\n\r\nhello\r\n.\r\n');
  expect(await client.reply()).toMatch(/^250 2\.6\.0 <7@device>/);
  await client.say('QUIT');
  await expect.poll(() => host.relay.counts().messages, { timeout: 4000 }).toBe(1);
  await expect.poll(() => host.relay.counts().connections, { timeout: 4000 }).toBe(0);
  const sessions = await under.sessions();
  expect(sessions).toMatchObject([
    { direction: 'receive', service: 'FrontEnd', server: 'EX01', messagesAccepted: 1 },
    { direction: 'send', service: 'Hub', server: 'EX01', connector: 'To Fabrikam', tls: 'TLS1.3', messagesAccepted: 1 },
  ]);
  expect(new Set(sessions.map(({ sessionId }) => sessionId)).size).toBe(2);
  expect(await host.sessions()).toMatchObject([{ server: 'MX', messagesAccepted: 1, helo: 'ex01.contoso.example' }]);
});

test('binary content is offered where it can be handed on, and refused where it cannot', async () => {
  const binary = 'MAIL FROM:<a@contoso.example> BODY=BINARYMIME';
  const kept = await relayUnderTest({ delivery: { kind: 'maildir', folder: 'mail' }, data: 'data' });
  const first = await kept.client();
  await first.reply();
  expect(await first.say('EHLO device')).toContain('BINARYMIME');
  expect(await first.say(binary)).toMatch(/^250 /);
  const delivery = { kind: 'smart-host', host: '127.0.0.1', port: 9, connector: 'To Fabrikam' };
  const sent = await relayUnderTest({ delivery, data: 'data' });
  const second = await sent.client();
  await second.reply();
  expect(await second.say('EHLO device')).not.toContain('BINARYMIME');
  expect(await second.say(binary)).toMatch(/^5\d\d /);
});

test('mail that cannot be delivered is said while it waits, and counted', async () => {
  const under = await relayUnderTest({
    delivery: { kind: 'smart-host', host: '127.0.0.1', connector: 'To Fabrikam', down: true },
    data: 'data',
  });
  const client = await under.greeted();
  await client.sayAll(...message);
  client.send('\r\nhello\r\n.\r\n');
  await client.reply();
  await expect
    .poll(() => under.said, { timeout: 4000 })
    .toEqual([expect.stringMatching(/^mail waits and is tried again: message 1 to <b@contoso\.example>: 421 4\.2\.1 Unable/)]);
  expect(under.relay.counts()).toMatchObject({ waiting: 1, failed: 0 });
});

test('a spool of another process is not shared', async () => {
  const settings = { delivery: { kind: 'maildir', folder: 'mail' } };
  const first = await relayUnderTest({ ...settings, data: 'data' });
  const taken = join(first.folder, 'data');
  await expect(relayUnderTest({ ...settings, data: taken })).rejects.toThrow(/spool|use/);
});
