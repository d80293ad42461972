/** What a front end says when it cannot hand a message or a session over to the server behind it. */
import { advice, exchange, log, NOTHING_TO_DO, network, replies } from './entry.ts';

const SEND_LOG = log('The send log of the front end, connector "Inbound Proxy Internal Send Connector".');
const RETRY = 'The client is told to try again; the message is not lost.';

/** Between front end and Hub. */
export const HAND_OVER_REPLIES = replies({ stage: 'hand-over', side: 'receive' }, [
  {
    id: 'proxied-client-named',
    texts: [{ versions: '2013+', text: '250 XProxyFrom accepted' }],
    meaning: 'The Hub has noted for which client the front end speaks.',
    causes: ['The front end hands a message over. IP= in the row with XPROXYFROM is the real client.'],
    remedy: NOTHING_TO_DO,
    source: ['product', 'real log'],
  },
  {
    id: 'proxied-session-accepted',
    texts: [{ versions: '2013+', text: '250 XProxy accepted and authenticated' }],
    variants: ['250 XProxyTo accepted', '250 XRSETPROXYTO accepted; {session}'],
    meaning: 'The Hub has taken over a whole session from the front end.',
    causes: ['A client has logged on at the front end (XPROXY), or mail leaves through the front end (XPROXYTO).'],
    remedy: NOTHING_TO_DO,
    samples: ['250 XRSETPROXYTO accepted; 08DC6C1A0B2C3D51'],
    source: ['product'],
  },
  {
    id: 'hub-unknown',
    texts: [{ versions: '2013+', text: '451 4.7.0 Temporary server error. Please try again later. PRX1 ' }],
    meaning: `The front end knows no server to which it could hand the message. ${RETRY}`,
    causes: ['All mailbox servers are inactive, or the front end finds none in its site.'],
    lookAt: [
      exchange('Get-ServerComponentState {server}'),
      exchange('Get-Service MSExchangeTransport -ComputerName {server}'),
      exchange('Get-ExchangeServer | Format-Table Name, Site, ServerRole'),
    ],
    remedy: [
      exchange('Start-Service MSExchangeTransport'),
      exchange('Set-ServerComponentState {server} -Component HubTransport -State Active -Requester Maintenance'),
    ],
    source: ['product'],
  },
  {
    id: 'hub-name-unresolved',
    texts: [{ versions: '2013+', text: '451 4.7.0 Temporary server error. Please try again later. PRX2 ' }],
    often: true,
    meaning: `The front end could not find the address of the mailbox server in DNS. ${RETRY}`,
    causes: ['A network card of the server asks a DNS server outside, which does not know internal names.'],
    lookAt: [exchange('Resolve-DnsName {destination}'), exchange('Get-DnsClientServerAddress -AddressFamily IPv4'), SEND_LOG],
    remedy: [
      network('Enter only internal DNS servers, on every network card of the server.'),
      exchange('Get-FrontendTransportService {server} | Format-List *DNS*'),
    ],
    source: ['product', 'public thread'],
  },
  {
    id: 'hub-unreachable',
    texts: [{ versions: '2013+', text: '451 4.7.0 Temporary server error. Please try again later. PRX3 ' }],
    meaning: `The front end could not connect to the mailbox server. ${RETRY}`,
    causes: ['The transport service there is down, or its port 2525 or 465 is blocked.'],
    lookAt: [
      exchange('Test-NetConnection {destination} -Port 2525'),
      exchange('Get-Service MSExchangeTransport -ComputerName {destination}'),
    ],
    remedy: [exchange('Start-Service MSExchangeTransport'), network('Allow everything between Exchange servers.')],
    source: ['product'],
  },
  {
    id: 'hub-protocol-error',
    texts: [{ versions: '2013+', text: '451 4.7.0 Temporary server error. Please try again later. PRX4 ' }],
    meaning: `The mailbox server answered the front end with an error. ${RETRY}`,
    causes: [
      'The two servers cannot recognise each other (Exchange authentication, internal certificate).',
      'Another connector took the session that belongs to the default connector of the Hub.',
    ],
    lookAt: [
      SEND_LOG,
      exchange(
        'Get-ReceiveConnector -Server {destination} | Format-Table Name, TransportRole, Bindings, RemoteIPRanges, AuthMechanism',
      ),
    ],
    remedy: [
      advice('Give the default connector of the Hub its own ranges and ExchangeServer authentication back.'),
      exchange('Enable-ExchangeCertificate -Server {destination} -Thumbprint {thumbprint} -Services SMTP'),
    ],
    source: ['product', 'public thread'],
  },
  {
    id: 'hub-connection-broken',
    texts: [{ versions: '2013+', text: '451 4.7.0 Temporary server error. Please try again later. PRX5 ' }],
    meaning: `The connection from the front end to the mailbox server broke, or its encryption failed. ${RETRY}`,
    causes: ['The internal transport certificate cannot be used, or the network between the servers fails.'],
    lookAt: [log('"TLS negotiation failed with error UnknownCredentials" in the send log of the front end.'), SEND_LOG],
    remedy: [
      exchange('Enable-ExchangeCertificate -Server {server} -Thumbprint {thumbprint} -Services SMTP'),
      advice('Answer yes when it asks whether the default certificate is to be overwritten, and restart the transport services.'),
    ],
    source: ['product'],
  },
  {
    id: 'hand-over-shutting-down',
    texts: [{ versions: '2013+', text: '451 4.7.0 Temporary server error. Please try again later. PRX6 ' }],
    meaning: `The front end is just being stopped. ${RETRY}`,
    causes: ['The front end transport service is restarted.'],
    lookAt: [exchange('Get-Service MSExchangeFrontEndTransport -ComputerName {server}')],
    remedy: [advice('Let the client send again.')],
    source: ['product'],
  },
  {
    id: 'hand-over-discarded',
    texts: [{ versions: '2013+', text: '451 4.7.0 The proxy layer is discarding data' }],
    meaning: 'The mailbox server has given up on this message, and the front end throws the rest of it away.',
    causes: ['The hand-over failed while the message was still being sent.'],
    lookAt: [SEND_LOG],
    remedy: [advice('The send log names the error behind it; that is the one to solve.')],
    source: ['product'],
  },
  {
    id: 'hub-not-obtained',
    texts: [{ versions: '2013+', text: '451 4.7.0 No proxy destinations could be obtained' }],
    meaning: `Nobody could tell the front end where to hand the message over. ${RETRY}`,
    causes: ['All mailbox servers are inactive, or the agent that chooses one failed.'],
    lookAt: [exchange('Get-ServerComponentState {server}'), exchange('Get-TransportAgent -TransportService FrontEnd')],
    remedy: [
      exchange('Start-Service MSExchangeTransport'),
      exchange('Set-ServerComponentState {server} -Component HubTransport -State Active -Requester Maintenance'),
    ],
    source: ['product'],
  },
  {
    id: 'no-recipient-succeeded',
    texts: [{ versions: '2013+', text: '450 4.5.0 No recipient succeeded' }],
    meaning: 'The server behind the front end took none of the recipients.',
    causes: ['Each recipient was put off or refused there.'],
    lookAt: [log('The receive log of the Hub: its replies to RCPT TO.')],
    remedy: [advice('Solve what the Hub says about the recipients.')],
    source: ['product'],
  },
  {
    id: 'front-end-send-failed',
    texts: [{ versions: '2013+', text: "450 4.7.0 Proxy session setup failed on Frontend with  '{reply}'" }],
    meaning: 'Mail that is to leave through the front end could not be sent; the quoted text is the real error.',
    causes: ['The send connector goes through the front end (FrontendProxyEnabled), which did not reach the next hop.'],
    lookAt: [
      log('The send log of the front end.'),
      exchange('Get-SendConnector {sendConnector} | Format-List FrontendProxyEnabled, SmartHosts'),
    ],
    remedy: [
      advice('Solve the error that is quoted.'),
      exchange('Set-SendConnector {sendConnector} -FrontendProxyEnabled $false'),
    ],
    samples: [
      '450 4.7.0 Proxy session setup failed on Frontend with  \'451 4.4.0 Primary target IP address responded with: "421 4.4.1 Connection timed out."\'',
    ],
    source: ['product', 'documentation'],
  },
  {
    id: 'front-end-send-refused',
    texts: [{ versions: '2013+', text: "550 5.7.0 Proxy session setup failed on Frontend with  '{reply}'" }],
    meaning: 'Mail that is to leave through the front end was refused for good; the quoted text is the real error.',
    causes: ['The send connector goes through the front end (FrontendProxyEnabled), and the next hop refused.'],
    lookAt: [log('The send log of the front end.')],
    remedy: [
      advice('Solve the error that is quoted.'),
      exchange('Set-SendConnector {sendConnector} -FrontendProxyEnabled $false'),
    ],
    samples: ["550 5.7.0 Proxy session setup failed on Frontend with  '554 5.7.1 Relay access denied'"],
    source: ['product'],
  },
  {
    id: 'internal-peer-required',
    texts: [{ versions: '2013+', text: '451 4.5.0 Require {demand}' }],
    meaning: 'On a port that is for Exchange servers among themselves, the other side is not one, or is not recognised as one.',
    causes: ['A connector made by hand took the session on 2525, 717 or 465, or a foreign client came there.'],
    lookAt: [
      log('The connector that took the session between the servers.'),
      exchange('Get-ReceiveConnector -Server {destination} | Format-Table Name, Bindings, RemoteIPRanges'),
    ],
    remedy: [exchange('Set-ReceiveConnector {connector} -RemoteIPRanges @{Remove={client}}')],
    samples: [
      '451 4.5.0 Require XPROXY',
      '451 4.5.0 Require XPROXYTO',
      '451 4.5.0 Require EHLO options to match',
      '451 4.5.0 Require XAnonymousTls to send mail',
    ],
    source: ['product'],
  },
  {
    id: 'remote-reply-malformed',
    texts: [{ versions: '2010+', text: '421 4.4.0 Remote server response was not RFC conformant' }],
    meaning: 'What came back from the other server was not SMTP.',
    causes: ['A device in between changes the conversation.'],
    lookAt: [log('The rows of the other server, letter by letter.')],
    remedy: [network('Switch the inspection of SMTP off on the way.')],
    source: ['product'],
  },
]);
