/** Every file of src/checks/diagnoses is a diagnosis that keeps the contract, by its own examples, in both dialects. */
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DIAGNOSES } from '../../src/checks/diagnoses.ts';
import { SEVERITIES } from '../../src/checks/finding.ts';
import type { Verdict } from '../../src/checks/verdict.ts';
import { exampleDatabase, verdictOn, whoIn } from './example-case.ts';

const FOLDER = new URL('../../src/checks/diagnoses/', import.meta.url);

it('registers every file of the folder, once', () => {
  const files = readdirSync(FOLDER).map((file) => file.replace(/\.ts$/, ''));
  expect(DIAGNOSES.map(({ id }) => id).sort()).toEqual(files.sort());
});

it('names states, not rules', () => {
  for (const { id } of DIAGNOSES) expect(id).toMatch(/^(?!no-(?!connector)|check-|should-)[a-z0-9]+(-[a-z0-9]+)*$/);
});

describe.each(DIAGNOSES)('$id', (diagnosis) => {
  const { fires, silent } = diagnosis.examples;

  it('says what it is, why it matters, and where that is written', () => {
    expect(diagnosis.title).toMatch(/^\S.{3,70}[^.]$/);
    expect(diagnosis.why).toMatch(/^\S.{20,}\.$/);
    expect(SEVERITIES).toContain(diagnosis.severity);
    expect(diagnosis.references).not.toHaveLength(0);
    for (const reference of diagnosis.references)
      expect(reference).toMatch(/^https:\/\/\S+$|^reference of the (?:receive connectors|protocol log|replies), section \S/);
    expect(fires).not.toHaveLength(0);
    expect(silent).not.toHaveLength(0);
  });

  describe.each(['B', 'A'] as const)('in dialect %s', (dialect) => {
    it.each(fires.filter(({ only = dialect }) => only === dialect))('fires first: $about', async (example) => {
      const db = await exampleDatabase(example, dialect);
      const { verdicts } = verdictOn(db, whoIn(example));
      const ids = verdicts.map(({ check }) => check);
      // What only tells more of a failure stands beside its verdict.
      if (diagnosis.severity === 'info') expect(ids).toContain(diagnosis.id);
      else expect(ids[0]).toBe(diagnosis.id);
      const verdict = verdicts[ids.indexOf(diagnosis.id)];
      expectWhole(verdict!);
      const told = [verdict!.what, verdict!.cause, ...verdict!.unknown, ...verdict!.remedy.map(({ text }) => text)].join('\n');
      for (const words of example.says ?? [])
        if (typeof words === 'string') expect(told).toContain(words);
        else expect(told).toMatch(words);
      expect(verdictOn(db, whoIn(example)).verdicts).toEqual(verdicts);
    });

    it.each(silent.filter(({ only = dialect }) => only === dialect))('is silent: $about', async (example) => {
      const { verdicts } = verdictOn(await exampleDatabase(example, dialect), whoIn(example));
      expect(verdicts.map(({ check }) => check)).not.toContain(diagnosis.id);
    });
  });
});

/** All that a reader needs is there. */
function expectWhole(verdict: Verdict): void {
  expect(SEVERITIES).toContain(verdict.severity);
  expect(verdict.what).toMatch(/^\S.{10,}/s);
  expect(verdict.cause).toMatch(/^\S.{15,}[.…]$/s);
  expect(verdict.count).toBeGreaterThan(0);
  expect(verdict.firstSeen).toBeLessThanOrEqual(verdict.lastSeen);
  expect(verdict.evidence.some(({ kind }) => kind === 'row')).toBe(true);
  expect(verdict.confidence.because).not.toMatch(/^$|\.$|undefined/);
  expect(verdict.remedy).not.toHaveLength(0);
  for (const { kind, text } of verdict.remedy) {
    expect(text).toMatch(/^\S[^\r\n]*\S$/);
    if (kind === 'powershell')
      expect(text).toMatch(/^(Get|Set|New|Remove|Add|Restart|Enable|Disable|Test|Resolve|Search|Start)-|^\$\w+ = |^\(/);
    else expect(text).toMatch(/[.:]$/);
  }
  const told = [verdict.what, verdict.cause, ...verdict.unknown, ...verdict.consequences].join(' ');
  expect(told).not.toMatch(/undefined|\bNaN\b|\[object| {2}/);
}
