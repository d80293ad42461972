/** Sessions of devices in a few words, as the tests of views tell them. */
import { type StorySettings, story } from '../../../../fixtures/story.ts';
import type { LogRow } from '../../../../src/protocol-log/writer.ts';
import type { Database } from '../../../../src/store/database.ts';
import { ingestFiles, logText } from '../../../harness.ts';

export const QUIT = '< QUIT\n> 221 2.0.0 Service closing transmission channel\n- | Local';
export const greet = (name = 'mfp'): string =>
  `+\n> {banner}\n< EHLO ${name}\n> {hello SIZE 37748736, STARTTLS, AUTH LOGIN, CHUNKING}`;
export const tls = (version: string): string => `< STARTTLS\n> 220 2.0.0 SMTP server ready\n* {certificate}\n* {tls ${version}}`;
export const mail = (
  recipients: readonly string[] = ['a@contoso.example'],
  { bytes = 1000, sender = 'scan@contoso.example' }: { bytes?: number; sender?: string } = {},
): string =>
  [
    `< MAIL FROM:<${sender}>`,
    '* {message}',
    '> 250 2.1.0 Sender OK',
    ...recipients.flatMap((one) => [`< RCPT TO:<${one}>`, '> 250 2.1.5 Recipient OK']),
    '< DATA',
    '> 354 Start mail input; end with <CRLF>.<CRLF>',
    `> {queued ${bytes}}`,
  ].join('\n');

let next = 0x08de19a1b2c50001n;

/** `at`: ISO time; the script follows the greeting. */
export function session(at: string, source: string, script: string, more: StorySettings = {}): LogRow[] {
  const sessionId = (next++).toString(16).toUpperCase().padStart(16, '0');
  return story({ sessionId, at, remote: `${source.includes(':') ? `[${source}]` : source}:5000`, ...more }, script);
}

/** One message by one session. */
export const sent = (at: string, source: string, more: StorySettings = {}): LogRow[] =>
  session(at, source, `${greet(`mfp-${source}`)}\n${mail()}\n${QUIT}`, more);

/** On the days named, at eight in the morning UTC. */
export const daily = (days: readonly string[], source: string, more: StorySettings = {}): LogRow[][] =>
  days.map((day) => sent(`${day}T08:00:00.000Z`, source, more));

/** Days from the first to the last, `step` apart, as `2026-11-02`. */
export function days(first: string, last: string, step = 1): string[] {
  const all: string[] = [];
  for (let at = Date.parse(first); at <= Date.parse(last); at += step * 86_400_000)
    all.push(new Date(at).toISOString().slice(0, 10));
  return all;
}

/** Receive logs of front ends, by server. */
export async function storeOf(servers: Readonly<Record<string, readonly LogRow[][]>>): Promise<Database> {
  const files = Object.entries(servers).map(([server, sessions]) => [
    `${server}/FrontEnd/ProtocolLog/SmtpReceive/1.LOG`,
    logText(sessions.flat()),
  ]);
  return (await ingestFiles(Object.fromEntries(files) as Record<string, string>)).db;
}
