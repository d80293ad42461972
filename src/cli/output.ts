/** Prints a result in the format that was asked for: the one place where commands meet files and the screen. */
import { closeSync, openSync, writeSync } from 'node:fs';
import type { Document } from '../document/document.ts';
import type { Zone } from '../render/cell-text.ts';
import type { Paint } from '../render/chart/picture.ts';
import { renderCsv } from '../render/csv.ts';
import { renderHtml } from '../render/html.ts';
import { renderMarkdown } from '../render/markdown.ts';
import { printable } from '../render/printable.ts';
import { renderText, type TextOptions } from '../render/text.ts';
import type { XlsxOptions } from '../render/xlsx.ts';
import { UserError } from '../store/user-error.ts';
import type { Io } from './io.ts';
import { jsonPieces } from './json-pieces.ts';
import { type CommonOptions, csvOptionsOf, zoneOf } from './options.ts';
import { withRedactor } from './redaction.ts';

export interface Result {
  /** The object of the JSON contract. */
  readonly json: object;
  readonly document: () => Document;
}

export interface Output {
  write(bytes: Uint8Array | string): void;
  close(): void;
}

/** The screen, or the file of `--out`; a full disk is a UserError. */
export function openOutput(io: Io, path: string | undefined): Output {
  if (path === undefined)
    return { write: (bytes) => (typeof bytes === 'string' ? io.out(bytes) : io.outBytes(bytes)), close() {} };
  const guarded = <T>(action: () => T): T => {
    try {
      return action();
    } catch (error) {
      throw new UserError(
        `${path}: cannot be written (${(error as NodeJS.ErrnoException).code})`,
        'Name another file with --out.',
      );
    }
  };
  const file = guarded(() => openSync(path, 'w'));
  return {
    write: (bytes) =>
      guarded(() => {
        let rest: Uint8Array = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
        while (rest.length > 0) rest = rest.subarray(writeSync(file, rest));
      }),
    close: () => closeSync(file),
  };
}

/**
 * With `--redact`, stand-ins are in it before any renderer sees it. The result is asked for at once; what takes longer to
 * make than a text (pictures, workbooks) is written later, and `finished` waits for it.
 */
export function print(io: Io, options: CommonOptions, result: Result): void {
  const asJson = options.format === 'json';
  const take = (json: object, document: () => Document): Taken =>
    asJson ? { kind: 'values', json } : { kind: 'page', document: document() };
  const taken = options.redact
    ? withRedactor(options.db, (redactor, settled) => {
        const redacted = asJson
          ? take(redactor.value(result.json) as object, result.document)
          : take({}, () => redactor.document(result.document()));
        settled();
        return redacted;
      })
    : take(result.json, result.document);
  if (taken.kind === 'values') writeTo(io, options, jsonPieces(taken.json));
  else if (isMadeLater(options, taken.document)) later(io, writeLater(io, options, taken.document));
  else writeTo(io, options, [textOf(io, options, taken.document)]);
}

type Taken = { readonly kind: 'values'; readonly json: object } | { readonly kind: 'page'; readonly document: Document };

/** What was begun for a console and is not written yet. A failure is kept until it is asked for. */
const UNFINISHED = new WeakMap<Io, Promise<unknown>[]>();

function later(io: Io, work: Promise<void>): void {
  const known = UNFINISHED.get(io) ?? [];
  UNFINISHED.set(io, [...known, work.catch((error: unknown) => ({ error }))]);
}

/** Resolves when everything that was printed is written; throws what went wrong with it. */
export async function finished(io: Io): Promise<void> {
  const results = await Promise.all(UNFINISHED.get(io) ?? []);
  UNFINISHED.delete(io);
  for (const result of results) if (result) throw (result as { readonly error: unknown }).error;
}

const hasCharts = ({ sections }: Document): boolean => sections.some(({ kind }) => kind === 'chart');

const isMadeLater = ({ format }: CommonOptions, document: Document): boolean =>
  format === 'xlsx' || (format === 'html' && hasCharts(document));

async function writeLater(io: Io, options: CommonOptions, document: Document): Promise<void> {
  const zone = zoneOf(options);
  const paint = hasCharts(document) ? await paintFor(io, zone) : undefined;
  const page = options.format === 'xlsx' ? await workbookOf(document, { zone, paint }) : renderHtml(document, { zone, paint });
  writeTo(io, options, [page]);
}

/** What draws charts; undefined, and said on standard error, where the machine cannot. */
export async function paintFor(io: Io, zone: Zone): Promise<Paint | undefined> {
  const { loadPainter } = await import('../render/chart/painter.ts');
  const painter = await loadPainter(zone);
  if (painter.kind === 'ready') return painter.paint;
  io.err(`${printable(painter.reason)}; the figures stand in tables\n`);
  return undefined;
}

/** The bytes of a workbook; a UserError where it would hold too much. */
export async function workbookOf(document: Document, options: XlsxOptions): Promise<Buffer> {
  const { MOST_ROWS, renderXlsx } = await import('../render/xlsx.ts');
  const made = await renderXlsx(document, options);
  if (made.kind === 'workbook') return made.bytes;
  throw new UserError(
    `'${made.title}' has ${made.rows.toLocaleString('en-US')} rows, and a sheet holds ${(MOST_ROWS - 1).toLocaleString('en-US')}`,
    'Use --format csv, or ask for a shorter time with --since and --until.',
  );
}

/** A document as the format wants it, charts without pictures; JSON is made of values, workbooks and pictures elsewhere. */
export function textOf(io: Io, options: CommonOptions, document: Document): string {
  const zone = zoneOf(options);
  switch (options.format) {
    case 'csv':
      return renderCsv(document, { zone, ...csvOptionsOf(options) });
    case 'md':
      return renderMarkdown(document, { zone });
    case 'html':
      return renderHtml(document, { zone });
    case 'json':
    case 'text':
    case 'xlsx':
    case 'png':
      return renderText(document, textOptions(io, options));
  }
}

const textOptions = (io: Io, options: CommonOptions): TextOptions => ({
  zone: zoneOf(options),
  width: options.out === undefined ? io.width : 120,
  colour: io.isTerminal && options.out === undefined && !process.env.NO_COLOR,
});

/** Bytes as they are, to the screen or to `--out`. */
export function printBytes(io: Io, options: Pick<CommonOptions, 'out'>, bytes: Uint8Array): void {
  writeTo(io, options, [bytes]);
}

function writeTo(io: Io, { out }: Pick<CommonOptions, 'out'>, pieces: Iterable<Uint8Array | string>): void {
  const output = openOutput(io, out);
  try {
    for (const piece of pieces) output.write(piece);
  } finally {
    output.close();
  }
}
