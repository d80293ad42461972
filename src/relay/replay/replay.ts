/** What a proposed configuration would have made of a session that is in the log. */
import { AcceptedDomains } from '../../connector/accepted-domain.ts';
import { identityOf, type ReceiveConnector, sameName } from '../../connector/connector.ts';
import { effectiveRights, unauthenticatedPrincipal } from '../../connector/effective-rights.ts';
import { type Organisation, serverOf } from '../../connector/organisation.ts';
import { type Address, parseAddress } from '../../net/address-range.ts';
import { parseEndpoint } from '../../net/endpoint.ts';
import { commandAddress } from '../../smtp/command.ts';
import type { Outcome } from '../../smtp/outcome.ts';
import { DEFAULT_MAX_MESSAGE_SIZE } from '../machine/commands/mail.ts';
import type { ExchangeVersion } from '../machine/settings.ts';
import { LoggedCircumstances } from './circumstances.ts';
import { outcomeOfRows } from './outcome-of-rows.ts';
import { Performance } from './performance.ts';
import { connectorName, type Recording, serverOfSession } from './recording.ts';
import { identityOrNull, ReplayedServer, roleOfSession } from './replayed-server.ts';
import type { Change } from './reply-comparison.ts';
import { type Script, scriptOf } from './script.ts';
import { versionIn } from './server-version.ts';
import { isPositive } from './turn.ts';

/** A reply then and now. null: none was logged, or none would have been given. */
export interface ComparedReply {
  /** Milliseconds UTC, as logged. */
  readonly at: number;
  /** What the client had said; `(connect)`, `(end of data)`, `(silence)` where it said nothing. */
  readonly command: string;
  readonly logged: string | null;
  readonly replayed: string | null;
  readonly same: boolean;
  readonly changed: Change;
}

/** `unknown`: a client that is answered otherwise goes another way, and nobody knows which. */
export type Fate = 'accepted' | 'refused' | 'abandoned' | 'unknown';

/** A message then and now. */
export interface ReplayedMessage {
  /** Empty: `<>`. null: its row is missing. */
  readonly sender: string | null;
  readonly logged: Exclude<Fate, 'unknown'>;
  readonly replayed: Fate;
  readonly recipients: readonly {
    readonly address: string;
    readonly logged: boolean | null;
    readonly replayed: boolean | null;
  }[];
}

/** Counts of messages, or of recipients. */
export interface FateCounts {
  readonly logged: { readonly accepted: number; readonly refused: number };
  readonly replayed: { readonly accepted: number; readonly refused: number; readonly unknown: number };
  /** Accepted then, refused now. */
  readonly lost: number;
  /** Refused then, accepted now. */
  readonly gained: number;
  /** Accepted then, and nobody knows now. */
  readonly doubtful: number;
}

/**
 * What matters most about a replay, the worst first. `mail-lost`: accepted mail, or an accepted recipient, would be
 * refused. `mail-in-doubt`: accepted mail of which nothing can be said. `other-way`: the conversation would take another
 * course, without accepted mail behind it. `other-connector`, `mail-gained`, `other-words`: as they say.
 */
export const CONSEQUENCES = [
  'mail-lost',
  'mail-in-doubt',
  'other-way',
  'other-connector',
  'mail-gained',
  'other-words',
  'none',
] as const;
export type Consequence = (typeof CONSEQUENCES)[number];

/** A session then and now. */
export interface Replay {
  readonly kind: 'replayed';
  readonly sessionId: string;
  readonly server: string;
  readonly version: ExchangeVersion;
  /** `SERVER\Name`; null where none takes the client. */
  readonly connector: { readonly logged: string | null; readonly replayed: string | null };
  readonly replies: readonly ComparedReply[];
  /** The first reply of another class, else the first in other words; null for none. */
  readonly firstChange: ComparedReply | null;
  /** Why replies were compared no further; null where all were. */
  readonly stopped: string | null;
  /** null: not to be known. */
  readonly outcome: { readonly logged: Outcome; readonly replayed: Outcome | null };
  readonly transactions: readonly ReplayedMessage[];
  readonly messages: FateCounts;
  readonly recipients: FateCounts;
  readonly consequence: Consequence;
  /** What the log does not say and was taken to be so. */
  readonly assumed: readonly string[];
}

/** A session that cannot be replayed, and why. */
export interface Unreplayable {
  readonly kind: 'not-replayed';
  readonly sessionId: string;
  readonly server: string;
  readonly because: string;
}

/** How sessions are replayed. */
export interface ReplaySettings {
  /** Of sessions whose rows do not tell; 2016+ where this does not either. */
  readonly versionOf?: (server: string) => ExchangeVersion | undefined;
  /** Whether a domain is the organisation's own, where its accepted domains were not imported; undefined: nothing tells. */
  readonly isInside?: (domain: string) => boolean | undefined;
}

/** What a caller may know of a session besides its rows. */
export interface KnownOfSession {
  /** By the rules for logs; worked out where it is not given. */
  readonly outcome?: Outcome;
  /** The connector that took it, as it was configured then. */
  readonly connector?: ReceiveConnector | undefined;
}

const MOST_ADDRESSES = 10_000;

/** Replays sessions under one configuration. Each is replayed for itself: the same recording gives the same replay. */
export class Replayer {
  readonly #organisation: Organisation;
  readonly #settings: ReplaySettings;
  readonly #servers = new Map<string, ReplayedServer | null>();
  readonly #addresses = new Map<string, Address | null>();

  constructor(organisation: Organisation, settings: ReplaySettings = {}) {
    this.#organisation = organisation;
    this.#settings = settings;
  }

  /** Replays one session. */
  replay(recording: Recording, known: KnownOfSession = {}): Replay | Unreplayable {
    const name = serverOfSession(recording);
    const cannot = (because: string): Unreplayable => ({
      kind: 'not-replayed',
      sessionId: recording.sessionId,
      server: name,
      because,
    });
    const server = this.#server(name);
    if (!server) return cannot(`there is no configuration of ${name || 'its server'}`);
    const remote = this.#addressOf(parseEndpoint(recording.remoteEndpoint).address);
    if (!remote) return cannot('the log hides the address of the client');
    if (recording.rows.length === 0) return cannot('its rows are no longer there');
    const logged = server.connector(connectorName(recording.connector));
    const role = roleOfSession(recording.service, logged);
    if (!role) return cannot(`no receive connector of the configuration stands behind the service ${recording.service}`);
    const assumed: string[] = [];
    const local = this.#localOf(recording, remote, logged, assumed);
    if (!local) return cannot('the log does not say to which port the client came');
    const script = scriptOf(recording.rows);
    const version = versionIn(recording.rows) ?? this.#settings.versionOf?.(name) ?? '2016+';
    const connector = server.select(role, local.place, remote)?.connector;
    this.#assumeConfigured(server, connector, script, assumed);
    const isSameConnector = connector !== undefined && connector === logged;
    const circumstances = { version, isSameConnector, maxMessageSize: maxMessageSizeOf(script, server, connector) };
    const performance = new Performance({
      script,
      version,
      assumed,
      isSameConnector,
      maxMessageSize: connector?.properties.MaxMessageSize,
      facts: { sessionId: recording.sessionId, localEndpoint: local.text, remoteEndpoint: recording.remoteEndpoint },
      serviceFor: (turnAt) =>
        server.service({
          version,
          role,
          fqdn: fqdnIn(script),
          hasCertificate: hasCertificate(script, known.connector),
          faults: new LoggedCircumstances(turnAt, circumstances),
          acceptedDomains: server.acceptedDomains ?? this.#guessedDomains(script, server, logged, assumed),
        }),
    });
    return this.#result(recording, { name, version, logged, connector, outcome: known.outcome, performance, assumed });
  }

  #result(
    recording: Recording,
    played: {
      readonly name: string;
      readonly version: ExchangeVersion;
      readonly logged: ReceiveConnector | undefined;
      readonly connector: ReceiveConnector | undefined;
      readonly outcome: Outcome | undefined;
      readonly performance: Performance;
      readonly assumed: readonly string[];
    },
  ): Replay {
    const { performance, connector, assumed } = played;
    const { replies, transactions } = performance;
    const loggedOutcome = played.outcome ?? outcomeOfRows(recording, recording.rows);
    const firstClass = replies.find(({ changed }) => changed === 'class');
    const firstChange = firstClass ?? replies.find(({ changed }) => changed === 'text') ?? null;
    const before = played.logged ? identityOf(played.logged) : recording.connector.trim() || null;
    const after = identityOrNull(connector);
    const messages = messageCounts(transactions);
    const recipients = recipientCounts(transactions);
    const isOther = before === null || after === null ? before !== after : !sameName(before, after);
    return {
      kind: 'replayed',
      sessionId: recording.sessionId,
      server: played.name,
      version: played.version,
      connector: { logged: before, replayed: after },
      replies,
      firstChange,
      stopped: performance.stopped,
      outcome: { logged: loggedOutcome, replayed: this.#replayedOutcome(recording, performance, loggedOutcome) },
      transactions,
      messages,
      recipients,
      consequence: consequenceOf({ messages, recipients, isOther, firstChange, isLost: performance.isLost }),
      assumed: [...new Set(assumed)],
    };
  }

  #replayedOutcome(recording: Recording, performance: Performance, logged: Outcome): Outcome | null {
    if (performance.isLost) return null;
    return performance.isOtherWay ? outcomeOfRows(recording, performance.rows) : logged;
  }

  #server(name: string): ReplayedServer | null {
    const key = name.toLowerCase();
    let server = this.#servers.get(key);
    if (server === undefined) {
      const configuration = serverOf(this.#organisation, name);
      server = configuration ? new ReplayedServer(this.#organisation, configuration) : null;
      this.#servers.set(key, server);
    }
    return server;
  }

  /** A hidden address of the server counts as one that no connector is bound to in particular. */
  #localOf(
    { localEndpoint }: Recording,
    remote: Address,
    logged: ReceiveConnector | undefined,
    assumed: string[],
  ): Local | undefined {
    const endpoint = parseEndpoint(localEndpoint);
    const port = endpoint.port ?? logged?.bindings[0]?.port;
    if (port === undefined) return undefined;
    const address = this.#addressOf(endpoint.address);
    if (address) return { place: { address, port }, text: localEndpoint };
    assumed.push('no connector is bound to the very address of the server, which the log hides');
    return {
      place: { address: { family: remote.family, value: 0n }, port },
      text: remote.family === 'ipv4' ? `0.0.0.0:${port}` : `[::]:${port}`,
    };
  }

  /** Read once: the same clients come again and again. */
  #addressOf(text: string): Address | undefined {
    let address = this.#addresses.get(text);
    if (address === undefined) {
      if (this.#addresses.size > MOST_ADDRESSES) this.#addresses.clear();
      this.#addresses.set(text, (address = parseAddress(text) ?? null));
    }
    return address ?? undefined;
  }

  #assumeConfigured(
    server: ReplayedServer,
    connector: ReceiveConnector | undefined,
    { transactions }: Script,
    assumed: string[],
  ): void {
    if (!connector) return;
    if (server.isGuessed(connector))
      assumed.push(`"${connector.name}" may relay: its rights were not imported, and Custom mostly means that`);
    if (connector.properties.PermissionGroups === undefined && server.rightsOf(connector) === null)
      assumed.push(`nobody may submit on "${connector.name}": the export holds no permission groups`);
    const { MessageRateLimit = 'Unlimited', MessageRateSource } = connector.properties;
    if (transactions.length > 0 && MessageRateLimit !== 'Unlimited' && MessageRateSource !== 'None')
      assumed.push('MessageRateLimit is counted within the session only');
  }

  /** Without accepted domains: those that the caller knows, and those that got 250 here where nobody may relay. */
  #guessedDomains(
    script: Script,
    server: ReplayedServer,
    logged: ReceiveConnector | undefined,
    assumed: string[],
  ): AcceptedDomains {
    assumed.push('accepted domains were not imported: own are those that the log shows to be');
    const mayRelay =
      logged === undefined ||
      effectiveRights(logged, server.rightsOf(logged), unauthenticatedPrincipal(logged)).permissions.includes(
        'SMTPAcceptAnyRecipient',
      ) ||
      script.turns.some(({ command, reply }) => command === 'auth' && reply?.startsWith('235'));
    const own = new Set<string>();
    for (const { recipients } of script.transactions)
      for (const { line, reply } of recipients) {
        const address = commandAddress(line);
        const domain = address.slice(address.lastIndexOf('@') + 1).toLowerCase();
        const isInside = this.#settings.isInside?.(domain) ?? (!mayRelay && reply !== undefined && isPositive(reply));
        if (isInside && domain !== '') own.add(domain);
      }
    return new AcceptedDomains(
      [...own].map((domain) => ({ name: domain, domainName: domain, domainType: 'Authoritative', isDefault: false })),
    );
  }
}

interface Local {
  readonly place: { readonly address: Address; readonly port: number };
  readonly text: string;
}

/** What the machine would find by counting octets, which are not there. */
function maxMessageSizeOf({ turns }: Script, server: ReplayedServer, connector: ReceiveConnector | undefined): number {
  const limit = connector?.properties.MaxMessageSize ?? DEFAULT_MAX_MESSAGE_SIZE;
  if (!connector || limit === 'Unlimited' || !turns.some(({ size }) => size !== undefined && size > limit))
    return Number.POSITIVE_INFINITY;
  const hasLoggedOn = turns.some(({ command, reply }) => command === 'auth' && reply?.startsWith('235'));
  const principal = hasLoggedOn ? 'authenticated-user' : unauthenticatedPrincipal(connector);
  const { permissions } = effectiveRights(connector, server.rightsOf(connector), principal);
  return permissions.includes('BypassMessageSizeLimit') ? Number.POSITIVE_INFINITY : limit;
}

function fqdnIn({ turns }: Script): string | undefined {
  const banner = turns[0]?.kind === 'greeting' ? turns[0].reply : undefined;
  return banner === undefined ? undefined : /^220 (\S+) Microsoft/.exec(banner)?.[1];
}

/** No certificate fits where a connector that offers TLS did not offer it. */
function hasCertificate({ turns }: Script, then: ReceiveConnector | undefined): boolean {
  if (!then || !(then.properties.AuthMechanism ?? ['Tls']).includes('Tls')) return true;
  const hello = turns.find(
    ({ command, line, reply }) => command === 'hello' && /^\s*EHLO/i.test(line) && reply?.startsWith('250'),
  );
  return hello === undefined || / STARTTLS\b/.test(hello.reply!) || turns.some(({ handshake }) => handshake !== undefined);
}

const count = <T>(all: readonly T[], holds: (one: T) => boolean): number => {
  let counted = 0;
  for (const one of all) if (holds(one)) counted++;
  return counted;
};

function messageCounts(all: readonly ReplayedMessage[]): FateCounts {
  return {
    logged: {
      accepted: count(all, ({ logged }) => logged === 'accepted'),
      refused: count(all, ({ logged }) => logged === 'refused'),
    },
    replayed: {
      accepted: count(all, ({ replayed }) => replayed === 'accepted'),
      refused: count(all, ({ replayed }) => replayed === 'refused'),
      unknown: count(all, ({ replayed }) => replayed === 'unknown'),
    },
    lost: count(all, ({ logged, replayed }) => logged === 'accepted' && (replayed === 'refused' || replayed === 'abandoned')),
    gained: count(all, ({ logged, replayed }) => logged !== 'accepted' && replayed === 'accepted'),
    doubtful: count(all, ({ logged, replayed }) => logged === 'accepted' && replayed === 'unknown'),
  };
}

/** As the sessions are counted: recipients of messages that were accepted, and all that were refused. */
function recipientCounts(all: readonly ReplayedMessage[]): FateCounts {
  const each = all.flatMap(({ logged, replayed, recipients }) =>
    recipients.map((one) => ({
      wasTaken: one.logged === true && logged === 'accepted',
      wasRefused: one.logged === false,
      isTaken: one.replayed === true && replayed === 'accepted',
      isRefused: one.replayed === false || (one.logged === true && logged === 'accepted' && replayed === 'refused'),
      isUnknown: replayed === 'unknown' || (one.replayed === null && one.logged !== null),
    })),
  );
  return {
    logged: { accepted: count(each, ({ wasTaken }) => wasTaken), refused: count(each, ({ wasRefused }) => wasRefused) },
    replayed: {
      accepted: count(each, ({ isTaken }) => isTaken),
      refused: count(each, ({ isRefused }) => isRefused),
      unknown: count(each, ({ isTaken, isRefused, isUnknown }) => !isTaken && !isRefused && isUnknown),
    },
    lost: count(each, ({ wasTaken, isRefused }) => wasTaken && isRefused),
    gained: count(each, ({ wasTaken, isTaken }) => !wasTaken && isTaken),
    doubtful: count(each, ({ wasTaken, isTaken, isRefused, isUnknown }) => wasTaken && !isTaken && !isRefused && isUnknown),
  };
}

function consequenceOf(found: {
  readonly messages: FateCounts;
  readonly recipients: FateCounts;
  readonly isOther: boolean;
  readonly firstChange: ComparedReply | null;
  readonly isLost: boolean;
}): Consequence {
  const { messages, recipients, isOther, firstChange, isLost } = found;
  if (messages.lost > 0 || recipients.lost > 0) return 'mail-lost';
  if (messages.doubtful > 0 || recipients.doubtful > 0) return 'mail-in-doubt';
  const gains = messages.gained > 0 || recipients.gained > 0;
  if (!gains && (isLost || firstChange?.changed === 'class')) return 'other-way';
  if (gains) return 'mail-gained';
  if (isOther) return 'other-connector';
  return firstChange ? 'other-words' : 'none';
}
