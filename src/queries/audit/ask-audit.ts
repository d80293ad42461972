/** Asks for the facts of an audit: from the rows of the period, since it matters who had logged on when mail was accepted. */
import { AcceptedDomains } from '../../connector/accepted-domain.ts';
import { addressSpaceOf } from '../../connector/address-space.ts';
import { loggedConnector } from '../../connector/attribution.ts';
import { partsOf, type ReceiveConnector, sameName } from '../../connector/connector.ts';
import { mayRelay } from '../../connector/effective-rights.ts';
import { type Organisation, rightsOf, serverOf } from '../../connector/organisation.ts';
import type { RemoteRange } from '../../connector/remote-range.ts';
import { relayRight } from '../../connector/session-right.ts';
import { holds, parseAddress, sizeOf } from '../../net/address-range.ts';
import type { Database } from '../../store/database.ts';
import { ConfigurationHistory } from '../configuration-history.ts';
import { coverage } from '../coverage.ts';
import { RecipientDomains } from '../recipient-domains.ts';
import { publicId } from '../session-id.ts';
import { Texts } from '../usage/names.ts';
import type { AuditedConnector, AuditedSource, AuditFacts, Example, Place } from './audit-facts.ts';
import { askBehaviours } from './behaviour/ask-behaviours.ts';
import { addTo, domainEpochs, type ExampleOf, type PlaceDraft, SourceDraft } from './source-draft.ts';
import {
  deniedSenders,
  exampleFinder,
  historyFinder,
  messageGroups,
  recipientGroups,
  type SessionGroup,
  type Span,
  sessionGroups,
} from './traffic.ts';

/** One moment for all of it, whatever is written meanwhile. */
export function askAudit(db: Database, span: Span): AuditFacts {
  return db.transaction(() => new Audit(db, span).facts())();
}

class Audit {
  readonly #db: Database;
  readonly #span: Span;
  readonly #history: ConfigurationHistory;
  readonly #organisation: Organisation;
  readonly #texts: Texts;
  readonly #drafts = new Map<number, SourceDraft>();
  readonly #noise = { health: new Set<string>(), hop: new Set<string>() };
  readonly #probes: SessionGroup[] = [];
  readonly #isOwn: ((domain: string) => boolean) | null;

  constructor(db: Database, span: Span) {
    this.#db = db;
    this.#span = span;
    this.#history = new ConfigurationHistory(db);
    this.#organisation = this.#history.at(span.until - 1);
    this.#texts = new Texts(db);
    const { acceptedDomains } = this.#organisation;
    const accepted = acceptedDomains && new AcceptedDomains(acceptedDomains.filter(({ domainName }) => domainName !== '*'));
    this.#isOwn = accepted && ((domain) => accepted.find(domain) !== undefined);
  }

  facts(): AuditFacts {
    for (const group of sessionGroups(this.#db, this.#span)) this.#addSessions(group);
    for (const group of messageGroups(this.#db, this.#span)) this.#draft(group.source).addMessages(group);
    this.#addRecipients();
    for (const { source, domain, recipients } of deniedSenders(this.#db, this.#span))
      addTo(this.#draft(source).deniedSenders, domain.toLowerCase(), recipients);
    const history = historyFinder(this.#db, this.#span.until);
    const find = exampleFinder(this.#db);
    const exampleOf =
      (source: number): ExampleOf =>
      (at, domain, accepted) =>
        exampleIn(find({ source, at, domain, accepted }));
    const sources = [...this.#drafts.values()]
      .map((draft) => this.#source(draft, history(draft.number), exampleOf(draft.number)))
      .sort(byImportance);
    return {
      ...this.#span,
      organisation: this.#organisation,
      configurationAsOf: this.#history.asOf(this.#span.until - 1),
      externalKnownBy: this.#organisation.acceptedDomains === null ? 'replies' : 'accepted-domains',
      sources,
      connectors: this.#connectors(sources),
      ownServers: [...this.#noise.hop].sort(),
      healthChecks: [...this.#noise.health].sort(),
      probes: [...new Set(this.#probes.map(({ source }) => source))]
        .filter((source) => !this.#drafts.has(source))
        .map((source) => this.#texts.of(source))
        .sort(),
      behaviours: this.#behaviours(sources),
    };
  }

  #behaviours(sources: readonly AuditedSource[]): AuditFacts['behaviours'] {
    const devices = new Map(sources.map(({ source, device }) => [source, device]));
    return askBehaviours({
      db: this.#db,
      span: this.#span,
      texts: this.#texts,
      deviceOf: (source) => devices.get(source) ?? null,
      probes: this.#probes,
    });
  }

  #draft(source: number): SourceDraft {
    let draft = this.#drafts.get(source);
    if (!draft) this.#drafts.set(source, (draft = new SourceDraft(source)));
    return draft;
  }

  #addSessions(group: SessionGroup): void {
    if (group.noise !== null) this.#noise[group.noise].add(this.#texts.of(group.source));
    else if (group.probe) this.#probes.push(group);
    else this.#draft(group.source).addSessions(group);
  }

  /** A recipient is outside by the accepted domains of its time; before the first import those are the best guess. */
  #addRecipients(): void {
    const [first = 0] = this.#history.acceptedDomainChanges;
    for (const epoch of domainEpochs(this.#history, this.#span.since, this.#span.until)) {
      const domains = new RecipientDomains(this.#db, this.#history.at(Math.max(epoch.since, first)));
      const known = new Map<string, readonly [boolean | undefined, boolean | undefined]>();
      for (const group of recipientGroups(this.#db, epoch)) {
        let told = known.get(group.domain);
        if (!told) known.set(group.domain, (told = [domains.isExternal(group.domain), domains.needsRelayRight(group.domain)]));
        this.#draft(group.source).addRecipients(group, ...told);
      }
    }
  }

  #source(
    draft: SourceDraft,
    { firstEver, activeDays }: { readonly firstEver: number | null; readonly activeDays: number },
    example: ExampleOf,
  ): AuditedSource {
    const source = this.#texts.of(draft.number);
    const helo = [...draft.helo]
      .map(([name, sessions]) => ({ name, sessions }))
      .sort((a, b) => b.sessions - a.sessions || (a.name < b.name ? -1 : 1));
    const names = helo.map(({ name }) => name);
    const device = this.#history.devicesAt(this.#span.until - 1).find(source, names);
    const { none, success: succeeded, failed } = draft.logon;
    return {
      source,
      device: device?.name ?? null,
      owner: device?.owner ?? null,
      site: device?.site ?? null,
      space: addressSpaceOf(source),
      helo,
      sessions: draft.sessions,
      tls: Object.fromEntries([...draft.tls].sort(([a], [b]) => (a < b ? -1 : 1))),
      logon: { none, succeeded, failed },
      clearTextLogons: draft.clearTextLogons.value(),
      places: [...draft.places.values()]
        .map((place) => this.#place(place, source))
        .sort((a, b) => b.messagesAccepted - a.messagesAccepted || b.sessions - a.sessions || byName(a, b)),
      external: draft.externalMail(example),
      recipientsUnknown: draft.recipientsUnknown,
      refusedRelay: draft.refusedRelay(example),
      senders: draft.senders(this.#isOwn),
      first: draft.seen.first,
      last: draft.seen.last,
      firstEver: Math.min(firstEver ?? draft.seen.first, draft.seen.first),
      activeDays,
    };
  }

  #place(draft: PlaceDraft, source: string): Place {
    const identity = this.#texts.of(draft.connector);
    const server = this.#texts.of(draft.server) || partsOf(identity).server;
    const configuration = serverOf(this.#organisation, server);
    const connector = configuration && loggedConnector(configuration, identity);
    return {
      server,
      connector: partsOf(identity).name.trim(),
      localEndpoints: [...draft.localEndpoints].sort(),
      // A client whose mail the Hub's log alone tells of came to another connector.
      range: connector && draft.sessions > 0 ? (smallestHolding(connector, source)?.text ?? null) : null,
      sessions: draft.sessions,
      anonymousSessions: draft.anonymousSessions,
      messagesAccepted: draft.messagesAccepted,
      messagesRefused: draft.messagesRefused,
      anonymousMessages: draft.anonymousMessages,
      externalRecipients: draft.externalRecipients,
      relay: this.#relay(draft, connector),
      first: draft.seen.first,
      last: draft.seen.last,
    };
  }

  #relay({ relayLogged, relayedAt, deniedAt }: PlaceDraft, connector: ReceiveConnector | undefined): Place['relay'] {
    const { mayRelay, knownBy } = relayRight({
      logged: relayLogged === null ? null : relayLogged ? ['SMTPAcceptAnyRecipient'] : [],
      authenticated: false,
      connector,
      rights: connector ? rightsOf(this.#organisation, connector) : null,
      // What the server did last counts: rights change.
      acceptedExternal: relayedAt > deniedAt,
      refusedRelay: deniedAt > relayedAt,
    });
    return { mayRelay, knownBy };
  }

  #connectors(sources: readonly AuditedSource[]): AuditedConnector[] {
    const logs = coverage(this.#db).filter(({ direction }) => direction === 'receive');
    return this.#organisation.servers.flatMap(({ server, connectors }) => {
      const own = logs.filter((log) => sameName(log.server, server));
      return connectors.map((connector): AuditedConnector => {
        const clients = sources.flatMap(({ source, places }) =>
          places
            .filter((place) => sameName(place.server, server) && sameName(place.connector, connector.name.trim()))
            .map((place) => ({ source, place })),
        );
        return {
          server,
          name: connector.name,
          mayRelay: mayRelay(connector, rightsOf(this.#organisation, connector)),
          ranges: connector.remoteIPRanges.map(({ text }) => {
            const through = clients.filter(({ place }) => place.range === text);
            return {
              range: text,
              sources: through.map(({ source }) => source),
              lastUsed: through.length === 0 ? null : Math.max(...through.map(({ place }) => place.last)),
            };
          }),
          sources: clients.length,
          messagesAccepted: clients.reduce((sum, { place }) => sum + place.messagesAccepted, 0),
          externalRecipients: clients.reduce((sum, { place }) => sum + place.externalRecipients, 0),
          logsSince: own.length === 0 ? null : Math.min(...own.map(({ first }) => first)),
          logsUntil: own.length === 0 ? null : Math.max(...own.map(({ last }) => last)),
        };
      });
    });
  }
}

function smallestHolding({ remoteIPRanges }: ReceiveConnector, source: string): RemoteRange | undefined {
  const address = parseAddress(source);
  if (!address) return undefined;
  return remoteIPRanges
    .filter((range) => holds(range, address))
    .reduce<RemoteRange | undefined>((best, range) => (best && sizeOf(best) <= sizeOf(range) ? best : range), undefined);
}

function exampleIn(row: ReturnType<ReturnType<typeof exampleFinder>>): Example | null {
  if (!row) return null;
  const { at, session_id, server, remote_endpoint, generation, sender, recipient } = row;
  const session = publicId({
    sessionId: session_id,
    direction: 'receive',
    server,
    remoteEndpoint: remote_endpoint,
    generation,
  });
  return { at, session, sender, recipient };
}

const externalCount = ({ external }: AuditedSource): number => external?.count ?? 0;
const messagesOf = ({ places }: AuditedSource): number => places.reduce((sum, { messagesAccepted }) => sum + messagesAccepted, 0);

function byImportance(a: AuditedSource, b: AuditedSource): number {
  return externalCount(b) - externalCount(a) || messagesOf(b) - messagesOf(a) || (a.source < b.source ? -1 : 1);
}

const byName = (a: Place, b: Place): number => (`${a.server}\\${a.connector}` < `${b.server}\\${b.connector}` ? -1 : 1);
