/** What works gets no verdict, however it is done. */
import { describe, expect, it } from 'vitest';
import { AUDITS } from '../../src/checks/audits.ts';
import type { DiagnosisExample, SessionSketch } from '../../src/checks/diagnosis.ts';
import {
  DEFAULT_FRONTEND,
  delivered,
  greeted,
  mailFrom,
  QUIT,
  RELAY_CONNECTOR,
  secured,
  workingSession,
} from '../../src/checks/examples/example-sessions.ts';
import { askAudit } from '../../src/queries/audit/ask-audit.ts';
import { CaseReader } from '../../src/queries/cases/case-reader.ts';
import { exampleDatabase, verdictOn } from './example-case.ts';

const RELAY = { connector: 'EX01\\Anon Relay EX01' } as const;
const INSIDE = 'anna@contoso.example';

/** Client, session: each in a different way. */
const HEALTHY: Readonly<Record<string, SessionSketch>> = {
  '10.0.20.11': { ...RELAY, rows: workingSession('MFP-01') },
  '10.0.20.21': { rows: workingSession('MFP-21', INSIDE) },
  '10.0.20.22': {
    ...RELAY,
    rows: `${greeted('erp')}\n${secured('erp')}\n${delivered()}\n< RSET\n> 250 2.0.0 Resetting\n${delivered()}\n${QUIT}`,
  },
  '10.0.20.23': { ...RELAY, rows: `+\n> {banner}\n< HELO old-fax\n> {hello}\n${delivered(INSIDE)}\n- | Remote(ConnectionReset)` },
  '10.0.20.24': {
    ...RELAY,
    rows: `${greeted('app')}\n${mailFrom()}\n< RCPT TO:<${INSIDE}>\n> 250 2.1.5 Recipient OK\n< BDAT 4000\n> 250 2.6.0 CHUNK received OK, 4000 octets\n< BDAT 12 LAST\n> {queued 4012}\n${QUIT}`,
  },
  // A wrong hello that is made good, an extension that is not there: nobody loses mail.
  '10.0.20.25': {
    ...RELAY,
    rows: `+\n> {banner}\n< EHLO scan room\n@5000 > 501 5.5.4 Invalid domain name\n< EHLO scan-room\n> {hello SIZE, STARTTLS}\n${delivered()}\n${QUIT}`,
  },
  // A logon that fails first and then succeeds.
  '10.0.20.26': {
    connector: 'EX01\\Client Frontend EX01',
    to: '10.0.0.5:587',
    rows: `${greeted('crm')}\n${secured('crm')}\n< AUTH NTLM\n@5000 > 535 5.7.3 Authentication unsuccessful\n< AUTH LOGIN\n@0 > 334 <authentication response>\n* crm@contoso.example | authenticated\n> 235 2.7.0 Authentication successful\n${delivered()}\n${QUIT}`,
  },
  // A load balancer and a monitoring system look whether somebody is there.
  '10.0.0.250': { rows: '+\n> {banner}\n- | Remote(SocketError)' },
  '10.0.0.251': { rows: `${greeted('monitor')}\n${QUIT}` },
  // The server goes out of service after the message is safe.
  '10.0.20.27': { ...RELAY, rows: `${greeted('batch')}\n${delivered()}\n> 421 4.3.2 Service not active\n- | Local` },
};

const example: DiagnosisExample = {
  about: 'everybody is served',
  sessions: Object.entries(HEALTHY).map(([from, sketch]) => ({ from, ...sketch })),
  configuration: {
    connectors: [DEFAULT_FRONTEND, { ...RELAY_CONNECTOR, from: '10.0.20.0/24' }],
    acceptedDomains: ['contoso.example'],
  },
};

describe.each(['B', 'A'] as const)('in dialect %s', (dialect) => {
  it('who only checks whether an address would be taken does not fail', async () => {
    const check = `${greeted('crm')}\n${mailFrom('')}\n< RCPT TO:<${INSIDE}>\n> 250 2.1.5 Recipient OK\n${QUIT}`;
    const db = await exampleDatabase({ about: 'checks', sessions: [{ rows: check }, { rows: check }] }, dialect);
    const { condition, failed, firstFailure, verdicts } = verdictOn(db, '10.0.20.12');
    expect({ condition, failed, firstFailure }).toEqual({ condition: 'silent', failed: 0, firstFailure: null });
    expect(verdicts.map(({ severity }) => severity)).toEqual(['info']);
  });

  it('nobody fails, and nobody gets a verdict', async () => {
    const db = await exampleDatabase(example, dialect);
    expect(new CaseReader(db).failingSubjects()).toEqual([]);
    for (const client of Object.keys(HEALTHY)) {
      const { condition, verdicts, proof, probes } = verdictOn(db, client);
      expect({ client, verdicts: verdicts.map(({ check }) => check) }).toEqual({ client, verdicts: [] });
      expect(condition).toBe(probes > 0 ? 'silent' : 'works');
      expect(proof?.kind).toBe(probes > 0 ? undefined : 'row');
    }
  });

  it('an audit finds nothing in the logs', async () => {
    // A list of devices, not a network.
    const connectors = [DEFAULT_FRONTEND, { ...RELAY_CONNECTOR, from: '10.0.20.11 10.0.20.16/28' }];
    const db = await exampleDatabase({ ...example, configuration: { ...example.configuration, connectors } }, dialect);
    const facts = askAudit(db, { since: 0, until: Date.parse('2026-11-03T00:00:00Z') });
    expect(AUDITS.flatMap((audit) => (audit.obstacle?.(facts) === undefined ? audit.find(facts) : []))).toEqual([]);
  });

  it('the same without any configuration', async () => {
    const { configuration: _, ...bare } = example;
    const db = await exampleDatabase(bare, dialect);
    for (const client of Object.keys(HEALTHY)) expect(verdictOn(db, client).verdicts).toEqual([]);
  });
});
