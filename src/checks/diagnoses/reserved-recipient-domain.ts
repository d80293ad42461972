/** The recipient's domain is one that exists for examples and tests only, or a single word, and the connector refuses such. */
import type { PropertyName } from '../../connector/properties.ts';
import type { SessionDiagnosis } from '../diagnosis.ts';
import { configuredConnector } from '../evidence/client-place.ts';
import { acceptedDomainOf, domainOf } from '../evidence/own-domain.ts';
import { connectorOf } from '../evidence/session-connector.ts';
import { replyIdOf } from '../evidence/sign.ts';
import { DEFAULT_FRONTEND, greeted, mailFrom, QUIT, tarpitted, workingSession } from '../examples/example-sessions.ts';
import { propertyEvidence } from '../finding.ts';
import { NON_DELIVERY, replySection, section } from '../references.ts';
import { advice, setConnector } from '../remedies/commands.ts';
import { shortened } from '../words/quotation.ts';

const refused = (recipient: string, reply: string): string =>
  `${greeted('app')}\n${mailFrom('app@contoso.example')}\n< RCPT TO:<${recipient}>\n${tarpitted(reply)}\n${QUIT}`;

const RULES: Readonly<Record<string, { readonly property: PropertyName; readonly domain: string }>> = {
  'reserved-top-level-domain': {
    property: 'RejectReservedTopLevelRecipientDomains',
    domain: 'ends with a word that is kept for tests (.test, .example, .invalid, .localhost)',
  },
  'reserved-second-level-domain': {
    property: 'RejectReservedSecondLevelRecipientDomains',
    domain: 'is kept for documentation (example.com, example.net, example.org)',
  },
  'single-label-domain': {
    property: 'RejectSingleLabelRecipientDomains',
    domain: 'is a single word without a full stop',
  },
};

export const reservedRecipientDomain: SessionDiagnosis = {
  kind: 'session',
  id: 'reserved-recipient-domain',
  title: 'The domain of the recipient is no real one',
  why: 'No mail server answers for such a domain; a connector can be told to refuse it at once.',
  severity: 'low',
  references: [NON_DELIVERY, section('6'), replySection('C7')],
  signs: ['reserved-top-level-domain', 'reserved-second-level-domain', 'single-label-domain'],
  examples: {
    fires: [
      {
        about: 'an example that was never replaced',
        sessions: [{ rows: refused('admin@example.com', '550 5.1.5 Recipient address reserved by RFC 2606') }],
        says: ['example.com is kept for documentation', 'RejectReservedSecondLevelRecipientDomains $false'],
      },
      {
        about: 'a domain of tests that is an accepted one',
        configuration: {
          connectors: [{ ...DEFAULT_FRONTEND, RejectReservedTopLevelRecipientDomains: true }],
          acceptedDomains: ['lab.test'],
        },
        sessions: [{ rows: refused('anna@lab.test', '550 5.1.4 Recipient address reserved by RFC 2606') }],
        says: ['one of the accepted domains'],
      },
      {
        about: 'a domain of one word',
        sessions: [{ rows: refused('anna@contoso', '550 5.1.6 Recipient addresses in single label domains not accepted') }],
        says: ['single word'],
      },
    ],
    silent: [
      { about: 'a domain that relays', sessions: [{ rows: workingSession('app', 'x@fabrikam.example') }] },
      {
        about: 'the same domain refused for relaying',
        sessions: [{ rows: refused('x@lab.test', '550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain') }],
      },
    ],
  },
  diagnose({ sign }, { session }, theCase) {
    const rule = RULES[replyIdOf(sign) ?? ''];
    if (session.direction === 'send' || sign.kind !== 'refusal' || !rule) return undefined;
    const domain = domainOf(sign.recipient);
    const own = acceptedDomainOf(theCase, domain);
    const connector = connectorOf(theCase, session);
    const configured = configuredConnector(theCase, session);
    const change = connector ? [setConnector(connector, { [rule.property]: false })] : [];
    return {
      cause: `The domain ${domain === '' ? 'of the recipient' : shortened(domain)} ${rule.domain}, and ${rule.property} of the connector is on.${own ? ` It is one of the accepted domains (${own.domainName}), so here it is meant.` : ''}`,
      evidence: configured ? propertyEvidence(configured, rule.property) : [],
      remedy: own
        ? [advice('Let the connector take the domain:'), ...change]
        : [
            advice('Correct the recipient: most likely an example of the manual was left in the settings of the device.'),
            ...(change.length > 0
              ? [
                  advice('Only if the domain is really meant; mail to it will come back or wait in the queue otherwise:'),
                  ...change,
                ]
              : []),
          ],
      confidence: { level: 'high', because: 'the reply says it' },
    };
  },
};
