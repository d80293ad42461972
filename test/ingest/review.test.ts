/** What an independent review of the reading path found, so that it stays mended. */
import { appendFileSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { story } from '../../fixtures/story.ts';
import { ingest } from '../../src/ingest/ingest.ts';
import { formatRow } from '../../src/protocol-log/writer.ts';
import { damagedLines } from '../../src/queries/coverage.ts';
import { findSessions, sessionRows } from '../../src/queries/session-detail.ts';
import { ingestFiles, logText, read, temporaryDatabase, temporaryFolder, writeFiles } from '../harness.ts';

const DELIVERED = `+
  > {banner}
  < EHLO mfp-01
  > {hello SIZE}
  < MAIL FROM:<scan@contoso.example>
  * {message}
  > 250 2.1.0 Sender OK
  < RCPT TO:<anna@contoso.example>
  > 250 2.1.5 Recipient OK
  < DATA
  > 354 Start mail input; end with <CRLF>.<CRLF>
  > {queued}
  < QUIT
  - | Local`;

const NAME = 'EX01/FrontEnd/ProtocolLog/SmtpReceive/RECV2026110208-1.LOG';

describe('a log that had grown and vanished before it was read on', () => {
  it('keeps the rows that were known', async () => {
    const { db, folder } = await ingestFiles({ [NAME]: logText(story({}, DELIVERED)) });
    const path = join(folder, NAME);
    appendFileSync(
      path,
      story({ sessionId: '08DE19A1B2C3D402', at: '2026-11-02T08:03:00.000Z' }, DELIVERED).map(formatRow).join(''),
    );
    // Named twice, behind a log that is read meanwhile; the file is gone when its turn comes.
    const gone = ingest(db, [path], {}, ({ path: now }) => {
      if (now === path) queueMicrotask(() => setImmediate(() => rmSync(path, { force: true })));
    });
    await gone;
    const [row] = findSessions(db, '08DE19A1B2C3D401');
    expect(row && sessionRows(db, row)).toHaveLength(14);
  });
});

describe('the ingest lock', () => {
  it('is not held by a process that only has the number of one that died', async () => {
    const folder = temporaryFolder();
    const db = temporaryDatabase(folder);
    const yesterday = Date.now() - 86_400_000;
    db.prepare('INSERT INTO ingest_lock VALUES (1, 1, ?, ?, ?)').run(hostname(), yesterday, yesterday);
    writeFiles(folder, { [`logs/${NAME}`]: logText(story({}, DELIVERED)) });
    expect(await ingest(db, [join(folder, 'logs')])).toMatchObject({ newSessions: 1 });
  });

  it('is not held by this very process before it took it', async () => {
    const folder = temporaryFolder();
    const db = temporaryDatabase(folder);
    db.prepare('INSERT INTO ingest_lock VALUES (1, ?, ?, ?, ?)').run(process.pid, hostname(), Date.now(), Date.now());
    writeFiles(folder, { [`logs/${NAME}`]: logText(story({}, DELIVERED)) });
    expect(await ingest(db, [join(folder, 'logs')])).toMatchObject({ newSessions: 1 });
  });
});

describe('damaged lines', () => {
  it('are all counted, also beyond those that are kept with their text', async () => {
    const damaged = Array.from({ length: 10_500 }, (_, n) => `no row ${n}\r\n`).join('');
    const { db, result } = await ingestFiles({ [NAME]: logText(story({}, DELIVERED)) + damaged });
    expect(result.anomalies).toEqual({ unreadable: 10_500 });
    expect(damagedLines(db)).toMatchObject([{ kind: 'unreadable', lines: 10_500, line: 20 }]);
  });
});

describe('a folder', () => {
  it('that links to itself is read once', async () => {
    const folder = temporaryFolder();
    writeFiles(folder, { [`logs/${NAME}`]: logText(story({}, DELIVERED)) });
    symlinkSync('.', join(folder, 'logs', 'loop'));
    expect(await ingest(temporaryDatabase(folder), [join(folder, 'logs')])).toMatchObject({ files: 1, problems: [] });
  });

  it('that holds the database itself does not speak of it', async () => {
    const folder = temporaryFolder();
    writeFiles(folder, { [NAME]: logText(story({}, DELIVERED)) });
    expect(await ingest(temporaryDatabase(folder), [folder])).toMatchObject({ files: 1, skipped: {}, problems: [] });
  });

  it('with brackets in its name may stand before a wildcard, and names match in any case', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'Program Files (x86)'));
    writeFiles(folder, { 'Program Files (x86)/RECV2026110208-1.LOG': logText(story({}, DELIVERED)) });
    expect(await ingest(temporaryDatabase(folder), [join(folder, 'Program Files (x86)', 'recv*.log')])).toMatchObject({
      files: 1,
    });
  });
});

describe('options given when a log has grown', () => {
  it('hold for the rows that were known and for those that came', async () => {
    const send = { direction: 'send', connector: 'Internet', remote: '203.0.113.9:25' } as const;
    const script = '* | attempting to connect\n+\n< 220 mx ESMTP\n> QUIT\n< 221 Bye\n- | Local';
    const { db, folder } = await ingestFiles({ 'SEND2026110208-1.LOG': logText(story(send, script), 'send') });
    const path = join(folder, 'SEND2026110208-1.LOG');
    appendFileSync(
      path,
      story({ ...send, sessionId: '08DE19A1B2C3D402', at: '2026-11-02T08:03:00.000Z' }, script)
        .map(formatRow)
        .join(''),
    );
    await ingest(db, [path], { server: 'EX09' });
    expect(['08DE19A1B2C3D401', '08DE19A1B2C3D402'].map((id) => findSessions(db, id).map(({ server }) => server))).toEqual([
      ['EX09'],
      ['EX09'],
    ]);
    expect(readFileSync(path).length).toBeGreaterThan(0);
  });
});

describe('the cause of a refusal', () => {
  const GREETED = '+\n> {banner}\n< EHLO app\n> {hello SIZE, PIPELINING, CHUNKING, STARTTLS}\n';

  it('is that of the recipient, when the client sent on and got 503', () => {
    const script = `${GREETED}< MAIL FROM:<a@contoso.example>\n> 250 2.1.0 Sender OK\n< RCPT TO:<x@fabrikam.example>\n< DATA
      > 550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain\n> 503 5.5.2 Need rcpt command\n< QUIT\n- | Local`;
    expect(read({}, script)).toMatchObject({ outcome: 'refused', outcomeReason: expect.stringMatching(/^550 5\.7\.54/) });
  });

  it('is not a handshake that was made good', () => {
    const script = `${GREETED}< STARTTLS\n> 454 4.7.0 Cannot accept TLS as maximum TLS rate exceeded for server\n< STARTTLS\n> 220 2.0.0 SMTP server ready
      * {certificate}\n* {tls 1_2}\n< EHLO app\n> {hello SIZE}\n< MAIL FROM:<a@contoso.example>\n> 250 2.1.0 Sender OK
      < RCPT TO:<x@fabrikam.example>\n> 550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain\n- | Local`;
    expect(read({}, script)).toMatchObject({ outcome: 'refused', tls: 'TLS1.2' });
  });

  it('may be that there were too many errors, whatever was asked', () => {
    const script = `${GREETED}> 421 4.7.0 Too many errors on this connection, closing transmission channel\n- | Local`;
    expect(read({}, script)).toMatchObject({ outcome: 'refused' });
  });

  it('is told though a shadow copy was taken before', () => {
    const script = `${GREETED}< MAIL FROM:<a@contoso.example>\n> 250 2.1.0 Sender OK\n< RCPT TO:<b@contoso.example>\n> 250 2.1.5 Recipient OK\n< DATA
      > 354 Start mail input; end with <CRLF>.<CRLF>\n> 250 2.6.0 <1@a.example> [InternalId=ex02, Hostname=4711] Queued mail for redundancy
      < MAIL FROM:<a@contoso.example>\n> 452 4.3.1 Insufficient system resources\n- | Local`;
    expect(read({}, script)).toMatchObject({ outcome: 'refused', messagesRefused: 1 });
  });
});

describe('what the end of the logs says', () => {
  it('is asked of the same service only', async () => {
    const open =
      '+\n> {banner}\n< EHLO mfp-04\n> {hello SIZE}\n< MAIL FROM:<scan@contoso.example>\n* {message}\n> 250 2.1.0 Sender OK';
    const hub = {
      connector: 'EX01\\Default EX01',
      local: '10.0.0.5:2525',
      remote: '10.0.0.6:33011',
      sessionId: '08DE19A1B2C3D4AA',
    };
    const { sessions } = await ingestFiles({
      [NAME]: logText(story({}, open)),
      'EX01/Hub/ProtocolLog/SmtpReceive/RECV2026110210-1.LOG': logText(
        story({ ...hub, at: '2026-11-02T10:30:00.000Z' }, DELIVERED),
      ),
    });
    expect(sessions.map(({ outcome }) => outcome)).toEqual(['open', 'accepted']);
  });
});
