/**
 * What a command has to say, as typed sections. Queries give values, this gives them an order and headings, a renderer
 * (render/) decides how they look. Nothing here knows a terminal, a file or a colour.
 */
/** `minute` is a time without its seconds. */
export type CellKind = 'text' | 'count' | 'bytes' | 'time' | 'minute' | 'duration' | 'outcome' | 'error';
/** `time`, `minute`: milliseconds UTC. `duration`: milliseconds. null is an empty cell. */
export type Cell = string | number | null;

export interface Column {
  readonly title: string;
  readonly kind: CellKind;
  /** May be cut to fit the width of the screen. */
  readonly shrinks?: boolean;
  /** Width to which it is cut first, before other columns give way. */
  readonly cap?: number;
  /** Goes to a line of its own under the row where the screen is too narrow for it beside the others; or always. */
  readonly below?: boolean | 'always';
  /** Left out on narrow screens. */
  readonly optional?: boolean;
}

export interface Table {
  readonly kind: 'table';
  readonly title?: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
  /** Said in place of a table without rows. */
  readonly none?: string;
}

export type Section =
  /** `level`: 2 for a heading below the one before it; 1 without it. */
  | { readonly kind: 'heading'; readonly text: string; readonly level?: 1 | 2 }
  | { readonly kind: 'text'; readonly text: string }
  /** To be pasted: no line is ever broken or cut. */
  | { readonly kind: 'commands'; readonly lines: readonly string[] }
  | { readonly kind: 'figures'; readonly figures: readonly Figure[] }
  | Table
  | { readonly kind: 'transcript'; readonly lines: readonly TranscriptLine[] };

/** Without a label, a further value of the figure before it. */
export interface Figure {
  readonly label: string;
  readonly value: Cell;
  readonly cell: CellKind;
}

export interface TranscriptLine {
  /** Milliseconds UTC. */
  readonly at: number;
  /** Milliseconds since the row before; null for the first. */
  readonly after: number | null;
  readonly event: string;
  readonly data: string;
  readonly context: string;
  readonly line: number;
}

export interface Document {
  readonly title: string;
  readonly sections: readonly Section[];
}
