/** The content of the message is put together in a way that Exchange does not take. */

import type { SessionDiagnosis } from '../diagnosis.ts';
import { configuredConnector } from '../evidence/client-place.ts';
import { rowAt } from '../evidence/row-evidence.ts';
import { connectorOf } from '../evidence/session-connector.ts';
import { replyIdOf } from '../evidence/sign.ts';
import { DEFAULT_FRONTEND, delivered, greeted, mailFrom, QUIT, tarpitted } from '../examples/example-sessions.ts';
import { propertyEvidence } from '../finding.ts';
import { NON_DELIVERY, replySection, section } from '../references.ts';
import { advice, powershell, setConnector } from '../remedies/commands.ts';
import { quotation } from '../words/quotation.ts';

const atEnd = (rows: string, reply: string): string =>
  `${greeted('app')}\n${mailFrom('app@contoso.example')}\n< RCPT TO:<anna@contoso.example>\n> 250 2.1.5 Recipient OK\n< DATA\n> 354 Start mail input; end with <CRLF>.<CRLF>\n${rows}\n${tarpitted(reply)}\n${QUIT}`;
const BARE = '554 5.6.0 Invalid message content, contains bare linefeeds';
const INVALID = '554 5.6.0 Invalid message content';

export const contentRefused: SessionDiagnosis = {
  kind: 'session',
  id: 'content-refused',
  title: 'The message is built wrongly',
  why: 'The same application will fail with every message of this kind, whatever connector it uses.',
  severity: 'medium',
  references: [NON_DELIVERY, section('7.7'), replySection('C8')],
  signs: ['invalid-content', 'bare-line-feeds', 'partial-message', 'known-poison-message'],
  examples: {
    fires: [
      {
        about: 'lines that end with LF alone',
        configuration: { connectors: [{ ...DEFAULT_FRONTEND, BareLinefeedRejectionEnabled: true }] },
        sessions: [{ rows: atEnd('', BARE) }],
        says: ['CR LF', 'BareLinefeedRejectionEnabled $false', /smuggl/],
      },
      {
        about: 'a divided message',
        sessions: [{ rows: atEnd('', '554 5.6.1 Messages of type message/partial are not supported') }],
        says: ['divide'],
      },
      {
        about: 'a message that is known to bring the service down',
        sessions: [{ rows: atEnd('', '530 5.3.0 Too many related errors') }],
        says: ['new Message-ID'],
      },
      {
        about: 'MIME that cannot be read, with the row that says what',
        sessions: [{ rows: atEnd('* | A parsing error has occurred: invalid header', INVALID) }],
        says: ['A parsing error has occurred: invalid header'],
      },
    ],
    silent: [
      {
        about: 'the message is too big',
        sessions: [{ rows: atEnd('', '552 5.3.4 Message size exceeds fixed maximum message size') }],
      },
      { about: 'it is taken', sessions: [{ rows: `${greeted('app')}\n${delivered('anna@contoso.example')}\n${QUIT}` }] },
    ],
  },
  diagnose({ sign }, { session }, theCase) {
    if (session.direction === 'send' || sign.kind !== 'refusal') return undefined;
    const connector = connectorOf(theCase, session);
    const configured = configuredConnector(theCase, session);
    const certain = { level: 'high', because: 'the reply says it' } as const;
    switch (replyIdOf(sign)) {
      case 'bare-line-feeds':
        return {
          cause:
            'The lines of the message end with LF alone instead of CR LF, and BareLinefeedRejectionEnabled of the connector refuses that.',
          evidence: configured ? propertyEvidence(configured, 'BareLinefeedRejectionEnabled') : [],
          remedy: [
            advice(
              'Mend the application: every line of a message ends with CR LF. In scripts the library for mail does so; a socket and "\\n" do not.',
            ),
            ...(connector
              ? [
                  advice(
                    'Only for a connector whose clients are your own: switch the rule off, and give up its protection against smuggled messages there:',
                  ),
                  setConnector(connector, { BareLinefeedRejectionEnabled: false }),
                ]
              : []),
          ],
          confidence: certain,
        };
      case 'partial-message':
        return {
          cause: 'The device divides a big document into several messages (message/partial), and Exchange takes no such parts.',
          remedy: [
            advice('Switch off the option to divide messages (also called split mail or fragmentation) on the device.'),
            advice('If it was on because of a size limit, scan with a lower resolution instead.'),
          ],
          confidence: certain,
        };
      case 'known-poison-message':
        return {
          severity: 'high',
          cause:
            'This very message has brought the transport service down before, and the server keeps it out by its Message-ID.',
          remedy: [
            advice(
              'Let the application build the message anew, so that it gets a new Message-ID; if that fails too, leave out what is unusual in it.',
            ),
            advice('Update the server: a message that brings it down shows a fault in it, or in an agent.'),
            powershell('Get-Message -Filter "Queue -like \'*Poison*\'" | Format-List Subject, FromAddress, Queue'),
          ],
          confidence: certain,
        };
      default: {
        const context = sign.contexts.find(({ event }) => /^(?:A parsing error|MIME exception)/.test(event.context));
        return {
          cause: context
            ? `The message cannot be read: the log says ${quotation(context.event.context)}.`
            : 'The message cannot be read: its MIME structure or a header line is broken. Which part it is, the reply does not say.',
          evidence: context ? rowAt(session, context.index) : [],
          remedy: [
            advice(
              'Mend or update the application that builds the messages; a message saved by it as a file shows what is wrong in any mail program.',
            ),
            advice(
              'If only one document fails, look for something strange in it: its file name or subject goes into the header.',
            ),
          ],
          confidence: context
            ? { level: 'high', because: 'the row before the reply says it' }
            : { level: 'medium', because: 'the reply says it' },
        };
      }
    }
  },
};
