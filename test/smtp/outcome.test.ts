import { expect, it } from 'vitest';
import { FAILING_OUTCOMES, OUTCOMES } from '../../src/smtp/outcome.ts';

it('names every outcome once', () => {
  expect(new Set(OUTCOMES).size).toBe(OUTCOMES.length);
});

it('calls no outcome a failure in which all that was wanted was got', () => {
  for (const fine of ['accepted', 'proxied', 'probe', 'open'] as const) expect(FAILING_OUTCOMES).not.toContain(fine);
});
