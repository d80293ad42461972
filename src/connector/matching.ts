/** Who takes a client on a server, when not everything about the connection is known. */
import type { Address } from '../net/address-range.ts';
import { isEnabled, type ListeningRole, type ReceiveConnector, roleOf } from './connector.ts';
import { type Explanation, explainSelection } from './explanation.ts';
import { type LocalEndpoint, SelectionTable } from './selection.ts';

export interface Match {
  readonly local: LocalEndpoint;
  /** The address that the client connected to is not known, or one that no connector is bound to in particular. */
  readonly anyLocalAddress: boolean;
  readonly role: ListeningRole;
  readonly explanation: Explanation;
}

export interface Question {
  readonly remote: Address;
  readonly port: number;
  /** The server's address that the client connects to; undefined: any of them. */
  readonly local?: Address;
  /** undefined: the service whose connectors listen on the port. */
  readonly role?: ListeningRole;
}

/**
 * The answer for an address of the server that no connector is bound to in particular, and, where no address was named,
 * each of those bound to in particular that would give another one.
 */
export function matchClient(connectors: readonly ReceiveConnector[], question: Question): { match: Match; elsewhere: Match[] } {
  const { remote, port } = question;
  const role = question.role ?? roleOnPort(connectors, port);
  const table = new SelectionTable(connectors, role);
  const ask = (address: Address): Match => ({
    local: { address, port },
    anyLocalAddress: address.value === 0n,
    role,
    explanation: explainSelection({ connectors, role, local: { address, port }, remote, table }),
  });
  const match = ask(question.local ?? { family: remote.family, value: 0n });
  if (question.local) return { match, elsewhere: [] };
  const elsewhere = localAddresses(connectors, port, remote.family)
    .map(ask)
    .filter(({ explanation }) => explanation.winner?.connector !== match.explanation.winner?.connector);
  return { match, elsewhere };
}

/** Addresses of the server that some connector is bound to in particular. */
export function localAddresses(connectors: readonly ReceiveConnector[], port: number, family: Address['family']): Address[] {
  const bound = connectors
    .flatMap(({ bindings }) => bindings)
    .filter((binding) => binding.port === port && !binding.any && binding.address.family === family);
  return [...new Map(bound.map((binding) => [binding.address.value, binding.address])).values()];
}

/** The service whose enabled connectors listen on the port: the front end, where both do. */
export function roleOnPort(connectors: readonly ReceiveConnector[], port: number): ListeningRole {
  const onPort = connectors.filter(
    (connector) => isEnabled(connector) && connector.bindings.some((binding) => binding.port === port),
  );
  return onPort.length === 0 || onPort.some((connector) => roleOf(connector) !== 'HubTransport')
    ? 'FrontendTransport'
    : 'HubTransport';
}
