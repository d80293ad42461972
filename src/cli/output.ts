/** Prints a result in the format that was asked for: the one place where commands meet files and the screen. */
import { writeFileSync } from 'node:fs';
import type { Document } from '../document/document.ts';
import { renderCsv } from '../render/csv.ts';
import { renderText } from '../render/text.ts';
import { UserError } from '../store/user-error.ts';
import type { Io } from './io.ts';
import { type CommonOptions, zoneOf } from './options.ts';

export interface Result {
  /** The object of the JSON contract. */
  readonly json: unknown;
  readonly document: () => Document;
}

export function print(io: Io, options: CommonOptions, result: Result): void {
  printBytes(io, options, Buffer.from(render(io, options, result)));
}

/** Bytes as they are, to the screen or to `--out`. */
export function printBytes(io: Io, { out }: Pick<CommonOptions, 'out'>, bytes: Uint8Array): void {
  if (out === undefined) {
    io.outBytes(bytes);
    return;
  }
  try {
    writeFileSync(out, bytes);
  } catch (error) {
    throw new UserError(`${out}: cannot be written (${(error as NodeJS.ErrnoException).code})`, 'Name another file with --out.');
  }
}

function render(io: Io, options: CommonOptions, result: Result): string {
  switch (options.format) {
    case 'json':
      return `${JSON.stringify(result.json, null, 2)}\n`;
    case 'csv':
      return renderCsv(result.document());
    case 'text':
      return renderText(result.document(), {
        zone: zoneOf(options),
        width: options.out === undefined ? io.width : 120,
        colour: io.isTerminal && options.out === undefined && !process.env.NO_COLOR,
      });
  }
}
