/** Small stores made by chance, and what is in them, counted by hand (not by the roll-ups). */
import fc from 'fast-check';
import { story } from '../../../fixtures/story.ts';
import type { LogRow } from '../../../src/protocol-log/writer.ts';
import type { Database } from '../../../src/store/database.ts';
import { ingestFiles, logText } from '../../harness.ts';

const HELLO = (name: string): string => `+\n> {banner}\n< EHLO ${name}\n> {hello SIZE 37748736, XPROXYFROM, AUTH LOGIN}`;
const QUIT = '< QUIT\n> 221 2.0.0 Service closing transmission channel\n- | Local';

/** Both sides of the night in which Berlin sets its clocks back, and of a month. */
export const FIRST = Date.parse('2026-10-24T20:00:00Z');
export const DAYS = 8;

const SERVER_RIGHTS = '* SMTPSubmit SMTPAcceptAnyRecipient AcceptOrganizationHeaders | Set Session Permissions';
/** Addresses whose mail is noise. */
const NOISE = ['127.0.0.1', '10.0.0.6'];

const domain = fc.constantFrom('contoso.example', 'fabrikam.example', 'adatum.example');
const mail = fc
  .record({
    sender: fc.oneof(
      domain.map((name) => `app@${name}`),
      fc.constant(''),
    ),
    recipients: fc.array(fc.record({ domain, accepted: fc.boolean(), name: fc.constantFrom('a', 'b', 'c') }), {
      minLength: 1,
      maxLength: 4,
    }),
    end: fc.constantFrom('accepted', 'refused', 'left', 'chunks'),
    bytes: fc.integer({ min: 1, max: 6 }).map((n) => n * 1000),
    pause: fc.constantFrom(20, 3_000_000),
  })
  .map(({ sender, recipients, end, bytes, pause }) => {
    const lines = [`@${pause} < MAIL FROM:<${sender}>`, '* {message}', '> 250 2.1.0 Sender OK'];
    for (const one of recipients)
      lines.push(
        `< RCPT TO:<${one.name}@${one.domain}>`,
        one.accepted ? '> 250 2.1.5 Recipient OK' : '> 550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain',
      );
    if (!recipients.some(({ accepted }) => accepted) || end === 'left') lines.push('< RSET', '> 250 2.0.0 Resetting');
    else if (end === 'chunks')
      lines.push(
        '< BDAT 500',
        '> 250 2.6.0 CHUNK received OK, 500 octets',
        `< BDAT ${bytes - 500} LAST`,
        `@90 > {queued ${bytes}}`,
      );
    else {
      lines.push('< DATA', '> 354 Start mail input; end with <CRLF>.<CRLF>');
      lines.push(end === 'accepted' ? `@90 > {queued ${bytes}}` : '> 552 5.3.4 Message size exceeds fixed maximum message size');
    }
    return lines.join('\n');
  });

const script = fc.oneof(
  { weight: 6, arbitrary: fc.array(mail, { minLength: 1, maxLength: 3 }).map((mails) => `${mails.join('\n')}\n${QUIT}`) },
  { weight: 1, arbitrary: fc.constant(QUIT) },
  { weight: 1, arbitrary: fc.constant('< AUTH LOGIN\n> 535 5.7.3 Authentication unsuccessful\n- | Remote') },
);

/** `front`: taken by the front end, handed on to the Hub; the Hub's log alone, or both, may be in the store. */
const session = fc.record({
  at: fc.integer({ min: 0, max: DAYS * 24 * 60 - 1 }).map((minute) => FIRST + minute * 60_000),
  source: fc.constantFrom('10.0.1.1', '10.0.1.2', '10.0.1.3', '10.0.1.4', ...NOISE),
  server: fc.constantFrom('EX01', 'EX02'),
  connector: fc.constantFrom('Relay', 'Default Frontend'),
  script,
  handed: fc.constantFrom('no', 'no', 'both', 'hub alone'),
});

/** The logs of sessions, as files of their services. */
function tell(sessions: readonly (typeof session extends fc.Arbitrary<infer T> ? T : never)[]): Record<string, string> {
  const files = new Map<string, LogRow[]>();
  const add = (name: string, rows: readonly LogRow[]): void => void files.set(name, [...(files.get(name) ?? []), ...rows]);
  sessions.forEach(({ at, source, server, connector, script: told, handed }, index) => {
    const sessionId = `08DE19A1B2C4${index.toString(16).toUpperCase().padStart(4, '0')}`;
    const own = NOISE.includes(source);
    const when = new Date(at).toISOString();
    const rights = source === '10.0.0.6' ? `\n${SERVER_RIGHTS}` : '';
    const words =
      source === '127.0.0.1' ? told.replace(/MAIL FROM:<[^>]*>/g, 'MAIL FROM:<maildeliveryprobe@contoso.example>') : told;
    if (own || handed !== 'hub alone')
      add(
        `${server}/FrontEnd/ProtocolLog/SmtpReceive/1.LOG`,
        story(
          {
            connector: `${server}\\${connector} ${server}`,
            remote: `${source}:${20_000 + index}`,
            local: `10.0.9.${server === 'EX01' ? 1 : 2}:25`,
            sessionId,
            at: when,
          },
          `${HELLO(`host-${source}`)}${rights}\n${words}`,
        ),
      );
    if (!own && handed !== 'no')
      add(
        `${server}/Hub/ProtocolLog/SmtpReceive/1.LOG`,
        story(
          {
            connector: `${server}\\Default ${server}`,
            remote: `10.0.0.5:${20_000 + index}`,
            local: '10.0.0.5:2525',
            sessionId: `09${sessionId.slice(2)}`,
            at: when,
          },
          `${HELLO('ex01')}\n< XPROXYFROM SID=${sessionId} IP=${source} PORT=1 DOMAIN=x SEQNUM=1 PERMS=1077 AUTHSRC=Anonymous\n> 250 XProxyFrom accepted\n${words}`,
        ),
      );
  });
  return Object.fromEntries([...files].map(([name, rows]) => [name, logText(rows)]));
}

export const logs = fc.array(session, { minLength: 1, maxLength: 25 }).map(tell);

export async function storeOf(files: Record<string, string>): Promise<Database> {
  return (await ingestFiles(files)).db;
}

export interface Whole {
  readonly accepted: number;
  readonly refused: number;
  readonly bytes: number;
  readonly recipientsAccepted: number;
  readonly recipientsRefused: number;
  readonly largest: readonly number[];
  readonly sessions: number;
  readonly refusals: number;
}

/** Counted row by row from the views that people use with their own SQL tool. */
export function wholeOf(
  db: Database,
  since: number,
  until: number,
  server: string | undefined,
  connector: string | undefined,
): Whole {
  const here = (one: { server: string; connector: string }): boolean =>
    (server === undefined || one.server.toLowerCase() === server.toLowerCase()) &&
    (connector === undefined || one.connector.toLowerCase().includes(connector.toLowerCase()));
  type Message = {
    server: string;
    connector: string;
    client: string;
    state: string;
    bytes: number | null;
    recipients_accepted: number;
    recipients_refused: number;
  };
  const messages = (
    db
      .prepare("SELECT * FROM message_view WHERE counted = 1 AND direction = 'receive' AND decided_at >= ? AND decided_at < ?")
      .all(since, until) as Message[]
  ).filter((one) => here(one) && !NOISE.includes(one.client));
  const accepted = messages.filter(({ state }) => state === 'accepted');
  const sum = (list: readonly Message[], value: (one: Message) => number): number =>
    list.reduce((all, one) => all + value(one), 0);
  const sessions = (
    db
      .prepare("SELECT * FROM session_view WHERE direction = 'receive' AND started_at >= ? AND started_at < ?")
      .all(since, until) as {
      server: string;
      connector: string;
    }[]
  ).filter(here);
  const refusals = (
    db
      .prepare(
        'SELECT v.server, v.connector, v.source, v.health_probe FROM refusal r JOIN session_view v ON v.id = r.session WHERE r.at >= ? AND r.at < ?',
      )
      .all(since, until) as { server: string; connector: string; source: string; health_probe: number }[]
  ).filter((one) => here(one) && one.health_probe === 0 && !['10.0.0.6', '10.0.0.5'].includes(one.source));
  return {
    accepted: accepted.length,
    refused: messages.filter(({ state }) => state === 'refused').length,
    bytes: sum(accepted, ({ bytes }) => bytes ?? 0),
    recipientsAccepted: sum(messages, (one) => one.recipients_accepted),
    recipientsRefused: sum(messages, (one) => one.recipients_refused),
    largest: accepted
      .map(({ bytes }) => bytes ?? 0)
      .sort((a, b) => b - a)
      .slice(0, 10),
    sessions: sessions.length,
    refusals: refusals.length,
  };
}
