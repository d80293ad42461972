/** The handshake succeeded with a cipher below 128 bits, and the server hangs up at the next hello. */

import type { SessionDiagnosis } from '../diagnosis.ts';
import { landedOn } from '../evidence/client-place.ts';
import { rowAt } from '../evidence/row-evidence.ts';
import { delivered, greeted, QUIT, secured } from '../examples/example-sessions.ts';
import { replySection, section } from '../references.ts';
import { advice } from '../remedies/commands.ts';
import { connectorWithoutTls, DEVICE_TLS } from '../remedies/plain-connector.ts';

const weak = (bits: number): string =>
  `< STARTTLS\n> 220 2.0.0 SMTP server ready\n* {certificate}\n* | TLS protocol SP_PROT_TLS1_0_SERVER negotiation succeeded using bulk encryption algorithm CALG_DES with strength ${bits} bits, MAC hash algorithm CALG_SHA1 with strength 160 bits and key exchange algorithm CALG_RSA_KEYX with strength 2048 bits\n< EHLO fax-01\n> 454 4.7.0 Temporary authentication failure because negotiated Tls cipher strength is too weak\n- | Local`;

export const cipherTooWeak: SessionDiagnosis = {
  kind: 'session',
  id: 'cipher-too-weak',
  title: 'The encryption of the device is too weak',
  why: 'Exchange hangs up on a session that is encrypted with less than 128 bits: very old devices can do no more.',
  severity: 'high',
  references: [replySection('C4'), section('7.3')],
  signs: ['cipher-too-weak'],
  examples: {
    fires: [
      {
        about: 'DES with 56 bits',
        sessions: [{ rows: `${greeted('fax-01')}\n${weak(56)}` }],
        says: ['56 bits', 'TLS1.0', 'CALG_DES'],
      },
      {
        about: 'the row with the cipher is missing',
        sessions: [
          {
            rows: `${greeted('fax-01')}\n< STARTTLS\n> 220 2.0.0 SMTP server ready\n< EHLO fax-01\n> 454 4.7.0 Temporary authentication failure because negotiated Tls cipher strength is too weak\n- | Local`,
          },
        ],
        says: [/less than 128 bits/],
      },
    ],
    silent: [
      { about: 'a strong cipher', sessions: [{ rows: `${greeted('fax-01')}\n${secured('fax-01')}\n${delivered()}\n${QUIT}` }] },
      {
        about: 'the handshake fails',
        sessions: [
          {
            rows: `${greeted('fax-01')}\n< STARTTLS\n> 220 2.0.0 SMTP server ready\n* {failed-tls AlgorithmMismatch}\n- | Local`,
          },
        ],
      },
    ],
  },
  diagnose({ sign }, { session }, theCase) {
    if (session.direction === 'send' || sign.kind !== 'refusal') return undefined;
    const index = session.events.findIndex(({ context }) => /^TLS protocol \S+ negotiation succeeded/.test(context));
    const context = session.events[index]?.context ?? '';
    const [, cipher, bits] = /bulk encryption algorithm (\S+) with strength (\d+) bits/.exec(context) ?? [];
    return {
      cause: `The device and the server agreed on ${/^TLS|^SSL/.test(session.tls) ? session.tls : 'TLS'}${cipher ? ` with ${cipher} and ${bits} bits` : ''}, and ${landedOn(session)} takes no encryption of less than 128 bits. It said so at the next hello and hung up.`,
      evidence: index < 0 ? [] : rowAt(session, index),
      remedy: [
        DEVICE_TLS,
        advice(
          'If the device can also send without TLS, switch it off there: given up is the encryption on the way to the server.',
        ),
        ...connectorWithoutTls(session, theCase),
      ],
      confidence: { level: 'high', because: 'the reply says so' },
    };
  },
};
