/** Every file of src/checks/configuration is a check that keeps the contract, by its own examples. */
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CONFIGURATION_CHECKS } from '../../src/checks/configuration-checks.ts';
import { organisationOf } from '../../src/checks/examples/example-organisation.ts';
import { SEVERITIES } from '../../src/checks/finding.ts';
import { expectHarmless } from './applied-remedy.ts';

const FOLDER = new URL('../../src/checks/connectors/', import.meta.url);
const byName = (a: string, b: string): number => (a < b ? -1 : 1);
const ids = CONFIGURATION_CHECKS.map(({ id }) => id);

it('registers every file of the folder, once, by its name', () => {
  const files = readdirSync(FOLDER).map((file) => file.replace(/\.ts$/, ''));
  expect(ids).toEqual(files.sort(byName));
});

it('names states, not rules', () => {
  for (const id of ids) expect(id).toMatch(/^(?!no-|check-|should-)[a-z0-9]+(-[a-z0-9]+)*$/);
});

it('covers only checks that exist, and never in a circle', () => {
  const covers = new Map(CONFIGURATION_CHECKS.map(({ id, covers = [] }) => [id, covers]));
  const reaches = (from: string, to: string): boolean => covers.get(from)!.some((next) => next === to || reaches(next, to));
  for (const [id, lesser] of covers) {
    for (const one of lesser) expect(ids).toContain(one);
    expect(reaches(id, id)).toBe(false);
  }
});

describe.each(CONFIGURATION_CHECKS)('$id', (check) => {
  const firing = check.examples.fires.map(organisationOf);

  it('says what it is, why it matters, and where that is written', () => {
    expect(check.title).toMatch(/^\S.{3,60}[^.]$/);
    expect(check.why).toMatch(/^\S.{20,}\.$/);
    expect(SEVERITIES).toContain(check.severity);
    expect(check.references).not.toHaveLength(0);
    for (const reference of check.references)
      expect(reference).toMatch(/^https:\/\/\S+$|^reference of the receive connectors, section \d/);
  });

  it('fires where it must', () => {
    expect(firing).not.toHaveLength(0);
    for (const organisation of firing) expect(check.find(organisation)).not.toHaveLength(0);
  });

  it('is silent on near misses', () => {
    expect(check.examples.silent).not.toHaveLength(0);
    for (const example of check.examples.silent) expect(check.find(organisationOf(example))).toEqual([]);
  });

  it('is silent on nothing, and on connectors of which nothing is known', () => {
    expect(check.find({ servers: [], rights: new Map(), acceptedDomains: null, devices: [] })).toEqual([]);
    expect(
      check.find(
        organisationOf({
          connectors: [
            { id: 'EX01\\A', on: '', from: '' },
            { id: 'EX01\\B', on: '', from: '' },
          ],
        }),
      ),
    ).toEqual([]);
  });

  it('tells all that a reader needs', () => {
    for (const finding of firing.flatMap((organisation) => check.find(organisation))) {
      expect(finding).toMatchObject({ check: check.id, title: check.title });
      expect(SEVERITIES).toContain(finding.severity);
      expect(finding.what).toMatch(/^\S.{15,}\.$/);
      expect(finding.cause).toMatch(/^\S.{15,}[.…]$/);
      expect(finding.confidence.because).not.toMatch(/^$|\.$/);
      expect(finding.evidence).not.toHaveLength(0);
      expect(finding.remedy).not.toHaveLength(0);
      for (const { kind, text } of finding.remedy) {
        expect(text).toMatch(/^\S[^\r\n]*\S$/);
        if (kind === 'powershell') expect(text).toMatch(/^(Get|Set|New|Remove|Add|Restart)-|^\$rc = /);
        else expect(text).toMatch(/[.:]$/);
      }
      expect(`${finding.what}${finding.cause}`).not.toMatch(/undefined|\bNaN\b|\[object| {2}/);
    }
  });

  it('gives no command that Exchange refuses beside the other connectors, or that opens a relay', () => {
    for (const organisation of firing) expectHarmless(organisation, check.find(organisation));
  });

  it('gives plain data, the same each time', () => {
    for (const organisation of firing) {
      const findings = check.find(organisation);
      expect(JSON.parse(JSON.stringify(findings))).toEqual(findings);
      expect(check.find(organisation)).toEqual(findings);
    }
  });
});
