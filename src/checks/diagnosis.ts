/**
 * The shape of a diagnosis: why a client did not get what it wanted. One file each in `diagnoses/`, all held to one
 * contract by their own examples.
 */
import type { Dialect } from '../protocol-log/fields.ts';
import type { Case, ExaminedSession, FailureGroup } from '../queries/cases/case.ts';
import type { ReplyId } from '../smtp/reply-catalogue.ts';
import type { Root } from './evidence/sign.ts';
import type { Example } from './examples/example-organisation.ts';
import type { Confidence, Evidence, Remedy, Severity } from './finding.ts';

/** A session of an example: who connects to what, and the rows in the language of `fixtures/story.ts`. */
export interface SessionSketch {
  /** The client's address, or on a send log the next hop's; `10.0.20.12` where left out. */
  readonly from?: string;
  /** On a send log the port of the next hop; 25 where left out. */
  readonly port?: number;
  /** `10.0.0.5:25` where left out. */
  readonly to?: string;
  /** `EX01\Default Frontend EX01` where left out. */
  readonly connector?: string;
  /** ISO time; the sessions of an example follow each other by minutes where left out. */
  readonly at?: string;
  readonly direction?: 'receive' | 'send';
  readonly service?: 'FrontEnd' | 'Hub';
  readonly sessionId?: string;
  readonly rows: string;
  /** In the dialect of Exchange 2013 and before, where other rows stand there; left out: the same, as that dialect writes them. */
  readonly rowsA?: string;
}

/** What the logs hold, and what was imported. */
export interface DiagnosisExample {
  /** Half a sentence: what it is about. */
  readonly about: string;
  readonly sessions: readonly SessionSketch[];
  readonly configuration?: Example;
  /** The client that is asked about; that of the first session where left out. */
  readonly who?: string;
  /** Only logs of this dialect hold what it is about; both where left out. */
  readonly only?: Dialect;
  /** Words that the verdict must hold, in `what`, `cause` or a remedy. */
  readonly says?: readonly (string | RegExp)[];
}

/** What differs from verdict to verdict of one diagnosis. */
export interface Diagnosed {
  /** Where it is not the diagnosis' own. */
  readonly severity?: Severity;
  /** Where what the server said or did is not enough said by the sign itself. */
  readonly what?: string;
  /** Why it is so, in plain sentences. */
  readonly cause: string;
  /** Beside the row of the sign, which always comes first. */
  readonly evidence?: readonly Evidence[];
  /** In the order in which they are to be done. */
  readonly remedy: readonly Remedy[];
  /** How sure the cause is, by what was seen in this session and the configuration; how many sessions agree is added. */
  readonly confidence: Confidence;
  /** What could not be known, and which import or log would settle it: whole sentences. */
  readonly unknown?: readonly string[];
  /** The client got what it wanted, although no message came of it: such sessions do not count as failed. */
  readonly harmless?: true;
}

interface Described {
  /** The noun of the failing state; equal to the file name. */
  readonly id: string;
  /** The failing state in a few words. */
  readonly title: string;
  /** Why it matters, for someone who sees it for the first time. */
  readonly why: string;
  readonly severity: Severity;
  /** Addresses of public pages, or sections of the project's reference. */
  readonly references: readonly string[];
  readonly examples: { readonly fires: readonly DiagnosisExample[]; readonly silent: readonly DiagnosisExample[] };
}

/** Explains one sign of a session: the reply, the row or the end at which it failed. */
export interface SessionDiagnosis extends Described {
  readonly kind: 'session';
  /**
   * Entries of the catalogue that it explains; `end`: sessions that end undecided; `refusal`: every refusal, also one that
   * the catalogue does not have.
   */
  readonly signs: readonly (ReplyId | 'end' | 'refusal')[];
  /** Pure. undefined: it is something else. */
  diagnose(root: Root, group: FailureGroup, theCase: Case): Diagnosed | undefined;
}

/** Sees what no single session shows: the case as a whole. */
export interface CaseDiagnosis extends Described {
  readonly kind: 'case';
  /** Diagnoses whose verdicts come of this one: told under it. Empty: it stands beside them. */
  readonly rootOf: readonly string[];
  /** Pure. `verdicts`: ids of what the sessions gave. The session is the one whose rows prove it. */
  diagnose(
    theCase: Case,
    verdicts: readonly string[],
  ):
    | (Diagnosed & {
        readonly what: string;
        readonly session: ExaminedSession;
        readonly rows?: readonly number[];
        readonly count?: number;
        /** What has to be known before the remedies of another diagnosis: by its id, a sentence that is put before them. */
        readonly cautions?: Readonly<Record<string, string>>;
      })
    | undefined;
}

export type Diagnosis = SessionDiagnosis | CaseDiagnosis;
