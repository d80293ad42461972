/** The built-in Administrator or Guest, which Exchange lets in nowhere, whatever the password. */

import type { SessionDiagnosis } from '../diagnosis.ts';
import { failedLogon, isStranger, STRANGER, STRANGER_REMEDY, userWords } from '../evidence/failed-logon.ts';
import { rowAt } from '../evidence/row-evidence.ts';
import { DEFAULT_FRONTEND, delivered, greeted, loggingOn, QUIT, refusedLogon, secured } from '../examples/example-sessions.ts';
import { replySection } from '../references.ts';
import { advice } from '../remedies/commands.ts';

const REJECTED = 'Inbound authentication failed as we reject well-known account authentication for CONTOSO\\Administrator';
const opened = `${greeted('nas-01')}\n${secured('nas-01')}`;

export const wellKnownAccount: SessionDiagnosis = {
  kind: 'session',
  id: 'well-known-account',
  title: 'A built-in account cannot log on by SMTP',
  why: 'Exchange refuses the built-in Administrator and Guest on every receive connector, because their names are guessed first.',
  severity: 'high',
  references: [replySection('C5'), replySection('E')],
  signs: ['authentication-failed', 'well-known-account-rejected'],
  examples: {
    fires: [
      {
        about: 'a NAS with the password of the Administrator',
        sessions: [
          {
            connector: 'EX01\\Client Frontend EX01',
            to: '10.0.0.5:587',
            rows: `${opened}\n${loggingOn}\n* | ${REJECTED}\n${refusedLogon}\n${QUIT}`,
          },
        ],
        says: ['CONTOSO\\Administrator', /account of its own/],
      },
      {
        about: 'it sends on without a logon and is refused for that',
        configuration: { connectors: [{ ...DEFAULT_FRONTEND, PermissionGroups: ['ExchangeUsers'] }] },
        sessions: [
          {
            rows: `${opened}\n${loggingOn}\n* | ${REJECTED}\n${refusedLogon}\n< MAIL FROM:<nas@contoso.example>\n> 530 5.7.57 SMTP; Client was not authenticated to send anonymous mail during MAIL FROM\n- | Local`,
            rowsA: `${opened}\n${loggingOn}\n* | ${REJECTED}\n${refusedLogon}\n< MAIL FROM:<nas@contoso.example>\n> 530 5.7.1 Client was not authenticated\n- | Local`,
          },
        ],
        says: ['Administrator'],
      },
    ],
    silent: [
      {
        about: 'the password is wrong',
        sessions: [
          {
            rows: `${opened}\n${loggingOn}\n* | Inbound AUTH LOGIN failed because of LogonDenied\n* | User Name: Administrator\n${refusedLogon}\n${QUIT}`,
          },
        ],
      },
      { about: 'an ordinary message', sessions: [{ rows: `${greeted('nas-01')}\n${delivered()}\n${QUIT}` }] },
    ],
  },
  diagnose({ sign }, { session }, theCase) {
    if (session.direction === 'send') return undefined;
    const { why, user, row } = failedLogon(sign, session);
    if (why !== 'well-known') return undefined;
    const stranger = isStranger(session, theCase);
    return {
      ...(stranger ? { severity: 'medium' as const } : {}),
      cause: `It logs on as ${userWords(user).replace(/^the user /, '')}, and Exchange lets the built-in Administrator and Guest log on by SMTP nowhere. Another password changes nothing.${stranger ? ` ${STRANGER}` : ''}`,
      evidence: row ? rowAt(session, row.index) : [],
      remedy: [
        ...(stranger ? [STRANGER_REMEDY] : []),
        advice('Make an account of its own for the device, with a mailbox, and enter it there in place of this one.'),
        advice(
          'Where the device mails only to addresses of the organisation, or a relay connector holds its address, empty both fields: no logon is needed there.',
        ),
        advice('Change the password of the built-in account, if it has been stored in the device.'),
      ],
      confidence: { level: 'high', because: 'the row before the reply says so' },
    };
  },
};
