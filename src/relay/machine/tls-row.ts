/** The row of a TLS handshake that succeeded. */
import type { TlsFacts } from './effects.ts';

/** In the words of the server that was asked (`SERVER`), or of the one that asked (`CLIENT`). */
export function tlsRow(tls: TlsFacts, side: 'SERVER' | 'CLIENT'): string {
  const { keyExchange, hash, bulk } = namesOf(tls);
  return `TLS protocol SP_PROT_${tls.protocol}_${side} negotiation succeeded using bulk encryption algorithm ${bulk} with strength ${tls.strength} bits, MAC hash algorithm ${hash} with strength 0 bits and key exchange algorithm ${keyExchange} with strength 256 bits`;
}

/** Schannel's names of the algorithms of a cipher suite as OpenSSL names it. */
function namesOf({ cipher, strength }: TlsFacts): { keyExchange: string; hash: string; bulk: string } {
  return {
    bulk: /CHACHA/i.test(cipher) ? 'CALG_CHACHA20' : `CALG_AES_${strength}`,
    hash: /SHA384/i.test(cipher) ? 'CALG_SHA_384' : /SHA256|^TLS_/i.test(cipher) ? 'CALG_SHA_256' : 'CALG_SHA1',
    keyExchange: /^(ECDHE|TLS_)/i.test(cipher) ? 'CALG_ECDH_EPHEM' : /^DHE/i.test(cipher) ? 'CALG_DH_EPHEM' : 'CALG_RSA_KEYX',
  };
}
