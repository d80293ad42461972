# EX01\Anon Relay EX01: clients in its ranges count as authenticated: any sender, any recipient, no limits of size and
# recipients, no filters.
$settings = @{
  Name = "Anon Relay EX01"
  Server = "EX01"
  TransportRole = "FrontendTransport"
  Usage = "Custom"
  Bindings = "0.0.0.0:25", '[::]:25'
  RemoteIPRanges = "10.0.20.0/24", "fd00:20::/64"
  AuthMechanism = "ExternalAuthoritative"
  PermissionGroups = "ExchangeServers"
  ProtocolLoggingLevel = "Verbose"
}
New-ReceiveConnector @settings -ErrorAction Stop

# What Exchange made of it:
Get-ReceiveConnector "EX01\Anon Relay EX01" | Format-List Identity, Enabled, TransportRole, Bindings, RemoteIPRanges, AuthMechanism, PermissionGroups, ProtocolLoggingLevel
