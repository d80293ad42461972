/** Verdicts on a page: for each client one line that says how it stands, then why, and what to do. */
import type { Evidence } from '../checks/finding.ts';
import type { CaseVerdict, Condition, Verdict } from '../checks/verdict.ts';
import type { Document, Section, Table } from '../document/document.ts';
import type { Subject } from '../queries/cases/case.ts';
import { evidenceText, remedySections } from './finding-sections.ts';

export interface DiagnosisPage {
  readonly cases: readonly CaseVerdict[];
  /** A point in time as the reader's zone has it. */
  readonly time: (at: number) => string;
  /** Somebody asks about these clients; otherwise they are all that fail. */
  readonly asked: boolean;
  /** How many cases are told in full; the list holds all. */
  readonly full: number;
  /** Options leave out a part of the logs. */
  readonly narrowed?: boolean;
}

export function diagnosisDocument(page: DiagnosisPage): Document {
  const { cases, asked, full } = page;
  const told = cases.slice(0, full);
  const hidden = cases.length - told.length;
  return {
    title: 'Diagnosis',
    sections: [
      ...(cases.length === 0
        ? [{ kind: 'text' as const, text: page.narrowed ? NONE_LET_THROUGH : 'No client fails in the logs read.' }]
        : []),
      ...(cases.length > 1 ? [listTable(cases, asked)] : []),
      ...told.flatMap((one) => caseSections(one, page)),
      ...(hidden > 0
        ? [
            {
              kind: 'text' as const,
              text: `${plural(hidden, 'more case')} of the list ${hidden === 1 ? 'is' : 'are'} told in full by "relaylens diagnose ADDRESS", or all by --all.`,
            },
          ]
        : []),
    ],
  };
}

/** A server that is not there has no failing clients either. */
const NONE_LET_THROUGH =
  'No client fails in what the options --since, --until, --server and --connector let through of the logs read.';

/** A line each, in the order of the page. */
function listTable(cases: readonly CaseVerdict[], asked: boolean): Section {
  return {
    kind: 'table',
    title: asked ? `Clients: ${cases.length}` : `Failing: ${cases.length}`,
    columns: [
      { title: 'Client', kind: 'text', shrinks: true, cap: 40 },
      { title: 'Name', kind: 'text', shrinks: true, cap: 24 },
      { title: 'Failed', kind: 'text' },
      { title: 'Since', kind: 'minute' },
      { title: 'Why', kind: 'text', shrinks: true, below: true },
    ],
    rows: cases.map((one) => [
      subjectText(one.subject),
      namesOf(one),
      `${one.failed.toLocaleString('en-US')} of ${one.sessions.toLocaleString('en-US')}`,
      one.firstFailure,
      one.verdicts[0]?.title ?? CONDITIONS[one.condition],
    ]),
  };
}

/** One client: its line, and its verdicts. */
export function caseSections(one: CaseVerdict, page: DiagnosisPage): Section[] {
  return [
    { kind: 'heading', text: `${nameOf(one)}: ${conditionText(one)}${since(one, page)}` },
    { kind: 'text', text: standing(one, page) },
    ...one.verdicts.flatMap((verdict, index) => verdictSections(verdict, index, one, page)),
  ];
}

const CONDITIONS: Readonly<Record<Condition, string>> = {
  fails: 'FAILS',
  partly: 'DELIVERS ONLY IN PART',
  sometimes: 'FAILS SOMETIMES',
  recovered: 'FAILED, and works again',
  works: 'WORKS',
  undelivered: 'TAKEN HERE, REFUSED FURTHER ON',
  open: 'STILL UNDER WAY',
  silent: 'WANTED NOTHING',
};

/** Who came only to look wanted nothing; of who left for a reason, it is not known what he wanted. */
const conditionText = (one: CaseVerdict): string => (leftForAReason(one) ? 'SENT NOTHING' : CONDITIONS[one.condition]);

const leftForAReason = ({ condition, verdicts }: CaseVerdict): boolean => condition === 'silent' && verdicts.length > 0;

function since({ condition, firstFailure, lastFailure }: CaseVerdict, { time }: DiagnosisPage): string {
  if (firstFailure === null || lastFailure === null) return '';
  return condition === 'recovered' ? `, last failure ${time(lastFailure)}` : ` since ${time(firstFailure)}`;
}

/** `10.0.20.12  MFP-02`. */
export const nameOf = (one: Pick<CaseVerdict, 'subject' | 'device' | 'helloNames'>): string =>
  [subjectText(one.subject), namesOf(one)].filter(Boolean).join('  ');

function namesOf({ device, helloNames }: Pick<CaseVerdict, 'device' | 'helloNames'>): string {
  return device ?? (helloNames.length > 2 ? `${helloNames[0]} and ${helloNames.length - 1} other names` : helloNames.join(', '));
}

export function subjectText(subject: Subject): string {
  switch (subject.kind) {
    case 'client':
      return subject.source;
    case 'next-hop':
      return `${subject.destination} (next hop of "${subject.connector}"${subject.server ? ` on ${subject.server}` : ''})`;
  }
}

const plural = (count: number, noun: string): string => `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;

const looksText = (one: CaseVerdict): string =>
  leftForAReason(one)
    ? `${plural(one.probes, 'session')} without mail`
    : `${plural(one.probes, 'look')} whether somebody is there`;

function standing(one: CaseVerdict, { time }: DiagnosisPage): string {
  const { condition, sessions, failed, probes, open, lastSuccess, proof } = one;
  const parts = [
    sessions === 0
      ? ''
      : failed === 0
        ? plural(sessions, 'session')
        : `${failed.toLocaleString('en-US')} of ${plural(sessions, 'session')}`,
    open > 0 ? `${plural(open, 'session')} still under way` : '',
    probes > 0 ? looksText(one) : '',
    lastSuccess === null
      ? sessions > 0 && condition !== 'silent'
        ? 'never succeeded in the logs read'
        : ''
      : `last success ${time(lastSuccess)}${proof ? `, ${placeOf(proof)}` : ''}`,
  ];
  return parts.filter(Boolean).join(' · ');
}

function verdictSections(verdict: Verdict, index: number, one: CaseVerdict, page: DiagnosisPage): Section[] {
  const { what, cause, evidence, confidence, consequences, changed, twin, unknown, count, title } = verdict;
  const figures: { label: string; value: string; cell: 'text' }[] = [];
  const say = (label: string, texts: readonly string[]): void => {
    for (const value of texts) figures.push({ label: value === texts[0] ? label : '', value, cell: 'text' });
  };
  say('Why', [what, ...evidence.slice(0, verdict.witnesses).map(placeOf)]);
  say('Then', consequences);
  say('Cause', [cause]);
  say('Shown by', evidence.filter(({ kind }) => kind !== 'row').map(evidenceText));
  say('Changed', index === 0 ? changed : []);
  say('Twin', twin ? [`${[twin.source, twin.device ?? twin.helo].filter(Boolean).join('  ')}: ${twin.parting}`] : []);
  say('Not known', unknown);
  say('Sure', [`${confidence.level}: ${confidence.because}`, ...(index === 0 ? logWords(one, page) : [])]);
  const number = one.verdicts.length > 1 ? `${index + 1}. ` : '';
  const times = one.verdicts.length > 1 ? ` (${plural(count, 'session')}, last ${page.time(verdict.lastSeen)})` : '';
  return [
    { kind: 'heading', level: 2, text: `${number}${title}${times}` },
    { kind: 'figures', figures },
    { kind: 'text', text: 'Fix:' },
    ...remedySections(verdict.remedy),
  ];
}

/** `Logs read: EX01 2026-11-02 09:00 to 10:34, no hour silent`. */
function logWords({ logs }: CaseVerdict, { time }: DiagnosisPage): string[] {
  if (logs.length === 0) return [];
  const words = logs.map(({ server, first, last, hours, silentHours }) => {
    const silent =
      silentHours === 0 ? 'no hour silent' : `${silentHours.toLocaleString('en-US')} of ${plural(hours, 'hour')} silent`;
    return `${server || 'a server without a name'} ${time(first)} to ${time(last)}, ${silent}`;
  });
  return [`logs read: ${words.join('; ')}`];
}

/** `RECV2026110208-1.LOG:32`. */
function placeOf(evidence: Evidence): string {
  if (evidence.kind !== 'row') return evidenceText(evidence);
  const place = `${evidence.log} ${evidence.file.split(/[\\/]/).at(-1)}:${evidence.line}`.trim();
  return evidence.session ? `${place} (session ${evidence.session})` : place;
}

/** A row a verdict, for CSV. */
export function verdictTable(cases: readonly CaseVerdict[]): Table {
  const text = (title: string) => ({ title, kind: 'text' as const });
  return {
    kind: 'table',
    columns: [
      text('source'),
      text('device'),
      text('condition'),
      text('check'),
      text('severity'),
      text('title'),
      text('server'),
      text('connector'),
      { title: 'count', kind: 'count' },
      text('firstSeen'),
      text('lastSeen'),
      text('lastSuccess'),
      text('what'),
      text('cause'),
      text('remedy'),
      text('confidence'),
      text('evidence'),
    ],
    rows: cases.flatMap((one) =>
      one.verdicts.map((verdict) => [
        subjectText(one.subject),
        one.device,
        one.condition,
        verdict.check,
        verdict.severity,
        verdict.title,
        verdict.server,
        verdict.connector,
        verdict.count,
        iso(verdict.firstSeen),
        iso(verdict.lastSeen),
        iso(verdict.lastSuccess),
        verdict.what,
        verdict.cause,
        verdict.remedy.map(({ text: line }) => line).join('\n'),
        `${verdict.confidence.level}: ${verdict.confidence.because}`,
        verdict.evidence.map(evidenceText).join('\n'),
      ]),
    ),
  };
}

const iso = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

/** The objects of the JSON contract. */
export function verdictJson(cases: readonly CaseVerdict[]): object {
  return {
    verdicts: cases.flatMap(({ verdicts }) => verdicts.map(oneVerdict)),
    cases: cases.map(({ verdicts, subject, logs, firstFailure, lastFailure, lastSuccess, ...one }) => ({
      ...subjectJson(subject),
      ...one,
      firstFailure: iso(firstFailure),
      lastFailure: iso(lastFailure),
      lastSuccess: iso(lastSuccess),
      logs: logs.map(({ first, last, ...log }) => ({ ...log, first: iso(first), last: iso(last) })),
      checks: verdicts.map(({ check }) => check),
    })),
  };
}

/** Rows of the log are `evidence`; what the configuration says stands apart. */
function oneVerdict(one: Verdict): object {
  const { session, subject, client, seen, witnesses, evidence, firstSeen, lastSeen, lastSuccess, ...verdict } = one;
  return {
    ...subjectJson(subject),
    ...verdict,
    firstSeen: iso(firstSeen),
    lastSeen: iso(lastSeen),
    lastSuccess: iso(lastSuccess),
    evidence: evidence.filter(({ kind }) => kind === 'row').map(({ kind, ...row }) => row),
    configuration: evidence.filter(({ kind }) => kind !== 'row'),
    session: session.id,
  };
}

function subjectJson(subject: Subject): { source: string | null; destination: string | null; sendConnector: string | null } {
  switch (subject.kind) {
    case 'client':
      return { source: subject.source, destination: null, sendConnector: null };
    case 'next-hop':
      return { source: null, destination: subject.destination, sendConnector: subject.connector };
  }
}
