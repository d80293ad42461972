/** Who logs on with a password that is sent as it is: stories told in a few sessions, figures counted by hand. */
import { expect, it } from 'vitest';
import type { LogRow } from '../../../../src/protocol-log/writer.ts';
import { periodNamed } from '../../../../src/queries/usage/period.ts';
import { askBasicLogons, type BasicLogonView } from '../../../../src/queries/usage/views/basic-logons.ts';
import type { Database } from '../../../../src/store/database.ts';
import { greet, mail, QUIT, sent, session, storeOf, tls } from './sessions.ts';

const NOW = Date.parse('2027-01-01T00:00Z');
const viewOf = (db: Database, more: { server?: string; connector?: string } = {}): BasicLogonView =>
  askBasicLogons(db, { period: periodNamed('2026-11-02', 'Europe/Berlin')!, now: NOW, ...more });

const logon = (mechanism: string, user: string): string =>
  `< AUTH ${mechanism}\n> 334 <authentication response>\n> 334 <authentication response>\n* ${user} | authenticated\n> 235 2.7.0 Authentication successful`;
const refused = (mechanism: string): string =>
  `< AUTH ${mechanism}\n> 334 <authentication response>\n> 535 5.7.3 Authentication unsuccessful`;
const by = (at: string, source: string, connector: string, ...script: readonly string[]): LogRow[] =>
  session(at, source, [greet(), ...script, QUIT].join('\n'), { connector: `EX01\\${connector}` });
const TLS = [tls('1_2'), '< EHLO app\n> {hello SIZE, AUTH LOGIN}'];

it('counts by device, user and mechanism, over TLS and in the clear, and sets NTLM apart', async () => {
  const db = await storeOf({
    EX01: [
      by('2026-11-02T08:00:00.000Z', '10.0.1.1', 'Relay', ...TLS, logon('LOGIN', 'CONTOSO\\app'), mail()),
      by('2026-11-02T09:00:00.000Z', '10.0.1.1', 'Client', logon('LOGIN', 'CONTOSO\\app'), mail()),
      by('2026-11-02T10:00:00.000Z', '10.0.1.1', 'Relay', logon('LOGIN', 'CONTOSO\\other'), mail()),
      by('2026-11-02T11:00:00.000Z', '10.0.1.2', 'Relay', ...TLS, refused('PLAIN')),
      by('2026-11-02T12:00:00.000Z', '10.0.1.3', 'Relay', logon('NTLM', 'CONTOSO\\desk'), mail()),
      sent('2026-11-02T13:00:00.000Z', '10.0.1.4'),
    ],
  });
  const { logons, others } = viewOf(db);
  expect(
    logons.map((one) => [one.source, one.mechanism, one.user, one.sessions, one.succeeded, one.failed, one.inClear]),
  ).toEqual([
    ['10.0.1.1', 'LOGIN', 'CONTOSO\\app', 2, 2, 0, 1],
    ['10.0.1.1', 'LOGIN', 'CONTOSO\\other', 1, 1, 0, 1],
    ['10.0.1.2', 'PLAIN', null, 1, 0, 1, 0],
  ]);
  expect(logons[0]).toMatchObject({
    firstSeen: '2026-11-02T08:00:00.000Z',
    lastSeen: '2026-11-02T09:00:00.000Z',
    connectors: ['EX01\\Client', 'EX01\\Relay'],
    tls: ['TLS1.2', 'none'],
  });
  expect(others.map(({ source, mechanism }) => [source, mechanism])).toEqual([['10.0.1.3', 'NTLM']]);
  for (const one of [...logons, ...others]) expect(one.succeeded + one.failed).toBe(one.sessions);
});

it('is of the time, the server and the connector that were asked for', async () => {
  const db = await storeOf({
    EX01: [
      // In Berlin the day begins an hour earlier.
      by('2026-11-01T22:59:59.000Z', '10.0.1.1', 'Relay', logon('LOGIN', 'a')),
      by('2026-11-01T23:00:00.000Z', '10.0.1.2', 'Relay', logon('LOGIN', 'b')),
      by('2026-11-02T12:00:00.000Z', '10.0.1.3', 'Client', logon('LOGIN', 'c')),
    ],
  });
  const users = (view: BasicLogonView): (string | null)[] => view.logons.map(({ user }) => user).sort();
  expect(users(viewOf(db))).toEqual(['b', 'c']);
  expect(users(viewOf(db, { connector: 'relay' }))).toEqual(['b']);
  expect(users(viewOf(db, { server: 'EX02' }))).toEqual([]);
});

it('mail between servers is no logon of a device', async () => {
  const rights = '* SMTPSubmit SMTPAcceptAnyRecipient AcceptForestHeaders AcceptOrganizationHeaders | Set Session Permissions';
  const db = await storeOf({
    EX01: [by('2026-11-02T08:00:00.000Z', '10.0.0.6', 'Default', logon('LOGIN', 'EX02$'), rights, mail())],
  });
  expect(viewOf(db)).toMatchObject({ logons: [], others: [] });
});
