/** Pictures of charts: of the right size, the same for the same figures, whatever the names and figures are. */
import { inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { indexedPng } from '../../../src/render/chart/indexed-png.ts';
import { loadPainter } from '../../../src/render/chart/painter.ts';
import type { Paint } from '../../../src/render/chart/picture.ts';
import { BERLIN, CHARTS, chart, days, series } from './charts.ts';

let paint: Paint;
beforeAll(async () => {
  const painter = await loadPainter(BERLIN);
  if (painter.kind === 'missing') throw new Error(painter.reason);
  paint = painter.paint;
});

/** Dots and colours of a PNG with a palette. */
function readPng(png: Buffer): { width: number; height: number; colours: number; dots: () => string[] } {
  expect(png.subarray(1, 4).toString('latin1')).toBe('PNG');
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  const chunk = (name: string): Buffer => {
    const at = png.indexOf(name, 'latin1');
    return png.subarray(at + 4, at + 4 + png.readUInt32BE(at - 4));
  };
  const [palette, rows] = [chunk('PLTE'), inflateSync(chunk('IDAT'))];
  const dots = (): string[] =>
    Array.from({ length: width * height }, (_, at) => {
      const index = rows[Math.floor(at / width) * (width + 1) + 1 + (at % width)]!;
      return palette.subarray(index * 3, index * 3 + 3).toString('hex');
    });
  return { width, height, colours: palette.length / 3, dots };
}

describe.each(Object.entries(CHARTS))('a chart %s', (_, one) => {
  it.each(['wide', 'narrow'] as const)('is drawn %s, with two dots a pixel, equal each time, and not empty', (form) => {
    const picture = paint(one, form);
    const { width, height, colours } = readPng(picture.png);
    expect([width, height]).toEqual([picture.width * 2, picture.height * 2]);
    expect(colours).toBeGreaterThan(2);
    expect(paint(one, form).png.equals(picture.png)).toBe(true);
    expect(picture.png.length).toBeLessThan(100_000);
  });
});

test('other figures make another picture', () => {
  const of = (value: number) => chart({ kind: 'stacked', span: days(2), series: [series('a', 2, () => value)] });
  expect(paint(of(5), 'wide').png.equals(paint(of(4), 'wide').png)).toBe(false);
});

test('alone, it has room for its title and note', () => {
  const one = CHARTS['of hostile names']!;
  expect(paint(one, 'alone').height).toBe(paint(one, 'wide').height + 50);
});

test('a picture is white at its edges, where the page may be dark', () => {
  expect(readPng(paint(CHARTS.curve!, 'narrow').png).dots()[0]).toBe('ffffff');
});

test('where the canvas does not run, one line says so', async () => {
  const missing = await loadPainter(BERLIN, () =>
    Promise.reject(new Error("Cannot find module 'canvas-x'\nRequire stack:\n- x")),
  );
  expect(missing).toEqual({
    kind: 'missing',
    reason: `no pictures: the canvas does not run on ${process.platform} ${process.arch} (Cannot find module 'canvas-x')`,
  });
});

describe('a PNG with a palette', () => {
  const dotsOf = (colours: readonly (readonly [number, number, number])[]): Uint8ClampedArray =>
    new Uint8ClampedArray(colours.flatMap((colour) => [...colour, 255]));
  const hex = (colour: readonly number[]): string => Buffer.from(colour).toString('hex');
  const byte = fc.nat(255);

  it('keeps every dot as it is, up to 256 colours', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(byte, byte, byte), { minLength: 1, maxLength: 256 }), (colours) => {
        expect(readPng(indexedPng({ data: dotsOf(colours), width: colours.length, height: 1 })).dots()).toEqual(colours.map(hex));
      }),
      { numRuns: 50, seed: 5 },
    );
  });

  it('keeps the colour that is used most, and stays near to the others, where there are more', () => {
    const colours = Array.from({ length: 4096 }, (_, at): [number, number, number] =>
      at % 2 === 0 ? [0, 114, 178] : [at % 256, (at * 7) % 256, (at >> 4) % 256],
    );
    const dots = readPng(indexedPng({ data: dotsOf(colours), width: 64, height: 64 })).dots();
    expect(new Set(dots).size).toBeLessThanOrEqual(256);
    dots.forEach((dot, at) => {
      if (at % 2 === 0) expect(dot).toBe('0072b2');
      const [red, green, blue] = Buffer.from(dot, 'hex');
      const away = [red! - colours[at]![0], green! - colours[at]![1], blue! - colours[at]![2]].map(Math.abs);
      expect(Math.max(...away)).toBeLessThan(128);
    });
  });
});
