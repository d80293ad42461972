/** The remedies of the reply catalogue with what is known of the session in the place of their placeholders. */
import { partsOf } from '../../connector/connector.ts';
import { literal } from '../../powershell/quoting.ts';
import type { ExaminedSession } from '../../queries/cases/case.ts';
import type { COMMAND_PLACEHOLDERS, ReplyEntry } from '../../smtp/replies/entry.ts';
import type { Sign } from '../evidence/sign.ts';
import type { Remedy } from '../finding.ts';
import { advice, powershell } from './commands.ts';

type Placeholder = (typeof COMMAND_PLACEHOLDERS)[number];
export type Filling = Readonly<Partial<Record<Placeholder, string | null>>>;

/** What the session says about the names that commands need. */
export function fillingOf(session: ExaminedSession, sign: Sign): Filling {
  const recipient = sign.kind === 'refusal' ? sign.recipient : null;
  const sender = sign.kind === 'refusal' ? sign.sender : (session.transactions.at(-1)?.sender ?? null);
  return {
    client: session.source,
    connector: session.direction === 'receive' ? identity(session) : null,
    sendConnector: session.direction === 'send' ? session.connector || null : null,
    server: session.server || partsOf(session.connector).server || null,
    destination: session.direction === 'send' ? session.remoteEndpoint.replace(/:\d+$/, '').replace(/^\[|\]$/g, '') : null,
    recipient: recipient || null,
    sender: sender || null,
    domain: recipient ? (recipient.split('@')[1] ?? null) : null,
    user: session.authUser,
    mailbox: session.authUser,
    messageId: session.transactions.find(({ messageId }) => messageId !== null)?.messageId ?? null,
  };
}

function identity({ connector, server }: ExaminedSession): string | null {
  if (connector === '') return null;
  return connector.includes('\\') || server === '' ? connector : `${server}\\${connector}`;
}

/** In the order of the catalogue; a command of which a name is not known stays with a name in angle brackets, which no server has. */
export function filledRemedy(entry: ReplyEntry, filling: Filling): Remedy[] {
  return entry.remedy.map(({ kind, text }) => (kind === 'exchange' ? powershell(filled(text, filling)) : advice(text)));
}

/** A command of the catalogue with what is known in it. */
export function filled(text: string, filling: Filling): string {
  return text.replace(/\{([a-z][A-Za-z]*)\}/g, (_, name: string) => literal(filling[name as Placeholder] ?? `<${name}>`));
}
