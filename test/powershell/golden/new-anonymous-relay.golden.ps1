# EX01\Anon Relay EX01: clients in its ranges may send to any domain without authentication (right
# Accept-Any-Recipient).
$anonymous = ([System.Security.Principal.SecurityIdentifier]'S-1-5-7').Translate([System.Security.Principal.NTAccount]).Value
$connector = $null
$settings = @{
  Name = "Anon Relay EX01"
  Server = "EX01"
  TransportRole = "FrontendTransport"
  Usage = "Custom"
  Bindings = "0.0.0.0:25"
  RemoteIPRanges = "10.0.20.11", "10.0.20.12"
  PermissionGroups = "AnonymousUsers"
  ProtocolLoggingLevel = "Verbose"
}
$connector = New-ReceiveConnector @settings -ErrorAction Stop
$connector | Add-ADPermission -User $anonymous -ExtendedRights "ms-Exch-SMTP-Accept-Any-Recipient"

# What Exchange made of it:
Get-ReceiveConnector "EX01\Anon Relay EX01" | Format-List Identity, Enabled, TransportRole, Bindings, RemoteIPRanges, AuthMechanism, PermissionGroups, ProtocolLoggingLevel
Get-ReceiveConnector "EX01\Anon Relay EX01" | Get-ADPermission | Where-Object { $_.ExtendedRights -and -not $_.IsInherited } | Format-Table User, Deny, ExtendedRights -AutoSize -Wrap
