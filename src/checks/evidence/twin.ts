/** A client like the one that fails and that works: where their conversations part. */
import { partsOf } from '../../connector/connector.ts';
import type { Case, ExaminedSession } from '../../queries/cases/case.ts';
import type { Twin } from '../verdict.ts';
import type { Sign } from './sign.ts';

/** The likest twin whose session says something about the sign; null where there is none. */
export function twinOf(theCase: Case, sign: Sign, session: ExaminedSession): Twin | null {
  for (const twin of theCase.twins) {
    const parting = partingOf(sign, session, twin);
    if (parting !== undefined && twin.source !== null)
      return { source: twin.source, device: twin.device, helo: twin.helo, connector: twin.connector, parting };
  }
  return null;
}

/** undefined: the twin's conversation never came to the step, or says the same. */
function partingOf(sign: Sign, session: ExaminedSession, twin: ExaminedSession): string | undefined {
  const [own, other] = [nameOf(session), nameOf(twin)];
  const place = own === other ? `Both land on ${own}` : `It lands on ${other}, this client on ${own}`;
  const step = answersAt(sign, session, twin);
  if (step === undefined) return own === other ? undefined : `${place}.`;
  return `${place}; ${step}`;
}

function nameOf({ connector, server }: ExaminedSession): string {
  const { name, server: own } = partsOf(connector);
  return connector === '' ? 'no connector' : `"${own || server ? `${own || server}\\` : ''}${name}"`;
}

function answersAt(sign: Sign, session: ExaminedSession, twin: ExaminedSession): string | undefined {
  // A full stop of its own ends the sentence.
  const own = sign.kind === 'refusal' ? sign.refusal.text.replace(/\.$/, '') : undefined;
  const command = sign.kind === 'refusal' ? sign.refusal.command : '';
  switch (command) {
    case 'rcpt': {
      const outside = domainOf(sign.kind === 'refusal' ? sign.recipient : null);
      const recipients = twin.transactions.flatMap(({ recipients }) => recipients).filter(({ accepted }) => accepted);
      const recipient = recipients.find(({ address }) => domainOf(address) === outside) ?? recipients[0];
      return recipient && `at RCPT TO it got ${recipient.reply ?? '250'} for ${recipient.address}, this client ${own}.`;
    }
    case 'mail':
      return twin.transactions.length > 0
        ? `at MAIL FROM it got 250 for ${twin.transactions[0]!.sender || '<>'}, this client ${own}.`
        : undefined;
    case 'auth':
      if (twin.authResult === 'success') return `it logs on with ${twin.authMechanism ?? 'AUTH'}, this client got ${own}.`;
      return twin.authResult === 'none' ? `it does not log on, this client tries and got ${own}.` : undefined;
    case 'data':
    case 'bdat':
    case 'bdat-last':
      return twin.messagesAccepted > 0 ? `at the end of the message it got 250, this client ${own}.` : undefined;
    case 'hello':
      return twin.helo === null ? undefined : `it says hello as "${twin.helo}" and got 250, this client ${own}.`;
    default:
      if (session.tls !== twin.tls && twin.tls !== 'none')
        return `it negotiates ${twin.tls}, this client ${session.tls === 'none' ? 'no TLS' : session.tls}.`;
      if (session.outcome === 'tls-failed' && twin.tls === 'none') return 'it does not ask for TLS, this client does.';
      return undefined;
  }
}

const domainOf = (address: string | null): string => address?.split('@').at(-1)?.toLowerCase() ?? '';
