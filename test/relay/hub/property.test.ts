/** Whatever a client sends: with a Hub behind the front end it hears the same, and the same arrives. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ReceiveConnector } from '../../../src/connector/connector.ts';
import { defaultHubConnectors } from '../../../src/relay/hub/default-hub-connectors.ts';
import { DotWriter } from '../../../src/relay/hub/dot-writer.ts';
import { DotReader } from '../../../src/relay/machine/content.ts';
import { decodeXtext, encodeXtext } from '../../../src/relay/machine/xtext.ts';
import { FRONTEND, RELAY, SUBMISSION } from '../machine/conversing.ts';
import { Client, type HubStage, Place } from './conversing.ts';

/** Errors before and after the password are counted by two servers where a Hub is, so here nobody counts them; nor messages. */
const uncounted = (one: ReceiveConnector): ReceiveConnector => ({
  ...one,
  properties: { ...one.properties, MaxProtocolErrors: 'Unlimited', MessageRateLimit: 'Unlimited' },
});
const FRONT_CONNECTORS = [FRONTEND, uncounted(SUBMISSION), RELAY];

const LINES = [
  'EHLO app',
  'EHLO',
  'HELO app',
  'STARTTLS',
  'AUTH LOGIN',
  'AUTH LOGIN Y3Jt',
  'Y3Jt',
  'c2VjcmV0',
  '*',
  'MAIL FROM:<a@contoso.example>',
  'MAIL FROM:<a@contoso.example> BODY=BINARYMIME',
  'MAIL FROM:<> SIZE=10 BODY=8BITMIME AUTH=<>',
  'MAIL FROM:<jürgen@contoso.example> SMTPUTF8',
  'MAIL FROM:<a b>',
  'RCPT TO:<b@contoso.example>',
  'RCPT TO:<postmaster>',
  'RCPT TO:<"a > b"@contoso.example>',
  'RCPT TO:<x@fabrikam.example> NOTIFY=NEVER',
  'DATA',
  'Subject: x',
  '',
  '..',
  '.',
  'BDAT 4',
  'BDAT 0',
  'BDAT 0 LAST',
  'BDAT 6 LAST',
  'RSET',
  'NOOP',
  'VRFY a',
  'EXPN b',
  'QUIT',
  'XPROXYFROM SID=1',
  'XPROXY SID=1',
  'X-ANONYMOUSTLS',
];
const line = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(...LINES) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) },
);
/** Conversations that come to something, among those that do not. */
const OPENINGS = [
  [],
  [['EHLO app']],
  [['EHLO app']],
  [['EHLO app'], ['STARTTLS'], ['EHLO app']],
  [['EHLO app'], ['STARTTLS'], ['EHLO app'], ['AUTH LOGIN Y3Jt'], ['c2VjcmV0']],
];
const STORIES = [
  ['MAIL FROM:<a@contoso.example>', 'RCPT TO:<b@contoso.example>', 'DATA', 'Subject: x', '', '..x', '.'],
  ['MAIL FROM:<a@contoso.example>', 'RCPT TO:<x@fabrikam.example>', 'BDAT 4', 'ab', 'BDAT 0 LAST'],
  ['MAIL FROM:<a@contoso.example>', 'RCPT TO:<b@contoso.example>', 'RCPT TO:<x@fabrikam.example>'],
  ['DATA', 'Message-ID: <1@app>', '', 'x', '.'],
  ['BDAT 6', '.', 'x', 'BDAT 2 LAST', ''],
];
const packet = fc.oneof(fc.array(line, { minLength: 1, maxLength: 4 }), { weight: 2, arbitrary: fc.constantFrom(...STORIES) });
const talk = fc.record({
  version: fc.constantFrom('2013' as const, '2016+' as const),
  remote: fc.constantFrom('10.0.20.11:50100', '10.0.20.12:50111', '[fd00:20::31]:49800'),
  port: fc.constantFrom(25, 587),
  packets: fc
    .tuple(fc.constantFrom(...OPENINGS), fc.array(packet, { maxLength: 12 }))
    .map(([opening, packets]) => [...opening, ...packets]),
});
type Conversation = typeof talk extends fc.Arbitrary<infer T> ? T : never;

const USERS = { crm: 'secret' };

function placeOf({ version }: Pick<Conversation, 'version'>, stage: HubStage = {}): Place {
  const hubConnectors = defaultHubConnectors('EX01', version).map((one) =>
    uncounted({ ...one, properties: { ...one.properties, MaxMessageSize: 36 * 1024 * 1024 } }),
  );
  return new Place({ version, users: USERS, connectors: FRONT_CONNECTORS, hubConnectors, ...stage });
}

/** All that was heard, packet by packet. */
function hold(place: Place, { remote, port, packets }: Conversation): string[][] {
  const client = new Client(place, { remote, local: remote.startsWith('[') ? `[fd00::5]:${port}` : `10.0.0.5:${port}` });
  const heard = [client.hear(), ...packets.map((lines) => client.say(...lines))];
  if (!client.closed) client.hangUp('ConnectionReset');
  client.session.release();
  place.settle();
  return heard.map((replies) => replies.map((reply) => reply.replace(/^(250 2\.6\.0 )<.*(Queued mail)/, '$1$2')));
}

describe('any conversation', () => {
  it('sounds the same to the client with a Hub and without, and brings the same messages', () => {
    let messages = 0;
    fc.assert(
      fc.property(talk, (conversation) => {
        const alone = placeOf(conversation, { withHub: false });
        const backed = placeOf(conversation);
        expect(hold(backed, conversation)).toEqual(hold(alone, conversation));
        expect(backed.delivered.map(({ envelope, content }) => ({ envelope, content }))).toEqual(
          alone.delivered.map(({ envelope, content }) => ({ envelope, content })),
        );
        messages += backed.delivered.length;
      }),
      { numRuns: 300 },
    );
    expect(messages).toBeGreaterThan(60);
  });

  it('leaves three logs without anomalies that tell of the same messages', () => {
    fc.assert(
      fc.property(fc.array(talk, { minLength: 1, maxLength: 3 }), (conversations) => {
        const place = placeOf(conversations[0]!);
        for (const conversation of conversations) hold(place, conversation);
        place.connections.shutDown(place.now);
        place.settle();
        place.expectNoAnomalies();
        const hub = place.sessions('hub-receive');
        const accepted = (of: typeof hub): number => of.reduce((sum, one) => sum + one.messagesAccepted, 0);
        expect(hub.every(({ ended }) => ended)).toBe(true);
        expect(accepted(hub)).toBe(place.delivered.length);
        const passed = hub.filter(({ connector }) => connector === 'EX01\\Default EX01');
        expect(accepted(passed)).toBe(accepted(place.sessions('front-end-receive')));
        expect(accepted(passed)).toBe(accepted(place.sessions('front-end-send').filter(({ ended }) => ended)));
        expect(
          hub
            .flatMap(({ transactions }) => transactions.filter(({ state }) => state === 'accepted').map(({ client }) => client))
            .sort(),
        ).toEqual(place.delivered.map(({ envelope }) => envelope.client).sort());
      }),
      { numRuns: 100 },
    );
  });

  it('is none the worse for a Hub that is slow, refuses or drops at any moment: it is answered, and the next one is served', () => {
    const fault = fc.record({
      at: fc.constantFrom(
        'connect' as const,
        'hello' as const,
        'mail' as const,
        'rcpt' as const,
        'data' as const,
        'end-of-data' as const,
        'quit' as const,
      ),
      after: fc.nat(3),
      times: fc.integer({ min: 1, max: 2 }),
      what: fc.constantFrom(
        { drop: true },
        { reply: '451 4.3.0 later' },
        { reply: '421 4.3.2 bye' },
        { reply: '550 5.7.1 no' },
        { delayMs: 4_000 },
      ),
    });
    fc.assert(
      fc.property(talk, fc.array(fault, { minLength: 1, maxLength: 3 }), (conversation, faults) => {
        const place = placeOf(conversation, { hubFaults: faults.map(({ what, ...rule }) => ({ ...rule, ...what })) });
        hold(place, conversation);
        place.expectNoAnomalies();
        place.wait(1_000_000);
        for (const log of ['hub-receive', 'front-end-send'] as const)
          expect(place.sessions(log).filter(({ ended }) => !ended)).toEqual([]);
        const before = place.delivered.length;
        const client = new Client(place, { remote: '10.0.20.11:50100' });
        client.say('EHLO next');
        for (let again = 0; again < 8; again++) {
          const answer = client.mail('a@contoso.example', ['b@contoso.example']);
          expect(answer).toMatch(/^(250 2\.6\.0|4\d\d |550 5\.7\.1 no)/);
          if (answer.startsWith('250')) break;
        }
        expect(place.delivered.length).toBe(before + 1);
      }),
      { numRuns: 100 },
    );
  });
});

describe('the dots of a message', () => {
  it('are doubled so that the Hub takes them away again, however the content is cut', () => {
    const octets = fc.array(fc.constantFrom('a', '.', '\r', '\n', '\r\n', '\r\n.', '.\r\n'), { maxLength: 30 });
    fc.assert(
      fc.property(octets, fc.array(fc.nat(60)), (parts, cuts) => {
        const text = Buffer.from(`${parts.join('')}\r\n`);
        const places = [...new Set([0, ...cuts.map((cut) => cut % text.length), text.length])].sort((a, b) => a - b);
        const writer = new DotWriter();
        const wire = Buffer.concat([
          ...places.slice(1).map((end, index) => writer.write(text.subarray(places[index], end))),
          Buffer.from('.\r\n'),
        ]);
        const { content, end } = new DotReader().read(wire);
        expect(Buffer.from(content).toString('latin1')).toBe(text.toString('latin1'));
        expect(end).toBe(wire.length);
      }),
      { numRuns: 500 },
    );
  });
});

describe('a name in XPROXY', () => {
  it('is one plain word, and comes out as it went in', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (name) => {
        expect(encodeXtext(name)).toMatch(/^[!-~]*$/);
        expect(decodeXtext(encodeXtext(name))).toBe(name);
      }),
    );
  });
});
