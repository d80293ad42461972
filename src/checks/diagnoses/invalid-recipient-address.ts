/** What the client gives as a recipient is not a mail address. */

import type { SessionDiagnosis } from '../diagnosis.ts';
import { addressDiagnosed } from '../evidence/invalid-address.ts';
import { greeted, mailFrom, QUIT, tarpitted, workingSession } from '../examples/example-sessions.ts';
import { NON_DELIVERY, replySection, section } from '../references.ts';

const refused = (path: string, reply = '501 5.1.3 Invalid address'): string =>
  `${greeted('mfp-02')}\n${mailFrom()}\n< RCPT TO:${path}\n${tarpitted(reply)}\n${QUIT}`;

export const invalidRecipientAddress: SessionDiagnosis = {
  kind: 'session',
  id: 'invalid-recipient-address',
  title: 'A recipient is not a mail address',
  why: 'An entry of the address book that is no address gets no mail, however often the device tries.',
  severity: 'medium',
  references: [NON_DELIVERY, section('6'), replySection('C7')],
  signs: ['invalid-recipient-address', 'recipient-address-too-long', 'recipient-address-not-ascii', 'invalid-arguments'],
  examples: {
    fires: [
      {
        about: 'two addresses in one field',
        sessions: [{ rows: refused('<anna@contoso.example;ben@contoso.example>') }],
        says: ['Several addresses', /distribution group/],
      },
      { about: 'a user name alone', sessions: [{ rows: refused('<anna>') }], says: ['"anna" has no @'] },
      { about: 'no address', sessions: [{ rows: refused('<>') }], says: ['no address in it'] },
      {
        about: 'a letter beyond ASCII',
        sessions: [{ rows: refused('<jürgen@contoso.example>', '501 5.1.8 UTF-8 addresses not supported') }],
        says: ['"ü"'],
      },
    ],
    silent: [
      {
        about: 'MAIL was refused, and RCPT for that reason',
        sessions: [
          {
            rows: `${greeted('mfp-02')}\n< MAIL FROM:<scanner>\n${tarpitted('501 5.1.7 Invalid address')}\n< RCPT TO:<anna>\n${tarpitted('503 5.5.2 Need mail command')}\n${QUIT}`,
          },
        ],
      },
      { about: 'all is well', sessions: [{ rows: workingSession('mfp-02', 'anna@contoso.example') }] },
    ],
  },
  diagnose: ({ sign }, { session }, theCase) => addressDiagnosed('recipient', sign, session, theCase),
};
