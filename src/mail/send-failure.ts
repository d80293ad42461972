/** Why a mail was not sent, in plain words. */
import { explainText } from '../smtp/replies/explain-text.ts';

/** nodemailer's error: its own code, that of the system, what was said last, and the server's reply where there was one. */
export interface SendError {
  readonly message: string;
  readonly code?: string | number | undefined;
  readonly originalCode?: string | number | undefined;
  readonly command?: string | undefined;
  readonly response?: string | undefined;
}

export interface SendFailure {
  /** Goes on behind the name of the server: `refused the recipients: 550 …`. */
  readonly says: string;
  /** What it means, and what to do. */
  readonly hint: string;
}

const REFUSED: readonly (readonly [RegExp, string])[] = [
  [/^MAIL/, 'refused the sender'],
  [/^RCPT/, 'refused the recipients'],
  [/^AUTH/, 'refused the logon'],
  [/^DATA/, 'refused the message'],
  [/^STARTTLS/, 'refused TLS'],
  [/^CONN/, 'turned the connection away'],
  [/^[EH]/, 'refused the greeting'],
];

export function sendFailure({ message, code, originalCode, command = '', response }: SendError): SendFailure {
  const said = response?.trim();
  if (said && /^[45]\d\d/.test(said)) {
    const what = REFUSED.find(([pattern]) => pattern.test(command))?.[1] ?? 'refused the mail';
    return { says: `${what}: ${said.replace(/\s*\r?\n\s*/g, ' ')}`, hint: meaningOf(said) };
  }
  const codes = `${originalCode ?? ''} ${code ?? ''} ${message}`;
  const found = CAUSES.find(([pattern]) => pattern.test(codes));
  return found ? { says: found[1], hint: found[2] } : { says: `did not take the mail (${message})`, hint: PROBE };
}

const PROBE = 'relaylens probe shows the whole conversation with that server.';

/** Of the catalogue: what the reply means, and the first thing to do. */
export function meaningOf(reply: string): string {
  const explanation = explainText(reply, { side: 'receive' });
  if (explanation.kind !== 'known') return PROBE;
  const { meaning, remedy } = explanation.candidates[0].entry;
  const first = remedy.find(({ kind }) => kind !== 'exchange')?.text;
  return first === undefined ? meaning : `${meaning} ${first}`;
}

const CAUSES: readonly (readonly [RegExp, string, string])[] = [
  [
    /ENOTFOUND|EAI_|EDNS/,
    'has no address: the name is not known',
    'Correct the name in --smtp, or give the address of the server.',
  ],
  [
    /ECONNREFUSED/,
    'refused the connection: nothing listens on this port',
    'Look at the port in --smtp: 25, or 587 for those who log on.',
  ],
  [
    /CERT|SELF_SIGNED|UNABLE_TO_(VERIFY|GET)|ALTNAME|certificate/i,
    'has a certificate that this machine does not trust',
    'Give the name that stands in the certificate, or let NODE_EXTRA_CA_CERTS name the file of its authority.',
  ],
  [
    /STARTTLS|ETLS|SSL|TLS/,
    'offers no TLS that this machine takes',
    'Without a logon, --smtp-tls opportunistic sends without TLS where there is none.',
  ],
  [
    /ETIMEDOUT|Timeout|timed out/i,
    'did not answer in time',
    'A firewall may be in the way, or the port speaks another protocol.',
  ],
  [/EHOSTUNREACH|ENETUNREACH/, 'cannot be reached from this network', 'Look at the address in --smtp, and at the way to it.'],
  [
    /Missing credentials|EAUTH/,
    'offers no logon that this machine knows',
    'Look at the port: logons are mostly offered on 587, after STARTTLS.',
  ],
  [
    /larger than allowed/,
    'takes no message of this size',
    'Attach less: --email-attach none sends the page and its pictures alone.',
  ],
  [/ECONNRESET|closed|EPIPE/i, 'closed the connection', PROBE],
];
