/** Prints a result in the format that was asked for: the one place where commands meet files and the screen. */
import { closeSync, openSync, writeSync } from 'node:fs';
import type { Document } from '../document/document.ts';
import { renderCsv } from '../render/csv.ts';
import { renderHtml } from '../render/html.ts';
import { renderMarkdown } from '../render/markdown.ts';
import { renderText, type TextOptions } from '../render/text.ts';
import { UserError } from '../store/user-error.ts';
import type { Io } from './io.ts';
import { jsonPieces } from './json-pieces.ts';
import { type CommonOptions, zoneOf } from './options.ts';
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

/** With `--redact`, stand-ins are in it before any renderer sees it. */
export function print(io: Io, options: CommonOptions, result: Result): void {
  if (!options.redact) {
    writeTo(io, options, piecesOf(io, options, result));
    return;
  }
  withRedactor(options.db, (redactor, settled) => {
    const redacted =
      options.format === 'json'
        ? { json: redactor.value(result.json), document: result.document }
        : { json: {}, document: () => redactor.document(result.document()) };
    const said = [...piecesOf(io, options, redacted)];
    settled();
    writeTo(io, options, said);
  });
}

function piecesOf(io: Io, options: CommonOptions, { json, document }: Result): Iterable<string> {
  return options.format === 'json' ? jsonPieces(json) : [textOf(io, options, document())];
}

/** A document as the format wants it; JSON is made of values, not of documents. */
export function textOf(io: Io, options: CommonOptions, document: Document): string {
  const zone = zoneOf(options);
  switch (options.format) {
    case 'csv':
      return renderCsv(document);
    case 'md':
      return renderMarkdown(document, { zone });
    case 'html':
      return renderHtml(document, { zone });
    case 'json':
    case 'text':
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
