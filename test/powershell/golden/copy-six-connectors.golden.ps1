# Save as UTF-8 with byte order mark: without it, Windows PowerShell reads other names than these.
if ('ä' -cne [string][char]0x00E4) { throw "Not read as UTF-8: save this script with a byte order mark." }

# From EX01 (as exported 2026-01-12T08:00Z) to EX02.
# Made by setup, so left alone unless asked for by name: Default EX01, Client Proxy EX01, Default Frontend EX01,
# Outbound Proxy Frontend EX01, Client Frontend EX01.

# Accounts, as this Windows calls them:
$anonymous = ([System.Security.Principal.SecurityIdentifier]'S-1-5-7').Translate([System.Security.Principal.NTAccount]).Value

# EX02\Anon Relay EX02, on EX01 "Anon Relay EX01"
# Fqdn is left to the target's own; on EX01 it is ex01.contoso.com, which is the name of that server.
$connector1 = $null
$new1 = @{
  Name = "Anon Relay EX02"
  Server = "EX02"
  TransportRole = "FrontendTransport"
  Usage = "Custom"
  Bindings = "0.0.0.0:25"
  RemoteIPRanges = "10.0.20.11", "10.0.20.12", "10.0.20.64/26"
  MaxHeaderSize = 256KB
  MaxHopCount = 60
  MaxLocalHopCount = 5
  MaxMessageSize = 36MB
  PermissionGroups = "AnonymousUsers"
  ProtocolLoggingLevel = "Verbose"
}
$connector1 = New-ReceiveConnector @new1 -ErrorAction Stop
$connector1 | Add-ADPermission -User $anonymous -ExtendedRights "ms-Exch-SMTP-Accept-Any-Recipient"

# EX02\ERP (EX02), on EX01 "ERP (EX01)"
# To do: 10.0.0.11:25 is an address of EX01. Name the one of EX02 that takes its place; as it stands the command is
# refused. An address that EX02 does not have can keep its transport service from starting.
# To do: TlsCertificateName of EX01: the certificate must be on the server first, with its private key and enabled for
# SMTP. Then:
#   Set-ReceiveConnector "EX02\ERP (EX02)" -TlsCertificateName '<I>CN=Contoso CA, O=Contoso<S>CN=smtp.contoso.com'
$connector2 = $null
$new2 = @{
  Name = "ERP (EX02)"
  Server = "EX02"
  TransportRole = "FrontendTransport"
  Usage = "Custom"
  Bindings = "0.0.0.0:2587", "ADDRESS-INSTEAD-OF-10.0.0.11:25"
  RemoteIPRanges = "10.0.30.0-10.0.30.99"
  AuthMechanism = "Tls", "BasicAuth", "BasicAuthRequireTLS"
  Fqdn = "smtp.contoso.com"
  ConnectionTimeout = "00:30:00"
  MessageRateLimit = 600
  MaxHeaderSize = 256KB
  MaxHopCount = 60
  MaxLocalHopCount = 5
  MaxMessageSize = 150MB
  MaxRecipientsPerMessage = 5000
  PermissionGroups = "AnonymousUsers", "ExchangeUsers"
  ProtocolLoggingLevel = "Verbose"
  TarpitInterval = "00:00:00"
  Enabled = $false
}
$connector2 = New-ReceiveConnector @new2 -ErrorAction Stop
$connector2 | Add-ADPermission -User $anonymous -Deny -ExtendedRights "ms-Exch-SMTP-Accept-Authoritative-Domain-Sender"
$connector2 | Add-ADPermission -User 'CONTOSO\svc o''erp' -ExtendedRights "ms-Exch-SMTP-Accept-Any-Sender", "ms-Exch-Bypass-Anti-Spam"
$connector2 | Set-ReceiveConnector -Enabled $true

# EX02\Büro „Süd“ – $(calc) `x` O’Brien’s
# Fqdn is left to the target's own; on EX01 it is ex01.contoso.com, which is the name of that server.
$connector3 = $null
$new3 = @{
  Name = 'Büro „Süd“ – $(calc) `x` O’’Brien’’s'
  Server = "EX02"
  TransportRole = "FrontendTransport"
  Usage = "Custom"
  Bindings = "0.0.0.0:25", '[::]:25'
  RemoteIPRanges = "10.0.40.0/24", "fd00:40::/64"
  Comment = ('Hr. Müller''s scanners' + [char]0x000D + [char]0x000A + 'Remove-Item C:\ -Recurse' + [char]0x202E)
  MaxHeaderSize = 256KB
  MaxHopCount = 60
  MaxLocalHopCount = 5
  MaxMessageSize = 36MB
  PermissionGroups = "AnonymousUsers"
}
$connector3 = New-ReceiveConnector @new3 -ErrorAction Stop
$connector3 | Set-ReceiveConnector -SmtpUtf8Enabled $false

# EX02\Secured
# Fqdn is left to the target's own; on EX01 it is ex01.contoso.com, which is the name of that server.
$new4 = @{
  Name = "Secured"
  Server = "EX02"
  TransportRole = "FrontendTransport"
  Usage = "Custom"
  Bindings = "0.0.0.0:25"
  RemoteIPRanges = @(
    "10.0.50.1", "10.0.50.3", "10.0.50.5", "10.0.50.7", "10.0.50.9", "10.0.50.11", "10.0.50.13", "10.0.50.15",
    "10.0.50.17", "10.0.50.19", "10.0.50.21", "10.0.50.23", "10.0.50.25", "10.0.50.27", "10.0.50.29", "10.0.50.31",
    "10.0.50.33", "10.0.50.35", "10.0.50.37", "10.0.50.39", "10.0.50.41", "10.0.50.43", "10.0.50.45", "10.0.50.47",
    "10.0.50.49", "10.0.50.51", "10.0.50.53", "10.0.50.55", "10.0.50.57", "10.0.50.59"
  )
  AuthMechanism = "ExternalAuthoritative"
  MaxHeaderSize = 64KB
  MaxHopCount = 60
  MaxLocalHopCount = 5
  MaxMessageSize = 36MB
  PermissionGroups = "ExchangeServers"
}
New-ReceiveConnector @new4 -ErrorAction Stop

# EX02\Partner
# To do: DefaultDomain of EX01: it names an accepted domain, which must exist in that organisation. Then:
#   Set-ReceiveConnector "EX02\Partner" -DefaultDomain "contoso.com"
# Fqdn is left to the target's own; on EX01 it is ex01.contoso.com, which is the name of that server.
# LiveCredentialEnabled is True on EX01, and the cmdlets do not set it.
# To do: TlsDomainCapabilities of EX01: it trusts what partners say who prove a domain by certificate. Then:
#   Set-ReceiveConnector "EX02\Partner" -TlsDomainCapabilities "mail.protection.outlook.com:AcceptCloudServicesMail"
# Not known to relaylens, compare by hand: FutureProperty is True on EX01.
$new5 = @{
  Name = "Partner"
  Server = "EX02"
  TransportRole = "FrontendTransport"
  Usage = "Custom"
  Bindings = '[::]:2526', "0.0.0.0:2526"
  RemoteIPRanges = "203.0.113.7"
  DomainSecureEnabled = $true
  MaxHeaderSize = 256KB
  MaxHopCount = 60
  MaxLocalHopCount = 5
  MaxMessageSize = 36MB
  PermissionGroups = "Partners"
}
New-ReceiveConnector @new5 -ErrorAction Stop

# EX02\Old (disabled)
# Not in the export of EX01, so left as Exchange has them: AuthMechanism, Banner, BinaryMimeEnabled, ChunkingEnabled,
# DefaultDomain, DeliveryStatusNotificationEnabled, EightBitMimeEnabled, SmtpUtf8Enabled and 39 more.
# To do: Custom cannot be set. It says that EX01\Old has rights besides its groups, and they were not imported. See
# which:
#   Get-ReceiveConnector "EX01\Old" | Get-ADPermission | Where-Object { $_.ExtendedRights -and -not $_.IsInherited } | Format-Table User, Deny, ExtendedRights -AutoSize -Wrap
# Beside AnonymousUsers it is nearly always the right to relay without authentication. Only if it is there, and still
# wanted:
#   $anonymous = ([System.Security.Principal.SecurityIdentifier]'S-1-5-7').Translate([System.Security.Principal.NTAccount]).Value
#   Get-ReceiveConnector "EX02\Old" | Add-ADPermission -User $anonymous -ExtendedRights "ms-Exch-SMTP-Accept-Any-Recipient"
$new6 = @{
  Name = "Old"
  Server = "EX02"
  TransportRole = "FrontendTransport"
  Usage = "Custom"
  Bindings = "0.0.0.0:25"
  RemoteIPRanges = "10.0.60.1"
  Enabled = $false
  PermissionGroups = "AnonymousUsers"
}
New-ReceiveConnector @new6 -ErrorAction Stop

# What Exchange made of it:
Get-ReceiveConnector -Server "EX02" | Format-List Identity, Enabled, TransportRole, Bindings, RemoteIPRanges, AuthMechanism, PermissionGroups, ProtocolLoggingLevel
Get-ReceiveConnector "EX02\Anon Relay EX02" | Get-ADPermission | Where-Object { $_.ExtendedRights -and -not $_.IsInherited } | Format-Table User, Deny, ExtendedRights -AutoSize -Wrap
Get-ReceiveConnector "EX02\ERP (EX02)" | Get-ADPermission | Where-Object { $_.ExtendedRights -and -not $_.IsInherited } | Format-Table User, Deny, ExtendedRights -AutoSize -Wrap
