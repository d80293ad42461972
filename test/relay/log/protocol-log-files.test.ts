import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { story } from '../../../fixtures/story.ts';
import type { LogRow } from '../../../src/protocol-log/writer.ts';
import { ProtocolLogFiles, type ProtocolLogSettings } from '../../../src/relay/log/protocol-log-files.ts';
import { ingestFiles, temporaryFolder } from '../../harness.ts';
import { ManualClock } from './manual-clock.ts';

const START = '2026-11-02T08:02:00.000Z';
const STORY = `
  +
  > {banner}
  < EHLO mfp-02
  > {hello SIZE 37748736, STARTTLS}
  < QUIT
  > 221 2.0.0 Service closing transmission channel
  - | Local`;

function opened(settings: Partial<ProtocolLogSettings> = {}) {
  const folder = settings.folder ?? join(temporaryFolder(), 'FrontEnd', 'ProtocolLog', 'SmtpReceive');
  const clock = (settings.clock as ManualClock | undefined) ?? new ManualClock(START);
  const reports: string[] = [];
  const log = new ProtocolLogFiles({
    direction: 'receive',
    series: 'hour',
    report: (line) => reports.push(line),
    ...settings,
    folder,
    clock,
  });
  const names = (): string[] => readdirSync(folder).sort();
  const bytes = (name = names()[0]!): Buffer => readFileSync(join(folder, name));
  return { log, folder, clock, reports, names, bytes };
}

const rows = (sessionId = '08DE19A1B2C3D401', at = START): LogRow[] => story({ sessionId, at }, STORY);
const addAll = (log: ProtocolLogFiles, given: readonly LogRow[]): void => given.forEach((row) => void log.add(row));
const row = (data: string, event: LogRow['event'] = '<'): LogRow => ({ ...rows()[0]!, event, data });

describe('a protocol log of the relay', () => {
  it('begins with one byte order mark and the header, dated when the file is made, and has CR LF alone', () => {
    const { log, clock, bytes, names } = opened();
    addAll(log, rows());
    clock.advance(1000);
    expect(names()).toEqual(['RECV2026110208-1.LOG']);
    const text = bytes().toString('utf8');
    expect(text.startsWith('\uFEFF#Software: Microsoft Exchange Server\r\n')).toBe(true);
    expect(text).toContain('#Date: 2026-11-02T08:02:01.000Z\r\n');
    expect(text.lastIndexOf('\uFEFF')).toBe(0);
    expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
    expect(text.endsWith('-,,Local\r\n')).toBe(true);
    log.close();
  });

  it('names files by day for 2013, and by direction', () => {
    const { log, names } = opened({ series: 'day', direction: 'send' });
    log.add(row('x'));
    log.close();
    expect(names()).toEqual(['SEND20261102-1.LOG']);
  });

  it('writes after the flush interval, not before', () => {
    const { log, clock, folder, names } = opened({ flushIntervalMs: 500 });
    mkdirSync(folder, { recursive: true });
    log.add(row('x'));
    clock.advance(499);
    expect(names()).toEqual([]);
    clock.advance(1);
    expect(names()).toHaveLength(1);
    expect(clock.due).toEqual([]);
    log.close();
  });

  it('writes at once what fills the buffer', () => {
    const { log, names } = opened({ bufferBytes: 1000 });
    for (let i = 0; i < 20; i++) log.add(row('x'.repeat(100)));
    expect(names()).toHaveLength(1);
    log.close();
  });

  it('keeps the order in which rows were given, whatever their time stamps', () => {
    const { log, bytes } = opened();
    const given = ['2026-11-02T08:05:00Z', '2026-11-02T08:01:00Z', '2026-11-02T08:03:00Z'].map((at, i) => ({
      ...row(`n${i}`),
      at: Date.parse(at),
    }));
    addAll(log, given);
    log.close();
    expect(
      [
        ...bytes()
          .toString()
          .matchAll(/,n(\d),/g),
      ].map((match) => match[1]),
    ).toEqual(['0', '1', '2']);
  });

  it('puts rows into the file of the hour in which they are written', () => {
    const { log, clock, names, bytes } = opened({ clock: new ManualClock('2026-11-02T08:59:59.500Z') });
    addAll(log, rows('08DE19A1B2C3D401', '2026-11-02T08:59:59.000Z'));
    clock.advance(1000);
    expect(names()).toEqual(['RECV2026110209-1.LOG']);
    expect(bytes().toString()).toContain('2026-11-02T08:59:59.000Z');
    clock.advance(3_600_000);
    log.add(row('later'));
    log.close();
    expect(names()).toEqual(['RECV2026110209-1.LOG', 'RECV2026110210-1.LOG']);
  });

  it('begins another instance only when the file is beyond the limit before a row', () => {
    const { log, names, bytes } = opened({ maxFileBytes: 1000 });
    for (let i = 0; i < 30; i++) log.add(row(`${i}`.padEnd(200, '.')));
    log.flush();
    const sizes = names().map((name) => bytes(name).length);
    expect(sizes.length).toBeGreaterThan(5);
    for (const size of sizes.slice(0, -1)) {
      expect(size).toBeGreaterThan(1000);
      expect(size).toBeLessThan(1400);
    }
    const all = Array.from({ length: sizes.length }, (_, i) => bytes(`RECV2026110208-${i + 1}.LOG`).toString()).join('');
    expect([...all.matchAll(/<,(\d+)\./g)].map((match) => Number(match[1]))).toEqual(Array.from({ length: 30 }, (_, i) => i));
    log.close();
  });

  it('goes on with the newest file of the series after a restart, without a second header', () => {
    const first = opened();
    for (const name of ['RECV2026110208-2.LOG', 'RECV2026110208-10.LOG', 'RECV2026110207-99.LOG', 'SEND2026110208-11.LOG']) {
      mkdirSync(first.folder, { recursive: true });
      writeFileSync(join(first.folder, name), 'before\r\n');
    }
    first.log.add(row('after'));
    first.log.close();
    expect(first.bytes('RECV2026110208-10.LOG').toString()).toMatch(/^before\r\n2026-.*,after,\r\n$/);
    expect(first.names()).toHaveLength(4);
  });

  it('leaves a file that is beyond the limit alone after a restart', () => {
    const { log, folder, names } = opened({ maxFileBytes: 100 });
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'RECV2026110208-3.LOG'), 'x'.repeat(101));
    log.add(row('x'));
    log.close();
    expect(names()).toEqual(['RECV2026110208-3.LOG', 'RECV2026110208-4.LOG']);
  });

  it('begins a new line behind a row that a killed run left in the middle', async () => {
    const before = opened();
    addAll(before.log, rows('08DE19A1B2C3D401').slice(0, 4));
    before.log.close();
    const [name] = before.names() as [string];
    appendFileSync(join(before.folder, name), '2026-11-02T08:02:09.000Z,EX01\\Default Fro');
    const after = opened({ folder: before.folder, clock: before.clock });
    addAll(after.log, rows('08DE19A1B2C3D402'));
    after.log.close();
    const { sessions, result } = await ingestFiles({ [name]: after.bytes() });
    expect(sessions.map(({ sessionId, rows: count }) => [sessionId, count])).toEqual([
      ['08DE19A1B2C3D401', 4],
      ['08DE19A1B2C3D402', 7],
    ]);
    expect(result.anomalies).toEqual({ unreadable: 1 });
  });

  it('writes a header into the empty file that a killed run left', () => {
    const { log, folder, bytes } = opened();
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'RECV2026110208-1.LOG'), '');
    log.add(row('x'));
    log.close();
    expect(bytes().toString()).toMatch(/^\uFEFF#Software/);
  });

  it('is read back without anomalies, session by session', async () => {
    const { log, names, bytes } = opened({ maxFileBytes: 3000 });
    const ids = Array.from({ length: 40 }, (_, i) => `08DE19A1B2C3D4${(i + 16).toString(16).toUpperCase()}`);
    const stories = ids.map((id) => rows(id));
    for (let i = 0; i < 7; i++) for (const one of stories) log.add(one[i]!);
    log.close();
    expect(names().length).toBeGreaterThan(3);
    const { sessions, result } = await ingestFiles(Object.fromEntries(names().map((name) => [name, bytes(name)])));
    expect(result.anomalies).toEqual({});
    expect(sessions).toHaveLength(40);
    expect(new Set(sessions.map(({ outcome, rows: count, disconnect }) => `${outcome} ${count} ${disconnect}`))).toEqual(
      new Set(['probe 7 Local']),
    );
  });
});

describe('octets of the client in the log', () => {
  const octets = Buffer.from(Array.from({ length: 256 }, (_, i) => i));

  it('are written byte for byte, line breaks and quotes aside', () => {
    const { log, bytes } = opened();
    log.add(row(octets.toString('latin1')));
    log.close();
    const line = bytes().subarray(bytes().indexOf('<,') + 2);
    const escaped = octets.toString('latin1').replace('\n', '\\n').replace('\r', '\\r').replace('"', '""');
    expect(line.toString('latin1')).toBe(`"${escaped}",\r\n`);
  });

  it('are UTF-8 again where the client sent UTF-8, while the connector is UTF-8 as text', () => {
    const { log, bytes } = opened();
    const sent = Buffer.from('MAIL FROM:<jürgen@пример.example>');
    log.add({ ...row(sent.toString('latin1')), connector: 'EX01\\Получение' });
    log.add({ ...row('jürgen', '*'), context: 'authenticated' });
    log.close();
    expect(bytes().includes(sent)).toBe(true);
    expect(bytes().toString()).toContain('EX01\\Получение,');
    expect(bytes().toString()).toContain('*,jürgen,authenticated\r\n');
  });

  it('that somebody decoded already are written as the text that they are', () => {
    const { log, bytes } = opened();
    log.add(row('EHLO почта'));
    log.close();
    expect(bytes().toString()).toContain('<,EHLO почта,\r\n');
  });
});

describe('a disk that does not play along', () => {
  it('is reported once, costs no row while there is memory for them, and is written when it can', () => {
    const base = temporaryFolder();
    const folder = join(base, 'log');
    writeFileSync(folder, 'a file where the folder should be');
    const { log, clock, reports, bytes } = opened({ folder });
    addAll(log, rows());
    clock.advance(5000);
    expect(reports).toEqual([expect.stringMatching(/^the receive protocol log in .* cannot be written: /)]);
    rmSync(folder);
    clock.advance(1000);
    expect(reports[1]).toMatch(/is written again; 0 rows were lost$/);
    log.close();
    expect(
      bytes()
        .toString()
        .match(/\r\n2026/g),
    ).toHaveLength(7);
  });

  it('costs the rows for which there is no memory, and says how many', () => {
    const folder = join(temporaryFolder(), 'log');
    writeFileSync(folder, '');
    const { log, clock, reports } = opened({ folder, maxWaitingBytes: 1000, bufferBytes: 500 });
    for (let i = 0; i < 100; i++) log.add(row('x'.repeat(100)));
    expect(log.lostRows).toBeGreaterThan(90);
    expect(reports).toHaveLength(1);
    rmSync(folder);
    clock.advance(1000);
    expect(reports[1]).toContain(`${log.lostRows} rows were lost`);
    log.close();
  });

  it.skipIf(process.platform === 'win32')('may take the folder away while it is written', () => {
    const { log, clock, folder, names } = opened();
    log.add(row('one'));
    clock.advance(1000);
    renameSync(folder, `${folder}-moved`);
    clock.advance(3_600_000);
    log.add(row('two'));
    clock.advance(1000);
    expect(names()).toEqual(['RECV2026110209-1.LOG']);
    log.close();
  });

  it.skipIf(process.platform === 'win32')('may lose the folder while it is written: a new one is made', () => {
    const { log, clock, folder, bytes } = opened();
    log.add(row('one'));
    clock.advance(1000);
    rmSync(folder, { recursive: true });
    log.add(row('two'));
    clock.advance(1000);
    expect(bytes().toString()).toMatch(/^\uFEFF#Software.*two,\r\n$/s);
    log.close();
  });

  it.skipIf(process.platform !== 'linux')('may be full: what waits is written when there is room', () => {
    const { log, clock, folder, reports, bytes } = opened();
    mkdirSync(folder, { recursive: true });
    symlinkSync('/dev/full', join(folder, 'RECV2026110208-1.LOG'));
    addAll(log, rows());
    clock.advance(3000);
    expect(reports).toEqual([expect.stringContaining('ENOSPC')]);
    rmSync(join(folder, 'RECV2026110208-1.LOG'));
    addAll(log, rows('08DE19A1B2C3D402'));
    clock.advance(1000);
    expect(reports).toHaveLength(2);
    expect(
      bytes()
        .toString()
        .match(/\r\n2026/g),
    ).toHaveLength(14);
    log.close();
  });

  it('never throws, not even at the end, and counts what is lost there', () => {
    const folder = join(temporaryFolder(), 'log');
    writeFileSync(folder, '');
    const { log } = opened({ folder });
    addAll(log, rows());
    log.close();
    log.add(row('too late'));
    expect(log.lostRows).toBe(8);
  });

  it.skipIf(process.platform === 'win32' || process.getuid?.() === 0)('takes the next instance where a file is locked', () => {
    const { log, folder, names } = opened();
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'RECV2026110208-1.LOG'), '');
    chmodSync(join(folder, 'RECV2026110208-1.LOG'), 0o444);
    log.add(row('x'));
    log.close();
    expect(names()).toContain('RECV2026110208-2.LOG');
  });
});

describe('old logs', () => {
  const make = (folder: string, files: Readonly<Record<string, number>>): void => {
    mkdirSync(folder, { recursive: true });
    for (const [name, size] of Object.entries(files)) writeFileSync(join(folder, name), 'x'.repeat(size));
  };

  it('go by the date in their name, when a new file is opened', () => {
    const { log, clock, folder, names } = opened();
    make(folder, { 'RECV2026100207-1.LOG': 10, 'RECV2026100309-1.LOG': 10, 'SEND2020010100-1.LOG': 10, 'notes.txt': 10 });
    log.add(row('x'));
    clock.advance(1000);
    expect(names()).toEqual(['RECV2026100309-1.LOG', 'RECV2026110208-1.LOG', 'SEND2020010100-1.LOG', 'notes.txt']);
    log.close();
  });

  it('go by the size of the folder, oldest first, -2 before -10, and never the current one', () => {
    const { log, clock, folder, names } = opened({ maxFolderBytes: 1000 });
    make(folder, { 'RECV2026110207-2.LOG': 600, 'RECV2026110207-10.LOG': 600 });
    log.add(row('x'));
    clock.advance(1000);
    expect(names()).toEqual(['RECV2026110207-10.LOG', 'RECV2026110208-1.LOG']);
    expect(statSync(join(folder, 'RECV2026110208-1.LOG')).size).toBeGreaterThan(100);
    log.close();
  });

  it('stay as long as no new file is opened', () => {
    const { log, clock, folder, names } = opened();
    log.add(row('x'));
    clock.advance(1000);
    make(folder, { 'RECV2019010100-1.LOG': 10 });
    log.add(row('x'));
    clock.advance(1000);
    expect(names()).toContain('RECV2019010100-1.LOG');
    log.close();
  });
});
