/** Names of files that are made regularly. */
import fc from 'fast-check';
import { expect, it, test } from 'vitest';
import { fileNamePart, outName } from '../../src/cli/out-name.ts';
import { UserError } from '../../src/store/user-error.ts';

const NOW = Date.parse('2026-11-01T23:30:00Z');
const named = (pattern: string, period = '2026-10', zone = 'Europe/Berlin'): string =>
  outName(pattern, { period, now: NOW, zone: { name: zone } });

test.each([
  ['report.html', 'report.html'],
  ['reports/{period}.html', 'reports/2026-10.html'],
  ['C:\\reports\\{date} {period}.xlsx', 'C:\\reports\\2026-11-02 2026-10.xlsx'],
  ['{period}/{period}.csv', '2026-10/2026-10.csv'],
])('%s is %s', (pattern, name) => {
  expect(named(pattern)).toBe(name);
});

test('the date is that of the zone', () => {
  expect(named('{date}', 'x', 'America/New_York')).toBe('2026-11-01');
});

test('another name in braces is an error that says which there are', () => {
  expect(() => named('{server}.html')).toThrow(
    new UserError('--out {server}.html: there is no {server}', 'There are {period} and {date}.'),
  );
});

it('makes no folder of a period, and no name that Windows refuses', () => {
  expect(fileNamePart('2026-10-25 to 2026-10-31')).toBe('2026-10-25-to-2026-10-31');
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(fileNamePart(text)).toMatch(/^[\p{L}\p{N}_][\p{L}\p{N}._-]*$/u);
      expect(fileNamePart(text)).not.toContain('/');
    }),
  );
});
