/**
 * Reads what administrators export: shape and kind are told by content alone, and whatever is wrong becomes one line that
 * says what, where, and what to do. Pure: bytes in, values out.
 */
import type { AcceptedDomain } from '../connector/accepted-domain.ts';
import type { Device } from '../connector/device.ts';
import { readAcceptedDomains } from './accepted-domain-reading.ts';
import { isClixml, readClixml } from './clixml.ts';
import { readConnectors } from './connector-reading.ts';
import { isKnownTable, isTable, readCsvTable } from './csv-table.ts';
import { readDevices } from './device-reading.ts';
import { isFormatList, readFormatList } from './format-list.ts';
import { readJsonExport } from './json-export.ts';
import { type Kind, kindOf } from './kind.ts';
import { LOSSLESS_HINT, type Problem, Problems } from './problem.ts';
import type { RawExport, Shape } from './raw-export.ts';
import type { RawRecord } from './raw-value.ts';
import type { ConfigurationRecord, ConnectorRecord, RightsRecord } from './record.ts';
import { readRights } from './rights-reading.ts';
import { decodeExport } from './text-encoding.ts';

/** All that one file holds, without what was refused. */
export interface ExportReading extends ConfigurationRecord {
  readonly connectors: readonly ConnectorRecord[];
  readonly rights: readonly RightsRecord[];
  readonly acceptedDomains: readonly AcceptedDomain[];
  readonly devices: readonly Device[];
  readonly problems: readonly Problem[];
  /** null where the file has none of the shapes. */
  readonly shape: Shape | null;
}

export interface ExportSettings {
  /** The server of connectors of which the export does not say it. */
  readonly server?: string | undefined;
}

const READERS: Readonly<Record<Shape, (text: string) => RawExport>> = {
  'format-list': readFormatList,
  csv: readCsvTable,
  json: readJsonExport,
  clixml: readClixml,
};

export function readExport(bytes: Uint8Array, settings: ExportSettings = {}): ExportReading {
  const text = decodeExport(bytes).replace(/\r\n?/g, '\n');
  const problems = new Problems();
  const shape = shapeOf(text);
  if (shape === null) {
    problems.refuse('', ...unknownShape(text));
    return { connectors: [], rights: [], acceptedDomains: [], devices: [], problems: problems.list, shape };
  }
  const { records, problems: found } = READERS[shape](text);
  problems.list.push(...found);
  const byKind = new Map<Kind | undefined, RawRecord[]>();
  for (const record of records) {
    const kind = kindOf(record.object);
    // Only tables are written by hand; elsewhere a name beside an address is another object of Exchange.
    const key = kind === 'device' && shape !== 'csv' ? undefined : kind;
    const group = byKind.get(key);
    if (group) group.push(record);
    else byKind.set(key, [record]);
  }
  const reading = { shape, server: settings.server };
  const result = {
    connectors: readConnectors(byKind.get('connector') ?? [], reading, problems),
    rights: readRights(byKind.get('rights') ?? [], reading, problems),
    acceptedDomains: readAcceptedDomains(byKind.get('accepted-domain') ?? [], problems),
    devices: readDevices(byKind.get('device') ?? [], problems),
  };
  strangers(byKind.get(undefined) ?? [], records.length, problems);
  const isEmpty = Object.values(result).every((read) => read.length === 0);
  if (isEmpty && problems.list.every(({ fatal }) => !fatal))
    problems.refuse('', 'nothing in the file can be read', LOSSLESS_HINT);
  return { ...result, problems: problems.list, shape };
}

/** What begins like a list of JSON may also be the prompt `[PS] C:\>`, and a list of properties may hold commas. */
function shapeOf(text: string): Shape | null {
  if (isClixml(text)) return 'clixml';
  if (/^\s*[{[]\s*(?:[{["\]}\d-]|$)/.test(text)) return 'json';
  if (isKnownTable(text)) return 'csv';
  if (isFormatList(text)) return 'format-list';
  return !/^\s*</.test(text) && isTable(text) ? 'csv' : null;
}

function unknownShape(text: string): [what: string, hint: string] {
  if (text.trim() === '') return ['the file is empty', LOSSLESS_HINT];
  if (/^\s*</.test(text)) return ['the file is XML or HTML, but not of Export-Clixml', LOSSLESS_HINT];
  if (/^[ \t]*-{3,}(?:[ \t]+-{2,})+[ \t]*$/m.test(text))
    return ['the file is a table as Format-Table prints it, which cuts values off', LOSSLESS_HINT];
  return ['the file is no export of receive connectors, rights, accepted domains or devices', LOSSLESS_HINT];
}

const SHOWN_NAMES = 5;

/** Objects of other kinds, which somebody pasted along, or which are all there is. */
function strangers(records: readonly RawRecord[], all: number, problems: Problems): void {
  const [first] = records;
  if (!first) {
    if (all === 0 && problems.list.every(({ fatal }) => !fatal)) problems.refuse('', 'the file holds no objects', LOSSLESS_HINT);
    return;
  }
  const names = [...first.object.entries()].map(([name]) => name.slice(0, 40));
  const list = names.slice(0, SHOWN_NAMES).join(', ') + (names.length > SHOWN_NAMES ? ' …' : '');
  if (records.length === all) {
    const has = list === '' ? 'its objects have no properties' : `its first object has ${list}`;
    problems.refuse(
      first.place,
      `the file holds no receive connectors, rights, accepted domains or devices: ${has}`,
      LOSSLESS_HINT,
    );
  } else {
    const count = records.length === 1 ? 'an object' : `${records.length} objects`;
    problems.note(first.place, `${count} of another kind passed over (with ${list})`);
  }
}
