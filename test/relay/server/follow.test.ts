/** The logs of a relay followed while it writes them: a device's conversation is seen as it goes on. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { LiveSessions } from '../../../src/queries/live-sessions.ts';
import { listSessions } from '../../../src/queries/session-list.ts';
import { ingestFiles, temporaryDatabase } from '../../harness.ts';
import { contents } from '../../ingest/contents.ts';
import { following } from '../../ingest/following.ts';
import { relayUnderTest } from './relay-under-test.ts';

/** A device at 10.0.20.12, watched by a follower of the relay's logs. */
async function watched() {
  const under = await relayUnderTest();
  const db = temporaryDatabase();
  const logs = join(under.folder, 'logs');
  const follower = await following(db, [logs]);
  const live = new LiveSessions(db, '10.0.20.12');
  const seen: string[] = [];
  const ends: boolean[] = [];
  /** Looks until a row with this in it has been seen; gives what has been seen with it. */
  const until = async (text: string): Promise<string[]> => {
    const before = seen.length;
    for (let tries = 0; tries < 500; tries++) {
      await follower.look();
      for (const { events, ended } of live.take()) {
        seen.push(...events.map(({ event, data, context }) => `${event} ${data}${context}`));
        ends.push(ended);
      }
      if (seen.slice(before).some((row) => row.includes(text))) return seen.slice(before);
      await delay(10);
    }
    throw new Error(`${text} did not come; seen: ${seen.join(' | ')}`);
  };
  return { ...under, db, logs, follower, seen, ends, until };
}

describe('the log of a relay, followed', () => {
  it('shows a session command by command, while other devices come and go', async () => {
    const { greeted, until, ends, seen, db } = await watched();
    const device = await greeted({ from: '127.0.0.12' });
    expect(await until('EHLO device')).toContain('< EHLO device');
    expect(listSessions(db, {}).sessions).toMatchObject([{ outcome: 'open', source: '10.0.20.12' }]);
    const other = await greeted();
    await other.sayAll('MAIL FROM:<a@contoso.example>', 'RCPT TO:<b@contoso.example>');
    await device.sayAll('MAIL FROM:<scan@contoso.example>', 'RCPT TO:<x@fabrikam.example>');
    expect((await until('Recipient OK')).join(' ')).toMatch(/MAIL FROM:<scan@contoso.example>.*RCPT TO:<x@fabrikam.example>/);
    await other.say('QUIT');
    await device.say('QUIT');
    await until('- Local');
    expect(ends.at(-1)).toBe(true);
    expect(ends.slice(0, -1)).not.toContain(true);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.filter((row) => row.startsWith('+'))).toHaveLength(1);
  });

  it('is in the end what it is read at once', async () => {
    const { greeted, until, relay, logs, db, follower } = await watched();
    for (const name of ['one', 'two', 'three']) {
      const device = await greeted({ from: '127.0.0.12' });
      await device.sayAll(`MAIL FROM:<${name}@contoso.example>`, 'RCPT TO:<x@fabrikam.example>', 'QUIT');
      await until(`MAIL FROM:<${name}@`);
    }
    await relay.stop();
    await follower.look();
    const names = readdirSync(logs, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.LOG'));
    const files = Object.fromEntries(names.map((name) => [name, readFileSync(join(logs, name))]));
    expect(contents(db)).toEqual(contents((await ingestFiles(files)).db));
  });
});
