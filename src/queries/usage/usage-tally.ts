/** Sums over a period by client and by connector, put together from the counts. */
import type { ConfigurationHistory } from '../configuration-history.ts';
import { recipientCounts } from './external-recipients.ts';
import type { Texts } from './names.ts';
import type { Slice } from './period.ts';
import type { RollUpReader } from './roll-up-reader.ts';
import {
  type MessageCount,
  messageCounts,
  type Place,
  type RecipientCount,
  type SessionCount,
  sessionCounts,
} from './traffic.ts';
import type { Authentication, Volume } from './usage-report.ts';

/** What is summed up of anything. */
export class Sums {
  messagesAccepted = 0;
  messagesRefused = 0;
  recipientsAccepted = 0;
  recipientsRefused = 0;
  recipientsExternal: number | null = null;
  bytesAccepted = 0;
  sessions = 0;

  addMessages(count: MessageCount): void {
    this.messagesAccepted += count.messagesAccepted;
    this.messagesRefused += count.messagesRefused;
    this.recipientsAccepted += count.recipientsAccepted;
    this.recipientsRefused += count.recipientsRefused;
    this.bytesAccepted += count.bytesAccepted;
  }

  addRecipients({ external }: RecipientCount): void {
    if (external !== undefined) this.recipientsExternal = (this.recipientsExternal ?? 0) + external;
  }

  volume(): Volume {
    const { messagesAccepted, messagesRefused, recipientsAccepted, recipientsRefused, recipientsExternal, bytesAccepted } = this;
    return { messagesAccepted, messagesRefused, recipientsAccepted, recipientsRefused, recipientsExternal, bytesAccepted };
  }

  /** Used the relay, or tried to. */
  get isUse(): boolean {
    return this.sessions > 0 || this.messagesAccepted > 0 || this.messagesRefused > 0;
  }
}

export class ClientTally extends Sums {
  readonly servers = new Set<number>();
  readonly connectors = new Set<number>();
  readonly tls = new Map<number, number>();
  #authenticated = 0;

  addSessions({ tls, authResult, sessions }: SessionCount): void {
    this.sessions += sessions;
    this.tls.set(tls, (this.tls.get(tls) ?? 0) + sessions);
    if (authResult === 'success') this.#authenticated += sessions;
  }

  get authenticated(): Authentication | null {
    if (this.sessions === 0) return null;
    return this.#authenticated === 0 ? 'no' : this.#authenticated === this.sessions ? 'yes' : 'mixed';
  }
}

export class ConnectorTally extends Sums {
  readonly clients = new Set<number>();
  readonly server: number;
  readonly connector: number;

  constructor({ server, connector }: Place) {
    super();
    this.server = server;
    this.connector = connector;
  }
}

/** A client at a connector: what is taken away of it as noise may leave nothing. */
interface Pair {
  readonly place: Place;
  readonly sums: Sums;
}

export class UsageTally {
  readonly total = new Sums();
  readonly clients = new Map<number, ClientTally>();
  readonly connectors = new Map<string, ConnectorTally>();
  readonly recipients: readonly RecipientCount[];
  readonly #pairs = new Map<string, Pair>();

  constructor(reader: RollUpReader, history: ConfigurationHistory, texts: Texts, period: Slice) {
    for (const count of sessionCounts(reader, period)) {
      for (const sums of [this.total, this.#connector(count), this.#pair(count)]) sums.sessions += count.sessions;
      this.#client(count.source).addSessions(count);
    }
    for (const count of messageCounts(reader, period))
      for (const sums of [this.total, this.#client(count.source), this.#connector(count), this.#pair(count)])
        sums.addMessages(count);
    this.recipients = recipientCounts(reader, history, texts, period);
    const known = history.acceptedDomainChanges.length > 0;
    for (const count of this.recipients)
      for (const sums of [this.total, this.#client(count.source), this.#connector(count)]) sums.addRecipients(count);
    this.#settle();
    if (known)
      for (const sums of [this.total, ...this.clients.values(), ...this.connectors.values()]) sums.recipientsExternal ??= 0;
  }

  /** Who used what, once everything is counted; the others go. */
  #settle(): void {
    for (const { place, sums } of this.#pairs.values()) {
      if (!sums.isUse) continue;
      const client = this.#client(place.source);
      client.servers.add(place.server);
      client.connectors.add(place.connector);
      this.#connector(place).clients.add(place.source);
    }
    for (const [source, client] of this.clients) if (!client.isUse) this.clients.delete(source);
    for (const [key, connector] of this.connectors) if (!connector.isUse) this.connectors.delete(key);
  }

  #client(source: number): ClientTally {
    let client = this.clients.get(source);
    if (!client) this.clients.set(source, (client = new ClientTally()));
    return client;
  }

  #connector(place: Place): ConnectorTally {
    const key = keyOf(place);
    let connector = this.connectors.get(key);
    if (!connector) this.connectors.set(key, (connector = new ConnectorTally(place)));
    return connector;
  }

  #pair(place: Place): Sums {
    const key = `${place.source} ${place.server} ${place.connector}`;
    let pair = this.#pairs.get(key);
    if (!pair) {
      const { source, server, connector } = place;
      this.#pairs.set(key, (pair = { place: { source, server, connector }, sums: new Sums() }));
    }
    return pair.sums;
  }
}

const keyOf = ({ server, connector }: Pick<Place, 'server' | 'connector'>): string => `${server} ${connector}`;
