/** A line to an SMTP server, whatever is behind it: a socket, or the machine that plays a server of the configuration. */
import type { TlsFacts } from './certificate.ts';

/** What a server answers. */
export interface Reply {
  readonly code: number;
  /** Without the code, line by line; each octet that is no UTF-8 as the character of its number. */
  readonly lines: readonly string[];
}

/**
 * Why there is no reply. `closed`: in order. `broken`: an error of the network, with its code. `timed-out`: nothing whole came
 * in time. `overall`: the whole conversation took too long. `line-too-long`, `endless`: beyond what is read. `not-smtp`: no
 * line of a reply; `first` is how it begins. `handshake`: TLS failed, with OpenSSL's or the network's code.
 */
export type LineFault =
  | { readonly kind: 'closed' | 'timed-out' | 'overall' | 'line-too-long' | 'endless' }
  | { readonly kind: 'broken' | 'handshake'; readonly code: string; readonly message: string }
  | { readonly kind: 'not-smtp'; readonly first: string };

/** Nothing more will be heard. */
export class ConversationOver extends Error {
  readonly fault: LineFault;

  constructor(fault: LineFault) {
    super(fault.kind);
    this.fault = fault;
  }
}

/** What a conversation needs of its line. Times are milliseconds UTC. */
export interface SmtpLine {
  now(): number;
  /** The next reply; throws ConversationOver where there is none. */
  read(): Promise<Reply>;
  /** Says lines, without waiting for anything. */
  write(...lines: readonly string[]): void;
  /** The handshake behind the answer to STARTTLS; null where it is only played. Throws ConversationOver where it fails. */
  startTls(): Promise<TlsFacts | null>;
}

/** A reply as it came: every line with its code. */
export const rawLines = ({ code, lines }: Reply): string[] =>
  lines.map((line, index) => `${code}${index < lines.length - 1 ? '-' : ' '}${line}`.trimEnd());
