/**
 * Commands with typed parameters, as lines. A command that fits stands on one line. A longer one gets its parameters from
 * a hashtable (splatting): a backtick at the end of a line does not survive a blank behind it, a hashtable survives
 * being pasted and mailed, and each parameter stands on a line that can be read and changed.
 */

import { list, literal } from './quoting.ts';
import { LINE_WIDTH, type ScriptLine } from './script.ts';

/** `words`: from a closed set of Exchange's, so that they need no quotes. `variable`: without its `$`. */
export type Argument =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'texts'; readonly texts: readonly string[] }
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'size'; readonly bytes: number }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'switch'; readonly on: boolean }
  | { readonly kind: 'null' }
  | { readonly kind: 'variable'; readonly name: string };

export interface Command {
  readonly cmdlet: string;
  /** Behind the cmdlet, without a name. */
  readonly identity?: Argument;
  readonly parameters: readonly (readonly [name: string, argument: Argument])[];
  /** Code in front of the pipe. */
  readonly from?: string;
  /** The variable that takes the result, without its `$`. */
  readonly to?: string;
  /** The variable that takes the parameters where they do not fit; of its own, lest a failed line leave an older one. */
  readonly splat?: string;
  /** Ends a script where the command fails; pasted lines behind it still run. */
  readonly stops?: boolean;
}

export const text = (value: string): Argument => ({ kind: 'text', text: value });
export const texts = (values: readonly string[]): Argument => ({ kind: 'texts', texts: values });
export const words = (...values: readonly string[]): Argument => ({ kind: 'words', words: values });
export const variable = (name: string): Argument => ({ kind: 'variable', name });

/** A command with so few parameters is easier to read on one line, even where that is a long one. */
const FEW = 3;
const LONGEST = 200;

export function commandLines(command: Command): ScriptLine[] {
  const { cmdlet, identity, parameters, from, to, splat = 'settings', stops } = command;
  const head = `${to === undefined ? '' : `$${to} = `}${from === undefined ? '' : `${from} | `}${cmdlet}${identity ? ` ${inline(identity)}` : ''}`;
  const tail = stops ? ' -ErrorAction Stop' : '';
  const short = `${head}${parameters.map(([name, argument]) => ` ${parameter(name, argument)}`).join('')}${tail}`;
  if (short.length <= (parameters.length <= FEW ? LONGEST : LINE_WIDTH)) return [line(short)];
  return [
    line(`$${splat} = @{`),
    ...parameters.flatMap(([name, argument]) => entry(name, argument)),
    line('}'),
    line(`${head} @${splat}${tail}`),
  ];
}

const line = (code: string): ScriptLine => ({ kind: 'command', text: code });

/** A switch stands without a value; to turn it off, a colon keeps the two together. */
function parameter(name: string, argument: Argument): string {
  if (argument.kind === 'switch') return argument.on ? `-${name}` : `-${name}:$false`;
  return `-${name} ${inline(argument)}`;
}

function inline(argument: Argument): string {
  return argument.kind === 'words' ? argument.words.join(', ') || 'None' : code(argument);
}

function code(argument: Argument): string {
  switch (argument.kind) {
    case 'text':
      return literal(argument.text);
    case 'texts':
      return list(argument.texts);
    case 'words':
      return argument.words.length === 0 ? '"None"' : argument.words.map((word) => `"${word}"`).join(', ');
    case 'number':
      return argument.value.toString();
    case 'size':
      return sizeCode(argument.bytes);
    case 'boolean':
      return argument.value ? '$true' : '$false';
    case 'switch':
      return argument.on ? '$true' : '$false';
    case 'null':
      return '$null';
    case 'variable':
      return `$${argument.name}`;
  }
}

/** PowerShell has units of its own: 36MB is a number. */
function sizeCode(bytes: number): string {
  const unit = (['GB', 'MB', 'KB'] as const).find((_, index) => bytes > 0 && bytes % 1024 ** (3 - index) === 0);
  return unit === undefined ? bytes.toString() : `${bytes / 1024 ** { GB: 3, MB: 2, KB: 1 }[unit]}${unit}`;
}

/** Of a hashtable; a long list goes on in the next lines, inside parentheses. */
function entry(name: string, argument: Argument): ScriptLine[] {
  const whole = `  ${name} = ${code(argument)}`;
  if (argument.kind !== 'texts' || whole.length <= LINE_WIDTH) return [line(whole)];
  const rows: string[] = [];
  argument.texts.forEach((value, index) => {
    const item = literal(value) + (index < argument.texts.length - 1 ? ',' : '');
    const last = rows.at(-1);
    if (last !== undefined && 4 + last.length + 1 + item.length <= LINE_WIDTH) rows[rows.length - 1] = `${last} ${item}`;
    else rows.push(item);
  });
  return [line(`  ${name} = @(`), ...rows.map((row) => line(`    ${row}`)), line('  )')];
}
