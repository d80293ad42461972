/** Send logs do not name their server: the logs beside them do, or the user. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { story } from '../../fixtures/story.ts';
import { listSessions } from '../../src/queries/session-list.ts';
import type { Database } from '../../src/store/database.ts';
import { ingestFiles, logText, writeFiles } from '../harness.ts';
import { contents } from './contents.ts';
import { GREETED, QUIT } from './two-servers.ts';

const received = (server = 'EX01') => logText(story({ connector: `${server}\\Default Frontend ${server}` }, GREETED + QUIT));
const sent = logText(
  story(
    {
      direction: 'send',
      connector: 'Internet',
      sessionId: '08DE19A1B2C3D4FF',
      local: '10.0.0.5:61000',
      remote: '203.0.113.9:25',
      at: '2026-11-02T08:04:00.000Z',
    },
    '* SendRoutingHeaders | Set Session Permissions\n* | attempting to connect\n+\n< {banner}\n> QUIT\n- | Local',
  ),
  'send',
);

const RECEIVED = 'EX01/TransportRoles/Logs/FrontEnd/ProtocolLog/SmtpReceive/RECV2026110208-1.LOG';
const SENT = 'EX01/TransportRoles/Logs/Hub/ProtocolLog/SmtpSend/SEND2026110208-1.LOG';
const STRAY = 'SEND2026110208-1.LOG';

const sentBy = (db: Database) => listSessions(db, { direction: 'send' }).sessions.map(({ server }) => server);

describe('the server of a send log', () => {
  it('is the one that the receive logs of its folder tree name', async () => {
    expect(sentBy((await ingestFiles({ [SENT]: sent, [RECEIVED]: received() })).db)).toEqual(['EX01']);
  });

  it('is known also when the receive log comes in a later run', async () => {
    const store = await ingestFiles({ [SENT]: sent });
    expect(sentBy(store.db)).toEqual(['']);
    writeFiles(store.folder, { [RECEIVED]: received() });
    expect(await store.again()).toMatchObject({ newSessions: 1, sessions: 2 });
    expect(sentBy(store.db)).toEqual(['EX01']);
    const atOnce = await ingestFiles({ [SENT]: sent, [RECEIVED]: received() });
    expect(contents(store.db)).toEqual(contents(atOnce.db));
  });

  it('is known also when the receive log came in an earlier run', async () => {
    const store = await ingestFiles({ [RECEIVED]: received() });
    writeFiles(store.folder, { [SENT]: sent });
    await store.again();
    expect(sentBy(store.db)).toEqual(['EX01']);
  });

  it('is not that of another folder tree', async () => {
    const { db } = await ingestFiles({
      [SENT]: sent,
      [RECEIVED]: received(),
      'EX02/TransportRoles/Logs/FrontEnd/ProtocolLog/SmtpReceive/RECV2026110208-1.LOG': received('EX02'),
    });
    expect(sentBy(db)).toEqual(['EX01']);
  });

  it('stays open where the receive logs of its tree name two', async () => {
    const { db } = await ingestFiles({
      [STRAY]: sent,
      'RECV2026110208-1.LOG': received(),
      'RECV2026110208-2.LOG': received('EX02'),
    });
    expect(sentBy(db)).toEqual(['']);
  });

  it('is the one given with --server', async () => {
    expect(sentBy((await ingestFiles({ [STRAY]: sent }, { server: 'EX07' })).db)).toEqual(['EX07']);
  });

  it('can be given later, and corrected', async () => {
    const store = await ingestFiles({ [STRAY]: sent });
    expect(sentBy(store.db)).toEqual(['']);
    for (const server of ['EX07', 'EX08']) {
      expect(await store.again([store.folder], { server })).toMatchObject({ sessions: 1, newSessions: 0 });
      expect(sentBy(store.db)).toEqual([server]);
    }
    const atOnce = await ingestFiles({ [STRAY]: sent }, { server: 'EX08' });
    expect(contents(store.db)).toEqual(contents(atOnce.db));
  });

  it('stays corrected when the log is read again without --server', async () => {
    const store = await ingestFiles({ [STRAY]: sent });
    await store.again([store.folder], { server: 'EX07' });
    expect(await store.again([store.folder], {})).toMatchObject({ sessions: 1, newSessions: 0 });
    expect(sentBy(store.db)).toEqual(['EX07']);
  });

  it('given with --server does not rename what the rows themselves name', async () => {
    const { sessions } = await ingestFiles({ [RECEIVED]: received(), [SENT]: sent }, { server: 'EX07' });
    expect(sessions.map(({ server, direction }) => `${direction} ${server}`)).toContain('receive EX01');
  });

  it('given with --server gives way to the one that the receive logs of its tree name', async () => {
    const { db } = await ingestFiles(
      { [RECEIVED]: received(), [SENT]: sent, [STRAY]: sent.replaceAll('D4FF', 'D4FE') },
      { server: 'EX07' },
    );
    const servers = listSessions(db, { direction: 'send' }).sessions.map(({ sessionId, server }) => [sessionId, server]);
    expect(Object.fromEntries(servers)).toEqual({ '08DE19A1B2C3D4FF': 'EX01', '08DE19A1B2C3D4FE': 'EX07' });
  });

  it('is learnt when the same log is found again, beside the receive logs of its server', async () => {
    const store = await ingestFiles({ [STRAY]: sent });
    expect(sentBy(store.db)).toEqual(['']);
    const server = join(store.folder, '..', 'server');
    writeFiles(server, { [SENT]: sent, [RECEIVED]: received() });
    expect(await store.again([server])).toMatchObject({ sessions: 2, newSessions: 1 });
    expect(sentBy(store.db)).toEqual(['EX01']);
  });

  it('given with --server holds for rows that come later', async () => {
    const text = sent.split(/(?<=\n)/);
    const store = await ingestFiles({ [STRAY]: text.slice(0, -2).join('') }, { server: 'EX07' });
    writeFiles(store.folder, { [STRAY]: sent });
    expect(await store.again([join(store.folder, STRAY)], {})).toMatchObject({ newSessions: 0, rows: 2 });
    expect(listSessions(store.db, {}).sessions).toMatchObject([{ server: 'EX07', rows: 6 }]);
  });
});

it('a connection that no connector took belongs to the server of its log', async () => {
  const away = story(
    { connector: '', sessionId: '08DE19A1B2C3D400', at: '2026-11-02T08:00:00.000Z' },
    '+\n> 421 4.3.2 Service not available\n- | Local',
  );
  const { sessions } = await ingestFiles({ [RECEIVED]: logText([...away, ...story({}, GREETED + QUIT)]) });
  expect(sessions.map(({ server }) => server)).toEqual(['EX01', 'EX01']);
});
