/** What is not a log, or no longer one, is named in one line with what to do; the rest is read. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import Sqlite from 'better-sqlite3';
import { beforeEach, describe, expect, it } from 'vitest';
import { story } from '../../fixtures/story.ts';
import { logText, temporaryFolder, writeFiles } from '../harness.ts';
import { type Run, relaylens } from './command-line.ts';
import { DELIVERED, GREETED, interleaved, QUIT } from './two-servers.ts';
import { zipOf } from './zip.ts';

const GOOD = logText(story({}, GREETED + DELIVERED + QUIT));

const TRACKING = [
  '#Software: Microsoft Exchange Server',
  '#Version: 15.01.2507.006',
  '#Log-type: Message Tracking Log',
  '#Date: 2026-11-02T08:00:00.113Z',
  '#Fields: date-time,client-ip,client-hostname,server-ip,server-hostname,source-context,connector-id,source,event-id,internal-message-id',
  '2026-11-02T08:00:03.120Z,10.0.20.12,mfp-02,10.0.0.5,EX01,08DE19A1B2C3D401;2026-11-02T08:00:02.000Z;0,EX01\\Default EX01,SMTP,RECEIVE,47111',
  '',
].join('\r\n');

const IIS = [
  '#Software: Microsoft Internet Information Services 10.0',
  '#Version: 1.0',
  '#Date: 2026-11-02 08:00:00',
  '#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) sc-status time-taken',
  '2026-11-02 08:00:01 10.0.0.5 POST /EWS/Exchange.asmx - 443 - 10.0.20.12 Test 200 31',
  '',
].join('\r\n');

const POP3 = [
  '#Software: Microsoft Exchange Server',
  '#Version: 15.01.2507.006',
  '#Log-type: POP3 Log',
  '#Date: 2026-11-02T08:00:00.113Z',
  '#Fields: dateTime,sessionId,seqNumber,sIp,cIp,user,duration,rqsize,rpsize,command,parameters,context',
  '2026-11-02T08:00:00.113Z,000000000000001A,0,10.0.0.5:110,10.0.20.12:50111,,0,0,49,OpenSession,,',
  '',
].join('\r\n');

const EXCEL = GOOD.replace(/"/g, '').replaceAll(',', ';');

let folder: string;
let logs: string;
let db: string;

beforeEach(() => {
  folder = temporaryFolder();
  logs = join(folder, 'logs');
  db = join(folder, 'test.db');
});

function ingestOf(files: Readonly<Record<string, string | Buffer>>): Run {
  writeFiles(logs, files);
  return relaylens('ingest', logs, '--db', db, '--format', 'json');
}

const linesOf = (text: string): string[] => text.split('\n').filter((line) => line !== '');

/** Exit code 2; one line that says what, at most one more that says what to do; no stack. */
function expectFailure(run: Run, what: RegExp): void {
  expect(run.err).toMatch(what);
  expect(run.err).not.toMatch(/\n\s+at |unexpected failure|node:internal/);
  expect(linesOf(run.err).length, run.err).toBeLessThanOrEqual(2);
  expect(run.code).toBe(2);
}

/** Every problem is one line. */
function expectLines(run: Run, ...lines: RegExp[]): void {
  expect(linesOf(run.err), run.err).toHaveLength(lines.length);
  for (const line of lines) expect(run.err).toMatch(line);
}

describe('a path', () => {
  it('that does not exist is named', () => {
    const run = relaylens('ingest', join(folder, 'nowhere'), '--db', db);
    expectFailure(run, /nowhere: no such file or folder/);
    expectLines(run, /./);
  });

  it('that does not exist keeps nothing else from being read', () => {
    writeFiles(logs, { 'a.log': GOOD });
    const run = relaylens('ingest', join(folder, 'nowhere'), logs, '--db', db, '--format', 'json');
    expect(run.code).toBe(0);
    expectLines(run, /nowhere: no such file or folder/);
    expect(JSON.parse(run.out)).toMatchObject({ newSessions: 1 });
  });

  it('that is an empty folder is named', () => {
    writeFiles(logs, { '.hidden': '' });
    const run = relaylens('ingest', logs, '--db', db);
    expectFailure(run, /logs: holds no files/);
    expectLines(run, /./);
  });

  it('is asked for where none is given and no Exchange is installed', () => {
    expectFailure(relaylens('ingest', '--db', db), /no logs named/);
  });
});

describe('a file', () => {
  it.each([
    ['message tracking', TRACKING, /Message Tracking Log/],
    ['IIS', IIS, /Internet Information Services/],
    ['POP3', POP3, /POP3 Log/],
  ])('that is a log of %s is named for what it is', (_, content, what) => {
    const run = ingestOf({ 'other.log': content });
    expectFailure(run, what);
    expectLines(run, /other\.log: not read/);
  });

  it('is named in one line for all of its kind', () => {
    const run = ingestOf({ 'a.log': TRACKING, 'b.log': TRACKING, 'c.log': IIS });
    expectFailure(run, /and 1 more/);
    expectLines(run, /Message Tracking/, /Internet Information/);
  });

  it('that Excel saved again with semicolons is named, with the way out', () => {
    const run = ingestOf({ 'RECV2026110208-1.LOG': EXCEL });
    expectFailure(run, /semicolons.*original/);
    expectLines(run, /./);
  });

  it('that Excel saved again without its header is named too', () => {
    const run = ingestOf({ 'RECV2026110208-1.LOG': EXCEL.split('\r\n').slice(5).join('\r\n') });
    expectFailure(run, /semicolons/);
  });

  it('that is no text is named', () => {
    expectFailure(ingestOf({ 'RECV2026110208-1.LOG': Buffer.alloc(5000) }), /RECV2026110208-1\.LOG: not read/);
  });

  it('that is bad does not keep the good one from being read', () => {
    const run = ingestOf({ 'good.log': GOOD, 'tracking.log': TRACKING });
    expect(run.code).toBe(0);
    expectLines(run, /tracking\.log: not read: Message Tracking Log/);
    expect(JSON.parse(run.out)).toMatchObject({ files: 1, newSessions: 1 });
  });

  it('that is good has nothing to be said about', () => {
    expect(ingestOf({ 'good.log': GOOD })).toMatchObject({ code: 0, err: '' });
  });
});

const half = (bytes: Buffer): Buffer => bytes.subarray(0, bytes.length >> 1);

describe('an archive', () => {
  const many = logText(
    interleaved(
      ...Array.from({ length: 400 }, (_, index) =>
        story(
          { sessionId: `08DE19A1B2C4${index.toString().padStart(4, '0')}`, remote: `10.0.21.1:${50000 + index}` },
          GREETED + QUIT,
        ),
      ),
    ),
  );

  it('in gzip that ends too early is named in a line', () => {
    const run = ingestOf({ 'RECV2026110208-1.LOG.gz': half(gzipSync(many)) });
    expectLines(run, /RECV2026110208-1\.LOG\.gz: the gzip ends too early/);
    expect(run.err).not.toMatch(/\n\s+at /);
  });

  it('in gzip that ends too early is read as far as it goes', () => {
    const run = ingestOf({ 'RECV2026110208-1.LOG.gz': half(gzipSync(many)) });
    expect(JSON.parse(run.out).newSessions).toBeGreaterThan(0);
    expect(run.code).toBe(0);
  });

  it('in gzip that ended too early is complete when it is copied again', () => {
    const whole = gzipSync(many);
    ingestOf({ 'RECV2026110208-1.LOG.gz': half(whole) });
    const run = ingestOf({ 'RECV2026110208-1.LOG.gz': whole });
    expect(run).toMatchObject({ code: 0, err: '' });
    expect(JSON.parse(run.out)).toMatchObject({ sessions: 400, problems: [], duplicateRows: 0 });
  });

  it('in zip that ends too early is named', () => {
    const whole = zipOf({ 'a/RECV2026110208-1.LOG': GOOD, 'b/RECV2026110208-1.LOG': many });
    const run = ingestOf({ 'logs.zip': half(whole) });
    expectFailure(run, /logs\.zip: .*(zip|truncated)/);
    expectLines(run, /./);
  });

  it('in gzip that ends too early is named inside a zip as well, and the entries behind it are read', () => {
    const servers = Array.from({ length: 10 }, (_, index) => `EX${index}`);
    const cut = gzipSync(GOOD).subarray(0, -9);
    const entries = servers.flatMap((server) => [
      [`${server}/RECV2026110208-1.LOG.gz`, cut] as const,
      [`${server}/RECV2026110209-1.LOG`, many.replaceAll('EX01', server)] as const,
    ]);
    const run = ingestOf({ 'logs.zip': zipOf(Object.fromEntries(entries)) });
    expectLines(
      run,
      ...servers.map((server) => new RegExp(`zip/${server}/RECV2026110208-1\\.LOG\\.gz: the gzip ends too early`)),
    );
    expect(JSON.parse(run.out)).toMatchObject({ files: 20 });
  });

  it('in zip that holds something else besides is read for its logs', () => {
    const run = ingestOf({ 'logs.zip': zipOf({ 'a/RECV2026110208-1.LOG': GOOD, 'readme.txt': 'Logs of EX01\n' }) });
    expect(run.code).toBe(0);
    expectLines(run, /logs\.zip\/readme\.txt: not read/);
    expect(JSON.parse(run.out)).toMatchObject({ files: 1, newSessions: 1 });
  });
});

describe('a database', () => {
  it('that is none is left alone', () => {
    writeFiles(folder, { 'test.db': 'these are notes\n'.repeat(100) });
    expectFailure(ingestOf({ 'a.log': GOOD }), /test\.db: not a database/);
    expect(readFileSync(db, 'utf8')).toBe('these are notes\n'.repeat(100));
  });

  it('of another program is left alone', () => {
    const other = new Sqlite(db);
    other.exec('CREATE TABLE notes (text TEXT)');
    other.close();
    expectFailure(ingestOf({ 'a.log': GOOD }), /test\.db: a database, but not one of relaylens/);
    expectFailure(relaylens('sessions', '--db', db), /not one of relaylens/);
  });

  it('of a newer relaylens is left alone', () => {
    expect(ingestOf({ 'a.log': GOOD }).code).toBe(0);
    const newer = new Sqlite(db);
    newer.pragma('user_version = 99');
    newer.close();
    expectFailure(relaylens('ingest', logs, '--db', db), /newer relaylens/);
    expectFailure(relaylens('sessions', '--db', db), /newer relaylens/);
  });

  it('in a folder that does not exist is not made', () => {
    expectFailure(relaylens('ingest', logs, '--db', join(folder, 'nowhere', 'test.db')), /folder of the database does not exist/);
    expectFailure(relaylens('sessions', '--db', join(folder, 'nowhere', 'test.db')), /no such database/);
  });

  it('that is a folder is named', () => {
    expectFailure(relaylens('ingest', logs, '--db', folder), /a folder, not a database/);
    expectFailure(relaylens('sources', '--db', folder), /a folder, not a database/);
  });

  it('that does not exist is not made by asking', () => {
    expectFailure(relaylens('sessions', '--db', db), /test\.db: no such database/);
  });
});

describe('an argument', () => {
  it('that is no option is named', () => {
    expectFailure(relaylens('sessions', '--colour'), /unknown option '--colour'/);
  });

  it.each(['', 'help', '--help'])('that is no command is named: %s', (help) => {
    const args = help === 'help' ? [help, 'frobnicate'] : ['frobnicate', ...(help ? [help] : [])];
    expectFailure(relaylens(...args), /unknown command 'frobnicate'/);
  });

  it('that is no time zone is named', () => {
    ingestOf({ 'a.log': GOOD });
    expectFailure(relaylens('sessions', '--db', db, '--tz', 'Europe/Atlantis'), /no such time zone/);
  });

  it.each(['yesteryear', '2026-13-45', '7d', '2026-11-02T25:00'])('that is no time is named: --since %s', (since) => {
    ingestOf({ 'a.log': GOOD });
    expectFailure(relaylens('sessions', '--db', db, '--since', since), /is no time/);
  });

  it('that is no outcome is named', () => {
    expectFailure(relaylens('sessions', '--db', db, '--outcome', 'failed'), /no outcome/);
  });
});
