/** Does to a configuration what the commands of a remedy would do, so that a test can look at what comes of it. */
import { expect } from 'vitest';
import type { Finding, Remedy } from '../../src/checks/finding.ts';
import { parseBinding } from '../../src/connector/binding.ts';
import { conflictsOf } from '../../src/connector/conflict.ts';
import { identityOf, isEnabled, type ReceiveConnector } from '../../src/connector/connector.ts';
import { effectiveRights, mayRelay, unauthenticatedPrincipal } from '../../src/connector/effective-rights.ts';
import { type Organisation, rightsOf } from '../../src/connector/organisation.ts';
import type { Properties } from '../../src/connector/properties.ts';
import { publicPart } from '../../src/connector/range-set.ts';
import { parseRemoteRange } from '../../src/connector/remote-range.ts';
import { SelectionTable } from '../../src/connector/selection.ts';

/** The organisation after each of the commands, in turn. What a cmdlet would not read changes nothing. */
export function* applied(organisation: Organisation, remedy: readonly Remedy[]): Generator<[command: string, Organisation]> {
  for (const { kind, text } of remedy) {
    if (kind !== 'powershell') continue;
    organisation = after(organisation, text);
    yield [text, organisation];
  }
}

const TARGET = /-Identity ("[^"]*"|'[^']*')/;
const unquoted = (text: string): string => text.slice(1, -1).replaceAll("''", "'");

function after(organisation: Organisation, command: string): Organisation {
  const identity = unquoted(TARGET.exec(command)?.[1] ?? '""').toLowerCase();
  if (/Remove-ADPermission/.test(command)) {
    const rights = new Map(organisation.rights);
    rights.delete(identity);
    const connectors = (one: ReceiveConnector) => (identityOf(one).toLowerCase() === identity ? [withoutCustom(one)] : [one]);
    return { ...changed(organisation, connectors), rights };
  }
  if (command.startsWith('Remove-ReceiveConnector'))
    return changed(organisation, (one) => (identityOf(one).toLowerCase() === identity ? [] : [one]));
  if (!command.startsWith('Set-ReceiveConnector')) return organisation;
  return changed(organisation, (one) => [identityOf(one).toLowerCase() === identity ? withParameters(one, command) : one]);
}

const withoutCustom = (one: ReceiveConnector): ReceiveConnector => ({
  ...one,
  properties: {
    ...one.properties,
    ...(one.properties.PermissionGroups && {
      PermissionGroups: one.properties.PermissionGroups.filter((group) => group !== 'Custom'),
    }),
  },
});

function changed(organisation: Organisation, change: (one: ReceiveConnector) => ReceiveConnector[]): Organisation {
  const servers = organisation.servers.map((server) => ({ ...server, connectors: server.connectors.flatMap(change) }));
  return { ...organisation, servers };
}

/** A command with a word in brackets is refused as a whole. */
function withParameters(connector: ReceiveConnector, command: string): ReceiveConnector {
  if (/<[^>]*>/.test(command)) return connector;
  let { bindings, remoteIPRanges } = connector;
  const properties: Record<string, unknown> = { ...connector.properties };
  for (const [, name, value] of command.replace(TARGET, '').matchAll(/ -([A-Z]\w+) (@\{.*?\}|.*?)(?= -[A-Z]|$)/g)) {
    if (name === 'Bindings')
      bindings = listed(value!, bindings, (one) => `${one.address.family} ${one.address.value} ${one.port}`, parseBinding);
    else if (name === 'RemoteIPRanges') remoteIPRanges = listed(value!, remoteIPRanges, ({ text }) => text, parseRemoteRange);
    else if (value === '$true' || value === '$false') properties[name!] = value === '$true';
    else if (name === 'AuthMechanism') properties[name] = value === 'None' ? [] : value!.split(', ');
    else if (name === 'PermissionGroups') {
      // What was added by hand stays, except for what the templates of the groups hold.
      const custom = connector.properties.PermissionGroups?.includes('Custom') ? ['Custom'] : [];
      properties[name] = [...(value === 'None' ? [] : value!.split(', ')), ...custom];
    } else properties[name!] = value;
  }
  return { ...connector, bindings, remoteIPRanges, properties: properties as Properties };
}

function listed<T>(text: string, now: readonly T[], keyOf: (one: T) => string, read: (text: string) => T | undefined): T[] {
  const part = (name: string): T[] =>
    [...(new RegExp(`${name}=([^;}]*)`).exec(text)?.[1] ?? '').matchAll(/"[^"]*"|'[^']*'/g)].map((one) => {
      const value = read(unquoted(one[0]));
      if (value === undefined) throw new Error(`not readable in a remedy: ${one[0]}`);
      return value;
    });
  const removed = new Set(part('Remove').map(keyOf));
  return [...now.filter((one) => !removed.has(keyOf(one))), ...part('Add')];
}

/** `server kind a b` of each pair that the cmdlets refuse. */
export const refusedPairs = ({ servers }: Organisation): string[] =>
  servers.flatMap(({ connectors }) =>
    conflictsOf(connectors).map(({ kind, a, b }) => `${kind} ${[identityOf(a), identityOf(b)].sort().join(' ')}`),
  );

/** `server client` of those of the clients that may relay at some place; asked one by one, as the product looks them up. */
export function relayingClients(organisation: Organisation, clients: readonly ReturnType<typeof edgesOf>[number][]): Set<string> {
  const found = new Set<string>();
  for (const { server, connectors } of organisation.servers)
    for (const role of ['FrontendTransport', 'HubTransport'] as const) {
      const table = new SelectionTable(connectors, role);
      const places = connectors.filter(isEnabled).flatMap(({ bindings }) => bindings);
      for (const client of clients)
        for (const { address, port } of places) {
          const winner = table.select({ address, port }, client)?.connector;
          if (winner && relays(organisation, winner)) found.add(`${server} ${client.family} ${client.value}`);
        }
    }
  return found;
}

function relays(organisation: Organisation, connector: ReceiveConnector): boolean {
  const entries = rightsOf(organisation, connector);
  const relay = mayRelay(connector, entries);
  const { permissions } = effectiveRights(connector, entries, unauthenticatedPrincipal(connector));
  return relay === 'likely' || (relay === 'yes' && permissions.includes('SMTPSubmit'));
}

/** Every address at which some range begins or ends, and its neighbours. */
export function edgesOf({ servers }: Organisation) {
  const edges = new Map<string, { family: 'ipv4' | 'ipv6'; value: bigint }>();
  for (const { connectors } of servers)
    for (const { remoteIPRanges } of connectors)
      for (const { family, first, last } of remoteIPRanges)
        for (const value of [first - 1n, first, last, last + 1n])
          if (value >= 0n && value < (family === 'ipv4' ? 2n ** 32n : 2n ** 128n))
            edges.set(`${family} ${value}`, { family, value });
  return [...edges.values()];
}

/** Clients of the own networks that may relay on some server: to let them on another one too opens nothing to anybody new. */
function isKnownInside(client: string, relaying: ReadonlySet<string>): boolean {
  const [, family, value] = client.split(' ') as [string, 'ipv4' | 'ipv6', string];
  const address = BigInt(value);
  const isPublic = publicPart({ family, first: address, last: address }).length > 0;
  return !isPublic && [...relaying].some((one) => one.endsWith(` ${family} ${value}`));
}

/** No command of the findings makes a new conflict, or lets a client relay that might not. */
export function expectHarmless(organisation: Organisation, findings: readonly Finding[]): void {
  const clients = edgesOf(organisation);
  const [pairs, relaying] = [new Set(refusedPairs(organisation)), relayingClients(organisation, clients)];
  for (const { check, remedy } of findings)
    for (const [command, then] of applied(organisation, remedy)) {
      const says = `${check}: ${command}`;
      expect(
        refusedPairs(then).filter((pair) => !pairs.has(pair)),
        says,
      ).toEqual([]);
      const wider = [...relayingClients(then, [...clients, ...edgesOf(then)])].filter((client) => !relaying.has(client));
      const newEdges = new Set(relayingClients(organisation, edgesOf(then)));
      expect(
        wider.filter((client) => !newEdges.has(client) && !isKnownInside(client, relaying)),
        says,
      ).toEqual([]);
    }
}
