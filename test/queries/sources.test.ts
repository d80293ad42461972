/** The last error that the list of sources shows: why the client fails, rather than that the server was stopped meanwhile. */
import { expect, it } from 'vitest';
import { story } from '../../fixtures/story.ts';
import { listSources } from '../../src/queries/sources.ts';
import { ingestFiles, logText } from '../harness.ts';

const HELLO = '+\n> {banner}\n< EHLO nas\n> {hello SIZE 37748736, AUTH LOGIN, CHUNKING}';
const REFUSED = '535 5.7.3 Authentication unsuccessful';
const LOGON = `\n< AUTH LOGIN\n> 334 <authentication response>\n> 334 <authentication response>\n> ${REFUSED}`;
const STOPPED = '421 4.3.2 Service not available';
const STOP = `\n> ${STOPPED}\n- | Local`;
const GONE = '\n- | Remote';
const MAIL =
  '\n< MAIL FROM:<nas@contoso.example>\n> 250 2.1.0 Sender OK\n< RCPT TO:<a@contoso.example>\n> 250 2.1.5 Recipient OK';

/** The last error after these sessions of one source, a minute each. */
async function lastErrorOf(...scripts: readonly string[]): Promise<string | null | undefined> {
  const rows = scripts.flatMap((script, index) =>
    story({ sessionId: `08DE19A1B2C3D40${index}`, at: `2026-11-02T08:0${index}:00.000Z` }, script),
  );
  const { db } = await ingestFiles({ 'RECV2026110208-1.LOG': logText(rows) });
  return listSources(db)[0]?.lastError;
}

it.each<[told: string, error: string | null, scripts: readonly string[]]>([
  ['the refusal before the 421 of the same session', REFUSED, [HELLO + LOGON + STOP]],
  ['the refusal of an earlier session', REFUSED, [HELLO + LOGON + GONE, HELLO + STOP]],
  ['the refusal of a later session', REFUSED, [HELLO + STOP, HELLO + LOGON + GONE]],
  ['the 421, where there is no other', STOPPED, [HELLO + GONE, HELLO + STOP]],
  ['a 421 that answered what the client sent', STOPPED, [HELLO + LOGON + GONE, `${HELLO}${MAIL}\n< DATA${STOP}`]],
  ['a 421 that turned the client away', STOPPED, [HELLO + LOGON + GONE, `+${STOP}`]],
  ['nothing, where nothing failed', null, [HELLO + GONE]],
])('is %s', async (_, error, scripts) => {
  expect(await lastErrorOf(...scripts)).toBe(error);
});
