/** Logs as they lie on servers: hourly files, several servers, receive and send side by side. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { story } from '../../fixtures/story.ts';
import { ingest } from '../../src/ingest/ingest.ts';
import { formatRow } from '../../src/protocol-log/writer.ts';
import { listSessions } from '../../src/queries/session-list.ts';
import { ingestFiles, logText, temporaryDatabase, temporaryFolder, writeFiles } from '../harness.ts';
import { contents } from './contents.ts';
import { DELIVERED, GREETED, QUIT, REFUSED, TWO_SERVERS } from './two-servers.ts';

const FRONT = 'EX01/FrontEnd/ProtocolLog/SmtpReceive';
const hourly = (hour: string): string => `${FRONT}/RECV20261102${hour}-1.LOG`;

/** The orders of three. */
const ORDERS = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
];

describe('hourly files', () => {
  it('may begin with rows stamped before their hour', async () => {
    const before = story({ at: '2026-11-02T08:59:51.000Z' }, GREETED + DELIVERED + QUIT);
    const after = story({ sessionId: '08DE19A1B2C3D402', at: '2026-11-02T09:00:02.000Z' }, GREETED + REFUSED + QUIT);
    const { sessions, result } = await ingestFiles({ [hourly('09')]: logText([...before, ...after]) });
    expect(result.anomalies).toEqual({});
    expect(sessions.map(({ startedAt }) => startedAt)).toEqual(['2026-11-02T08:59:51.000Z', '2026-11-02T09:00:02.000Z']);
  });

  it('may each hold a part of one session, and come in any order', async () => {
    const rows = story(
      { at: '2026-11-02T08:59:59.900Z' },
      `${GREETED}${DELIVERED}\n@3600000 < NOOP\n> 250 2.0.0 OK${DELIVERED}${QUIT}`,
    );
    const part = (hour: string) => rows.filter(({ at }) => new Date(at).toISOString().slice(11, 13) === hour);
    const files = ['08', '09', '10'].map((hour) => ({ name: hourly(hour), content: logText(part(hour)) }));
    const whole = await ingestFiles({ [hourly('08')]: logText(rows) });
    expect(whole.sessions).toMatchObject([{ outcome: 'accepted', messagesAccepted: 2, rows: rows.length }]);
    for (const order of ORDERS) {
      const folder = temporaryFolder();
      const db = temporaryDatabase(folder);
      for (const index of order) {
        writeFiles(folder, { [files[index].name]: files[index].content });
        await ingest(db, [join(folder, files[index].name)]);
      }
      expect(contents(db)).toEqual(contents(whole.db));
    }
  });

  it('give evidence from the file in which each row stands', async () => {
    const rows = story({ at: '2026-11-02T08:59:59.960Z' }, GREETED + QUIT);
    const { detail, folder } = await ingestFiles({
      [hourly('09')]: logText(rows.slice(3)),
      [hourly('08')]: logText(rows.slice(0, 3)),
    });
    expect(detail('08DE19A1B2C3D401').events.map(({ file, line }) => `${file} ${line}`)).toEqual([
      ...[6, 7, 8].map((line) => `${join(folder, hourly('08'))} ${line}`),
      ...[6, 7, 8, 9].map((line) => `${join(folder, hourly('09'))} ${line}`),
    ]);
  });

  it('of instance 10 come after those of instance 2, though not by their names', async () => {
    const rows = story({}, GREETED + DELIVERED + QUIT);
    const { sessions, result } = await ingestFiles({
      [`${FRONT}/RECV2026110208-10.LOG`]: logText(rows.slice(7)),
      [`${FRONT}/RECV2026110208-2.LOG`]: logText(rows.slice(0, 7)),
    });
    expect(result).toMatchObject({ newSessions: 1, duplicateRows: 0 });
    expect(sessions).toMatchObject([{ outcome: 'accepted', rows: rows.length }]);
  });
});

describe('the same session-id', () => {
  it('on two servers is two sessions', async () => {
    const { sessions } = await ingestFiles({
      'EX01/RECV2026110208-1.LOG': logText(story({}, GREETED + DELIVERED + QUIT)),
      'EX02/RECV2026110208-1.LOG': logText(story({ connector: 'EX02\\Default Frontend EX02' }, GREETED + REFUSED + QUIT)),
    });
    expect(sessions.map(({ server, outcome }) => `${server} ${outcome}`).sort()).toEqual(['EX01 accepted', 'EX02 refused']);
    expect(new Set(sessions.map(({ id }) => id)).size).toBe(2);
  });

  it('in the receive and in the send log of a server is two sessions', async () => {
    const { sessions } = await ingestFiles({
      [`${FRONT}/RECV2026110208-1.LOG`]: logText(story({}, GREETED + QUIT)),
      'EX01/FrontEnd/ProtocolLog/SmtpSend/SEND2026110208-1.LOG': logText(
        story(
          { direction: 'send', connector: 'Client Proxy Send Connector' },
          '* | attempting to connect\n+\n< {banner}\n- | Local',
        ),
        'send',
      ),
    });
    expect(sessions.map(({ server, direction }) => `${server} ${direction}`).sort()).toEqual(['EX01 receive', 'EX01 send']);
    expect(new Set(sessions.map(({ id }) => id)).size).toBe(2);
  });

  it('again, with a sequence that starts anew later, is two sessions', async () => {
    const { sessions } = await ingestFiles({
      [hourly('08')]: logText([
        ...story({}, GREETED + DELIVERED + QUIT),
        ...story({ at: '2026-11-02T08:20:00.000Z' }, GREETED + REFUSED + QUIT),
      ]),
    });
    expect(sessions.map(({ outcome }) => outcome)).toEqual(['accepted', 'refused']);
    expect(new Set(sessions.map(({ id }) => id)).size).toBe(2);
  });
});

describe('a log', () => {
  const [, , hub] = TWO_SERVERS;

  it('has its service from its folder', async () => {
    const { sessions } = await ingestFiles({ [`${hub.folder}/RECV2026110208-1.LOG`]: logText(hub.rows) });
    expect(new Set(sessions.map(({ service }) => service))).toEqual(new Set(['Hub']));
  });

  it('has its service from the port where no folder tells', async () => {
    const rows = [25, 2525, 475].flatMap((port, index) =>
      story(
        {
          connector: 'EX01\\Relay',
          local: `10.0.0.5:${port}`,
          sessionId: `08DE19A1B2C3D40${index}`,
          at: `2026-11-02T08:0${index}:00.000Z`,
        },
        GREETED + QUIT,
      ),
    );
    const { sessions } = await ingestFiles({ 'copy/log.txt': logText(rows) });
    expect(sessions.map(({ service }) => service)).toEqual(['FrontEnd', 'Hub', 'Mailbox']);
  });

  it('can be given another service later', async () => {
    const store = await ingestFiles({ 'log.txt': logText(story({ connector: 'EX01\\Relay' }, GREETED + QUIT)) });
    expect(store.sessions.map(({ service }) => service)).toEqual(['FrontEnd']);
    await store.again([store.folder], { service: 'Hub' });
    expect(listSessions(store.db, {}).sessions.map(({ service }) => service)).toEqual(['Hub']);
  });

  it('can be given another direction later', async () => {
    const rows = story({ connector: 'Internet', direction: 'send' }, '+\n> QUIT\n- | Local');
    const store = await ingestFiles({ 'log.txt': rows.map(formatRow).join('') }, { direction: 'receive' });
    expect(store.sessions.map(({ direction }) => direction)).toEqual(['receive']);
    await store.again([store.folder], { direction: 'send' });
    expect(listSessions(store.db, {}).sessions.map(({ direction }) => direction)).toEqual(['send']);
  });

  it('has its direction from the header, else from its name, else from its folder, else from its rows', async () => {
    const sent = story({ connector: 'Internet', direction: 'send' }, '+\n> QUIT\n- | Local');
    const bare = sent.map(formatRow).join('');
    const directionOf = async (name: string, content: string) => (await ingestFiles({ [name]: content })).sessions[0].direction;
    expect(await directionOf('RECV2026110208-1.LOG', logText(sent, 'send'))).toBe('send');
    expect(await directionOf('SmtpReceive/SEND2026110208-1.LOG', bare)).toBe('send');
    expect(await directionOf('SmtpSend/log.txt', bare)).toBe('send');
    const told = story({ connector: 'Internet', direction: 'send' }, '+\n< 220 mx\n> EHLO ex01\n- | Local');
    expect(await directionOf('log.txt', told.map(formatRow).join(''))).toBe('send');
  });

  it('may hold the log of another server behind a second header', async () => {
    const [first, second] = TWO_SERVERS;
    const text = logText(first.rows) + logText(second.rows).replace('\uFEFF', '');
    const { sessions, result } = await ingestFiles({ 'both.log': text });
    const apart = await ingestFiles({
      'a/1.log': logText(first.rows),
      'b/1.log': logText(second.rows),
    });
    expect(result.anomalies).toEqual({});
    expect(sessions).toEqual(apart.sessions);
    expect(new Set(sessions.map(({ server }) => server))).toEqual(new Set(['EX01', 'EX02']));
  });

  it('may hold a send log behind a receive log', async () => {
    const [first, , , sent] = TWO_SERVERS;
    const { sessions } = await ingestFiles({ 'both.log': logText(first.rows) + logText(sent.rows, 'send') });
    expect(sessions.filter(({ direction }) => direction === 'send').map(({ sessionId }) => sessionId)).toEqual([
      sent.rows[0].sessionId,
    ]);
  });
});

it('lists sessions of both logs under the ids that they have alone', async () => {
  const [first, second] = TWO_SERVERS;
  const { db } = await ingestFiles({ 'a/1.log': logText(first.rows), 'b/1.log': logText(second.rows) });
  const alone = await ingestFiles({ 'x/other-name.log': logText(second.rows) });
  const ids = listSessions(db, { server: 'EX02' }).sessions.map(({ id }) => id);
  expect(ids).toEqual(alone.sessions.map(({ id }) => id));
});
