/** Scripts as files that one can read: UPDATE_GOLDEN=1 npx vitest run test/powershell writes them anew. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { type ScriptLine, script } from '../../src/powershell/script.ts';
import { tokens } from './tokenizer.ts';

const HOW_TO_UPDATE = 'If the new script is right: UPDATE_GOLDEN=1 npx vitest run test/powershell, then read the difference.';

export function expectGolden(name: string, lines: readonly ScriptLine[]): void {
  const text = script(lines);
  const path = fileURLToPath(new URL(`golden/${name}.golden.ps1`, import.meta.url));
  if (process.env.UPDATE_GOLDEN) writeFileSync(path, text);
  expect(text, HOW_TO_UPDATE).toBe(existsSync(path) ? readFileSync(path, 'utf8') : '');
}

/** The words that stand where a command may begin: what the script would run. */
export function commandsOf(lines: readonly ScriptLine[]): string[] {
  for (const { text } of lines) if (/[\r\n]/.test(text)) throw new Error(`a line of two: ${text}`);
  for (const { kind, text } of lines)
    if (kind === 'comment' && tokens(text).some((token) => token.kind !== 'comment')) throw new Error(`no comment: ${text}`);
  const code = lines.filter(({ kind }) => kind === 'command').map(({ text }) => text);
  const all = tokens(code.join('\n'));
  return all.flatMap(({ kind, text }) => (kind === 'word' && /^[A-Z][a-z]+-[A-Z]/.test(text) ? [text] : []));
}
