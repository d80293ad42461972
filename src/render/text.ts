/** A document for a terminal. */
import { styleText } from 'node:util';
import { table as drawTable, getBorderCharacters } from 'table';
import type { CellKind, Chart, Document, Section, Table, TranscriptLine } from '../document/document.ts';
import { alignsRight, cellText, type Zone } from './cell-text.ts';
import { textChart } from './chart/text-chart.ts';
import { printable } from './printable.ts';
import { cellTone, type Tone } from './tone.ts';
import { transcriptRows } from './transcript-rows.ts';
import { cut, displayWidth } from './width.ts';

export interface TextOptions {
  readonly zone: Zone;
  /** Columns of the screen. */
  readonly width: number;
  readonly colour: boolean;
}

export function renderText(document: Document, options: TextOptions): string {
  return `${document.sections.map((section) => renderSection(section, options)).join('\n\n')}\n`;
}

function renderSection(section: Section, options: TextOptions): string {
  switch (section.kind) {
    case 'heading':
      return paint(options, 'bold', printable(section.text));
    case 'text':
      return section.text
        .split('\n')
        .flatMap((line) => wrap(printable(line), options.width))
        .join('\n');
    case 'commands':
      return section.lines.map((line) => paint(options, 'cyan', printable(line))).join('\n');
    case 'figures': {
      const width = section.figures.reduce((widest, { label }) => Math.max(widest, displayWidth(printable(label))), 0);
      return section.figures
        .map((figure) => {
          const { value, cell } = figure;
          const label = printable(figure.label);
          const lines = wrap(cellText(value, cell, options.zone), Math.max(20, options.width - width - 2));
          return lines.map((line, index) => `${(index === 0 ? label : '').padEnd(width)}  ${line}`).join('\n');
        })
        .join('\n');
    }
    case 'table':
      return renderTable(section, options);
    case 'chart':
      return renderChart(section, options);
    case 'transcript':
      return renderTranscript(section.lines, options);
  }
}

function renderTable({ title, columns, rows, none }: Table, options: TextOptions): string {
  const heading = title === undefined ? '' : `${paint(options, 'bold', printable(title))}\n`;
  if (rows.length === 0) return heading + wrap(printable(none ?? 'none'), options.width).join('\n');
  const texts = rows.map((row) => row.map((cell, index) => cellText(cell, columns[index]!.kind, options.zone)));
  const all = fitting(columns, options.width);
  const natural = columns.map((_, index) =>
    texts.reduce((widest, row) => Math.max(widest, displayWidth(row[index]!)), displayWidth(printable(columns[index]!.title))),
  );
  const widths = widthsOf(all, columns, natural, options);
  const cramped = all.some((index, place) => {
    const { below } = columns[index]!;
    return below === 'always' || (below && widths[place]! < Math.min(natural[index]!, READABLE));
  });
  if (!cramped) {
    const fits = widths.reduce((sum, width) => sum + width + 2, -2) <= options.width;
    return heading + (fits ? draw(all, widths, columns, texts, options).join('\n') : records(columns, texts, options));
  }
  const beside = all.filter((index) => !columns[index]!.below);
  const [header, ...lines] = draw(beside, widthsOf(beside, columns, natural, options), columns, texts, options);
  const rest = all.filter((index) => columns[index]!.below);
  const under = texts.map((row) =>
    rest
      .map((index) => row[index]!)
      .filter((text) => text !== '')
      .join(' · '),
  );
  const indented = under.map((text) =>
    text === '' ? [] : wrap(text, options.width - 4).map((line) => `    ${paint(options, 'dim', line)}`),
  );
  return heading + [header, ...lines.flatMap((line, index) => [line, ...indented[index]!])].join('\n');
}

/** More columns than any screen has room for: a line a cell, a paragraph a row. */
function records(columns: Table['columns'], texts: readonly (readonly string[])[], options: TextOptions): string {
  const titles = columns.map(({ title }) => printable(title));
  const width = titles.reduce((widest, title) => Math.max(widest, displayWidth(title)), 0);
  return texts
    .map((row) =>
      row
        .flatMap((text, index) =>
          wrap(text, Math.max(16, options.width - width - 2)).map((line, part) =>
            `${(part === 0 ? titles[index]! : '').padEnd(width)}  ${line}`.trimEnd(),
          ),
        )
        .join('\n'),
    )
    .join('\n\n');
}

/** The columns for a screen of this width: optional ones are for wide screens. */
function fitting(columns: Table['columns'], width: number): number[] {
  return columns.flatMap((column, index) => (column.optional && width < WIDE ? [] : [index]));
}

/** Columns of a screen that has room for everything. */
const WIDE = 100;

/** A text narrower than this is cut beyond use, and better off on a line of its own. */
const READABLE = 60;

function widthsOf(
  shown: readonly number[],
  columns: Table['columns'],
  natural: readonly number[],
  options: TextOptions,
): number[] {
  return fit(
    shown.map((index) => natural[index]!),
    shown.map((index) => columns[index]!),
    options.width - 2 * (shown.length - 1),
  );
}

/** The header and a line for each row. */
function draw(
  shown: readonly number[],
  widths: readonly number[],
  columns: Table['columns'],
  texts: readonly (readonly string[])[],
  options: TextOptions,
): string[] {
  const header = shown.map((index, place) => paint(options, 'dim', cut(printable(columns[index]!.title), widths[place]!)));
  const body = texts.map((row) =>
    shown.map((index, place) => paintCell(options, columns[index]!.kind, cut(row[index]!, widths[place]!))),
  );
  return drawTable([header, ...body], {
    border: getBorderCharacters('void'),
    columnDefault: { paddingLeft: 0, paddingRight: 2 },
    columns: shown.map((index, place) => ({
      alignment: alignsRight(columns[index]!.kind) ? 'right' : 'left',
      width: Math.max(1, widths[place]!),
      paddingRight: place === shown.length - 1 ? 0 : 2,
    })),
    drawHorizontalLine: () => false,
  })
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => line.trimEnd());
}

/** Widths that fit: the columns that may shrink give way, first those over their cap, then the widest. */
function fit(natural: readonly number[], columns: Table['columns'], available: number): number[] {
  const widths = [...natural];
  let surplus = widths.reduce((sum, width) => sum + width, 0) - available;
  const narrow = (floorOf: (index: number) => number): void => {
    while (surplus > 0) {
      let widest = -1;
      widths.forEach((width, index) => {
        if (columns[index]!.shrinks && width > floorOf(index) && (widest < 0 || width > widths[widest]!)) widest = index;
      });
      if (widest < 0) return;
      widths[widest]!--;
      surplus--;
    }
  };
  narrow((index) => columns[index]!.cap ?? Number.POSITIVE_INFINITY);
  narrow((index) => Math.min(columns[index]!.cap ?? 24, 24));
  narrow(() => 8);
  return widths;
}

function renderChart(chart: Chart, options: TextOptions): string {
  const { title, unit, note } = chart;
  return [
    `${paint(options, 'bold', printable(title))}${paint(options, 'dim', ` (${printable(unit.name)})`)}`,
    ...textChart(chart, options),
    ...(note === undefined ? [] : wrap(printable(note), options.width).map((line) => paint(options, 'dim', line))),
  ].join('\n');
}

function renderTranscript(lines: readonly TranscriptLine[], options: TextOptions): string {
  return transcriptRows(lines, options.zone)
    .map(({ head, said, tone }) => {
      const body = wrap(said, Math.max(16, options.width - head.length));
      return (head + paintTone(options, tone, body.join(`\n${' '.repeat(head.length)}`))).trimEnd();
    })
    .join('\n');
}

const COLOURS = { good: 'green', bad: 'red', warning: 'yellow', quiet: 'dim' } as const satisfies Partial<Record<Tone, string>>;

const paintCell = (options: TextOptions, kind: CellKind, text: string): string => paintTone(options, cellTone(kind, text), text);

const paintTone = (options: TextOptions, tone: Tone, text: string): string =>
  tone === 'plain' ? text : paint(options, COLOURS[tone], text);

function paint(options: TextOptions, style: 'bold' | 'cyan' | 'dim' | 'red' | 'green' | 'yellow', text: string): string {
  return options.colour && text !== '' ? styleText(style, text, { validateStream: false }) : text;
}

/** Breaks at spaces; a word wider than the line is broken where the line ends. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && displayWidth(line) + 1 + displayWidth(word) > width) {
      lines.push(line);
      line = '';
    }
    const pieces = piecesOf(word, width);
    lines.push(...pieces.slice(0, -1));
    const last = pieces.at(-1) ?? '';
    line = line === '' ? last : `${line} ${last}`;
  }
  lines.push(line);
  return lines;
}

/** A word cut into pieces of at most `width` columns. */
function piecesOf(word: string, width: number): string[] {
  if (displayWidth(word) <= width) return [word];
  const pieces: string[] = [];
  let piece = '';
  for (const character of word) {
    if (displayWidth(piece + character) > width && piece !== '') {
      pieces.push(piece);
      piece = '';
    }
    piece += character;
  }
  return [...pieces, piece];
}
