/** It worked, and then no more: what changed between the last success and the first failure, where it fits the failure. */
import type { Case, ExaminedSession } from '../../queries/cases/case.ts';
import type { CaseDiagnosis } from '../diagnosis.ts';
import { type Change, type ChangeKind, differencesOf } from '../evidence/change.ts';
import { rowAt } from '../evidence/row-evidence.ts';
import { rootsOf } from '../evidence/sign.ts';
import {
  DEFAULT_FRONTEND,
  greeted,
  QUIT,
  relayRefusedSession,
  secured,
  tarpitted,
  workingSession,
} from '../examples/example-sessions.ts';
import type { Remedy } from '../finding.ts';
import { PROTOCOL_LOGGING, section } from '../references.ts';
import { advice, powershell } from '../remedies/commands.ts';
import { durationWords } from '../words/duration.ts';

const AT_587 = { connector: 'EX01\\Client Frontend EX01', to: '10.0.0.5:587' } as const;
const logOn = (answer: string): string =>
  `${greeted('crm')}\n${secured('crm')}\n< AUTH LOGIN\n> 334 <authentication response>\n> 334 <authentication response>\n${answer}`;
const DENIED = `* | Inbound AUTH LOGIN failed because of LogonDenied\n* | User Name: crm@contoso.example\n${tarpitted('535 5.7.3 Authentication unsuccessful')}\n${QUIT}`;

export const changedBeforeFailure: CaseDiagnosis = {
  kind: 'case',
  id: 'changed-before-failure',
  title: 'It worked before, and this changed in between',
  why: 'What changed between the last mail that went through and the first that did not is most often the reason, or leads to who knows it.',
  severity: 'info',
  references: [PROTOCOL_LOGGING, section('2.2')],
  rootOf: [],
  examples: {
    fires: [
      {
        about: 'another connector takes it',
        sessions: [
          { connector: 'EX01\\Anon Relay EX01', rows: workingSession('MFP-02') },
          { rows: relayRefusedSession('MFP-02') },
        ],
        says: [
          /until 2026-11-02 08:00/,
          /fails since 2026-11-02 08:01/,
          /Connector: Anon Relay EX01 until then, Default Frontend EX01 since/,
          /WhenChanged/,
        ],
      },
      {
        about: 'another server answers',
        sessions: [
          { connector: 'EX01\\Anon Relay EX01', rows: workingSession('MFP-02') },
          { connector: 'EX02\\Default Frontend EX02', to: '10.0.0.6:25', rows: relayRefusedSession('MFP-02') },
        ],
        says: [/Server: EX01 until then, EX02 since/, /DNS/],
      },
    ],
    silent: [
      { about: 'it works', sessions: [{ rows: workingSession('MFP-02') }] },
      { about: 'it never worked', sessions: [{ rows: relayRefusedSession('MFP-02') }] },
      {
        about: 'nothing changed but the recipient',
        configuration: { connectors: [DEFAULT_FRONTEND] },
        sessions: [{ rows: workingSession('MFP-02', 'anna@contoso.example') }, { rows: relayRefusedSession('MFP-02') }],
      },
      {
        about: 'only the sender changed, which has no part in it',
        sessions: [
          { rows: workingSession('MFP-02', 'anna@contoso.example', 'other@contoso.example') },
          { rows: relayRefusedSession('MFP-02') },
        ],
      },
      {
        about: 'now it works, now it does not',
        sessions: [
          { rows: relayRefusedSession('MFP-02') },
          { connector: 'EX01\\Anon Relay EX01', rows: workingSession('MFP-02') },
          { rows: relayRefusedSession('MFP-02') },
        ],
      },
      {
        about: 'a logon that is refused, with the same user as before',
        sessions: [{ ...AT_587, rows: logOn(DENIED) }],
      },
    ],
  },
  diagnose(theCase, verdicts) {
    const { turn, successesBetween, lastGood } = theCase;
    if (!turn || successesBetween > 0 || (lastGood && lastGood.startedAt > turn.bad.startedAt)) return undefined;
    const { good, bad } = turn;
    const all = differencesOf(theCase);
    const changes = all.filter(({ kind }) => verdicts.some((id) => belongs(kind, id)));
    const password = changes.length === 0 && verdicts.some((id) => /wrong-password/.test(id)) && good.authResult === 'success';
    if (changes.length === 0 && !password) return undefined;
    const between = Date.parse(bad.startedAt) - Date.parse(good.endedAt);
    return {
      what: `It worked until ${minuteOf(good.startedAt)} and fails since ${minuteOf(bad.startedAt)} UTC, ${durationWords(Math.max(0, between))} later.`,
      cause: password
        ? 'Nothing changed in what the client says: it logs on with the same user in the same way. So the password was changed or has expired, or the account was locked, between these two times.'
        : changes.map(({ text }) => text).join(' '),
      session: bad,
      rows: [failureRow(bad)],
      evidence: [...rowAt(good, successRow(good))],
      remedy: password ? PASSWORD : remedyOf(changes, good, bad),
      confidence: {
        level: 'medium',
        because: password
          ? 'the last success and the first failure are alike'
          : 'it changed between the last success and the first failure',
      },
      count: failures(theCase),
    };
  },
};

const failures = ({ failing }: Case): number => failing.reduce((total, { sessions }) => total + sessions, 0);

/** Words of the ids of diagnoses whose failure a change of this kind can bring about. */
const BELONGS: Readonly<Record<ChangeKind, RegExp>> = {
  connector:
    /connector|relay|anonymous|permission|submit|source|ipv6|logon-(?:missing|not-offered|refused)|mechanism|limit|too-large|inactive|tls|starttls|size/,
  server:
    /connector|relay|anonymous|permission|submit|logon|mechanism|limit|too-large|inactive|tls|starttls|certificate|hub|pressure|size/,
  port: /connector|relay|anonymous|logon|mechanism|tls|starttls|permission/,
  'hello-name': /hello|helo|name/,
  tls: /tls|starttls|certificate|cipher|encrypt|logon|mechanism|password/,
  certificate: /tls|certificate|trust|handshake|client-left|exchange-online|next-hop/,
  logon: /relay|anonymous|password|logon|account|user|mechanism|send-as|permission|submit|connector/,
  sender: /sender|send-as|behalf|spoof/,
  'size-limit': /large|size/,
  configuration:
    /connector|relay|anonymous|permission|submit|limit|large|size|tls|starttls|logon|mechanism|timeout|tarpit|inactive|domain|rate|errors/,
};

const belongs = (kind: ChangeKind, verdict: string): boolean => verdict !== 'unexplained' && BELONGS[kind].test(verdict);

const minuteOf = (iso: string): string => iso.slice(0, 16).replace('T', ' ');

/** The last 250 for a message, else the last row. */
function successRow({ events, direction }: ExaminedSession): number {
  const ours = direction === 'receive' ? '>' : '<';
  const queued = events.findLastIndex(({ event, data }) => event === ours && /^250[ -](?:2\.6\.0|2\.0\.0|.*queued)/i.test(data));
  return queued < 0 ? events.length - 1 : queued;
}

const failureRow = (bad: ExaminedSession): number => rootsOf(bad)[0]?.sign.row?.index ?? bad.events.length - 1;

const PASSWORD: readonly Remedy[] = [
  advice('Ask who changed the password of the account at that time, and enter the new one on the device.'),
];

function remedyOf(changes: readonly Change[], good: ExaminedSession, bad: ExaminedSession): Remedy[] {
  const kinds = new Set(changes.map(({ kind }) => kind));
  const remedy: Remedy[] = [];
  if (kinds.has('server') && bad.direction === 'receive')
    remedy.push(
      advice(
        'The name that the client uses now leads to another server: see what changed in DNS or at the load balancer, and make the connectors of both servers alike ("relaylens config diff" shows what differs).',
      ),
    );
  if (kinds.has('connector') || kinds.has('configuration'))
    remedy.push(
      advice('See who changed the connectors at that time, and whether it was meant:'),
      powershell('Get-ReceiveConnector | Sort-Object WhenChanged -Descending | Format-Table Identity, WhenChanged'),
      powershell(
        `Search-AdminAuditLog -Cmdlets Set-ReceiveConnector, New-ReceiveConnector, Remove-ReceiveConnector -StartDate '${good.startedAt.slice(0, 19)}Z' -EndDate '${bad.endedAt.slice(0, 19)}Z'`,
      ),
    );
  if (kinds.has('certificate'))
    remedy.push(
      advice(
        'The server shows another certificate since: see that clients trust its issuer, and that its names are those that they use.',
      ),
      powershell('Get-ExchangeCertificate | Format-List Subject, CertificateDomains, Issuer, NotAfter, Services, Thumbprint'),
    );
  if (kinds.has('tls'))
    remedy.push(
      advice('See who changed the encryption: updates or settings of the device, Schannel or the certificate of the server.'),
    );
  if (kinds.has('logon') || kinds.has('sender') || kinds.has('port'))
    remedy.push(
      advice(
        'The device was set up otherwise since: see who changed its settings for mail, and take that back if it was not meant.',
      ),
    );
  if (kinds.has('hello-name'))
    remedy.push(
      advice('The client introduces itself with another name: it was renamed or updated, or another device has got the address.'),
    );
  if (kinds.has('size-limit')) remedy.push(advice('See who changed the size limit of the connector.'));
  return remedy;
}
