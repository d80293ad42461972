/** The client goes on without the hello that is due: at the beginning, after STARTTLS, or with HELO where EHLO is needed. */

import type { ExaminedSession } from '../../queries/cases/case.ts';
import type { Diagnosed, SessionDiagnosis } from '../diagnosis.ts';
import { rowAt } from '../evidence/row-evidence.ts';
import { type RefusalSign, replyIdOf } from '../evidence/sign.ts';
import { greeted, mailFrom, QUIT, secured, tarpitted, workingSession } from '../examples/example-sessions.ts';
import { replySection, section, TELNET_TEST } from '../references.ts';
import { advice } from '../remedies/commands.ts';
import { quotation } from '../words/quotation.ts';

const FIRST = '503 5.5.2 Send hello first';
const TLS = '< STARTTLS\n> 220 2.0.0 SMTP server ready\n@0 * {certificate}\n@40 * {tls 1_2}';

export const helloOutOfOrder: SessionDiagnosis = {
  kind: 'session',
  id: 'hello-out-of-order',
  title: 'It leaves out a hello that is due',
  why: 'EHLO comes first, and once more after the TLS handshake: until then Exchange takes no other command.',
  severity: 'high',
  references: [TELNET_TEST, section('7.3'), replySection('C3')],
  signs: ['hello-missing', 'extended-hello-missing'],
  examples: {
    fires: [
      {
        about: 'no EHLO after STARTTLS',
        sessions: [
          { rows: `${greeted('crm')}\n${TLS}\n< MAIL FROM:<crm@contoso.example>\n${tarpitted(FIRST)}\n- | Remote(SocketError)` },
        ],
        says: ['a new EHLO is due', 'MAIL FROM:<crm@contoso.example>'],
      },
      {
        about: 'no hello at all',
        sessions: [{ rows: `+\n> {banner}\n< MAIL FROM:<job@contoso.example>\n${tarpitted(FIRST)}\n${QUIT}` }],
        says: ['first command'],
      },
      {
        about: 'HELO, and then a logon',
        sessions: [
          {
            rows: `+\n> {banner}\n< HELO plc-7\n> 250 ex01.contoso.example Hello [10.0.20.12]\n< AUTH LOGIN\n${tarpitted('503 5.5.2 Send EHLO first')}\n${QUIT}`,
          },
        ],
        says: ['HELO', /without a user name/],
      },
    ],
    silent: [
      {
        about: 'EHLO again after STARTTLS',
        sessions: [{ rows: `${greeted('crm')}\n${secured('crm')}\n${mailFrom()}\n${QUIT}` }],
      },
      {
        about: 'the hello itself was refused',
        sessions: [
          {
            rows: `+\n> {banner}\n< EHLO mfp 2\n${tarpitted('501 5.5.4 Invalid domain name')}\n< MAIL FROM:<scan@contoso.example>\n${tarpitted(FIRST)}\n${QUIT}`,
          },
        ],
      },
      { about: 'all in order', sessions: [{ rows: workingSession('crm') }] },
    ],
  },
  diagnose({ sign }, { session }) {
    if (session.direction === 'send' || sign.kind !== 'refusal') return undefined;
    return replyIdOf(sign) === 'extended-hello-missing' ? withoutExtensions(session, sign) : withoutHello(session, sign);
  },
};

const UPDATE = advice('Update the software, or choose another one: it does not keep to the order of SMTP.');

function withoutExtensions(session: ExaminedSession, sign: RefusalSign): Diagnosed {
  const command = sign.command?.event.data ?? '';
  const wants = sign.refusal.command === 'auth' ? 'to log on' : sign.refusal.command === 'starttls' ? 'to start TLS' : 'more';
  const helo = session.events.findIndex(({ event, data }) => event === '<' && /^HELO\b/i.test(data));
  return {
    cause: `The client said HELO and then wanted ${wants}${command ? ` (${quotation(command)})` : ''}, which exists only after EHLO.`,
    evidence: rowAt(session, helo),
    remedy: [
      advice('Let the device say EHLO; the setting is mostly called ESMTP or extended SMTP.'),
      sign.refusal.command === 'auth'
        ? advice('If it needs no logon (a relay connector holds its address), leave it without a user name and password.')
        : advice('If it does not need encryption on this network, switch TLS off on the device.'),
    ],
    confidence: { level: 'high', because: 'the rows show HELO before it' },
  };
}

function withoutHello(session: ExaminedSession, sign: RefusalSign): Diagnosed | undefined {
  const place = sign.command?.index ?? sign.row?.index ?? session.events.length;
  const before = session.events.slice(0, place);
  const isCommand = (pattern: RegExp) => (one: (typeof before)[number]) => one.event === '<' && pattern.test(one.data);
  const hello = before.findLastIndex(isCommand(/^(?:EHLO|HELO)\b/i));
  const tls = before.findLastIndex(isCommand(/^(?:STARTTLS|X-ANONYMOUSTLS)\b/i));
  const command = sign.command ? quotation(sign.command.event.data) : 'another command';
  if (tls > hello)
    return {
      cause: `The client started TLS and went on with ${command}. Whatever was said before the TLS handshake counts for nothing after it: a new EHLO is due there.`,
      evidence: rowAt(session, tls),
      remedy: [
        UPDATE,
        advice('Until then, if the connector does not demand TLS and the network is trusted: switch TLS off on the device.'),
      ],
      confidence: { level: 'high', because: 'the rows show STARTTLS and no EHLO after it' },
    };
  // A hello that was taken, and yet it is said to be missing: rows are missing, or something in between has changed them.
  if (hello >= 0) return undefined;
  const first = before.find(({ event }) => event === '<') === undefined;
  return {
    cause: first
      ? `The first command of the client is ${command}, and there is no EHLO before it.`
      : `The client said ${command} without any EHLO before it.`,
    remedy: [UPDATE, advice('If it is a script, let it say EHLO with its host name after the banner.')],
    confidence: { level: 'high', because: 'no hello stands in the rows' },
  };
}
