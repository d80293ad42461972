import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cellText } from '../../src/render/cell-text.ts';

test('counts are grouped as Intl groups them', () => {
  const { format } = new Intl.NumberFormat('en-US');
  fc.assert(
    fc.property(
      fc.oneof(
        fc.maxSafeInteger(),
        fc.integer({ min: -2000, max: 2000 }),
        fc.double({ noNaN: true }).filter((count) => !Object.is(count, -0)),
      ),
      (count) => {
        expect(cellText(count, 'count', { name: 'UTC' })).toBe(format(count));
      },
    ),
  );
});
