/** The page of the verdicts where there is none. */
import { expect, it } from 'vitest';
import { diagnosisDocument } from '../../src/reports/diagnosis.ts';

const page = (narrowed: boolean): string =>
  JSON.stringify(diagnosisDocument({ cases: [], time: String, asked: false, full: 10, narrowed }).sections);

it('that nobody fails is not said of logs that options leave out', () => {
  expect(page(false)).toContain('No client fails in the logs read.');
  expect(page(true)).toContain('in what the options --since, --until, --server and --connector let through');
});
