/** `match`: who takes a client, on every server or on one. */
import { formatBinding } from '../connector/binding.ts';
import { identityOf } from '../connector/connector.ts';
import { mayRelay, type Relay } from '../connector/effective-rights.ts';
import type { Obstacle } from '../connector/explanation.ts';
import { type Match, matchClient, type Question } from '../connector/matching.ts';
import { type Organisation, rightsOf, type ServerConfiguration } from '../connector/organisation.ts';
import { sizeOf } from '../net/address-range.ts';

export interface MatchCandidate {
  /** `SERVER\Name`. */
  readonly connector: string;
  readonly server: string;
  /** Null where none is of the client's port and family. */
  readonly binding: string | null;
  readonly range: string | null;
  /** Addresses in the range; beyond 2^53 (wide IPv6 ranges) a rounded number. */
  readonly rangeSize: number | null;
  readonly wins: boolean;
  readonly obstacle: Obstacle | null;
  readonly because: string;
  readonly mayRelay: Relay;
}

export interface ServerMatch {
  readonly server: string;
  /** ISO time of the configuration. */
  readonly asOf: string;
  readonly to: string;
  /** Null: no connector takes the client. */
  readonly connector: string | null;
  readonly reason: string;
  readonly mayRelay: Relay | null;
  /** Others with a range as small at the same binding: Exchange refuses that, and which one wins cannot be known. */
  readonly rivals: readonly string[];
  readonly candidates: readonly MatchCandidate[];
  /** Addresses of the server that some connector is bound to in particular, where the answer is another one. */
  readonly elsewhere: readonly { readonly to: string; readonly connector: string | null; readonly reason: string }[];
}

export function matchOnServer(organisation: Organisation, configuration: ServerConfiguration, question: Question): ServerMatch {
  const { match, elsewhere } = matchClient(configuration.connectors, question);
  const { winner, reason, candidates, rivals } = match.explanation;
  return {
    server: configuration.server,
    asOf: new Date(configuration.asOf).toISOString(),
    to: whereTo(match),
    connector: winner ? identityOf(winner.connector) : null,
    reason,
    mayRelay: winner ? mayRelay(winner.connector, rightsOf(organisation, winner.connector)) : null,
    rivals: rivals.map(identityOf),
    candidates: candidates.map((candidate) => ({
      connector: identityOf(candidate.connector),
      server: configuration.server,
      binding: candidate.binding ? formatBinding(candidate.binding) : null,
      range: candidate.range?.text ?? null,
      rangeSize: candidate.range ? Number(sizeOf(candidate.range)) : null,
      wins: candidate.wins,
      obstacle: candidate.obstacle ?? null,
      because: candidate.because,
      mayRelay: mayRelay(candidate.connector, rightsOf(organisation, candidate.connector)),
    })),
    elsewhere: elsewhere.map((other) => ({
      to: whereTo(other),
      connector: other.explanation.winner ? identityOf(other.explanation.winner.connector) : null,
      reason: other.explanation.reason,
    })),
  };
}

const whereTo = ({ local, anyLocalAddress }: Match): string =>
  anyLocalAddress ? `port ${local.port}` : formatBinding({ ...local, any: false });
