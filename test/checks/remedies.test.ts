/** Remedies that must be right to the letter. */
import { expect, it } from 'vitest';
import { type ConnectorSketch, organisationOf } from '../../src/checks/examples/example-organisation.ts';
import { runConfigurationChecks } from '../../src/checks/run-configuration-checks.ts';

function remedyOf(check: string, ...connectors: ConnectorSketch[]): string[] {
  const findings = runConfigurationChecks(organisationOf({ connectors })).findings.filter((finding) => finding.check === check);
  return findings.flatMap(({ remedy }) => remedy.flatMap(({ kind, text }) => (kind === 'powershell' ? [text] : [])));
}

const relay: Omit<ConnectorSketch, 'id'> = {
  Enabled: true,
  AuthMechanism: ['Tls'],
  PermissionGroups: ['AnonymousUsers', 'Custom'],
};

it('cuts another Exchange server out of a range, and leaves the rest of it', () => {
  expect(
    remedyOf(
      'relay-covers-exchange-servers',
      { id: 'EX01\\Relay', from: '10.0.0.8/30', ...relay },
      { id: 'EX02\\Default Frontend EX02', on: '10.0.0.10:25' },
    ),
  ).toEqual([
    'Set-ReceiveConnector -Identity "EX01\\Relay" -RemoteIPRanges @{Add="10.0.0.8/31", "10.0.0.11"; Remove="10.0.0.8/30"}',
  ]);
});

it('keeps the mechanisms that were there', () => {
  expect(remedyOf('clear-text-logon', { id: 'EX01\\Users', AuthMechanism: ['Integrated', 'BasicAuth'] })).toEqual([
    'Set-ReceiveConnector -Identity "EX01\\Users" -AuthMechanism Tls, Integrated, BasicAuth, BasicAuthRequireTLS',
  ]);
});

it('never leaves a connector without ranges', () => {
  expect(remedyOf('undefined-selection', { id: 'EX01\\A', from: '10.0.0.1' }, { id: 'EX01\\B', from: '10.0.0.1' })).toEqual([
    'Set-ReceiveConnector -Identity "EX01\\B" -Enabled $false',
  ]);
});

it('takes public ranges out of a relay that has others, and the right to relay from one that has not', () => {
  const proven = { ...relay, anonymousRights: ['ms-Exch-SMTP-Accept-Any-Recipient'] };
  expect(remedyOf('open-relay', { id: 'EX01\\Relay', from: '10.0.0.1 0.0.0.0-255.255.255.255', ...proven })[0]).toBe(
    'Set-ReceiveConnector -Identity "EX01\\Relay" -RemoteIPRanges @{Remove="0.0.0.0-255.255.255.255"}',
  );
  expect(remedyOf('open-relay', { id: 'EX01\\Relay', ...proven })).toEqual([
    'Get-ReceiveConnector -Identity "EX01\\Relay" | Remove-ADPermission -User "NT AUTHORITY\\ANONYMOUS LOGON" -ExtendedRights "ms-Exch-SMTP-Accept-Any-Recipient" -Confirm:$false',
  ]);
});

it('gives a default connector back what setup gave it', () => {
  expect(
    remedyOf('relay-on-default-connector', {
      id: 'EX01\\Default Frontend EX01',
      AuthMechanism: ['ExternalAuthoritative'],
      PermissionGroups: ['ExchangeServers'],
    })[0],
  ).toBe(
    'Set-ReceiveConnector -Identity "EX01\\Default Frontend EX01" -AuthMechanism Tls, Integrated, BasicAuth, BasicAuthRequireTLS, ExchangeServer',
  );
});

it('adds what a server lacks, and takes nothing away', () => {
  expect(
    remedyOf(
      'unequal-servers',
      { id: 'EX01\\Relay EX01', from: '10.0.0.1 10.0.0.2', AuthMechanism: ['Tls'] },
      { id: 'EX02\\Relay EX02', from: '10.0.0.1 10.0.0.3', AuthMechanism: [] },
    ),
  ).toEqual([
    'Set-ReceiveConnector -Identity "EX02\\Relay EX02" -AuthMechanism Tls',
    'Set-ReceiveConnector -Identity "EX02\\Relay EX02" -RemoteIPRanges @{Add="10.0.0.2"}',
    'Set-ReceiveConnector -Identity "EX01\\Relay EX01" -RemoteIPRanges @{Add="10.0.0.3"}',
  ]);
});

it('does not name a pattern where a connector is meant', () => {
  expect(remedyOf('open-relay', { id: 'EX01\\All [*]', ...relay })[0]).toMatch(
    /^Get-ReceiveConnector -Server "EX01" \| Where-Object \{ \$_\.Name -eq 'All \[\*\]' \} \| Get-ADPermission/,
  );
});

it('makes servers alike by protecting passwords on both, never by sending them in clear on both', () => {
  const frontend = { on: '0.0.0.0:587', AuthMechanism: ['Tls', 'BasicAuth'] } as const;
  expect(
    remedyOf(
      'unequal-servers',
      { ...frontend, id: 'EX01\\Client Frontend EX01' },
      { ...frontend, id: 'EX02\\Client Frontend EX02', AuthMechanism: ['Tls', 'BasicAuth', 'BasicAuthRequireTLS'] },
    ),
  ).toEqual(['Set-ReceiveConnector -Identity "EX01\\Client Frontend EX01" -AuthMechanism Tls, BasicAuth, BasicAuthRequireTLS']);
});

it('calls a proven relay for any public address critical', () => {
  const severityOf = (from: string, sketch: Partial<ConnectorSketch>): string | undefined =>
    runConfigurationChecks(organisationOf({ connectors: [{ id: 'EX01\\Relay', from, ...relay, ...sketch }] })).findings.find(
      ({ check }) => check === 'open-relay',
    )?.severity;
  const proven = { anonymousRights: ['ms-Exch-SMTP-Accept-Any-Recipient'] };
  expect(severityOf('10.0.0.1 203.0.113.7', proven)).toBe('critical');
  expect(severityOf('10.0.0.1 203.0.113.7', {})).toBe('high');
});

it('finds the accepted domain * by its domain, not by a pattern', () => {
  const { findings } = runConfigurationChecks(organisationOf({ connectors: [], acceptedDomains: ['*'] }));
  expect(findings[0]?.remedy.at(-1)?.text).toBe(
    "Get-AcceptedDomain | Where-Object { $_.DomainName.ToString() -eq '*' } | Remove-AcceptedDomain",
  );
});

it('does not enable a relay that somebody has disabled', () => {
  const off = { id: 'EX01\\Old', from: '10.0.0.1', ...relay, Enabled: false };
  expect(remedyOf('disabled-blocker', off).join()).not.toContain('-Enabled $true');
  expect(remedyOf('disabled-blocker', { ...off, PermissionGroups: ['AnonymousUsers'] }).join()).toContain('-Enabled $true');
});

it('takes the range from the relay where the clients of the other connector would land on it', () => {
  expect(
    remedyOf(
      'conflicting-ranges',
      { id: 'EX01\\Relay', from: '10.0.0.0-10.0.0.50 10.1.0.1', ...relay },
      { id: 'EX01\\Inbound', from: '10.0.0.40-10.0.0.60 10.1.0.2', ...relay, PermissionGroups: ['AnonymousUsers'] },
    ),
  ).toEqual(['Set-ReceiveConnector -Identity "EX01\\Relay" -RemoteIPRanges @{Remove="10.0.0.0-10.0.0.50"}']);
});
