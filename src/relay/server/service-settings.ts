/** What the session machines of one service of one server are told. */
import { randomUUID } from 'node:crypto';
import { AcceptedDomains } from '../../connector/accepted-domain.ts';
import { belongsTo, identityOf, type ListeningRole, type ReceiveConnector } from '../../connector/connector.ts';
import { SelectionTable } from '../../connector/selection.ts';
import { defaultHubConnectors } from '../hub/default-hub-connectors.ts';
import { Faults } from '../machine/faults.ts';
import { Limits } from '../machine/limits.ts';
import type { BackPressure, ServiceSettings } from '../machine/settings.ts';
import type { ServerSettings, ServiceName } from '../settings/relay-settings.ts';
import type { ServerCertificate } from './certificate.ts';
import type { Delivery } from './delivery.ts';
import { formatMailDate } from './mail-date.ts';

const ROLES: Readonly<Record<ServiceName, ListeningRole>> = { FrontEnd: 'FrontendTransport', Hub: 'HubTransport' };

export function serviceSettings(
  server: ServerSettings,
  service: ServiceName,
  certificate: ServerCertificate | undefined,
  delivery: Pick<Delivery, 'pressure' | 'takesBinary'>,
): ServiceSettings {
  const role = ROLES[service];
  // Behind a front end the faults are the front end's: a rule that strikes once must not strike twice for one message.
  const isBehind = service === 'Hub' && server.hub;
  const connectors = isBehind ? withHubConnectors(server) : server.connectors;
  return {
    server: server.server,
    fqdn: server.fqdn,
    version: server.exchange,
    role,
    table: new SelectionTable(delivery.takesBinary ? connectors : connectors.map(withoutBinary), role),
    rightsOf: (connector) => server.rights.get(identityOf(connector).toLowerCase()) ?? null,
    acceptedDomains: new AcceptedDomains(server.acceptedDomains),
    certificate: certificate?.facts,
    limits: new Limits(),
    faults: new Faults(isBehind ? [] : server.faults),
    backPressure: () => worse(server.backPressure, delivery.pressure()),
    inactive: () => server.inactive,
    decimalMark: server.decimalMark,
    formatDate: (at) => formatMailDate(at, server.timeZone),
    newGuid: randomUUID,
  };
}

/** Without connectors of its own for it, the Hub has those that setup makes. */
function withHubConnectors({ server, exchange, connectors }: ServerSettings): readonly ReceiveConnector[] {
  const hasOwn = connectors.some((one) => one.properties.TransportRole !== undefined && belongsTo(one, 'HubTransport'));
  return hasOwn ? connectors : [...connectors, ...defaultHubConnectors(server, exchange)];
}

/** What cannot be handed on must not be taken. */
const withoutBinary = (connector: ReceiveConnector): ReceiveConnector => ({
  ...connector,
  properties: { ...connector.properties, BinaryMimeEnabled: false },
});

const PRESSURES: readonly BackPressure[] = ['none', 'medium', 'high'];

const worse = (a: BackPressure, b: BackPressure): BackPressure => (PRESSURES.indexOf(a) >= PRESSURES.indexOf(b) ? a : b);
