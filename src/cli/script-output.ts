/** Prints a PowerShell script: as it is to the screen, to a file so that Windows PowerShell reads it right. */
import type { Io } from './io.ts';
import { jsonPieces } from './json-pieces.ts';
import { openOutput } from './output.ts';

export interface ScriptOptions {
  readonly format: 'text' | 'json';
  readonly out?: string;
}

/** `json`: what is printed with `--format json`, besides the script itself. */
export function printScript(io: Io, options: ScriptOptions, script: string, json: object): void {
  const output = openOutput(io, options.out);
  try {
    if (options.format === 'json') for (const piece of jsonPieces({ ...json, script })) output.write(piece);
    // Windows PowerShell takes a file without a byte order mark for one in the code page of the machine.
    else output.write(options.out === undefined ? script : `\uFEFF${script.replaceAll('\n', '\r\n')}`);
  } finally {
    output.close();
  }
}
