import fc from 'fast-check';
import { expect, it } from 'vitest';
import { jsonPieces } from '../../src/cli/json-pieces.ts';

it('JSON in pieces is what JSON.stringify says', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
      expect(JSON.parse([...jsonPieces(object)].join(''))).toEqual(JSON.parse(JSON.stringify(object)));
    }),
  );
});

it('a list of thousands comes in many pieces, none of them long', () => {
  const sessions = Array.from({ length: 5001 }, (_, n) => ({ n, text: 'a\nb' }));
  const pieces = [...jsonPieces({ sessions, total: 5001 })];
  expect(pieces.length).toBeGreaterThan(10);
  expect(JSON.parse(pieces.join(''))).toEqual({ sessions, total: 5001 });
});
