/** What the client hears, and what the logs say, when the Hub cannot be reached, will not, or goes in the middle. */
import { describe, expect, it } from 'vitest';
import type { ReceiveConnector } from '../../../src/connector/connector.ts';
import type { Properties } from '../../../src/connector/properties.ts';
import { defaultHubConnectors } from '../../../src/relay/hub/default-hub-connectors.ts';
import type { FaultRule } from '../../../src/relay/machine/faults.ts';
import { FRONTEND, SUBMISSION, Talk } from '../machine/conversing.ts';
import { Client, type HubStage, Place } from './conversing.ts';

const PRX = (code: string): string => `451 4.7.0 Temporary server error. Please try again later. ${code} `;
const RELAY_CLIENT = '10.0.20.11:50100';

/** A client of the relay connector at a place, with MAIL and two RCPT behind it. */
function ready(stage: HubStage): { place: Place; client: Client } {
  const place = new Place({ remote: RELAY_CLIENT, ...stage });
  const client = new Client(place);
  client.say('EHLO app');
  client.say('MAIL FROM:<a@contoso.example>', 'RCPT TO:<b@contoso.example>', 'RCPT TO:<c@fabrikam.example>');
  return { place, client };
}

function send(client: Client): string[] {
  expect(client.say('DATA')).toEqual(['354 Start mail input; end with <CRLF>.<CRLF>']);
  return client.say('Message-ID: <1@app>', '', 'text', '.');
}

const hubWith = (properties: Properties): ReceiveConnector[] =>
  defaultHubConnectors('EX01', '2016+').map((one) => ({ ...one, properties: { ...one.properties, ...properties } }));

const acked = (place: Place): string[] => place.rows('front-end-receive').filter((row) => row.includes(' acked '));

describe('no Hub for a message', () => {
  it('the Hub is in maintenance: nobody is asked, and nothing stands in the send log', () => {
    const { place, client } = ready({ hubInactive: true });
    expect(send(client)).toEqual([PRX('PRX1')]);
    expect(place.rows('front-end-receive').slice(-3)).toEqual([
      '* | No destinations could be obtained to proxy to',
      `> ${PRX('PRX1')}`,
      '* | InternetMessageId: <1@app>',
    ]);
    expect(place.logs['front-end-send']).toEqual([]);
    expect(place.sessions('front-end-receive')[0]).toMatchObject({ outcome: 'refused', messagesRefused: 1, anomalies: [] });
  });

  it('nobody listens there: neither + nor - in the send log', () => {
    const { place, client } = ready({ hubListens: false });
    expect(send(client)).toEqual([PRX('PRX3')]);
    expect(acked(place)).toEqual(['* | Message or connection acked with status Retry and response 421 4.2.1 Unable to connect']);
    expect(place.rows('front-end-send')).toEqual([
      '* SendRoutingHeaders | Set Session Permissions',
      '* | attempting to connect',
      '* | Failed to connect. Winsock error code: 10061, Win32 error code: 10061, Destination domain: ex01.contoso.example, Error Message: No connection could be made because the target machine actively refused it 10.0.0.5:2525.',
    ]);
    expect(place.sessions('front-end-send')[0]).toMatchObject({ outcome: 'connect-failed', anomalies: [] });
  });

  it('it comes back: the session goes on, and the next message goes through', () => {
    const { place, client } = ready({ hubListens: false });
    send(client);
    place.weather.listens = true;
    expect(client.mail('a@contoso.example', ['b@contoso.example'])).toMatch(/^250 2\.6\.0 /);
    expect(place.delivered).toHaveLength(1);
    expect(place.sessions('front-end-receive')[0]).toMatchObject({ outcome: 'partial', messagesAccepted: 1, messagesRefused: 1 });
  });

  it('the services are being stopped', () => {
    const { place, client } = ready({});
    place.connections.shutDown(place.now);
    expect(send(client)).toEqual([PRX('PRX6')]);
  });

  it.each<[string, HubStage, string]>([
    ['it is short of disk', { hubPressure: 'high' }, '452 4.3.1 Insufficient system resources'],
    ['no connector of it takes the front end', { hubConnectors: [] }, '421 4.3.2 Service not available'],
    [
      'it has too many connections',
      { hubConnectors: hubWith({ MaxInboundConnection: 0 }) },
      '421 4.3.2 The maximum number of concurrent server connections',
    ],
    [
      'its connector does not know Exchange servers',
      { hubConnectors: hubWith({ AuthMechanism: ['Tls'] }) },
      '451 5.7.3 Cannot achieve Exchange Server authentication',
    ],
    [
      'its connector gives servers no rights',
      { hubConnectors: hubWith({ PermissionGroups: ['ExchangeUsers'] }) },
      '504 5.7.1 Not authorized',
    ],
    ['it stumbles at the hello', { hubFaults: [{ at: 'hello', reply: '451 4.3.0 not now' }] }, '451 4.3.0 not now'],
    ['it drops the connection', { hubFaults: [{ at: 'connect', drop: true }] }, '421 4.4.2 Connection dropped'],
    ['it says goodbye at MAIL', { hubFaults: [{ at: 'mail', reply: '421 4.3.2 later' }] }, '421 4.3.2 later'],
  ])('%s: the client is to try again, and the log says why', (_, stage, response) => {
    const { place, client } = ready(stage);
    expect(send(client)).toEqual([PRX('PRX4')]);
    expect(acked(place).join()).toContain(`and response ${response}`);
    expect(place.delivered).toEqual([]);
    expect(client.closed).toBe(false);
    expect(place.rows('front-end-send').at(-1)).toMatch(/^- \| (Local|Remote)$/);
    place.expectNoAnomalies();
  });
});

describe('what the Hub says of a message is said to the client, word for word', () => {
  it.each<[string, FaultRule, string]>([
    ['of its sender', { at: 'mail', reply: '550 5.7.1 we know this sender' }, '550 5.7.1 we know this sender'],
    ['of every recipient', { at: 'rcpt', reply: '550 5.1.1 User unknown' }, '450 4.5.0 No recipient succeeded'],
    ['of one recipient', { at: 'rcpt', reply: '550 5.1.1 User unknown', times: 1 }, '550 5.1.1 User unknown'],
    ['before the content', { at: 'data', reply: '452 4.3.1 full' }, '452 4.3.1 full'],
    [
      'at the end',
      { at: 'end-of-data', reply: '550 5.7.1 Message rejected as spam by Content Filtering.' },
      '550 5.7.1 Message rejected as spam by Content Filtering.',
    ],
    ['in two lines', { at: 'end-of-data', reply: '554 5.6.0 first\nsecond' }, '554-5.6.0 first'],
  ])('%s', (_, fault, reply) => {
    const { place, client } = ready({ hubFaults: [fault] });
    expect(send(client)[0]).toBe(reply);
    expect(acked(place)).toHaveLength(1);
    expect(acked(place)[0]).toContain(`status ${reply.startsWith('5') ? 'Fail' : 'Retry'} and response ${reply.slice(0, 3)} `);
    expect(place.delivered).toEqual([]);
    // The connection is none the worse for it, and serves the next message.
    expect(place.rows('front-end-send').at(-1)).toMatch(/added connection to cache/);
    client.mail('a@contoso.example', ['b@contoso.example']);
    expect(place.rows('front-end-send').filter((row) => row === '+')).toHaveLength(1);
    place.expectNoAnomalies();
  });

  it('that it cannot be kept', () => {
    const { place, client } = ready({ fullDisk: true });
    expect(send(client)).toEqual(['452 4.6.0 Insufficient system resources (I/O)']);
    expect(place.rows('hub-receive').at(-1)).toBe('> 452 4.6.0 Insufficient system resources (I/O)');
  });

  it('that it is too big for the Hub, though not for the front end; the rest of it is thrown away', () => {
    const { place, client } = ready({ hubConnectors: hubWith({ MaxMessageSize: 65_536 }) });
    client.say('DATA');
    for (let line = 0; line < 80; line++) client.say('x'.repeat(1000));
    expect(client.say('.')).toEqual(['552 5.3.4 Message size exceeds fixed maximum message size']);
    expect(place.delivered).toEqual([]);
    expect(place.rows('hub-receive')).toContain('* | AccumulatedMessageSize: 80160 > MessageSizeLimit: 65536');
  });

  it('in the middle of chunks: later chunks are eaten, and the end tells', () => {
    const { place, client } = ready({ hubConnectors: hubWith({ MaxMessageSize: 65_536 }) });
    expect(client.send(Buffer.from(`BDAT 70000\r\n${'x'.repeat(70_000)}`))).toEqual([
      '250 2.6.0 CHUNK received OK, 70000 octets',
    ]);
    expect(client.send(Buffer.from('BDAT 3\r\nabc'))).toEqual(['250 2.6.0 CHUNK received OK, 3 octets']);
    expect(client.send(Buffer.from('BDAT 3 LAST\r\nabc'))).toEqual(['552 5.3.4 Message size exceeds fixed maximum message size']);
    expect(place.rows('front-end-send').filter((row) => row.startsWith('> BDAT'))).toEqual(['> BDAT 70000']);
    expect(client.mail('a@contoso.example', ['b@contoso.example'])).toMatch(/^250 2\.6\.0 /);
  });

  it('a refusal is delayed for who has not logged on, as any other', () => {
    const { place, client } = ready({ hubFaults: [{ at: 'end-of-data', reply: '550 5.7.1 no' }] });
    send(client);
    expect(place.rows('front-end-receive')).toContain("* Tarpit for '0.00:00:05' due to '550 5.7.1 no'");
  });
});

describe('a connection that goes', () => {
  it('in the middle of a message', () => {
    const { place, client } = ready({ hubFaults: [{ at: 'end-of-data', drop: true }] });
    expect(send(client)).toEqual([PRX('PRX5')]);
    expect(place.rows('front-end-send').at(-1)).toBe('- | Remote');
    expect(acked(place)).toEqual(['* | Message or connection acked with status Retry and response 421 4.4.2 Connection dropped']);
    place.expectNoAnomalies();
  });

  it('between two messages: a new one makes it good, and the client notices nothing', () => {
    const { place, client } = ready({ hubConnectors: hubWith({ ConnectionInactivityTimeout: 20_000 }) });
    send(client);
    place.now += 30_000;
    expect(client.mail('a@contoso.example', ['b@contoso.example'])).toMatch(/^250 2\.6\.0 /);
    expect(place.rows('front-end-send').filter((row) => row === '+')).toHaveLength(2);
    expect(place.rows('hub-receive')).toContain('> 451 4.7.0 Timeout waiting for client input');
    place.expectNoAnomalies();
  });

  it('because it is too old for the Hub', () => {
    const { place, client } = ready({ hubConnectors: hubWith({ ConnectionTimeout: 20_000 }) });
    send(client);
    place.now += 30_000;
    expect(client.mail('a@contoso.example', ['b@contoso.example'])).toMatch(/^250 2\.6\.0 /);
    expect(place.rows('front-end-send')).toContain('< 421 4.4.1 Connection timed out');
    expect(place.delivered).toHaveLength(2);
    place.expectNoAnomalies();
  });
});

describe('a message that comes to nothing at the front end', () => {
  it.each([
    ['the client goes', (client: Client) => client.hangUp('ConnectionReset')],
    ['the client falls silent', (client: Client) => client.wait(300_000)],
  ])('%s: the Hub gets no end of it', (_, leave) => {
    const { place, client } = ready({});
    client.say('DATA');
    client.say('Subject: half');
    leave(client);
    expect(client.session.isClosed).toBe(true);
    expect(place.delivered).toEqual([]);
    expect(place.rows('front-end-send').at(-1)).toBe('- | Local');
    expect(place.rows('hub-receive').at(-1)).toBe('- | Remote(ConnectionReset)');
    expect(place.sessions('hub-receive')[0]).toMatchObject({ outcome: 'abandoned', messagesAccepted: 0 });
    place.expectNoAnomalies();
  });

  it.each([
    [
      'after DATA',
      (client: Client) =>
        client.mail('a@contoso.example', ['b@contoso.example'], `Received: x\r\n${'Received: y\r\n'.repeat(60)}\r\n`),
    ],
    [
      'in the last chunk',
      (client: Client) => {
        client.say('MAIL FROM:<a@contoso.example>', 'RCPT TO:<b@contoso.example>');
        const text = `${'Received: y\r\n'.repeat(61)}\r\n`;
        return client.send(Buffer.from(`BDAT ${text.length} LAST\r\n${text}`)).at(-1);
      },
    ],
  ])('it goes in circles, %s: the front end refuses it, and the Hub never has it whole', (_, mail) => {
    const place = new Place({ remote: RELAY_CLIENT });
    const client = new Client(place);
    client.say('EHLO app');
    expect(mail(client)).toBe('554 5.4.6 Hop count exceeded - possible mail loop');
    expect(place.delivered).toEqual([]);
    expect(client.mail('a@contoso.example', ['b@contoso.example'])).toMatch(/^250 2\.6\.0 /);
    expect(place.delivered).toHaveLength(1);
    place.expectNoAnomalies();
  });
});

describe('a Hub that takes its time', () => {
  it('keeps the client waiting, and nothing of the message is lost', () => {
    const { place, client } = ready({ hubFaults: [{ at: 'mail', delayMs: 7_000 }] });
    const begun = place.now;
    expect(send(client).at(-1)).toMatch(/^250 2\.6\.0 /);
    expect(place.now - begun).toBeGreaterThan(7_000);
    expect(place.delivered[0]?.content).toBe('Message-ID: <1@app>\r\n\r\ntext\r\n');
  });

  it('takes a message that came in one packet', () => {
    const place = new Place({
      remote: RELAY_CLIENT,
      hubFaults: [
        { at: 'hello', delayMs: 3_000 },
        { at: 'data', delayMs: 3_000 },
      ],
    });
    const client = new Client(place);
    const replies = client.say(
      'EHLO app',
      'MAIL FROM:<a@contoso.example>',
      'RCPT TO:<b@contoso.example>',
      'DATA',
      'x',
      '',
      '..y',
      '.',
      'QUIT',
    );
    expect(replies.slice(-2)).toEqual([expect.stringMatching(/^250 2\.6\.0 /), '221 2.0.0 Service closing transmission channel']);
    expect(place.delivered[0]?.content).toBe('x\r\n\r\n.y\r\n');
  });

  it('takes no input meanwhile', () => {
    const { place, client } = ready({ hubFaults: [{ at: 'mail', delayMs: 7_000 }] });
    client.session.receive(place.now, Buffer.from('DATA\r\n'));
    expect(client.session.wantsInput).toBe(false);
    expect(client.session.wakeAt).toBe(place.now + 7_000);
  });
});

describe('no Hub for a client that logs on', () => {
  const at587 = (stage: HubStage): { place: Place; heard: string[]; client: Client } => {
    const place = new Place({ local: '10.0.0.5:587', users: { crm: 'secret' }, ...stage });
    const client = new Client(place);
    return { place, client, heard: client.logOn('crm', 'secret') };
  };

  it.each<[string, HubStage, string, string]>([
    ['is in maintenance', { hubInactive: true }, 'CPRX1', ''],
    ['is not there', { hubListens: false }, 'PRX3', '421 4.2.1 Unable to connect'],
    ['is short of disk', { hubPressure: 'high' }, 'PRX4', '452 4.3.1 Insufficient system resources'],
    [
      'gives servers no rights',
      { hubConnectors: hubWith({ PermissionGroups: ['ExchangeUsers'] }) },
      'PRX4',
      '504 5.7.1 Not authorized',
    ],
    ['drops the connection', { hubFaults: [{ at: 'hello', drop: true }] }, 'PRX4', '421 4.4.2 Connection dropped'],
  ])('it %s: the password was right, and yet it has to try again', (_, stage, code, error) => {
    const { place, heard, client } = at587(stage);
    expect(heard).toEqual([PRX(code)]);
    const failed = place.rows('front-end-receive').filter((row) => row.includes('failed with error'));
    expect(failed.join()).toContain(error === '' ? '' : `* | Setting up client proxy session failed with error: ${error}`);
    expect(failed).toHaveLength(error === '' ? 0 : 1);
    expect(place.sessions('front-end-receive')[0]).toMatchObject({ outcome: 'auth-failed', authUser: 'crm', anomalies: [] });
    expect(client.say('MAIL FROM:<a@contoso.example>')[0]).toMatch(/^530 5\.7\.57 /);
    place.expectNoAnomalies();
  });

  it('may try again in the same session', () => {
    const { place, client } = at587({ hubListens: false });
    place.weather.listens = true;
    client.say('AUTH LOGIN Y3Jt');
    expect(client.say('c2VjcmV0')).toEqual(['235 2.7.0 Authentication successful']);
  });

  it('the Hub drops a session that it had taken', () => {
    const { place, client } = at587({ hubFaults: [{ at: 'mail', drop: true }] });
    expect(client.say('MAIL FROM:<a@contoso.example>')).toEqual([]);
    expect(client.closed).toBe(true);
    expect(place.rows('front-end-receive').at(-1)).toBe('- | Local');
    expect(place.rows('front-end-send').at(-1)).toBe('- | Remote');
  });

  it('silence ends a session that was passed through at the Hub', () => {
    const { place, client } = at587({});
    expect(client.wait(300_000)).toEqual(['451 4.7.0 Timeout waiting for client input']);
    expect(client.closed).toBe(true);
    expect(place.rows('hub-receive').slice(-2)).toEqual(['> 451 4.7.0 Timeout waiting for client input', '- | Local']);
  });

  it('the rate of a user is the Hub’s to limit', () => {
    const { client } = at587({});
    for (let message = 0; message < 5; message++)
      expect(client.mail('crm@contoso.example', ['b@contoso.example'])).toMatch(/^250 2\.6\.0 /);
    expect(client.say('MAIL FROM:<crm@contoso.example>')[0]).toMatch(/^421 4\.4\.2 Message submission rate/);
  });
});

describe('what servers say among themselves', () => {
  const hub = (port: number): Talk =>
    new Talk({ role: 'HubTransport', connectors: defaultHubConnectors('EX01', '2016+'), local: `10.0.0.5:${port}` });

  it.each([2525, 465])('is nothing for who comes over a socket, port %i', (port) => {
    const talk = hub(port);
    talk.say('EHLO app');
    expect(talk.say('X-ANONYMOUSTLS')).toEqual(['500 5.3.3 Unrecognized command']);
    expect(talk.say('X-EXPS EXCHANGEAUTH SHA256 AAAA')).toEqual(['504 5.7.4 Unrecognized authentication type']);
    expect(talk.say('XPROXYFROM SID=08DE19A1B2C3D401 IP=10.0.0.9 PORT=1 DOMAIN=x SEQNUM=1 PERMS=1077 AUTHSRC=Anonymous')).toEqual(
      ['504 5.7.1 Not authorized'],
    );
    expect(talk.say('XPROXY SID=08DE19A1B2C3D401 IP=10.0.0.9 PORT=1 DOMAIN=x CAPABILITIES=0 UNAME=admin')).toEqual([
      '504 5.7.1 Not authorized',
    ]);
    expect(talk.say('MAIL FROM:<a@contoso.example>')[0]).toMatch(/^530 5\.7\.57 /);
    expect(talk.rows.some(({ data }) => data.includes('AAAA'))).toBe(false);
  });

  it('is unknown to a front end', () => {
    const talk = new Talk({ connectors: [FRONTEND, SUBMISSION] });
    talk.say('EHLO app');
    for (const command of ['X-ANONYMOUSTLS', 'XPROXYFROM SID=1', 'XPROXY SID=1'])
      expect(talk.say(command)).toEqual(['500 5.3.3 Unrecognized command']);
    expect(talk.say('X-EXPS EXCHANGEAUTH SHA256 AAAA')).toEqual(['504 5.7.4 Unrecognized authentication type']);
  });

  it('is unknown to a client that is passed through', () => {
    const place = new Place({ local: '10.0.0.5:587', users: { crm: 'secret' } });
    const client = new Client(place);
    client.logOn('crm', 'secret');
    for (const command of [
      'X-ANONYMOUSTLS',
      'X-EXPS EXCHANGEAUTH SHA256 AAAA',
      'XPROXY SID=08DE19A1B2C3D401 IP=10.0.0.9 UNAME=admin',
      'XPROXYFROM SID=08DE19A1B2C3D401 IP=10.0.0.9 PERMS=67108863',
    ])
      expect(client.say(command)).toEqual(['500 5.3.3 Unrecognized command']);
  });

  it('cannot be smuggled in with a name', () => {
    const place = new Place({ users: { 'x IP=10.9.9.9 UNAME=admin': 'secret' }, local: '10.0.0.5:587' });
    const client = new Client(place);
    client.logOn('x IP=10.9.9.9 UNAME=admin', 'secret');
    client.mail('crm@contoso.example', ['b@contoso.example']);
    expect(place.delivered[0]?.envelope).toMatchObject({ client: '10.0.20.12', authUser: 'x IP=10.9.9.9 UNAME=admin' });
  });
});
