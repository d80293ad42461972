/** A receive connector as configured: who may connect to it, where it listens, and its properties. */
import type { Binding } from './binding.ts';
import type { Properties, TransportRole } from './properties.ts';
import type { RemoteRange } from './remote-range.ts';

export interface ReceiveConnector {
  /** The server's name, as it stands before the backslash of the identity. */
  readonly server: string;
  readonly name: string;
  readonly bindings: readonly Binding[];
  readonly remoteIPRanges: readonly RemoteRange[];
  readonly properties: Properties;
  /** Properties of the export that relaylens has no use for, as text. */
  readonly others: Readonly<Record<string, string>>;
}

/** `SERVER\Name`, as Exchange and the logs call it. */
export const identityOf = ({ server, name }: Pick<ReceiveConnector, 'server' | 'name'>): string => `${server}\\${name}`;

/** Parts of `SERVER\Name`; the server is empty where the log gave the name alone. */
export function partsOf(identity: string): { server: string; name: string } {
  const backslash = identity.indexOf('\\');
  return { server: identity.slice(0, Math.max(0, backslash)), name: identity.slice(backslash + 1) };
}

/** A name in a sentence: in quotes, and without controls that would break the line. */
export const quoted = ({ name }: Pick<ReceiveConnector, 'name'>): string => `"${name.replace(/\p{Cc}/gu, '␣')}"`;

/** Names of servers and connectors do not differ by case. */
export const sameName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** False only where the configuration says so. */
export const isEnabled = ({ properties }: ReceiveConnector): boolean => properties.Enabled !== false;

/** The two services that listen: before 2013 there is no front end, and its exports have no role. */
export type ListeningRole = Extract<TransportRole, 'FrontendTransport' | 'HubTransport'>;

/** undefined where the export does not say: such a connector fits either service. */
export function roleOf({ properties }: ReceiveConnector): ListeningRole | undefined {
  if (properties.TransportRole === undefined) return undefined;
  return properties.TransportRole === 'FrontendTransport' ? 'FrontendTransport' : 'HubTransport';
}

export function belongsTo(connector: ReceiveConnector, role: ListeningRole): boolean {
  return (roleOf(connector) ?? role) === role;
}

/** The connectors that Exchange makes itself: `Default Frontend EX01`, `Client Proxy EX01` … */
export function isDefaultConnector({ server, name }: Pick<ReceiveConnector, 'server' | 'name'>): boolean {
  const own = name.toLowerCase();
  const host = server.toLowerCase();
  return (
    ['default frontend', 'client frontend', 'outbound proxy frontend', 'default', 'client proxy', 'client'].some(
      (kind) => own === `${kind} ${host}`,
    ) || own.startsWith('default internal receive connector')
  );
}
