/**
 * What a server answers for reasons that no configuration holds: back pressure, agents, unknown mailboxes, a directory
 * that does not answer, how many others were connected. In a replay the log is right about these.
 */
import { findReply, formatReply, type ReplyId } from '../../smtp/reply-catalogue.ts';
import { type FaultRule, type FaultStage, Faults } from '../machine/faults.ts';
import { type Admission, Limits } from '../machine/limits.ts';
import type { ExchangeVersion } from '../machine/settings.ts';
import { isPositive, type Turn } from './turn.ts';

/** Refusals that the machine comes to by itself, from the configuration and from what the client said. */
const DECIDED: ReadonlySet<string> = new Set<ReplyId>([
  'announced-size-exceeded',
  'authentication-cancelled',
  'authentication-failed',
  'bad-sequence',
  'bare-line-feeds',
  'client-may-not-submit',
  'client-not-authenticated',
  'command-not-implemented',
  'command-too-long',
  'extended-hello-missing',
  'header-too-large',
  'hello-missing',
  'hello-without-name',
  'inactivity-timeout',
  'invalid-arguments',
  'invalid-hello-name',
  'invalid-recipient-address',
  'invalid-sender-address',
  'mail-missing',
  'mail-option-not-authorized',
  'message-too-large',
  'no-connector-for-client',
  'partial-message',
  'recipient-address-not-ascii',
  'recipient-address-too-long',
  'recipient-missing',
  'relay-denied',
  'reserved-second-level-domain',
  'reserved-top-level-domain',
  'second-authentication',
  'second-starttls',
  'sender-address-not-ascii',
  'sender-address-too-long',
  'sender-already-specified',
  'session-too-old',
  'single-label-domain',
  'starttls-required',
  'too-many-errors',
  'too-many-hops',
  'too-many-recipients',
  'unrecognized-authentication-type',
  'unrecognized-command',
  'unrecognized-parameter',
  'unsupported-body-type',
  'utf8-not-announced',
]);

/** Where one server counts over several connections, the counts are those of a connector. */
const COUNTED: ReadonlySet<string> = new Set<ReplyId>([
  'server-connections-exceeded',
  'source-connections-exceeded',
  'submission-rate-exceeded',
]);

/** Why a refusal was given: by configuration, by what a connector counted, or by other circumstances. */
export function reasonOf(reply: string): 'decided' | 'counted' | 'circumstances' {
  const { id } = findReply(reply, { side: 'receive' })?.entry ?? { id: '' };
  return DECIDED.has(id) ? 'decided' : COUNTED.has(id) ? 'counted' : 'circumstances';
}

/** What a session brings along. */
export interface CircumstanceSettings {
  readonly version: ExchangeVersion;
  /** The connector is the one that the log names: what it counted is what it would count. */
  readonly isSameConnector: boolean;
  /** Octets that a message may have; infinite where the client is above such limits. */
  readonly maxMessageSize: number;
}

/** Lets the machine say what the log has where circumstances decided: at the very command, and only where it would go on. */
export class LoggedCircumstances extends Faults {
  readonly #turnAt: (stage: FaultStage) => Turn | undefined;
  readonly #settings: CircumstanceSettings;

  constructor(turnAt: (stage: FaultStage) => Turn | undefined, settings: CircumstanceSettings) {
    super();
    this.#turnAt = turnAt;
    this.#settings = settings;
  }

  override strike(stage: FaultStage): FaultRule | undefined {
    const turn = this.#turnAt(stage);
    const { maxMessageSize, version } = this.#settings;
    if (stage === 'end-of-data' && turn?.kind === 'content' && (turn.size ?? 0) > maxMessageSize)
      return { at: stage, reply: formatReply('message-too-large', version) };
    const reply = turn?.reply;
    if (reply === undefined || isPositive(reply)) return undefined;
    // What a chunk held nobody has any more: on the same connector it would be refused for it again.
    if (stage === 'end-of-data' && turn?.command === 'bdat-last' && this.#settings.isSameConnector) return { at: stage, reply };
    const reason = reasonOf(reply);
    // Before the banner a connector turns away for what it counts, or because its service is not active.
    const byConnector = stage === 'connect' ? reason !== 'circumstances' : reason === 'counted';
    if (byConnector ? !this.#settings.isSameConnector : reason === 'decided') return undefined;
    return { at: stage, reply };
  }
}

/** Connections are always admitted, for the log does not tell who else was there; messages are counted session by session. */
export class ReplayLimits extends Limits {
  override admit(): Admission {
    return 'admitted';
  }

  override release(): void {}
}
