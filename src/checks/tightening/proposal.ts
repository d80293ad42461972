/**
 * What may be closed without breaking anything, by what was seen: for every connector on which clients relay without a
 * logon the narrow list of its ranges. Texts and plain numbers, beside `organisation`; times are milliseconds UTC.
 */
import type { Organisation } from '../../connector/organisation.ts';
import type { Habit } from './habit.ts';

/**
 * `narrow`: a shorter list of ranges. `dedicate`: the ranges must stay, since inbound mail comes through them; who relayed
 * gets a connector of its own, and this one loses the right. `disable`: nobody uses it. `leave`: nothing is proposed.
 */
export type ProposedAction = 'narrow' | 'dedicate' | 'disable' | 'leave';

/** A client that goes on as it does now. */
export interface KeptClient {
  readonly source: string;
  readonly device: string | null;
  readonly owner: string | null;
  /** The entry of the proposed list that holds it. */
  readonly range: string;
  /** `other-server`: it was seen on another server only, and may be sent to this one tomorrow. */
  readonly because: 'used' | 'other-server';
  /** An address of the Internet: to be decided about. */
  readonly isPublic: boolean;
  readonly habit: Habit;
  readonly firstEver: number;
  readonly last: number;
  readonly activeDays: number;
}

/** An address that the connector takes now, and that was seen, and that it would take or let relay no more. */
export interface LeftOutClient {
  readonly source: string;
  readonly device: string | null;
  /** `only-connected`: it never wanted anything. `public-relay`: it relayed from the Internet through a connector for everybody. */
  readonly because: 'only-connected' | 'own-server' | 'health-check' | 'public-relay';
  /** Which connector would take it, by name; null: none, it would be turned away. */
  readonly landsOn: string | null;
}

/** A connector that is to be made. */
export interface DedicatedConnector {
  readonly name: string;
  readonly bindings: readonly string[];
  readonly ranges: readonly string[];
}

export interface ConnectorProposal {
  readonly server: string;
  readonly name: string;
  readonly action: ProposedAction;
  /** One sentence. */
  readonly because: string;
  /** Remote IP ranges as exported, and as they would be. */
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** `1,024 addresses`: what the two hold. */
  readonly addressesBefore: string;
  readonly addressesAfter: string;
  readonly kept: readonly KeptClient[];
  readonly leftOut: readonly LeftOutClient[];
  /** Entries that stay as they are although few use them: with a narrower one a client would land elsewhere. */
  readonly untouched: readonly string[];
  readonly dedicated: DedicatedConnector | null;
  /** Whole days that the logs of the server reach back in the period. */
  readonly days: number;
  /** Lines for the Exchange Management Shell that make the change, and those that take it back; comments among them. */
  readonly commands: readonly string[];
  readonly wayBack: readonly string[];
}

export interface Proposal {
  readonly since: number;
  readonly until: number;
  /** Prefix length by which addresses were merged; null: single addresses, and runs of them. */
  readonly group: number | null;
  /** Server by server, as configured. */
  readonly connectors: readonly ConnectorProposal[];
  /** All of it as one script to be saved. */
  readonly script: string;
  /** What is configured, with all of it done. */
  readonly organisation: Organisation;
}
