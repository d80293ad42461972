import type { Dialect } from '../../protocol-log/fields.ts';
import type { LogRow } from '../../protocol-log/writer.ts';
import { type Clock, systemClock } from '../log/clock.ts';

export interface SmartHostSettings {
  /** Name or address. */
  readonly host: string;
  readonly port: number;
  /** `opportunistic`: where it is offered; `required`: nothing is sent without. Default `opportunistic`. */
  readonly startTls?: 'none' | 'opportunistic' | 'required';
  /** The certificate has to be trusted and to bear the host's name. Default false, as Exchange has it. */
  readonly verifyCertificate?: boolean;
  readonly auth?: { readonly user: string; readonly password: string } | undefined;
  /** Name of the send connector in the log. */
  readonly connector: string;
  /** Said in EHLO. */
  readonly fqdn: string;
  readonly dialect: Dialect;
  readonly log: (row: LogRow) => void;
  /** A new one with every call: 16 hexadecimal digits. */
  readonly newSessionId: () => string;
  readonly clock?: Clock;
  /** A fault on demand: so many connections are refused before anything is tried. Default 0. */
  readonly refusedConnections?: number;
  /** Milliseconds to connect; default 30 s. */
  readonly connectTimeoutMs?: number;
  /** Milliseconds for each answer; default 5 min. */
  readonly answerTimeoutMs?: number;
  /** Milliseconds for the answer to QUIT; default 10 s. */
  readonly quitTimeoutMs?: number;
}

export type CompleteSmartHostSettings = Required<SmartHostSettings>;

/** The settings with the defaults where nothing is said. */
export function completeSmartHostSettings(settings: SmartHostSettings): CompleteSmartHostSettings {
  return {
    startTls: 'opportunistic',
    verifyCertificate: false,
    auth: undefined,
    clock: systemClock,
    refusedConnections: 0,
    connectTimeoutMs: 30_000,
    answerTimeoutMs: 300_000,
    quitTimeoutMs: 10_000,
    ...settings,
  };
}
