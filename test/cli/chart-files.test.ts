/** Charts as files: named after their titles, whatever these are. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeChartFiles } from '../../src/cli/chart-files.ts';
import { temporaryFolder } from '../harness.ts';
import { BERLIN, CHARTS, chart } from '../render/chart/charts.ts';

test('each chart of a document is a picture with its title, in order', async () => {
  const folder = join(temporaryFolder(), 'charts', '2026-10');
  const { data } = CHARTS.curve!;
  const sections = [
    chart(data, { title: 'Devices left: EX01' }),
    { kind: 'text', text: 'a' } as const,
    chart(data, { title: '../../etc/passwd' }),
  ];
  const paths = await writeChartFiles(folder, { title: 'x', sections }, BERLIN);
  expect(readdirSync(folder)).toEqual(['01-devices-left-ex01.png', '02-etc-passwd.png']);
  expect(paths.every((path) => existsSync(path) && readFileSync(path).subarray(1, 4).toString() === 'PNG')).toBe(true);
});

test('a folder that cannot be made is said in one line', async () => {
  const wrong = join(temporaryFolder(), '\u0000');
  await expect(writeChartFiles(wrong, { title: 'x', sections: [] }, BERLIN)).rejects.toThrow('cannot be written');
});
