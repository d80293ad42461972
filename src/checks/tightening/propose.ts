/**
 * Makes the proposal. A client keeps its way in where it wanted something in the period and lands on the connector today,
 * or would on another server where it uses the twin. Narrowing changes the size of ranges, and with it the selection: for
 * all clients seen the taker is looked up before and after, and where it would be another, the entry stays as it is.
 */

import { formatBinding } from '../../connector/binding.ts';
import { conflictsOf } from '../../connector/conflict.ts';
import { identityOf, type ReceiveConnector, sameName } from '../../connector/connector.ts';
import { isExternallySecured } from '../../connector/effective-rights.ts';
import { type Organisation, type ServerConfiguration, serverOf } from '../../connector/organisation.ts';
import { union } from '../../connector/range-set.ts';
import { countInWords, type RemoteRange } from '../../connector/remote-range.ts';
import type { RightEntry } from '../../connector/right.ts';
import { type AddressRange, holds, parseAddress, sizeOf } from '../../net/address-range.ts';
import { script } from '../../powershell/script.ts';
import type { AuditFacts } from '../../queries/audit/audit-facts.ts';
import { daysWatched, relayingConnectors, type WatchedConnector } from '../evidence/audited-clients.ts';
import { isPublic, overlap } from '../ranges/address-space.ts';
import { relayConnector } from '../ranges/relay-connectors.ts';
import { count } from '../words/enumeration.ts';
import { closed, DEDICATED_RIGHTS, dedicatedConnector, takesEverybody } from './dedicated-connector.ts';
import { habitOf } from './habit.ts';
import { narrowRanges } from './narrow-ranges.ts';
import type { Plan } from './plan.ts';
import type { ConnectorProposal, KeptClient, LeftOutClient, Proposal } from './proposal.ts';
import { linesOf, type ProposedLines, scriptLines } from './proposal-script.ts';
import { Landings, type Visit, visitsElsewhere, visitsOf } from './visit.ts';

export interface ProposalOptions {
  /** Prefix length (8 to 31) within which two or more IPv4 addresses in use become their network, as far as it is let in now. */
  readonly group?: number | null;
}

/** Fewer days say nothing of a connector without clients: some devices send once a week. */
const FEWEST_DAYS = 14;

/** Pure: the same facts give the same proposal. */
export function proposalOf(facts: AuditFacts, { group = null }: ProposalOptions = {}): Proposal {
  const watched = relayingConnectors(facts);
  const before = new Map(facts.organisation.servers.map((server) => [server, new Landings(server.connectors)]));
  const landing = (visit: Visit): ReceiveConnector | undefined => before.get(visit.server)!.of(visit);
  const seen = visitsOf(facts);
  const relaying = watched.map(({ connector }) => connector);
  const open = new Set(relaying);
  const there = seen.filter((visit) => {
    const taker = landing(visit);
    return taker !== undefined && open.has(taker);
  });
  const visits = [...seen, ...visitsElsewhere(there, relaying, facts)];
  const plans = facts.organisation.servers.flatMap((server) =>
    new ServerPlan(
      facts,
      group,
      server,
      watched.filter(({ connector }) => sameName(connector.server, server.server)),
      visits.filter((visit) => visit.server === server),
    ).settle(),
  );
  const organisation = plans.reduce(applied, facts.organisation);
  const after = new Map(organisation.servers.map((server) => [server.server, new Landings(server.connectors)]));
  const told = plans.map((plan) => {
    const connector = tell(plan, facts, after.get(serverOf(organisation, plan.connector.server)!.server)!);
    const lines = linesOf(plan, connector, facts);
    const texts = (all: ProposedLines['commands']): string[] => all.map(({ text }) => text);
    return { connector: { ...connector, commands: texts(lines.commands), wayBack: texts(lines.wayBack) }, lines };
  });
  return {
    since: facts.since,
    until: facts.until,
    group,
    connectors: told.map(({ connector }) => connector),
    script: script(scriptLines(facts, told)),
    organisation,
  };
}

/** All connectors of one server: what one of them gives up, another may take. */
class ServerPlan {
  readonly #facts: AuditFacts;
  readonly #group: number | null;
  readonly #server: ServerConfiguration;
  readonly #watched: readonly WatchedConnector[];
  readonly #visits: readonly { readonly visit: Visit; readonly taker: ReceiveConnector | undefined }[];
  readonly #untouched = new Map<ReceiveConnector, Set<RemoteRange>>();
  readonly #given = new Set<ReceiveConnector>();
  readonly #conflicts: ReadonlySet<string>;

  constructor(
    facts: AuditFacts,
    group: number | null,
    server: ServerConfiguration,
    watched: readonly WatchedConnector[],
    visits: readonly Visit[],
  ) {
    this.#facts = facts;
    this.#group = group;
    this.#server = server;
    this.#watched = watched;
    const landings = new Landings(server.connectors);
    this.#visits = visits.map((visit) => ({ visit, taker: landings.of(visit) }));
    this.#conflicts = new Set(conflictsOf(server.connectors).map(conflictKey));
    for (const { connector } of watched) this.#untouched.set(connector, new Set());
  }

  /** Every round leaves at least one more entry, or one more connector, as it is: then nothing is left to go wrong. */
  settle(): Plan[] {
    for (;;) {
      const plans = this.#watched.map((one) => this.#plan(one));
      if (!this.#mend(plans)) return plans;
    }
  }

  #plan(watched: WatchedConnector): Plan {
    const { connector } = watched;
    const kept = this.#visits.flatMap(({ visit, taker }) => (taker === connector ? [visit] : []));
    const plan = {
      watched,
      connector,
      kept,
      ranges: connector.remoteIPRanges,
      untouched: new Set<RemoteRange>(),
      dedicated: null,
    };
    const leave = (because: string): Plan => ({ ...plan, action: 'leave', because });
    if (this.#given.has(connector))
      return leave('No change could be found that Exchange takes and that leaves every client where it is.');
    if (takesEverybody(connector, this.#server.connectors)) return this.#dedicate(plan, leave);
    if (watched.audited.logsSince === null)
      return leave('No log of its server was read, so that nothing is known of its clients.');
    if (connector.properties.ProtocolLoggingLevel === 'None')
      return leave(
        'It does not log (ProtocolLoggingLevel None): who uses it is not known. Switch logging on, and ask again later.',
      );
    const days = daysWatched(watched, this.#facts);
    if (kept.length === 0) {
      if (connector.properties.ProtocolLoggingLevel !== 'Verbose')
        return leave('Nobody was seen, but whether it logs is not known: the export does not hold ProtocolLoggingLevel.');
      if (days < FEWEST_DAYS)
        return leave(`Nobody was seen in ${count(days, 'day')} of logs, which is too little to say that nobody uses it.`);
      return { ...plan, action: 'disable', because: `Nobody used it in ${count(days, 'day')} of logs.` };
    }
    const untouched = this.#untouched.get(connector)!;
    const ranges = narrowRanges(connector.remoteIPRanges, {
      addresses: kept.map(({ address }) => address),
      group: this.#group,
      foreign: this.#foreignTo(connector),
      untouched,
    });
    if (sameTexts(ranges, connector.remoteIPRanges))
      return { ...leave('Every entry is in use, address by address.'), untouched, ranges: connector.remoteIPRanges };
    return {
      ...plan,
      action: 'narrow',
      because: 'Only the addresses that used it keep their way in.',
      ranges,
      untouched,
    };
  }

  /** Who relayed from the Internet through a connector for everybody is not given a way of its own by a program. */
  #dedicate(plan: Omit<Plan, 'action' | 'because'>, leave: (because: string) => Plan): Plan {
    const { connector } = plan;
    const closing = relayConnector(this.#facts.organisation, connector);
    if (!closing)
      return leave('Its clients may not submit mail without a logon, so that the right to relay is of no use to them.');
    const relayed = plan.kept.filter((visit) => hasRelayed(visit));
    const own = relayed.filter(({ source }) => !isPublic(source.source));
    const why = 'Everybody comes through it, inbound mail too: its ranges must stay, and the right to relay has to go';
    if (own.length === 0)
      return { ...plan, kept: [], action: 'dedicate', because: `${why}. No client of the own networks was seen to use it.` };
    const ranges = narrowRanges(connector.remoteIPRanges, {
      addresses: own.map(({ address }) => address),
      group: this.#group,
      foreign: this.#foreignTo(connector),
      untouched: new Set(),
    });
    const dedicated = dedicatedConnector(connector, ranges, this.#server.connectors);
    if (!dedicated)
      return leave('Exchange would refuse a relay connector for its clients beside the others, and without one they stop.');
    return { ...plan, kept: own, action: 'dedicate', because: `${why}. Who relayed gets a connector of its own.`, dedicated };
  }

  /** What other connectors may take now, out of the ranges of this one. */
  #foreignTo({ name, remoteIPRanges }: ReceiveConnector): AddressRange[] {
    if (this.#group === null) return [];
    return this.#server.connectors
      .filter((other) => other.name !== name)
      .flatMap((other) => other.remoteIPRanges)
      .filter((range) => remoteIPRanges.some((own) => overlap(own, range) && sizeOf(range) <= sizeOf(own)));
  }

  /** True where something had to be left as it is, so that all has to be looked at again. */
  #mend(plans: readonly Plan[]): boolean {
    const connectors = connectorsUnder(this.#server.connectors, plans);
    const landings = new Landings(connectors);
    const planOf = (one: ReceiveConnector | undefined): Plan | undefined =>
      one && plans.find(({ connector, dedicated }) => connector.name === one.name || dedicated?.connector.name === one.name);
    const wrong = this.#visits.flatMap(({ visit, taker }) => {
      const own = planOf(taker);
      const expected = own?.dedicated && own.kept.includes(visit) ? own.dedicated.connector.name : taker?.name;
      const found = landings.of(visit);
      return found?.name === expected
        ? []
        : [own, planOf(found)].flatMap((plan) =>
            plan ? [{ plan, touches: (range: RemoteRange) => holds(range, visit.address) }] : [],
          );
    });
    const refused = conflictsOf(connectors)
      .filter((conflict) => !this.#conflicts.has(conflictKey(conflict)))
      .flatMap(({ a, b, rangeA, rangeB }) =>
        [
          { plan: planOf(a), range: rangeA },
          { plan: planOf(b), range: rangeB },
        ].flatMap(({ plan, range }) =>
          plan ? [{ plan, touches: (one: RemoteRange) => range === undefined || overlap(one, range) }] : [],
        ),
      );
    return [...wrong, ...refused].reduce((changed, { plan, touches }) => this.#leave(plan, touches) || changed, false);
  }

  #leave({ connector, action }: Plan, touches: (range: RemoteRange) => boolean): boolean {
    if (action === 'leave' || this.#given.has(connector)) return false;
    const untouched = this.#untouched.get(connector)!;
    const more = connector.remoteIPRanges.filter((range) => touches(range) && !untouched.has(range));
    if (action === 'narrow' && more.length > 0) for (const range of more) untouched.add(range);
    else this.#given.add(connector);
    return true;
  }
}

const conflictKey = ({ kind, a, b }: { kind: string; a: ReceiveConnector; b: ReceiveConnector }): string =>
  [kind, a.name, b.name].join('\0');

const sameTexts = (a: readonly RemoteRange[], b: readonly RemoteRange[]): boolean =>
  a.length === b.length && a.every(({ text }, index) => text === b[index]!.text);

/** Recipients of which nothing tells whether they are outside count: without the right they may be refused. */
const hasRelayed = ({ place, source }: Visit): boolean =>
  place.externalRecipients > 0 || (place.anonymousMessages > 0 && source.recipientsUnknown > 0);

/** The connectors of a server with the plans carried out, rights apart. */
function connectorsUnder(connectors: readonly ReceiveConnector[], plans: readonly Plan[]): ReceiveConnector[] {
  const changed = connectors.map((connector): ReceiveConnector => {
    const plan = plans.find((one) => one.connector === connector);
    switch (plan?.action) {
      case 'narrow':
        return { ...connector, remoteIPRanges: plan.ranges };
      case 'disable':
        return { ...connector, properties: { ...connector.properties, Enabled: false } };
      default:
        return connector;
    }
  });
  return [...changed, ...plans.flatMap(({ dedicated }) => (dedicated ? [dedicated.connector] : []))];
}

/** The organisation with one plan carried out. */
function applied(organisation: Organisation, plan: Plan): Organisation {
  const { connector, action, dedicated } = plan;
  const rights = new Map<string, readonly RightEntry[]>(organisation.rights);
  let replaced: ReceiveConnector | undefined;
  if (action === 'dedicate') {
    const without = closed(organisation, connector);
    replaced = without.connector;
    if (without.rights) rights.set(identityOf(connector).toLowerCase(), without.rights);
    if (dedicated && !isExternallySecured(connector)) rights.set(identityOf(dedicated.connector).toLowerCase(), DEDICATED_RIGHTS);
  }
  return {
    ...organisation,
    rights,
    servers: organisation.servers.map((server) =>
      sameName(server.server, connector.server)
        ? {
            ...server,
            connectors: connectorsUnder(server.connectors, [plan]).map((one) => (one === connector && replaced ? replaced : one)),
          }
        : server,
    ),
  };
}

/** Without its lines. */
function tell(plan: Plan, facts: AuditFacts, after: Landings): ConnectorProposal {
  const { connector, watched, ranges, dedicated, action } = plan;
  const list = dedicated ? dedicated.connector.remoteIPRanges : ranges;
  return {
    server: connector.server,
    name: connector.name,
    action,
    because: plan.because,
    before: connector.remoteIPRanges.map(({ text }) => text),
    after: ranges.map(({ text }) => text),
    addressesBefore: addressCount(connector.remoteIPRanges),
    addressesAfter: action === 'disable' ? 'no address' : addressCount(ranges),
    kept: keptClients(plan, list, facts),
    leftOut: leftOutOf(plan, facts, after),
    untouched: [...plan.untouched].map(({ text }) => text),
    dedicated: dedicated && {
      name: dedicated.connector.name,
      bindings: dedicated.connector.bindings.map(formatBinding),
      ranges: dedicated.connector.remoteIPRanges.map(({ text }) => text),
    },
    days: daysWatched(watched, facts),
    commands: [],
    wayBack: [],
  };
}

const addressCount = (ranges: readonly RemoteRange[]): string =>
  countInWords(union(ranges).reduce((sum, range) => sum + sizeOf(range), 0n));

function keptClients({ kept }: Plan, list: readonly RemoteRange[], { until }: AuditFacts): KeptClient[] {
  const bySource = new Map<string, KeptClient>();
  for (const { source, address, isElsewhere } of kept) {
    const before = bySource.get(source.source);
    if (before && (before.because === 'used' || isElsewhere)) continue;
    const holding = list
      .filter((range) => holds(range, address))
      .reduce<RemoteRange | undefined>((best, range) => (best && sizeOf(best) <= sizeOf(range) ? best : range), undefined);
    bySource.set(source.source, {
      source: source.source,
      device: source.device ?? source.helo[0]?.name ?? null,
      owner: source.owner,
      range: holding?.text ?? '',
      because: isElsewhere ? 'other-server' : 'used',
      isPublic: isPublic(source.source),
      habit: habitOf(source, until),
      firstEver: source.firstEver,
      last: source.last,
      activeDays: source.activeDays,
    });
  }
  return [...bySource.values()];
}

/** What is known of the addresses that lose their way in, or their relay. */
function leftOutOf(plan: Plan, facts: AuditFacts, after: Landings): LeftOutClient[] {
  const { connector, action, ranges } = plan;
  if (action === 'leave') return [];
  if (action === 'dedicate') {
    const kept = new Set(plan.kept.map(({ source }) => source.source));
    return facts.sources
      .filter(
        ({ source, places }) =>
          isPublic(source) &&
          !kept.has(source) &&
          places.some(
            (place) =>
              place.externalRecipients > 0 &&
              place.sessions > 0 &&
              sameName(place.server, connector.server) &&
              sameName(place.connector, connector.name.trim()),
          ),
      )
      .map(({ source, device, helo }) => ({
        source,
        device: device ?? helo[0]?.name ?? null,
        because: 'public-relay',
        landsOn: connector.name,
      }));
  }
  const kept = new Set(plan.kept.map(({ source }) => source.source));
  const lists = [
    ['only-connected', facts.probes],
    ['own-server', facts.ownServers],
    ['health-check', facts.healthChecks],
  ] as const;
  return lists.flatMap(([because, sources]) =>
    sources.flatMap((source): LeftOutClient[] => {
      const address = parseAddress(source);
      const isIn = (list: readonly RemoteRange[]): boolean =>
        address !== undefined && list.some((range) => holds(range, address));
      if (!address || kept.has(source) || !isIn(connector.remoteIPRanges)) return [];
      if (action !== 'disable' && isIn(ranges)) return [];
      const takers = connector.bindings
        .filter((binding) => binding.address.family === address.family)
        .map((local) => after.of({ local, address, role: roleOfPlan(plan) }));
      return [{ source, device: null, because, landsOn: takers.find((one) => one !== undefined)?.name ?? null }];
    }),
  );
}

const roleOfPlan = ({ connector }: Plan): Visit['role'] =>
  connector.properties.TransportRole === 'HubTransport' ? 'HubTransport' : 'FrontendTransport';
