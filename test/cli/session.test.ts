/** `session`: finding one, its rows byte for byte; and errors that are a line and a hint. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { fixtureFiles } from '../../fixtures/log-files.ts';
import { story } from '../../fixtures/story.ts';
import { formatHeader, formatRow } from '../../src/protocol-log/writer.ts';
import { logText } from '../harness.ts';
import { databaseOf, relaylens } from './console.ts';

const REFUSED = '08DE19A1B2C3D408';
const BATCH = '08DE19A1B2C3D41B';

const files = fixtureFiles();
const rowsOf = (sessionId: string): string =>
  Object.keys(files)
    .sort()
    .flatMap((name) => (files[name] ?? '').split(/(?<=\r\n)/))
    .filter((line) => line.split(',')[2] === sessionId)
    .join('');

describe('in the logs of the organisation', () => {
  const ask = databaseOf();

  it('is found by its id, by the session-id of the log, and in small letters', async () => {
    const { sessions } = await ask.json('sessions', '--source', '10.0.20.12', '--limit', '0');
    const { id } = sessions[0];
    for (const wanted of [id, id.toLowerCase(), REFUSED, REFUSED.toLowerCase(), ` ${REFUSED} `])
      expect(await ask.json('session', wanted), wanted).toMatchObject({ id, sessionId: REFUSED });
  });

  it.each(['08DE19A1B2C3D4FF', `${REFUSED}-0000`, 'MFP-02', '', "' OR 1=1 --", '%'])(
    '%j is no session: a line and a hint',
    async (id) => {
      const { code, out, err } = await ask('session', id);
      expect({ code, out }).toEqual({ code: 2, out: '' });
      expect(err.trim().split('\n').length).toBeLessThanOrEqual(2);
      expect(err).toContain(id);
      expect(err).not.toMatch(/^ {4}at /m);
    },
  );

  test('--raw prints the rows byte for byte', async () => {
    const { out, err, code } = await ask('session', BATCH, '--raw');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toBe(rowsOf(BATCH));
    expect(out.split('\r\n').length - 1).toBe(27);
  });

  test('--raw --out writes them to the file, and nothing on the screen', async () => {
    const path = ask.path('rows.log');
    const { out } = await ask('session', REFUSED, '--raw', '--out', path);
    expect({ out, written: existsSync(path) && readFileSync(path, 'utf8') }).toEqual({ out: '', written: rowsOf(REFUSED) });
  });

  test('events name the file and the line where the row stands', async () => {
    const { events } = (await ask.json('session', BATCH)) as { events: { file: string; line: number; sequence: number }[] };
    for (const { file, line, sequence } of events) {
      const row = readFileSync(file, 'utf8').split('\r\n')[line - 1] ?? '';
      expect(row.split(',').slice(2, 4)).toEqual([BATCH, String(sequence)]);
    }
  });

  test('--format csv gives the rows of the session, one a line', async () => {
    const { out } = await ask('session', REFUSED, '--format', 'csv');
    const lines = out.trimEnd().split('\r\n');
    expect(lines[0]).toBe('at,sequence,event,data,context,file,line');
    expect(lines).toHaveLength(1 + 13);
  });

  test('a database that is not there is a line and a hint, and is not made', async () => {
    const path = ask.path('nowhere.db');
    for (const command of [
      ['sessions'],
      ['session', REFUSED],
      ['sources'],
      ['connectors'],
      ['sql', 'SELECT 1'],
      ['export', 'events'],
    ]) {
      const { code, out, err } = await relaylens([...command, '--db', path]);
      expect({ command, code, out, lines: err.trim().split('\n').length }).toEqual({ command, code: 2, out: '', lines: 2 });
      expect(existsSync(path)).toBe(false);
    }
  });

  test('a file to write to that cannot be written is a line and a hint', async () => {
    const { code, err } = await ask('sessions', '--out', ask.path('no/such/folder/x.txt'));
    expect({ code, lines: err.trim().split('\n').length }).toEqual({ code: 2, lines: 2 });
  });
});

describe('with rows in two files', () => {
  const rows = story({}, '+\n> {banner}\n< EHLO app\n> {hello}\n< QUIT\n- | Local');
  const ask = databaseOf(() => ({
    'EX01/RECV2026110208-1.LOG': logText(rows.slice(0, 4)),
    'EX01/RECV2026110209-1.LOG': logText(rows.slice(4)),
  }));

  test('--raw joins them, events name the file of each', async () => {
    expect((await ask('session', '08DE19A1B2C3D401', '--raw')).out).toBe(rows.map(formatRow).join(''));
    const { events } = (await ask.json('session', '08DE19A1B2C3D401')) as { events: { file: string; line: number }[] };
    expect(events.map(({ file, line }) => `${file.slice(-16)}:${line}`)).toEqual([
      '2026110208-1.LOG:6',
      '2026110208-1.LOG:7',
      '2026110208-1.LOG:8',
      '2026110208-1.LOG:9',
      '2026110209-1.LOG:6',
      '2026110209-1.LOG:7',
    ]);
  });

  test('text names both files', async () => {
    const { out } = await ask.on({ width: 400 })('session', '08DE19A1B2C3D401');
    expect(out).toMatch(/RECV2026110208-1\.LOG[\s\S]*RECV2026110209-1\.LOG/);
  });
});

describe('with the same session-id in two logs', () => {
  const again = { sessionId: REFUSED };
  const ask = databaseOf(() => ({
    'EX01/FrontEnd/ProtocolLog/SmtpReceive/RECV2026110208-1.LOG': logText(story(again, '+\n> {banner}\n- | Local')),
    'EX02/FrontEnd/ProtocolLog/SmtpReceive/RECV2026110208-1.LOG': logText(
      story(
        { ...again, connector: 'EX02\\Default Frontend EX02', remote: '10.0.20.99:1' },
        '+\n> {banner}\n< EHLO other\n- | Local',
      ),
    ),
  }));

  it('lists the candidates and ends with 2', async () => {
    const { code, out, err } = await ask('session', REFUSED);
    expect(code).toBe(2);
    expect(err.trim().split('\n')).toHaveLength(1);
    expect(out).toContain('10.0.20.12');
    expect(out).toContain('10.0.20.99');
  });

  it('lists them as JSON too, and each by its own id is one', async () => {
    const { code, out } = await ask('session', REFUSED.toLowerCase(), '--format', 'json');
    expect(code).toBe(2);
    const { sessions } = JSON.parse(out) as { sessions: { id: string; remoteEndpoint: string }[] };
    expect(sessions.map(({ remoteEndpoint }) => remoteEndpoint).sort()).toEqual(['10.0.20.12:50111', '10.0.20.99:1']);
    for (const { id, remoteEndpoint } of sessions) expect(await ask.json('session', id)).toMatchObject({ id, remoteEndpoint });
  });
});

describe('with rows that are not as the writer makes them', () => {
  const good = story({}, '+\n> {banner}\n< EHLO app').map(formatRow);
  const odd = [
    // Bytes that are not UTF-8; a quoted field that needs no quotes; a comma in quotes; blanks at the end.
    Buffer.from(
      '2026-11-02T08:02:01.000Z,EX01\\Default Frontend EX01,08DE19A1B2C3D401,3,10.0.0.5:25,10.0.20.12:50111,<,MAIL FROM:<m\xfcller@contoso.example>,\r\n',
      'latin1',
    ),
    Buffer.from(
      '2026-11-02T08:02:02.000Z,EX01\\Default Frontend EX01,08DE19A1B2C3D401,4,10.0.0.5:25,10.0.20.12:50111,>,"250 2.1.0 Sender OK",\r\n',
    ),
    Buffer.from(
      '2026-11-02T08:02:03.000Z,EX01\\Default Frontend EX01,08DE19A1B2C3D401,5,10.0.0.5:25,10.0.20.12:50111,<,"X ""a"", b",  \r\n',
    ),
  ];
  const rows = Buffer.concat([Buffer.from(good.join('')), ...odd]);
  const ask = databaseOf(() => ({
    [join('EX01', 'RECV2026110208-1.LOG')]: Buffer.concat([Buffer.from(formatHeader({ direction: 'receive', at: 0 })), rows]),
  }));

  test('--raw still gives them byte for byte', async () => {
    const { bytes } = await ask('session', '08DE19A1B2C3D401', '--raw');
    expect(bytes.toString('latin1')).toBe(rows.toString('latin1'));
  });

  test('text and JSON still show every one', async () => {
    const { events } = await ask.json('session', '08DE19A1B2C3D401');
    expect(events).toHaveLength(6);
    expect(events[5]).toMatchObject({ data: 'X "a", b' });
    expect((await ask('session', '08DE19A1B2C3D401')).code).toBe(0);
  });
});
