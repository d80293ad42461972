/** What the `*` rows say: one place for every string of data and context that the reconstruction uses. */
import type { RowView } from '../protocol-log/row-view.ts';
import { permissionMask } from '../smtp/permission.ts';
import { tlsVersion } from '../smtp/tls-version.ts';
import type { SessionBuilder } from './session-builder.ts';

type Reader = (session: SessionBuilder, match: RegExpExecArray, row: RowView) => void;

/** Rules by the first letter of the context; within a letter the first that matches is taken. */
const RULES: Readonly<Record<string, readonly (readonly [RegExp, Reader])[]>> = {
  S: [
    [/^Set Session Permissions/, (session, _, row) => void (session.permissions = permissionMask(row.data))],
    [
      /^Setting up (?:client|outbound) proxy session failed with error/,
      (session, match, row) => session.error(match.input, row.at),
    ],
  ],
  r: [
    [/^receiving message with InternetMessageId (\S+)/, (session, match) => session.nameMessage(match[1]!)],
    [/^receiving message/, (session, _, row) => session.beginMessage(row.at)],
  ],
  I: [
    [/^InternetMessageId: (\S+)/, (session, match) => session.nameMessage(match[1]!)],
    [/^Inbound authentication succeeded/, (session, match, row) => session.error(match.input, row.at)],
    [
      /^Inbound .*(?:failed because|as we reject)/,
      (session, match, row) => {
        session.failAuth(match.input);
        session.authUser ??= /(?:the client|authentication for) (\S+?)\.?(?: doesn't|$)/.exec(match.input)?.[1] ?? null;
        session.error(match.input, row.at);
      },
    ],
  ],
  U: [
    [/^User ?[Nn]ame: (.*)/, (session, match) => void (session.authUser = match[1]!.trim())],
    [/^Unable to initialize inbound/, (session, match, row) => failAuth(session, match.input, row)],
  ],
  F: [
    [/^Failed to initialize inbound/, (session, match, row) => failAuth(session, match.input, row)],
    [
      /^Failed to connect/,
      (session, match, row) => {
        session.connectError = match.input;
        session.error(match.input, row.at);
      },
    ],
  ],
  L: [[/^LiveID Authentication failed/, (session, match, row) => failAuth(session, match.input, row)]],
  R: [[/^Rejecting the authentication/, (session, match, row) => failAuth(session, match.input, row)]],
  a: [
    [
      /^authenticated/,
      (session, _, row) => {
        session.authResult = 'success';
        session.authUser = row.data;
      },
    ],
    [
      /^attempting to connect\. Client proxy session .*Proxied session id (\w+)/,
      (session, match) => session.link('client-proxy', match[1]!),
    ],
    [
      /^attempting to connect\. Outbound proxy .*Proxied session id (\w+)/,
      (session, match) => session.link('outbound-proxy', match[1]!),
    ],
  ],
  P: [
    [/^Proxying inbound session with session id (\w+)/, (session, match) => session.link('proxying', match[1]!)],
    [
      /^Proxy session (?:was )?successfully set up|^Proxy session was successfully set up/,
      (session) => void (session.proxied = true),
    ],
  ],
  s: [
    [
      /^sending message with RecordId (\S+)(?: and InternetMessageId (\S.*))?/,
      (session, match) => {
        session.nextInternalId = match[1]!;
        session.nextMessageId = match[2]?.trim() ?? null;
      },
    ],
  ],
  T: [
    [
      /^TLS protocol (\S+) negotiation succeeded/,
      (session, match) => {
        session.tls = tlsVersion(match[1]!);
        session.startTlsAt = 'decided';
        session.tlsError = null; // an earlier try that failed was made good
      },
    ],
    [/^TLS negotiation failed/, (session, match, row) => failTls(session, match.input, row)],
    [/^Tls cipher strength is too weak/, (session, match, row) => failTls(session, match.input, row)],
  ],
  C: [[/^Connector is configured to send mail only over TLS/, (session, match, row) => failTls(session, match.input, row)]],
  D: [[/^Drop connection because TLS configuration requires TLS/, (session, match, row) => failTls(session, match.input, row)]],
  O: [
    [/^Outbound TLS authentication failed/, (session, match, row) => failTls(session, match.input, row)],
    [/^Outbound (?:Exchange )?Authentication failed/, (session, match, row) => failAuth(session, match.input, row)],
  ],
};

function failAuth(session: SessionBuilder, text: string, row: RowView): void {
  session.failAuth(text);
  session.error(text, row.at);
}

function failTls(session: SessionBuilder, text: string, row: RowView): void {
  session.tlsError = text;
  session.startTlsAt = 'decided';
  session.error(text, row.at);
}

const TARPIT = /^Tarpit for '(?:(\d+)\.)?(\d\d):(\d\d):(\d\d)(?:\.(\d{1,7}))?'/;

/** Milliseconds of `Tarpit for 'd.hh:mm:ss.fff'`, or 0. */
export function tarpitMs(data: string): number {
  const span = TARPIT.exec(data);
  if (!span) return 0;
  const [, days = '0', hours, minutes, seconds, fraction = '0'] = span;
  const whole = ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds);
  return whole * 1000 + Math.round(Number(`0.${fraction}`) * 1000);
}

/** Tells `session` what an information row means; rows that mean nothing to it pass. */
export function readInformation(session: SessionBuilder, row: RowView): void {
  const data = row.bytes;
  const start = row.starts[7]!;
  if (row.ends[7]! - start > 12 && data[start] === 0x54 && data[start + 1] === 0x61) session.tarpitMs += tarpitMs(row.data);
  if (row.isEmpty(8)) return;
  const context = row.context.trimEnd();
  for (const [pattern, read] of RULES[context[0] ?? ''] ?? []) {
    const match = pattern.exec(context);
    if (match) {
      read(session, match, row);
      return;
    }
  }
}
