/** A workbook holds numbers and times, and no text of it is ever a formula. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { fromBuffer } from 'yauzl';
import type { Column, Section, Table } from '../../src/document/document.ts';
import { cellString, SheetNames } from '../../src/render/sheet-text.ts';
import { MOST_ROWS, renderXlsx } from '../../src/render/xlsx.ts';
import { databaseOf } from '../cli/console.ts';
import { temporaryFolder } from '../harness.ts';
import { BERLIN, chart, days, series } from './chart/charts.ts';
import { document, everywhere, HOSTILE, markupSoup } from './everywhere.ts';

/** The files in a workbook, as text. */
function filesIn(bytes: Buffer): Promise<Map<string, string>> {
  return new Promise((resolve, reject) => {
    fromBuffer(bytes, { lazyEntries: true }, (error, zip) => {
      if (error) return reject(error);
      const files = new Map<string, string>();
      zip.on('entry', (entry) => {
        zip.openReadStream(entry, (failure, stream) => {
          if (failure) return reject(failure);
          const chunks: Buffer[] = [];
          stream.on('data', (chunk: Buffer) => chunks.push(chunk));
          stream.on('end', () => {
            files.set(entry.fileName, Buffer.concat(chunks).toString('utf8'));
            zip.readEntry();
          });
        });
      });
      zip.on('end', () => resolve(files));
      zip.readEntry();
    });
  });
}

async function book(sections: Section[], paint?: Parameters<typeof renderXlsx>[1]['paint']): Promise<Map<string, string>> {
  const made = await renderXlsx(document(...sections), { zone: BERLIN, paint });
  if (made.kind !== 'workbook') throw new Error(made.kind);
  return filesIn(made.bytes);
}

const FORMULAS = [
  '=1+1',
  '+2+3',
  '-4',
  '@SUM(A1)',
  "=cmd|' /C calc'!A0",
  '=HYPERLINK("http://evil.example","x")',
  '\t=1',
  '＝1+1',
  "'=1",
];
const column = (title: string, kind: Column['kind']): Column => ({ title, kind });
const table = (title: string, columns: Column[], rows: Table['rows']): Table => ({ kind: 'table', title, columns, rows });
/** Both sides of the hour that Berlin gives back. */
const TWICE = [Date.UTC(2026, 9, 25, 0, 30), Date.UTC(2026, 9, 25, 1, 30)];

const DEVICES = table(
  'Devices: [all]',
  [
    column('Device', 'text'),
    column('Messages', 'count'),
    column('Size', 'bytes'),
    column('At', 'time'),
    column('Day', 'day'),
    column('Took', 'duration'),
    column('Outside', 'share'),
    column('Trend', 'change'),
  ],
  [
    ...FORMULAS.map((text, index) => [text, index, 1e9, TWICE[0]!, TWICE[0]!, 1500, 0.125, -0.5]),
    ['00123', -3, 0, TWICE[1]!, null, null, null, 'new'],
  ],
);

describe('a workbook', () => {
  it('has a sheet for its words, and one for each table and chart, with its picture beside it', async () => {
    const one = chart({ kind: 'stacked', span: days(3), series: [series('a', 3)] }, { title: 'devices- -all-' });
    const files = await book([{ kind: 'text', text: 'a' }, DEVICES, one], () => ({
      png: Buffer.from('png'),
      width: 9,
      height: 9,
    }));
    const names = [...files.get('xl/workbook.xml')!.matchAll(/<sheet [^>]*name="([^"]*)"/g)].map(([, name]) => name);
    expect(names).toEqual(['Report', 'Devices- -all-', 'devices- -all- (2)']);
    expect([...files.keys()].filter((name) => name.startsWith('xl/media/'))).toHaveLength(1);
  });

  it('calls the sheet of a table without a title by the heading above it', async () => {
    const { title: _, ...untitled } = DEVICES;
    const files = await book([{ kind: 'heading', text: 'Devices: 455' }, untitled]);
    expect(files.get('xl/workbook.xml')).toContain('name="Devices 455"');
  });

  it('has numbers, and times as a clock of the zone shows them', async () => {
    const sheet = (await book([DEVICES])).get('xl/worksheets/sheet2.xml')!;
    const row = /<row r="2".*?<\/row>/s.exec(sheet)![0];
    const values = [...row.matchAll(/<c r="([A-Z])2"([^>]*)>(?:<v>([^<]*)<\/v>)?/g)].map(([, name, , value]) => [
      name,
      Number(value),
    ]);
    const halfPastTwo = 46320 + 2.5 / 24;
    expect(values.slice(1)).toEqual([
      ['B', 0],
      ['C', 1e9],
      ['D', expect.closeTo(halfPastTwo, 6)],
      ['E', 46320],
      ['F', 1.5],
      ['G', 0.125],
      ['H', -0.5],
    ]);
    expect(sheet).toMatch(/<pane ySplit="1"[^>]*state="frozen"/);
  });

  it('has no formula and no sign that XML forbids, whatever its texts are', async () => {
    const samples = fc.sample(fc.oneof(markupSoup, fc.string({ unit: 'binary' }), fc.constantFrom(...FORMULAS)), {
      numRuns: 40,
      seed: 3,
    });
    for (const text of [...HOSTILE.map(([, one]) => one), ...FORMULAS, ...samples]) {
      for (const [name, content] of await book(everywhere(text))) {
        expect(content).not.toMatch(/<f[ >/]/);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
        expect(`${name} ${/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/u.exec(content)?.[0]}`).toBe(
          `${name} undefined`,
        );
      }
    }
  });

  test('text that looks like an escape of the format stays as it is', () => {
    expect(cellString('a_x0041_b')).toBe('a_x005F_x0041_b');
    expect(cellString('\ud800 \u0000')).toBe('\ufffd ␀');
    expect(cellString('界'.repeat(40_000))).toHaveLength(32_767);
  });

  test('a table longer than a sheet is refused before anything is made', async () => {
    const long = table('Sessions', [column('n', 'count')], Array(MOST_ROWS).fill([1]));
    expect(await renderXlsx(document(long), { zone: BERLIN })).toEqual({ kind: 'too-long', title: 'Sessions', rows: MOST_ROWS });
  });
});

test('names of sheets are legal, and each stands once', () => {
  const title = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.constantFrom('', "'", 'History', 'a', 'A', 'x'.repeat(40), '[]:*?/\\', '\ud83d\ude00'.repeat(30)),
  );
  fc.assert(
    fc.property(fc.array(title, { maxLength: 20 }), (titles) => {
      const names = new SheetNames();
      const given = titles.map((one) => names.next(one));
      expect(new Set(given.map((one) => one.toLowerCase())).size).toBe(given.length);
      for (const name of given) {
        expect(name).toMatch(/^[^[\]/\\:*?']([^[\]/\\:*?]{0,29}[^[\]/\\:*?'])?$/);
        expect(name.toLowerCase()).not.toBe('history');
        expect(name).not.toMatch(/\p{Surrogate}/u);
      }
    }),
    { numRuns: 300, seed: 6 },
  );
});

describe('on the command line', () => {
  const ask = databaseOf();

  it('is made of any page, whole, into a file', async () => {
    const path = ask.path('sessions.xlsx');
    expect(await ask('sessions', '--format', 'xlsx', '--out', path)).toMatchObject({ code: 0, out: '', err: '' });
    const sheet = (await filesIn(readFileSync(path))).get('xl/worksheets/sheet2.xml')!;
    expect([...sheet.matchAll(/<row /g)]).toHaveLength(1 + 33);
  });

  it('of use has shares, trends and times as such, every device in a row', async () => {
    const path = ask.path('use.xlsx');
    const args = ['--since', '2026-11-02T09:00', '--until', '2026-11-02T10:00', '--tz', 'Europe/Berlin'];
    expect(await ask('report', ...args, '--format', 'xlsx', '--out', path)).toMatchObject({ code: 0, err: '' });
    const files = await filesIn(readFileSync(path));
    const names = [...files.get('xl/workbook.xml')!.matchAll(/<sheet [^>]*name="([^"]*)"/g)].map(([, name]) => name!);
    const texts = [...files.get('xl/sharedStrings.xml')!.matchAll(/<si>.*?<t[^>]*>([^<]*)<\/t>.*?<\/si>/gs)].map(
      ([, text]) => text!,
    );
    /** The values of a column of the sheet whose name begins so, below its title. */
    const column = (sheet: string, title: string): unknown[] => {
      const content = files.get(`xl/worksheets/sheet${1 + names.findIndex((name) => name.startsWith(sheet))}.xml`)!;
      const rows = [...content.matchAll(/<row .*?<\/row>/gs)].map(([row]) =>
        [...row.matchAll(/<c r="[A-Z]+\d+"([^>]*?)(?:\/>|>(?:<v>([^<]*)<\/v>)?<\/c>)/g)].map(([, style, value]) =>
          value === undefined ? null : style!.includes('t="s"') ? texts[Number(value)]! : Number(value),
        ),
      );
      expect(rows[0]).toContain(title);
      return rows.slice(1).map((row) => row[rows[0]!.indexOf(title)]);
    };
    const seen = [...column('Devices ', 'First seen'), ...column('Devices ', 'Last seen')];
    expect(seen.length).toBeGreaterThan(8);
    for (const at of seen) expect(Math.floor(at as number)).toBe(46328);
    const shares = column('TLS over time', 'Share') as number[];
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1);
  });

  it.each([
    [['sessions', '--format', 'xlsx'], '--format xlsx makes a file\nName it with --out'],
    [['sessions', '--format', 'xlsx', '--out', '/nowhere/x.xlsx'], '/nowhere/x.xlsx: cannot be written (ENOENT)'],
  ])('%j says in one line what is wrong', async (args, said) => {
    const { code, out, err } = await ask(...args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(said);
  });

  test('CSV as German Excel wants it, of pages and of exports', async () => {
    const csv = ['--format', 'csv', '--csv-separator', ';', '--csv-bom'];
    expect((await ask('sessions', ...csv)).out).toMatch(/^\ufeffid;sessionId;server;/);
    const exported = (await ask('export', 'sessions', ...csv)).out;
    expect(exported).toMatch(/^\ufeffid;sessionId;server;/);
    expect(exported.match(/\ufeff/g)).toHaveLength(1);
    expect((await ask('sessions', '--format', 'csv', '--csv-separator', 'x')).err).toContain('one of , ; | or tab');
  });
});

function hasOffice(): boolean {
  try {
    execFileSync('soffice', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

test.skipIf(!hasOffice())('LibreOffice opens it, reckons nothing, and reads the times', async () => {
  const folder = temporaryFolder();
  const made = await renderXlsx(document(DEVICES), { zone: BERLIN });
  if (made.kind !== 'workbook') throw new Error(made.kind);
  writeFileSync(join(folder, 'book.xlsx'), made.bytes);
  const filter = 'csv:Text - txt - csv (StarCalc):9,34,76,1,,0,false,true,false,false,false,2';
  const own = `-env:UserInstallation=file://${folder}/profile`;
  execFileSync('soffice', [own, '--headless', '--convert-to', filter, '--outdir', folder, join(folder, 'book.xlsx')], {
    stdio: 'ignore',
  });
  const lines = readFileSync(join(folder, 'book-Devices- -all-.csv'), 'utf8').split('\n');
  expect(lines.slice(1, 5)).toEqual(
    ['=1+1', '+2+3', '-4', '@SUM(A1)'].map(
      (text, index) => `${text}\t${index}\t1000000000\t2026-10-25 02:30:00\t2026-10-25\t1.5\t12.5%\t-50%`,
    ),
  );
  expect(lines[10]).toBe('00123\t-3\t0\t2026-10-25 02:30:00\t\t\t\tnew');
});
