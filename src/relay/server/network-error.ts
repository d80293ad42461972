/** Errors of Node's sockets and of OpenSSL in the words of the log: .NET's `SocketError` and Schannel's statuses. */

const SOCKET_ERRORS: Readonly<Record<string, string>> = {
  ECONNRESET: 'ConnectionReset',
  ECONNABORTED: 'ConnectionAborted',
  EPIPE: 'ConnectionAborted',
  EHOSTUNREACH: 'HostUnreachable',
  ENETUNREACH: 'NetworkUnreachable',
  ENETRESET: 'NetworkReset',
  ENOBUFS: 'NoBufferSpaceAvailable',
};

/** Name of a socket error; undefined for an orderly end and for what has no name of its own (the log has `SocketError`). */
export const socketErrorName = (error: Error | undefined): string | undefined => SOCKET_ERRORS[codeOf(error)];

/**
 * Why a handshake failed, as the log of a server says it. What the peer says by an alert is told as Schannel hands it on.
 * Without an error the peer has closed in order.
 */
export function handshakeErrorName(error: Error | undefined): string {
  const code = codeOf(error);
  const socketError = SOCKET_ERRORS[code];
  if (socketError) return socketError;
  if (!code.startsWith('ERR_SSL_')) return 'SocketError';
  return HANDSHAKE_ERRORS.find(([pattern]) => pattern.test(code))?.[1] ?? 'IllegalMessage';
}

/** In this order: names of alerts hold those of other errors. */
const HANDSHAKE_ERRORS: readonly (readonly [RegExp, string])[] = [
  [/ALERT_UNKNOWN_CA$/, 'UntrustedRoot'],
  [/ALERT_CERTIFICATE_EXPIRED$/, 'CertExpired'],
  [/ALERT_(BAD_CERTIFICATE|CERTIFICATE_UNKNOWN|UNSUPPORTED_CERTIFICATE|CERTIFICATE_REVOKED)$/, 'CertUnknown'],
  [/ALERT_(PROTOCOL_VERSION|INSUFFICIENT_SECURITY)$/, 'AlgorithmMismatch'],
  [/ALERT_(DECRYPT_ERROR|BAD_RECORD_MAC|DECRYPTION_FAILED)$/, 'DecryptFailure'],
  [/ALERT_/, 'IllegalMessage'],
  [
    /NO_SHARED_CIPHER|UNSUPPORTED_PROTOCOL|VERSION_TOO_(LOW|HIGH)|NO_SUITABLE|NO_SHARED_(GROUP|SIGNATURE)|NO_COMMON|NO_CIPHERS|UNKNOWN_PROTOCOL|INAPPROPRIATE_FALLBACK|NO_PROTOCOLS_AVAILABLE|TOO_SMALL|TOO_WEAK/,
    'AlgorithmMismatch',
  ],
  [/PRIVATE_KEY|NO_CERTIFICATE_(ASSIGNED|SET)|KEY_VALUES_MISMATCH/, 'UnknownCredentials'],
  [/BAD_DECRYPT|DECRYPTION_FAILED|BLOCK_CIPHER_PAD|DIGEST_CHECK_FAILED/, 'DecryptFailure'],
];

const codeOf = (error: Error | undefined): string => (error as NodeJS.ErrnoException | undefined)?.code ?? '';
