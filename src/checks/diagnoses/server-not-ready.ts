/** The server took the client and could not do its own part: data not loaded, no second copy, no room in the queue. */
import type { ExaminedSession } from '../../queries/cases/case.ts';
import type { ReplyId } from '../../smtp/reply-catalogue.ts';
import type { SessionDiagnosis } from '../diagnosis.ts';
import { othersRefused, othersWords } from '../evidence/other-clients.ts';
import { serverCommand } from '../evidence/server-command.ts';
import { serverOfSession } from '../evidence/session-connector.ts';
import { replyIdOf } from '../evidence/sign.ts';
import { greeted, mailFrom, QUIT, workingSession } from '../examples/example-sessions.ts';
import type { Remedy } from '../finding.ts';
import { replySection, SHADOW_REDUNDANCY } from '../references.ts';
import { advice, powershell } from '../remedies/commands.ts';

const refusedAtEnd = (reply: string): string =>
  `${greeted('MFP-02')}\n${mailFrom()}\n< RCPT TO:<anna@contoso.example>\n> 250 2.1.5 Recipient OK\n< DATA\n> 354 Start mail input; end with <CRLF>.<CRLF>\n@900 > ${reply}\n${QUIT}`;

const LOADING = '421 4.3.2 Temporary local error initializing data. System not accepting network messages.';

export const serverNotReady: SessionDiagnosis = {
  kind: 'session',
  id: 'server-not-ready',
  title: 'The server could not do its own part',
  why: 'These refusals are about the server and pass when it is well again; a device that does not try again loses its mail.',
  severity: 'high',
  references: [SHADOW_REDUNDANCY, replySection('C2'), replySection('C8')],
  signs: ['filter-data-loading', 'shadow-copy-failed', 'queue-write-failed', 'message-not-taken'],
  examples: {
    fires: [
      {
        about: 'just after the start, the data of the filters is missing',
        sessions: [{ rows: `+\n> ${LOADING} (SF1)\n- | Local` }],
        says: [/has only just started/, /SF1/],
      },
      {
        about: 'the same for clients of IPv6',
        sessions: [{ from: 'fd00:20::31', to: '[fd00::5]:25', rows: `+\n> ${LOADING} (EV1)\n- | Local` }],
        says: [/IPv6/],
      },
      {
        about: 'no second server for the copy',
        sessions: [{ rows: refusedAtEnd('451 4.4.0 Message failed to be made redundant') }],
        says: [/RejectMessageOnShadowFailure/, /Test-NetConnection/],
      },
      {
        about: 'the queue database cannot be written',
        sessions: [{ rows: refusedAtEnd('452 4.6.0 Insufficient system resources (I/O)') }],
        says: [/disk/],
      },
      {
        about: 'an agent that failed',
        sessions: [{ rows: refusedAtEnd('451 4.3.2 System not accepting network messages') }],
        says: [/malware/, 'Restart-Service MSExchangeTransport'],
      },
    ],
    silent: [
      { about: 'it works', sessions: [{ rows: workingSession('MFP-02') }] },
      { about: 'back pressure', sessions: [{ rows: refusedAtEnd('452 4.3.1 Insufficient system resources') }] },
      {
        about: 'the Hub behind the front end is not reached',
        sessions: [{ rows: refusedAtEnd('451 4.7.0 Temporary server error. Please try again later. PRX3 ') }],
      },
    ],
  },
  diagnose({ sign }, { session }, theCase) {
    if (session.direction === 'send' || sign.kind !== 'refusal') return undefined;
    const others = othersRefused(theCase, session, sign);
    const branch = BRANCHES[replyIdOf(sign)!];
    if (!branch) return undefined;
    return {
      ...(branch.severity ? { severity: branch.severity } : {}),
      cause: `${branch.cause(nameOf(session), sign.found?.values.filter ?? '')} ${othersWords(others, session)}`,
      remedy: branch.remedy(serverOfSession(session)),
      confidence: { level: branch.sure, because: 'the reply says it' },
      unknown: branch.unknown ? [branch.unknown] : [],
    };
  },
};

const nameOf = (session: ExaminedSession): string => serverOfSession(session) ?? 'The server';

interface Branch {
  readonly severity?: 'medium';
  readonly cause: (server: string, filter: string) => string;
  readonly remedy: (server: string | null) => Remedy[];
  readonly sure: 'high' | 'medium';
  readonly unknown?: string;
}

const events = (server: string | null, filter: string): Remedy =>
  serverCommand(`Get-WinEvent -ComputerName {server} -FilterHashtable @{${filter}} -MaxEvents 50`, { server });

const BRANCHES: Readonly<Partial<Record<ReplyId, Branch>>> = {
  'filter-data-loading': {
    severity: 'medium',
    cause: (server, filter) =>
      `The transport service of ${server} has only just started and has not read ${/^EV/i.test(filter) ? 'its data about clients of IPv6' : 'the data of its filters'} yet (${filter || 'SF1'}).`,
    remedy: (server) => [
      advice(
        'Wait some minutes: it passes by itself. If it does not, look why the data cannot be read, and restart the service:',
      ),
      events(server, "LogName='Application'; ProviderName='MSExchangeTransport'"),
      powershell('Restart-Service MSExchangeFrontEndTransport'),
    ],
    sure: 'high',
  },
  'shadow-copy-failed': {
    cause: (server) =>
      `${server} had the whole message, could leave its copy with no second server, and is told to take no mail without one (RejectMessageOnShadowFailure).`,
    remedy: (server) => [
      powershell('Get-TransportConfig | Format-List Shadow*, RejectMessageOnShadowFailure'),
      serverCommand(
        'Get-TransportService | Where-Object { $_.Name -ne {server} } | ForEach-Object { Test-NetConnection $_.Name -Port 2525 }',
        {
          server,
        },
      ),
      advice('Bring the other mailbox servers of the group or site back, and let them reach each other on port 2525.'),
      advice('Only if mail must flow meanwhile, knowing that a message is lost if this server is lost before it is delivered:'),
      powershell('Set-TransportConfig -RejectMessageOnShadowFailure $false'),
    ],
    sure: 'high',
  },
  'queue-write-failed': {
    cause: (server) =>
      `${server} had the whole message and could not write it into its queue database: the disk fails, or the database on it is damaged.`,
    remedy: (server) => [
      events(server, "LogName='System'; Level=1,2"),
      events(server, "LogName='Application'; ProviderName='ESE'; Level=1,2"),
      advice('Check the disk of the queue database, its free space, and whether a virus scanner holds its files (exclude them).'),
      advice(
        'If the database is damaged: stop the transport service, move the files of the queue away, start it; mail in them waits to be recovered.',
      ),
    ],
    sure: 'medium',
    unknown: 'What failed while writing is not in the protocol log, but in the system and application logs of the server.',
  },
  'message-not-taken': {
    cause: (server) =>
      `${server} had the whole message and could not finish its work on it: a transport agent failed, often the one for malware, or the queue database did.`,
    remedy: (server) => [
      events(server, "LogName='Application'; ProviderName='MSExchangeTransport','Microsoft-Filtering-FIPFS'"),
      powershell('Get-TransportAgent | Format-Table Identity, Enabled, Priority'),
      powershell('Restart-Service MSExchangeTransport'),
      advice('If it comes back, look at the engine for malware and its updates (Get-EngineUpdateInformation).'),
    ],
    sure: 'medium',
    unknown: 'Which agent failed is in the application log of the server.',
  },
};
