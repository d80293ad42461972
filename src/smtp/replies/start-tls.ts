/** STARTTLS, what the connector demands of TLS, and trust between servers. */
import { advice, device, exchange, log, NOTHING_TO_DO, network, replies } from './entry.ts';

/** About encryption and certificates. */
export const START_TLS_REPLIES = replies({ stage: 'start-tls', side: 'receive' }, [
  {
    id: 'ready-for-tls',
    texts: [{ versions: '2010+ EXO', text: '220 2.0.0 SMTP server ready' }],
    meaning: 'The server agrees to encrypt; the TLS handshake begins.',
    causes: ['The client sent STARTTLS.'],
    lookAt: [log('If no further row of the client follows, the handshake failed; the context of the next rows tells why.')],
    remedy: NOTHING_TO_DO,
    source: ['product', 'real log'],
  },
  {
    id: 'tls-rate-exceeded',
    texts: [{ versions: '2010+', text: '454 4.7.0 Cannot accept TLS as maximum TLS rate exceeded for server' }],
    meaning: 'The server has to do more TLS handshakes at the moment than it wants to.',
    causes: ['Very many clients start TLS at the same time.'],
    lookAt: [log('How many sessions begin in those seconds, and whose they are.')],
    remedy: [advice('Spread the load: the client is to try again later, and to send several messages over one connection.')],
    source: ['product'],
  },
  {
    id: 'second-starttls',
    texts: [{ versions: '2010+', text: '503 5.5.2 Only one STARTTLS command can be issued per session' }],
    tarpits: 'unauthenticated',
    meaning: 'The session is encrypted already.',
    causes: ['The client sent STARTTLS twice.'],
    lookAt: [log("The client's rows: STARTTLS, EHLO, STARTTLS.")],
    remedy: [device('The software has to be mended or updated.')],
    source: ['product'],
  },
  {
    id: 'security-subsystem-failed',
    texts: [{ versions: '2010+', text: '554 5.7.3 Unable to initialize security subsystem' }],
    tarpits: 'unauthenticated',
    meaning: 'The server cannot use its own certificate.',
    causes: ['The certificate has expired, or the service may not read its private key.'],
    lookAt: [
      exchange("Get-WinEvent -FilterHashtable @{LogName='Application'; ID=12014,12016} -MaxEvents 10"),
      exchange('Get-ExchangeCertificate -Server {server} | Format-List Subject, Services, Status, NotAfter, Thumbprint'),
    ],
    remedy: [
      exchange('Enable-ExchangeCertificate -Server {server} -Thumbprint {thumbprint} -Services SMTP'),
      advice('Give NETWORK SERVICE the right to read the private key, or import the renewed certificate with its key.'),
    ],
    source: ['product'],
  },
  {
    id: 'cipher-too-weak',
    texts: [
      {
        versions: '2010+',
        text: '454 4.7.0 Temporary authentication failure because negotiated Tls cipher strength is too weak',
      },
    ],
    closes: true,
    meaning: 'The device can only encrypt so weakly (less than 128 bits) that the server does not want it.',
    causes: ['Very old firmware.'],
    lookAt: [log('The row "TLS protocol … negotiation succeeded": protocol, algorithm and strength.')],
    remedy: [
      device('Install newer firmware.'),
      exchange('Set-ReceiveConnector {connector} -AuthMechanism None'),
      advice('Do that only on a connector of its own for this device, which then sends in the clear.'),
    ],
    source: ['product'],
  },
  {
    id: 'starttls-required',
    texts: [{ versions: '2010+', text: '451 5.7.3 STARTTLS is required to send mail' }],
    closes: true,
    tarpits: 'unauthenticated',
    often: true,
    meaning: 'This connector takes mail over encrypted connections only.',
    causes: ['RequireTLS is on, and the device sent MAIL without having started TLS.'],
    lookAt: [log('Is STARTTLS in the answer to EHLO, and did the client send it?')],
    remedy: [device('Switch STARTTLS on.'), exchange('Set-ReceiveConnector {connector} -RequireTLS $false')],
    source: ['product', 'documentation'],
  },
  {
    id: 'starttls-first',
    texts: [{ versions: '2010+', text: '530 5.7.0 Must issue a STARTTLS command first' }],
    tarpits: 'unauthenticated',
    meaning: 'This command is allowed only after TLS has started.',
    causes: ['The connector wants encryption before it goes on.'],
    lookAt: [log('Is STARTTLS in the answer to EHLO, and did the client send it?')],
    remedy: [device('Switch STARTTLS on.'), exchange('Set-ReceiveConnector {connector} -RequireTLS $false')],
    source: ['product'],
  },
  {
    id: 'exchange-authentication-impossible',
    texts: [{ versions: '2010+', text: '451 5.7.3 Cannot achieve Exchange Server authentication' }],
    often: true,
    meaning: 'One Exchange server reached another one and could not prove who it is, so their mail stays in the queue.',
    causes: [
      'A relay connector whose ranges hold the addresses of Exchange servers took the session; it has no ExchangeServer authentication.',
      'A firewall between the servers takes X-EXPS and X-ANONYMOUSTLS out of the answer to EHLO.',
    ],
    lookAt: [
      log('The connector-id of that session on the receiving server, and X-EXPS in its answer to EHLO.'),
      exchange('Get-ReceiveConnector -Server {server} | Format-Table Name, AuthMechanism, RemoteIPRanges'),
    ],
    remedy: [
      exchange('Set-ReceiveConnector {connector} -RemoteIPRanges @{Remove={client}}'),
      advice('Where a wide range holds the servers, replace it by the addresses of the devices.'),
      network('Do not inspect SMTP between Exchange servers.'),
    ],
    source: ['product', 'documentation', 'public thread'],
  },
  {
    id: 'internal-certificate-missing',
    texts: [
      { versions: '2013+', text: '451 5.7.3 Cannot load Internal Transport Certificate. Exchange Server authentication failed.' },
    ],
    meaning: 'The server has lost the certificate with which Exchange servers recognise each other.',
    causes: ['The internal transport certificate was deleted, or its private key cannot be read.'],
    lookAt: [
      exchange('Get-TransportService {server} | Format-List InternalTransportCertificateThumbprint'),
      exchange('Get-ExchangeCertificate -Server {server}'),
    ],
    remedy: [
      exchange('Enable-ExchangeCertificate -Server {server} -Thumbprint {thumbprint} -Services SMTP'),
      advice('Answer yes when it asks whether the default certificate is to be overwritten.'),
    ],
    source: ['product'],
  },
  {
    id: 'client-certificate-invalid',
    texts: [{ versions: '2010+', text: '454 4.7.5 Certificate validation failure' }],
    closes: true,
    meaning: 'The other server has shown a certificate that is not trusted here.',
    causes: [
      'Its domain is set up for domain security or has TLS capabilities of its own, and the certificate is expired, untrusted or for another name.',
    ],
    lookAt: [
      log('The row "Client certificate chain validation status".'),
      exchange('Get-TransportConfig | Format-List TLSReceiveDomainSecureList'),
    ],
    remedy: [
      advice('The other side has to mend its certificate.'),
      exchange('Set-TransportConfig -TLSReceiveDomainSecureList @{Remove={domain}}'),
    ],
    source: ['product'],
  },
  {
    id: 'secure-domain-disallowed',
    texts: [{ versions: '2010+', text: '451 4.7.3 The admin has temporarily disallowed this secure domain' }],
    meaning: 'Mail of this partner, which has to come authenticated by TLS, is switched off for the time being.',
    causes: ['The domain is in the list of secured domains and is disabled.'],
    lookAt: [exchange('Get-TransportConfig | Format-List TLSReceiveDomainSecureList')],
    remedy: [exchange('Set-TransportConfig -TLSReceiveDomainSecureList @{Remove={domain}}')],
    source: ['product'],
  },
  {
    id: 'secure-domain-unauthenticated',
    texts: [{ versions: '2010+', text: '530 5.7.1 Not authenticated' }],
    tarpits: 'thirty-seconds',
    meaning:
      "Mail from this sender's domain is taken only from a server that proves by certificate who it is, and this one did not.",
    causes: ['The domain of the sender is in TLSReceiveDomainSecureList.'],
    lookAt: [
      exchange('Get-TransportConfig | Format-List TLSReceiveDomainSecureList'),
      log('Did the client start TLS, and with which certificate?'),
    ],
    remedy: [
      exchange('Set-TransportConfig -TLSReceiveDomainSecureList @{Remove={domain}}'),
      advice('Or the partner sends with a valid certificate for its domain.'),
    ],
    source: ['product'],
  },
]);
