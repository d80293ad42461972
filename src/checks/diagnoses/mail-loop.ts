/** The message has been passed on so often that it goes round in circles, or the server met itself. */
import { literal } from '../../powershell/quoting.ts';
import type { Case, ExaminedSession } from '../../queries/cases/case.ts';
import type { Diagnosed, SessionDiagnosis } from '../diagnosis.ts';
import { landedOn } from '../evidence/client-place.ts';
import { acceptedDomainOf, domainOf } from '../evidence/own-domain.ts';
import { rowAt } from '../evidence/row-evidence.ts';
import { type RefusalSign, replyIdOf } from '../evidence/sign.ts';
import { delivered, greeted, mailFrom, QUIT, tarpitted } from '../examples/example-sessions.ts';
import type { Remedy } from '../finding.ts';
import { ACCEPTED_DOMAINS, NON_DELIVERY, replySection } from '../references.ts';
import { advice, powershell } from '../remedies/commands.ts';
import { enumerate } from '../words/enumeration.ts';
import { shortened } from '../words/quotation.ts';

const HOPS = '554 5.4.6 Hop count exceeded - possible mail loop';
const CONTEXT = /^(ReceivedHeadersLength|LocalHopCount): (\d+) > (?:MaxHopCount|MaxLocalHopCount): (\d+)/;
const atEnd = (rows: string, reply = HOPS): string =>
  `${greeted('gw.fabrikam.example')}\n${mailFrom('a@fabrikam.example')}\n< RCPT TO:<b@contoso.example>\n> 250 2.1.5 Recipient OK\n< DATA\n> 354 Start mail input; end with <CRLF>.<CRLF>\n${rows}\n${tarpitted(reply)}\n${QUIT}`;

export const mailLoop: SessionDiagnosis = {
  kind: 'session',
  id: 'mail-loop',
  title: 'The message goes round in circles',
  why: 'Each round costs both servers work until the limit ends it, and the recipient never gets the message.',
  severity: 'high',
  references: [NON_DELIVERY, ACCEPTED_DOMAINS, replySection('C8')],
  signs: ['too-many-hops', 'too-many-proxy-hops', 'system-misconfigured'],
  examples: {
    fires: [
      {
        about: 'an accepted domain that is handed back to where it came from',
        configuration: { connectors: [], acceptedDomains: ['contoso.example'] },
        sessions: [{ from: '10.0.9.25', rows: atEnd('* | ReceivedHeadersLength: 61 > MaxHopCount: 60') }],
        says: ['61 Received lines', '60', 'InternalRelay', 'contoso.example', 'Get-SendConnector'],
      },
      {
        about: 'within the own organisation, nothing imported',
        sessions: [{ rows: atEnd('* | LocalHopCount: 6 > MaxLocalHopCount: 5') }],
        says: ['own servers', 'hand mail for contoso.example to each other', 'Get-AcceptedDomain'],
      },
      {
        about: 'front ends among each other',
        sessions: [{ rows: atEnd('', '554 5.4.6 Proxy Hop count exceeded') }],
        says: ['2525'],
      },
      {
        about: 'two servers of one name',
        sessions: [{ rows: atEnd('', '550 5.3.5 System incorrectly configured') }],
        says: ['Fqdn'],
      },
    ],
    silent: [
      { about: 'another fault of the content', sessions: [{ rows: atEnd('', '554 5.6.0 Invalid message content') }] },
      { about: 'it is taken', sessions: [{ rows: `${greeted('gw')}\n${delivered()}\n${QUIT}` }] },
    ],
  },
  diagnose({ sign }, { session }, theCase) {
    if (session.direction === 'send' || sign.kind !== 'refusal') return undefined;
    switch (replyIdOf(sign)) {
      case 'system-misconfigured':
        return {
          cause: `The server met its own name at the other end: the Fqdn of ${landedOn(session)}, or of another connector, is that of another server too.`,
          remedy: [
            powershell('Get-ReceiveConnector | Format-Table Identity, Fqdn -AutoSize'),
            advice(
              'Give every connector the name of its own server, or one of its own that no other server uses: "relaylens check" shows what else differs.',
            ),
          ],
          confidence: { level: 'medium', because: 'the reply says it' },
        };
      case 'too-many-proxy-hops':
        return {
          cause: 'Front ends hand the session round among each other instead of to a Hub.',
          remedy: [
            advice(
              'Let the front ends reach the Hub of a mailbox server itself (port 2525), never an address behind which a load balancer puts front ends.',
            ),
            powershell(
              'Get-ServerComponentState -Identity "<server>" | Format-Table Component, State'.replace(
                '"<server>"',
                literal(session.server || '<server>'),
              ),
            ),
          ],
          confidence: { level: 'medium', because: 'the reply says it' },
        };
      default:
        return byHops(sign, session, theCase);
    }
  },
};

function byHops(sign: RefusalSign, session: ExaminedSession, theCase: Case): Diagnosed {
  const context = sign.contexts.find(({ event }) => CONTEXT.test(event.context));
  const [, kind, hops, limit] = context ? CONTEXT.exec(context.event.context)! : [];
  const domains = [
    ...new Set(
      session.transactions
        .at(-1)
        ?.recipients.map(({ address }) => domainOf(address))
        .filter(Boolean) ?? [],
    ),
  ];
  const [domain] = domains;
  const what = domains.length > 0 ? `mail for ${enumerate(domains)}` : 'it';
  const accepted = domain === undefined ? undefined : acceptedDomainOf(theCase, domain);
  const handedOn = accepted && accepted.domainType !== 'Authoritative';
  return {
    cause: [
      hops
        ? `The message has ${hops} ${kind === 'LocalHopCount' ? 'hops among the own servers' : 'Received lines, one a server'}, and ${limit} are taken.`
        : 'The message has passed more servers than one may.',
      kind === 'LocalHopCount'
        ? `The servers of the organisation hand ${what} to each other, most likely.`
        : `The client ${session.source ?? ''}${session.helo ? ` (${shortened(session.helo)})` : ''} and this organisation send ${what} to each other, most likely.`,
      handedOn
        ? `${accepted.domainName} is ${accepted.domainType} here: mail for addresses that are unknown is handed on, and comes back.`
        : accepted
          ? `${accepted.domainName} is authoritative here, so that a forwarding address or a rule sends it out again.`
          : accepted === null
            ? 'It is none of the accepted domains, so that mail for it leaves through a send connector and comes back.'
            : '',
    ]
      .filter(Boolean)
      .join(' ')
      .replace(/ {2,}/g, ' '),
    evidence: [
      ...(context ? rowAt(session, context.index) : []),
      ...(accepted
        ? [
            {
              kind: 'accepted-domain' as const,
              name: accepted.name,
              domainName: accepted.domainName,
              domainType: accepted.domainType,
            },
          ]
        : []),
    ],
    remedy: remedyOf(domain, handedOn ? accepted.name : undefined),
    confidence: context
      ? {
          level: handedOn ? 'high' : 'medium',
          because: handedOn ? 'the row counts the rounds, and the type of the domain explains them' : 'the row counts the rounds',
        }
      : { level: 'medium', because: 'the reply says it' },
    unknown: [
      'Which servers make the circle stands in the Received lines of the message itself, which no log holds: those that come again and again are it.',
    ],
  };
}

function remedyOf(domain: string | undefined, relayed: string | undefined): Remedy[] {
  return [
    advice(
      'Look where this organisation sends mail for the domain: a smart host that hands it back, or an MX record that points here, makes the circle.',
    ),
    powershell('Get-SendConnector | Format-Table Name, Enabled, AddressSpaces, SmartHosts -AutoSize'),
    powershell(
      domain
        ? `Get-AcceptedDomain | Where-Object { $_.DomainName -like ${literal(`*${domain}`)} } | Format-List Name, DomainName, DomainType`
        : 'Get-AcceptedDomain | Format-Table Name, DomainName, DomainType',
    ),
    ...(relayed
      ? [
          advice(
            'Only if every mailbox of the domain is in this organisation; mail for unknown addresses is then returned instead of handed on:',
          ),
          powershell(`Set-AcceptedDomain -Identity ${literal(relayed)} -DomainType Authoritative`),
        ]
      : []),
  ];
}
