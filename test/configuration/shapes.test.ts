/** Every shape in which an administrator can export says the same. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { connector, customConnectors, defaultConnectors } from '../../fixtures/configuration/connectors.ts';
import { formatList } from '../../fixtures/configuration/format-list.ts';
import {
  clixmlOfObjects,
  clixmlOfStrings,
  joinedCsv,
  jsonOfExportCommands,
  jsonOfObjects,
  jsonOfStrings,
  utf16,
} from '../../fixtures/configuration/other-shapes.ts';
import type { Shape } from '../../src/configuration/raw-export.ts';
import { readExport } from '../../src/configuration/read-export.ts';
import type { ConnectorRecord } from '../../src/configuration/record.ts';
import { flagNames, PROPERTIES, PROPERTY_NAMES, type Properties, type PropertyType } from '../../src/connector/properties.ts';

type Written = (records: readonly ConnectorRecord[]) => string | Uint8Array;

const SHAPES: Record<string, readonly [Shape, Written]> = {
  'Format-List on a wide console': ['format-list', formatList],
  'Format-List at 80 columns': ['format-list', (records) => formatList(records, { width: 80 })],
  'Format-List at 80 columns, whose blanks at the ends of lines are lost': [
    'format-list',
    (records) => formatList(records, { width: 80, trimmed: true, lineEnd: '\n' }),
  ],
  'Format-List at 70 columns of a language whose words PowerShell does not know': [
    'format-list',
    (records) => formatList(records, { width: 70, breaksWords: true }),
  ],
  'JSON of a remote shell': ['json', jsonOfStrings],
  'JSON of the local shell': ['json', jsonOfObjects],
  'CLIXML of a remote shell': ['clixml', clixmlOfStrings],
  'CLIXML of the local shell in UTF-16': ['clixml', (records) => utf16(clixmlOfObjects(records))],
  'JSON of the lines that relaylens gives': ['json', jsonOfExportCommands],
  'CSV joined with semicolons': ['csv', joinedCsv],
  'CSV of a German Windows': ['csv', (records) => joinedCsv(records, { delimiter: ';', join: ',', typeLine: false })],
  'CSV with tabs and lists joined with blanks': ['csv', (records) => joinedCsv(records, { delimiter: '\t', join: ' ' })],
  'CSV with cells of several lines': ['csv', (records) => joinedCsv(records, { join: '\r\n' })],
  'CSV in UTF-16': ['csv', (records) => utf16(joinedCsv(records))],
};

const withoutOthers = (records: readonly ConnectorRecord[]): ConnectorRecord[] =>
  records.map((record) => ({ ...record, others: {} }));

const ORGANISATION = [
  ...defaultConnectors('2013', 'EX13'),
  ...defaultConnectors('2016', 'EX16'),
  ...defaultConnectors('2019', 'EX19'),
  ...customConnectors(),
];

describe.each(Object.entries(SHAPES))('%s', (_, [shape, write]) => {
  const reading = readExport(Buffer.from(write(ORGANISATION)));

  it('is recognised', () => {
    expect(reading.shape).toBe(shape);
    expect(reading.problems).toEqual([]);
  });

  it('holds the default connectors of three versions and six custom ones', () => {
    expect(withoutOthers(reading.connectors)).toEqual(withoutOthers(ORGANISATION));
  });

  it('is read for one connector as for many', () => {
    const [one] = customConnectors();
    expect(withoutOthers(readExport(Buffer.from(write([one!]))).connectors)).toEqual(withoutOthers([one!]));
  });
});

it.each(['Format-List on a wide console', 'JSON of a remote shell', 'JSON of the local shell', 'CLIXML of a remote shell'])(
  'properties that relaylens does not know are kept as text: %s',
  (name) => {
    const [, write] = SHAPES[name]!;
    expect(readExport(Buffer.from(write(ORGANISATION))).connectors).toEqual(ORGANISATION);
  },
);

const text = fc
  .array(fc.stringMatching(/^[A-Za-zäß0-9:{}=&<"'$,;|.()_%-]{1,14}$/), { maxLength: 9 })
  .map((words) => words.join(' '));
const size = fc.oneof(fc.constant('Unlimited' as const), fc.nat({ max: 2 ** 31 - 1 }));

/** Any value of a type that Exchange could print. */
function anyValue(type: PropertyType): fc.Arbitrary<unknown> {
  switch (type.kind) {
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return fc.nat();
    case 'limit':
    case 'size':
      return size;
    case 'timespan':
      return fc.nat({ max: 9 * 86_400 }).map((seconds) => seconds * 1000);
    case 'text':
      return text;
    case 'texts':
      return fc.array(fc.stringMatching(/^[a-z.:]{1,40}[a-z]$/), { maxLength: 4 });
    case 'choice':
      return fc.constantFrom(...Object.keys(type.names));
    case 'flags': {
      const all = Object.values(type.names).reduce((sum, bit) => sum | bit, 0);
      return fc.nat({ max: all }).map((bits) => flagNames(bits, type.names));
    }
  }
}

const properties = fc.record(Object.fromEntries(PROPERTY_NAMES.map((name) => [name, anyValue(PROPERTIES[name])])), {
  requiredKeys: [],
}) as fc.Arbitrary<Properties>;

const port = fc.nat({ max: 65_535 });
const ipv4 = fc.ipV4();
const range = fc.oneof(
  ipv4,
  fc.tuple(ipv4, fc.nat({ max: 32 })).map(([address, length]) => `${address}/${length}`),
  fc.tuple(fc.nat({ max: 255 }), fc.nat({ max: 255 })).map((ends) =>
    ends
      .sort((a, b) => a - b)
      .map((end) => `10.0.0.${end}`)
      .join('-'),
  ),
  fc.constantFrom('2001:db8:1234:5678:9abc:def0:1234:5678-2001:db8:1234:5678:9abc:def0:1234:ffff', 'fd00::/8', '::1'),
);
const name = fc
  .array(fc.stringMatching(/^[A-Za-zäöüß0-9'&$,;()–_-]{1,12}$/), { minLength: 1, maxLength: 4 })
  .map((words) => words.join(' '));

const connectors = fc.uniqueArray(
  fc
    .record({
      server: fc.constantFrom('EX01', 'mail-02'),
      name,
      bindings: fc.uniqueArray(
        fc.tuple(fc.constantFrom('0.0.0.0', '[::]', '10.0.0.5', '[fd00::5]'), port).map((parts) => parts.join(':')),
        { minLength: 1, maxLength: 4 },
      ),
      ranges: fc.uniqueArray(range, { minLength: 1, maxLength: 12 }),
      properties,
    })
    .map(({ properties, ...rest }): ConnectorRecord => {
      const made = connector({ version: '2019', ...rest });
      return { ...made, properties: { ...made.properties, ...properties } };
    }),
  { minLength: 1, maxLength: 3, selector: ({ server, name }) => `${server}\\${name}`.toLowerCase() },
);

describe.each(Object.entries(SHAPES).filter(([name]) => !/lost|words/.test(name)))('any connectors, as %s', (_, [, write]) => {
  it('come back as they went', () => {
    fc.assert(
      fc.property(connectors, (records) => {
        const reading = readExport(Buffer.from(write(records)));
        expect(reading.problems).toEqual([]);
        expect(withoutOthers(reading.connectors)).toEqual(withoutOthers(records));
      }),
      { numRuns: 15 },
    );
  });
});

describe('any connectors, as Format-List', () => {
  it('come back as they went from a console of any width', () => {
    fc.assert(
      fc.property(connectors, fc.integer({ min: 60, max: 250 }), (records, width) => {
        expect(readExport(Buffer.from(formatList(records, { width }))).connectors).toEqual(records);
      }),
      { numRuns: 60 },
    );
  });

  it('keep all but their prose from any console, however it breaks and whatever the file has lost', () => {
    const prose = new Set(PROPERTY_NAMES.filter((property) => PROPERTIES[property].kind === 'text'));
    const plain = (records: readonly ConnectorRecord[]): unknown =>
      records.map(({ bindings, remoteIPRanges, properties }) => ({
        bindings,
        remoteIPRanges,
        properties: Object.fromEntries(Object.entries(properties).filter(([property]) => !prose.has(property as never))),
      }));
    fc.assert(
      fc.property(connectors, fc.integer({ min: 60, max: 150 }), fc.boolean(), (records, width, breaksWords) => {
        const reading = readExport(Buffer.from(formatList(records, { width, breaksWords, trimmed: true })));
        expect(plain(reading.connectors)).toEqual(plain(records));
      }),
      { numRuns: 60 },
    );
  });
});

describe('any bytes', () => {
  const decorated = fc.oneof(
    fc.uint8Array({ maxLength: 400 }),
    fc.string({ unit: 'binary', maxLength: 300 }).map((text) => Buffer.from(text)),
    fc
      .tuple(
        fc.constantFrom(...Object.values(SHAPES).map(([, write]) => Buffer.from(write(customConnectors())))),
        fc.nat(),
        fc.nat(),
        fc.uint8Array({ maxLength: 6 }),
      )
      .map(([bytes, from, length, more]) => {
        const start = from % bytes.length;
        return Buffer.concat([bytes.subarray(0, start), more, bytes.subarray(start + (length % 300))]);
      }),
  );

  it('are read without a failure, and what is left out is said', () => {
    fc.assert(
      fc.property(decorated, (bytes) => {
        const reading = readExport(bytes);
        const read = reading.connectors.length + reading.rights.length + reading.acceptedDomains.length + reading.devices.length;
        expect(read > 0 || reading.problems.some(({ fatal }) => fatal)).toBe(true);
      }),
      { numRuns: 400 },
    );
  });
});
