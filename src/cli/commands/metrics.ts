/** `metrics`: totals for Prometheus, as the text file that its collectors read. */
import { renameSync, writeFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { metrics } from '../../queries/metrics.ts';
import { renderPrometheus } from '../../render/prometheus.ts';
import { openForReading } from '../../store/database.ts';
import { UserError } from '../../store/user-error.ts';
import type { Io } from '../io.ts';
import { DEFAULT_DATABASE } from '../options.ts';

interface MetricsOptions {
  readonly db: string;
  readonly format: 'prometheus' | 'json';
  readonly out?: string;
}

export function registerMetrics(program: Command, io: Io): void {
  program
    .command('metrics')
    .description('totals for monitoring: messages, refusals by cause, last ingest, coverage (text format of Prometheus)')
    .addOption(new Option('--db <file>', 'the database').default(DEFAULT_DATABASE))
    .addOption(new Option('--format <format>', 'how to print').choices(['prometheus', 'json']).default('prometheus'))
    .option('--out <file>', 'write there, all at once: who reads meanwhile sees the former file or the new one')
    .action((options: MetricsOptions) => {
      const db = openForReading(options.db);
      try {
        const found = metrics(db);
        const text = options.format === 'json' ? `${JSON.stringify({ metrics: found })}\n` : renderPrometheus(found);
        if (options.out === undefined) io.out(text);
        else replace(options.out, text);
      } finally {
        db.close();
      }
    });
}

function replace(path: string, text: string): void {
  try {
    writeFileSync(`${path}.new`, text);
    renameSync(`${path}.new`, path);
  } catch (error) {
    throw new UserError(`${path}: cannot be written (${(error as NodeJS.ErrnoException).code})`, 'Name another file with --out.');
  }
}
