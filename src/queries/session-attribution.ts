/** For each session: the connector that it should have landed on, and whether it might relay. */
import {
  type Attribution,
  Attributor,
  loggedConnector,
  type MissedConnector,
  type Verdict,
  type Why,
} from '../connector/attribution.ts';
import { partsOf } from '../connector/connector.ts';
import { type Organisation, rightsOf, serverOf } from '../connector/organisation.ts';
import { type RelayRight, relayRight } from '../connector/session-right.ts';
import { permissionNames } from '../smtp/permission.ts';
import type { Database } from '../store/database.ts';
import { ConfigurationHistory } from './configuration-history.ts';
import { type DomainKnownBy, RecipientDomains } from './recipient-domains.ts';
import { type SessionRow, type SessionSummary, summarise } from './session-summary.ts';

export interface SessionAttribution {
  readonly verdict: Verdict;
  /** Identity of the connector by the configuration; null for none. */
  readonly expected: string | null;
  readonly why: Why | null;
  readonly reason: string;
  readonly missed: readonly MissedConnector[];
  /** Time of the configuration that was used, and whether it is later than the session. */
  readonly configurationAsOf: string | null;
  readonly configurationIsLater: boolean;
}

export interface SessionRelayRight extends RelayRight {
  /** Accepted recipients outside the organisation; null where that is not known of all of them. */
  readonly recipientsExternal: number | null;
  readonly externalKnownBy: DomainKnownBy | null;
}

/** A session with what the configuration says about it; `attribution` and `relayRight` are null on send. */
export interface AttributedSession extends SessionSummary {
  /** Name from the device list; null for none. */
  readonly device: string | null;
  readonly attribution: SessionAttribution | null;
  readonly relayRight: SessionRelayRight | null;
}

interface RecipientRow {
  readonly domain: string;
  readonly accepted: number | null;
  readonly delivered: number;
  readonly denied: number;
}

/** Answers for many sessions; what the configuration says is worked out once. */
export class SessionAttributions {
  readonly history: ConfigurationHistory;
  readonly #db: Database;
  readonly #attributors = new Map<Organisation, Attributor>();
  readonly #domains = new Map<Organisation, RecipientDomains>();
  readonly #recipients;

  readonly #witnesses: ReadonlySet<number> | undefined;

  /** `witnesses`: see {@link RecipientDomains}. */
  constructor(db: Database, witnesses?: ReadonlySet<number>, history = new ConfigurationHistory(db)) {
    this.#db = db;
    this.#witnesses = witnesses;
    this.history = history;
    this.#recipients = db.prepare<[number], RecipientRow>(
      `SELECT domain, accepted, delivered, reply LIKE '550 5.7.1 Unable to relay%' OR reply LIKE '550 5.7.54 %' AS denied
       FROM recipient_view WHERE session = ?`,
    );
  }

  of(row: SessionRow): AttributedSession {
    const summary = summarise(row);
    if (row.direction === 'send') return { ...summary, device: null, attribution: null, relayRight: null };
    const organisation = this.history.at(row.started_at);
    const device = this.history.devicesAt(row.started_at).find(summary.source, row.helo === null ? [] : [row.helo]);
    const attribution = this.#attributor(organisation).attribute({
      server: row.server,
      service: row.service,
      connector: row.connector,
      localEndpoint: row.local_endpoint,
      remoteEndpoint: row.remote_endpoint,
    });
    return {
      ...summary,
      device: device?.name ?? null,
      attribution: this.#dated(attribution, organisation, row),
      relayRight: this.#relayRight(organisation, row),
    };
  }

  #dated(attribution: Attribution, organisation: Organisation, row: SessionRow): SessionAttribution {
    const asOf = attribution.verdict === 'no-configuration' ? undefined : serverOf(organisation, serverName(row))?.asOf;
    return {
      ...attribution,
      configurationAsOf: asOf === undefined ? null : new Date(asOf).toISOString(),
      configurationIsLater: asOf !== undefined && asOf > row.started_at,
    };
  }

  #relayRight(organisation: Organisation, row: SessionRow): SessionRelayRight {
    const domains = this.#domainsOf(organisation);
    const recipients = row.recipients_accepted + row.recipients_refused > 0 ? this.#recipients.all(row.id) : [];
    const external = recipients.map((recipient) => ({ ...recipient, external: domains.isExternal(recipient.domain) }));
    const delivered = external.filter((recipient) => recipient.delivered === 1);
    const configuration = serverOf(organisation, serverName(row));
    const connector = configuration && loggedConnector(configuration, row.connector);
    const right = relayRight({
      logged: row.permissions === null ? null : permissionNames(row.permissions),
      authenticated: row.auth_result === 'success',
      connector,
      rights: connector ? rightsOf(organisation, connector) : null,
      acceptedExternal: external.some(({ accepted, domain }) => accepted === 1 && domains.needsRelayRight(domain) === true),
      refusedRelay: recipients.some(({ denied }) => denied === 1),
    });
    const known = delivered.every((recipient) => recipient.external !== undefined);
    return {
      ...right,
      recipientsExternal: known ? delivered.filter((recipient) => recipient.external).length : null,
      externalKnownBy: known ? domains.knownBy : null,
    };
  }

  #attributor(organisation: Organisation): Attributor {
    let attributor = this.#attributors.get(organisation);
    if (!attributor) this.#attributors.set(organisation, (attributor = new Attributor(organisation)));
    return attributor;
  }

  #domainsOf(organisation: Organisation): RecipientDomains {
    let domains = this.#domains.get(organisation);
    if (!domains) this.#domains.set(organisation, (domains = new RecipientDomains(this.#db, organisation, this.#witnesses)));
    return domains;
  }
}

/** Of the log, else of the connector's identity. */
const serverName = ({ server, connector }: SessionRow): string => server || partsOf(connector).server;
