/** The name by which the client introduces itself cannot be one, or is missing where the connector wants one. */

import { goodHelloName } from '../../smtp/hello-name.ts';
import type { SessionDiagnosis } from '../diagnosis.ts';
import { configuredConnector } from '../evidence/client-place.ts';
import { helloNameFault } from '../evidence/hello-name.ts';
import { rowAt } from '../evidence/row-evidence.ts';
import { connectorOf } from '../evidence/session-connector.ts';
import { replyIdOf } from '../evidence/sign.ts';
import { DEFAULT_FRONTEND, greeted, mailFrom, QUIT, tarpitted, workingSession } from '../examples/example-sessions.ts';
import { propertyEvidence } from '../finding.ts';
import { replySection, section, TELNET_TEST } from '../references.ts';
import { advice, setConnector } from '../remedies/commands.ts';
import { asMeant, quotation } from '../words/quotation.ts';

const INVALID = '501 5.5.4 Invalid domain name';

const refused = (hello: string, reply = INVALID): string => `+\n> {banner}\n< ${hello}\n${tarpitted(reply)}\n${QUIT}`;

export const invalidHelloName: SessionDiagnosis = {
  kind: 'session',
  id: 'invalid-hello-name',
  title: 'It introduces itself with a name that cannot be one',
  why: 'Without a hello that the server takes there is no logon, no TLS and no mail.',
  severity: 'high',
  references: [TELNET_TEST, section('7.2'), replySection('C3')],
  signs: ['invalid-hello-name', 'hello-without-name'],
  examples: {
    fires: [
      { about: 'blanks and a number sign', sessions: [{ rows: refused('EHLO UPS #2') }], says: ['a blank and "#"', '"UPS-2"'] },
      {
        about: 'a full stop at the end',
        sessions: [{ rows: refused('EHLO cam-lobby.') }],
        says: ['ends with a full stop', '"cam-lobby"'],
      },
      {
        about: 'letters beyond ASCII in HELO, and an underscore that is fine',
        sessions: [{ rows: refused('HELO büro_2') }],
        says: ['holds "ü"', 'buro_2'],
      },
      { about: 'empty brackets', sessions: [{ rows: refused('EHLO []') }], says: ['no address between'] },
      {
        about: 'no name, where the connector wants one',
        configuration: { connectors: [{ ...DEFAULT_FRONTEND, RequireEHLODomain: true }] },
        sessions: [{ rows: refused('EHLO', '501 5.0.0 EHLO requires domain address') }],
        says: ['RequireEHLODomain', 'Set-ReceiveConnector -Identity "EX01\\Default Frontend EX01" -RequireEHLODomain $false'],
      },
    ],
    silent: [
      { about: 'an underscore', sessions: [{ rows: workingSession('ups_room_2') }] },
      {
        about: 'it says HELO with another name at once, and delivers',
        sessions: [
          {
            rows: `+\n> {banner}\n< EHLO mfp 2\n${tarpitted(INVALID)}\n< HELO mfp2\n> 250 ex01.contoso.example Hello [10.0.20.12]\n${mailFrom()}\n< RCPT TO:<a@contoso.example>\n> 250 2.1.5 Recipient OK\n< DATA\n> 354 Start mail input; end with <CRLF>.<CRLF>\n> {queued}\n${QUIT}`,
          },
        ],
      },
      {
        about: 'the address of the sender is invalid',
        sessions: [{ rows: `${greeted('mfp')}\n< MAIL FROM:<scan er>\n${tarpitted('501 5.1.7 Invalid address')}\n${QUIT}` }],
      },
    ],
  },
  diagnose({ sign }, { session }, theCase) {
    if (session.direction === 'send' || sign.kind !== 'refusal') return undefined;
    const connector = connectorOf(theCase, session);
    const configured = configuredConnector(theCase, session);
    if (replyIdOf(sign) === 'hello-without-name') {
      return {
        cause: 'The client said hello without a name, and RequireEHLODomain of the connector wants one.',
        evidence: configured ? propertyEvidence(configured, 'RequireEHLODomain') : [],
        remedy: [
          advice('Give the device a host name (also called local domain, HELO name or SMTP client name).'),
          ...(connector
            ? [
                advice('Or let the connector take clients without a name; nothing else depends on it:'),
                setConnector(connector, { RequireEHLODomain: false }),
              ]
            : []),
        ],
        confidence: { level: 'high', because: 'the reply says it' },
      };
    }
    const row = sign.command?.event.data;
    const name = asMeant(row === undefined ? (session.helo ?? '') : row.trim().replace(/^\S+\s*/, ''));
    const unicode = /^EHLO/i.test(row ?? '') && (configured?.properties.SmtpUtf8Enabled ?? false);
    const fault = helloNameFault(name, { unicode });
    return {
      cause: fault
        ? `The name ${quotation(name)} behind ${row?.trim().slice(0, 4).toUpperCase() ?? 'EHLO'} ${fault}. Exchange takes letters, digits, hyphens, underscores and single full stops between them, or an IP address in brackets.`
        : `By the rules that are known nothing is wrong with ${quotation(name)}; it may hold something that the log does not show.`,
      evidence: sign.command ? rowAt(session, sign.command.index) : [],
      remedy: [
        advice(
          `Give the device another host name (also called local domain, HELO name or SMTP client name), such as "${goodHelloName(name)}".`,
        ),
        advice('Where the software takes the name from the computer, rename that, or set the name in its configuration.'),
      ],
      confidence: fault
        ? { level: 'high', because: 'the name in the row breaks the rule' }
        : { level: 'low', because: 'only the reply says it' },
    };
  },
};
