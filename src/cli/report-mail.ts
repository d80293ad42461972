/** `--email-to`, `--email-from`, `--smtp` …: a report as a mail. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Document, Section } from '../document/document.ts';
import { type Attachment, reportMail } from '../mail/report-mail.ts';
import { type MailServer, sendMail } from '../mail/send-mail.ts';
import { renderCsv } from '../render/csv.ts';
import { printable } from '../render/printable.ts';
import { UserError } from '../store/user-error.ts';
import type { Io } from './io.ts';
import { type CommonOptions, csvOptionsOf, zoneOf } from './options.ts';
import { fileNamePart } from './out-name.ts';
import { paintFor, workbookOf } from './output.ts';

/** Where the password of `--smtp-user` comes from: arguments are seen by everybody on the machine. */
const PASSWORD_VARIABLE = 'RELAYLENS_SMTP_PASSWORD';

export interface MailOptions {
  readonly emailTo?: readonly string[];
  readonly emailFrom?: string;
  readonly emailAttach: readonly AttachedFormat[];
  readonly smtp?: { readonly host: string; readonly port: number };
  readonly smtpTls: MailServer['tls'];
  readonly smtpUser?: string;
}

type AttachedFormat = 'xlsx' | 'csv';

export function withMailOptions(command: Command): Command {
  return command
    .option('--email-to <addresses>', 'send it to these people, with commas between them', parseAddresses)
    .option('--email-from <address>', 'as whom to send it', parseAddress)
    .addOption(
      new Option('--email-attach <formats>', 'what to attach: xlsx, csv, xlsx,csv or none')
        .argParser(parseFormats)
        .default(['xlsx'], 'xlsx'),
    )
    .option('--smtp <host[:port]>', 'the server that takes it (port 25; at 465 TLS comes first)', parseServer)
    .addOption(
      new Option('--smtp-tls <mode>', 'required: with TLS and a trusted certificate, or not at all')
        .choices(['opportunistic', 'required'])
        .default('opportunistic'),
    )
    .option('--smtp-user <name>', `log on, over TLS with a trusted certificate only; the password is in ${PASSWORD_VARIABLE}`);
}

export interface MailOrder {
  readonly to: readonly string[];
  readonly from: string;
  readonly attach: readonly AttachedFormat[];
  readonly server: MailServer;
}

/** What was asked for; undefined: no mail. A UserError where something is missing: to be called before the work begins. */
export function mailOrder(options: MailOptions, environment: NodeJS.ProcessEnv = process.env): MailOrder | undefined {
  const { emailTo, emailFrom, emailAttach, smtp, smtpTls, smtpUser } = options;
  if (emailTo === undefined) {
    if (emailFrom !== undefined || smtp !== undefined || smtpUser !== undefined)
      throw new UserError('nobody is named to send the report to', 'Add --email-to, or leave out the other options of mail.');
    return undefined;
  }
  if (emailFrom === undefined) throw new UserError('--email-to needs --email-from', 'Name the address that the mail comes from.');
  if (smtp === undefined)
    throw new UserError('--email-to needs --smtp', 'Name the server that takes the mail, such as --smtp ex01:25.');
  const password = environment[PASSWORD_VARIABLE];
  if (smtpUser !== undefined && !password)
    throw new UserError(
      `--smtp-user ${smtpUser}: there is no password`,
      `Put it into the environment variable ${PASSWORD_VARIABLE}.`,
    );
  return {
    to: emailTo,
    from: emailFrom,
    attach: emailAttach,
    server: { ...smtp, tls: smtpTls, ...(smtpUser !== undefined && { logon: { user: smtpUser, password: password! } }) },
  };
}

export interface SentReport {
  /** As the report calls it, such as `2026-10`. */
  readonly period: string;
  /** Which question was answered; undefined for the whole report. */
  readonly view?: string | undefined;
  readonly subject: string;
  /** Said at the end, such as when it was made; no part of what makes two reports the same. */
  readonly stamp?: Section;
  /** What is attached, where that is more than the page; no part of what makes two reports the same. */
  readonly attached?: Document;
}

/**
 * Sends the report, says so on standard error, and resolves to its Message-ID. A UserError where the server did not take
 * it, or not for everybody.
 */
export async function mailReport(
  io: Io,
  options: CommonOptions,
  { to, from, attach, server }: MailOrder,
  document: Document,
  { period, view, subject, stamp, attached = document }: SentReport,
): Promise<string> {
  const zone = zoneOf(options);
  const paint = await paintFor(io, zone);
  const name = ['relaylens', ...(view === undefined ? [] : [view]), fileNamePart(period)].join('-');
  const attachments: Attachment[] = [];
  for (const format of attach)
    attachments.push(
      format === 'xlsx'
        ? { name: `${name}.xlsx`, contentType: XLSX, content: await workbookOf(attached, { zone, paint }) }
        : {
            name: `${name}.csv`,
            contentType: 'text/csv; charset=utf-8',
            content: Buffer.from(renderCsv(attached, { zone, ...csvOptionsOf(options) })),
          },
    );
  const mail = reportMail(document, { from, to, subject, period, zone, paint, stamp, attachments, at: io.now() });
  const sending = await sendMail(mail, server);
  const named = printable(`${server.host.includes(':') ? `[${server.host}]` : server.host}:${server.port}`);
  if (sending.kind === 'failed') throw new UserError(`the report was not sent: ${named} ${sending.says}`, sending.hint);
  if (sending.accepted.length > 0)
    io.err(
      `report sent to ${sending.accepted.map(printable).join(', ')} by ${named} (${sending.reply}), Message-ID ${mail.messageId}\n`,
    );
  const [refused, ...others] = sending.refused;
  if (refused)
    throw new UserError(
      `${named} did not take the report for ${printable(refused.address)}${others.length > 0 ? ` and ${others.length} more` : ''}: ${refused.reply}`,
      refused.hint,
    );
  return mail.messageId;
}

const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

function parseAddresses(text: string): string[] {
  return [...new Set(text.split(/[,;]/).map((one) => parseAddress(one.trim())))];
}

/** Without a display name, which would have to be taken apart. */
function parseAddress(text: string): string {
  if (!/^[^\s<>@,;:"()[\]\\]+@[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(text) || text.length > 254)
    throw new InvalidArgumentError(`'${printable(text)}' is no address such as anna@contoso.example.`);
  return text;
}

function parseFormats(text: string): AttachedFormat[] {
  const names = text === 'none' ? [] : text.split(',').map((name) => name.trim());
  for (const name of names) if (name !== 'xlsx' && name !== 'csv') throw new InvalidArgumentError('xlsx, csv, xlsx,csv or none.');
  return [...new Set(names)] as AttachedFormat[];
}

function parseServer(text: string): { host: string; port: number } {
  const [, bracketed, plain, digits = '25'] = /^(?:\[([\da-f:.%]+)\]|([^\s:[\]@/]+))(?::(\d{1,5}))?$/i.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (host === undefined || port < 1 || port > 65_535)
    throw new InvalidArgumentError('a name or an address, and a port if it is not 25: ex01:587, [fd00::5]:25.');
  return { host, port };
}
