/** Reads exports that tests write down. */
import { type ExportReading, type ExportSettings, readExport } from '../../src/configuration/read-export.ts';
import type { ConnectorRecord } from '../../src/configuration/record.ts';

export const read = (text: string | Uint8Array, settings?: ExportSettings): ExportReading =>
  readExport(typeof text === 'string' ? Buffer.from(text) : text, settings);

/** The one connector of an export that has no problem. */
export function readOne(text: string | Uint8Array, settings?: ExportSettings): ConnectorRecord {
  const { connectors, problems } = read(text, settings);
  const [connector, more] = connectors;
  if (!connector || more || problems.length > 0) throw new Error(JSON.stringify({ connectors, problems }));
  return connector;
}

/** `place: what`, and `!` before what is fatal. */
export const problemsOf = (text: string | Uint8Array, settings?: ExportSettings): string[] =>
  read(text, settings).problems.map(({ place, what, fatal }) => `${fatal ? '! ' : ''}${place}: ${what}`);

/** Properties of a connector as JSON, with what every connector needs. */
export const json = (properties: Record<string, unknown>): string =>
  JSON.stringify({ Identity: 'EX01\\Relay', Bindings: ['0.0.0.0:25'], RemoteIPRanges: ['10.0.0.1'], ...properties });
