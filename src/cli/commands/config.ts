/** `config import`, `config list`: receive connectors, their rights, accepted domains and devices. */
import type { Command } from 'commander';
import { exportCommands } from '../../configuration/export-commands.ts';
import type { ConnectorRecord } from '../../configuration/record.ts';
import { checked } from '../../configuration/record-schema.ts';
import type { Snapshot } from '../../configuration/snapshot.ts';
import { sameName } from '../../connector/connector.ts';
import type { Cell, Document, Table } from '../../document/document.ts';
import { printable } from '../../render/printable.ts';
import { type StoredConfiguration, storeConfigurations, storedConfigurations } from '../../store/configuration-store.ts';
import { type Database, openDatabase, openForReading } from '../../store/database.ts';
import { readExportFiles } from '../export-files.ts';
import type { Io } from '../io.ts';
import { type CommonOptions, parseTime, timesAre, withCommonOptions, zoneOf } from '../options.ts';
import { print } from '../output.ts';

interface ImportOptions extends CommonOptions {
  readonly server?: string;
  readonly asOf?: string;
  readonly merge?: boolean;
}

export function registerConfig(program: Command, io: Io, done: (code: number) => void): void {
  const config = program
    .command('config')
    .description('the configuration: receive connectors, their rights, accepted domains, devices');
  withCommonOptions(config.command('import'))
    .description(
      'import exports of Get-ReceiveConnector (Format-List, CSV, JSON, CLIXML), Get-ADPermission and Get-AcceptedDomain, and device lists (CSV); the kind is recognised by content',
    )
    .argument('<files...>', 'exports, or folders of them')
    .option('--server <name>', 'server of connectors whose export does not name it')
    .option('--as-of <time>', 'when it was exported (the date of each file)')
    .option('--merge', 'the exports hold some connectors of a server only: keep the others as they were')
    .addHelpText(
      'after',
      () =>
        `\nThese lines, in the Exchange Management Shell, export everything without loss:\n\n${exportCommands().join('\n')}\n`,
    )
    .action((files: string[], options: ImportOptions) => done(importFiles(io, files, options)));
  withCommonOptions(config.command('list'))
    .description('what was imported, and when')
    .action((options: CommonOptions) => {
      const db = openForReading(options.db);
      try {
        const imports = storedConfigurations(db).map(summary);
        print(io, options, {
          json: { configurations: imports },
          document: () => ({
            title: 'Configuration',
            sections: options.format === 'csv' ? [importCsvTable(imports)] : [importTable(imports), timesAre(options)],
          }),
        });
      } finally {
        db.close();
      }
    });
}

/** 0, or 2 where a file was refused. */
function importFiles(io: Io, paths: readonly string[], options: ImportOptions): number {
  const asOf = options.asOf === undefined ? undefined : parseTime(options.asOf, zoneOf(options), io.now());
  const { parts, refused } = readExportFiles(io, paths, { server: options.server, asOf });
  if (parts.length === 0) return 2;
  const db = openDatabase(options.db);
  try {
    const stored = parts.map((part) => toStored(db, part, options.merge === true, io));
    storeConfigurations(db, stored);
    const imports = stored.map(summary);
    print(io, options, { json: { imported: imports, refused }, document: () => importDocument(imports, options) });
  } finally {
    db.close();
  }
  return refused > 0 ? 2 : 0;
}

/** Says what a new export of a server no longer holds: it may be an export of a part. */
function toStored(db: Database, part: Snapshot, merge: boolean, io: Io): StoredConfiguration {
  let content: unknown = part.content;
  if (part.kind === 'connectors') {
    const before = storedConfigurations(db)
      .filter(({ kind, scope, asOf }) => kind === 'connectors' && sameName(scope, part.scope) && asOf <= part.asOf)
      .at(-1);
    const there = new Set(part.content.map(({ name }) => name.toLowerCase()));
    const missing = (before ? (JSON.parse(before.content) as ConnectorRecord[]) : []).filter(
      ({ name }) => !there.has(name.toLowerCase()),
    );
    if (merge) content = [...part.content, ...missing];
    else if (missing.length > 0)
      io.err(
        `${printable(part.scope)}: ${missing.length} connector${missing.length === 1 ? '' : 's'} of the configuration before ${missing.length === 1 ? 'is' : 'are'} not in this one and count${missing.length === 1 ? 's' : ''} as deleted: ${printable(missing.map(({ name }) => `"${name}"`).join(', '))}. If the export was of a part, import it again with --merge.\n`,
      );
  }
  return {
    kind: part.kind,
    scope: part.scope,
    asOf: part.asOf,
    importedAt: io.now(),
    file: part.files.join(', '),
    content: JSON.stringify(checked(part.kind, content)),
  };
}

interface ImportSummary {
  readonly kind: StoredConfiguration['kind'];
  readonly scope: string;
  /** How many connectors, entries, domains or devices. */
  readonly count: number;
  readonly asOf: string;
  readonly importedAt: string;
  readonly file: string;
}

function summary({ kind, scope, asOf, importedAt, file, content }: StoredConfiguration): ImportSummary {
  const parsed = JSON.parse(content) as { length?: number; entries?: unknown[] };
  return {
    kind,
    scope,
    count: parsed.length ?? parsed.entries?.length ?? 0,
    asOf: new Date(asOf).toISOString(),
    importedAt: new Date(importedAt).toISOString(),
    file,
  };
}

function importDocument(imports: readonly ImportSummary[], options: CommonOptions): Document {
  return {
    title: 'Imported',
    sections: [
      ...(options.format === 'csv'
        ? [importCsvTable(imports)]
        : ([
            importTable(imports),
            { kind: 'text', text: 'Each is valid from the time of its export on; --as-of names another.' },
            timesAre(options),
          ] as const)),
    ],
  };
}

/** The names of the columns are for programs. */
function importCsvTable(imports: readonly ImportSummary[]): Table {
  const table = importTable(imports);
  const names = ['what', 'of', 'entries', 'asOf', 'imported', 'file'];
  return { ...table, columns: table.columns.map((column, index) => ({ ...column, title: names[index]! })) };
}

/** Rights come connector by connector: they are told server by server. */
function importTable(imports: readonly ImportSummary[]): Table {
  const groups = new Map<string, ImportSummary[]>();
  for (const one of imports) {
    const of =
      one.kind === 'rights' ? `connectors of ${one.scope.slice(0, one.scope.indexOf('\\'))}` : one.scope || 'the organisation';
    const key = [one.kind, of, one.asOf, one.importedAt, one.file].join('\0');
    groups.set(key, [...(groups.get(key) ?? []), { ...one, scope: of }]);
  }
  return {
    kind: 'table',
    columns: [
      { title: 'What', kind: 'text' },
      { title: 'Of', kind: 'text', shrinks: true },
      { title: 'Entries', kind: 'count' },
      { title: 'As of', kind: 'minute' },
      { title: 'Imported', kind: 'minute', optional: true },
      { title: 'File', kind: 'text', shrinks: true, below: true },
    ],
    rows: [...groups.values()].map((group): Cell[] => {
      const [{ kind, scope, asOf, importedAt, file }] = group as [ImportSummary];
      const entries = group.reduce((sum, { count }) => sum + count, 0);
      return [
        kind,
        kind === 'rights' ? `${group.length} ${scope}` : scope,
        entries,
        Date.parse(asOf),
        Date.parse(importedAt),
        file,
      ];
    }),
    none: 'No configuration was imported: relaylens config import --help says how.',
  };
}
