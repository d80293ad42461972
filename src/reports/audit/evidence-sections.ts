/** What the audit rests on: whoever has the same logs and exports comes to the same document. */
import type { Cell, Section } from '../../document/document.ts';
import type { ConfigurationEvidence } from '../../queries/audit/audit-evidence.ts';
import { coverageTable } from '../usage/coverage-sections.ts';
import { limited, number } from '../usage/page.ts';
import type { AuditPageOptions, AuditReport } from './audit-report.ts';

/** Logs on a page. */
const LOGS = 12;

export function evidenceSections({ facts, evidence, version }: AuditReport, options: AuditPageOptions): Section[] {
  const { time, timeZone } = options;
  const { logs, damage, configuration, coverage } = evidence;
  const folder = commonFolder(logs.map(({ path }) => path));
  const unread = damage.reduce((sum, { lines }) => sum + lines, 0);
  return [
    { kind: 'heading', text: 'Evidence' },
    {
      kind: 'figures',
      figures: [
        { label: 'Period', value: `${time(facts.since)} to ${time(facts.until)}, ${timeZone}`, cell: 'text' },
        { label: 'Logs', value: logs.length, cell: 'count' },
        { label: 'All hashes', value: evidence.fingerprint, cell: 'text' },
        { label: 'Lines not read', value: unread, cell: 'count' },
        { label: 'relaylens', value: version, cell: 'text' },
      ],
    },
    coverageTable(coverage),
    {
      kind: 'table',
      title: 'Configuration',
      columns: [
        { title: 'Kind', kind: 'text' },
        { title: 'Of', kind: 'text', shrinks: true },
        { title: 'Exported', kind: 'minute' },
        { title: 'File', kind: 'text', shrinks: true },
      ],
      rows: exportsOf(configuration),
      none: 'No configuration was imported.',
    },
    ...(damage.length === 0
      ? []
      : [
          {
            kind: 'table',
            title: 'Lines that could not be read',
            columns: [
              { title: 'Kind', kind: 'text' },
              { title: 'Lines', kind: 'count' },
              { title: 'First at', kind: 'text', shrinks: true },
            ],
            rows: damage.map(({ kind, lines, file, line }) => [kind, lines, line === null ? file : `${file}:${line}`]),
          } as const,
        ]),
    ...limited(
      logs,
      LOGS,
      options,
      (shown) => ({
        kind: 'table',
        title: `Logs${folder === '' ? '' : ` below ${folder}`}, with the SHA-256 of their text`,
        columns: [
          { title: 'Bytes', kind: 'count' },
          { title: 'Rows', kind: 'count' },
          { title: 'Hash', kind: 'text' },
          { title: 'Log', kind: 'text', shrinks: true, below: 'always' },
        ],
        rows: shown.map(({ path, bytes, rows, hash }) => [
          bytes,
          rows,
          hash ?? 'none: its rows stand in another log',
          path.slice(folder.length),
        ]),
      }),
      'log',
    ),
    {
      kind: 'text',
      text: `Made from ${number(logs.length)} logs by relaylens ${version}. The hash is that of the text: for a log that was neither packed nor UTF-16 it is that of the file. That of all is over their hashes in alphabetical order, a line each.`,
    },
  ];
}

/** One line an export: what stands in it, and of what. */
function exportsOf(configuration: readonly ConfigurationEvidence[]): Cell[][] {
  const exports = new Map<string, { readonly one: ConfigurationEvidence; readonly scopes: string[] }>();
  for (const one of configuration) {
    const key = `${one.kind} ${one.asOf} ${one.file}`;
    const known = exports.get(key);
    if (known) known.scopes.push(one.scope);
    else exports.set(key, { one, scopes: [one.scope] });
  }
  return [...exports.values()].map(({ one: { kind, asOf, file }, scopes }) => [
    kind,
    scopes.length > NAMED ? `${number(scopes.length)} connectors` : scopes.join(', ') || 'the organisation',
    asOf,
    file,
  ]);
}

const NAMED = 4;

/** With its last separator; empty where the paths have none in common. */
function commonFolder([first = '', ...others]: readonly string[]): string {
  let length = first.length;
  for (const other of others) while (!other.startsWith(first.slice(0, length))) length--;
  return first.slice(0, Math.max(...['/', '\\'].map((sign) => first.lastIndexOf(sign, length - 1))) + 1);
}
