/** The exports that a configuration refers to: connectors, rights and accepted domains as Exchange gives them. */
import { type ExportReading, readExport } from '../../configuration/read-export.ts';
import { connectorOf } from '../../configuration/record.ts';
import type { AcceptedDomain } from '../../connector/accepted-domain.ts';
import { type ReceiveConnector, sameName } from '../../connector/connector.ts';
import type { RightEntry } from '../../connector/right.ts';

/** Bytes of a file that the configuration names, or why there are none. */
export type FileReader = (file: string) => Uint8Array | { readonly fault: string };

/** `complain` takes what is wrong about one reference, as a line without its path. */
export class Exports {
  readonly #read: FileReader;
  readonly #readings = new Map<string, ExportReading>();

  constructor(read: FileReader) {
    this.#read = read;
  }

  /** Those of the server; all of another server are of no use. */
  connectors(file: string, server: string, complain: (line: string) => void): ReceiveConnector[] {
    const records = this.#reading(file, server, complain)?.connectors;
    if (!records) return [];
    const own = records.filter((record) => sameName(record.server, server));
    const others = [...new Set(records.map((record) => record.server))];
    if (own.length === 0)
      complain(
        others.length > 0 ? `has receive connectors of ${others.join(', ')} and none of ${server}` : 'has no receive connectors',
      );
    return own.map(connectorOf);
  }

  /** By name of the connector in lower case. */
  rights(file: string, server: string, complain: (line: string) => void): ReadonlyMap<string, readonly RightEntry[]> {
    const records = this.#reading(file, server, complain)?.rights;
    const own = (records ?? []).filter((record) => sameName(record.server, server));
    if (records && own.length === 0) complain(`has no rights on connectors of ${server}`);
    return new Map(own.map(({ connector, entries }) => [connector.toLowerCase(), entries]));
  }

  acceptedDomains(file: string, server: string, complain: (line: string) => void): readonly AcceptedDomain[] {
    const domains = this.#reading(file, server, complain)?.acceptedDomains;
    if (domains?.length === 0) complain('has no accepted domains');
    return domains ?? [];
  }

  #reading(file: string, server: string, complain: (line: string) => void): ExportReading | undefined {
    const key = `${server.toLowerCase()} ${file}`;
    const known = this.#readings.get(key);
    if (known) return known;
    const bytes = this.#read(file);
    if ('fault' in bytes) {
      complain(bytes.fault);
      return undefined;
    }
    const reading = readExport(bytes, { server });
    const fatal = reading.problems.filter((problem) => problem.fatal);
    for (const { place, what, hint } of fatal) complain(`${place ? `${place}: ` : ''}${what}${hint ? `. ${hint}` : ''}`);
    if (fatal.length > 0) return undefined;
    this.#readings.set(key, reading);
    return reading;
  }
}
