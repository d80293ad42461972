/**
 * A document as one HTML file, to be opened, mailed or printed: no script, no request, legible without its style sheet.
 * What colour says, the words say too.
 */
import type { Cell, CellKind, Chart, Column, Document, Figure, Section, Table, TranscriptLine } from '../document/document.ts';
import { alignsRight, cellText, type Zone } from './cell-text.ts';
import { chartTable } from './chart/chart-table.ts';
import type { Paint, Picture } from './chart/picture.ts';
import { html, type Markup, markupText } from './markup.ts';
import { figureGroups, outline } from './outline.ts';
import { STYLE_SHEET } from './style-sheet.ts';
import { cellTone, type Tone } from './tone.ts';
import { transcriptRows } from './transcript-rows.ts';

export interface HtmlOptions {
  readonly zone: Zone;
  /** Without it, charts are tables. */
  readonly paint?: Paint | undefined;
  /**
   * Where a picture is to be found: it stands in the page itself without this. Given for mail, whose programs show pictures
   * of other parts of the message alone, and no second one for narrow screens.
   */
  readonly address?: ((chart: Chart, picture: Picture) => string) | undefined;
}

/** The whole page. */
export function renderHtml(document: Document, options: HtmlOptions): string {
  const { title, sections } = outline(document);
  return markupText(html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="format-detection" content="telephone=no, date=no, address=no, email=no">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'${pictureSource(document, options)}">
<title>${title}</title>
${STYLE_SHEET}
</head>
<body>
<main>
<h1>${title}</h1>
${sections.map(({ section, depth }) => html`${renderSection(section, depth, options)}\n`)}</main>
</body>
</html>
`);
}

function renderSection(section: Section, depth: number, options: HtmlOptions): Markup {
  const { zone } = options;
  switch (section.kind) {
    case 'heading':
      return html`<h${depth}>${section.text}</h${depth}>`;
    case 'text':
      return html`<p>${withBreaks(section.text)}</p>`;
    case 'commands':
      return html`<figure>
<figcaption>Commands</figcaption>
<pre class="commands"><code>${section.lines.map(commandLine)}</code></pre>
</figure>`;
    case 'figures':
      return renderFigures(section.figures, zone);
    case 'table':
      return renderTable(section, zone);
    case 'chart':
      return renderChart(section, options);
    case 'transcript':
      return renderTranscript(section.lines, zone);
  }
}

const withBreaks = (text: string): Markup[] =>
  text.split('\n').map((one, index) => (index === 0 ? html`${one}` : html`<br>\n${one}`));

/** Of commands: each stays one, however it is broken on the screen. */
const commandLine = (text: string): Markup => html`<span>${text}\n</span>`;

function renderFigures(figures: readonly Figure[], zone: Zone): Markup {
  return html`<dl>
${figureGroups(figures).map(
  ({ label, values }) => html`<dt>${label}</dt>\n${values.map((figure) => renderValue(figure, zone))}`,
)}</dl>`;
}

function renderValue({ value, cell }: Figure, zone: Zone): Markup {
  const text = cellText(value, cell, zone);
  return html`<dd${classes(toneClass(cellTone(cell, text)))}>${text}</dd>\n`;
}

/** Columns above which there is room for small letters only. */
const WIDE = 7;

function renderTable({ title, columns, rows, none }: Table, zone: Zone): Markup {
  if (rows.length === 0 || columns.length === 0)
    return html`${title === undefined ? undefined : html`<p class="title">${title}</p>\n`}<p>${none ?? 'none'}</p>`;
  const places = columns.map((column, index): Place => ({ column, index }));
  // A table with more columns than a page is wide has what its rows say in words under them, as on a terminal.
  const under = columns.length > WIDE ? places.filter(({ column }) => column.below === 'always') : [];
  const beside = places.filter((place) => !under.includes(place));
  const drawn = rows.map((row) => renderRow(row, beside, under, zone));
  const bodies = under.length > 0 ? drawn : [drawn];
  return html`<div class="table" role="group" aria-label="${title ?? 'Table'}" tabindex="0">
<table${classes(beside.length > WIDE && 'wide')}>
${title === undefined ? undefined : html`<caption><span>${title}</span></caption>\n`}<thead>
<tr>${beside.map(({ column }) => html`<th scope="col"${classes(alignsRight(column.kind) && 'number')}>${column.title}</th>`)}</tr>
</thead>
${bodies.map((body) => html`<tbody>\n${body}</tbody>\n`)}</table>
</div>`;
}

interface Place {
  readonly column: Column;
  readonly index: number;
}

/** A row, and what stands under it. */
function renderRow(row: readonly Cell[], beside: readonly Place[], under: readonly Place[], zone: Zone): Markup {
  const cells = html`<tr>${beside.map(({ column, index }) => renderCell(row[index] ?? null, column.kind, zone))}</tr>\n`;
  if (under.length === 0) return cells;
  const said = under.map(({ column, index }) => cellText(row[index] ?? null, column.kind, zone)).filter((text) => text !== '');
  return html`${cells}<tr class="under"><td colspan="${beside.length}"><span>${said.join(' · ')}</span></td></tr>\n`;
}

/** Its title, the picture, and the figures to be opened: they stand open where there is no picture. */
function renderChart(chart: Chart, options: HtmlOptions): Markup {
  const { title, note, alt } = chart;
  const { title: caption, ...table } = chartTable(chart, options.zone);
  const figures = renderTable(table, options.zone);
  const noted = note === undefined ? undefined : html`<p class="quiet">${note}</p>\n`;
  if (!options.paint)
    return html`<figure class="chart">
<figcaption>${caption}</figcaption>
<p>${alt}</p>
${noted}${figures}
</figure>`;
  // Programs for mail fold nothing: the figures would stand there at full length.
  const folded = options.address
    ? undefined
    : html`<details>
<summary>Figures</summary>
${figures}
</details>
`;
  return html`<figure class="chart">
<figcaption>${title}</figcaption>
${renderPicture(chart, options.paint, options.address)}
${noted}${folded}</figure>`;
}

/** On a phone, the letters of a wide picture would be too small. */
function renderPicture(chart: Chart, paint: Paint, address: HtmlOptions['address']): Markup {
  const wide = paint(chart, 'wide');
  const image = html`<img src="${address ? address(chart, wide) : dataOf(wide)}" alt="${chart.alt}" width="${wide.width}" height="${wide.height}">`;
  return address
    ? image
    : html`<picture><source media="(max-width: 40rem)" srcset="${dataOf(paint(chart, 'narrow'))} 2x">${image}</picture>`;
}

const dataOf = ({ png }: Picture): string => `data:image/png;base64,${png.toString('base64')}`;

/** What the page allows itself to load: its own pictures. */
function pictureSource({ sections }: Document, { paint, address }: HtmlOptions): string | undefined {
  if (paint === undefined || sections.every(({ kind }) => kind !== 'chart')) return undefined;
  return `; img-src ${address ? 'cid:' : 'data:'}`;
}

function renderCell(cell: Cell, kind: CellKind, zone: Zone): Markup {
  const text = cellText(cell, kind, zone);
  return html`<td${classes(alignsRight(kind) && 'number', kind === 'curve' ? 'curve' : lengthClass(text), toneClass(cellTone(kind, text)))}>${text}</td>`;
}

/** A short text stays in one line; a long one is broken between its words, and a word without end wherever the line ends. */
function lengthClass(text: string): string | false {
  const words = text.split(' ');
  if (words.some(({ length }) => length > 40)) return 'endless';
  if (words.length === 1 || text.length <= 20) return false;
  return text.length > 100 ? 'prose' : 'long';
}

function renderTranscript(rows: readonly TranscriptLine[], zone: Zone): Markup {
  const told = transcriptRows(rows, zone);
  return html`<pre class="transcript" style="--head: ${told[0]?.head.length ?? 0}ch"><code>${told.map(
    ({ head, said, tone }) => html`<span${classes(toneClass(tone))}>${head}<bdi>${said}\n</bdi></span>`,
  )}</code></pre>`;
}

const toneClass = (tone: Tone): string | false => tone !== 'plain' && tone;

function classes(...names: readonly (string | false)[]): Markup | undefined {
  const given = names.filter((name) => name !== false);
  return given.length === 0 ? undefined : html` class="${given.join(' ')}"`;
}
