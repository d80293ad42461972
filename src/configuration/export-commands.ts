/**
 * The lines that an administrator pastes into the Exchange Management Shell. Every value becomes a text there, so that
 * nothing depends on the depth of ConvertTo-Json, on cut lists, or on whether the shell is local or remote.
 */
import { PROPERTY_NAMES } from '../connector/properties.ts';

const NAMES_IN_A_LINE = 4;

/** Lines for three files: connectors.json, connector-rights.json, accepted-domains.json. */
export function exportCommands(): string[] {
  return [...CONNECTORS, ...RIGHTS, ...ACCEPTED_DOMAINS];
}

const quoted = ['Bindings', 'RemoteIPRanges', ...PROPERTY_NAMES].map((name) => `'${name}'`);
const nameLines = quoted.flatMap((_, at) =>
  at % NAMES_IN_A_LINE === 0 ? `  ${quoted.slice(at, at + NAMES_IN_A_LINE).join(',')}` : [],
);

/** A property that the server's version does not have is left out, so that it is not taken for an empty one. */
const CONNECTORS = [
  '$names = @(',
  ...nameLines.map((line, at) => (at < nameLines.length - 1 ? `${line},` : line)),
  ')',
  'Get-ReceiveConnector | ForEach-Object {',
  '  $rc = $_',
  '  $row = [ordered]@{ Identity = "$($rc.Identity)"; Server = "$($rc.Server)"; Name = "$($rc.Name)" }',
  "  foreach ($n in $names) { if ($rc.PSObject.Properties[$n]) { $row[$n] = $rc.$n -join ';' } }",
  '  [pscustomobject]$row',
  '} | ConvertTo-Json | Set-Content connectors.json -Encoding UTF8',
];

// A remote shell runs one pipeline at a time: the parentheses let the first end before the next begins.
const RIGHTS = [
  '(Get-ReceiveConnector) | ForEach-Object {',
  '  $rc = $_',
  "  Get-ADPermission -Identity $rc.DistinguishedName | Where-Object { $_.ExtendedRights -like 'ms-Exch-*' } |",
  `    Select-Object @{n='Connector';e={"$($rc.Identity)"}}, @{n='User';e={"$($_.User)"}}, @{n='Deny';e={"$($_.Deny)"}},`,
  `      @{n='IsInherited';e={"$($_.IsInherited)"}}, @{n='ExtendedRights';e={$_.ExtendedRights -join ';'}}`,
  '} | ConvertTo-Json | Set-Content connector-rights.json -Encoding UTF8',
];

const ACCEPTED_DOMAINS = [
  `Get-AcceptedDomain | Select-Object @{n='Name';e={"$($_.Name)"}}, @{n='DomainName';e={"$($_.DomainName)"}},`,
  `  @{n='DomainType';e={"$($_.DomainType)"}}, @{n='Default';e={"$($_.Default)"}} |`,
  '  ConvertTo-Json | Set-Content accepted-domains.json -Encoding UTF8',
];
