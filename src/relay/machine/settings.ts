/** What a session machine is told about the server it plays, and about its one connection. */
import type { AcceptedDomains } from '../../connector/accepted-domain.ts';
import type { ListeningRole, ReceiveConnector } from '../../connector/connector.ts';
import type { RightEntry } from '../../connector/right.ts';
import type { SelectionTable } from '../../connector/selection.ts';
import type { Certificate } from '../../protocol-log/dialect.ts';
import type { Faults } from './faults.ts';
import type { Limits } from './limits.ts';

/** 2016+ stands for 2016, 2019 and Subscription Edition. */
export type ExchangeVersion = '2013' | '2016+';

export type BackPressure = 'none' | 'medium' | 'high';

/** One transport service of one server. */
export interface ServiceSettings {
  readonly server: string;
  readonly fqdn: string;
  readonly version: ExchangeVersion;
  readonly role: ListeningRole;
  readonly table: SelectionTable;
  readonly rightsOf: (connector: ReceiveConnector) => readonly RightEntry[] | null;
  readonly acceptedDomains: AcceptedDomains;
  /** undefined: no TLS. */
  readonly certificate: Certificate | undefined;
  readonly limits: Limits;
  readonly faults: Faults;
  readonly backPressure: () => BackPressure;
  /** In maintenance: every connection is turned away. */
  readonly inactive: () => boolean;
  /** Decimal mark of the KB/sec figure: it follows the culture of the server. */
  readonly decimalMark: '.' | ',';
  /** Local time as mail headers and the banner have it: `Mon, 2 Nov 2026 09:02:00 +0100`. */
  readonly formatDate: (at: number) => string;
  readonly newGuid: () => string;
}

export interface ConnectionFacts {
  /** 16 hexadecimal digits. */
  readonly sessionId: string;
  /** As the log writes them. */
  readonly localEndpoint: string;
  readonly remoteEndpoint: string;
  /** The other end is a front end in the same process; never set for what comes over a socket. */
  readonly peer?: InternalPeer;
  /** A Hub stands behind the front end that the machine plays: messages and logged-on sessions go there. */
  readonly hub?: HubDestination;
}

/** A front end as the Hub in the same process knows it: one that need not prove who it is. */
export interface InternalPeer {
  /** `DOMAIN\\SERVER$`. */
  readonly account: string;
  /** What the front end puts before the message that it hands over. */
  readonly trace: () => string;
}

/** Where a front end sends what it takes. */
export interface HubDestination {
  readonly fqdn: string;
  readonly isActive: () => boolean;
}
