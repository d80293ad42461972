import { describe, expect, it } from 'vitest';
import { parseBinding } from '../../src/connector/binding.ts';
import type { ReceiveConnector } from '../../src/connector/connector.ts';
import type { Candidate } from '../../src/connector/explanation.ts';
import { matchClient } from '../../src/connector/matching.ts';
import { parseAddress } from '../../src/net/address-range.ts';
import { ALL_IPV4, ALL_IPV6, connector, explain } from './connectors.ts';

const DEFAULT = connector('Default Frontend EX01', '0.0.0.0:25 [::]:25', `${ALL_IPV4} ${ALL_IPV6}`);

function about(name: string, connectors: readonly ReceiveConnector[], from: string, to = '10.0.0.5:25'): Candidate {
  const { candidates } = explain(connectors, parseBinding(to)!, parseAddress(from)!);
  return candidates.find((one) => one.connector.name === name)!;
}

describe('in words that a helpdesk understands', () => {
  it('a range ends one address too early', () => {
    const relay = connector('Anon Relay', '0.0.0.0:25', '10.0.20.10-10.0.20.11');
    expect(about('Anon Relay', [DEFAULT, relay], '10.0.20.12')).toMatchObject({
      obstacle: 'range',
      missedBy: 1n,
      because:
        '10.0.20.12 is in none of its remote IP ranges; nearest is 10.0.20.10-10.0.20.11, which ends one address too early',
    });
  });

  it('a range begins one address too late', () => {
    const relay = connector('Anon Relay', '0.0.0.0:25', '10.0.20.13-10.0.20.20');
    expect(about('Anon Relay', [DEFAULT, relay], '10.0.20.12').because).toMatch(/which begins one address too late$/);
  });

  it('the neighbour of a single address', () => {
    const relay = connector('Anon Relay', '0.0.0.0:25', '10.0.20.11 10.0.20.200');
    expect(about('Anon Relay', [DEFAULT, relay], '10.0.20.12').because).toBe(
      '10.0.20.12 is in none of its remote IP ranges; nearest is 10.0.20.11, 1 address below',
    );
  });

  it('an IPv6 client, and a relay connector that listens at IPv4 only', () => {
    const relay = connector('Anon Relay', '0.0.0.0:25', '10.0.0.0/8');
    expect(about('Anon Relay', [DEFAULT, relay], 'fd00:20::31', '[fd00::5]:25')).toMatchObject({
      obstacle: 'family',
      because: 'it listens on 0.0.0.0:25 only: an IPv6 client cannot reach it',
    });
  });

  it('an IPv6 client, and a connector that listens there with IPv4 ranges only', () => {
    const relay = connector('Anon Relay', '0.0.0.0:25 [::]:25', '10.0.0.0/8');
    expect(about('Anon Relay', [DEFAULT, relay], 'fd00:20::31', '[fd00::5]:25').because).toBe(
      'all its remote IP ranges are IPv4: an IPv6 client is in none of them',
    );
  });

  it('a /32 on every address against a /24 on the very address', () => {
    const wildcard = connector('wildcard', '0.0.0.0:25', '10.0.20.12/32');
    const specific = connector('specific', '10.0.0.5:25', '10.0.20.0/24');
    const all = [DEFAULT, specific, wildcard];
    expect(about('wildcard', all, '10.0.20.12')).toMatchObject({
      wins: true,
      because: '10.0.20.12 lies in 10.0.20.12, the smallest range that holds it',
    });
    expect(about('specific', all, '10.0.20.12')).toMatchObject({
      obstacle: 'size',
      because:
        'its range 10.0.20.0/24 (256 addresses) holds 10.0.20.12 too, but 10.0.20.12/32 of "wildcard" is smaller (1 address), and the smallest range wins',
    });
  });

  it('two ranges of one size, and one connector bound to the very address', () => {
    const any = connector('any', '0.0.0.0:25', '10.0.20.0/24');
    const own = connector('own', '10.0.0.5:25', '10.0.20.0-10.0.20.255');
    expect(about('any', [DEFAULT, any, own], '10.0.20.12')).toMatchObject({
      obstacle: 'tie',
      because:
        'its range 10.0.20.0/24 (256 addresses) is as small as that of "own", but that one is bound to the very address 10.0.0.5:25, this one to every address',
    });
    expect(about('own', [DEFAULT, any, own], '10.0.20.12').because).toMatch(
      /another range is as small, but this connector is bound to 10\.0\.0\.5:25$/,
    );
  });

  it('a disabled connector', () => {
    const relay = connector('Anon Relay', '0.0.0.0:25', '10.0.20.0/24', { Enabled: false });
    expect(about('Anon Relay', [DEFAULT, relay], '10.0.20.12')).toMatchObject({
      obstacle: 'disabled',
      because: 'it is disabled, although 10.0.20.12 lies in its range 10.0.20.0/24 (256 addresses)',
    });
  });

  it('a connector of the other service', () => {
    const relay = connector('Anon Relay', '0.0.0.0:25', '10.0.20.0/24', { TransportRole: 'HubTransport' });
    expect(about('Anon Relay', [DEFAULT, relay], '10.0.20.12')).toMatchObject({
      obstacle: 'role',
      because: 'it belongs to the transport service (Hub) (TransportRole HubTransport), and the client reached the front end',
    });
  });

  it('a connector at another address of the server, and one on another port', () => {
    const other = connector('other', '10.0.0.6:25', '10.0.20.0/24');
    const client = connector('client', '0.0.0.0:587', ALL_IPV4);
    expect(about('other', [DEFAULT, other, client], '10.0.20.12').because).toBe(
      'its range 10.0.20.0/24 (256 addresses) holds 10.0.20.12, but it listens on 10.0.0.6:25 only, and the client came to 10.0.0.5:25',
    );
    expect(about('client', [DEFAULT, other, client], '10.0.20.12').because).toBe('it listens on port 587, not on 25');
  });

  it('no connector at all', () => {
    const relay = connector('Anon Relay', '0.0.0.0:25', '10.0.20.0/24');
    const { winner, reason } = explain([relay], parseBinding('10.0.0.5:25')!, parseAddress('192.168.77.20')!);
    expect(winner).toBeUndefined();
    expect(reason).toBe(
      'no connector takes 192.168.77.20 at 10.0.0.5:25: the server answers 421 4.3.2 Service not available and logs the session without a connector',
    );
  });

  it('nothing that listens on the port', () => {
    const { reason } = explain([DEFAULT], parseBinding('10.0.0.5:26')!, parseAddress('10.0.20.12')!);
    expect(reason).toBe('nothing of the front end listens at 10.0.0.5:26: the connection itself fails, and nothing is logged');
  });
});

describe('what an independent reader found wrong once', () => {
  it('nothing listens at another address than the one bound to: there is no 421 to look for', () => {
    const own = connector('own', '10.0.0.11:25', '10.1.0.0/16');
    expect(explain([own], parseBinding('10.0.0.10:25')!, parseAddress('10.1.1.1')!).reason).toMatch(
      /^nothing of the front end listens at 10\.0\.0\.10:25: /,
    );
    expect(explain([own], parseBinding('[fd00::5]:25')!, parseAddress('fd00::7')!).reason).toMatch(
      /^nothing of the front end listens at \[fd00::5\]:25: /,
    );
  });

  it('an address that was not given is not called 0.0.0.0', () => {
    const own = connector('own', '10.0.0.11:25', '10.1.0.0/16');
    expect(about('own', [DEFAULT, own], '10.1.1.1', '0.0.0.0:25').because).toMatch(
      /to which address the client came is not known$/,
    );
  });

  it('a range that is far away is not measured', () => {
    const relay = connector('relay', '0.0.0.0:25', '192.168.0.0/24');
    expect(about('relay', [DEFAULT, relay], '10.1.2.7').because).toBe(
      '10.1.2.7 is in none of its remote IP ranges; nearest is 192.168.0.0/24, far from it',
    );
  });

  it('of two that nobody can tell apart, the winner says so too', () => {
    const a = connector('a', '0.0.0.0:25', '10.0.0.0/24');
    const b = connector('b', '0.0.0.0:25', '10.0.0.0/24');
    expect(about('a', [a, b], '10.0.0.5').because).toMatch(
      /"b" has a range as small at the same binding: which of them takes it cannot be known$/,
    );
  });

  it('a disabled connector does not decide which service a port belongs to', () => {
    const front = connector('front', '0.0.0.0:25', ALL_IPV4, { Enabled: false });
    const hub = connector('hub', '0.0.0.0:25', ALL_IPV4, { TransportRole: 'HubTransport' });
    expect(matchClient([front, hub], { remote: parseAddress('10.1.1.1')!, port: 25 }).match.explanation.winner?.connector).toBe(
      hub,
    );
  });

  it('a name with a line feed breaks no line', () => {
    const odd = connector('one\ntwo', '0.0.0.0:25', ALL_IPV4);
    expect(explain([odd], parseBinding('10.0.0.5:25')!, parseAddress('10.1.1.1')!).reason).toMatch(/^"one␣two" takes /);
  });
});

describe('candidates', () => {
  it('stand in the order of how near they come, the winner first', () => {
    const near = connector('near', '0.0.0.0:25', '10.0.20.10');
    const far = connector('far', '0.0.0.0:25', '10.0.99.0/24');
    const port = connector('port', '0.0.0.0:587', ALL_IPV4);
    const { candidates } = explain([port, far, near, DEFAULT], parseBinding('10.0.0.5:25')!, parseAddress('10.0.20.12')!);
    expect(candidates.map((one) => one.connector.name)).toEqual(['Default Frontend EX01', 'near', 'far', 'port']);
  });
});

describe('without a local address', () => {
  const own = connector('own', '10.0.0.6:25', '10.0.20.0/24');
  const remote = parseAddress('10.0.20.12')!;

  it('the answer is that of an address nobody is bound to, and the other answers are told', () => {
    const { match, elsewhere } = matchClient([DEFAULT, own], { remote, port: 25 });
    expect(match.explanation.winner?.connector).toBe(DEFAULT);
    expect(elsewhere.map(({ explanation }) => explanation.winner?.connector)).toEqual([own]);
  });

  it('nothing more is told where every address gives the same', () => {
    const wider = connector('wider', '10.0.0.6:25', ALL_IPV4);
    const relay = connector('relay', '0.0.0.0:25', '10.0.20.12');
    expect(matchClient([DEFAULT, wider, relay], { remote, port: 25 }).elsewhere).toEqual([]);
  });

  it('the service is the one whose connectors listen on the port', () => {
    const hub = connector('hub', '0.0.0.0:2525', ALL_IPV4, { TransportRole: 'HubTransport' });
    expect(matchClient([DEFAULT, hub], { remote, port: 2525 }).match.explanation.winner?.connector).toBe(hub);
  });
});
