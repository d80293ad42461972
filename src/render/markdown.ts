/** A document as Markdown of GitHub's flavour, to be pasted into a ticket. Nothing is cut, nothing in it comes alive. */
import type { Chart, Document, Figure, Section, Table } from '../document/document.ts';
import { alignsRight, cellText, type Zone } from './cell-text.ts';
import { chartTable } from './chart/chart-table.ts';
import { block, fenced, inline } from './markdown-text.ts';
import { figureGroups, outline } from './outline.ts';
import { printable } from './printable.ts';
import { cellTone } from './tone.ts';
import { transcriptRows } from './transcript-rows.ts';

export interface MarkdownOptions {
  readonly zone: Zone;
}

/** One text, ended by a line feed. */
export function renderMarkdown(document: Document, options: MarkdownOptions): string {
  const { title, sections } = outline(document);
  const blocks = [`# ${inline(title)}`];
  let bullet = '-';
  let before: Section['kind'] | undefined;
  for (const { section, depth } of sections) {
    // Two lists that follow each other would be one, but for another bullet.
    bullet = section.kind === 'figures' && before === 'figures' && bullet === '-' ? '*' : '-';
    blocks.push(renderSection(section, depth, bullet, options));
    before = section.kind;
  }
  return `${blocks.filter((text) => text !== '').join('\n\n')}\n`;
}

function renderSection(section: Section, depth: number, bullet: string, options: MarkdownOptions): string {
  switch (section.kind) {
    case 'heading':
      return `${'#'.repeat(depth)} ${inline(section.text)}`;
    case 'text':
      return paragraphs(section.text);
    case 'commands':
      return fenced(section.lines.map(printable), 'powershell');
    case 'figures':
      return renderFigures(section.figures, bullet, options);
    case 'table':
      return renderTable(section, options);
    case 'chart':
      return renderChart(section, options);
    case 'transcript':
      return fenced(
        transcriptRows(section.lines, options.zone).map(({ head, said }) => (head + said).trimEnd()),
        'text',
      );
  }
}

/** A line break stays one; an empty line ends the paragraph. */
const paragraphs = (text: string): string =>
  text
    .split('\n')
    .map(block)
    .join('\n')
    .replace(/([^\n])\n(?=[^\n])/g, '$1\\\n')
    .replace(/^\n+|\n+$/g, '')
    .replace(/\n{3,}/g, '\n\n');

function renderFigures(figures: readonly Figure[], bullet: string, { zone }: MarkdownOptions): string {
  // A bullet alone would make a heading of the line above it.
  const item = (at: string, { value, cell }: Figure): string => `${at} ${block(cellText(value, cell, zone)) || '(empty)'}`;
  return figureGroups(figures)
    .flatMap(({ label, values }) => {
      const text = inline(label);
      if (text === '') return values.map((value) => item(bullet, value));
      const name = `${bullet} **${text}:**`;
      return values.length === 1 ? [item(name, values[0])] : [name, ...values.map((value) => item('  -', value))];
    })
    .join('\n');
}

/** A picture would need a file beside the text: the words and the figures say the same. */
function renderChart(chart: Chart, options: MarkdownOptions): string {
  const { title, ...table } = chartTable(chart, options.zone);
  return [`**${inline(title ?? '')}**`, block(chart.alt), renderTable(table, options), block(chart.note ?? '')]
    .filter((text) => text !== '')
    .join('\n\n');
}

function renderTable({ title, columns, rows, none }: Table, { zone }: MarkdownOptions): string {
  const caption = inline(title ?? '');
  // Without text between them, the marks of bold type are a rule.
  const heading = caption === '' ? '' : `**${caption}**\n\n`;
  if (rows.length === 0 || columns.length === 0) return heading + block(none ?? 'none');
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return (
    heading +
    [
      line(columns.map((column) => inline(column.title))),
      line(columns.map(({ kind }) => (alignsRight(kind) ? '---:' : '---'))),
      ...rows.map((row) =>
        line(
          columns.map(({ kind }, index) => {
            const text = cellText(row[index] ?? null, kind, zone);
            return cellTone(kind, text) === 'bad' ? `**${inline(text)}**` : inline(text);
          }),
        ),
      ),
    ].join('\n')
  );
}
