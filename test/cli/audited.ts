/** The organisation of the audit (fixtures/audit/), read and with its configuration, through the command line. */
import { mkdirSync } from 'node:fs';
import { beforeAll } from 'vitest';
import { auditExports } from '../../fixtures/audit/configuration.ts';
import { auditLogs } from '../../fixtures/audit/logs.ts';
import { writeFiles } from '../harness.ts';
import { type Asked, databaseOf } from './console.ts';

/** The configuration is that of the day before the logs begin. */
const AS_OF = '2026-07-31T00:00Z';

export function auditedDatabase(): Asked {
  const ask = databaseOf(auditLogs);
  beforeAll(async () => {
    const folder = ask.path('exports');
    const exports = auditExports();
    mkdirSync(folder);
    writeFiles(folder, exports);
    const files = Object.keys(exports).map((name) => ask.path(`exports/${name}`));
    const { code, err } = await ask('config', 'import', ...files, '--as-of', AS_OF);
    if (code !== 0 || err !== '') throw new Error(err);
  });
  return ask;
}
