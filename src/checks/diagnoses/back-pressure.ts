/** The server runs out of disk or memory and takes no mail, from outside first, then from everybody. */
import type { ExaminedSession } from '../../queries/cases/case.ts';
import type { SessionDiagnosis } from '../diagnosis.ts';
import { othersRefused, othersWords } from '../evidence/other-clients.ts';
import { rowAt } from '../evidence/row-evidence.ts';
import { serverCommand } from '../evidence/server-command.ts';
import { serverOfSession } from '../evidence/session-connector.ts';
import { commandOf, replyIdOf, type Sign } from '../evidence/sign.ts';
import { delivered, greeted, mailFrom, QUIT, TURNED_AWAY, workingSession } from '../examples/example-sessions.ts';
import type { Remedy } from '../finding.ts';
import { BACK_PRESSURE, replySection } from '../references.ts';
import { advice } from '../remedies/commands.ts';

const SHORT = '452 4.3.1 Insufficient system resources';
const QUEUE_DISK = 'UsedDiskSpace[D:\\Queue]';

export const backPressure: SessionDiagnosis = {
  kind: 'session',
  id: 'back-pressure',
  title: 'The server is short of disk or memory',
  why: 'Exchange protects itself: when a resource runs out it first slows clients down, then refuses mail until there is room again. Nothing is wrong with the client.',
  severity: 'critical',
  references: [BACK_PRESSURE, replySection('C6')],
  signs: ['back-pressure-at-connect', 'back-pressure', 'back-pressure-at-end'],
  examples: {
    fires: [
      {
        about: 'once, and mail went through since',
        sessions: [{ rows: refusedAtMail(SHORT) }, { connector: 'EX01\\Anon Relay EX01', rows: workingSession('MFP-02') }],
        says: [/was under back pressure/, /its mail was taken since/],
      },
      {
        about: 'at MAIL, with the resource named, and others with it',
        sessions: [
          { from: '10.0.20.11', rows: refusedAtMail(`${SHORT} (${QUEUE_DISK})`) },
          { rows: refusedAtMail(`${SHORT} (${QUEUE_DISK})`) },
        ],
        who: '10.0.20.12',
        says: [/drive with D:\\Queue/, /1 other client/, /Get-Volume|Get-PSDrive/],
      },
      {
        about: 'at connect: the highest level',
        sessions: [{ rows: `+\n> ${SHORT}\n- | Local` }],
        says: [/highest level/, /not in the words/],
      },
      {
        about: 'at the end, after delays that announced it',
        sessions: [
          {
            rows: `${greeted('MFP-02')}\n@0 * Tarpit for '0.00:00:10' due to 'Back Pressure'\n${mailFrom()}\n< RCPT TO:<anna@contoso.example>\n> 250 2.1.5 Recipient OK\n< DATA\n> 354 Start mail input; end with <CRLF>.<CRLF>\n@900 > ${SHORT}\n${QUIT}`,
          },
        ],
        says: [/slowed it down before/],
      },
      {
        about: 'the store of versions in memory',
        sessions: [{ rows: refusedAtMail(`${SHORT} (UsedVersionBuckets[D:\\Queue\\mail.que])`) }],
        says: [/version/i, /large message/],
      },
    ],
    silent: [
      { about: 'it works', sessions: [{ rows: workingSession('MFP-02') }] },
      { about: 'turned away for another reason', sessions: [{ rows: TURNED_AWAY }] },
      {
        about: 'the queue cannot be written',
        sessions: [
          {
            rows: `${greeted('MFP-02')}\n${delivered().replace(/@120 .*/, '@120 > 452 4.6.0 Insufficient system resources (I/O)')}\n${QUIT}`,
          },
        ],
      },
    ],
  },
  diagnose({ sign }, { session }, theCase) {
    if (session.direction === 'send' || sign.kind !== 'refusal') return undefined;
    const resource = resourceOf(sign);
    const others = othersRefused(theCase, session, sign);
    // Who was alone with it, and was served since, needs no alarm.
    const past = others === 0 && (theCase.lastSuccess ?? 0) > Date.parse(session.startedAt);
    const delays = session.events.flatMap(({ data }, index) => (/ due to 'Back Pressure'/.test(data) ? [index] : []));
    return {
      ...(past ? { severity: 'medium' as const } : {}),
      cause: [
        `${serverOfSession(session) ?? 'The server'} ${past ? 'was' : 'is'} under back pressure${commandOf(sign) === 'connect' ? ' at its highest level, at which nobody is greeted any more' : ''}: ${resource ? resource.words : 'disk space or memory runs out; which of them is not in the words of this version'}.`,
        replyIdOf(sign) === 'back-pressure' && session.authResult !== 'success'
          ? 'Clients without a logon are refused first; mail of others may still get through.'
          : '',
        delays.length > 0 ? 'It had slowed it down before.' : '',
        othersWords(others, session),
        past
          ? 'The client did nothing wrong, and its mail was taken since.'
          : 'The client did nothing wrong, and has to send again later.',
      ]
        .filter(Boolean)
        .join(' '),
      evidence: delays.slice(0, 2).flatMap((index) => rowAt(session, index)),
      remedy: remedyOf(session, resource?.kind),
      confidence: { level: 'high', because: 'the reply says it' },
      unknown: resource
        ? []
        : ['Which resource is short is in the application log of the server: events 15004 to 15007 of MSExchangeTransport.'],
    };
  },
};

function refusedAtMail(reply: string): string {
  return `${greeted('MFP-02')}\n< MAIL FROM:<scan@contoso.example>\n> ${reply}\n${QUIT}`;
}

type Resource = 'disk' | 'versions' | 'memory' | 'submission' | 'other';

/** What stands in brackets behind the words of 2016 and later. */
function resourceOf(sign: Sign): { readonly kind: Resource; readonly words: string } | undefined {
  const match = /\((\w+)(?:\[([^\]]*)\])?\)/.exec(sign.kind === 'refusal' ? sign.refusal.text : '');
  if (!match) return undefined;
  const [, name = '', detail = ''] = match;
  switch (name) {
    case 'UsedDiskSpace':
      return { kind: 'disk', words: `the drive with ${detail || 'the queue database'} is nearly full (UsedDiskSpace)` };
    case 'UsedVersionBuckets':
      return {
        kind: 'versions',
        words:
          'too many changes wait in memory to be written into the queue database (UsedVersionBuckets), mostly because of a large message or a slow disk',
      };
    case 'PrivateBytes':
    case 'SystemMemory':
      return { kind: 'memory', words: `memory runs out (${name})` };
    case 'SubmissionQueue':
      return { kind: 'submission', words: 'too many messages wait for the categorizer (SubmissionQueue)' };
    default:
      return { kind: 'other', words: `${name} is used up` };
  }
}

function remedyOf(session: ExaminedSession, resource: Resource | undefined): Remedy[] {
  const server = serverOfSession(session);
  const command = (text: string): Remedy => serverCommand(text, { server });
  const events = command(
    "Get-WinEvent -ComputerName {server} -FilterHashtable @{LogName='Application'; ID=15004,15005,15006,15007} -MaxEvents 20",
  );
  const disk = [
    command('Get-Volume -CimSession {server}'),
    advice(
      'Make room on the drive of the queue database (mail.que and its logs): old logs of IIS and of the protocols, dumps, backups.',
    ),
    advice(
      'If the drive is too small for good, move the queue database to a bigger one (QueueDatabasePath in EdgeTransport.exe.config).',
    ),
  ];
  switch (resource) {
    case 'disk':
      return [...disk, events];
    case 'versions':
      return [
        command('Get-Queue -Server {server} | Sort-Object MessageCount -Descending | Select-Object -First 10'),
        advice('Find the large messages that wait, and let them go or remove them; look whether the disk of the queue is slow.'),
        events,
      ];
    case 'memory':
      return [
        advice('Give the server its memory for itself: a fixed size, no ballooning; look which process has grown.'),
        command('Get-Process -ComputerName {server} | Sort-Object WorkingSet64 -Descending | Select-Object -First 10'),
        events,
      ];
    case 'submission':
      return [
        command('Get-Queue -Server {server} -Filter "DeliveryType -eq \'Undefined\'"'),
        advice('Look what floods the server ("relaylens sources" shows who sends most), and whether the directory answers.'),
        events,
      ];
    default:
      return [events, ...disk, advice('If it is memory: a fixed size for the virtual machine, no ballooning.')];
  }
}
