/** What the client gives as its sender is not a mail address. */

import type { SessionDiagnosis } from '../diagnosis.ts';
import { addressDiagnosed } from '../evidence/invalid-address.ts';
import { DEFAULT_FRONTEND, greeted, mailFrom, QUIT, tarpitted, workingSession } from '../examples/example-sessions.ts';
import { NON_DELIVERY, replySection, section } from '../references.ts';

const refused = (path: string, reply = '501 5.1.7 Invalid address'): string =>
  `${greeted('mfp-02')}\n< MAIL FROM:${path}\n${tarpitted(reply)}\n${QUIT}`;

export const invalidSenderAddress: SessionDiagnosis = {
  kind: 'session',
  id: 'invalid-sender-address',
  title: 'Its sender is not a mail address',
  why: 'Exchange refuses every message of a device whose sender is not written as a plain address.',
  severity: 'high',
  references: [NON_DELIVERY, section('7.5'), replySection('C6')],
  signs: [
    'invalid-sender-address',
    'sender-address-too-long',
    'sender-address-not-ascii',
    'utf8-not-announced',
    'invalid-arguments',
  ],
  examples: {
    fires: [
      {
        about: 'a name before the address',
        sessions: [{ rows: refused('Scanner <scan@contoso.example>') }],
        says: ['A name stands before the address', 'scan@contoso.example alone'],
      },
      {
        about: 'a name of two words, the second of which is taken for an option',
        sessions: [{ rows: refused('Scanner 2 <scan@contoso.example>', '501 5.5.4 Invalid arguments') }],
        says: ['A name stands before the address'],
      },
      {
        about: 'no domain, and the connector completes none',
        configuration: { connectors: [DEFAULT_FRONTEND], acceptedDomains: ['contoso.example'] },
        sessions: [{ rows: refused('<scanner>') }],
        says: ['"scanner" has no @', 'scanner@contoso.example', '-DefaultDomain "contoso.example"'],
      },
      {
        about: 'a blank within',
        sessions: [{ rows: refused('<scan er@contoso.example> SIZE=100') }],
        says: ['There is a blank', 'one full address'],
      },
      {
        about: 'two addresses',
        sessions: [{ rows: refused('<a@contoso.example;b@contoso.example>') }],
        says: ['Several addresses'],
      },
      {
        about: 'a letter beyond ASCII',
        sessions: [{ rows: refused('<büro@contoso.example>', '501 5.1.9 UTF-8 addresses not supported') }],
        says: ['"ü"', 'SmtpUtf8Enabled'],
      },
      {
        about: 'nothing can be seen that is wrong',
        sessions: [{ rows: refused('<scan@contoso.example>') }],
        says: ['nothing is wrong with it'],
      },
    ],
    silent: [
      {
        about: 'the address is right, an option is not',
        sessions: [{ rows: refused('<scan@contoso.example> SIZE=much', '501 5.5.4 Invalid arguments') }],
      },
      {
        about: 'no sender at all, as notices have none',
        sessions: [{ rows: workingSession('mfp-02', 'a@contoso.example', '') }],
      },
      {
        about: 'the recipient is the one that is wrong',
        sessions: [
          { rows: `${greeted('mfp-02')}\n${mailFrom()}\n< RCPT TO:<anna>\n${tarpitted('501 5.1.3 Invalid address')}\n${QUIT}` },
        ],
      },
    ],
  },
  diagnose: ({ sign }, { session }, theCase) => addressDiagnosed('sender', sign, session, theCase),
};
