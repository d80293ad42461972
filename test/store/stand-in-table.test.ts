import { join } from 'node:path';
import { expect, test } from 'vitest';
import { StandInTable } from '../../src/store/stand-in-table.ts';
import { temporaryFolder } from '../harness.ts';

const path = (): string => join(temporaryFolder(), 'case.db');

test('a number is given once, and is the same for ever after', () => {
  const file = path();
  const first = new StandInTable(file);
  expect([
    first.numberOf('host', 'a'),
    first.numberOf('host', 'b'),
    first.numberOf('user', 'a'),
    first.numberOf('host', 'a'),
  ]).toEqual([1, 2, 1, 1]);
  first.commit();
  first.close();
  const second = new StandInTable(file);
  expect([second.numberOf('host', 'c'), second.numberOf('host', 'b')]).toEqual([3, 2]);
  expect(second.key).toEqual(first.key);
  second.close();
});

test('what was not shown is not kept: without a commit its number is free again', () => {
  const file = path();
  const failed = new StandInTable(file);
  failed.numberOf('host', 'a');
  failed.close();
  const table = new StandInTable(file);
  expect(table.numberOf('host', 'b')).toBe(1);
  table.close();
});

test('two commands at once give different names different numbers', () => {
  const file = path();
  const [one, other] = [new StandInTable(file), new StandInTable(file)];
  expect(one.numberOf('host', 'a')).toBe(1);
  one.commit();
  expect(other.numberOf('host', 'b')).toBe(2);
  other.commit();
  expect([one.numberOf('host', 'b'), other.numberOf('host', 'a')]).toEqual([2, 1]);
  for (const table of [one, other]) table.close();
});

test('every database has a secret of its own', () => {
  const keys = [path(), path()].map((file) => {
    const table = new StandInTable(file);
    table.close();
    return Buffer.from(table.key).toString('hex');
  });
  expect(new Set(keys).size).toBe(2);
  for (const key of keys) expect(key).toHaveLength(64);
});
