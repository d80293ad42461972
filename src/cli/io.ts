import type { ReverseLookup } from './host-names.ts';

/** Who read the output has gone (`| head`): nothing is left to do, and nothing went wrong. */
export class ReaderGone extends Error {}

/** The console, as a value: commands get it and never touch `process` themselves. */
export interface Io {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Raw bytes on standard output. */
  readonly outBytes: (bytes: Uint8Array) => void;
  /** Progress bars and colour belong on a terminal only. */
  readonly isTerminal: boolean;
  readonly errIsTerminal: boolean;
  readonly width: number;
  readonly now: () => number;
  /** Asks for something that must not be seen; undefined where nobody sits at a keyboard. */
  readonly askSecret?: (question: string) => Promise<string>;
  /** Asks DNS for the names of an address; the resolver of the machine without it. */
  readonly reverseLookup?: ReverseLookup;
}
