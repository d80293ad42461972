/**
 * The dry run agrees with the relay: random clients talk to the session machine under one configuration, the dry run says
 * what another one would make of it, and the same clients talk to the machine under that one.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { identityOf, type ReceiveConnector } from '../../src/connector/connector.ts';
import type { Organisation } from '../../src/connector/organisation.ts';
import { RELAY_RIGHT } from '../../src/connector/permission-group.ts';
import { Replayer } from '../../src/relay/replay/replay.ts';
import { ALL_IPV4, connector } from '../connector/connectors.ts';
import { FRONTEND, SUBMISSION, Talk } from '../relay/machine/conversing.ts';

const CLIENTS = ['10.0.20.10', '10.0.20.11', '10.0.20.12', '10.0.20.40'];

const limits = fc.record({
  RequireTLS: fc.constantFrom(false, false, true),
  MaxRecipientsPerMessage: fc.constantFrom(1, 200),
  Enabled: fc.constantFrom(true, true, false),
  PermissionGroups: fc.constantFrom(['AnonymousUsers', 'Custom'] as const, ['AnonymousUsers'] as const, [] as const),
});
/** What a proposal changes: who is let in, who may relay, and what is enabled. */
const configuration = fc
  .record({
    relay: fc.subarray(['10.0.20.0/24', '10.0.20.8/29', '10.0.20.11', '10.0.20.10-10.0.20.12'], { minLength: 1 }),
    apps: fc.constantFrom('10.0.20.0/27', '10.0.20.12', '10.0.20.32/27'),
    onRelay: limits,
    onApps: limits,
  })
  .map(({ relay, apps, onRelay, onApps }): readonly ReceiveConnector[] => {
    const made = (name: string, bindings: string, ranges: string, properties: object): ReceiveConnector =>
      connector(name, bindings, ranges, { AuthMechanism: ['Tls'], ProtocolLoggingLevel: 'Verbose', ...properties });
    return [
      FRONTEND,
      SUBMISSION,
      made('Relay', '0.0.0.0:25', relay.join(' '), onRelay),
      made('Apps', '10.0.0.5:25 0.0.0.0:2525', `${apps} ${ALL_IPV4}`, onApps),
    ];
  });

const organisationOf = (connectors: readonly ReceiveConnector[]): Organisation => ({
  servers: [{ server: 'EX01', asOf: 0, connectors }],
  rights: new Map(
    connectors.map((one) => [
      identityOf(one).toLowerCase(),
      one.properties.PermissionGroups?.includes('Custom')
        ? [{ user: 'NT AUTHORITY\\ANONYMOUS LOGON', deny: false, inherited: false, rights: [RELAY_RIGHT] }]
        : [],
    ]),
  ),
  acceptedDomains: [
    { name: 'contoso', domainName: 'contoso.example', domainType: 'Authoritative', isDefault: true },
    { name: 'sub', domainName: '*.contoso.example', domainType: 'InternalRelay', isDefault: false },
  ],
  devices: [],
});

const address = fc.constantFrom('a@contoso.example', 'b@sub.contoso.example', 'x@fabrikam.example', 'y@adatum.example');
const message = fc
  .record({
    sender: fc.constantFrom('a@contoso.example', 'z@fabrikam.example', ''),
    recipients: fc.array(address, { minLength: 1, maxLength: 3 }),
  })
  .map(({ sender, recipients }) => [
    `MAIL FROM:<${sender}>`,
    ...recipients.map((one) => `RCPT TO:<${one}>`),
    'DATA',
    'Subject: x',
    '',
    'text',
    '.',
  ]);
const client = fc.record({
  address: fc.constantFrom(...CLIENTS),
  port: fc.constantFrom(25, 25, 25, 2525, 26),
  version: fc.constantFrom('2013' as const, '2016+' as const),
  messages: fc.array(message, { minLength: 1, maxLength: 3 }),
});
type Client = typeof client extends fc.Arbitrary<infer C> ? C : never;

/** A client that says its part whatever it hears, but sends no message that the server does not ask for. */
function talk({ address: from, port, version, messages }: Client, connectors: readonly ReceiveConnector[]): Talk {
  const it = new Talk({ version, connectors, remote: `${from}:50111`, local: `10.0.0.5:${port}` });
  it.say('EHLO app');
  for (const lines of messages) {
    const data = lines.indexOf('DATA');
    for (const line of lines.slice(0, data)) it.say(line);
    if (it.say('DATA').some((reply) => reply.startsWith('354'))) it.say(...lines.slice(data + 1));
    else it.say('RSET');
  }
  it.say('QUIT');
  if (!it.closed) it.hangUp('ConnectionReset');
  return it;
}

test('connector, messages and recipients are as the dry run predicts, wherever it does not say unknown', () => {
  let told = 0;
  let other = 0;
  fc.assert(
    fc.property(configuration, configuration, fc.array(client, { minLength: 1, maxLength: 4 }), (before, after, clients) => {
      const replayer = new Replayer(organisationOf(after));
      for (const one of clients) {
        const was = talk(one, before);
        const is = talk(one, after);
        const [first] = was.rows;
        // A connection that no connector takes leaves its rows under none.
        if (!first || !is.rows[0]) continue;
        const replay = replayer.replay({
          sessionId: first.sessionId,
          server: 'EX01',
          service: 'FrontEnd',
          connector: first.connector,
          localEndpoint: first.localEndpoint,
          remoteEndpoint: first.remoteEndpoint,
          rows: was.rows,
        });
        if (replay.kind !== 'replayed') throw new Error(replay.because);
        expect(replay.connector.replayed ?? '').toBe(is.rows[0].connector);
        const real = is.session.transactions;
        replay.transactions.forEach((message, index) => {
          if (message.replayed === 'unknown') return;
          told++;
          if (message.replayed !== message.logged) other++;
          const found = real[index];
          // The server hung up before it could be offered (too many errors): as good as refused.
          expect({ index, fate: message.replayed }).toEqual({ index, fate: found?.state ?? 'refused' });
          message.recipients.forEach(({ replayed }, place) => {
            // Behind a refused MAIL a recipient belongs to no message: nobody accepted it.
            if (replayed !== null) expect(replayed).toBe(found?.recipients[place]?.accepted ?? false);
          });
        });
      }
    }),
    { numRuns: 400 },
  );
  // It would agree easily where it says nothing, or where nothing changes.
  expect(told).toBeGreaterThan(400);
  expect(other).toBeGreaterThan(40);
});
