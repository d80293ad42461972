/** Sessions as they are written: every row once, of the clients that were asked for. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { story } from '../../fixtures/story.ts';
import { formatHeader, formatRow, type LogRow } from '../../src/protocol-log/writer.ts';
import { type GrownSession, LiveSessions } from '../../src/queries/live-sessions.ts';
import { ingestFiles, logText, writeFiles } from '../harness.ts';
import { DELIVERED, GREETED, QUIT, REFUSED } from '../ingest/two-servers.ts';

const FOLDER = 'EX01/FrontEnd/ProtocolLog/SmtpReceive';
const NAME = `${FOLDER}/RECV2026110208-1.LOG`;
const header = formatHeader({ direction: 'receive', at: Date.parse('2026-11-02T08:00:09.000Z') });
const rows = story({}, GREETED + DELIVERED + QUIT);
const text = (some: readonly LogRow[]): string => some.map(formatRow).join('');
const log = (...some: (readonly LogRow[])[]): string => header + some.map(text).join('');
const numbers = (grown: readonly GrownSession[]): number[][] => grown.map(({ events }) => events.map(({ sequence }) => sequence));

/** A store with these files, and what has come in it since. */
async function live(files: Readonly<Record<string, string>>, source?: string) {
  const store = await ingestFiles(files);
  const sessions = new LiveSessions(store.db, source);
  return {
    ...store,
    sessions,
    /** Writes a file, reads it, and asks. */
    after: async (name: string, content: string) => {
      writeFiles(store.folder, { [name]: content });
      await store.again();
      return sessions.take();
    },
  };
}

describe('the rows of a live session', () => {
  it('are given as they come, and its end is said', async () => {
    const { after, folder } = await live({ [NAME]: log(rows.slice(0, 2)) });
    const [grown] = await after(NAME, log(rows.slice(0, 4)));
    expect(grown).toMatchObject({ session: { outcome: 'open', rows: 4, source: '10.0.20.12' }, ended: false });
    expect(grown?.events).toMatchObject([
      { sequence: 2, event: '<', data: 'EHLO mfp-02', file: join(folder, NAME), line: 8 },
      { sequence: 3, event: '>', line: 9 },
    ]);
    const [done] = await after(NAME, log(rows));
    expect(done).toMatchObject({ session: { outcome: 'accepted', rows: rows.length }, ended: true });
    expect(done?.events).toHaveLength(rows.length - 4);
  });

  it('are not given when they were there before', async () => {
    const { sessions } = await live({ [NAME]: log(rows) });
    expect(sessions.take()).toEqual([]);
  });

  it('are given once, also when a session is built anew', async () => {
    const other = story({ sessionId: '08DE19A1B2C3D402', at: '2026-11-02T08:05:00.000Z' }, GREETED);
    const { after, sessions } = await live({});
    expect(numbers(await after(NAME, log(rows)))).toEqual([rows.map(({ sequence }) => sequence)]);
    expect(sessions.take()).toEqual([]);
    expect(numbers(await after(NAME, log(rows, other)))).toEqual([other.map(({ sequence }) => sequence)]);
    // Rows that were missing in between come late; a copy of the log brings nothing.
    expect(await after(`${FOLDER}/copy.LOG`, logText([...rows, ...other].reverse()))).toEqual([]);
  });

  it('that come late are given alone', async () => {
    const { after } = await live({});
    await after(NAME, log(rows.slice(0, 3), rows.slice(5)));
    expect(numbers(await after(`${FOLDER}/late.LOG`, log(rows.slice(3, 5))))).toEqual([[3, 4]]);
  });

  it('are not given before their line is whole', async () => {
    const { after } = await live({ [NAME]: log(rows.slice(0, 2)) });
    // Without its last field's end the line looks complete.
    expect(numbers(await after(NAME, log(rows.slice(0, 4)).trimEnd()))).toEqual([[2]]);
    expect(numbers(await after(NAME, log(rows.slice(0, 5))))).toEqual([[3, 4]]);
  });

  it('go on in the next file', async () => {
    const { after } = await live({ [NAME]: log(rows.slice(0, 5)) });
    expect(numbers(await after(`${FOLDER}/RECV2026110209-1.LOG`, log(rows.slice(5))))).toEqual([
      rows.slice(5).map(({ sequence }) => sequence),
    ]);
  });

  it('belong to the second session when the sequence begins anew', async () => {
    const again = story({ at: '2026-11-02T08:20:00.000Z' }, GREETED);
    const { after } = await live({});
    const [first] = await after(NAME, log(rows));
    const grown = await after(NAME, log(rows, again));
    expect(numbers(grown)).toEqual([again.map(({ sequence }) => sequence)]);
    expect(grown[0]?.session.id).not.toBe(first?.session.id);
  });

  it('are not given again when another log comes to name the server', async () => {
    const send = story(
      { direction: 'send', connector: 'Internet', local: '10.0.0.5:61000', remote: '203.0.113.9:25' },
      '* | attempting to connect\n+\n< 220 mx.fabrikam.example',
    );
    const { after } = await live({});
    const [grown] = await after('EX01/FrontEnd/ProtocolLog/SmtpSend/SEND2026110208-1.LOG', logText(send, 'send'));
    expect(grown?.session.server).toBe('');
    expect((await after(NAME, log(rows))).map(({ session }) => session.direction)).toEqual(['receive']);
  });
});

describe('of the clients', () => {
  const other = story({ sessionId: '08DE19A1B2C3D402', remote: '10.0.30.7:50111' }, GREETED + REFUSED + QUIT);
  const behind = story(
    {
      sessionId: '08DE3333B2C3D401',
      connector: 'EX01\\Default EX01',
      local: '10.0.0.5:2525',
      remote: '10.0.0.5:61000',
      at: '2026-11-02T08:01:00.000Z',
    },
    `${GREETED}
    < XPROXYFROM SID=08DE19A1B2C3D402 IP=10.0.30.7 PORT=50111 DOMAIN=app SEQNUM=1 PERMS=1073 AUTHSRC=Anonymous
    > 250 XProxyFrom accepted${DELIVERED}`,
  );
  const HUB = 'EX01/Hub/ProtocolLog/SmtpReceive/RECV2026110208-1.LOG';

  it.each([
    ['10.0.30.7', ['08DE19A1B2C3D402', '08DE3333B2C3D401']],
    ['10.0.20.0/24', [rows[0].sessionId]],
    ['10.0.20.1-10.0.20.255', [rows[0].sessionId]],
    ['10.0.99.1', []],
    [undefined, [rows[0].sessionId, '08DE19A1B2C3D402', '08DE3333B2C3D401']],
  ])('%s is given', async (source, expected) => {
    const { sessions, folder, again } = await live({}, source);
    writeFiles(folder, { [NAME]: log(rows, other), [HUB]: log(behind) });
    await again();
    expect(
      sessions
        .take()
        .map(({ session }) => session.sessionId)
        .sort(),
    ).toEqual([...expected].sort());
  });
});
