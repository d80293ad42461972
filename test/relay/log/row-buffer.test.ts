import { expect, it } from 'vitest';
import { RowBuffer } from '../../../src/relay/log/row-buffer.ts';

function holding(...rows: string[]): RowBuffer {
  const buffer = new RowBuffer(4);
  for (const one of rows) buffer.add(Buffer.from(one));
  return buffer;
}

it('gives the rows up to the one behind which the position is beyond the limit', () => {
  const buffer = holding('aaa', 'bbb', 'ccc', 'ddd');
  expect(buffer.fitting(0, 5).toString()).toBe('aaabbb');
  expect(buffer.fitting(0, 6).toString()).toBe('aaabbbccc');
  expect(buffer.fitting(100, 5).toString()).toBe('aaa');
  expect(buffer.fitting(0, 1000).toString()).toBe('aaabbbcccddd');
});

it('forgets rows that were written as a whole, and keeps one of which only a part was', () => {
  const buffer = holding('aaa', 'bbb', 'ccc');
  expect(buffer.drop(5)).toBe(3);
  expect([buffer.rows, buffer.fitting(0, 1000).toString()]).toEqual([2, 'bbbccc']);
  expect(buffer.drop(2)).toBe(0);
  expect(buffer.drop(6)).toBe(6);
  expect([buffer.rows, buffer.bytes]).toEqual([0, 0]);
});
