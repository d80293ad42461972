# From EX01 (as exported 2026-01-12T08:00Z) to EX02.

# Accounts, as this Windows calls them:
$anonymous = ([System.Security.Principal.SecurityIdentifier]'S-1-5-7').Translate([System.Security.Principal.NTAccount]).Value

# EX02\Default Frontend EX02, on EX01 "Default Frontend EX01": is there; what differs is set as on EX01.
# Fqdn is left to the target's own; on EX01 it is ex01.contoso.com, which is the name of that server.
Set-ReceiveConnector "EX02\Default Frontend EX02" -MaxMessageSize 100MB -RequireTLS $true

# EX02\Relay EX02, on EX01 "Relay EX01": is there; what differs is set as on EX01.
# Fqdn is left to the target's own; on EX01 it is ex01.contoso.com, which is the name of that server.
$change2 = @{
  RemoteIPRanges = "10.0.0.1", "10.0.0.2"
  MaxHopCount = 30
  PermissionGroups = "AnonymousUsers"
  ProtocolLoggingLevel = "None"
}
Set-ReceiveConnector "EX02\Relay EX02" @change2
Get-ReceiveConnector "EX02\Relay EX02" | Add-ADPermission -User $anonymous -ExtendedRights "ms-Exch-SMTP-Accept-Any-Recipient"

# EX02\Scanner: is there; what differs is set as on EX01.
# To do: 10.0.0.11:25 is an address of EX01. The bindings on EX02 are left as they are: compare them by hand. An address
# that EX02 does not have can keep its transport service from starting.
# Fqdn is left to the target's own; on EX01 it is ex01.contoso.com, which is the name of that server.
Set-ReceiveConnector "EX02\Scanner" -RemoteIPRanges "10.0.9.0/24"

# What Exchange made of it:
Get-ReceiveConnector -Server "EX02" | Format-List Identity, Enabled, TransportRole, Bindings, RemoteIPRanges, AuthMechanism, PermissionGroups, ProtocolLoggingLevel
Get-ReceiveConnector "EX02\Relay EX02" | Get-ADPermission | Where-Object { $_.ExtendedRights -and -not $_.IsInherited } | Format-Table User, Deny, ExtendedRights -AutoSize -Wrap
