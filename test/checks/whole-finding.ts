/** What every finding has to keep, whichever check it comes from. */
import { expect } from 'vitest';
import { type Finding, SEVERITIES } from '../../src/checks/finding.ts';

export function expectWhole(finding: Finding): void {
  expect(SEVERITIES).toContain(finding.severity);
  expect(finding.what).toMatch(/^\S.{15,}\.$/);
  expect(finding.cause).toMatch(/^\S.{15,}[.…]$/);
  expect(finding.confidence.because).not.toMatch(/^$|\.$/);
  expect(finding.evidence).not.toHaveLength(0);
  expect(finding.remedy).not.toHaveLength(0);
  for (const { kind, text } of finding.remedy) {
    expect(text).toMatch(/^\S[^\r\n]*\S$/);
    if (kind === 'powershell') expect(text).toMatch(/^(Get|Set|New|Remove|Add|Enable|Restart|Search)-|^\$rc = /);
    else expect(text).toMatch(/[.:]$/);
  }
  expect(`${finding.what}${finding.cause}`).not.toMatch(/undefined|\bNaN\b|\[object| {2}/);
  expect(JSON.parse(JSON.stringify(finding))).toEqual(finding);
}

/** The text with its quotation marks and backslashes as they are in the finding. */
export function expectWords(findings: readonly Finding[], says: readonly (string | RegExp)[]): void {
  const text = JSON.stringify(findings).replaceAll('\\"', '"').replaceAll('\\\\', '\\');
  for (const words of says) expect(text).toMatch(words instanceof RegExp ? words : literally(words));
}

const literally = (words: string): RegExp => new RegExp(words.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
