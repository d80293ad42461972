/** Writes a zip by hand: entries stored as they are, names with folders. */
import { crc32 } from 'node:zlib';

export function zipOf(files: Readonly<Record<string, string | Buffer>>): Buffer {
  const entries: Buffer[] = [];
  const directory: Buffer[] = [];
  let position = 0;
  for (const [name, content] of Object.entries(files)) {
    const bytes = Buffer.from(content);
    const common = Buffer.concat([
      u16(20), // version
      u16(0x0800), // names are UTF-8
      u16(0), // stored
      u32(0), // time and date
      u32(crc32(bytes)),
      u32(bytes.length),
      u32(bytes.length),
      u16(Buffer.byteLength(name)),
      u16(0),
    ]);
    const entry = Buffer.concat([u32(0x04034b50), common, Buffer.from(name), bytes]);
    const comment = Buffer.concat([u16(0), u16(0), u16(0), u32(0), u32(position)]);
    directory.push(Buffer.concat([u32(0x02014b50), u16(20), common, comment, Buffer.from(name)]));
    entries.push(entry);
    position += entry.length;
  }
  const index = Buffer.concat(directory);
  const count = u16(entries.length);
  const end = Buffer.concat([u32(0x06054b50), u32(0), count, count, u32(index.length), u32(position), u16(0)]);
  return Buffer.concat([...entries, index, end]);
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}
