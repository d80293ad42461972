import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FIELD_COUNT } from '../../src/protocol-log/fields.ts';
import { type ColumnOrder, scanLine } from '../../src/protocol-log/line-scanner.ts';
import { RowView } from '../../src/protocol-log/row-view.ts';
import { readSlowly } from '../../src/protocol-log/slow-row.ts';
import { formatRow, type LogRow } from '../../src/protocol-log/writer.ts';

const GOOD = '2026-11-02T08:02:00.000Z,EX01\\Default Frontend EX01,08DE19A1B2C3D401,7,10.0.0.5:25,10.0.20.12:50111,<,NOOP,';
const ROW: LogRow = {
  at: Date.UTC(2026, 10, 2, 8, 2),
  connector: 'EX01\\Default Frontend EX01',
  sessionId: '08DE19A1B2C3D401',
  sequence: 7,
  localEndpoint: '10.0.0.5:25',
  remoteEndpoint: '10.0.20.12:50111',
  event: '<',
  data: 'NOOP',
  context: '',
};

/** The line as the scanner reads it, with other bytes before and behind it; undefined when it takes it not. */
function scanned(line: Buffer, order?: ColumnOrder): RowView | undefined {
  return scannedUpTo(line, '', order);
}

/** The line with this line end behind it, or with none, where the scanner is told where it ends. */
function scannedUpTo(line: Buffer, lineEnd: '' | '\n' | '\r\n', order?: ColumnOrder): RowView | undefined {
  const view = new RowView();
  const bytes = Buffer.concat([Buffer.from('"before",'), line, Buffer.from(`${lineEnd}","behind`)]);
  const limit = lineEnd === '' ? 9 + line.length : bytes.length;
  return scanLine(view, bytes, 9, limit, order) === 9 + line.length ? view : undefined;
}

const accepts = (line: string, order?: ColumnOrder) => scanned(Buffer.from(line), order) !== undefined;
const all = (view: RowView) => ({
  at: view.at,
  sequence: view.sequence,
  event: view.event,
  fields: Array.from({ length: FIELD_COUNT }, (_, index) => view.text(index)),
});

describe('the scanner', () => {
  it('takes a row as the product writes it', () => {
    const view = scanned(Buffer.from(GOOD))!;
    expect(view).toMatchObject({ at: ROW.at, sequence: 7, event: 0x3c, connector: ROW.connector, data: 'NOOP', context: '' });
    expect(view.isEmpty(8)).toBe(true);
  });

  it('leaves to the slow way what is no row of nine fields', () => {
    for (const line of [
      '',
      ',',
      ',,,,,,,,',
      `${GOOD},`,
      GOOD.slice(0, -1),
      `${GOOD}"`,
      GOOD.replace('NOOP', '"NOOP'),
      GOOD.replace('NOOP', '"NO"OP'),
    ])
      expect(accepts(line), line).toBe(false);
  });

  it('leaves to the slow way a quote inside a bare field, as the product never writes it', () => {
    expect(accepts(GOOD.replace('NOOP', 'NO"OP'))).toBe(false);
    expect(accepts(GOOD.replace('NOOP', '"NO""OP"'))).toBe(true);
  });

  it('leaves to the slow way a time stamp, a number or an event that is none', () => {
    for (const [from, to] of [
      ['.000Z', 'Z'],
      ['.000Z', '.0000Z'],
      ['2026-11', '2026-13'],
      ['2026-11', '2026-1x'],
      ['T08', 'T24'],
      [',7,', ',,'],
      [',7,', ',-7,'],
      [',7,', ',7x,'],
      [',7,', ',1234567890,'],
      [',<,', ',,'],
      [',<,', ',<<,'],
      [',<,', ',?,'],
    ] as const)
      expect(accepts(GOOD.replace(from, to)), `${from} → ${to}`).toBe(false);
  });

  it('takes an empty field in quotes', () => {
    expect(scanned(Buffer.from(GOOD.replace('NOOP', '""')))!.data).toBe('');
  });

  it('never looks behind the end of the line', () => {
    expect(accepts(`${GOOD}"`)).toBe(false);
    expect(scanned(Buffer.from(`${GOOD}"a"`))!.context).toBe('a');
  });

  it('finds the end of the line', () => {
    for (const lineEnd of ['\n', '\r\n'] as const) {
      expect(all(scannedUpTo(Buffer.from(GOOD), lineEnd)!)).toEqual(all(scanned(Buffer.from(GOOD))!));
      expect(scannedUpTo(Buffer.from(`${GOOD}"a,""b"`), lineEnd)!.context).toBe('a,"b');
      expect(scannedUpTo(Buffer.from(`${GOOD}a\rb`), lineEnd)!.context).toBe('a\rb');
      expect(scannedUpTo(Buffer.from(`${GOOD}"a`), lineEnd)).toBeUndefined();
      expect(scannedUpTo(Buffer.from('2026-11-02T08:02:00.000Z'), lineEnd)).toBeUndefined();
      expect(scannedUpTo(Buffer.from('2026-11-02T08'), lineEnd)).toBeUndefined();
    }
  });

  it('follows the order of the columns', () => {
    const order = { column: [8, 7, 6, 5, 4, 3, 2, 1, 0], count: 9 };
    const line = '"a ""b"", c",NOOP,<,10.0.20.12:50111,10.0.0.5:25,7,08DE19A1B2C3D401,EX01\\D,2026-11-02T08:02:00.000Z';
    expect(scanned(Buffer.from(line), order)).toMatchObject({ at: ROW.at, sequence: 7, data: 'NOOP', context: 'a "b", c' });
    expect(accepts(line)).toBe(false);
  });

  it('passes over columns that are not ours', () => {
    const order = { column: [0, 1, 2, 3, 4, 5, 6, 7, 40], count: 41 };
    const line = `${GOOD}${',"x""y"'.repeat(31)},"the ""context"""`;
    expect(scanned(Buffer.from(line), order)).toMatchObject({ data: 'NOOP', context: 'the "context"' });
  });
});

// --- properties ---------------------------------------------------------------------------------------------------

/** Bytes that matter to a scanner, more often than others; never LF, which ends a line. */
const byte = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...Buffer.from('",\0\r\\ ;#\t')) },
  { weight: 3, arbitrary: fc.integer({ min: 0x80, max: 0xff }) },
  { weight: 3, arbitrary: fc.integer({ min: 0x20, max: 0x7e }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 0xff }).filter((value) => value !== 0x0a) },
);
const text = fc.array(byte, { maxLength: 12 }).map((bytes) => Buffer.from(bytes).toString('latin1'));
const quoted = (field: string) => `"${field.replaceAll('"', '""')}"`;
const field = fc.oneof(
  text.map((value) => value.replace(/[",]/g, '')),
  text.map(quoted),
  text.map((value) => quoted(value.repeat(3))),
  { weight: 1, arbitrary: text },
);
const place = <T>(value: T) => fc.oneof({ weight: 9, arbitrary: fc.constant(value) }, { weight: 1, arbitrary: field });
const line = fc
  .tuple(
    place('2026-11-02T08:02:00.000Z'),
    field,
    field,
    fc.oneof({ weight: 9, arbitrary: fc.nat().map(String) }, field),
    field,
    field,
    fc.oneof({ weight: 9, arbitrary: fc.constantFrom('+', '-', '<', '>', '*', '"*"') }, field),
    field,
    field,
  )
  .map((fields) => Buffer.from(fields.join(','), 'latin1'));

const rows = fc.record({
  at: fc.integer({ min: 0, max: Date.UTC(9999, 11, 31) }),
  connector: fc.string({ unit: 'grapheme' }),
  sessionId: fc.stringMatching(/^[0-9A-F]{16}$/),
  sequence: fc.nat({ max: 999_999_999 }),
  localEndpoint: fc.string(),
  remoteEndpoint: fc.string(),
  event: fc.constantFrom('+', '-', '>', '<', '*'),
  data: fc.string({
    unit: fc.oneof(fc.constantFrom('"', ',', '\r', '\n', '\\', '\0', ' '), fc.string({ unit: 'grapheme', maxLength: 1 })),
  }),
  context: fc.string({ unit: 'binary' }),
});

describe('the fast way and the slow way', () => {
  it('agree on every line that the fast one takes', () => {
    let taken = 0;
    fc.assert(
      fc.property(line, (bytes) => {
        const fast = scanned(bytes);
        const framed = scannedUpTo(bytes, '\r\n');
        expect(framed && all(framed)).toEqual(fast && all(fast));
        if (!fast) return;
        taken++;
        const slow = new RowView();
        expect(readSlowly(slow, bytes, 0, bytes.length)).toBeUndefined();
        expect(all(slow)).toEqual(all(fast));
      }),
      { numRuns: 3000 },
    );
    expect(taken).toBeGreaterThan(300);
  });

  it('agree whatever the order of the columns', () => {
    const columns = fc.integer({ min: 9, max: 14 }).chain((count) =>
      fc.record({
        count: fc.constant(count),
        column: fc.shuffledSubarray([...Array(count).keys()], { minLength: 9, maxLength: 9 }),
        fields: fc.array(field, { minLength: count, maxLength: count }),
        event: fc.constantFrom('+', '-', '<', '>', '*'),
      }),
    );
    fc.assert(
      fc.property(columns, ({ count, column, fields, event }) => {
        fields[column[0]!] = '2026-11-02T08:02:00.000Z';
        fields[column[3]!] = '42';
        fields[column[6]!] = event;
        const bytes = Buffer.from(fields.join(','), 'latin1');
        const fast = scanned(bytes, { column, count });
        if (!fast) return;
        const slow = new RowView();
        expect(readSlowly(slow, bytes, 0, bytes.length, { column, count })).toBeUndefined();
        expect(all(slow)).toEqual(all(fast));
      }),
      { numRuns: 500 },
    );
  });
});

describe('what the writer wrote', () => {
  it('comes back from the scanner, line breaks as two characters', () => {
    const oneLine = (value: string) => value.replaceAll('\r', '\\r').replaceAll('\n', '\\n');
    fc.assert(
      fc.property(rows, (row) => {
        const written = formatRow(row);
        expect(written.indexOf('\n')).toBe(written.length - 1);
        const view = scanned(Buffer.from(written.slice(0, -2)));
        expect(view && all(view)).toEqual({
          at: row.at,
          sequence: row.sequence,
          event: row.event.charCodeAt(0),
          fields: [
            new Date(row.at).toISOString(),
            oneLine(row.connector),
            row.sessionId,
            String(row.sequence),
            oneLine(row.localEndpoint),
            oneLine(row.remoteEndpoint),
            row.event,
            oneLine(row.data),
            oneLine(row.context),
          ],
        });
      }),
      { numRuns: 1000 },
    );
  });
});
