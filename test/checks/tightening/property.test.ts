/** Random organisations with random clients: what is proposed for them never opens anything, and breaks nothing. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ConnectorSketch } from '../../../src/checks/examples/example-organisation.ts';
import { organisationOf } from '../../../src/checks/examples/example-organisation.ts';
import { RELAY_CONNECTOR, relayRefusedSession, workingSession } from '../../../src/checks/examples/example-sessions.ts';
import { runAudits } from '../../../src/checks/run-audits.ts';
import { proposalOf } from '../../../src/checks/tightening/propose.ts';
import { recordOf } from '../../../src/configuration/record.ts';
import { conflictsOf } from '../../../src/connector/conflict.ts';
import { identityOf, type ReceiveConnector } from '../../../src/connector/connector.ts';
import { mayRelay } from '../../../src/connector/effective-rights.ts';
import { type Organisation, rightsOf } from '../../../src/connector/organisation.ts';
import { difference } from '../../../src/connector/range-set.ts';
import { parseRemoteRange, type RemoteRange } from '../../../src/connector/remote-range.ts';
import { SelectionTable } from '../../../src/connector/selection.ts';
import { parseAddress } from '../../../src/net/address-range.ts';
import { askAudit } from '../../../src/queries/audit/ask-audit.ts';
import { rehearse } from '../../../src/rehearsal/rehearse.ts';
import { storeConfigurations } from '../../../src/store/configuration-store.ts';
import { exampleDatabase } from '../example-case.ts';

const SPAN = { since: 0, until: Date.parse('2026-11-03T00:00:00.000Z') };
const LOCALS = { EX01: '10.0.0.5', EX02: '10.0.0.6' } as const;
type Server = keyof typeof LOCALS;

const RANGES = [
  '10.0.20.0/26',
  '10.0.20.0/27',
  '10.0.20.8/29',
  '10.0.20.16/28',
  '10.0.20.9',
  '10.0.20.40',
  '10.0.20.48/28',
  '10.0.20.20-10.0.20.23',
];
const ON = ['0.0.0.0:25', '0.0.0.0:25 0.0.0.0:2525', '0.0.0.0:2525'];
const sketched = fc.record({
  from: fc.subarray(RANGES, { minLength: 1 }).map((all) => all.join(' ')),
  on: fc.constantFrom(...ON),
  kind: fc.constantFrom('relay', 'relay', 'trusting', 'apps'),
});

function sketchOf(server: Server, name: string, { from, on, kind }: { from: string; on: string; kind: string }): ConnectorSketch {
  const common = {
    id: `${server}\\${name}`,
    from,
    on,
    Enabled: true,
    ProtocolLoggingLevel: 'Verbose',
    TransportRole: 'FrontendTransport',
  } as const;
  if (kind === 'apps') return { ...common, PermissionGroups: ['AnonymousUsers'], AuthMechanism: ['Tls'] };
  if (kind === 'trusting') return { ...common, PermissionGroups: ['ExchangeServers'], AuthMechanism: ['ExternalAuthoritative'] };
  const { anonymousRights, PermissionGroups, AuthMechanism } = RELAY_CONNECTOR;
  return { ...common, anonymousRights, PermissionGroups, AuthMechanism };
}

const frontEnd = (server: Server, opens: boolean): ConnectorSketch => ({
  id: `${server}\\Default Frontend ${server}`,
  Enabled: true,
  ProtocolLoggingLevel: 'Verbose',
  TransportRole: 'FrontendTransport',
  on: '0.0.0.0:25 0.0.0.0:2525',
  PermissionGroups: opens ? ['AnonymousUsers', 'Custom'] : ['AnonymousUsers'],
  AuthMechanism: ['Tls'],
  ...(opens && { anonymousRights: RELAY_CONNECTOR.anonymousRights }),
});

const organisation = fc
  .record({
    EX01: fc.array(sketched, { minLength: 1, maxLength: 3 }),
    EX02: fc.array(sketched, { maxLength: 2 }),
    opens: fc.constantFrom(false, false, true),
  })
  .map(({ opens, ...servers }) =>
    (Object.keys(servers) as Server[]).flatMap((server) => [
      frontEnd(server, opens),
      ...servers[server].map((one, index) => sketchOf(server, `Connector ${index + 1}`, one)),
    ]),
  );

const client = fc.record({
  last: fc.integer({ min: 0, max: 63 }),
  server: fc.constantFrom<Server>('EX01', 'EX01', 'EX02'),
  port: fc.constantFrom(25, 25, 2525),
  outside: fc.boolean(),
});

function takerIn({ servers }: Organisation, server: string, port: number, source: string): ReceiveConnector | undefined {
  const { connectors } = servers.find((one) => one.server === server)!;
  const local = { address: parseAddress(LOCALS[server as Server])!, port };
  return new SelectionTable(connectors, 'FrontendTransport').select(local, parseAddress(source)!)?.connector;
}

const relays = (all: Organisation, one: ReceiveConnector | undefined): boolean =>
  one !== undefined && mayRelay(one, rightsOf(all, one)) === 'yes';

const parsed = (texts: readonly string[]): RemoteRange[] => texts.map((text) => parseRemoteRange(text)!);
const RANGE_FINDINGS = ['barely-used-range', 'unused-range', 'wide-relay-range'];

test('a proposal never opens, never breaks, and the findings about the ranges that it narrows are gone', async () => {
  let narrowed = 0;
  await fc.assert(
    fc.asyncProperty(
      organisation,
      fc.array(client, { minLength: 1, maxLength: 8 }),
      fc.option(fc.integer({ min: 26, max: 31 }), { freq: 1 }),
      async (connectors, clients, group) => {
        const before = organisationOf({ connectors, acceptedDomains: ['contoso.example'] });
        // What Exchange refuses beside each other has no order that anybody knows.
        fc.pre(before.servers.every((server) => conflictsOf(server.connectors).length === 0));
        const sessions = clients.flatMap(({ last, server, port, outside }) => {
          const from = `10.0.20.${last}`;
          const taker = takerIn(before, server, port, from);
          if (!taker) return [];
          const to = `${LOCALS[server]}:${port}`;
          const refused = outside && !relays(before, taker);
          const rows = refused ? relayRefusedSession('MFP') : workingSession('MFP', outside ? undefined : 'info@contoso.example');
          return [{ connector: identityOf(taker), from, to, rows }];
        });
        fc.pre(sessions.length > 0);
        const db = await exampleDatabase(
          { about: '', sessions, configuration: { connectors, acceptedDomains: ['contoso.example'] } },
          'B',
        );
        const { organisation: after, connectors: proposed } = proposalOf(askAudit(db, SPAN), { group });

        for (const one of proposed) expect(difference(parsed(one.after), parsed(one.before))).toEqual([]);
        for (const server of after.servers) {
          expect(conflictsOf(server.connectors)).toEqual([]);
          for (const port of [25, 2525])
            for (let last = 0; last < 64; last++) {
              const source = `10.0.20.${last}`;
              if (relays(after, takerIn(after, server.server, port, source)))
                expect({
                  source,
                  port,
                  relayed: Object.keys(LOCALS).some((name) =>
                    [25, 2525].some((at) => relays(before, takerIn(before, name, at, source))),
                  ),
                }).toMatchObject({ relayed: true });
            }
        }

        const { totals, notReplayed } = rehearse(db, after, SPAN);
        expect({ ...totals, notReplayed }).toMatchObject({
          sessions: sessions.length,
          messagesLost: 0,
          recipientsLost: 0,
          messagesDoubtful: 0,
          notReplayed: [],
        });
        if (proposed.every(({ action }) => action !== 'dedicate')) expect(totals.devicesMoved).toBe(0);

        storeConfigurations(
          db,
          after.servers.map(({ server, connectors: all }) => ({
            kind: 'connectors' as const,
            scope: server,
            asOf: SPAN.until - 1,
            importedAt: 0,
            file: 'proposal.json',
            content: JSON.stringify(all.map(recordOf)),
          })),
        );
        const { findings } = runAudits(askAudit(db, SPAN));
        const settled = proposed.filter(
          ({ action, untouched, kept }) =>
            action === 'narrow' && group === null && untouched.length === 0 && kept.every(({ because }) => because === 'used'),
        );
        narrowed += settled.length;
        for (const { server, name } of settled)
          expect(
            findings.filter(
              (one) =>
                RANGE_FINDINGS.includes(one.check) &&
                JSON.stringify(one).includes(JSON.stringify(`${server}\\${name}`).slice(1, -1)),
            ),
          ).toEqual([]);
        db.close();
      },
    ),
    { numRuns: 40 },
  );
  expect(narrowed).toBeGreaterThan(0);
}, 120_000);
