import { describe, expect, it } from 'vitest';
import { commandLines, text, texts, variable, words } from '../../src/powershell/command.ts';
import { propertyArgument } from '../../src/powershell/property-argument.ts';
import { tokens } from './tokenizer.ts';

const lines = (...args: Parameters<typeof commandLines>): string[] => commandLines(...args).map((line) => line.text);

describe('a command', () => {
  it('stands on one line where it fits', () => {
    expect(
      lines({
        cmdlet: 'Set-ReceiveConnector',
        identity: text('EX01\\X'),
        parameters: [
          ['AuthMechanism', words('Tls', 'BasicAuth')],
          ['Enabled', { kind: 'boolean', value: false }],
        ],
      }),
    ).toEqual(['Set-ReceiveConnector "EX01\\X" -AuthMechanism Tls, BasicAuth -Enabled $false']);
  });

  it('takes a long list of parameters from a hashtable, and never goes on behind a backtick', () => {
    const long = lines({
      cmdlet: 'New-ReceiveConnector',
      parameters: [
        ['Name', text('a'.repeat(60))],
        ['Comment', text("it's $(x)")],
        ['PermissionGroups', words('AnonymousUsers', 'ExchangeUsers')],
        ['RemoteIPRanges', texts(Array.from({ length: 40 }, (_, index) => `10.0.0.${index}`))],
      ],
      to: 'connector',
      splat: 'new1',
      stops: true,
    });
    expect(long[0]).toBe('$new1 = @{');
    expect(long).toContain('  PermissionGroups = "AnonymousUsers", "ExchangeUsers"');
    expect(long).toContain('  RemoteIPRanges = @(');
    expect(long.at(-1)).toBe('$connector = New-ReceiveConnector @new1 -ErrorAction Stop');
    expect(long.filter((line) => line.endsWith('`') || line.length > 120)).toEqual([]);
    expect(tokens(long.join('\n')).filter(({ kind }) => kind === 'text')).toHaveLength(44);
  });

  it('writes a switch alone, and turns it off with a colon', () => {
    expect(
      lines({
        cmdlet: 'Remove-ADPermission',
        from: '$connector',
        parameters: [
          ['User', variable('anonymous')],
          ['Deny', { kind: 'switch', on: true }],
          ['Confirm', { kind: 'switch', on: false }],
        ],
      }),
    ).toEqual(['$connector | Remove-ADPermission -User $anonymous -Deny -Confirm:$false']);
  });

  it.each([
    ['36MB', propertyArgument('MaxMessageSize', 37_748_736)],
    ['2GB', propertyArgument('MaxMessageSize', 2 ** 31)],
    ['64KB', propertyArgument('MaxHeaderSize', 65_536)],
    ['1000', propertyArgument('MaxHeaderSize', 1000)],
    ['0', propertyArgument('MaxHeaderSize', 0)],
    ['Unlimited', propertyArgument('MaxInboundConnection', 'Unlimited')],
    ['"00:10:00"', propertyArgument('ConnectionTimeout', 600_000)],
    ['"1.00:00:00"', propertyArgument('ConnectionTimeout', 86_400_000)],
    ['"00:00:05.250"', propertyArgument('TarpitInterval', 5250)],
    ['None', propertyArgument('PermissionGroups', [])],
    ['$null', propertyArgument('Fqdn', '')],
    ['$null', propertyArgument('TlsDomainCapabilities', [])],
    ['12', propertyArgument('MaxHopCount', 12)],
    ['$true', propertyArgument('Enabled', true)],
  ])('gives a value as %s', (code, argument) => {
    expect(lines({ cmdlet: 'X', parameters: [['P', argument]] })).toEqual([`X -P ${code}`]);
  });
});
