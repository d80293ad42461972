/** The server's side of a TLS handshake on a connection that was plain until now. */
import type { Socket } from 'node:net';
import { type SecureContext, TLSSocket } from 'node:tls';
import type { Clock } from '../log/clock.ts';
import type { TlsFacts } from '../machine/effects.ts';
import { handshakeErrorName } from './network-error.ts';

export interface HandshakeSettings {
  readonly context: SecureContext;
  /** Milliseconds. */
  readonly timeout: number;
  readonly clock: Clock;
  readonly succeeded: (socket: TLSSocket, facts: TlsFacts) => void;
  /** Told once, with the log's word for it. */
  readonly failed: (error: string) => void;
}

export interface Handshake {
  /** Ends the connection without a word. */
  abort(): void;
}

/** Exactly one of `succeeded` and `failed` is called, later and once, unless it is aborted before. */
export function shakeHands(plain: Socket, settings: HandshakeSettings): Handshake {
  let secure: TLSSocket | undefined;
  let isOver = false;
  let firstError: Error | undefined;
  const finish = (): boolean => {
    if (isOver) return false;
    isOver = true;
    cancel();
    plain.off('close', onClose);
    return true;
  };
  const fail = (error: string): void => {
    if (finish()) settings.failed(error);
  };
  const onError = (error: Error): void => void (firstError ??= error);
  const onClose = (): void => fail(handshakeErrorName(firstError));
  const cancel = settings.clock.after(settings.timeout, () => fail('TimedOut'));
  plain.on('error', onError);
  plain.on('close', onClose);
  // What was said before the handshake has to be out before its first record.
  plain.write('', () => {
    if (isOver || plain.destroyed) return;
    secure = new TLSSocket(plain, { isServer: true, secureContext: settings.context, requestCert: false });
    secure.disableRenegotiation();
    secure.on('error', onError);
    // Node tells an error of the handshake by this event only where no server of its own listens.
    secure.on('_tlsError', onError);
    secure.on('close', onClose);
    secure.on('end', onClose);
    secure.once('secure', () => {
      if (!finish()) return;
      secure!.off('close', onClose);
      secure!.off('end', onClose);
      settings.succeeded(secure!, factsOf(secure!));
    });
  });
  return {
    abort() {
      finish();
      secure?.destroy();
      plain.destroy();
    },
  };
}

/** Protocol and cipher in the words that the log is made of. */
function factsOf(socket: TLSSocket): TlsFacts {
  const cipher = socket.getCipher().name;
  return { protocol: PROTOCOLS[socket.getProtocol() ?? ''] ?? 'TLS1_2', cipher, strength: strengthOf(cipher) };
}

const PROTOCOLS: Readonly<Record<string, string>> = {
  SSLv3: 'SSL3',
  TLSv1: 'TLS1',
  'TLSv1.1': 'TLS1_1',
  'TLSv1.2': 'TLS1_2',
  'TLSv1.3': 'TLS1_3',
};

/** Bits of the bulk cipher, from OpenSSL's name of the suite. */
function strengthOf(cipher: string): number {
  if (/(AES|CAMELLIA|ARIA)_?256|CHACHA20/i.test(cipher)) return 256;
  if (/DES-?CBC3|3DES/i.test(cipher)) return 168;
  return /NULL/i.test(cipher) ? 0 : 128;
}
