/** Why a message came back after it had been accepted: the codes in non-delivery reports and in message tracking. */
import { advice, device, exchange, log, network, replies } from './entry.ts';

const TRACK = log('The SMTP log ends with 250 Queued: look at message tracking instead.');

/** In non-delivery reports and message tracking. */
export const NON_DELIVERY_REPLIES = replies({ stage: 'non-delivery', side: 'transport' }, [
  {
    id: 'undelivered-recipient-not-found',
    texts: [
      { versions: '2007-2013', text: '550 5.1.1 RESOLVER.ADR.RecipNotFound; not found' },
      { versions: '2016+ EXO', text: '550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup' },
    ],
    meaning: 'The message was accepted for the domain, and then nobody with this address was found in it.',
    causes: [
      'The address is misspelt, or its mailbox was deleted or renamed.',
      'The domain is authoritative here, while some of its mailboxes live in another system.',
    ],
    lookAt: [exchange('Get-Recipient {recipient}'), exchange('Get-AcceptedDomain {domain} | Format-List DomainType')],
    remedy: [
      device('Correct the address.'),
      exchange('Set-AcceptedDomain {domain} -DomainType InternalRelay'),
      advice('Internal relay needs a send connector to the other system, or mail goes round in circles.'),
    ],
    source: ['product', 'documentation'],
  },
  {
    id: 'undelivered-legacy-address',
    texts: [{ versions: '2010+', text: '550 5.1.1 RESOLVER.ADR.ExRecipNotFound; not found' }],
    meaning: 'The message went to an old internal address (X.500) that no longer belongs to anybody.',
    causes: ['The mailbox was moved or made anew; reply caches and old messages still hold its former internal address.'],
    lookAt: [exchange('Get-Mailbox {mailbox} | Format-List LegacyExchangeDN, EmailAddresses')],
    remedy: [
      exchange('Set-Mailbox {mailbox} -EmailAddresses @{Add={recipient}}'),
      advice('The address to add begins with X500: and the old internal address behind it.'),
    ],
    source: ['product', 'documentation'],
  },
  {
    id: 'undelivered-sender-not-authenticated',
    texts: [
      { versions: '2007-2013', text: '550 5.7.1 RESOLVER.RST.AuthRequired; authentication required' },
      {
        versions: '2016+ EXO',
        text: '550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required; Delivery restriction check failed because the sender was not authenticated when sending to this group',
      },
    ],
    variants: [
      '550 5.7.134 RESOLVER.RST.{restriction}; {detail}',
      '550 5.7.135 RESOLVER.RST.{restriction}; {detail}',
      '550 5.7.136 RESOLVER.RST.{restriction}; {detail}',
      '550 5.7.12 {detail}',
    ],
    often: true,
    meaning:
      'This group or mailbox takes mail from senders inside the organisation only, and mail of the device counts as coming from outside.',
    causes: [
      'RequireSenderAuthenticationEnabled is on for the recipient (5.7.133 a group, 5.7.134 a mailbox, 5.7.135 a public folder, 5.7.136 a mail user), and the device sends without a logon.',
    ],
    lookAt: [exchange('Get-DistributionGroup {group} | Format-List RequireSenderAuthenticationEnabled'), TRACK],
    remedy: [
      exchange('Set-DistributionGroup {group} -RequireSenderAuthenticationEnabled $false'),
      advice('Or send through an externally secured connector (ExternalAuthoritative), whose mail counts as internal.'),
    ],
    samples: [
      '550 5.7.134 RESOLVER.RST.SenderNotAuthenticatedForMailbox; authentication required',
      '550 5.7.135 RESOLVER.RST.SenderNotAuthenticated; authentication required',
      '550 5.7.136 RESOLVER.RST.SenderNotAuthenticated; authentication required',
      '550 5.7.12 Sender was not authenticated',
    ],
    source: ['product', 'documentation'],
  },
  {
    id: 'undelivered-sender-not-authorized',
    texts: [{ versions: '2010+', text: '550 5.7.1 RESOLVER.RST.NotAuthorized; not authorized' }],
    variants: ['550 5.7.124 {detail}', '550 5.7.129 {detail}'],
    meaning: 'This recipient takes mail from certain senders only, and this sender is not among them.',
    causes: ['AcceptMessagesOnlyFrom of the recipient does not name the sender.'],
    lookAt: [exchange('Get-Recipient {recipient} | Format-List AcceptMessagesOnlyFrom*')],
    remedy: [
      exchange('Set-Mailbox {mailbox} -AcceptMessagesOnlyFromSendersOrMembers @{Add={sender}}'),
      exchange('Set-DistributionGroup {group} -AcceptMessagesOnlyFromSendersOrMembers @{Add={sender}}'),
    ],
    samples: ['550 5.7.124 Sender not in the allowed-senders list', '550 5.7.129 Sender not allowed'],
    source: ['product'],
  },
  {
    id: 'undelivered-group-not-authorized',
    texts: [
      { versions: '2010+', text: '550 5.7.1 RESOLVER.RST.NotAuthorizedToGroup; not authorized to send to the distribution list' },
    ],
    meaning: 'Only certain senders may write to this distribution group.',
    causes: ['The group names the senders that it takes mail from, and this one is not among them.'],
    lookAt: [exchange('Get-DistributionGroup {group} | Format-List AcceptMessagesOnlyFrom*')],
    remedy: [exchange('Set-DistributionGroup {group} -AcceptMessagesOnlyFromSendersOrMembers @{Add={sender}}')],
    source: ['product'],
  },
  {
    id: 'undelivered-rejected-by-rule',
    texts: [
      {
        versions: '2010+',
        text: '550 5.7.1 TRANSPORT.RULES.RejectMessage; the message was rejected by organization policy',
      },
    ],
    meaning:
      'A mail flow rule of the organisation refuses the message. The administrator may have given it other words and a code from 5.7.900 to 5.7.999.',
    causes: ['The message fulfils the conditions of a transport rule that rejects.'],
    lookAt: [exchange('Get-TransportRule | Format-Table Name, State, Priority, RejectMessageReasonText')],
    remedy: [advice('Add an exception for the sender or the address of the device to that rule.')],
    source: ['documentation'],
  },
  {
    id: 'undelivered-recipient-size-limit',
    texts: [{ versions: '2010+', text: '550 5.2.3 RESOLVER.RST.RecipSizeLimit; message too large for this recipient' }],
    meaning: 'The message is bigger than this recipient may receive.',
    causes: ['MaxReceiveSize of the mailbox.'],
    lookAt: [exchange('Get-Mailbox {mailbox} | Format-List MaxReceiveSize')],
    remedy: [exchange('Set-Mailbox {mailbox} -MaxReceiveSize 50MB'), device('Send a smaller file.')],
    source: ['product', 'documentation'],
  },
  {
    id: 'undelivered-organization-size-limit',
    texts: [{ versions: '2010+', text: '550 5.2.3 RESOLVER.RST.SendSizeLimit.Org; message too large for this organization' }],
    meaning: 'The message is bigger than the organisation as a whole allows, even though the connector took it.',
    causes: [
      'MaxReceiveSize or MaxSendSize of the organisation: 10 MB unless it was changed, less than the 36 MB of a connector.',
    ],
    lookAt: [exchange('Get-TransportConfig | Format-List MaxReceiveSize, MaxSendSize')],
    remedy: [exchange('Set-TransportConfig -MaxReceiveSize 35MB -MaxSendSize 35MB'), device('Send a smaller file.')],
    source: ['product', 'documentation'],
  },
  {
    id: 'undelivered-too-many-recipients',
    texts: [{ versions: '2010+', text: '550 5.5.3 RESOLVER.ADR.RecipLimit; too many recipients' }],
    meaning: 'The message has more recipients, groups unfolded, than the organisation allows.',
    causes: ['MaxRecipientEnvelopeLimit is reached (500 unless it was changed).'],
    lookAt: [exchange('Get-TransportConfig | Format-List MaxRecipientEnvelopeLimit')],
    remedy: [exchange('Set-TransportConfig -MaxRecipientEnvelopeLimit 1000'), device('Send to fewer recipients at a time.')],
    source: ['product'],
  },
  {
    id: 'undelivered-route-size-limit',
    texts: [{ versions: '2010+', text: '550 5.3.4 ROUTING.SizeLimit; message size exceeds fixed maximum size for route' }],
    meaning: 'The message is too big for the way on which it would have to leave.',
    causes: ['MaxMessageSize of the send connector.'],
    lookAt: [exchange('Get-SendConnector | Format-Table Name, AddressSpaces, MaxMessageSize')],
    remedy: [exchange('Set-SendConnector {sendConnector} -MaxMessageSize 50MB'), device('Send a smaller file.')],
    source: ['product'],
  },
  {
    id: 'undelivered-no-route',
    texts: [{ versions: '2010+', text: '550 5.4.4 ROUTING.NoNextHop; unable to route' }],
    meaning: 'The message was taken, but the organisation has no way to send mail to that domain.',
    causes: ['No enabled send connector covers the domain of the recipient.'],
    lookAt: [exchange('Get-SendConnector | Format-Table Name, Enabled, AddressSpaces, SourceTransportServers')],
    remedy: [
      exchange('New-SendConnector -Name Internet -AddressSpaces * -DNSRoutingEnabled $true -SourceTransportServers {server}'),
      exchange('Set-SendConnector {sendConnector} -Enabled $true'),
    ],
    source: ['product'],
  },
  {
    id: 'undelivered-expired',
    texts: [{ versions: '2010+', text: '550 4.4.7 QUEUE.Expired; message expired' }],
    meaning: 'The server has tried for two days to send the message on, and has given up.',
    causes: ['The next hop could not be reached, or put the message off each time.'],
    lookAt: [exchange('Get-Queue -Server {server} | Format-List NextHopDomain, Status, LastError')],
    remedy: [advice('LastError of the queue is the real error; solve that, and have the message sent again.')],
    source: ['product', 'documentation'],
  },
  {
    id: 'undelivered-domain-missing',
    texts: [{ versions: '2010+', text: '554 5.4.4 SMTPSEND.DNS.NonExistentDomain; nonexistent domain' }],
    meaning: 'The domain of the recipient does not exist in DNS.',
    causes: ['The domain is misspelt, or the DNS server of Exchange does not know it.'],
    lookAt: [exchange('Resolve-DnsName {domain} -Type MX')],
    remedy: [device('Correct the address.'), network('Let the server ask a DNS server that knows domains outside.')],
    source: ['product', 'documentation'],
  },
  {
    id: 'undelivered-mx-loop',
    texts: [
      { versions: '2010+', text: '554 5.4.4 SMTPSEND.DNS.MxLoopback; DNS records for this domain are configured in a loop' },
    ],
    meaning: 'DNS says that mail for the domain goes to this very server, which does not know the domain.',
    causes: ['The domain is missing among the accepted domains, or the internal DNS gives another answer than the public one.'],
    lookAt: [exchange('Resolve-DnsName {domain} -Type MX'), exchange('Get-AcceptedDomain')],
    remedy: [
      exchange('New-AcceptedDomain -Name {domain} -DomainName {domain} -DomainType Authoritative'),
      advice('Or send the domain to a smart host with a send connector of its own.'),
    ],
    source: ['product'],
  },
  {
    id: 'undelivered-dns-invalid',
    texts: [{ versions: '2010+', text: '554 5.4.4 SMTPSEND.DNS.InvalidData; DNS returned an invalid response for this domain' }],
    meaning: 'What DNS answered about the domain makes no sense.',
    causes: ["The domain's MX records are broken, for instance an address where a name belongs."],
    lookAt: [exchange('Resolve-DnsName {domain} -Type MX')],
    remedy: [advice('Tell the owner of the domain; until then use a smart host for it.')],
    source: ['product'],
  },
  {
    id: 'undelivered-bare-line-feeds',
    texts: [
      {
        versions: '2010+',
        text: '550 5.6.2 SMTPSEND.BareLinefeedsAreIllegal; message contains bare linefeeds, which cannot be sent via DATA',
      },
    ],
    variants: ['550 5.6.11 SMTPSEND.BareLinefeedsAreIllegal; message contains bare linefeeds, which cannot be sent via DATA'],
    meaning: 'The lines of the message end in the wrong way, and the next server cannot take it like that.',
    causes: ['The application ends lines with LF only, and the next hop knows no BDAT.'],
    lookAt: [log('CHUNKING is missing in the answer of the next hop to EHLO.')],
    remedy: [device('The application has to end its lines with CR LF.')],
    source: ['product', 'documentation'],
  },
  {
    id: 'undelivered-next-hop-size-limit',
    texts: [{ versions: '2010+', text: '550 5.3.4 SMTPSEND.OverAdvertisedSize; message size exceeds fixed maximum size' }],
    meaning: 'The message is bigger than the next server says it takes.',
    causes: ['SIZE in the answer of the next hop to EHLO is smaller than the message.'],
    lookAt: [log('SIZE in the answer to EHLO, in the send log.')],
    remedy: [device('Send a smaller file.'), advice('Or ask the operator of the next server for a higher limit.')],
    source: ['product'],
  },
  {
    id: 'undelivered-primary-address-broken',
    texts: [
      { versions: '2010+', text: '550 5.2.0 RESOLVER.ADR.BadPrimary; recipient primary SMTP address is missing or invalid' },
    ],
    meaning: 'The recipient exists, but its own main address is missing or wrong.',
    causes: ['The object in the directory is damaged or was edited by hand.'],
    lookAt: [exchange('Get-Recipient {recipient} | Format-List PrimarySmtpAddress, EmailAddresses')],
    remedy: [exchange('Set-Mailbox {mailbox} -PrimarySmtpAddress {recipient} -EmailAddressPolicyEnabled $false')],
    source: ['product'],
  },
  {
    id: 'undelivered-address-ambiguous',
    texts: [{ versions: '2010+', text: '550 5.1.4 RESOLVER.ADR.Ambiguous; ambiguous address' }],
    meaning: 'Two recipients have this address, and the server cannot choose.',
    causes: ['The same address stands on two objects of the directory.'],
    lookAt: [
      exchange(
        'Get-Recipient -ResultSize Unlimited | Where-Object { $_.EmailAddresses -contains {recipient} } | Format-Table Name, RecipientType',
      ),
    ],
    remedy: [exchange('Set-Mailbox {mailbox} -EmailAddresses @{Remove={recipient}}')],
    source: ['product'],
  },
  {
    id: 'undelivered-forwarding-loop',
    texts: [{ versions: '2010+', text: '550 5.4.6 RESOLVER.FWD.Loop; there is a forwarding loop configured in the directory' }],
    meaning: 'Mail to this recipient is forwarded in a circle.',
    causes: ['A forwards to B and B to A.'],
    lookAt: [exchange('Get-Mailbox {mailbox} | Format-List ForwardingAddress, ForwardingSmtpAddress')],
    remedy: [exchange('Set-Mailbox {mailbox} -ForwardingAddress $null')],
    source: ['product'],
  },
  {
    id: 'undelivered-mailbox-full',
    texts: [{ versions: '2010+', text: '550 5.2.2 Mailbox full' }],
    meaning: 'The mailbox of the recipient is full.',
    causes: ['Its quota is used up.'],
    lookAt: [exchange('Get-MailboxStatistics {mailbox} | Format-List TotalItemSize, StorageLimitStatus')],
    remedy: [
      exchange('Set-Mailbox {mailbox} -ProhibitSendReceiveQuota 50GB -UseDatabaseQuotaDefaults $false'),
      advice('Or the owner deletes something.'),
    ],
    source: ['documentation'],
  },
]);
