/** What a client did, step by step, with what the log says came of it. */
import type { CommandKind } from '../../smtp/command.ts';

/**
 * `greeting`: the client connected. `command`: it said a line. `content`: it sent a message behind DATA. `silence`: it
 * said nothing until the server had enough. `long-line`: it said more than a line may hold, which is never logged.
 */
export type TurnKind = 'greeting' | 'command' | 'content' | 'silence' | 'long-line';

/** How the TLS handshake behind STARTTLS ended. */
export type Handshake =
  | { readonly succeeded: true; readonly protocol: string; readonly strength: number }
  | { readonly succeeded: false; readonly error: string };

/** One step of a client. */
export interface Turn {
  readonly kind: TurnKind;
  /** Of a command; `other` for the rest. */
  readonly command: CommandKind;
  /** As said: `RCPT TO:<a@b>`; empty for what is no line. */
  readonly line: string;
  /** Milliseconds UTC. */
  readonly at: number;
  /** When the client had last heard something before it. */
  readonly heardAt: number;
  /** It did not wait for the reply to the turn before. */
  readonly isPipelined: boolean;
  /** On one line; undefined where none was logged. */
  reply: string | undefined;
  repliedAt: number;
  /** Milliseconds for which the server held the reply back on purpose. */
  heldMs: number;
  /** When the server asked on within it (334). */
  readonly challengedAt: number[];
  handshake: Handshake | undefined;
  /** The last EHLO had offered the mechanism of AUTH. */
  wasOffered: boolean;
  /** Who tried to log on, as far as a row says it. */
  user: string | undefined;
  /** The password was right, whatever became of the logon. */
  passwordHeld: boolean | undefined;
  /** Octets of a message. */
  size: number | undefined;
  /** Octets of its header, and number of its Received fields: logged only where they were too many. */
  headerSize: number | undefined;
  received: number | undefined;
  /** The content that belongs to a DATA that was granted. */
  content: Turn | undefined;
}

/** MAIL to the end of data. */
export interface LoggedTransaction {
  /** undefined: its row is missing. */
  readonly mail: Turn;
  readonly recipients: Turn[];
  data: Turn | undefined;
  /** The content of DATA or the last BDAT, whose reply decides; undefined: the client never came so far. */
  end: Turn | undefined;
  /** Chunks before the last. */
  readonly chunks: Turn[];
}

/** 2xx and 3xx against 4xx and 5xx: between the two a client goes another way. */
export const isPositive = (reply: string): boolean => reply.charCodeAt(0) < 0x34;

/** A turn of which nothing came yet. */
export function turnOf(
  facts: Pick<Turn, 'kind' | 'at' | 'heardAt'> & Partial<Pick<Turn, 'command' | 'line' | 'isPipelined'>>,
): Turn {
  const { kind, command = 'other', line = '', at, heardAt, isPipelined = false } = facts;
  return {
    kind,
    command,
    line,
    at,
    heardAt,
    isPipelined,
    reply: undefined,
    repliedAt: at,
    heldMs: 0,
    challengedAt: [],
    handshake: undefined,
    wasOffered: false,
    user: undefined,
    passwordHeld: undefined,
    size: undefined,
    headerSize: undefined,
    received: undefined,
    content: undefined,
  };
}
