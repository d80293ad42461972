import { describe, expect, it } from 'vitest';
import type { ReceiveConnector } from '../../src/connector/connector.ts';
import { parseRemoteRange } from '../../src/connector/remote-range.ts';
import type { Planned } from '../../src/powershell/plan.ts';
import { setRanges } from '../../src/powershell/set-ranges.ts';
import { connector } from '../connector/connectors.ts';
import { commandsOf } from './golden.ts';

const RELAY = connector('X', '0.0.0.0:25', '10.0.20.11/32 10.0.30.0/24', { PermissionGroups: ['AnonymousUsers', 'Custom'] });

function ask(add: string, remove: string, connectors: readonly ReceiveConnector[] | null = [RELAY]): Planned {
  const ranges = (text: string) =>
    text
      .split(' ')
      .filter(Boolean)
      .map((one) => parseRemoteRange(one)!);
  return setRanges({ server: 'EX01', name: 'X', add: ranges(add), remove: ranges(remove), connectors, rights: null });
}

const setLine = (planned: Planned): string | undefined =>
  planned.kind === 'commands'
    ? planned.lines.find(({ text }) => text.startsWith('Set-'))?.text
    : planned.refusals.map(({ rule }) => rule).join();

describe('ranges of a connector', () => {
  it('are added, and the others stay', () => {
    expect(setLine(ask('10.0.20.12', ''))).toBe('Set-ReceiveConnector "EX01\\X" -RemoteIPRanges @{Add="10.0.20.12"}');
    expect(setLine(ask('10.0.20.12', '', null))).toBe('Set-ReceiveConnector "EX01\\X" -RemoteIPRanges @{Add="10.0.20.12"}');
  });

  it('of a connector with any name are changed by two commands', () => {
    const name = "O'Brien\u2019s $(calc)\n*";
    const planned = setRanges({
      server: 'EX01',
      name,
      add: [parseRemoteRange('10.0.0.1')!],
      remove: [],
      connectors: null,
      rights: null,
    });
    expect(planned.kind === 'commands' && commandsOf(planned.lines)).toEqual([
      'Set-ReceiveConnector',
      'Get-ReceiveConnector',
      'Where-Object',
    ]);
  });

  it('are removed as they are written there', () => {
    expect(setLine(ask('', '10.0.20.11'))).toBe('Set-ReceiveConnector "EX01\\X" -RemoteIPRanges @{Remove="10.0.20.11/32"}');
  });

  it('leave the rest of a range that was cut', () => {
    expect(setLine(ask('', '10.0.30.0-10.0.30.9 10.0.30.20'))).toBe(
      'Set-ReceiveConnector "EX01\\X" -RemoteIPRanges @{Add="10.0.30.10-10.0.30.19", "10.0.30.21-10.0.30.255"; Remove="10.0.30.0/24"}',
    );
  });

  it('are not added twice', () => {
    expect(setLine(ask('10.0.20.11', ''))).toBeUndefined();
  });

  it('are refused where they are not there, none is left, or Exchange would refuse', () => {
    expect(setLine(ask('', '10.0.99.1'))).toBe('range-missing');
    expect(setLine(ask('', '10.0.0.0/8'))).toBe('range-missing');
    expect(setLine(ask('', '10.0.20.11 10.0.30.0/24'))).toBe('no-range-left');
    expect(setLine(ask('10.0.40.1', '', [RELAY, connector('Y', '0.0.0.0:25', '10.0.40.1')]))).toBe('conflict-identical-ranges');
    expect(setLine(ask('10.0.40.1', '', []))).toBe('connector-missing');
  });

  it('of a relay that hold strangers are warned of', () => {
    const planned = ask('8.8.8.0/24', '');
    expect(planned.kind === 'commands' && planned.warnings).toHaveLength(1);
  });
});
