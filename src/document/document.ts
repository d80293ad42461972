/**
 * What a command has to say, as typed sections. Queries give values, this gives them an order and headings, a renderer
 * (render/) decides how they look. Nothing here knows a terminal, a file or a colour.
 */
/**
 * `minute` is a time without its seconds, `day` its date alone; `curve` a text of blocks, each as wide as the others; `share` a
 * part of a whole (0 to 1); `change` how an amount stands to one before it (0.5: half as much again; −1: nothing is left).
 */
export type CellKind =
  | 'text'
  | 'curve'
  | 'share'
  | 'change'
  | 'count'
  | 'bytes'
  | 'time'
  | 'minute'
  | 'day'
  | 'duration'
  | 'outcome'
  | 'error';
/** `time`, `minute`, `day`: milliseconds UTC. `duration`: milliseconds. null is an empty cell. */
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
  | Chart
  | { readonly kind: 'transcript'; readonly lines: readonly TranscriptLine[] };

/** Figures that are seen at a glance: a picture, and the same as a table. */
export interface Chart {
  readonly kind: 'chart';
  readonly title: string;
  /** What is counted, as the axis names it: `messages a day`. Bytes are shown in KB, MB, GB. */
  readonly unit: { readonly kind: 'count' | 'bytes'; readonly name: string };
  /** Said below: what a reader must know, such as what is not in it. */
  readonly note?: string;
  /** What the picture shows, with its figures, for who cannot see it. */
  readonly alt: string;
  readonly data: ChartData;
}

/**
 * `stacked`: bars over time whose parts add up. `compared`: two bars side by side at every time. `lines`: over time.
 * `curve`: what is left at every time, held until the next. `bars`: one for each name, lying, their parts added up; the order
 * is kept, what is too much for a picture becomes `others`. `heat-map`: seven days from Monday on, of 24 hours each.
 */
export type ChartData =
  | { readonly kind: 'stacked' | 'lines' | 'curve'; readonly span: TimeSpan; readonly series: readonly Series[] }
  | { readonly kind: 'compared'; readonly span: TimeSpan; readonly series: readonly [Series, Series] }
  | { readonly kind: 'bars'; readonly names: readonly string[]; readonly series: readonly Series[] }
  | { readonly kind: 'heat-map'; readonly days: readonly (readonly Amount[])[] };

/** null: not known, since there are no logs. */
export type Amount = number | null;

export interface Series {
  readonly name: string;
  /** As many as the chart has times or names. */
  readonly values: readonly Amount[];
  /** What the colour is to say, besides the name. */
  readonly tone?: 'good' | 'bad' | 'quiet';
}

/** Times that follow each other; `starts`: milliseconds UTC, where each begins. */
export interface TimeSpan {
  readonly step: 'hour' | 'day' | 'week' | 'month' | 'quarter' | 'year';
  readonly starts: readonly number[];
}

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
