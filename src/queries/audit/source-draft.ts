/** Puts together what is known of one client, group by group. */
import type { ConfigurationHistory } from '../configuration-history.ts';
import type { DomainCount, Example, ExternalMail, RefusedRelay, Senders, Sighted } from './audit-facts.ts';
import type { MessageGroup, RecipientGroup, SessionGroup } from './traffic.ts';

/** Counts with the first and the last time. */
export class Sighting {
  count = 0;
  first = Number.POSITIVE_INFINITY;
  last = Number.NEGATIVE_INFINITY;

  add(count: number, first: number, last: number): void {
    this.count += count;
    this.first = Math.min(this.first, first);
    this.last = Math.max(this.last, last);
  }

  /** null where nothing was counted. */
  value(): Sighted | null {
    const { count, first, last } = this;
    return count === 0 ? null : { count, first, last };
  }
}

/** Recipients by domain; remembers of which domain the first and the last were. */
class RecipientTally extends Sighting {
  readonly domains = new Map<string, number>();
  firstDomain = '';
  lastDomain = '';

  addRecipients({ domain, recipients, first, last }: RecipientGroup): void {
    if (first < this.first) this.firstDomain = domain;
    if (last > this.last) this.lastDomain = domain;
    this.add(recipients, first, last);
    addTo(this.domains, domain, recipients);
  }
}

/** A client on one connector. */
export class PlaceDraft {
  readonly server: number;
  readonly connector: number;
  readonly localEndpoints = new Set<string>();
  readonly seen = new Sighting();
  sessions = 0;
  anonymousSessions = 0;
  messagesAccepted = 0;
  messagesRefused = 0;
  anonymousMessages = 0;
  externalRecipients = 0;
  relayLogged: boolean | null = null;
  /** Last time that a recipient was accepted, or refused, that only who may relay can reach. */
  relayedAt = Number.NEGATIVE_INFINITY;
  deniedAt = Number.NEGATIVE_INFINITY;

  constructor(server: number, connector: number) {
    this.server = server;
    this.connector = connector;
  }
}

export class SourceDraft {
  readonly number: number;
  readonly places = new Map<string, PlaceDraft>();
  readonly helo = new Map<string, number>();
  readonly tls = new Map<string, number>();
  readonly logon = { none: 0, success: 0, failed: 0 };
  readonly clearTextLogons = new Sighting();
  readonly seen = new Sighting();
  readonly external = new RecipientTally();
  readonly denied = new RecipientTally();
  readonly deniedSenders = new Map<string, number>();
  readonly senderDomains = new Map<string, number>();
  sessions = 0;
  recipientsUnknown = 0;
  nullSenders = 0;

  constructor(number: number) {
    this.number = number;
  }

  place({ server, connector }: { server: number; connector: number }): PlaceDraft {
    const key = `${server} ${connector}`;
    let place = this.places.get(key);
    if (!place) this.places.set(key, (place = new PlaceDraft(server, connector)));
    return place;
  }

  addSessions(group: SessionGroup): void {
    const { sessions, first, last, logon, localEndpoint, helo, tls } = group;
    const place = this.place(group);
    for (const seen of [this.seen, place.seen]) seen.add(sessions, first, last);
    this.sessions += sessions;
    place.sessions += sessions;
    if (logon !== 'success') place.anonymousSessions += sessions;
    if (localEndpoint !== '') place.localEndpoints.add(localEndpoint);
    this.logon[logon] += sessions;
    addTo(this.tls, tls, sessions);
    if (helo) addTo(this.helo, helo, sessions);
    if (group.passwordSent && tls === 'none') this.clearTextLogons.add(sessions, first, last);
    if (group.relayLogged !== null) place.relayLogged = (place.relayLogged ?? false) || group.relayLogged === 1;
  }

  addMessages(group: MessageGroup): void {
    const { messages, first, last, senderDomain } = group;
    const place = this.place(group);
    for (const seen of [this.seen, place.seen]) seen.add(0, first, last);
    if (!group.accepted) {
      place.messagesRefused += messages;
      return;
    }
    place.messagesAccepted += messages;
    if (group.loggedOn) return;
    place.anonymousMessages += messages;
    if (group.nullSender) this.nullSenders += messages;
    else if (senderDomain !== null) addTo(this.senderDomains, senderDomain.toLowerCase(), messages);
  }

  /** `external`: outside the organisation; undefined where nothing tells. `needsRight`: only who may relay can reach it. */
  addRecipients(group: RecipientGroup, external: boolean | undefined, needsRight: boolean | undefined): void {
    if (group.loggedOn) return;
    const place = this.place(group);
    if (!group.accepted) {
      this.denied.addRecipients(group);
      place.deniedAt = Math.max(place.deniedAt, group.last);
      return;
    }
    if (needsRight) place.relayedAt = Math.max(place.relayedAt, group.last);
    if (external === undefined) this.recipientsUnknown += group.recipients;
    if (!external) return;
    this.external.addRecipients(group);
    place.externalRecipients += group.recipients;
  }

  /** `example`: finds the recipient of the domain whose message was decided then. */
  externalMail(example: ExampleOf): ExternalMail | null {
    const sighted = this.external.value();
    return sighted && { ...sighted, domains: counts(this.external.domains), examples: examplesOf(this.external, 1, example) };
  }

  refusedRelay(example: ExampleOf): RefusedRelay | null {
    const sighted = this.denied.value();
    return (
      sighted && {
        ...sighted,
        domains: counts(this.denied.domains),
        senderDomains: counts(this.deniedSenders),
        examples: examplesOf(this.denied, 0, example),
      }
    );
  }

  /** `isOwn`: null where the accepted domains are not known. */
  senders(isOwn: ((domain: string) => boolean) | null): Senders {
    const domains = counts(this.senderDomains);
    const sum = (of: readonly DomainCount[]): number => of.reduce((total, { count }) => total + count, 0);
    return {
      own: isOwn && sum(domains.filter(({ domain }) => isOwn(domain))),
      foreign: isOwn && sum(domains.filter(({ domain }) => !isOwn(domain))),
      none: this.nullSenders,
      domains,
    };
  }
}

export type ExampleOf = (at: number, domain: string, accepted: number) => Example | null;

function examplesOf(tally: RecipientTally, accepted: number, example: ExampleOf): Example[] {
  const first = example(tally.first, tally.firstDomain, accepted);
  const last = tally.last === tally.first ? null : example(tally.last, tally.lastDomain, accepted);
  return [first, last].filter((one) => one !== null);
}

export function addTo<Key>(counts: Map<Key, number>, key: Key, count: number): void {
  counts.set(key, (counts.get(key) ?? 0) + count);
}

/** Most first. */
export const counts = (of: ReadonlyMap<string, number>): DomainCount[] =>
  [...of].map(([domain, count]) => ({ domain, count })).sort((a, b) => b.count - a.count || (a.domain < b.domain ? -1 : 1));

/** The moments between which the accepted domains did not change, as parts of a period. */
export function domainEpochs(history: ConfigurationHistory, since: number, until: number): { since: number; until: number }[] {
  const cuts = [since, ...history.acceptedDomainChanges.filter((at) => at > since && at < until), until];
  return cuts.slice(0, -1).map((from, index) => ({ since: from, until: cuts[index + 1]! }));
}
