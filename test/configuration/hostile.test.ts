/** Files that were made to stall a reader, or to end it: each is answered at once, with a line that says why it is refused. */
import { expect, it } from 'vitest';
import { read } from './reading.ts';

const M = 1_000_000;
const connector = 'Identity : EX01\\A\nRemoteIPRanges : {::1}\nBindings : ';

it.each<[string, string]>([
  ['one long word', 'x'.repeat(3 * M)],
  ['line feeds and a letter', `${'\n'.repeat(M)}x`],
  ['comments alone', '#\n'.repeat(M)],
  ['a property name without end', `${'a-'.repeat(M)}\nB : c\nD : e`],
  ['blanks before a colon', `A : 1\n${' '.repeat(3 * M)}x : y`],
  ['a value broken a hundred thousand times', `A : 1\n${'      x\n'.repeat(100_000)}B : 2`],
  ['a long word, then another line', `A : ${'x'.repeat(M)} y\n     zz\nB : ${'x'.repeat(M)}\n     y`],
  ['blanks in a list', `${connector}{:25 ${' '.repeat(M)}x}`],
  ['dashes and blanks in a list', `${connector}{${'- '.repeat(M)}}`],
  ['dots', `${connector}{${'... '.repeat(M / 2)}x}`],
  ['backslashes in a name', `Identity : CN=${'\\'.repeat(M)}\nRemoteIPRanges : {::1}\nBindings : {:25}`],
  ['commas for a header', `${','.repeat(M / 2)}\nx`],
  ['a quote that never closes', `Name,Bindings\n"${'x\n'.repeat(M)}`],
  ['brackets', '['.repeat(M)],
  ['braces', '{"a":'.repeat(M / 2)],
  ['a long string of JSON, then a fault', `["${'\\u0041'.repeat(M)}",]`],
  ['tags that nobody closes', `<Objs>${'<Obj '.repeat(M / 4)}`],
  ['tags in tags', `<Objs>${'<Obj>'.repeat(10_000)}${'</Obj>'.repeat(10_000)}</Objs>`],
  ['lesser-than signs', '<'.repeat(M)],
])('%s', (_, text) => {
  const { problems } = read(text);
  expect(problems.some(({ fatal }) => fatal)).toBe(true);
  expect(problems.length).toBeLessThan(10);
  for (const { what } of problems) expect(what.length).toBeLessThan(400);
});
