/** Runs the diagnoses on a case: a diagnosis that throws costs its own verdict, never those of the others. */
import { partsOf } from '../connector/connector.ts';
import type { Case, ExaminedSession, FailureGroup } from '../queries/cases/case.ts';
import { DIAGNOSES } from './diagnoses.ts';
import type { CaseDiagnosis, Diagnosed, Diagnosis, SessionDiagnosis } from './diagnosis.ts';
import { changesOf } from './evidence/change.ts';
import { rowAt } from './evidence/row-evidence.ts';
import { whatHappened } from './evidence/sentence.ts';
import { type Root, replyIdOf, rootsOf, type Sign } from './evidence/sign.ts';
import { twinOf } from './evidence/twin.ts';
import { type Confidence, type Evidence, type Remedy, SEVERITIES } from './finding.ts';
import { advice } from './remedies/commands.ts';
import type { BrokenCheck } from './run-configuration-checks.ts';
import { unexplained } from './unexplained.ts';
import type { CaseVerdict, Condition, Verdict } from './verdict.ts';

export interface CaseDiagnoses {
  readonly verdict: CaseVerdict;
  readonly broken: readonly BrokenCheck[];
}

/** A root with what a diagnosis made of it. */
interface Explained {
  readonly diagnosis: Pick<Diagnosis, 'id' | 'title' | 'severity'>;
  readonly diagnosed: Diagnosed;
  readonly root: Root;
  readonly group: FailureGroup;
}

/** Pure: the same case gives the same verdicts. */
export function diagnoseCase(theCase: Case, diagnoses: readonly Diagnosis[] = DIAGNOSES): CaseDiagnoses {
  const broken: BrokenCheck[] = [];
  const attempt = <T>(diagnosis: Diagnosis, run: () => T): T | undefined => {
    try {
      return run();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      broken.push({ check: diagnosis.id, title: diagnosis.title, message: message.split('\n')[0]! });
      return undefined;
    }
  };
  const forSessions = diagnoses.filter((one): one is SessionDiagnosis => one.kind === 'session');
  const forCases = diagnoses.filter((one): one is CaseDiagnosis => one.kind === 'case');
  const explained = theCase.failing.flatMap((group) =>
    rootsOf(group.session, theCase.subject.kind === 'client' ? theCase.subject.source : undefined).map((root): Explained => {
      const { sign } = root;
      const keys = [sign.kind === 'end' ? 'end' : replyIdOf(sign), sign.kind === 'refusal' ? 'refusal' : undefined];
      for (const diagnosis of forSessions) {
        if (!diagnosis.signs.some((one) => keys.includes(one))) continue;
        const diagnosed = attempt(diagnosis, () => diagnosis.diagnose(root, group, theCase));
        if (diagnosed) return { diagnosis, diagnosed, root, group };
      }
      return { diagnosis: unexplained, diagnosed: unexplained.diagnose(root, group), root, group };
    }),
  );
  const verdicts = merged(explained).map((alike) => sessionVerdict(theCase, alike));
  const ids = verdicts.map(({ check }) => check);
  const wide = forCases.flatMap((diagnosis) => {
    const diagnosed = attempt(diagnosis, () => diagnosis.diagnose(theCase, ids));
    return diagnosed
      ? [{ diagnosis, verdict: caseVerdict(theCase, diagnosis, diagnosed), cautions: diagnosed.cautions ?? {} }]
      : [];
  });
  const withCautions = (verdict: Verdict): Verdict =>
    cautioned(
      verdict,
      wide.flatMap(({ cautions }) => cautions[verdict.check] ?? []),
    );
  const told = inOrder(
    verdicts.map(withCautions),
    wide.map(({ diagnosis, verdict }) => ({ diagnosis, verdict: withCautions(verdict) })),
  );
  // Groups beyond those that were looked at may have failed in earnest.
  const harmless = explained.every(({ diagnosed }) => diagnosed.harmless) && theCase.unexamined === 0 && wide.length === 0;
  return { verdict: summary(theCase, told, harmless), broken };
}

// --- one verdict a cause ------------------------------------------------------------------------------------------

/** Explanations of one cause together: the same diagnosis of the same reply; the first is that of the latest sessions. */
function merged(explained: readonly Explained[]): Explained[][] {
  const byCause = new Map<string, Explained[]>();
  for (const one of explained) {
    const { sign } = one.root;
    const key = JSON.stringify([
      one.diagnosis.id,
      sign.kind === 'end' ? sign.step : (replyIdOf(sign) ?? (sign.kind === 'refusal' ? sign.refusal.text : '')),
    ]);
    const alike = byCause.get(key);
    if (alike) alike.push(one);
    else byCause.set(key, [one]);
  }
  return [...byCause.values()];
}

/** Rows of evidence of one verdict: more would not be read. */
const ROWS = 4;

function sessionVerdict(theCase: Case, alike: readonly Explained[]): Verdict {
  const { diagnosis, diagnosed, root, group } = alike[0]!;
  const { session } = group;
  const groups = [...new Set(alike.map((one) => one.group))];
  const count = sum(groups);
  const witnesses = distinct(alike.slice(0, ROWS).flatMap((one) => rowEvidence(one.group.session, one.root.sign)));
  return {
    ...base(theCase, session),
    check: diagnosis.id,
    title: diagnosis.title,
    severity: alike.map((one) => one.diagnosed.severity ?? one.diagnosis.severity).sort(bySeverity)[0]!,
    what: diagnosed.what ?? whatHappened(root.sign, session),
    cause: [diagnosed.cause, elsewhere(alike)].filter(Boolean).join(' '),
    evidence: distinct([...witnesses, ...alike.flatMap((one) => one.diagnosed.evidence ?? [])]),
    witnesses: witnesses.length,
    remedy: mergedRemedy(alike.map((one) => one.diagnosed.remedy)),
    confidence: confidenceOf(theCase, diagnosed.confidence, count, session),
    count,
    firstSeen: Math.min(...groups.map(({ firstSeen }) => firstSeen)),
    lastSeen: Math.max(...groups.map(({ lastSeen }) => lastSeen)),
    consequences: distinct(
      root.consequences.filter((sign) => !isRepetition(sign, root.sign)).map((sign) => whatHappened(sign, session)),
    ),
    changed: changesOf(theCase),
    twin: twinOf(theCase, root.sign, session),
    // A second try in the same session may lack a row that the first has.
    unknown: distinct(
      alike.filter((one) => one === alike[0] || one.group !== group).flatMap((one) => one.diagnosed.unknown ?? []),
    ),
    session,
  };
}

function caseVerdict(
  theCase: Case,
  diagnosis: CaseDiagnosis,
  diagnosed: NonNullable<ReturnType<CaseDiagnosis['diagnose']>>,
): Verdict {
  const { session, rows = [] } = diagnosed;
  const failing = theCase.failing;
  const at = Date.parse(session.startedAt);
  return {
    ...base(theCase, session),
    check: diagnosis.id,
    title: diagnosis.title,
    severity: diagnosed.severity ?? diagnosis.severity,
    what: diagnosed.what,
    cause: diagnosed.cause,
    evidence: distinct([...rows.flatMap((index) => rowAt(session, index)), ...(diagnosed.evidence ?? [])]),
    witnesses: rows.length,
    remedy: distinct(diagnosed.remedy),
    confidence: diagnosed.confidence,
    count: diagnosed.count ?? sum(failing),
    firstSeen: failing.length === 0 ? at : Math.min(...failing.map(({ firstSeen }) => firstSeen)),
    lastSeen: failing.length === 0 ? at : Math.max(...failing.map(({ lastSeen }) => lastSeen)),
    consequences: [],
    changed: [],
    twin: null,
    unknown: diagnosed.unknown ?? [],
    session,
  };
}

function base(theCase: Case, session: ExaminedSession) {
  const { name, server } = partsOf(session.connector);
  const { subject } = theCase;
  const device = theCase.device?.name ?? null;
  return {
    subject,
    device,
    server: session.server || server || null,
    connector: session.connector === '' ? null : name,
    lastSuccess: theCase.lastSuccess,
    ...(subject.kind === 'client' ? { client: { source: subject.source, device } } : {}),
  };
}

/** Of the same cause elsewhere only what is still to be done there: advice without a new command has been given. */
function mergedRemedy(remedies: readonly (readonly Remedy[])[]): Remedy[] {
  const told: Remedy[] = [];
  const isNew = ({ text }: Remedy): boolean => !told.some((one) => one.text === text);
  for (const remedy of remedies) {
    const commands = remedy.filter(({ kind }) => kind === 'powershell');
    if (commands.length > 0 && !commands.some(isNew)) continue;
    told.push(...distinct(remedy.filter(isNew)));
  }
  return told;
}

/** Where else the same happens: `The same on EX02 ("Default Frontend EX02", 3 sessions).` */
function elsewhere(alike: readonly Explained[]): string {
  const own = alike[0]!.group;
  const places = new Map<string, number>();
  for (const { group } of alike)
    if (group.server !== own.server || group.connector !== own.connector) {
      const place = `"${group.connector || '(no connector)'}"`;
      places.set(place, (places.get(place) ?? 0) + group.sessions);
    }
  if (places.size === 0) return '';
  return `The same on ${[...places].map(([place, sessions]) => `${place} (${plural(sessions, 'session')})`).join(', ')}.`;
}

/** The same words for another recipient are no consequence. */
const isRepetition = (sign: Sign, root: Sign): boolean => replyIdOf(sign) !== undefined && replyIdOf(sign) === replyIdOf(root);

// --- evidence and confidence --------------------------------------------------------------------------------------

function rowEvidence(session: ExaminedSession, sign: Sign): Evidence[] {
  return sign.row ? rowAt(session, sign.row.index) : [];
}

function confidenceOf(theCase: Case, { level, because }: Confidence, count: number, session: ExaminedSession): Confidence {
  const damaged = session.anomalies.some(({ kind }) => kind === 'gap' || kind === 'cut-start' || kind === 'unpaired');
  return {
    level: damaged && level === 'high' ? 'medium' : level,
    because: [
      `${count.toLocaleString('en-US')} of ${plural(theCase.sessions, 'session')} ${count === 1 ? 'agrees' : 'agree'}`,
      because,
      damaged ? 'rows of the session are missing' : '',
      configurationWords(theCase),
    ]
      .filter(Boolean)
      .join(', '),
  };
}

function configurationWords({ configurations, subject }: Case): string {
  if (subject.kind === 'next-hop') return '';
  if (configurations.length === 0) return 'no configuration imported';
  const days = [...new Set(configurations.map(({ asOf }) => new Date(asOf).toISOString().slice(0, 10)))].sort();
  return `configuration of ${days.join(', ')} imported`;
}

// --- the case as a whole ------------------------------------------------------------------------------------------

function cautioned(verdict: Verdict, words: readonly string[]): Verdict {
  return words.length === 0 ? verdict : { ...verdict, remedy: [...words.map(advice), ...verdict.remedy] };
}

/** Those of which others come first, then what cost most; a verdict comes under the first that it comes of. */
function inOrder(verdicts: readonly Verdict[], wide: readonly { diagnosis: CaseDiagnosis; verdict: Verdict }[]): Verdict[] {
  const present = new Set(verdicts.map(({ check }) => check));
  const roots = wide.filter(({ diagnosis }) => diagnosis.rootOf.some((id) => present.has(id)));
  const beside = wide.filter((one) => !roots.includes(one));
  const rest = [...verdicts, ...beside.map(({ verdict }) => verdict)];
  return [
    ...roots.map(({ verdict }) => verdict),
    ...rest.sort((a, b) => bySeverity(a.severity, b.severity) || b.count - a.count),
  ];
}

/** `harmless`: no session went wrong, whatever became of it. */
function summary(theCase: Case, verdicts: readonly Verdict[], harmless: boolean): CaseVerdict {
  const { unexamined, lastSuccess, lastGood, device, helloNames } = theCase;
  const failing = harmless ? [] : theCase.failing;
  const proof = lastGood ? proofOf(lastGood) : null;
  return {
    subject: theCase.subject,
    device: device?.name ?? null,
    helloNames: helloNames.map(({ name }) => name),
    condition:
      undelivered(failing, verdicts) ??
      (failing.length < theCase.failing.length && !lastGood ? 'silent' : conditionOf({ ...theCase, failing })),
    sessions: theCase.sessions,
    failed: sum(failing) + unexamined,
    probes: theCase.probes,
    open: theCase.open,
    firstFailure: firstFailure({ ...theCase, failing }),
    lastFailure: failing.length === 0 ? null : Math.max(...failing.map(({ lastSeen }) => lastSeen)),
    lastSuccess,
    proof,
    logs: theCase.logs,
    verdicts,
  };
}

/** What the next hop refuses does not fail here, and does not work. */
const undelivered = (failing: readonly FailureGroup[], verdicts: readonly Verdict[]): Condition | undefined =>
  failing.length === 0 && verdicts.some(({ check }) => check === 'next-hop-refused') ? 'undelivered' : undefined;

function conditionOf({ failing, sessions, open, successesBetween, lastGood, turn }: Case): Condition {
  if (failing.length === 0) return sessions > 0 ? 'works' : open > 0 ? 'open' : 'silent';
  if (successesBetween > 0) return 'sometimes';
  const last = Math.max(...failing.map(({ lastSeen }) => lastSeen));
  if (lastGood && lastGood.outcome !== 'partial' && Date.parse(lastGood.startedAt) > last) return 'recovered';
  if (failing.every(({ outcome }) => outcome === 'partial')) return 'partly';
  return turn || !lastGood ? 'fails' : 'sometimes';
}

/** Since when it fails: after the last success where there was one before, else from the beginning. */
function firstFailure(theCase: Case): number | null {
  if (theCase.failing.length === 0) return null;
  if (theCase.turn && theCase.successesBetween === 0) return Date.parse(theCase.turn.bad.startedAt);
  return Math.min(...theCase.failing.map(({ firstSeen }) => firstSeen));
}

/** The final 250 of the last message that was accepted; where the Hub has it, the row that hands the session over. */
function proofOf(session: ExaminedSession): Evidence | null {
  const ours = session.direction === 'receive' ? '>' : '<';
  const places = session.events.flatMap(({ event, data, context }, index) =>
    (event === ours && /^250[ -].*(?:Queued|queued|2\.6\.0)/.test(data)) ||
    (event === '*' && /^Proxy session .*success/.test(context))
      ? [index]
      : [],
  );
  const last = places.at(-1) ?? session.events.length - 1;
  return rowAt(session, last)[0] ?? null;
}

const bySeverity = (a: Verdict['severity'], b: Verdict['severity']): number => SEVERITIES.indexOf(a) - SEVERITIES.indexOf(b);
const sum = (groups: readonly FailureGroup[]): number => groups.reduce((total, { sessions }) => total + sessions, 0);
const plural = (count: number, noun: string): string => `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;

function distinct<T>(values: readonly T[]): T[] {
  const seen = new Set<string>();
  return values.filter((value) => {
    const key = JSON.stringify(value);
    return seen.has(key) ? false : seen.add(key) !== undefined;
  });
}
