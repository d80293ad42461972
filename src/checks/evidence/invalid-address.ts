/** What is said about an address that Exchange does not take, be it the sender's or a recipient's. */
import type { Case, ExaminedSession } from '../../queries/cases/case.ts';
import type { Diagnosed } from '../diagnosis.ts';
import { propertyEvidence, type Remedy } from '../finding.ts';
import { advice, setConnector } from '../remedies/commands.ts';
import { asMeant, shortened } from '../words/quotation.ts';
import { configuredConnector } from './client-place.ts';
import { type AddressFault, envelopeFault } from './envelope-address.ts';
import { defaultOwnDomain } from './own-domain.ts';
import { rowAt } from './row-evidence.ts';
import { connectorOf } from './session-connector.ts';
import { type RefusalSign, replyIdOf, type Sign } from './sign.ts';

type Whose = 'sender' | 'recipient';

const COMMANDS = { sender: 'mail', recipient: 'rcpt' } as const;

const PLACES: Readonly<Record<Whose, string>> = {
  sender: 'the sender that is set on the device',
  recipient: 'the entry in the address book of the device',
};

export function addressDiagnosed(whose: Whose, sign: Sign, session: ExaminedSession, theCase: Case): Diagnosed | undefined {
  if (session.direction === 'send' || sign.kind !== 'refusal') return undefined;
  const row = sign.command?.event.data;
  const fault = row === undefined ? undefined : envelopeFault(row);
  // A name or a blank leaves something behind the address that is taken for an option; a real option is not our matter.
  if (replyIdOf(sign) === 'invalid-arguments' && (!fault || sign.refusal.command !== COMMANDS[whose])) return undefined;
  const configured = configuredConnector(theCase, session);
  const foreign = fault?.kind === 'not-ascii' || /not-ascii|utf8/.test(replyIdOf(sign) ?? '');
  return {
    cause: [
      row === undefined
        ? 'The row with the address is missing in the log, so that it cannot be told what is wrong in it.'
        : fault
          ? `${fault.words}: ${shortened(asMeant(row))}.`
          : `By the rules that are known nothing is wrong with it (${shortened(row)}); it may hold something that the log does not show.`,
      foreign ? unicodeWords(sign) : '',
      fault?.kind === 'no-domain' ? 'An address without a domain is completed only where the connector has a DefaultDomain.' : '',
    ]
      .filter(Boolean)
      .join(' '),
    evidence: [
      ...(sign.command ? rowAt(session, sign.command.index) : []),
      ...(configured
        ? [
            ...(foreign ? propertyEvidence(configured, 'SmtpUtf8Enabled') : []),
            ...(fault?.kind === 'no-domain' ? propertyEvidence(configured, 'DefaultDomain') : []),
            ...(fault?.kind === 'long' ? propertyEvidence(configured, 'LongAddressesEnabled') : []),
          ]
        : []),
    ],
    remedy: remedyOf(whose, fault, session, theCase, row ?? ''),
    confidence: fault ? { level: 'high', because: 'the row shows it' } : { level: 'low', because: 'only the reply says it' },
  };
}

function unicodeWords(sign: RefusalSign): string {
  return replyIdOf(sign) === 'utf8-not-announced'
    ? 'The connector takes such letters, but only from clients that say SMTPUTF8 behind MAIL FROM.'
    : 'Letters beyond ASCII are taken only where SmtpUtf8Enabled of the connector is on, and from clients that say SMTPUTF8.';
}

function remedyOf(whose: Whose, fault: AddressFault | undefined, session: ExaminedSession, theCase: Case, row: string): Remedy[] {
  const place = PLACES[whose];
  switch (fault?.kind) {
    case 'no-domain':
      return [...completedAddress(place, theCase, row), ...defaultDomain(session, theCase)];
    case 'several':
      return [
        advice(
          whose === 'recipient'
            ? 'Write one address a field, or make a distribution group and let the device send to that.'
            : `Write one address into ${place}.`,
        ),
      ];
    case 'not-ascii':
      return [advice(`Write ${place} with plain letters, digits and punctuation; a mailbox may have a second address of these.`)];
    default:
      return [
        advice(
          fault?.meant
            ? `Correct ${place}: ${shortened(fault.meant)} alone, without a name, blanks or brackets.`
            : `Correct ${place}: one full address, such as name@domain, without a name, blanks or brackets.`,
        ),
      ];
  }
}

function completedAddress(place: string, theCase: Case, row: string): Remedy[] {
  const name = /:\s*<?\s*([^\s<>@]+)/.exec(row)?.[1];
  const domain = defaultOwnDomain(theCase);
  return [
    advice(
      name && domain
        ? `Correct ${place}: ${shortened(name)}@${domain}, for instance.`
        : `Correct ${place}: the domain of the organisation belongs behind the name.`,
    ),
  ];
}

function defaultDomain(session: ExaminedSession, theCase: Case): Remedy[] {
  const connector = connectorOf(theCase, session);
  return connector
    ? [
        advice('Or let the connector complete such addresses; it must be an accepted domain, and holds for all of its clients:'),
        setConnector(connector, { DefaultDomain: defaultOwnDomain(theCase) ?? '<accepted domain>' }),
      ]
    : [];
}
