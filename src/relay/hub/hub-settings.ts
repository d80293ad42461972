/** A front end and the Hub behind it, in one process: what both are told. Pure, as all in hub/: no socket, clock or file. */
import type { ServiceSettings } from '../machine/settings.ts';

export interface HubSettings {
  /** Role FrontendTransport. */
  readonly front: ServiceSettings;
  /** Role HubTransport: limits and faults of its own, connectors on the ports 2525 and 465. */
  readonly hub: ServiceSettings;
  /** Session ids of the front end, for what it receives and what it sends: 16 hexadecimal digits. */
  readonly frontSessionId: () => string;
  /** Session ids of the Hub: of the same counter, or of one of its own, as the product's two processes have it. */
  readonly hubSessionId: () => string;
  /** False: nobody listens there, so that connections are refused. Always true without it. */
  readonly isListening?: () => boolean;
}

/** Where the Hub listens for messages of anonymous clients, and for sessions of those that have logged on. */
export const HUB_PORTS = { message: 2525, session: 465 } as const;

/** Names of the send connectors that a front end has without configuration, on an English server. */
export const SEND_CONNECTORS = {
  message: 'Inbound Proxy Internal Send Connector',
  session: 'Client Proxy Send Connector',
} as const;
