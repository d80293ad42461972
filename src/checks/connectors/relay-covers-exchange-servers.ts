/** A4, as far as the bindings show it: another Exchange server lands on a connector made for devices. */
import { identityOf, isDefaultConnector, isEnabled, type ReceiveConnector } from '../../connector/connector.ts';
import type { Organisation, ServerConfiguration } from '../../connector/organisation.ts';
import { difference, rangeTexts } from '../../connector/range-set.ts';
import { parseRemoteRange, type RemoteRange } from '../../connector/remote-range.ts';
import { type Address, formatAddress, holds } from '../../net/address-range.ts';
import type { ConfigurationCheck } from '../configuration-check.ts';
import { rangeEvidence } from '../evidence/range-evidence.ts';
import { aboutConnector, type Finding, propertyEvidence, type Remedy } from '../finding.ts';
import { arenasOf } from '../ranges/arena.ts';
import { landingOf } from '../ranges/landing.ts';
import { relayConnector } from '../ranges/relay-connectors.ts';
import { section } from '../references.ts';
import { advice, READABLE_RANGES, removeRanges, setConnector } from '../remedies/commands.ts';
import { isSafeChange, isSafeRemoval } from '../remedies/safe-change.ts';
import { enumerate } from '../words/enumeration.ts';

export const relayCoversExchangeServers: ConfigurationCheck = {
  id: 'relay-covers-exchange-servers',
  title: 'Exchange servers land on a connector for devices',
  why: 'Exchange servers authenticate to each other (451 5.7.3 where they cannot), and what comes through one of them looks like that server: everybody behind it may relay.',
  severity: 'high',
  references: [section('5.5 (A4)'), section('2.2')],
  examples: {
    fires: [
      {
        connectors: [
          { id: 'EX01\\Relay', from: '10.0.0.0/24', AuthMechanism: ['Tls'], PermissionGroups: ['AnonymousUsers', 'Custom'] },
          { id: 'EX02\\Default Frontend EX02', on: '10.0.0.12:25' },
        ],
      },
    ],
    silent: [
      {
        connectors: [
          { id: 'EX01\\Relay', from: '10.0.0.0/24', AuthMechanism: ['Tls'], PermissionGroups: ['AnonymousUsers', 'Custom'] },
          {
            id: 'EX01\\Servers',
            from: '10.0.0.12',
            AuthMechanism: ['Tls', 'ExchangeServer'],
            PermissionGroups: ['ExchangeServers'],
          },
          { id: 'EX02\\Default Frontend EX02', on: '10.0.0.12:25' },
        ],
      },
      {
        connectors: [
          {
            id: 'EX01\\Relay',
            on: '10.0.0.11:25',
            from: '10.0.0.0-10.0.0.11',
            AuthMechanism: ['Tls'],
            PermissionGroups: ['AnonymousUsers', 'Custom'],
          },
          { id: 'EX02\\Default Frontend EX02', on: '10.0.0.12:25' },
          { id: 'EX03\\Default Frontend EX03', on: '0.0.0.0:25' },
        ],
      },
    ],
  },
  find: (organisation) => {
    const addresses = addressesOf(organisation);
    if (addresses.length === 0) return [];
    return organisation.servers.flatMap((server) =>
      findingsOn(
        organisation,
        server,
        addresses.filter((one) => one.server !== server.server),
      ),
    );
  },
};

interface ServerAddress {
  readonly server: string;
  readonly address: Address;
}

/** Mail between servers comes to these; users and proxies come to others. */
const MAIL_PORTS = [25, 2525];

/** The local addresses that bindings name, without loopback. */
function addressesOf({ servers }: Organisation): ServerAddress[] {
  const found = new Map<string, ServerAddress>();
  for (const { server, connectors } of servers)
    for (const { bindings } of connectors.filter(isEnabled))
      for (const { address, any } of bindings) {
        const text = formatAddress(address);
        if (!any && !text.startsWith('127.') && text !== '::1') found.set(`${server} ${text}`, { server, address });
      }
  return [...found.values()];
}

function findingsOn(organisation: Organisation, server: ServerConfiguration, addresses: readonly ServerAddress[]): Finding[] {
  const landed = new Map<ReceiveConnector, Map<string, ServerAddress>>();
  for (const arena of arenasOf(server)) {
    if (!MAIL_PORTS.includes(arena.place.port)) continue;
    for (const other of addresses) {
      if (other.address.family !== arena.place.address.family) continue;
      const taker = landingOf(arena).takerAt(other.address.value)?.connector;
      if (!taker || !isForDevices(organisation, taker)) continue;
      landed.set(taker, (landed.get(taker) ?? new Map()).set(formatAddress(other.address), other));
    }
  }
  return [...landed].map(([connector, others]) => findingOf(organisation, connector, [...others.values()]));
}

function isForDevices(organisation: Organisation, connector: ReceiveConnector): boolean {
  if (isDefaultConnector(connector)) return false;
  const mechanisms = connector.properties.AuthMechanism;
  return (
    (mechanisms !== undefined && !mechanisms.includes('ExchangeServer')) || relayConnector(organisation, connector) !== undefined
  );
}

function findingOf(organisation: Organisation, connector: ReceiveConnector, others: readonly ServerAddress[]): Finding {
  const named = others.map(({ server, address }) => `${server} (${formatAddress(address)})`);
  const touched = connector.remoteIPRanges.filter((range) => others.some(({ address }) => holds(range, address)));
  const authenticates = connector.properties.AuthMechanism?.includes('ExchangeServer');
  return aboutConnector(relayCoversExchangeServers, connector, {
    what: `Mail from ${enumerate(named)} lands on "${identityOf(connector)}", which is made for devices.`,
    cause: `Its ranges hold the addresses, and no smaller range takes them elsewhere.${authenticates === false ? ' It does not offer the authentication that Exchange servers use among each other.' : ''}`,
    evidence: [...propertyEvidence(connector, 'AuthMechanism', 'PermissionGroups'), ...rangeEvidence(connector, touched)],
    remedy: without(organisation, connector, touched, others),
    confidence: {
      level: 'medium',
      because: 'bindings of the other servers name these addresses; from which one a server sends is not in the export',
    },
  });
}

/** The same ranges without the servers; where that cannot be, the servers get a smaller range of another connector. */
function without(
  organisation: Organisation,
  connector: ReceiveConnector,
  touched: readonly RemoteRange[],
  others: readonly ServerAddress[],
): Remedy[] {
  const holes = others.map(({ address: { family, value } }) => ({ family, first: value, last: value }));
  const rest = rangeTexts(touched.flatMap((range) => difference([range], holes)));
  const there = new Set(connector.remoteIPRanges.map(({ text }) => text));
  const add = rest.filter((text) => !there.has(text));
  const kept = connector.remoteIPRanges.filter((range) => !touched.includes(range));
  const changed = { ...connector, remoteIPRanges: [...kept, ...add.flatMap((text) => parseRemoteRange(text) ?? [])] };
  const isSafe =
    add.length === 0 ? isSafeRemoval(organisation, connector, touched) : isSafeChange(organisation, connector, changed);
  if (!isSafe)
    return [
      advice(
        `What is left of the ranges would get in the way of other connectors, or let more clients relay. Give the servers a connector of their own instead: their addresses as ranges (${enumerate(others.map(({ address }) => formatAddress(address)))}), ExchangeServer as authentication and ExchangeServers as permission group. The smallest range wins.`,
      ),
    ];
  if (add.length === 0) return removeRanges(connector, touched);
  return [
    setConnector(connector, {
      RemoteIPRanges: { add: add.slice(0, READABLE_RANGES), remove: touched.map(({ text }) => text).slice(0, READABLE_RANGES) },
    }),
    ...(Math.max(add.length, touched.length) > READABLE_RANGES ? [advice('The same for the rest of the ranges.')] : []),
  ];
}
