/** What goes wrong before or beside SMTP, in plain words. */

import type { Step } from './dialogue.ts';
import type { LineFault } from './line.ts';

/** What failed, and what to do. */
export interface Failure {
  /** Goes on behind a colon: `the machine refused the connection`. */
  readonly says: string;
  readonly remedy: readonly string[];
}

const WAY_REMEDY = [
  'Test the way from the network of the device itself: Test-NetConnection <server> -Port <port>.',
  'Let the connection through the firewalls between here and the server, and the one on the server.',
];

/** Why a name gave no address; `code` is that of the resolver. */
export function lookupFailure(name: string, code: string): Failure {
  if (code === 'ENOTFOUND' || code === 'ENODATA' || code === 'EAI_NONAME')
    return {
      says: `the name ${name} has no address`,
      remedy: ['Correct the name, or enter it in the DNS that this machine asks. Resolve-DnsName <name> shows what it knows.'],
    };
  return {
    says: `the name ${name} could not be looked up (${code})`,
    remedy: ['Look whether the DNS server of this machine can be reached, or probe the address instead of the name.'],
  };
}

/** Why there is no connection. */
export function connectFailure(fault: LineFault, seconds: number): Failure {
  if (fault.kind === 'timed-out')
    return {
      says: `nothing answered within ${inSeconds(seconds)}: a firewall drops the packets, or no machine has this address`,
      remedy: WAY_REMEDY,
    };
  const code = fault.kind === 'broken' ? fault.code : fault.kind;
  switch (code) {
    case 'ECONNREFUSED':
      return {
        says: 'the machine answered and refused the connection: nothing listens on this port, or a firewall turns it down',
        remedy: [
          'Get-Service MSExchangeFrontEndTransport on the server: it has to run.',
          'Get-ReceiveConnector -Server <server> | Format-Table Name, Enabled, Bindings: an enabled connector has to be bound to this address and port.',
        ],
      };
    case 'ETIMEDOUT':
      return { says: 'nothing answered: a firewall drops the packets, or no machine has this address', remedy: WAY_REMEDY };
    case 'EHOSTUNREACH':
    case 'EHOSTDOWN':
      return { says: 'the network knows no way to that machine (host unreachable)', remedy: WAY_REMEDY };
    case 'ENETUNREACH':
      return {
        says: 'this machine has no way to that network (network unreachable)',
        remedy: [
          'Look at the routes of this machine; for an IPv6 address, whether it has IPv6 at all. --ipv4 asks for IPv4 only.',
        ],
      };
    case 'ECONNRESET':
      return { says: 'the connection was reset at once, mostly by a firewall', remedy: WAY_REMEDY };
    case 'EADDRNOTAVAIL':
      return {
        says: 'this machine does not have the address that it was to connect from',
        remedy: ['Name one of its own addresses with --local-address.'],
      };
    case 'EACCES':
    case 'EPERM':
      return {
        says: 'this machine forbids the connection, by a firewall or an agent of its own',
        remedy: ['Look at the outgoing rules of the firewall and of the virus scanner here: some block port 25.'],
      };
    default:
      return { says: `the connection failed (${code})`, remedy: WAY_REMEDY };
  }
}

/** What TLS was offered by this side. */
export interface OfferedVersions {
  readonly min: string;
  readonly max: string;
}

/** Why a handshake failed; `code`, `message`: OpenSSL's, or the network's. */
export function handshakeFailure(code: string, message: string, { min, max }: OfferedVersions): Failure {
  const offered = min === max ? min : `${min} to ${max}`;
  const versions = [
    /^TLSv1(\.1)?$/.test(max)
      ? 'Ask without --tls-min and --tls-max. If that succeeds, the server wants TLS 1.2 or newer: the device needs new firmware, or a connector without TLS of its own.'
      : 'Ask as an old device does: --tls-min TLSv1 --tls-max TLSv1.1. If that succeeds, the server is behind the times, or its newer versions are switched off.',
    'On the server the versions are set in the registry, below SCHANNEL\\Protocols; events 36871, 36874 and 36888 tell what it missed.',
  ];
  const all = `${code} ${message}`;
  if (/PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|VERSION_TOO_(LOW|HIGH)|NO_PROTOCOLS|INVALID_PROTOCOL_VERSION/i.test(all))
    return { says: `the two have no TLS version in common (offered were ${offered})`, remedy: versions };
  if (/HANDSHAKE_FAILURE|NO_SHARED_CIPHER|INSUFFICIENT_SECURITY|NO_CIPHER/i.test(all))
    return { says: `the two have no TLS version or cipher in common (offered were ${offered})`, remedy: versions };
  if (/WRONG_VERSION_NUMBER|PACKET_LENGTH|HTTP_REQUEST|UNKNOWN_PROTOCOL|RECORD_LAYER/i.test(all))
    return {
      says: 'what the server sent is no TLS',
      remedy: ['Look for something between the two that reads SMTP along (SMTP inspection of a firewall), and switch it off.'],
    };
  if (/TOO_SMALL|TOO_WEAK|MD_TOO_WEAK/i.test(all))
    return {
      says: `the key or signature of the server is too weak for clients of today (${code})`,
      remedy: ['Renew the certificate of the server, with RSA 2048 and SHA-256 at least.'],
    };
  if (/CERTIFICATE_REQUIRED|BAD_CERTIFICATE|ALERT_CERTIFICATE/i.test(all))
    return { says: `the server wants a certificate of its client (${code})`, remedy: ['Such a server is no relay for devices.'] };
  if (code === 'ETIMEDOUT')
    return {
      says: 'the server said nothing more after it had agreed to TLS',
      remedy: ['Look for a firewall that lets the words pass and drops the handshake.', ...versions],
    };
  if (/ECONNRESET|EPIPE|disconnected/i.test(all))
    return {
      says: `the server closed the connection in the middle of the handshake (offered were ${offered}): so does Exchange where no TLS version or cipher is common, or where it cannot use the key of its certificate`,
      remedy: [
        ...versions,
        'Get-ExchangeCertificate | Format-List Subject, Services, NotAfter, HasPrivateKey: look at the one for SMTP.',
      ],
    };
  return { says: `OpenSSL says ${code || message}`, remedy: versions };
}

const STEPS: Readonly<Record<Step, string>> = {
  connect: 'the connection',
  hello: 'EHLO',
  'start-tls': 'STARTTLS',
  auth: 'AUTH',
  mail: 'MAIL',
  recipient: 'RCPT',
  data: 'DATA',
  'end-of-data': 'the end of the message',
  reset: 'RSET',
  quit: 'QUIT',
};

/** Why something was not answered, once the connection stood. */
export function silenceFailure(fault: LineFault, step: Step, seconds: number): Failure {
  const isGreeting = step === 'connect';
  const answer = isGreeting ? 'what it greets with' : `the answer to ${STEPS[step]}`;
  const closing = isGreeting
    ? [
        'Look in the receive log: a session that ends at once, or none. A firewall or load balancer may accept the connection although no server stands behind it.',
      ]
    : ['Look in the receive log of the server, or at what stands between: it may have taken the client for an attacker.'];
  switch (fault.kind) {
    case 'closed':
      return {
        says: `the server closed the connection ${isGreeting ? 'without a greeting' : `instead of answering ${STEPS[step]}`}`,
        remedy: closing,
      };
    case 'broken':
      return { says: `the connection broke (${fault.code}) before ${answer} came`, remedy: closing };
    case 'timed-out':
      return {
        says: `${isGreeting ? 'no greeting came' : `the server did not answer ${STEPS[step]}`} within ${inSeconds(seconds)}`,
        remedy: [
          'Wait longer with --timeout: some servers greet late on purpose, and Exchange holds refusals back (TarpitInterval).',
          ...(isGreeting ? ['A firewall or load balancer may accept connections for a server that is down.'] : []),
        ],
      };
    case 'overall':
      return { says: 'the conversation took too long as a whole and was ended', remedy: ['Wait longer with --timeout.'] };
    case 'line-too-long':
      return { says: `${answer} has a line longer than 32 KiB: that is no mail server`, remedy: [] };
    case 'endless':
      return { says: `${answer} does not end: that is no mail server`, remedy: [] };
    case 'not-smtp':
      return { says: `${answer} is no SMTP: ${JSON.stringify(fault.first)}`, remedy: [] };
    case 'handshake':
      return { says: `TLS failed (${fault.code})`, remedy: [] };
  }
}

const inSeconds = (seconds: number): string => `${seconds} s`;
