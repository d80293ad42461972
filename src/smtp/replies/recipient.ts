/** Answers to RCPT TO: relaying is decided here, and the filters of recipients and addresses speak here. */
import { advice, device, exchange, log, NOTHING_TO_DO, replies } from './entry.ts';

const RECIPIENT_ROW = log('The address in the row with RCPT TO.');

/** Windows names the account in its own language; its SID is the same everywhere. */
export const ANONYMOUS_LOGON =
  "(([System.Security.Principal.SecurityIdentifier]'S-1-5-7').Translate([System.Security.Principal.NTAccount]).Value)";

/** To RCPT TO. */
export const RECIPIENT_REPLIES = replies({ stage: 'recipient', side: 'receive' }, [
  {
    id: 'recipient-accepted',
    texts: [{ versions: '2010+', text: '250 2.1.5 Recipient OK' }],
    tarpits: 'duplicate-recipient',
    meaning: 'The server will take mail for this recipient. That the mailbox exists is not said by it.',
    causes: ["The recipient's domain is one of the organisation's, or the client may relay."],
    remedy: NOTHING_TO_DO,
    source: ['product'],
  },
  {
    id: 'relay-denied',
    texts: [
      { versions: '2007-2013', text: '550 5.7.1 Unable to relay' },
      { versions: '2016+', text: '550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain' },
    ],
    tarpits: 'unauthenticated',
    often: true,
    meaning: 'The recipient is outside the organisation, and this client may not send mail to the outside through this server.',
    causes: [
      'The session was taken by a connector without the right to relay, mostly the Default Frontend, because no relay connector covers the address of the device.',
      'The relay connector took it, but the right to relay (Accept-Any-Recipient) was never given, or was lost when the connector was copied.',
      'The device reached another server than the one with the relay connector, or comes from another address than was thought (NAT, IPv6).',
    ],
    lookAt: [
      log('The connector-id and the remote address of the row: is it the relay connector, and is it the address of the device?'),
      log('On 2010 and 2013 the row "Set Session Permissions" holds SMTPAcceptAnyRecipient where relaying is allowed.'),
      exchange('Get-ReceiveConnector {connector} | Format-List Enabled, Bindings, RemoteIPRanges, PermissionGroups'),
      exchange(
        `Get-ReceiveConnector {connector} | Get-ADPermission -User ${ANONYMOUS_LOGON} | Where-Object { $_.ExtendedRights -like '*Accept-Any-Recipient*' } | Format-Table User, Deny, ExtendedRights`,
      ),
    ],
    remedy: [
      exchange('Set-ReceiveConnector {connector} -RemoteIPRanges @{Add={client}}'),
      exchange(
        `Get-ReceiveConnector {connector} | Add-ADPermission -User ${ANONYMOUS_LOGON} -ExtendedRights 'ms-Exch-SMTP-Accept-Any-Recipient'`,
      ),
      advice(
        'Both belong on a relay connector of its own with the addresses of the devices, never on the Default Frontend: that would be an open relay.',
      ),
    ],
    source: ['product', 'real log', 'documentation', 'public thread'],
  },
  {
    id: 'too-many-recipients',
    texts: [{ versions: '2010+ EXO', text: '452 4.5.3 Too many recipients' }],
    tarpits: 'beyond-thousand-recipients',
    meaning: 'The message has more recipients than one message may have. Those accepted before remain valid.',
    causes: ['MaxRecipientsPerMessage of the connector is reached (200 unless it was changed).'],
    lookAt: [
      log('How many answers 250 2.1.5 came before it.'),
      exchange('Get-ReceiveConnector {connector} | Format-List MaxRecipientsPerMessage'),
    ],
    remedy: [
      device('Send the message in several parts, or to a distribution group.'),
      exchange('Set-ReceiveConnector {connector} -MaxRecipientsPerMessage 500'),
    ],
    source: ['product', 'documentation'],
  },
  {
    id: 'invalid-recipient-address',
    texts: [{ versions: '2010+', text: '501 5.1.3 Invalid address' }],
    tarpits: 'unauthenticated',
    meaning: 'What stands behind RCPT TO is not a mail address.',
    causes: ['The address is empty or misspelt.', 'It has no domain, and the connector has no DefaultDomain to add.'],
    lookAt: [RECIPIENT_ROW],
    remedy: [
      device("Correct the entry in the device's address book."),
      exchange('Set-ReceiveConnector {connector} -DefaultDomain {domain}'),
    ],
    source: ['product'],
  },
  {
    id: 'recipient-address-too-long',
    texts: [{ versions: '2010+', text: '501 5.1.3 Long addresses not supported' }],
    tarpits: 'unauthenticated',
    meaning: 'The address of the recipient is longer than the server takes.',
    causes: ['Several addresses were written into one field, or a very long generated one.'],
    lookAt: [RECIPIENT_ROW],
    remedy: [device('Enter one address a line.')],
    source: ['product'],
  },
  {
    id: 'recipient-address-not-ascii',
    texts: [{ versions: '2013+', text: '501 5.1.8 UTF-8 addresses not supported' }],
    tarpits: 'unauthenticated',
    meaning: 'The address of the recipient has letters such as ä or é.',
    causes: ['The connector does not take internationalised addresses.'],
    lookAt: [RECIPIENT_ROW],
    remedy: [device('Use an address of plain letters, digits and punctuation.')],
    source: ['product'],
  },
  {
    id: 'mail-missing',
    texts: [{ versions: '2010+', text: '503 5.5.2 Need mail command' }],
    tarpits: 'unauthenticated',
    meaning: 'A recipient was named, and no message has been begun.',
    causes: ['MAIL FROM was refused and the client went on regardless, or it never sent it.'],
    lookAt: [log('The reply to MAIL FROM just before: that is the real error.')],
    remedy: [device('Solve what the reply to MAIL FROM complains about.')],
    source: ['product'],
  },
  {
    id: 'user-unknown',
    texts: [{ versions: '2010+', text: '550 5.1.1 User unknown' }],
    tarpits: 'unauthenticated',
    meaning: 'There is no such recipient in the organisation, or not for senders who have not logged on.',
    causes: [
      'The recipient filter does not find the address.',
      'The recipient takes mail from authenticated senders only and is hidden from others.',
    ],
    lookAt: [
      exchange('Get-Recipient {recipient}'),
      exchange('Get-RecipientFilterConfig | Format-List Enabled, RecipientValidationEnabled'),
      exchange('Get-DistributionGroup {group} | Format-List RequireSenderAuthenticationEnabled'),
    ],
    remedy: [
      device('Correct the address.'),
      exchange('Set-DistributionGroup {group} -RequireSenderAuthenticationEnabled $false'),
    ],
    source: ['product', 'documentation'],
  },
  {
    id: 'recipient-not-found',
    texts: [
      { versions: '2016+ EXO', text: '550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup' },
    ],
    tarpits: 'unauthenticated',
    often: true,
    meaning: 'Nobody in the organisation has this address.',
    causes: ['The address is misspelt, or its mailbox was deleted or renamed.'],
    lookAt: [exchange('Get-Recipient {recipient}')],
    remedy: [device('Correct the address.'), exchange('Set-Mailbox {mailbox} -EmailAddresses @{Add={recipient}}')],
    source: ['documentation'],
  },
  {
    id: 'reserved-top-level-domain',
    texts: [{ versions: '2016+', text: '550 5.1.4 Recipient address reserved by RFC 2606' }],
    tarpits: 'unauthenticated',
    meaning: 'The recipient lies in a domain that exists for tests only: .test, .example, .invalid or .localhost.',
    causes: ['RejectReservedTopLevelRecipientDomains of the connector is on.'],
    lookAt: [exchange('Get-ReceiveConnector {connector} | Format-List RejectReserved*')],
    remedy: [
      device('Correct the address.'),
      exchange('Set-ReceiveConnector {connector} -RejectReservedTopLevelRecipientDomains $false'),
    ],
    source: ['documentation'],
  },
  {
    id: 'reserved-second-level-domain',
    texts: [{ versions: '2016+', text: '550 5.1.5 Recipient address reserved by RFC 2606' }],
    tarpits: 'unauthenticated',
    meaning: 'The recipient lies in example.com, example.net or example.org, which exist for documentation only.',
    causes: ['RejectReservedSecondLevelRecipientDomains of the connector is on.'],
    lookAt: [exchange('Get-ReceiveConnector {connector} | Format-List RejectReserved*')],
    remedy: [
      device('Correct the address.'),
      exchange('Set-ReceiveConnector {connector} -RejectReservedSecondLevelRecipientDomains $false'),
    ],
    source: ['documentation'],
  },
  {
    id: 'single-label-domain',
    texts: [{ versions: '2016+', text: '550 5.1.6 Recipient addresses in single label domains not accepted' }],
    tarpits: 'unauthenticated',
    meaning: 'The domain of the recipient is one word without a full stop, such as user@contoso.',
    causes: ['RejectSingleLabelRecipientDomains of the connector is on.'],
    lookAt: [exchange('Get-ReceiveConnector {connector} | Format-List RejectSingleLabelRecipientDomains')],
    remedy: [
      device('Enter the whole domain.'),
      exchange('Set-ReceiveConnector {connector} -RejectSingleLabelRecipientDomains $false'),
    ],
    source: ['documentation'],
  },
  {
    id: 'client-on-block-list',
    texts: [{ versions: '2010+', text: '550 5.7.1 Recipient not authorized, your IP has been found on a block list' }],
    tarpits: 'unauthenticated',
    meaning: 'The address of the client is on a block list that this server asks.',
    causes: ['The connection filter found it on its own list or on that of a provider.'],
    lookAt: [exchange('Get-IPBlockListEntry -IPAddress {client}'), exchange('Get-IPBlockListProvider')],
    remedy: [
      exchange('Get-IPBlockListEntry -IPAddress {client} | Remove-IPBlockListEntry'),
      exchange('Add-IPAllowListEntry -IPAddress {client}'),
    ],
    source: ['product'],
  },
  {
    id: 'sender-blocked',
    texts: [{ versions: '2010+', text: '554 5.1.0 Sender denied' }],
    tarpits: 'unauthenticated',
    meaning: 'The sender is one that this server refuses.',
    causes: ['The sender filter has the address or its domain on its list, or refuses mail without a sender.'],
    lookAt: [exchange('Get-SenderFilterConfig | Format-List BlockedSenders, BlockedDomains, BlankSenderBlockingEnabled')],
    remedy: [device('Use another sender.'), exchange('Set-SenderFilterConfig -BlockedSenders @{Remove={sender}}')],
    source: ['product', 'documentation'],
  },
  {
    id: 'sender-id-unavailable',
    texts: [{ versions: '2010+', text: '450 4.4.3 Sender ID check is temporarily unavailable' }],
    meaning: "The server could not look the sender's domain up at the moment.",
    causes: ['A query to DNS failed.'],
    lookAt: [exchange('Resolve-DnsName {domain} -Type TXT')],
    remedy: [advice('Mend name resolution on the server; the client is to try later.')],
    source: ['product'],
  },
  {
    id: 'sender-id-failed',
    texts: [{ versions: '2010+', text: '550 5.7.1 Sender ID (PRA) Not Permitted' }],
    tarpits: 'unauthenticated',
    meaning: "The owner of the sender's domain does not allow this address to send for it.",
    causes: ['The SPF record of the domain does not name the address of the client.'],
    lookAt: [exchange('Resolve-DnsName {domain} -Type TXT')],
    remedy: [advice('Add the address of the relay to the SPF record of the domain.')],
    source: ['product'],
  },
  {
    id: 'purported-sender-missing',
    texts: [{ versions: '2010+', text: '550 5.7.1 Missing purported responsible address' }],
    tarpits: 'unauthenticated',
    meaning: 'The message does not say from whom it is.',
    causes: ['It has no usable From or Sender header.'],
    lookAt: [device('The sender and display name that the device is set to.')],
    remedy: [device('Set a sender, so that the message gets a From header.')],
    source: ['product'],
  },
]);
