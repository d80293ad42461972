/** One transport service of one server: what its connections share, and for a front end the Hub behind it. */

import type { LogRow } from '../../protocol-log/writer.ts';
import { FrontEndWithHub } from '../hub/front-end-with-hub.ts';
import { HubConnections } from '../hub/hub-connections.ts';
import type { LogName } from '../machine/effects.ts';
import { SessionMachine } from '../machine/session-machine.ts';
import type { ServerSettings, ServiceName } from '../settings/relay-settings.ts';
import type { ServerCertificate } from './certificate.ts';
import type { ConnectionHost } from './connection.ts';
import type { ServerLogs } from './server-logs.ts';
import { serviceSettings } from './service-settings.ts';
import type { SessionIds } from './session-ids.ts';

export interface RelayServiceSettings
  extends Omit<ConnectionHost, 'service' | 'log' | 'openSession' | 'secureContext' | 'handshakeTimeout'> {
  readonly server: ServerSettings;
  readonly name: ServiceName;
  readonly certificate: ServerCertificate | undefined;
  readonly logs: ServerLogs;
  readonly sessionIds: SessionIds;
}

export interface RelayService {
  readonly host: ConnectionHost;
  /** When its sessions are over. */
  close(): void;
}

/** How often the connections to the Hub are looked after: they may wait for minutes. */
const HUB_CARE_MS = 5_000;

export function openService(settings: RelayServiceSettings): RelayService {
  const { server, name, certificate, logs, delivery, clock, sessionIds } = settings;
  const service = serviceSettings(server, name, certificate, delivery);
  const hub =
    server.hub && name === 'FrontEnd'
      ? new HubConnections({
          front: service,
          hub: serviceSettings(server, 'Hub', certificate, delivery),
          frontSessionId: () => sessionIds.take(),
          hubSessionId: () => sessionIds.take(),
        })
      : undefined;
  const log = (row: LogRow, of: LogName | undefined): void => logs.of(...placeOf(of, name)).add(row);
  const host: ConnectionHost = {
    ...settings,
    service,
    log,
    openSession: (facts, now) => (hub ? new FrontEndWithHub(hub, facts, now) : new SessionMachine(service, facts, now)),
    secureContext: certificate?.context,
    handshakeTimeout: server.tls.handshakeTimeout,
  };
  const drain = (): void => {
    for (const { row, log: of } of hub?.drain() ?? []) log(row, of);
  };
  let cancel: (() => void) | undefined;
  const care = (): void => {
    hub?.wake(clock.now());
    drain();
    cancel = clock.after(HUB_CARE_MS, care);
  };
  if (hub) care();
  return {
    host,
    close() {
      cancel?.();
      hub?.shutDown(clock.now());
      drain();
    },
  };
}

/** Without a name it is the receive log of the service itself. */
function placeOf(log: LogName | undefined, service: ServiceName): [ServiceName, 'receive' | 'send'] {
  switch (log) {
    case undefined:
      return [service, 'receive'];
    case 'front-end-receive':
      return ['FrontEnd', 'receive'];
    case 'front-end-send':
      return ['FrontEnd', 'send'];
    case 'hub-receive':
      return ['Hub', 'receive'];
  }
}
