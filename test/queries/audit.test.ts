/** The facts of an audit, each derived by hand from the stories: who is anonymous, what is relay, and who is no source at all. */
import { describe, expect, it } from 'vitest';
import type { DiagnosisExample, SessionSketch } from '../../src/checks/diagnosis.ts';
import {
  DEFAULT_FRONTEND,
  delivered,
  deniedLogon,
  greeted,
  logonOf,
  QUIT,
  RELAY_CONNECTOR,
  relayRefusedSession,
  secured,
  workingSession,
} from '../../src/checks/examples/example-sessions.ts';
import { askAudit } from '../../src/queries/audit/ask-audit.ts';
import type { AuditedSource, AuditFacts } from '../../src/queries/audit/audit-facts.ts';
import { exampleDatabase } from '../checks/example-case.ts';

const INSIDE = 'anna@contoso.example';
const RELAY = RELAY_CONNECTOR.id;
const ALL = { since: 0, until: Date.parse('2026-11-03T00:00:00Z') };
const CONFIGURATION = { connectors: [DEFAULT_FRONTEND, RELAY_CONNECTOR], acceptedDomains: ['contoso.example'] };

async function factsOf(
  sessions: readonly SessionSketch[],
  configuration: DiagnosisExample['configuration'] = CONFIGURATION,
  span = ALL,
): Promise<AuditFacts> {
  const example = { about: '', sessions, ...(configuration && { configuration }) };
  return askAudit(await exampleDatabase(example, 'B'), span);
}

const sourceOf = ({ sources }: AuditFacts, source: string): AuditedSource => {
  const found = sources.find((one) => one.source === source);
  if (!found) throw new Error(`${source} is no source`);
  return found;
};

describe('what counts as relay', () => {
  it('recipients outside that were accepted without a logon, with the first and the last session', async () => {
    const facts = await factsOf([
      { from: '10.0.20.10', connector: RELAY, rows: workingSession('MFP', 'a@fabrikam.example') },
      { from: '10.0.20.10', connector: RELAY, rows: workingSession('MFP', INSIDE) },
      { from: '10.0.20.10', connector: RELAY, rows: workingSession('MFP', 'b@adatum.example', 'news@wingtip.example') },
      { from: '10.0.20.10', connector: RELAY, rows: workingSession('MFP', 'c@fabrikam.example', '') },
    ]);
    const { external, senders, places } = sourceOf(facts, '10.0.20.10');
    expect(external).toMatchObject({
      count: 3,
      domains: [
        { domain: 'fabrikam.example', count: 2 },
        { domain: 'adatum.example', count: 1 },
      ],
      examples: [
        { sender: 'scan@contoso.example', recipient: 'a@fabrikam.example' },
        { sender: '', recipient: 'c@fabrikam.example' },
      ],
    });
    expect(senders).toMatchObject({ own: 2, foreign: 1, none: 1 });
    expect(places).toMatchObject([
      {
        server: 'EX01',
        connector: 'Anon Relay EX01',
        localEndpoints: ['10.0.0.5:25'],
        range: '10.0.20.10-10.0.20.11',
        sessions: 4,
        anonymousSessions: 4,
        messagesAccepted: 4,
        externalRecipients: 3,
        relay: { mayRelay: 'yes' },
      },
    ]);
  });

  it('no refused attempt', async () => {
    const facts = await factsOf([{ rows: relayRefusedSession('MFP') }]);
    expect(sourceOf(facts, '10.0.20.12')).toMatchObject({
      external: null,
      refusedRelay: {
        count: 1,
        domains: [{ domain: 'fabrikam.example', count: 1 }],
        senderDomains: [{ domain: 'contoso.example', count: 1 }],
        examples: [{ recipient: 'partner@fabrikam.example' }],
      },
      places: [{ messagesAccepted: 0, messagesRefused: 1, externalRecipients: 0, relay: { mayRelay: 'no' } }],
    });
  });

  it('nothing of who logged on, and everything of whose logon failed', async () => {
    const secure = `${greeted('crm')}\n${secured('crm')}`;
    const facts = await factsOf([
      { from: '10.0.50.1', connector: RELAY, rows: `${secure}\n${logonOf('CONTOSO\\crm')}\n${delivered()}\n${QUIT}` },
      { from: '10.0.50.2', connector: RELAY, rows: `${secure}\n${deniedLogon('crm')}\n${delivered()}\n${QUIT}` },
    ]);
    expect(sourceOf(facts, '10.0.50.1')).toMatchObject({
      external: null,
      logon: { none: 0, succeeded: 1, failed: 0 },
      places: [{ messagesAccepted: 1, anonymousMessages: 0, anonymousSessions: 0 }],
    });
    expect(sourceOf(facts, '10.0.50.2')).toMatchObject({
      external: { count: 1 },
      logon: { none: 0, succeeded: 0, failed: 1 },
      places: [{ anonymousMessages: 1, anonymousSessions: 1 }],
    });
  });

  it('without accepted domains, only what a refusal shows to be outside', async () => {
    const facts = await factsOf(
      [
        { from: '10.0.20.10', connector: RELAY, rows: workingSession('MFP') },
        { from: '10.0.20.10', connector: RELAY, rows: workingSession('MFP', 'x@elsewhere.example') },
        { rows: relayRefusedSession('other') },
      ],
      { connectors: [RELAY_CONNECTOR] },
    );
    expect(facts.externalKnownBy).toBe('replies');
    expect(sourceOf(facts, '10.0.20.10')).toMatchObject({
      external: { count: 1, domains: [{ domain: 'fabrikam.example', count: 1 }] },
      recipientsUnknown: 1,
      senders: { own: null, foreign: null },
    });
  });
});

describe('who is a source', () => {
  const HAND_OVER = (id: string, client: string) =>
    `${greeted('ex02.contoso.example')}\n< XPROXYFROM SID=${id} IP=${client} PORT=50111 DOMAIN=MFP SEQNUM=1 PERMS=1077 AUTHSRC=Anonymous\n> 250 XProxyFrom accepted\n${delivered()}\n${QUIT}`;
  const hub = (rows: string): SessionSketch => ({
    from: '10.0.0.6',
    to: '10.0.0.5:2525',
    connector: 'EX01\\Default EX01',
    service: 'Hub',
    rows,
  });

  it('the real client of a front end, once, and never the front end', async () => {
    const front = '08DE19A1B2C3D4FF';
    const facts = await factsOf([
      { from: '10.0.20.10', connector: RELAY, sessionId: front, rows: workingSession('MFP') },
      hub(HAND_OVER(front, '10.0.20.10')),
    ]);
    expect(facts.ownServers).toEqual(['10.0.0.6']);
    expect(facts.sources.map(({ source }) => source)).toEqual(['10.0.20.10']);
    expect(sourceOf(facts, '10.0.20.10').external?.count).toBe(1);
  });

  it('the real client too where only the log of the Hub was read', async () => {
    const facts = await factsOf([hub(HAND_OVER('08DE19A1B2C3D4FF', '10.0.20.10'))]);
    expect(facts.sources.map(({ source }) => source)).toEqual(['10.0.20.10']);
    expect(sourceOf(facts, '10.0.20.10')).toMatchObject({
      external: { count: 1 },
      places: [{ connector: 'Default EX01', sessions: 0, messagesAccepted: 1, range: null }],
    });
  });

  it('who was handed over blindly had logged on before', async () => {
    const rows = `${greeted('ex02.contoso.example')}\n< XPROXY SID=08DE19A1B2C3D4FE IP=10.0.50.1 PORT=50111 DOMAIN=crm CAPABILITIES=0 UNAME=Y3Jt\n> 250 XProxy accepted\n${delivered()}\n${QUIT}`;
    const facts = await factsOf([{ ...hub(rows), to: '10.0.0.5:465', connector: 'EX01\\Client Proxy EX01' }]);
    expect(sourceOf(facts, '10.0.50.1')).toMatchObject({
      external: null,
      places: [{ messagesAccepted: 1, anonymousMessages: 0 }],
    });
  });

  it('no probe, and no health check', async () => {
    const facts = await factsOf([
      { from: '10.0.0.250', rows: '+\n> {banner}\n- | Remote(SocketError)' },
      { from: '127.0.0.1', to: '127.0.0.1:25', rows: `${greeted('localhost')}\n${QUIT}` },
      { rows: workingSession('MFP', INSIDE) },
    ]);
    expect(facts.sources.map(({ source }) => source)).toEqual(['10.0.20.12']);
    expect(facts.probes).toEqual(['10.0.0.250']);
    expect(facts.healthChecks).toEqual(['127.0.0.1']);
  });
});

describe('ranges', () => {
  it('know who came through them, by the very entry that took the client', async () => {
    const relay = { ...RELAY_CONNECTOR, from: '10.0.20.0/24 10.0.20.10 10.0.30.7' };
    const facts = await factsOf(
      [
        { from: '10.0.20.10', connector: RELAY, at: '2026-11-02T08:00:00.000Z', rows: workingSession('MFP') },
        { from: '10.0.20.99', connector: RELAY, at: '2026-11-02T09:00:00.000Z', rows: workingSession('MFP') },
      ],
      { ...CONFIGURATION, connectors: [relay] },
    );
    // Its last use is when its last message was decided.
    expect(facts.connectors[0]?.ranges).toEqual([
      { range: '10.0.20.0/24', sources: ['10.0.20.99'], lastUsed: Date.parse('2026-11-02T09:00:00.270Z') },
      { range: '10.0.20.10', sources: ['10.0.20.10'], lastUsed: Date.parse('2026-11-02T08:00:00.270Z') },
      { range: '10.0.30.7', sources: [], lastUsed: null },
    ]);
  });
});

describe('the period', () => {
  it('leaves out what lies beside it, and knows how long a client has been there', async () => {
    const on = (day: string): SessionSketch => ({
      from: '10.0.20.10',
      connector: RELAY,
      at: `2026-${day}T08:00:00.000Z`,
      rows: workingSession('MFP'),
    });
    const facts = await factsOf([on('08-01'), on('10-01'), on('10-02'), on('11-01')], CONFIGURATION, {
      since: Date.parse('2026-10-01T00:00:00Z'),
      until: Date.parse('2026-10-31T00:00:00Z'),
    });
    expect(sourceOf(facts, '10.0.20.10')).toMatchObject({
      sessions: 2,
      external: { count: 2 },
      firstEver: Date.parse('2026-08-01T08:00:00.000Z'),
      activeDays: 3,
    });
  });
});
