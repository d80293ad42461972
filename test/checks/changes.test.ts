/** Every file of src/checks/changes is a change that keeps the contract: logs and configuration of then and now, read and compared. */
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { baselineText, readBaseline } from '../../src/checks/baseline/baseline.ts';
import { baselineOf } from '../../src/checks/baseline/baseline-of.ts';
import type { ChangeExample } from '../../src/checks/baseline-change.ts';
import { CHANGES, changesSince } from '../../src/checks/changes.ts';
import { type Finding, SEVERITIES } from '../../src/checks/finding.ts';
import { runAudits } from '../../src/checks/run-audits.ts';
import { askAudit } from '../../src/queries/audit/ask-audit.ts';
import type { AuditFacts } from '../../src/queries/audit/audit-facts.ts';
import { exampleDatabase } from './example-case.ts';
import { expectWhole, expectWords } from './whole-finding.ts';

const ids = CHANGES.map(({ id }) => id);
const ALL = { since: 0, until: Date.parse('2026-11-03T00:00:00.000Z') };

const factsOf = async (example: ChangeExample['now']): Promise<AuditFacts> =>
  askAudit(await exampleDatabase({ about: '', ...example }, 'B'), ALL);

/** What one change finds, by way of the file. */
async function findingsOf(id: string, { before, now }: ChangeExample): Promise<readonly Finding[]> {
  const baseline = readBaseline(baselineText(baselineOf(await factsOf(before), [])));
  if ('fault' in baseline) throw new Error(baseline.fault);
  const facts = await factsOf(now);
  const { findings, rules } = runAudits(facts, changesSince(baseline, facts));
  expect(rules.filter(({ state }) => state === 'broken')).toEqual([]);
  return findings.filter(({ check }) => check === id);
}

it('registers every file of the folder, once, by its name', () => {
  const files = readdirSync(new URL('../../src/checks/changes/', import.meta.url)).map((file) => file.replace(/\.ts$/, ''));
  expect(ids).toEqual(files.sort((a, b) => (a < b ? -1 : 1)));
});

describe.each(CHANGES)('$id', (change) => {
  it('says what it is, why it matters, and where that is written', () => {
    expect(change.title).toMatch(/^\S.{3,60}[^.]$/);
    expect(change.why).toMatch(/^\S.{20,}\.$/);
    expect(SEVERITIES).toContain(change.severity);
    for (const reference of change.references) expect(reference).toMatch(/^https:\/\/\S+$|^reference of the .+, section \S/);
    for (const innocent of change.falsePositives) expect(innocent).toMatch(/^\S.{10,}\.$/);
  });

  it.each(change.examples.fires)('finds: $about', async (example) => {
    const findings = await findingsOf(change.id, example);
    expect(findings).not.toHaveLength(0);
    expectWords(findings, example.says ?? []);
    for (const finding of findings) expectWhole(finding);
  });

  it.each(change.examples.silent)('is silent: $about', async (example) => {
    expect(await findingsOf(change.id, example)).toEqual([]);
  });
});
