/** Said instead of the banner, or the banner itself; and what a client prints that never got one. */
import { advice, device, exchange, log, NOTHING_TO_DO, network, replies } from './entry.ts';

/** At the beginning of a connection. */
export const CONNECT_REPLIES = replies({ stage: 'connect', side: 'receive' }, [
  {
    id: 'banner',
    texts: [{ versions: '2010+ EXO', text: '220 {fqdn} Microsoft ESMTP MAIL Service ready at {date}' }],
    tarpits: 'discredited-address',
    meaning: 'The server greets the client and is ready. The name is that of the connector (its Fqdn), else that of the server.',
    causes: ['The TCP connection stands and a receive connector has taken the client.'],
    lookAt: [log('Where several servers share one name, the banner tells which of them answered.')],
    remedy: NOTHING_TO_DO,
    samples: [
      '220 ex01.contoso.example Microsoft ESMTP MAIL Service ready at Mon, 2 Nov 2026 09:02:00 +0100',
      '220 DB5EUR01FT003.mail.protection.outlook.com Microsoft ESMTP MAIL Service ready at Thu, 21 Mar 2024 13:00:44 +0000',
    ],
    source: ['product', 'real log'],
  },
  {
    id: 'connection-refused',
    side: 'client',
    texts: [{ versions: 'other', text: 'No connection could be made because the target machine actively refused it.' }],
    variants: [
      'No connection could be made because the target machine actively refused it {endpoint}',
      'connect ECONNREFUSED {endpoint}',
      'Connection refused',
      'connect: Connection refused',
      'Unable to connect to remote host: Connection refused',
    ],
    closes: true,
    meaning: 'Nothing listens there: the machine was reached and turned the connection down at once. No SMTP was spoken.',
    causes: [
      'The transport service on the server is stopped.',
      'No enabled receive connector has a binding for this address and port.',
      'A firewall on the way or on the server answers with a reset.',
      'The device has a wrong host name or port.',
    ],
    lookAt: [
      exchange('Test-NetConnection {server} -Port 25'),
      exchange('Get-Service MSExchangeFrontEndTransport -ComputerName {server}'),
      exchange('Get-ReceiveConnector -Server {server} | Format-Table Name, Enabled, Bindings'),
      log('The receive log has no session of this client at that time.'),
    ],
    remedy: [
      exchange('Start-Service MSExchangeFrontEndTransport'),
      exchange("Set-ReceiveConnector {connector} -Bindings @{Add='0.0.0.0:25'}"),
      network('Let the device through the firewall to the port of the connector.'),
    ],
    samples: [
      'connect ECONNREFUSED 10.0.20.5:25',
      'No connection could be made because the target machine actively refused it 10.0.20.5:25',
    ],
    source: ['documentation'],
  },
  {
    id: 'connection-unanswered',
    side: 'client',
    texts: [
      {
        versions: 'other',
        text: 'A connection attempt failed because the connected party did not properly respond after a period of time, or established connection failed because connected host has failed to respond',
      },
    ],
    variants: ['connect ETIMEDOUT {endpoint}', 'Connection timed out', 'connect: Connection timed out'],
    closes: true,
    meaning: 'The client waited for the server and heard nothing at all, not even a refusal.',
    causes: [
      'A firewall swallows the packets: at the site, on the server, or at a provider that blocks port 25.',
      'The address belongs to no machine, or to one that is switched off.',
    ],
    lookAt: [
      exchange('Test-NetConnection {server} -Port 25'),
      network('Which address does the name of the server give in the network of the device?'),
    ],
    remedy: [
      network('Open the way from the device to the server, and try it from the network of the device itself.'),
      device('Enter the name or address that reaches the server from there.'),
    ],
    samples: ['connect ETIMEDOUT 10.0.20.5:25'],
    source: ['documentation'],
  },
  {
    id: 'no-connector-for-client',
    texts: [{ versions: '2010+', text: '421 4.3.2 Service not available' }],
    closes: true,
    often: true,
    meaning: 'The server does not want to talk to this client now: mostly because no receive connector covers its address.',
    causes: [
      "No receive connector takes this client's address on the local address and port that it came to.",
      'The transport component is inactive, as it is during maintenance.',
      'The service is being stopped.',
    ],
    lookAt: [
      log('The field connector-id of the row: empty means that no connector fits. Such sessions are logged in any case.'),
      exchange('Get-ReceiveConnector -Server {server} | Format-Table Name, Enabled, Bindings, RemoteIPRanges'),
      exchange('Get-ServerComponentState {server}'),
    ],
    remedy: [
      exchange('Set-ReceiveConnector {connector} -RemoteIPRanges @{Add={client}}'),
      exchange('Set-ServerComponentState {server} -Component ServerWideOffline -State Active -Requester Maintenance'),
    ],
    source: ['product', 'documentation'],
  },
  {
    id: 'service-not-active',
    texts: [{ versions: '2010+', text: '421 4.3.2 Service not active' }],
    closes: true,
    meaning: 'The transport of this server is switched off on purpose, or the wrong service of the server has answered.',
    causes: [
      'The component FrontendTransport, HubTransport or ServerWideOffline is inactive (maintenance mode). It may also be said at AUTH or MAIL.',
      'A connector of the Hub listens on port 25 beside the front end.',
    ],
    lookAt: [
      exchange('Get-ServerComponentState {server}'),
      exchange('Get-ReceiveConnector -Server {server} | Format-Table Name, TransportRole, Bindings'),
      exchange('Get-NetTCPConnection -LocalPort 25 -State Listen'),
    ],
    remedy: [
      exchange('Set-ServerComponentState {server} -Component {component} -State Active -Requester Maintenance'),
      exchange('Set-ReceiveConnector {connector} -TransportRole FrontendTransport'),
      advice('After a connector has changed its role, both transport services have to be restarted.'),
    ],
    source: ['product', 'documentation'],
  },
  {
    id: 'network-messages-not-accepted',
    texts: [{ versions: '2010+', text: '421 4.3.2 System not accepting network messages' }],
    closes: true,
    meaning: 'The server breaks the conversation off because something inside it asked for that.',
    causes: ['A transport agent wants the client to be disconnected.', 'The transport service is shutting down.'],
    lookAt: [
      exchange('Get-TransportAgent'),
      exchange("Get-WinEvent -FilterHashtable @{LogName='Application'; Level=2} -MaxEvents 50"),
    ],
    remedy: [
      exchange('Restart-Service MSExchangeTransport'),
      advice('Repair the agent that does it, or switch it off for as long as it is broken.'),
    ],
    source: ['product'],
  },
  {
    id: 'server-connections-exceeded',
    texts: [
      {
        versions: '2010+',
        text: '421 4.3.2 The maximum number of concurrent server connections has exceeded a limit, closing transmission channel',
      },
    ],
    closes: true,
    meaning: 'The connector has as many open connections, of all clients together, as it may have.',
    causes: ['MaxInboundConnection of the connector is reached (5000 unless it was changed).'],
    lookAt: [log('How many sessions of the connector are open at that time, and whose they are.')],
    remedy: [
      exchange('Set-ReceiveConnector {connector} -MaxInboundConnection 10000'),
      advice('First find out who keeps so many connections open: more room helps an attacker too.'),
    ],
    source: ['product'],
  },
  {
    id: 'source-connections-exceeded',
    texts: [
      {
        versions: '2010+',
        text: '421 4.3.2 The maximum number of concurrent connections has exceeded a limit, closing transmission channel',
      },
    ],
    closes: true,
    often: true,
    meaning: 'This one address has more connections open at a time than a single address may have.',
    causes: [
      'MaxInboundConnectionPerSource is reached (20 unless it was changed), or the share of all connections that one address may hold (2 percent).',
      'An application server, a scanner or monitoring opens many sessions side by side.',
      'A load balancer hides all clients behind its own address.',
    ],
    lookAt: [log('Sessions of that remote address which run at the same time.')],
    remedy: [
      exchange('Set-ReceiveConnector {connector} -MaxInboundConnectionPerSource 100 -MaxInboundConnectionPercentagePerSource 10'),
      device('Send over fewer connections, and close them with QUIT.'),
      network('Let the load balancer pass the address of the client on.'),
    ],
    source: ['product', 'documentation'],
  },
  {
    id: 'hand-over-connections-exceeded',
    texts: [
      {
        versions: '2013+',
        text: '421 4.3.2 The maximum number of concurrent server connections has exceeded a limit, closing transmission channel PRX7',
      },
    ],
    closes: true,
    meaning: 'The front end takes no more clients because the servers behind it cannot keep up.',
    causes: ['The transport services of the mailbox servers are down or overloaded, and hand-overs pile up.'],
    lookAt: [
      exchange('Get-Queue -Server {server} | Sort-Object MessageCount -Descending'),
      exchange('Get-ServerComponentState {server}'),
    ],
    remedy: [advice('Bring the transport service of the mailbox servers back; the front end recovers by itself.')],
    source: ['product'],
  },
  {
    id: 'back-pressure-at-connect',
    texts: [{ versions: '2010+', text: '452 4.3.1 Insufficient system resources' }],
    closes: true,
    meaning: 'The server is so short of disk space or memory that it does not even greet clients any more.',
    causes: ['Back pressure has reached its highest level, at which mail of everybody is refused.'],
    lookAt: [
      exchange("Get-WinEvent -FilterHashtable @{LogName='Application'; ID=15004,15005,15006,15007} -MaxEvents 20"),
      exchange('Get-PSDrive -PSProvider FileSystem'),
    ],
    remedy: [
      advice('Make room on the drive of the queue database (mail.que), or move the database to a bigger drive.'),
      advice('Give the server memory that no other machine can take away.'),
    ],
    source: ['product', 'documentation'],
  },
  {
    id: 'filter-data-loading',
    texts: [
      {
        versions: '2013+',
        text: '421 4.3.2 Temporary local error initializing data. System not accepting network messages. ({filter})',
      },
    ],
    closes: true,
    meaning: 'The service has only just started and has not read all of its data yet.',
    causes: ['SF1 and SF2 stand for data of filters that are still being loaded, EV1 for data about IPv6 clients.'],
    lookAt: [
      exchange("Get-WinEvent -FilterHashtable @{LogName='Application'; ProviderName='MSExchangeTransport'} -MaxEvents 50"),
    ],
    remedy: [advice('Wait some minutes.'), exchange('Restart-Service MSExchangeTransport')],
    samples: [
      '421 4.3.2 Temporary local error initializing data. System not accepting network messages. (SF1)',
      '421 4.3.2 Temporary local error initializing data. System not accepting network messages. (EV1)',
    ],
    source: ['product'],
  },
  {
    id: 'internal-destination-unreachable',
    texts: [{ versions: '2010+', text: '421 4.2.1 Unable to connect' }],
    variants: ['421 4.4.0 Unable to connect'],
    closes: true,
    meaning: 'The server that answers cannot reach the other Exchange server that it would need.',
    causes: ['The way between the Exchange servers is cut: network, firewall, or a stopped service.'],
    lookAt: [exchange('Test-NetConnection {destination} -Port 2525')],
    remedy: [network('Let Exchange servers reach each other on all ports, with no inspection in between.')],
    source: ['product'],
  },
]);
