/** Where a client of one server lands on the others, and the exact change where it would land wrong. */
import { describe, expect, it, test } from 'vitest';
import { type ConnectorSketch, organisationOf } from '../../src/checks/examples/example-organisation.ts';
import { decommission } from '../../src/checks/moves/decommission.ts';
import { type Move, movesOf } from '../../src/checks/moves/move.ts';
import type { ServerUse, ServerUser } from '../../src/queries/usage/views/server-use.ts';

const RELAY: Omit<ConnectorSketch, 'id'> = {
  Enabled: true,
  PermissionGroups: ['AnonymousUsers', 'Custom'],
  anonymousRights: ['ms-Exch-SMTP-Accept-Any-Recipient'],
};
const ANYBODY: Omit<ConnectorSketch, 'id'> = { Enabled: true, PermissionGroups: ['AnonymousUsers'] };
const EX01: ConnectorSketch[] = [
  { id: 'EX01\\Relay EX01', from: '10.0.20.0/24', ...RELAY },
  { id: 'EX01\\Default Frontend EX01', ...ANYBODY },
];

const organisation = (...more: ConnectorSketch[]) => organisationOf({ connectors: [...EX01, ...more] });
const move = (more: readonly ConnectorSketch[], connector = 'EX01\\Relay EX01', source = '10.0.20.11'): Move => {
  const moves = movesOf(organisation(...more), 'ex01', { source, connector, port: 25 });
  expect(moves).toHaveLength(1);
  return moves[0]!;
};
const commands = ({ remedy }: Pick<Move, 'remedy'>): string[] => remedy.map(({ text }) => text);

describe('a client of the relay', () => {
  it('is ready where the connector of the same name takes it', () => {
    expect(move([{ id: 'EX02\\Relay EX02', from: '10.0.20.0/28', ...RELAY }])).toMatchObject({
      state: 'ready',
      takenBy: 'EX02\\Relay EX02',
      remedy: [],
    });
  });

  it('is ready where another connector takes it that may relay', () => {
    expect(move([{ id: 'EX02\\Printers', from: '10.0.0.0/8', ...RELAY }])).toMatchObject({
      state: 'ready',
      takenBy: 'EX02\\Printers',
    });
  });

  it('needs its address where the connector there does not hold it', () => {
    const own = move([
      { id: 'EX02\\Relay EX02', from: '10.0.20.12', ...RELAY },
      { id: 'EX02\\Default Frontend EX02', ...ANYBODY },
    ]);
    expect(own).toMatchObject({
      state: 'change',
      change: 'add-range',
      takenBy: 'EX02\\Default Frontend EX02',
      meant: 'EX02\\Relay EX02',
    });
    expect(commands(own)).toEqual(['Set-ReceiveConnector -Identity "EX02\\Relay EX02" -RemoteIPRanges @{Add="10.0.20.11"}']);
  });

  it('needs its address where a smaller range of another connector keeps it away', () => {
    const own = move([
      { id: 'EX02\\Relay EX02', from: '10.0.20.0/24', ...RELAY },
      { id: 'EX02\\Other', from: '10.0.20.8/29', ...ANYBODY },
    ]);
    expect(own).toMatchObject({ state: 'change', change: 'add-range', takenBy: 'EX02\\Other' });
  });

  it('needs the connector enabled, where that is all', () => {
    const own = move([{ id: 'EX02\\Relay EX02', from: '10.0.20.11', ...RELAY, Enabled: false }]);
    expect(own.change).toBe('enable');
    expect(commands(own)).toEqual(['Set-ReceiveConnector -Identity "EX02\\Relay EX02" -Enabled $true']);
  });

  it('needs a decision where Exchange would refuse the range beside that of another connector', () => {
    const own = move([
      { id: 'EX02\\Relay EX02', from: '10.0.20.0/24', ...RELAY },
      { id: 'EX02\\Other', from: '10.0.20.11', ...ANYBODY },
    ]);
    expect(own).toMatchObject({ state: 'decide', change: null });
    expect(own.remedy.some(({ kind }) => kind === 'powershell')).toBe(false);
  });

  it('needs a connector where there is none like it', () => {
    const own = move([{ id: 'EX02\\Default Frontend EX02', ...ANYBODY }]);
    expect(own).toMatchObject({ state: 'change', change: 'make-connector', meant: null });
    expect(commands(own)[0]).toContain('relaylens connectors copy --from "EX01" --to "EX02" --connector "Relay EX01"');
  });

  it('may do less where the connector of the same name may not relay', () => {
    expect(move([{ id: 'EX02\\Relay EX02', from: '10.0.20.11', ...ANYBODY }]).state).toBe('less');
  });
});

it('who sends to inside only is ready where the default connector takes it', () => {
  const own = move([{ id: 'EX02\\Default Frontend EX02', ...ANYBODY }], 'EX01\\Default Frontend EX01', '10.9.9.9');
  expect(own).toMatchObject({ state: 'ready', takenBy: 'EX02\\Default Frontend EX02' });
});

it('who sends to inside only is not ready where no anonymous client may send at all', () => {
  const own = move([{ id: 'EX02\\Users', PermissionGroups: ['ExchangeUsers'] }], 'EX01\\Default Frontend EX01', '10.9.9.9');
  expect(own).toMatchObject({ state: 'change', change: 'make-connector', takenBy: 'EX02\\Users' });
});

it('of a server that was not imported nothing is known but names', () => {
  const ask = (connector: string): Move[] =>
    movesOf(organisationOf({ connectors: [{ id: 'EX02\\Relay EX02', from: '10.0.20.11', ...RELAY }] }), 'EX01', {
      source: '10.0.20.11',
      connector,
      port: 25,
    });
  expect(ask('EX01\\Relay EX01')).toMatchObject([{ state: 'ready', takenBy: 'EX02\\Relay EX02' }]);
  expect(ask('EX01\\Scanners')).toMatchObject([{ state: 'unknown', remedy: [] }]);
});

it('nothing is known of a client that the log hides, or that no connector takes', () => {
  const there: ConnectorSketch[] = [{ id: 'EX02\\Relay EX02', from: '10.0.20.0/24', ...RELAY }];
  expect(move(there, 'EX01\\Relay EX01', 'x.x.x.x')).toMatchObject({ state: 'unknown', takenBy: null });
  expect(move(there, '')).toMatchObject({ state: 'unknown', takenBy: 'EX02\\Relay EX02' });
});

test('what many devices lack on one connector is one command, of which each holds twenty addresses', () => {
  const device = (n: number): ServerUser => ({
    source: `10.0.20.${n}`,
    device: null,
    owner: null,
    site: null,
    helo: null,
    status: n === 50 ? 'silent' : 'using',
    rhythm: 'daily',
    usualPauseDays: 1,
    longestPauseDays: 1,
    silentAfterDays: 14,
    daysSeen: 30,
    awayDays: 0,
    firstSeen: '2026-11-01T00:00:00.000Z',
    lastSeen: '2026-11-02T00:00:00.000Z',
    lastProof: {
      at: '2026-11-02T00:00:00.000Z',
      sessionId: null,
      connector: 'EX01\\Relay EX01',
      outcome: null,
      messagesAccepted: 0,
      messagesRefused: 0,
      lastError: null,
      behind: null,
    },
    entrance: { connector: 'EX01\\Relay EX01', port: 25 },
    connectors: [],
    elsewhere: [],
  });
  const numbers = [50, ...Array.from({ length: 21 }, (_, index) => index + 1)];
  const use = { server: 'EX01', devices: numbers.map(device) } as unknown as ServerUse;
  const { changes, targets } = decommission(
    use,
    organisation({ id: 'EX02\\Relay EX02', from: '10.0.20.200', ...RELAY }, { id: 'EX02\\Default Frontend EX02', ...ANYBODY }),
  );
  expect(targets).toEqual(['EX02']);
  expect(changes).toHaveLength(1);
  expect(changes[0]!.devices).toHaveLength(22);
  // The silent one comes last.
  expect(commands(changes[0]!)[1]).toBe(
    'Set-ReceiveConnector -Identity "EX02\\Relay EX02" -RemoteIPRanges @{Add="10.0.20.21", "10.0.20.50"}',
  );
  expect(commands(changes[0]!)).toHaveLength(2);
});
