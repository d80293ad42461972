/** The examples of the diagnoses as logs: written in both dialects, read into a database, and diagnosed. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { story } from '../../fixtures/story.ts';
import type { DiagnosisExample, SessionSketch } from '../../src/checks/diagnosis.ts';
import { organisationOf } from '../../src/checks/examples/example-organisation.ts';
import { diagnoseCase } from '../../src/checks/run-diagnoses.ts';
import type { CaseVerdict } from '../../src/checks/verdict.ts';
import { recordOf } from '../../src/configuration/record.ts';
import { partsOf } from '../../src/connector/connector.ts';
import { ingest } from '../../src/ingest/ingest.ts';
import type { Dialect } from '../../src/protocol-log/fields.ts';
import type { LogRow } from '../../src/protocol-log/writer.ts';
import type { Case } from '../../src/queries/cases/case.ts';
import { CaseReader } from '../../src/queries/cases/case-reader.ts';
import { subjectsOf } from '../../src/queries/cases/subject.ts';
import { type StoredConfiguration, storeConfigurations } from '../../src/store/configuration-store.ts';
import type { Database } from '../../src/store/database.ts';
import { logText, temporaryDatabase, temporaryFolder, writeFiles } from '../harness.ts';

const START = Date.parse('2026-11-02T08:00:00.000Z');
const MINUTE = 60_000;

const withPort = (address: string, port: number): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;

function rowsOf(sketch: SessionSketch, index: number, dialect: Dialect): LogRow[] {
  const { from = '10.0.20.12', direction = 'receive' } = sketch;
  const local = sketch.to ?? (from.includes(':') ? '[fd00::5]:25' : '10.0.0.5:25');
  return story(
    {
      connector: sketch.connector ?? (direction === 'send' ? 'Internet' : 'EX01\\Default Frontend EX01'),
      remote: withPort(from, direction === 'send' ? (sketch.port ?? 25) : 50_100 + index),
      local: direction === 'send' ? `10.0.0.5:${40_000 + index}` : local,
      at: sketch.at ?? new Date(START + index * MINUTE).toISOString(),
      sessionId: sketch.sessionId ?? (0x08de19a1b2c3d401n + BigInt(index)).toString(16).toUpperCase().padStart(16, '0'),
      direction,
      dialect,
    },
    (dialect === 'A' ? sketch.rowsA : undefined) ?? sketch.rows,
  );
}

const serverOf = ({ connector }: SessionSketch): string => partsOf(connector ?? 'EX01\\x').server || 'EX01';

function configuration({ configuration: example }: DiagnosisExample): StoredConfiguration[] {
  if (!example) return [];
  const { servers, rights, acceptedDomains } = organisationOf(example);
  const stored = (kind: StoredConfiguration['kind'], scope: string, content: unknown): StoredConfiguration => ({
    kind,
    scope,
    asOf: Date.parse('2026-11-01T00:00:00.000Z'),
    importedAt: 0,
    file: 'example.json',
    content: JSON.stringify(content),
  });
  return [
    ...servers.map(({ server, connectors }) => stored('connectors', server, connectors.map(recordOf))),
    ...[...rights].map(([scope, entries]) =>
      stored('rights', scope, { server: partsOf(scope).server, connector: partsOf(scope).name, entries }),
    ),
    ...(acceptedDomains ? [stored('accepted-domains', '', acceptedDomains)] : []),
  ];
}

/** A database with the logs and the configuration of an example. */
export async function exampleDatabase(example: DiagnosisExample, dialect: Dialect): Promise<Database> {
  const folder = temporaryFolder();
  const logs = join(folder, 'logs');
  mkdirSync(logs);
  const files = new Map<string, LogRow[]>();
  example.sessions.forEach((sketch, index) => {
    const { direction = 'receive', service = 'FrontEnd' } = sketch;
    const path = `${serverOf(sketch)}/${service}/ProtocolLog/Smtp${direction === 'send' ? 'Send' : 'Receive'}/${direction === 'send' ? 'SEND' : 'RECV'}2026110208-1.LOG`;
    files.set(path, [...(files.get(path) ?? []), ...rowsOf(sketch, index, dialect)]);
  });
  writeFiles(
    logs,
    Object.fromEntries([...files].map(([path, rows]) => [path, logText(rows, path.includes('SmtpSend') ? 'send' : 'receive')])),
  );
  const db = temporaryDatabase(folder);
  await ingest(db, [logs]);
  storeConfigurations(db, configuration(example));
  return db;
}

/** Who is asked about in an example: named, or the client of its first session. */
export const whoIn = ({ who, sessions }: DiagnosisExample): string => who ?? sessions[0]?.from ?? '10.0.20.12';

/** What is known of one client of a database. */
export function caseOf(db: Database, who: string): Case {
  const asked = subjectsOf(db, who);
  const [first] = [...new CaseReader(db, asked.filter).read(asked.subjects)];
  if (!first) throw new Error(`${who} has no rows`);
  return first;
}

/** What is said about one client of a database. */
export function verdictOn(db: Database, who: string): CaseVerdict {
  const { verdict, broken } = diagnoseCase(caseOf(db, who));
  if (broken.length > 0) throw new Error(broken.map(({ check, message }) => `${check}: ${message}`).join('\n'));
  return verdict;
}
