/** Things that a file holds twice: pasted twice, or exported on two days. */
import { isDeepStrictEqual } from 'node:util';
import type { Problems } from './problem.ts';

export interface Placed<T> {
  readonly place: string;
  readonly value: T;
}

export interface Sameness<T> {
  /** Two things with the same key, whatever its case, are one thing told twice. */
  keyOf(value: T): string;
  nameOf(value: T): string;
  /** What has to be the same for the two to be one. */
  contentOf(value: T): unknown;
  /** Different tellings: all refused, or the first kept. */
  readonly whenDifferent: 'refuse' | 'keep-first';
}

export function withoutDoubles<T>(values: readonly Placed<T>[], problems: Problems, same: Sameness<T>): T[] {
  const byKey = new Map<string, Placed<T>[]>();
  for (const placed of values) {
    const key = same.keyOf(placed.value).toLowerCase();
    const group = byKey.get(key);
    if (!group) byKey.set(key, [placed]);
    else if (!group.some(({ value }) => isDeepStrictEqual(same.contentOf(value), same.contentOf(placed.value))))
      group.push(placed);
  }
  return [...byKey.values()].flatMap((group) => {
    const [first, second] = group as [Placed<T>, ...Placed<T>[]];
    if (!second) return first.value;
    const places = group.map(({ place }) => place).join(' and ');
    const stands = `${same.nameOf(first.value)} stands at ${places} with different values`;
    if (same.whenDifferent === 'keep-first') {
      problems.note(second.place, `${stands}; the first is kept`, 'Take out the one that is wrong.');
      return first.value;
    }
    problems.refuse(second.place, `${stands}; all of them are left out`, 'Take out the older one, or export again.');
    return [];
  });
}
