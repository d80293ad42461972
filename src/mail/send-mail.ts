/** Gives a mail to an SMTP server, through nodemailer, which is loaded with the first mail. */
import type { MailComposerOptions } from 'nodemailer/lib/mail-composer';
import { printable } from '../render/printable.ts';
import type { ReportMail } from './report-mail.ts';
import { meaningOf, type SendError, type SendFailure, sendFailure } from './send-failure.ts';

export interface MailServer {
  readonly host: string;
  /** At 465, TLS comes first. */
  readonly port: number;
  /**
   * `opportunistic`: with TLS where the server offers it, whatever its certificate. `required`: with TLS and a certificate
   * that this machine trusts, or not at all.
   */
  readonly tls: 'opportunistic' | 'required';
  /** A password is given to nobody but a server that TLS has made known: as with `required`. */
  readonly logon?: { readonly user: string; readonly password: string } | undefined;
  /** Milliseconds for the connection, and four times as many for any answer; 15 s without it. */
  readonly timeoutMs?: number;
}

export type Sending =
  /** `refused`: recipients that the server did not take, while it took others. `reply`: its last. */
  | {
      readonly kind: 'sent';
      readonly reply: string;
      readonly accepted: readonly string[];
      readonly refused: readonly RefusedRecipient[];
    }
  | ({ readonly kind: 'failed' } & SendFailure);

export interface RefusedRecipient {
  readonly address: string;
  readonly reply: string;
  /** What the reply means, and what to do. */
  readonly hint: string;
}

const TIMEOUT_MS = 15_000;

export async function sendMail(mail: ReportMail, server: MailServer): Promise<Sending> {
  const { createTransport } = await import('nodemailer');
  const { host, port, logon, timeoutMs = TIMEOUT_MS } = server;
  const isStrict = server.tls === 'required' || logon !== undefined;
  const transport = createTransport({
    host,
    port,
    secure: port === 465,
    requireTLS: isStrict,
    opportunisticTLS: !isStrict,
    tls: { rejectUnauthorized: isStrict },
    ...(logon && { auth: { user: logon.user, pass: logon.password } }),
    connectionTimeout: timeoutMs,
    dnsTimeout: timeoutMs,
    greetingTimeout: 4 * timeoutMs,
    socketTimeout: 4 * timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    const { response, accepted, rejectedErrors = [] } = (await transport.sendMail(messageOf(mail))) as unknown as Sent;
    return {
      kind: 'sent',
      reply: printable(response),
      accepted: accepted.map(String),
      refused: rejectedErrors.map(({ recipient, response: reply = '' }) => ({
        address: recipient ?? '',
        reply: printable(reply),
        hint: meaningOf(reply),
      })),
    };
  } catch (error) {
    const { says, hint } = sendFailure(error as SendError);
    return { kind: 'failed', says: printable(says), hint };
  } finally {
    transport.close();
  }
}

interface Sent {
  readonly response: string;
  readonly accepted: readonly unknown[];
  readonly rejectedErrors?: readonly { readonly recipient?: string; readonly response?: string }[];
}

/** Addresses as values, so that nothing in them is read as more than one. */
export function messageOf(mail: ReportMail): MailComposerOptions {
  return {
    from: { name: 'relaylens', address: mail.from },
    to: mail.to.map((address) => ({ name: '', address })),
    subject: mail.subject,
    messageId: mail.messageId,
    date: new Date(mail.at),
    text: mail.text,
    html: mail.html,
    xMailer: false,
    baseBoundary: mail.boundary,
    headers: {
      // No answers of machines (RFC 3834, and Exchange's own), but reports of failed delivery.
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'DR, RN, NRN, OOF, AutoReply',
    },
    attachments: [
      ...mail.pictures.map(({ id, name, png }) => ({
        cid: id,
        filename: name,
        content: png,
        contentType: 'image/png',
        contentDisposition: 'inline' as const,
      })),
      ...mail.attachments.map(({ name, contentType, content }) => ({ filename: name, content, contentType })),
    ],
  };
}
