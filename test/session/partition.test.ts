import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { partition, type SequencedRow } from '../../src/session/partition.ts';

const at = Date.UTC(2026, 10, 2, 8);
const row = (sequence: number, ms: number, said = 'x'): SequencedRow => ({
  at: at + ms,
  sequence,
  line: Buffer.from(`${sequence}@${ms} ${said}`),
});
/** Rows with these numbers, in this order, so many milliseconds apart. */
const run = (numbers: readonly number[], from = 0, step = 20, said = 'x') =>
  numbers.map((number, index) => row(number, from + index * step, said));
const numbersOf = (parts: readonly (readonly SequencedRow[])[]) => parts.map((part) => part.map((one) => one.sequence));
const shown = (parts: readonly (readonly SequencedRow[])[]) => parts.map((part) => part.map((one) => one.line.toString()));
const upTo = (count: number, first = 0) => Array.from({ length: count }, (_, index) => first + index);

const anyRow = fc
  .tuple(fc.nat({ max: 8 }), fc.oneof(fc.nat({ max: 60 }), fc.nat({ max: 5000 })), fc.constantFrom('x', 'y'))
  .map(([sequence, ms, said]) => row(sequence, ms, said));
const anyRows = fc.array(anyRow, { maxLength: 40 });
const shuffled = anyRows.chain((rows) =>
  fc.tuple(fc.constant(rows), fc.shuffledSubarray(rows, { minLength: rows.length }), fc.subarray(rows)),
);

describe('the rows of one session-id', () => {
  it('are one part when they count up', () => {
    expect(numbersOf(partition(run(upTo(10))))).toEqual([upTo(10)]);
  });

  it('are none when there are none', () => {
    expect(partition([])).toEqual([]);
  });

  it('give the same parts in whatever order they come', () => {
    fc.assert(
      fc.property(shuffled, ([rows, other]) => {
        expect(shown(partition(other))).toEqual(shown(partition(rows)));
      }),
    );
  });

  it('give the same parts when some come twice', () => {
    fc.assert(
      fc.property(shuffled, ([rows, , again]) => {
        expect(shown(partition([...again, ...rows, ...again]))).toEqual(shown(partition(rows)));
      }),
    );
  });

  it('are each in exactly one part', () => {
    fc.assert(
      fc.property(anyRows, (rows) => {
        const distinct = [...new Set(rows.map((one) => one.line.toString()))].sort();
        expect(shown(partition(rows)).flat().sort()).toEqual(distinct);
      }),
    );
  });

  it('stand in the order of their numbers, in parts that are never empty', () => {
    fc.assert(
      fc.property(anyRows, (rows) => {
        for (const numbers of numbersOf(partition(rows))) {
          expect(numbers.length).toBeGreaterThan(0);
          expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
        }
      }),
    );
  });

  it('are left in the array they came in as they were', () => {
    const rows = run([3, 1, 2]);
    const before = [...rows];
    partition(rows);
    expect(rows).toEqual(before);
  });
});

describe('a restart of the sequence', () => {
  it('is a new part', () => {
    const counts = fc.tuple(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 5000 }));
    fc.assert(
      fc.property(counts, ([first, second, pause]) => {
        const rows = [...run(upTo(first)), ...run(upTo(second), (first - 1) * 20 + pause)];
        expect(numbersOf(partition(rows))).toEqual([upTo(first), upTo(second)]);
      }),
    );
  });

  it('is a new part each time, however often it happens', () => {
    const rows = [0, 1, 2, 3].flatMap((turn) => run(upTo(4), turn * 10_000));
    expect(numbersOf(partition(rows))).toEqual([upTo(4), upTo(4), upTo(4), upTo(4)]);
  });

  it('leaves a last row of the old part, stamped in the very millisecond of the new first, where it belongs', () => {
    const rows = [...run(upTo(5)), row(5, 100, 'old'), row(0, 100, 'new'), row(1, 120), row(2, 140)];
    expect(numbersOf(partition(rows))).toEqual([upTo(6), upTo(3)]);
  });

  it('is a new part when rows of the old one are missing', () => {
    expect(numbersOf(partition([...run([0, 4, 9]), ...run([0, 1, 2], 60_000)]))).toEqual([
      [0, 4, 9],
      [0, 1, 2],
    ]);
    expect(numbersOf(partition([...run([5, 6, 7]), ...run(upTo(8), 60_000)]))).toEqual([[5, 6, 7], upTo(8)]);
  });

  it('is a new part at once after one whose start is missing, too', () => {
    expect(numbersOf(partition([...run([5, 6, 7, 8, 9]), ...run(upTo(8), 300)]))).toEqual([[5, 6, 7, 8, 9], upTo(8)]);
  });

  it('is a new part when the new one lost its first rows', () => {
    expect(numbersOf(partition([...run(upTo(10)), ...run([4, 5, 6], 60_000)]))).toEqual([upTo(10), [4, 5, 6]]);
  });
});

describe('a clock that steps back a little, or threads that race', () => {
  it('make no new part', () => {
    const jitter = fc.array(fc.tuple(fc.nat({ max: 500 }), fc.nat({ max: 400 })), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(jitter, (steps) => {
        let base = 0;
        const rows = steps.map(([pause, late], sequence) => row(sequence, (base += pause) + late));
        expect(numbersOf(partition(rows))).toEqual([upTo(steps.length)]);
      }),
    );
  });
});

describe('rows that are missing', () => {
  it('leave the rest in one part, however long it was silent', () => {
    const kept = fc
      .uniqueArray(fc.nat({ max: 200 }), { minLength: 1, maxLength: 20 })
      .map((numbers) => numbers.sort((a, b) => a - b));
    fc.assert(
      fc.property(kept, fc.integer({ min: 1, max: 600_000 }), (numbers, step) => {
        expect(numbersOf(partition(run(numbers, 0, step)))).toEqual([numbers]);
      }),
    );
  });
});

describe('a number that two different rows claim', () => {
  it('keeps both, in one part, when they are close in time', () => {
    const rows = [...run(upTo(4)), row(3, 70, 'another'), row(4, 90)];
    expect(numbersOf(partition(rows))).toEqual([[0, 1, 2, 3, 3, 4]]);
  });
});
