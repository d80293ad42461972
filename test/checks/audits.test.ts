/** Every file of src/checks/audits is an audit that keeps the contract: its examples are written as logs, read, and audited. */
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { AuditExample } from '../../src/checks/audit.ts';
import { AUDITS } from '../../src/checks/audits.ts';
import { type Finding, SEVERITIES } from '../../src/checks/finding.ts';
import { runAudits } from '../../src/checks/run-audits.ts';
import type { Dialect } from '../../src/protocol-log/fields.ts';
import { askAudit } from '../../src/queries/audit/ask-audit.ts';
import { exampleDatabase } from './example-case.ts';
import { expectWhole, expectWords } from './whole-finding.ts';

const ids = AUDITS.map(({ id }) => id);
const ALL = { since: 0, until: Date.parse('2026-11-03T00:00:00.000Z') };

const dialectsOf = ({ only }: AuditExample): readonly Dialect[] => (only ? [only] : ['A', 'B']);

/** What one audit finds in an example, with whatever keeps it from looking. */
async function findingsOf(id: string, example: AuditExample, dialect: Dialect): Promise<readonly Finding[]> {
  const db = await exampleDatabase(example, dialect);
  const { findings, rules } = runAudits(askAudit(db, ALL));
  expect(rules.filter(({ state }) => state === 'broken')).toEqual([]);
  return findings.filter(({ check }) => check === id);
}

it('registers every file of the folder, once, by its name', () => {
  const files = readdirSync(new URL('../../src/checks/audits/', import.meta.url)).map((file) => file.replace(/\.ts$/, ''));
  expect(ids).toEqual(files.sort((a, b) => (a < b ? -1 : 1)));
});

it('names states, not rules', () => {
  for (const id of ids) expect(id).toMatch(/^(?!no-|check-|should-)[a-z0-9]+(-[a-z0-9]+)*$/);
});

describe.each(AUDITS)('$id', (audit) => {
  it('says what it is, why it matters, and where that is written', () => {
    expect(audit.title).toMatch(/^\S.{3,60}[^.]$/);
    expect(audit.why).toMatch(/^\S.{20,}\.$/);
    expect(SEVERITIES).toContain(audit.severity);
    expect(audit.references).not.toHaveLength(0);
    for (const reference of audit.references) expect(reference).toMatch(/^https:\/\/\S+$|^reference of the .+, section \S/);
    for (const innocent of audit.falsePositives) expect(innocent).toMatch(/^\S.{10,}\.$/);
    expect(audit.examples.fires).not.toHaveLength(0);
    expect(audit.examples.silent).not.toHaveLength(0);
  });

  const cases = (examples: readonly AuditExample[]) =>
    examples.flatMap((example) => dialectsOf(example).map((dialect) => ({ about: example.about, example, dialect })));

  it.each(cases(audit.examples.fires))('finds: $about ($dialect)', async ({ example, dialect }) => {
    const findings = await findingsOf(audit.id, example, dialect);
    expect(findings).not.toHaveLength(0);
    expectWords(findings, example.says ?? []);
    for (const finding of findings) expectWhole(finding);
  });

  it.each(cases(audit.examples.silent))('is silent: $about ($dialect)', async ({ example, dialect }) => {
    expect(await findingsOf(audit.id, example, dialect)).toEqual([]);
  });
});
