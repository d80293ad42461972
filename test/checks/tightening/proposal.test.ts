/** What is proposed for small organisations, and what their own history says to it. */
import { expect, it } from 'vitest';
import type { AuditExample } from '../../../src/checks/audit.ts';
import { greeted, QUIT, RELAY_CONNECTOR, workingSession } from '../../../src/checks/examples/example-sessions.ts';
import { runAudits } from '../../../src/checks/run-audits.ts';
import type { ConnectorProposal, Proposal } from '../../../src/checks/tightening/proposal.ts';
import { proposalOf } from '../../../src/checks/tightening/propose.ts';
import { askAudit } from '../../../src/queries/audit/ask-audit.ts';
import type { AuditFacts } from '../../../src/queries/audit/audit-facts.ts';
import { rehearse } from '../../../src/rehearsal/rehearse.ts';
import type { ReplayReview } from '../../../src/rehearsal/review.ts';
import { exampleDatabase } from '../example-case.ts';

const SPAN = { since: 0, until: Date.parse('2026-11-03T00:00:00.000Z') };
const FIRST = '2026-10-01T08:00:00.000Z';

type Sketch = AuditExample['sessions'][number];
type Connectors = NonNullable<AuditExample['configuration']>['connectors'];

const mail = (connector: string, from: string, more: Partial<Sketch> = {}): Sketch => ({
  connector,
  from,
  rows: workingSession('MFP'),
  ...more,
});
const RELAY = { ...RELAY_CONNECTOR, Enabled: true, ProtocolLoggingLevel: 'Verbose' } as const;
const FRONTEND = {
  id: 'EX01\\Default Frontend EX01',
  PermissionGroups: ['AnonymousUsers', 'ExchangeServers', 'ExchangeLegacyServers'],
  AuthMechanism: ['Tls', 'Integrated'],
  Enabled: true,
  ProtocolLoggingLevel: 'Verbose',
} as const;

interface Proposed {
  readonly facts: AuditFacts;
  readonly proposal: Proposal;
  readonly dryRun: ReplayReview;
  of(name: string): ConnectorProposal;
}

async function proposed(connectors: Connectors, sessions: readonly Sketch[], group?: number): Promise<Proposed> {
  const configuration = { connectors, acceptedDomains: ['contoso.example'] };
  const db = await exampleDatabase({ about: '', sessions, configuration }, 'B');
  const facts = askAudit(db, SPAN);
  const proposal = proposalOf(facts, group === undefined ? {} : { group });
  const dryRun = rehearse(db, proposal.organisation, SPAN);
  return {
    facts,
    proposal,
    dryRun,
    of: (name) => proposal.connectors.find((one) => `${one.server}\\${one.name}` === name)!,
  };
}

/** Ids of the findings about ranges, under the proposal. */
const findingsAfter = ({ facts, proposal }: Proposed): string[] =>
  runAudits({ ...facts, organisation: proposal.organisation }).findings.map(({ check }) => check);

it('a range with two users becomes their addresses; the finding is gone, nothing is refused, and the list can be put back', async () => {
  const all = await proposed(
    [FRONTEND, { ...RELAY, from: '10.0.20.0/24 10.0.30.7' }],
    [mail(RELAY.id, '10.0.20.10'), mail(RELAY.id, '10.0.20.11'), mail(RELAY.id, '10.0.30.7')],
  );
  const relay = all.of(RELAY.id);
  expect(relay).toMatchObject({
    action: 'narrow',
    after: ['10.0.30.7', '10.0.20.10-10.0.20.11'],
    addressesBefore: '257 addresses',
    addressesAfter: '3 addresses',
  });
  expect(relay.commands.at(-1)).toBe(
    'Set-ReceiveConnector -Identity "EX01\\Anon Relay EX01" -RemoteIPRanges "10.0.30.7", "10.0.20.10-10.0.20.11"',
  );
  expect(relay.wayBack).toEqual([
    'Set-ReceiveConnector -Identity "EX01\\Anon Relay EX01" -RemoteIPRanges "10.0.20.0/24", "10.0.30.7"',
  ]);
  expect(runAudits(all.facts).findings.map(({ check }) => check)).toContain('barely-used-range');
  expect(findingsAfter(all)).not.toContain('barely-used-range');
  expect(all.dryRun.totals).toMatchObject({ sessions: 3, messagesAccepted: 3, messagesLost: 0, devicesMoved: 0, notReplayed: 0 });
  expect(all.proposal.script).toContain('#   Set-ReceiveConnector');
});

it('who only connected does not keep its entry, and is told of', async () => {
  const { of } = await proposed(
    [FRONTEND, { ...RELAY, from: '10.0.20.0/24' }],
    [mail(RELAY.id, '10.0.20.10'), mail(RELAY.id, '10.0.20.99', { rows: `${greeted('check')}\n${QUIT}` })],
  );
  expect(of(RELAY.id)).toMatchObject({
    after: ['10.0.20.10'],
    leftOut: [{ source: '10.0.20.99', because: 'only-connected', landsOn: 'Default Frontend EX01' }],
  });
});

it('who would be taken by no connector any more is told of as turned away', async () => {
  const { of } = await proposed(
    [{ ...RELAY, from: '10.0.20.0/24' }],
    [mail(RELAY.id, '10.0.20.10'), mail(RELAY.id, '10.0.20.99', { rows: `${greeted('check')}\n${QUIT}` })],
  );
  expect(of(RELAY.id).leftOut).toMatchObject([{ source: '10.0.20.99', landsOn: null }]);
});

it('behind one name, a client of one server stays on both where both hold it', async () => {
  const twin = { ...RELAY, id: 'EX02\\Anon Relay EX02' };
  const { of, dryRun } = await proposed(
    [
      { ...RELAY, from: '10.0.20.0/24' },
      { ...twin, from: '10.0.20.0/25' },
    ],
    [mail(RELAY.id, '10.0.20.10'), mail(RELAY.id, '10.0.20.200'), mail(twin.id, '10.0.20.11', { to: '10.0.0.6:25' })],
  );
  expect(of(RELAY.id).after).toEqual(['10.0.20.10-10.0.20.11', '10.0.20.200']);
  // .200 was never let in there.
  expect(of(twin.id).after).toEqual(['10.0.20.10-10.0.20.11']);
  expect(of(twin.id).kept.map(({ source, because }) => [source, because])).toEqual([
    ['10.0.20.11', 'used'],
    ['10.0.20.10', 'other-server'],
  ]);
  expect(dryRun.totals.messagesLost).toBe(0);
});

it('public addresses that stay are told apart', async () => {
  const { of, proposal } = await proposed(
    [{ ...RELAY, from: '10.0.20.0/24 203.0.113.0/24' }],
    [mail(RELAY.id, '10.0.20.10'), mail(RELAY.id, '203.0.113.9')],
  );
  expect(
    of(RELAY.id)
      .kept.filter(({ isPublic }) => isPublic)
      .map(({ source }) => source),
  ).toEqual(['203.0.113.9']);
  expect(proposal.script).toContain('# Decide about these public addresses, which stay in: 203.0.113.9.');
});

it('a connector without any use is disabled, and never emptied', async () => {
  const idle = { ...RELAY, id: 'EX01\\Old Relay', from: '10.9.0.0/24' };
  const all = await proposed(
    [FRONTEND, { ...RELAY, from: '10.0.20.10' }, idle],
    [mail(RELAY.id, '10.0.20.10', { at: FIRST }), mail(RELAY.id, '10.0.20.10', { at: '2026-11-02T08:00:00.000Z' })],
  );
  expect(all.of(idle.id)).toMatchObject({ action: 'disable', after: ['10.9.0.0/24'] });
  expect(all.of(idle.id).commands.at(-1)).toBe('Set-ReceiveConnector -Identity "EX01\\Old Relay" -Enabled $false');
  expect(all.of(RELAY.id)).toMatchObject({
    action: 'leave',
    because: 'Every entry is in use, address by address.',
    commands: [],
  });
  expect(runAudits(all.facts).findings.map(({ check }) => check)).toContain('unused-range');
  expect(findingsAfter(all)).not.toContain('unused-range');
});

const { ProtocolLoggingLevel: _, ...UNSAID } = RELAY;

it.each([
  ['after a few days of logs', RELAY, /too little to say/],
  ['where it does not log', { ...RELAY, ProtocolLoggingLevel: 'None' }, /Switch logging on/],
  ['where nothing says whether it logs', UNSAID, /does not hold ProtocolLoggingLevel/],
] as const)('nobody seen says nothing %s', async (_about, connector, because) => {
  const idle = { ...connector, id: 'EX01\\Old Relay', from: '10.9.0.0/24' };
  const { of } = await proposed([{ ...RELAY, from: '10.0.20.10' }, idle], [mail(RELAY.id, '10.0.20.10')]);
  expect(of(idle.id)).toMatchObject({ action: 'leave', because: expect.stringMatching(because) });
});

it('a default connector keeps the world, loses the right, and who relayed from inside gets a connector of its own', async () => {
  const open = {
    ...FRONTEND,
    PermissionGroups: ['AnonymousUsers', 'ExchangeServers', 'Custom'],
    anonymousRights: RELAY_CONNECTOR.anonymousRights,
    MaxMessageSize: 1024 * 1024 * 50,
  } as const;
  const inside = workingSession('mx', 'info@contoso.example', 'a@fabrikam.example');
  const all = await proposed(
    [open],
    [
      mail(open.id, '10.0.20.10'),
      mail(open.id, '10.0.20.11'),
      mail(open.id, '198.51.100.7'),
      mail(open.id, '198.51.100.20', { rows: inside }),
      mail(open.id, '10.0.20.12', { rows: inside }),
    ],
  );
  const told = all.of(open.id);
  expect(told).toMatchObject({
    action: 'dedicate',
    after: told.before,
    dedicated: { name: 'Relay EX01', ranges: ['10.0.20.10-10.0.20.11'] },
    leftOut: [{ source: '198.51.100.7', because: 'public-relay' }],
  });
  const commands = told.commands.join('\n');
  expect(commands).toContain('-MaxMessageSize 50MB');
  expect(commands.indexOf('New-ReceiveConnector')).toBeLessThan(commands.indexOf('Remove-ADPermission'));
  expect(told.wayBack.join('\n')).toMatch(/Add-ADPermission[\s\S]*Remove-ReceiveConnector/);
  // Of five messages the one that came from the Internet to the Internet is lost, which is meant.
  expect(all.dryRun.totals).toMatchObject({ messagesAccepted: 5, messagesLost: 1, devicesMoved: 2 });
  expect(all.dryRun.sessions.filter(({ consequence }) => consequence === 'mail-lost').map(({ source }) => source)).toEqual([
    '198.51.100.7',
  ]);
  expect(findingsAfter(all)).not.toContain('relay-on-default-connector');
});

it('a connector that trusts its network is narrowed in the same way', async () => {
  const trusting = {
    id: RELAY.id,
    from: '10.0.20.0/24',
    Enabled: true,
    ProtocolLoggingLevel: 'Verbose',
    PermissionGroups: ['ExchangeServers'],
    AuthMechanism: ['ExternalAuthoritative'],
  } as const;
  const { of, dryRun } = await proposed([FRONTEND, trusting], [mail(RELAY.id, '10.0.20.10')]);
  expect(of(RELAY.id)).toMatchObject({ action: 'narrow', after: ['10.0.20.10'] });
  expect(dryRun.totals.messagesLost).toBe(0);
});

it('an entry stays as it is where a narrower one would take a client from another connector', async () => {
  const apps = { ...FRONTEND, id: 'EX01\\Apps', from: '10.0.20.0/28' };
  const all = await proposed(
    [FRONTEND, apps, { ...RELAY, on: '0.0.0.0:25 0.0.0.0:2525', from: '10.0.20.0/24 10.0.30.0/24' }],
    [
      mail(RELAY.id, '10.0.20.5', { to: '10.0.0.5:2525' }),
      mail(apps.id, '10.0.20.5', { rows: workingSession('app', 'info@contoso.example') }),
      mail(RELAY.id, '10.0.30.5'),
    ],
  );
  expect(all.of(RELAY.id)).toMatchObject({ action: 'narrow', after: ['10.0.20.0/24', '10.0.30.5'], untouched: ['10.0.20.0/24'] });
  expect(all.dryRun.totals.devicesMoved).toBe(0);
});

it('sessions that cannot be replayed are counted with their reason', async () => {
  const { dryRun } = await proposed(
    [{ ...RELAY, from: '10.0.20.0/24' }],
    [mail(RELAY.id, '10.0.20.10'), mail('EX09\\Relay', '10.0.20.11', { to: '10.0.0.9:25' })],
  );
  expect(dryRun.notReplayed).toEqual([{ because: 'there is no configuration of EX09', count: 1 }]);
});
