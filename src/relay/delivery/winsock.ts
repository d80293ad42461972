/** Socket errors as Windows numbers and words them: the send log carries them. */

interface WinsockError {
  readonly code: number;
  readonly message: string;
}

const TIMED_OUT: WinsockError = {
  code: 10060,
  message:
    'A connection attempt failed because the connected party did not properly respond after a period of time, or established connection failed because connected host has failed to respond',
};

const ERRORS: Readonly<Record<string, WinsockError>> = {
  EACCES: { code: 10013, message: 'An attempt was made to access a socket in a way forbidden by its access permissions' },
  EMFILE: { code: 10024, message: 'Too many open sockets' },
  EADDRNOTAVAIL: { code: 10049, message: 'The requested address is not valid in its context' },
  ENETDOWN: { code: 10050, message: 'A socket operation encountered a dead network' },
  ENETUNREACH: { code: 10051, message: 'A socket operation was attempted to an unreachable network' },
  ECONNABORTED: { code: 10053, message: 'An established connection was aborted by the software in your host machine' },
  ECONNRESET: { code: 10054, message: 'An existing connection was forcibly closed by the remote host' },
  ENOBUFS: {
    code: 10055,
    message:
      'An operation on a socket could not be performed because the system lacked sufficient buffer space or because a queue was full',
  },
  ETIMEDOUT: TIMED_OUT,
  ECONNREFUSED: { code: 10061, message: 'No connection could be made because the target machine actively refused it' },
  EHOSTDOWN: { code: 10064, message: 'A socket operation failed because the destination host was down' },
  EHOSTUNREACH: { code: 10065, message: 'A socket operation was attempted to an unreachable host' },
  ENOTFOUND: { code: 11001, message: 'No such host is known' },
  EAI_AGAIN: {
    code: 11002,
    message:
      'This is usually a temporary error during hostname resolution and means that the local server did not receive a response from an authoritative server',
  },
};

/** `code`: of Node's error; one that Windows has no number for counts as a time-out. */
export function winsockError(code: string | undefined): WinsockError {
  return ERRORS[code ?? ''] ?? TIMED_OUT;
}
