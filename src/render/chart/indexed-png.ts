/**
 * PNG with a palette: a chart has few colours, and so is a third of what the canvas makes of it. Flat colours stay exact;
 * those that only smooth an edge go to their nearest neighbours where there are more than 256.
 */
import { crc32, deflateSync } from 'node:zlib';

export interface Dots {
  /** Red, green, blue and opacity of each, row by row; all are opaque. */
  readonly data: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
}

export function indexedPng(dots: Dots): Buffer {
  const { width, height } = dots;
  const { palette, indices } = indexed(dots);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // Eight bits a dot, colours of a palette, the usual compression, filter and order.
  header.set([8, 3, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('PLTE', palette),
    chunk('IDAT', deflateSync(indices, { level: 7, memLevel: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const whole = Buffer.alloc(body.length + 8);
  whole.writeUInt32BE(data.length, 0);
  body.copy(whole, 4);
  whole.writeUInt32BE(crc32(body), body.length + 4);
  return whole;
}

/** Three bytes a colour; a byte a dot, with the filter of each row (none) before it. */
function indexed({ data, width, height }: Dots): { readonly palette: Buffer; readonly indices: Buffer } {
  const counts = new Map<number, number>();
  for (let at = 0, last = -1, run = 0; at <= data.length; at += 4) {
    const colour = at === data.length ? -2 : (data[at]! << 16) | (data[at + 1]! << 8) | data[at + 2]!;
    if (colour === last) run++;
    else {
      if (last >= 0) counts.set(last, (counts.get(last) ?? 0) + run);
      last = colour;
      run = 1;
    }
  }
  const byUse = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]).map(([colour]) => colour);
  const { colours, indexOf } = paletteOf(byUse);
  const indices = Buffer.alloc((width + 1) * height);
  for (let row = 0, at = 0, to = 0; row < height; row++) {
    to++;
    for (let column = 0, last = -1, index = 0; column < width; column++, at += 4) {
      const colour = (data[at]! << 16) | (data[at + 1]! << 8) | data[at + 2]!;
      if (colour !== last) index = indexOf.get((last = colour))!;
      indices[to++] = index;
    }
  }
  return { palette: Buffer.from(colours.flatMap((colour) => [colour >> 16, (colour >> 8) & 255, colour & 255])), indices };
}

/** Colours that share their upper bits become the one of them that is used most: as many bits as 256 colours allow. */
function paletteOf(byUse: readonly number[]): { readonly colours: number[]; readonly indexOf: Map<number, number> } {
  for (let bits = 8; ; bits--) {
    const lower = 0xff >> bits;
    const mask = 0xffffff & ~(lower * 0x010101);
    const colours: number[] = [];
    const ofBucket = new Map<number, number>();
    const indexOf = new Map<number, number>();
    for (const colour of byUse) {
      let index = ofBucket.get(colour & mask);
      if (index === undefined) {
        index = colours.push(colour) - 1;
        if (index > 255) break;
        ofBucket.set(colour & mask, index);
      }
      indexOf.set(colour, index);
    }
    if (colours.length <= 256) return { colours, indexOf };
  }
}
