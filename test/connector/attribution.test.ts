import { describe, expect, it } from 'vitest';
import { Attributor, type Connection } from '../../src/connector/attribution.ts';
import { identityOf, type ReceiveConnector } from '../../src/connector/connector.ts';
import type { Organisation } from '../../src/connector/organisation.ts';
import { RELAY_RIGHT } from '../../src/connector/permission-group.ts';
import { ALL_IPV4, ALL_IPV6, connector } from './connectors.ts';

const GROUPS = { PermissionGroups: ['AnonymousUsers'] } as const;
const frontend = (server: string): ReceiveConnector =>
  connector(`Default Frontend ${server}`, '0.0.0.0:25 [::]:25', `${ALL_IPV4} ${ALL_IPV6}`, GROUPS, server);
const relay = (server: string, ranges: string, more = {}): ReceiveConnector =>
  connector(`Anon Relay ${server}`, '0.0.0.0:25', ranges, { PermissionGroups: ['AnonymousUsers', 'Custom'], ...more }, server);

function organisation(...connectors: ReceiveConnector[]): Organisation {
  const servers = [...new Set(connectors.map(({ server }) => server))];
  return {
    servers: servers.map((server) => ({ server, asOf: 0, connectors: connectors.filter((one) => one.server === server) })),
    rights: new Map(
      connectors
        .filter(({ name }) => name.startsWith('Anon'))
        .map((one) => [
          identityOf(one).toLowerCase(),
          [{ user: 'NT AUTHORITY\\ANONYMOUS LOGON', deny: false, inherited: false, rights: [RELAY_RIGHT] }],
        ]),
    ),
    acceptedDomains: null,
    devices: [],
  };
}

const connection = (more: Partial<Connection>): Connection => ({
  server: 'EX01',
  service: 'FrontEnd',
  connector: 'EX01\\Default Frontend EX01',
  localEndpoint: '10.0.0.5:25',
  remoteEndpoint: '10.0.20.12:50111',
  ...more,
});

const attribute = (of: Organisation, more: Partial<Connection> = {}) => new Attributor(of).attribute(connection(more));

describe('a printer that lands on the default connector', () => {
  it('is as expected, and told by how much it missed the relay connector', () => {
    expect(attribute(organisation(frontend('EX01'), relay('EX01', '10.0.20.10-10.0.20.11')))).toMatchObject({
      verdict: 'as-expected',
      expected: 'EX01\\Default Frontend EX01',
      missed: [
        { connector: 'EX01\\Anon Relay EX01', why: 'range', because: expect.stringContaining('ends one address too early') },
      ],
    });
  });

  it('has a twin that missed nothing', () => {
    const of = organisation(frontend('EX01'), relay('EX01', '10.0.20.10-10.0.20.11'));
    expect(attribute(of, { connector: 'EX01\\Anon Relay EX01', remoteEndpoint: '10.0.20.11:50100' })).toMatchObject({
      verdict: 'as-expected',
      missed: [],
    });
  });

  it.each([
    ['family', '[fd00:20::31]:49800', '[fd00::5]:25', {}],
    ['disabled', '10.0.20.12:50111', '10.0.0.5:25', { Enabled: false }],
    ['role', '10.0.20.12:50111', '10.0.0.5:25', { TransportRole: 'HubTransport' as const }],
  ])('for the reason: %s', (why, remoteEndpoint, localEndpoint, more) => {
    const of = organisation(frontend('EX01'), relay('EX01', '10.0.20.0/24', more));
    expect(attribute(of, { remoteEndpoint, localEndpoint }).missed).toMatchObject([{ connector: 'EX01\\Anon Relay EX01', why }]);
  });

  it('for the reason: the relay connector listens at another address', () => {
    const bound = connector('Anon Relay EX01', '10.0.0.6:25', '10.0.20.0/24', { PermissionGroups: ['AnonymousUsers', 'Custom'] });
    expect(attribute(organisation(frontend('EX01'), bound)).missed).toMatchObject([{ why: 'binding' }]);
  });

  it('for the reason: this server lacks the connector that another one has', () => {
    const of = organisation(frontend('EX01'), relay('EX01', '10.0.20.0/24'), frontend('EX02'));
    expect(attribute(of, { server: 'EX02', connector: 'EX02\\Default Frontend EX02' }).missed).toEqual([
      {
        connector: 'EX01\\Anon Relay EX01',
        why: 'server-lacks-it',
        because: 'on EX01 it would take 10.0.20.12; EX02 has no such connector',
      },
    ]);
  });
});

describe('a session on another connector than the configuration gives', () => {
  it('says what keeps the logged one from the client now', () => {
    const of = organisation(frontend('EX01'), relay('EX01', '10.0.20.10-10.0.20.11'));
    expect(attribute(of, { connector: 'EX01\\Anon Relay EX01' })).toMatchObject({
      verdict: 'other-connector',
      expected: 'EX01\\Default Frontend EX01',
      why: 'range',
      reason: expect.stringContaining('as for "Anon Relay EX01", 10.0.20.12 is in none of its remote IP ranges'),
    });
  });

  it('was refused without a connector, though there is one now', () => {
    expect(attribute(organisation(frontend('EX01')), { connector: '' })).toMatchObject({ verdict: 'other-connector', why: null });
  });
});

it('no connector is as expected where none takes the client', () => {
  expect(attribute(organisation(relay('EX01', '10.0.20.11')), { connector: '' })).toMatchObject({
    verdict: 'as-expected',
    expected: null,
  });
});

it('a connector that the configuration does not know is unknown', () => {
  expect(attribute(organisation(frontend('EX01')), { connector: 'EX01\\Deleted since' })).toMatchObject({
    verdict: 'unknown-connector',
    expected: 'EX01\\Default Frontend EX01',
    reason: expect.stringContaining('has no "Deleted since"'),
  });
});

it('the case of names makes no difference', () => {
  expect(attribute(organisation(frontend('EX01')), { server: 'ex01', connector: 'ex01\\DEFAULT FRONTEND EX01' }).verdict).toBe(
    'as-expected',
  );
});

it('without a configuration of the server nothing is expected', () => {
  expect(attribute(organisation(frontend('EX02')))).toMatchObject({ verdict: 'no-configuration', expected: null, missed: [] });
});

it('a hidden address is not guessed', () => {
  expect(attribute(organisation(frontend('EX01')), { remoteEndpoint: 'x.x.x.x:50111' }).verdict).toBe('undetermined');
});

it('without a logged local endpoint the port is that of the logged connector', () => {
  expect(attribute(organisation(frontend('EX01')), { localEndpoint: '' }).verdict).toBe('as-expected');
});

it('a tie that the product would refuse leaves either of the two as expected', () => {
  const of = organisation(connector('a', '0.0.0.0:25', '10.0.0.0/8'), connector('b', '0.0.0.0:25', '10.0.0.0/8'));
  for (const name of ['a', 'b']) expect(attribute(of, { connector: `EX01\\${name}` }).verdict, name).toBe('as-expected');
});

describe('a local address that the log hides', () => {
  const any = connector('any', '0.0.0.0:25', '10.1.0.0/16');
  const own = connector('own', '10.0.0.11:25', '10.1.2.0/24');
  const hidden = { localEndpoint: 'x.x.x.x:25', remoteEndpoint: '10.1.2.8:4000' };

  it('may be any that a connector is bound to', () => {
    for (const name of ['any', 'own'])
      expect(attribute(organisation(any, own), { ...hidden, connector: `EX01\\${name}` }).verdict, name).toBe('as-expected');
  });

  it('decides, and so nothing is said of a third connector', () => {
    const of = organisation(any, own, connector('third', '0.0.0.0:25', '10.9.9.9'));
    expect(attribute(of, { ...hidden, connector: 'EX01\\third' })).toMatchObject({ verdict: 'undetermined', expected: null });
  });

  it('does not matter where every address gives the same', () => {
    expect(attribute(organisation(frontend('EX01'), any), { ...hidden }).verdict).toBe('other-connector');
  });
});

describe('whom a client may have been meant for', () => {
  it('a twin on another server stands before what is only near, and is found at the addresses it is bound to', () => {
    const customs = ['192.168.1.0/24', '10.0.21.0/24', '10.0.22.0/24', '10.0.23.0/24'].map((range, at) =>
      connector(`Custom${at}`, '0.0.0.0:25', range, { PermissionGroups: ['ExchangeUsers'] }, 'EX02'),
    );
    const bound = connector('Anon Relay EX01', '10.0.0.1:25', '10.0.20.0/24', { PermissionGroups: ['AnonymousUsers', 'Custom'] });
    const of = organisation(frontend('EX01'), bound, frontend('EX02'), ...customs);
    const { missed } = attribute(of, { server: 'EX02', connector: 'EX02\\Default Frontend EX02' });
    expect(missed.map(({ connector: name, why }) => [name, why])).toEqual([
      ['EX01\\Anon Relay EX01', 'server-lacks-it'],
      ['EX02\\Custom1', 'range'],
      ['EX02\\Custom2', 'range'],
    ]);
  });

  it('is nobody else, where it landed on a connector that somebody made for it', () => {
    const made = connector('made', '0.0.0.0:25', '10.0.20.0/24', GROUPS);
    const wider = connector('wider', '0.0.0.0:25', '10.0.0.0/16', GROUPS);
    expect(attribute(organisation(frontend('EX01'), made, wider), { connector: 'EX01\\made' }).missed).toEqual([]);
  });
});

it('delivery to mailboxes is held against no configuration', () => {
  expect(
    attribute(organisation(frontend('EX01')), {
      service: 'Mailbox',
      connector: 'EX01\\Default Mailbox Delivery EX01',
      localEndpoint: '10.0.0.5:475',
    }).verdict,
  ).toBe('undetermined');
});
