/** Runs the checks on a configuration: a check that throws costs its own findings, never those of the others. */
import type { Organisation } from '../connector/organisation.ts';
import type { ConfigurationCheck } from './configuration-check.ts';
import { CONFIGURATION_CHECKS } from './configuration-checks.ts';
import { type Finding, SEVERITIES } from './finding.ts';

/** A check that could not be run to its end. */
export interface BrokenCheck {
  readonly check: string;
  readonly title: string;
  /** Of the error, one line. */
  readonly message: string;
}

export interface ConfigurationReview {
  /** Worst first, then by server, connector and check; one for each connector and cause. */
  readonly findings: readonly Finding[];
  readonly broken: readonly BrokenCheck[];
}

/** Pure: the same organisation gives the same review. */
export function runConfigurationChecks(
  organisation: Organisation,
  checks: readonly ConfigurationCheck[] = CONFIGURATION_CHECKS,
): ConfigurationReview {
  const { findings, broken } = runEach(checks, (check) => check.find(organisation));
  return { findings: inOrder(uncovered(findings, checks)), broken };
}

/** Runs each, and goes on where one throws. */
export function runEach<Check extends { readonly id: string; readonly title: string }>(
  checks: readonly Check[],
  find: (check: Check) => readonly Finding[],
): ConfigurationReview {
  const broken: BrokenCheck[] = [];
  const findings = checks.flatMap((check): readonly Finding[] => {
    try {
      return find(check);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      broken.push({ check: check.id, title: check.title, message: message.split('\n')[0]! });
      return [];
    }
  });
  return { findings, broken };
}

/** Worst first, then by place and check; each once. */
export const inOrder = (findings: readonly Finding[]): Finding[] => distinct(sorted(findings));

const placeOf = ({ server, connector, client }: Finding): string =>
  JSON.stringify([server ?? '', connector ?? '', client?.source ?? '']).toLowerCase();

/** Without what another check says better about the same connector. */
function uncovered(findings: readonly Finding[], checks: readonly ConfigurationCheck[]): Finding[] {
  const covers = new Map(checks.map(({ id, covers = [] }) => [id, covers]));
  const said = new Set(
    findings.flatMap((finding) => (covers.get(finding.check) ?? []).map((lesser) => `${lesser} ${placeOf(finding)}`)),
  );
  return findings.filter((finding) => !said.has(`${finding.check} ${placeOf(finding)}`));
}

/** Once for each connector and cause: the worst. */
function distinct(findings: readonly Finding[]): Finding[] {
  const first = new Map<string, Finding>();
  for (const finding of findings) {
    const key = `${finding.check} ${placeOf(finding)} ${finding.what}`;
    if (!first.has(key)) first.set(key, finding);
  }
  return [...first.values()];
}

function sorted(findings: readonly Finding[]): Finding[] {
  return findings
    .map((finding) => ({ finding, rank: SEVERITIES.indexOf(finding.severity), place: placeOf(finding) }))
    .sort(
      (a, b) =>
        a.rank - b.rank ||
        compare(a.place, b.place) ||
        compare(a.finding.check, b.finding.check) ||
        compare(a.finding.what, b.finding.what),
    )
    .map(({ finding }) => finding);
}

/** By code unit: the same on every machine, whatever its language. */
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
