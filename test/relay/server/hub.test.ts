/** With `hub`, a message leaves the rows of three logs, which belong together. */
import { expect, test } from 'vitest';
import { cheapHash, PASSWORD, relayUnderTest } from './relay-under-test.ts';

test('the front end hands a message over, and the logs of both services tell it', async () => {
  const under = await relayUnderTest({ hub: true });
  const client = await under.greeted({ from: '127.0.0.12' });
  for (const part of [1, 2]) {
    await client.sayAll('MAIL FROM:<mfp@contoso.example>', 'RCPT TO:<x@example.net>', 'DATA');
    client.send(`Message-ID: <${part}@device>\r\n\r\n${'x'.repeat(70_000)}\r\n.\r\n`);
    expect(await client.reply()).toMatch(new RegExp(`^250 2\\.6\\.0 <${part}@device> \\[InternalId=${part}, `));
  }
  await client.say('QUIT');
  expect(under.relay.counts()).toMatchObject({ sessions: 1, messages: 2, failures: 0 });
  const sessions = await under.sessions();
  expect(
    sessions.map(({ service, direction, messagesAccepted }) => `${service} ${direction} ${messagesAccepted}`).sort(),
  ).toEqual(['FrontEnd receive 2', 'FrontEnd send 2', 'Hub receive 2']);
  expect(sessions.find(({ service }) => service === 'Hub')).toMatchObject({
    connector: 'EX01\\Default EX01',
    clientSources: ['10.0.20.12'],
  });
});

test('a session that has logged on goes to the Hub as a whole', async () => {
  const under = await relayUnderTest({ hub: true, users: { 'scanner@contoso.example': await cheapHash() } });
  const client = await under.greeted({ to: 587 });
  await client.say('STARTTLS');
  await client.startTls();
  const [user, password] = ['scanner@contoso.example', PASSWORD].map((text) => Buffer.from(text).toString('base64'));
  expect(await client.sayAll('EHLO scanner', 'AUTH LOGIN', user!, password!)).toBe('235 2.7.0 Authentication successful');
  await client.sayAll('MAIL FROM:<scanner@contoso.example>', 'RCPT TO:<x@example.net>', 'DATA');
  client.send('Message-ID: <1@device>\r\n\r\nx\r\n.\r\n');
  expect(await client.reply()).toMatch(/^250 2\.6\.0 <1@device>/);
  expect(await client.say('QUIT')).toMatch(/^221 /);
  client.end();
  await client.closed();
  const sessions = await under.sessions();
  expect(sessions.map(({ service, direction, outcome }) => `${service} ${direction} ${outcome}`).sort()).toEqual([
    'FrontEnd receive proxied',
    expect.stringMatching(/^FrontEnd send /),
    'Hub receive accepted',
  ]);
});
