/** Findings on a page: worst first, those of one check together, each with what was found, why, and what to do. */
import { type Evidence, type Finding, type PlacedRange, SEVERITIES } from '../checks/finding.ts';
import type { BrokenCheck } from '../checks/run-configuration-checks.ts';
import { moment } from '../checks/words/moment.ts';
import type { Section, Table } from '../document/document.ts';

export interface FindingsShown {
  /** Findings of one check that are shown; the rest is counted. */
  readonly limit?: number;
  readonly broken?: readonly BrokenCheck[];
  /** What is said where there is none. */
  readonly none?: string;
}

/** `findings` in the order of the runner. */
export function findingSections(findings: readonly Finding[], shown: FindingsShown = {}): Section[] {
  const { limit = 10, broken = [], none = 'Nothing was found.' } = shown;
  return [
    { kind: 'heading', text: summary(findings) },
    ...(findings.length === 0 ? [{ kind: 'text', text: none } as const] : []),
    ...groupsOf(findings).flatMap((group) => groupSections(group, limit)),
    ...(broken.length > 0 ? [brokenSection(broken)] : []),
  ];
}

/** `Findings: 2 critical, 1 info`. */
function summary(findings: readonly Finding[]): string {
  const counts = SEVERITIES.flatMap((severity) => {
    const number = findings.filter((finding) => finding.severity === severity).length;
    return number > 0 ? [`${number.toLocaleString('en-US')} ${severity}`] : [];
  });
  return `Findings: ${counts.join(', ') || 'none'}`;
}

/** Those of one check and severity, where the first of them stands. */
function groupsOf(findings: readonly Finding[]): Finding[][] {
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    const key = `${SEVERITIES.indexOf(finding.severity)} ${finding.check}`;
    const group = groups.get(key);
    if (group) group.push(finding);
    else groups.set(key, [finding]);
  }
  return [...groups.values()].sort((a, b) => rankOf(a) - rankOf(b));
}

const rankOf = ([first]: readonly Finding[]): number => SEVERITIES.indexOf(first!.severity);

function groupSections(group: readonly Finding[], limit: number): Section[] {
  const first = group[0]!;
  const kind = `${first.severity.toUpperCase()}  ${first.title}`;
  const hidden = group.length - limit;
  if (group.length === 1) return [{ kind: 'heading', text: `${kind}: ${placeText(first)}` }, ...findingParts(first)];
  return [
    { kind: 'heading', text: `${kind}: ${group.length.toLocaleString('en-US')} times` },
    ...group
      .slice(0, limit)
      .flatMap((finding, index): Section[] => [
        { kind: 'heading', text: `${index + 1}. ${placeText(finding)}`, level: 2 },
        ...findingParts(finding, index > 0 ? first : undefined),
      ]),
    ...(hidden > 0
      ? [
          {
            kind: 'text',
            text: `And ${hidden.toLocaleString('en-US')} more of this kind: ${namesOf(group.slice(limit))}`,
          } as const,
        ]
      : []),
  ];
}

/** Names of connectors that are not shown, as far as a reader follows. */
const NAMED = 20;

function namesOf(findings: readonly Finding[]): string {
  const places = [...new Set(findings.map(placeText))];
  return places.slice(0, NAMED).join(', ') + (places.length > NAMED ? ' …' : '');
}

/** `EX01\Relay`, with the client before it where the finding is about one. */
export function placeText({ server, connector, client }: Finding): string {
  const place = server === null ? 'the organisation' : connector === null ? server : `${server}\\${connector}`;
  if (!client) return place;
  const name = client.device ? `${client.device} (${client.source})` : client.source;
  return server === null ? name : `${name} at ${place}`;
}

/** `before`: the first of the group; what it has said already is not said again. */
function findingParts(finding: Finding, before?: Finding): Section[] {
  const { what, cause, evidence, remedy, confidence } = finding;
  const sameCause = before?.cause === cause;
  return [
    { kind: 'text', text: sameCause ? what : `${what}\n${cause}` },
    {
      kind: 'figures',
      figures: [
        ...evidence.map((one, index) => ({
          label: index === 0 ? 'Evidence' : '',
          value: evidenceText(one),
          cell: 'text' as const,
        })),
        { label: 'Sure', value: `${confidence.level}: ${confidence.because}`, cell: 'text' },
      ],
    },
    ...(finding.seen ? [seenSection(finding.seen)] : []),
    ...innocentSections(finding, before),
    ...remedySections(remedy),
  ];
}

/** What would look the same and is harmless: once for each kind of finding. */
function innocentSections({ falsePositives = [] }: Finding, before: Finding | undefined): Section[] {
  if (falsePositives.length === 0 || before) return [];
  return [{ kind: 'text', text: `Harmless where: ${falsePositives.join(' ')}` }];
}

/** Commands that follow each other stand together, so that they can be pasted at once. */
export function remedySections(remedy: Finding['remedy']): Section[] {
  const sections: Section[] = [];
  let commands: string[] | undefined;
  for (const { kind, text } of remedy) {
    if (kind === 'advice') sections.push({ kind: 'text', text });
    else if (commands) commands.push(text);
    else sections.push({ kind: 'commands', lines: (commands = [text]) });
    if (kind === 'advice') commands = undefined;
  }
  return sections;
}

function seenSection({ count, firstSeen, lastSeen, lastSuccess }: NonNullable<Finding['seen']>): Section {
  return {
    kind: 'figures',
    figures: [
      { label: 'Seen', value: count, cell: 'count' },
      { label: 'First', value: firstSeen, cell: 'time' },
      { label: 'Last', value: lastSeen, cell: 'time' },
      ...(lastSuccess === null ? [] : [{ label: 'Last success', value: lastSuccess, cell: 'time' as const }]),
    ],
  };
}

/** One line for each kind of evidence. */
export function evidenceText(evidence: Evidence): string {
  switch (evidence.kind) {
    case 'property':
      return `${evidence.connector}: ${evidence.property} ${evidence.value || '(empty)'}`;
    case 'range':
      return `${rangeText(evidence.range)}: ${evidence.note}`;
    case 'ranges':
      return `${rangeText(evidence.first)} ${evidence.relation} ${rangeText(evidence.second)}`;
    case 'right':
      return `${evidence.connector}: ${evidence.user} has ${evidence.right}`;
    case 'accepted-domain':
      return `accepted domain "${evidence.name}": ${evidence.domainName} (${evidence.domainType})`;
    case 'more':
      return `and ${evidence.count.toLocaleString('en-US')} more`;
    case 'session':
      return `session ${evidence.session}, ${moment(evidence.at)}: ${evidence.note}`;
    case 'count':
      return evidence.note;
    case 'row':
      return `${evidence.file}:${evidence.line}: ${evidence.row}`;
  }
}

const rangeText = ({ connector, binding, range }: PlacedRange): string =>
  `${range} of ${connector}${binding === null ? '' : ` at ${binding}`}`;

function brokenSection(broken: readonly BrokenCheck[]): Section {
  return {
    kind: 'table',
    title: 'Checks that could not be run',
    columns: [
      { title: 'Check', kind: 'text' },
      { title: 'Error', kind: 'error', shrinks: true },
    ],
    rows: broken.map(({ check, message }) => [check, message]),
  };
}

/** A row a finding, for CSV. */
export function findingTable(findings: readonly Finding[]): Table {
  const text = (title: string) => ({ title, kind: 'text' as const });
  return {
    kind: 'table',
    columns: [
      'severity',
      'check',
      'title',
      'server',
      'connector',
      'what',
      'cause',
      'evidence',
      'remedy',
      'confidence',
      'because',
    ].map(text),
    rows: findings.map(({ severity, check, title, server, connector, what, cause, evidence, remedy, confidence }) => [
      severity,
      check,
      title,
      server,
      connector,
      what,
      cause,
      evidence.map(evidenceText).join('; '),
      remedy.map((one) => one.text).join('\n'),
      confidence.level,
      confidence.because,
    ]),
  };
}
