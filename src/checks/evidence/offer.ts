/** What the server offered in its answers to EHLO: the extensions, and the ways to log on. */
import type { ExaminedSession } from '../../queries/cases/case.ts';
import type { Evidence } from '../finding.ts';
import { rowAt } from './row-evidence.ts';

export interface Offer {
  /** Places of its rows: one, or before 2016 one a line. */
  readonly rows: readonly number[];
  /** Given inside TLS. */
  readonly secured: boolean;
  readonly startTls: boolean;
  /** Behind AUTH; null: no AUTH at all. */
  readonly mechanisms: readonly string[] | null;
  /** What Exchange servers log on with among themselves: X-EXPS or X-ANONYMOUSTLS. */
  readonly exchange: boolean;
  /** A word was replaced by a row of X, as firewalls do that inspect SMTP. */
  readonly masked: boolean;
}

/** Names that may follow AUTH: in the one row of 2016 and later nothing ends the list but the next extension. */
const MECHANISMS = new Set(
  'GSSAPI NTLM LOGIN PLAIN XOAUTH2 OAUTHBEARER CRAM-MD5 DIGEST-MD5 EXTERNAL KERBEROS_V4 XOAUTH'.split(' '),
);

/** In the order of the session; answers to HELO offer nothing and are left out. */
export function offersOf({ events, direction }: ExaminedSession): Offer[] {
  const [ours, theirs] = direction === 'receive' ? (['>', '<'] as const) : (['<', '>'] as const);
  const offers: Offer[] = [];
  let asked = false;
  let secured = false;
  let rows: number[] = [];
  events.forEach(({ event, data, context }, index) => {
    if (event === '*' && /^TLS protocol \S+ negotiation succeeded/.test(context)) secured = true;
    else if (event === theirs) {
      asked = /^\s*EHLO\b/i.test(data);
      rows = [];
    } else if (event === ours && asked && data.startsWith('250')) {
      rows.push(index);
      if (data[3] === '-') return;
      offers.push(
        offerIn(
          rows.map((row) => events[row]!.data),
          rows,
          secured,
        ),
      );
      asked = false;
    }
  });
  return offers;
}

function offerIn(lines: readonly string[], rows: readonly number[], secured: boolean): Offer {
  const words = lines.flatMap((line) => line.slice(4).trim().split(/\s+/)).map((word) => word.toUpperCase());
  const auth = words.indexOf('AUTH');
  const behind = words.slice(auth + 1);
  const end = behind.findIndex((word) => !MECHANISMS.has(word));
  return {
    rows,
    secured,
    startTls: words.includes('STARTTLS'),
    mechanisms: auth < 0 ? null : behind.slice(0, end < 0 ? behind.length : end),
    exchange: words.includes('X-EXPS') || words.includes('X-ANONYMOUSTLS'),
    masked: words.some((word) => /^X{4,}[A-Z]?$/.test(word)),
  };
}

/** The last offer before a row; undefined where the client said HELO, or the rows are missing. */
export const offerBefore = (session: ExaminedSession, index: number): Offer | undefined =>
  offersOf(session)
    .filter(({ rows }) => rows[0]! < index)
    .at(-1);

/** The row with the word, or where it is missing, the first row of the answer. */
export function offerRow(session: ExaminedSession, { rows }: Offer, word: RegExp): Evidence[] {
  const row = rows.find((index) => word.test(session.events[index]?.data ?? '')) ?? rows[0];
  return row === undefined ? [] : rowAt(session, row);
}

/** `NTLM and LOGIN`, or that there is none. */
export function mechanismWords({ mechanisms }: Offer): string {
  if (mechanisms === null || mechanisms.length === 0) return 'no logon at all';
  return mechanisms.length === 1 ? `only ${mechanisms[0]}` : `${mechanisms.slice(0, -1).join(', ')} and ${mechanisms.at(-1)}`;
}
