/** A conversation as data: what was said and answered, and what came of it. */
import type { TlsFacts } from './certificate.ts';
import { type LineFault, type Reply, rawLines } from './line.ts';
import type { Offers } from './offer.ts';

/** What a reply answers. */
export type Step = 'connect' | 'hello' | 'start-tls' | 'auth' | 'mail' | 'recipient' | 'data' | 'end-of-data' | 'reset' | 'quit';

/** `tarpit`: held back on purpose, as Exchange holds refusals back. `slow`: late for another reason. */
export type Delay = 'none' | 'tarpit' | 'slow';

/** A reply and what it answers. */
export interface Answer {
  readonly step: Step;
  /** The recipient, or what HELO or EHLO was said with; else null. */
  readonly subject: string | null;
  readonly code: number;
  /** Every line with its code. */
  readonly lines: readonly string[];
  /** Milliseconds since the client had said its line, or the connection stood. */
  readonly waitedMs: number;
  readonly delay: Delay;
}

/** What happened, in order. Times are milliseconds UTC. */
export type DialogueEntry =
  | { readonly kind: 'said'; readonly at: number; readonly text: string }
  | { readonly kind: 'answered'; readonly at: number; readonly answer: Answer }
  | { readonly kind: 'note'; readonly at: number; readonly text: string };

/** Why the client itself went no further, although the server had refused nothing. */
export type Abstention = 'starttls-not-offered' | 'password-withheld';

/** All of it. */
export interface Dialogue {
  readonly entries: readonly DialogueEntry[];
  readonly answers: readonly Answer[];
  /** Why the last line was not answered; null where the client left in order. */
  readonly fault: LineFault | null;
  /** What the fault kept from being answered. */
  readonly faultAt: Step | null;
  readonly abstention: Abstention | null;
  /** null: nothing was answered to EHLO and HELO, or they were refused. */
  readonly offers: Offers | null;
  /** EHLO was accepted, not HELO only. */
  readonly isExtended: boolean;
  /** null: no TLS, or one that was only played. */
  readonly tls: TlsFacts | null;
  readonly isSecure: boolean;
}

/** 4xx and 5xx, and what is no code of SMTP. */
export const isRefusal = ({ code }: Pick<Answer, 'code'>): boolean => code < 200 || code >= 400;

/** What is told, explained and compared of an answer: more says nothing. */
const LONGEST_TEXT = 2_000;

/** As it came, line by line; what is beyond all measure is cut. */
export function textOf({ lines }: Pick<Answer, 'lines'>): string {
  const text = lines.join('\r\n');
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text;
}

/** Waits below it are the network's. */
const NOTICEABLE_MS = 1_000;

/** `tarpits`: whether the product holds such a reply back. */
export function answerOf(
  step: Step,
  subject: string | null,
  reply: Reply,
  { waitedMs, tarpits }: { readonly waitedMs: number; readonly tarpits: boolean },
): Answer {
  return {
    step,
    subject,
    code: reply.code,
    lines: rawLines(reply),
    waitedMs,
    delay: waitedMs < NOTICEABLE_MS ? 'none' : tarpits ? 'tarpit' : 'slow',
  };
}
