/** The verdict on a complete message. What the Hub says is passed on by the front end. */
import { advice, device, exchange, log, NOTHING_TO_DO, replies } from './entry.ts';
import { ANONYMOUS_LOGON } from './recipient.ts';

const TRACK = exchange('Get-MessageTrackingLog -Server {server} -MessageId {messageId}');
const EVENTS = exchange(
  "Get-WinEvent -FilterHashtable @{LogName='Application'; ProviderName='MSExchangeTransport'} -MaxEvents 50",
);

/** To a complete message. */
export const END_OF_DATA_REPLIES = replies({ stage: 'end-of-data', side: 'receive' }, [
  {
    id: 'message-queued',
    texts: [
      { versions: '2010', text: '250 2.6.0 {messageId} [InternalId={internalId}] Queued mail for delivery' },
      { versions: '2013', text: '250 2.6.0 {messageId} [InternalId={internalId}, Hostname={fqdn}] Queued mail for delivery' },
      {
        versions: '2016+ EXO',
        text: '250 2.6.0 {messageId} [InternalId={internalId}, Hostname={fqdn}] {bytes} bytes in {seconds}, {rate} KB/sec Queued mail for delivery',
      },
    ],
    meaning: 'The message is accepted, and from now on Exchange is responsible for it.',
    causes: ['The message passed all checks of the SMTP session. What happens to it afterwards is not in this log.'],
    lookAt: [TRACK],
    remedy: NOTHING_TO_DO,
    samples: [
      '250 2.6.0 <1@device.example> [InternalId=110] Queued mail for delivery',
      '250 2.6.0 <1@device.example> [InternalId=47111, Hostname=ex01.contoso.example] Queued mail for delivery',
      '250 2.6.0 <1@device.example> [InternalId=42842298777605, Hostname=ex01.contoso.example] 3454 bytes in 0.777, 4.338 KB/sec Queued mail for delivery',
      '250 2.6.0 <1@device.example> [InternalId=42842298777605, Hostname=ex01.contoso.example] 11511 bytes in 0.102, 109,173 KB/sec Queued mail for delivery',
    ],
    source: ['product', 'documentation', 'real log'],
  },
  {
    id: 'message-queued-for-redundancy',
    texts: [
      { versions: '2013+', text: '250 2.6.0 {messageId} [InternalId={internalId}, Hostname={fqdn}] Queued mail for redundancy' },
    ],
    variants: ['250 2.6.0 {messageId} Queued mail for redundancy'],
    meaning: 'A second copy of a message is kept on another Exchange server for safety. It is no message of its own.',
    causes: ['Shadow redundancy between Exchange servers.'],
    lookAt: [log('In this reply the server writes the host name and the number the wrong way round.')],
    remedy: NOTHING_TO_DO,
    samples: [
      '250 2.6.0 <1@device.example> [InternalId=ex02.contoso.example, Hostname=42842298777605] Queued mail for redundancy',
      '250 2.6.0 <1@device.example> Queued mail for redundancy',
    ],
    source: ['product'],
  },
  {
    id: 'send-as-denied',
    texts: [
      { versions: '2007-2013', text: '550 5.7.1 Client does not have permissions to send as this sender' },
      { versions: '2016+', text: '550 5.7.60 SMTP; Client does not have permissions to send as this sender' },
    ],
    tarpits: 'unauthenticated',
    often: true,
    meaning: 'The account that has logged on may not use this sender address.',
    causes: ['The device logs on as one mailbox and writes the address of another one as the sender, without the right Send As.'],
    lookAt: [
      log(
        'The user in the "authenticated" row, and the address behind MAIL FROM. The check is made in the Hub, so the row may be in its log only.',
      ),
      exchange(
        "Get-Mailbox {mailbox} | Get-ADPermission | Where-Object { $_.ExtendedRights -like 'Send-As' } | Format-Table User, Deny",
      ),
    ],
    remedy: [
      device('Use the address of the account as the sender.'),
      exchange("Get-Mailbox {mailbox} | Add-ADPermission -User {user} -ExtendedRights 'Send-As'"),
    ],
    source: ['product', 'documentation'],
  },
  {
    id: 'anonymous-send-as-denied',
    texts: [
      { versions: '2007-2013', text: '550 5.7.1 Anonymous client does not have permissions to send as this sender' },
      { versions: '2016+', text: '550 5.7.60 SMTP; Anonymous client does not have permissions to send as this sender' },
    ],
    tarpits: 'unauthenticated',
    meaning: 'A client without a logon may not send with this address here.',
    causes: [
      'On the connector (of an Edge server or the Hub) anonymous clients have lost the right to use addresses of the own domains, or any address.',
    ],
    lookAt: [
      exchange(
        `Get-ReceiveConnector {connector} | Get-ADPermission -User ${ANONYMOUS_LOGON} | Format-Table Deny, ExtendedRights`,
      ),
    ],
    remedy: [
      exchange(
        `Get-ReceiveConnector {connector} | Add-ADPermission -User ${ANONYMOUS_LOGON} -ExtendedRights 'ms-Exch-SMTP-Accept-Authoritative-Domain-Sender'`,
      ),
      advice('Better: give the device a relay connector of its own, and leave the right away for everybody else.'),
    ],
    source: ['product', 'public thread'],
  },
  {
    id: 'send-on-behalf-denied',
    texts: [
      { versions: '2007-2013', text: '550 5.7.1 Client does not have permissions to send on behalf of the from address' },
      { versions: '2016+', text: '550 5.7.60 SMTP; Client does not have permissions to send on behalf of the from address' },
    ],
    tarpits: 'unauthenticated',
    meaning: 'The envelope is allowed, but the message names somebody else as its author for whom the account may not send.',
    causes: ['The From header differs from MAIL FROM, and the account has neither Send As nor Send on Behalf for it.'],
    lookAt: [
      device('The sender that the application writes into the message itself.'),
      exchange('Get-Mailbox {mailbox} | Format-List GrantSendOnBehalfTo'),
    ],
    remedy: [
      exchange('Set-Mailbox {mailbox} -GrantSendOnBehalfTo @{Add={user}}'),
      device('Or use the same address in both places.'),
    ],
    source: ['product'],
  },
  {
    id: 'message-too-large',
    texts: [{ versions: '2010+', text: '552 5.3.4 Message size exceeds fixed maximum message size' }],
    tarpits: 'unauthenticated',
    often: true,
    meaning: 'The whole message was read, and it is bigger than the connector takes.',
    causes: ['The message is above MaxMessageSize. A file grows by a third when it is sent by mail.'],
    lookAt: [
      log('The row "AccumulatedMessageSize: … > MessageSizeLimit: …" before it.'),
      exchange('Get-ReceiveConnector {connector} | Format-List MaxMessageSize'),
      exchange('Get-TransportConfig | Format-List MaxReceiveSize, MaxSendSize'),
    ],
    remedy: [
      exchange('Set-ReceiveConnector {connector} -MaxMessageSize 50MB'),
      exchange('Set-TransportConfig -MaxReceiveSize 50MB -MaxSendSize 50MB'),
      device('Scan with a lower resolution, or in several parts.'),
    ],
    source: ['product'],
  },
  {
    id: 'header-too-large',
    texts: [{ versions: '2010+', text: '552 5.3.4 Header size exceeds fixed maximum size' }],
    tarpits: 'unauthenticated',
    meaning: 'The header lines of the message are too long altogether.',
    causes: ['Very many recipients or Received lines, or an application that writes long lines of its own.'],
    lookAt: [exchange('Get-ReceiveConnector {connector} | Format-List MaxHeaderSize')],
    remedy: [exchange('Set-ReceiveConnector {connector} -MaxHeaderSize 512KB')],
    source: ['product'],
  },
  {
    id: 'invalid-content',
    texts: [{ versions: '2010+', text: '554 5.6.0 Invalid message content' }],
    tarpits: 'unauthenticated',
    meaning: 'The message is put together wrongly and cannot be read.',
    causes: ['Its MIME structure is broken.'],
    lookAt: [log('A row "A parsing error has occurred".')],
    remedy: [device('The application has to be mended: it builds its messages wrongly.')],
    source: ['product'],
  },
  {
    id: 'bare-line-feeds',
    texts: [{ versions: '2010+', text: '554 5.6.0 Invalid message content, contains bare linefeeds' }],
    tarpits: 'unauthenticated',
    meaning: 'The lines of the message end in the wrong way.',
    causes: [
      'The application ends lines with LF instead of CR LF, and the connector refuses that (BareLinefeedRejectionEnabled).',
    ],
    lookAt: [exchange('Get-ReceiveConnector {connector} | Format-List BareLinefeedRejectionEnabled')],
    remedy: [
      device('The application has to end its lines with CR LF.'),
      exchange('Set-ReceiveConnector {connector} -BareLinefeedRejectionEnabled $false'),
    ],
    source: ['product'],
  },
  {
    id: 'partial-message',
    texts: [{ versions: '2010+', text: '554 5.6.1 Messages of type message/partial are not supported' }],
    tarpits: 'unauthenticated',
    meaning: 'The device sends a big document as several messages, and Exchange does not take such parts.',
    causes: ['The option to divide messages is switched on in a scanner or fax.'],
    lookAt: [device('A setting such as "divide message" or "split mail".')],
    remedy: [device('Switch the division of messages off.')],
    source: ['product'],
  },
  {
    id: 'too-many-hops',
    texts: [{ versions: '2010+', text: '554 5.4.6 Hop count exceeded - possible mail loop' }],
    tarpits: 'unauthenticated',
    meaning: 'The message has been passed on so often that it must be going round in circles.',
    causes: ['Two systems each believe that the other one is responsible for the domain.'],
    lookAt: [
      log('The row "ReceivedHeadersLength: … > MaxHopCount: …".'),
      device('The chain of Received headers: the names that come again and again are the loop.'),
      exchange('Get-AcceptedDomain {domain} | Format-List DomainType'),
    ],
    remedy: [
      exchange('Set-AcceptedDomain {domain} -DomainType Authoritative'),
      advice('Correct the smart host of the send connector, or the MX record that points back.'),
    ],
    source: ['product', 'documentation'],
  },
  {
    id: 'too-many-proxy-hops',
    texts: [{ versions: '2013+', text: '554 5.4.6 Proxy Hop count exceeded' }],
    tarpits: 'unauthenticated',
    meaning: 'Front ends hand a session round among each other.',
    causes: ['The front end is sent to another front end instead of to a Hub.'],
    lookAt: [log('The remote addresses of the session in the send log of the front end.')],
    remedy: [advice('Let the front end reach the Hub itself (port 2525), not an address that is balanced between front ends.')],
    source: ['product'],
  },
  {
    id: 'system-misconfigured',
    texts: [{ versions: '2010+', text: '550 5.3.5 System incorrectly configured' }],
    tarpits: 'unauthenticated',
    meaning: 'The server has met its own name at the other end and sees a loop.',
    causes: ['The Fqdn of a connector is the same as that of another server.'],
    lookAt: [exchange('Get-ReceiveConnector | Format-Table Identity, Fqdn')],
    remedy: [exchange('Set-ReceiveConnector {connector} -Fqdn {server}')],
    source: ['product', 'documentation'],
  },
  {
    id: 'submission-quota-exceeded',
    texts: [{ versions: '2010+', text: '550 5.2.2 Submission quota exceeded' }],
    tarpits: 'unauthenticated',
    meaning: 'The account has sent as much as it may send.',
    causes: ['A quota for submissions of this user is reached.'],
    lookAt: [exchange('Get-ThrottlingPolicyAssociation {user}')],
    remedy: [device('Send less, or through a relay connector without a logon.')],
    source: ['product'],
  },
  {
    id: 'back-pressure-at-end',
    texts: [{ versions: '2010+', text: '452 4.3.1 Insufficient system resources' }],
    meaning: 'The server ran short of disk space or memory while the message was being sent. The client is to try again later.',
    causes: ['Back pressure has begun meanwhile.'],
    lookAt: [exchange("Get-WinEvent -FilterHashtable @{LogName='Application'; ID=15004,15005,15006,15007} -MaxEvents 20")],
    remedy: [advice('Make room on the drive of the queue database (mail.que), or move the database to a bigger drive.')],
    source: ['product'],
  },
  {
    id: 'queue-write-failed',
    texts: [{ versions: '2010+', text: '452 4.6.0 Insufficient system resources (I/O)' }],
    meaning: 'The server could not write the message to its disk.',
    causes: ['Errors of the disk, or of the queue database on it.'],
    lookAt: [exchange("Get-WinEvent -FilterHashtable @{LogName='System'; Level=2} -MaxEvents 50"), EVENTS],
    remedy: [advice('Check the disk of the queue database, and free or replace it.')],
    source: ['product'],
  },
  {
    id: 'message-not-taken',
    texts: [{ versions: '2010+', text: '451 4.3.2 System not accepting network messages' }],
    meaning: 'The server had the whole message and could not finish its work on it. The client is to try again.',
    causes: ['A transport agent failed, often the one for malware; or the queue database has a problem.'],
    lookAt: [EVENTS, exchange('Get-TransportAgent')],
    remedy: [
      exchange('Restart-Service MSExchangeTransport'),
      advice('If it comes back, look at the engine for malware and its updates.'),
    ],
    source: ['product'],
  },
  {
    id: 'shadow-copy-failed',
    texts: [{ versions: '2013+', text: '451 4.4.0 Message failed to be made redundant' }],
    meaning: 'No second server could keep a copy, and without one this organisation takes no mail.',
    causes: ['RejectMessageOnShadowFailure is on, and no other server of the group is reachable.'],
    lookAt: [exchange('Get-TransportConfig | Format-List Shadow*, RejectMessageOnShadowFailure')],
    remedy: [
      advice('Bring the other mailbox servers back.'),
      exchange('Set-TransportConfig -RejectMessageOnShadowFailure $false'),
    ],
    source: ['product'],
  },
  {
    id: 'intercepted-for-good',
    texts: [{ versions: '2013+', text: '530 5.3.1 Intercepted and rejected by administrative action. PRJCT' }],
    tarpits: 'unauthenticated',
    meaning: 'An administrator has told the server to refuse messages like this one.',
    causes: ['A rule of the interceptor agent holds for it.'],
    lookAt: [exchange('Get-TransportAgent')],
    remedy: [advice('Ask who made the rule, and remove it when it has served its purpose.')],
    source: ['product'],
  },
  {
    id: 'intercepted-for-now',
    texts: [{ versions: '2013+', text: '430 4.3.1 Intercepted and rejected by administrative action. TRJCT' }],
    meaning: 'An administrator has told the server to put messages like this one off.',
    causes: ['A rule of the interceptor agent holds for it.'],
    lookAt: [exchange('Get-TransportAgent')],
    remedy: [advice('Ask who made the rule, and remove it when it has served its purpose.')],
    source: ['product'],
  },
  {
    id: 'rejected-as-spam',
    texts: [{ versions: '2010+', text: '550 5.7.1 Message rejected as spam by Content Filtering.' }],
    tarpits: 'unauthenticated',
    meaning: 'The content filter takes the message for spam. An administrator may have changed this text.',
    causes: ['Its rating (SCL) is above the threshold of the filter.'],
    lookAt: [exchange('Get-ContentFilterConfig | Format-List SCLReject*, RejectionResponse, BypassedSenders'), TRACK],
    remedy: [
      exchange('Set-ContentFilterConfig -BypassedSenders @{Add={sender}}'),
      exchange('Add-IPAllowListEntry -IPAddress {client}'),
    ],
    source: ['product'],
  },
  {
    id: 'quarantined-as-spam',
    texts: [{ versions: '2010+', text: '550 5.2.1 Content Filter agent quarantined this message' }],
    meaning: 'The content filter has put the message into the quarantine mailbox.',
    causes: ['Its rating (SCL) is above the threshold for quarantine.'],
    lookAt: [exchange('Get-ContentFilterConfig | Format-List SCLQuarantine*, QuarantineMailbox')],
    remedy: [
      advice('Release the message from the quarantine mailbox.'),
      exchange('Set-ContentFilterConfig -BypassedSenders @{Add={sender}}'),
    ],
    source: ['documentation'],
  },
]);
