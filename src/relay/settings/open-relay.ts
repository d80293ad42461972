/** Finds what would make the relay one for the whole world. */
import { type AcceptedDomain, AcceptedDomains } from '../../connector/accepted-domain.ts';
import type { Binding } from '../../connector/binding.ts';
import { belongsTo, identityOf, isEnabled, type ReceiveConnector } from '../../connector/connector.ts';
import { effectiveRights, mayRelay, unauthenticatedPrincipal } from '../../connector/effective-rights.ts';
import type { RemoteRange } from '../../connector/remote-range.ts';
import { type AddressRange, contains, parseAddress, parseRange } from '../../net/address-range.ts';
import { isLoopback } from '../../net/endpoint.ts';
import { formatEndpoint } from './read-settings.ts';
import type { ListenSettings, ServerSettings } from './relay-settings.ts';

export interface OpenRelay {
  /** `EX01\Relay`. */
  readonly connector: string;
  /** As configured. */
  readonly range: string;
  /** Where it really listens. */
  readonly endpoint: string;
}

/** Not reached from elsewhere: private, shared, link-local, loopback. */
const PRIVATE: readonly AddressRange[] = [
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '::1',
  'fc00::/7',
  'fe80::/10',
].flatMap((text) => parseRange(text) ?? []);

/**
 * Connectors on which a client without authentication may, or likely may, send anywhere, with a range that holds public
 * addresses, at an endpoint that is not loopback. An accepted domain `*` makes a relay of every connector.
 */
export function openRelays(servers: readonly ServerSettings[]): OpenRelay[] {
  return servers.flatMap((server) =>
    server.connectors.flatMap((connector) => {
      if (!isEnabled(connector) || !relays(server, connector)) return [];
      const exposed = server.listen.filter(({ on }) => !isLoopback(on.address));
      for (const listen of exposed) {
        const range = reaches(listen, connector) && connector.remoteIPRanges.find((one) => takesStrangers(one, listen));
        if (range) return [{ connector: identityOf(connector), range: range.text, endpoint: formatEndpoint(listen.on) }];
      }
      return [];
    }),
  );
}

function relays({ rights, acceptedDomains }: ServerSettings, connector: ReceiveConnector): boolean {
  const entries = rights.get(identityOf(connector).toLowerCase()) ?? null;
  if (['yes', 'likely'].includes(mayRelay(connector, entries))) return true;
  const { permissions } = effectiveRights(connector, entries, unauthenticatedPrincipal(connector));
  return permissions.includes('SMTPSubmit') && acceptsEverything(acceptedDomains);
}

const acceptsEverything = (domains: readonly AcceptedDomain[]): boolean =>
  new AcceptedDomains(domains).find('no-such-domain.invalid')?.domainName === '*';

/** Where everybody is taken for one address, that address alone counts, however private it is. */
const takesStrangers = (range: RemoteRange, { from }: ListenSettings): boolean =>
  from === undefined ? !isPrivate(range) : contains(range, from);

const isPrivate = (range: RemoteRange): boolean =>
  PRIVATE.some((one) => one.family === range.family && range.first >= one.first && range.last <= one.last);

/** True where a connection to the listener can land on the connector. */
function reaches({ on, as, service }: ListenSettings, connector: ReceiveConnector): boolean {
  if (!belongsTo(connector, service === 'Hub' ? 'HubTransport' : 'FrontendTransport')) return false;
  const { address, port } = as ?? on;
  const local = parseAddress(address);
  return connector.bindings.some((binding) => binding.port === port && local !== undefined && meets(binding, local));
}

function meets(binding: Binding, local: NonNullable<ReturnType<typeof parseAddress>>): boolean {
  if (binding.address.family !== local.family) return false;
  return binding.any || local.value === 0n || binding.address.value === local.value;
}
