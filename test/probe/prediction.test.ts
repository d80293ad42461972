/** What the configuration would answer, beside what the relay with that configuration answers. */
import { describe, expect, test } from 'vitest';
import type { Organisation } from '../../src/connector/organisation.ts';
import { parseAddress } from '../../src/net/address-range.ts';
import { compare } from '../../src/probe/comparison.ts';
import { conduct } from '../../src/probe/conduct.ts';
import { MachineLine } from '../../src/probe/machine-line.ts';
import type { ProbeOrder } from '../../src/probe/order.ts';
import { type Prediction, Predictor } from '../../src/probe/prediction.ts';
import { serviceOf } from '../relay/machine/conversing.ts';
import { cheapHash, PASSWORD, relayUnderTest, SETTINGS } from '../relay/server/relay-under-test.ts';
import { INSIDE, listening, ORDER, OUTSIDE, organisationOf, run } from './probing.ts';

const SERVER = parseAddress('10.0.0.5')!;
const [DEFAULT_FRONTEND, CLIENT_FRONTEND, RELAY] = SETTINGS.connectors as readonly Readonly<Record<string, unknown>>[];

interface Case {
  readonly settings?: Readonly<Record<string, unknown>>;
  /** As the configuration has it, where that is another one. */
  readonly imported?: Organisation;
  readonly order?: Partial<ProbeOrder>;
  readonly port?: 25 | 587;
  /** As which the relay sees the client; the address that really connects. */
  readonly client?: readonly [string, string];
}

const predictorOf = (organisation: Organisation, order: Partial<ProbeOrder> = {}, port = 25): Predictor =>
  new Predictor(organisation, organisation.servers[0]!, { ...ORDER, ...order }, { address: SERVER, port });

const predict = (
  organisation: Organisation,
  client = '10.0.20.11',
  order: Partial<ProbeOrder> = {},
  port = 25,
): Promise<Prediction> => predictorOf(organisation, order, port).predict(parseAddress(client)!);

/** `own`: as which the client knows itself; as the relay sees it without. */
async function beside(
  { settings = {}, imported, order = {}, port = 25, client: [seen, from] = ['10.0.20.11', '127.0.0.1'] }: Case,
  own = seen,
) {
  const under = await relayUnderTest({ users: { crm: await cheapHash() }, ...settings });
  const { connection } = await run({ ...listening(under, port), localAddress: from }, order);
  const { dialogue } = connection!;
  const predictor = predictorOf(imported ?? organisationOf(settings), order, port);
  const prediction = await predictor.predict(parseAddress(own)!);
  const seenAs = dialogue.offers?.before.seenAs;
  const comparison = await compare(predictor, prediction, dialogue, {
    own: parseAddress(own)!,
    seenAs: (seenAs && parseAddress(seenAs)) || null,
  });
  return { dialogue, prediction, comparison };
}

describe('the relay answers as was predicted', () => {
  const credentials = { user: 'crm', password: PASSWORD };
  const RELAY_CLIENT = ['10.0.20.12', '127.0.0.12'] as const;
  test.each<[string, Case, string]>([
    ['a client of the Default Frontend, to the outside', {}, '550 5.7.54'],
    ['the same, to an accepted domain', { order: { recipients: [INSIDE] } }, '250 2.1.5'],
    ['both, with a message', { order: { recipients: [OUTSIDE, INSIDE], message: ['Subject: x', '', 'x'] } }, '250 2.6.0'],
    ['a client of the relay connector', { client: RELAY_CLIENT }, '250 2.1.5'],
    ['port 587, without a logon', { port: 587 }, '530 5.7.57'],
    ['port 587, with a logon', { port: 587, order: { credentials } }, '250 2.1.5'],
    ['port 587, with a logon in clear', { port: 587, order: { credentials, tls: 'never' } }, '504 5.7.4'],
    ['a logon on port 25, whose connector lacks ExchangeUsers', { order: { credentials } }, '535 5.7.3'],
    ['a client that no connector takes', { settings: { connectors: [RELAY!] } }, '421 4.3.2'],
    [
      'RequireTLS, in clear',
      { settings: { connectors: [{ ...DEFAULT_FRONTEND, RequireTLS: true }] }, order: { tls: 'never' } },
      '451 5.7.3',
    ],
    ['RequireTLS, over TLS', { settings: { connectors: [{ ...DEFAULT_FRONTEND, RequireTLS: true }] } }, '550 5.7.54'],
    ['no TLS at all', { settings: { connectors: [{ ...DEFAULT_FRONTEND, AuthMechanism: 'None' }] } }, '550 5.7.54'],
    [
      'an externally secured connector',
      { settings: { connectors: [{ ...RELAY, remoteIPRanges: '10.0.20.11', relay: 'externally-secured' }] } },
      '250 2.1.5',
    ],
    [
      'nobody may submit',
      { settings: { connectors: [{ ...DEFAULT_FRONTEND, PermissionGroups: 'ExchangeServers' }] } },
      '530 5.7.57',
    ],
    ['an empty sender, and a hello name that is none', { order: { sender: '', helo: 'UPS room 2' } }, '501 5.5.4'],
    ['the words of Exchange 2013', { settings: { exchange: '2013' } }, '550 5.7.1'],
  ])('%s', async (_, given, last) => {
    const { dialogue, comparison, prediction } = await beside(given);
    const said = dialogue.answers.filter(({ step }) => step !== 'quit' && step !== 'reset').map(({ lines }) => lines.join(' '));
    expect(said.join('\n')).toContain(last);
    expect(comparison.answers.filter(({ agrees }) => !agrees)).toEqual([]);
    expect(comparison.meaning[0]).toBe('The server answered as its configuration says.');
    expect(prediction.answers).toHaveLength(said.length);
  });
});

describe('where they part', () => {
  const withRelayFor = (ranges: string): Organisation =>
    organisationOf({ connectors: [DEFAULT_FRONTEND, CLIENT_FRONTEND, { ...RELAY, remoteIPRanges: ranges }] });

  test('the connector that answered is found, and the age of the export said', async () => {
    const { comparison } = await beside({ imported: withRelayFor('10.0.20.0/24') });
    expect(comparison.agrees).toBe(false);
    expect(comparison.meaning).toEqual([
      'The server answered otherwise than its configuration says, at EHLO.',
      'It offers NTLM LOGIN where the configuration has no logon.',
      'It answered as "Default Frontend EX01" would: another connector took this machine than "Relay".',
      expect.stringContaining('The configuration is of 2026-11-01 00:00 UTC'),
    ]);
  });

  test('by a NAT, the address that the server sees explains it', async () => {
    const { comparison } = await beside({}, '10.0.20.12');
    expect(comparison.agrees).toBe(false);
    expect(comparison.meaning.at(-1)).toBe(
      'The server sees this machine as 10.0.20.11, not as 10.0.20.12: a NAT or a load balancer stands between. By its configuration that address lands on "Default Frontend EX01", which answers just as the server did.',
    );
  });

  test('by a mailbox or an agent, no connector is blamed', async () => {
    const faults = [{ at: 'rcpt', reply: '550 5.1.1 User unknown' }];
    const { comparison } = await beside({ settings: { faults }, order: { recipients: [INSIDE] } });
    expect(comparison.meaning.at(-1)).toContain('not decided by receive connectors');
  });

  test('by another server behind the name, that is said', async () => {
    const { comparison } = await beside({ settings: { fqdn: 'ex07.contoso.example' }, imported: organisationOf() });
    expect(comparison.meaning.join()).toContain(
      'The server calls itself ex07.contoso.example, while the configuration is that of EX01',
    );
  });

  test('nothing is compared behind the first difference', async () => {
    const { comparison } = await beside({ imported: withRelayFor('10.0.20.0/24') });
    expect(comparison.answers.map(({ step, agrees }) => [step, agrees])).toEqual([
      ['connect', true],
      ['hello', false],
    ]);
  });
});

describe('what the configuration does not say', () => {
  const answerTo = ({ answers }: Prediction, step: string) => answers.find((one) => one.step === step);

  test('without accepted domains a recipient cannot be told, unless the client may relay anyway', async () => {
    const organisation = { ...organisationOf(), acceptedDomains: null };
    const refused = await predict(organisation);
    expect(answerTo(refused, 'recipient')).toEqual({
      step: 'recipient',
      subject: OUTSIDE,
      reply: null,
      because: 'a client without a logon may not relay on "Default Frontend EX01", and the accepted domains were not imported',
    });
    expect(refused.isAccepted).toBeNull();
    expect((await predict(organisation, '10.0.20.12')).isAccepted).toBe(true);
  });

  test('without its rights a connector with Custom probably relays; that is an assumption', async () => {
    const prediction = await predict({ ...organisationOf(), rights: new Map() }, '10.0.20.12');
    expect(prediction.isAccepted).toBe(true);
    expect(prediction.assumed[0]).toBe(
      '"Relay" may relay: its rights were not imported, and Custom beside AnonymousUsers mostly means that',
    );
  });

  test('without permission groups nothing is told of the sender', async () => {
    const organisation = organisationOf();
    const [server] = organisation.servers;
    const connectors = server!.connectors.map((one) => {
      const { PermissionGroups, ...properties } = one.properties;
      return { ...one, properties };
    });
    const prediction = await predict({ ...organisation, rights: new Map(), servers: [{ ...server!, connectors }] });
    expect(answerTo(prediction, 'mail')).toMatchObject({ reply: null, because: expect.stringContaining('is not known') });
  });

  test('a client that no connector takes is refused at once', async () => {
    const prediction = await predict(organisationOf({ connectors: [RELAY] }));
    expect(prediction).toMatchObject({
      connector: null,
      isAccepted: false,
      answers: [{ step: 'connect', reply: '421 4.3.2 Service not available' }],
    });
  });
});

test('a refusal that is held back is a tarpit, by its time', async () => {
  const facts = { sessionId: '0', localEndpoint: '10.0.0.5:25', remoteEndpoint: '10.0.20.99:5' };
  const { answers } = await conduct(new MachineLine(serviceOf({}), facts, 0), ORDER);
  expect(answers.find(({ step }) => step === 'recipient')).toMatchObject({ waitedMs: 5_000, delay: 'tarpit' });
});
