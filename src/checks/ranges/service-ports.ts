/** Whose ports the default ports are, and connectors that stand on a port of the other service. */
import { type Binding, formatBinding } from '../../connector/binding.ts';
import { identityOf, isEnabled, type ListeningRole, type ReceiveConnector, roleOf } from '../../connector/connector.ts';
import type { ServerConfiguration } from '../../connector/organisation.ts';

/** Reference of the receive connectors, section 2.6. */
const PORTS: Readonly<Record<ListeningRole, readonly number[]>> = {
  FrontendTransport: [25, 587, 717],
  HubTransport: [2525, 465, 475],
};

const other = (role: ListeningRole): ListeningRole => (role === 'FrontendTransport' ? 'HubTransport' : 'FrontendTransport');

/** True where the binding's port is one of the other service. Unknown roles are no argument. */
export function misplacedOf(connector: ReceiveConnector, { port }: Binding): boolean {
  const role = roleOf(connector);
  return role !== undefined && PORTS[other(role)].includes(port);
}

export interface Intrusion {
  readonly intruder: ReceiveConnector;
  readonly binding: Binding;
  /** Enabled connectors of the other service that listen there; never empty. */
  readonly holders: readonly { readonly connector: ReceiveConnector; readonly binding: Binding }[];
}

/** Enabled connectors of a role that stand where connectors of the other service listen, on a port of that service. */
export function intrusionsOf({ connectors }: ServerConfiguration, role: ListeningRole): Intrusion[] {
  const enabled = connectors.filter(isEnabled);
  const holders = new Map<string, { connector: ReceiveConnector; binding: Binding }[]>();
  for (const connector of enabled)
    if (roleOf(connector) === other(role))
      for (const binding of connector.bindings) {
        const key = `${binding.port} ${binding.address.family}`;
        holders.set(key, [...(holders.get(key) ?? []), { connector, binding }]);
      }
  return enabled
    .filter((connector) => roleOf(connector) === role)
    .flatMap((intruder) =>
      intruder.bindings
        .filter((binding) => misplacedOf(intruder, binding))
        .flatMap((binding): Intrusion[] => {
          const there = (holders.get(`${binding.port} ${binding.address.family}`) ?? []).filter(
            (holder) => binding.any || holder.binding.any || holder.binding.address.value === binding.address.value,
          );
          return there.length > 0 ? [{ intruder, binding, holders: there }] : [];
        }),
    );
}

/** `EX01\Default Frontend EX01 at 0.0.0.0:25`. */
export const holderText = ({ connector, binding }: Intrusion['holders'][number]): string =>
  `"${identityOf(connector)}" at ${formatBinding(binding)}`;
