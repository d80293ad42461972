/** Something that was asked for and could not be read: one line, with what to do. */
export interface Problem {
  readonly path: string;
  readonly what: string;
  readonly hint?: string;
}
