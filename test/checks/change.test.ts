/** What changed between the last success and the first failure: only what the failing session came far enough to show. */
import { describe, expect, it } from 'vitest';
import { changedBeforeFailure } from '../../src/checks/diagnoses/changed-before-failure.ts';
import type { SessionSketch } from '../../src/checks/diagnosis.ts';
import { changesOf, differencesOf } from '../../src/checks/evidence/change.ts';
import { type ConnectorSketch, organisationOf } from '../../src/checks/examples/example-organisation.ts';
import {
  DEFAULT_FRONTEND,
  delivered,
  greeted,
  mailFrom,
  QUIT,
  RELAY_CONNECTOR,
  relayRefusedSession,
  secured,
  TURNED_AWAY,
  workingSession,
} from '../../src/checks/examples/example-sessions.ts';
import { recordOf } from '../../src/configuration/record.ts';
import { storeConfigurations } from '../../src/store/configuration-store.ts';
import { caseOf, exampleDatabase } from './example-case.ts';

const CLIENT = '10.0.20.12';
const DENIED = `* | Inbound AUTH LOGIN failed because of LogonDenied\n* | User Name: crm@contoso.example\n> 535 5.7.3 Authentication unsuccessful\n${QUIT}`;
const logOn = (answer: string): string =>
  `${greeted('crm')}\n${secured('crm')}\n< AUTH LOGIN\n> 334 <authentication response>\n> 334 <authentication response>\n${answer}`;
const LOGGED_ON = logOn(`* crm@contoso.example | authenticated\n> 235 2.7.0 Authentication successful\n${delivered()}\n${QUIT}`);

async function caseWith(...sessions: SessionSketch[]) {
  return caseOf(await exampleDatabase({ about: 'a change', sessions }, 'B'), CLIENT);
}

describe('a change', () => {
  it('is told of the connector alone where the client was turned away before its hello', async () => {
    const theCase = await caseWith(
      { connector: 'EX01\\Anon Relay EX01', rows: workingSession('MFP-02') },
      { connector: '', rows: TURNED_AWAY },
    );
    expect(changesOf(theCase)).toEqual(['Connector: Anon Relay EX01 until then, (none) since.']);
  });

  it('is not told of a TLS version where the handshake failed: that is the failure itself', async () => {
    const theCase = await caseWith(
      { rows: `${greeted('MFP-02')}\n${secured('MFP-02')}\n${delivered()}\n${QUIT}` },
      {
        rows: `${greeted('MFP-02')}\n< STARTTLS\n> 220 2.0.0 SMTP server ready\n* {certificate}\n* {failed-tls AlgorithmMismatch}\n- | Local`,
      },
    );
    expect(differencesOf(theCase)).toEqual([]);
  });

  it('is told where STARTTLS and logons are not offered any more', async () => {
    const theCase = await caseWith(
      { rows: workingSession('MFP-02') },
      {
        rows: `${greeted('MFP-02', 'SIZE 37748736, PIPELINING')}\n${mailFrom()}\n< RCPT TO:<a@fabrikam.example>\n> 550 5.7.1 Unable to relay\n${QUIT}`,
      },
    );
    expect(changesOf(theCase)).toEqual([
      'STARTTLS offered: yes until then, no since.',
      'Logons offered: NTLM until then, (none) since.',
    ]);
  });

  it('of the configuration is told with the days of both exports', async () => {
    const connectors: readonly ConnectorSketch[] = [DEFAULT_FRONTEND, RELAY_CONNECTOR];
    const db = await exampleDatabase(
      {
        about: 'a range is narrowed',
        configuration: { connectors: [DEFAULT_FRONTEND, { ...RELAY_CONNECTOR, from: '10.0.20.10-10.0.20.12' }] },
        sessions: [
          { connector: 'EX01\\Anon Relay EX01', rows: workingSession('MFP-02') },
          { rows: relayRefusedSession('MFP-02') },
        ],
      },
      'B',
    );
    const [server] = organisationOf({ connectors }).servers;
    storeConfigurations(db, [
      {
        kind: 'connectors',
        scope: 'EX01',
        asOf: Date.parse('2026-11-02T08:00:30.000Z'),
        importedAt: 0,
        file: 'later.json',
        content: JSON.stringify(server!.connectors.map(recordOf)),
      },
    ]);
    const theCase = caseOf(db, CLIENT);
    expect(changesOf(theCase)).toContain(
      'Configuration of "Anon Relay" (exports of 2026-11-01 and 2026-11-02): remoteIPRanges 10.0.20.12 until then, (none) since.',
    );
    expect(changedBeforeFailure.diagnose(theCase, ['wrong-connector'])?.cause).toContain('remoteIPRanges 10.0.20.12');
  });
});

describe('changed-before-failure', () => {
  it('tells nothing beside a failure that the change cannot bring about', async () => {
    const theCase = await caseWith(
      { connector: 'EX01\\Anon Relay EX01', rows: workingSession('MFP-02') },
      { rows: relayRefusedSession('MFP-02') },
    );
    expect(changedBeforeFailure.diagnose(theCase, ['back-pressure', 'unexplained'])).toBeUndefined();
    expect(changedBeforeFailure.diagnose(theCase, ['relay-denied'])).toBeDefined();
  });

  it('says that it is the password where nothing else changed', async () => {
    const theCase = await caseWith({ rows: LOGGED_ON }, { rows: logOn(DENIED) });
    const diagnosed = changedBeforeFailure.diagnose(theCase, ['wrong-password']);
    expect(diagnosed?.cause).toMatch(/^Nothing changed in what the client says/);
    expect(diagnosed?.evidence).toHaveLength(1);
  });
});
