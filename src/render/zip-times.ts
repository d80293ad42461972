/** A zip says when each of its files was written: without that, the same content is the same bytes. */

const END = 0x06054b50;
const ENTRY = 0x02014b50;
/** Bytes of the end of a directory without a comment, and of the fixed part of an entry. */
const END_LENGTH = 22;
const ENTRY_LENGTH = 46;
/** 1 January 1980, midnight: the first time that a zip can say. */
const FIRST_TIME = 0x00210000;

/** Sets all times of a zip in memory to the first that there is; what is no plain zip stays as it is. */
export function withoutTimes(zip: Buffer): Buffer {
  const end = zip.length - END_LENGTH;
  if (end < 0 || zip.readUInt32LE(end) !== END) return zip;
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0 && zip.readUInt32LE(at) === ENTRY; left--) {
    zip.writeUInt32LE(FIRST_TIME, at + 12);
    zip.writeUInt32LE(FIRST_TIME, zip.readUInt32LE(at + 42) + 10);
    at += ENTRY_LENGTH + zip.readUInt16LE(at + 28) + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return zip;
}
