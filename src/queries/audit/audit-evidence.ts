/** What an audit rests on, so that somebody else can come to the same: logs with hashes, what they cover, configuration. */
import { createHash } from 'node:crypto';
import { Archive } from '../../store/archive.ts';
import { storedConfigurations } from '../../store/configuration-store.ts';
import type { Database } from '../../store/database.ts';
import { ConfigurationHistory } from '../configuration-history.ts';
import { damagedLines } from '../coverage.ts';
import { usageCoverage } from '../usage/log-coverage.ts';
import { Texts } from '../usage/names.ts';
import { RollUpReader } from '../usage/roll-up-reader.ts';
import type { UsageCoverage } from '../usage/usage-report.ts';
import type { Span } from './traffic.ts';

export interface LogEvidence {
  /** As it was read; in a zip or `.gz`, of what stands in it. */
  readonly path: string;
  /** Of the text that was read, and its lines and rows. */
  readonly bytes: number;
  readonly lines: number;
  readonly rows: number;
  /**
   * `sha256:…` of the text that was read: for a log that was neither packed nor UTF-16 what any tool says of the file. null:
   * its rows stand in another log too, and were kept once.
   */
  readonly hash: string | null;
}

export interface ConfigurationEvidence {
  readonly kind: string;
  /** Server, or `SERVER\Name`; empty for the whole organisation. */
  readonly scope: string;
  /** Milliseconds UTC of the export. */
  readonly asOf: number;
  readonly file: string;
}

export interface AuditEvidence {
  readonly coverage: UsageCoverage;
  /** SHA-256 over the hashes of all logs, sorted, a line each: the same wherever the logs lay. */
  readonly fingerprint: string;
  /** By path. */
  readonly logs: readonly LogEvidence[];
  /** Lines that could not be read, by kind, with the first place of each. */
  readonly damage: readonly {
    readonly kind: string;
    readonly lines: number;
    readonly file: string;
    readonly line: number | null;
  }[];
  /** What was valid at the end of the period. */
  readonly configuration: readonly ConfigurationEvidence[];
}

/** Reads every kept byte once, for the hashes: about a second for 500 MB of logs. */
export function auditEvidence(db: Database, span: Span): AuditEvidence {
  const reader = new RollUpReader(db);
  const history = new ConfigurationHistory(db);
  const logs = logsOf(db);
  return {
    fingerprint: fingerprintOf(logs),
    coverage: usageCoverage(reader, history, new Texts(db), { filter: {}, slice: span, now: span.until }),
    logs,
    damage: damagedLines(db).map(({ kind, lines, file, line }) => ({ kind, lines, file, line })),
    configuration: validAt(db, span.until - 1),
  };
}

function logsOf(db: Database): LogEvidence[] {
  const archive = new Archive(db);
  const logs = db
    .prepare('SELECT id, path, length AS bytes, lines, rows FROM log_file WHERE length > 0 ORDER BY path, id')
    .all() as (Omit<LogEvidence, 'hash'> & { id: number })[];
  return logs.map(({ id, ...log }) => ({ ...log, hash: hashOfLog(archive, id) }));
}

function fingerprintOf(logs: readonly LogEvidence[]): string {
  const lines = logs.flatMap(({ hash }) => (hash === null ? [] : [`${hash}\n`])).sort();
  return `sha256:${createHash('sha256').update(lines.join('')).digest('hex')}`;
}

/** A log of one block has the hash of the block; a longer one is put together again. */
function hashOfLog(archive: Archive, id: number): string | null {
  const outline = archive.outline(id);
  const [only] = outline;
  if (outline.length === 1) return `sha256:${only!.hash.toString('hex')}`;
  const hash = createHash('sha256');
  let blocks = 0;
  for (const { bytes } of archive.read(id, 0, Number.MAX_SAFE_INTEGER)) {
    hash.update(bytes);
    blocks++;
  }
  return blocks === outline.length ? `sha256:${hash.digest('hex')}` : null;
}

/** Of each part what was exported last before the time, else the first. */
function validAt(db: Database, time: number): ConfigurationEvidence[] {
  const valid = new Map<string, ConfigurationEvidence>();
  for (const { kind, scope, asOf, file } of storedConfigurations(db)) {
    const key = `${kind}\0${scope.toLowerCase()}`;
    if (!valid.has(key) || asOf <= time) valid.set(key, { kind, scope, asOf, file });
  }
  return [...valid.values()];
}
