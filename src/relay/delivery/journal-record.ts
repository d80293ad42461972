/** The records of the journal: framed and summed, so that one that was cut is known for it. */
import { crc32 } from 'node:zlib';

/** Length of the text, length of the content, check sum of both; each four bytes, little-endian. */
const FRAME_BYTES = 12;

export interface JournalRecord {
  /** An envelope as JSON; or, without content, the id of a message that is gone. */
  readonly text: string;
  /** Where the content stands, in bytes from the start of what was read. */
  readonly contentAt: number;
  readonly contentBytes: number;
}

export function encodeRecord(text: string, content: Uint8Array): Buffer {
  const head = Buffer.from(text);
  const record = Buffer.allocUnsafe(FRAME_BYTES + head.length + content.length);
  record.writeUInt32LE(head.length, 0);
  record.writeUInt32LE(content.length, 4);
  record.set(head, FRAME_BYTES);
  record.set(content, FRAME_BYTES + head.length);
  record.writeUInt32LE(crc32(record.subarray(FRAME_BYTES), crc32(record.subarray(0, 8))), 8);
  return record;
}

/** The records up to the first that is cut or damaged: with it and behind it, nothing was acknowledged. */
export function* decodeRecords(bytes: Buffer): Generator<JournalRecord> {
  for (let at = 0; at + FRAME_BYTES <= bytes.length; ) {
    const textBytes = bytes.readUInt32LE(at);
    const contentBytes = bytes.readUInt32LE(at + 4);
    const textAt = at + FRAME_BYTES;
    const contentAt = textAt + textBytes;
    const end = contentAt + contentBytes;
    if (end > bytes.length) return;
    if (bytes.readUInt32LE(at + 8) !== crc32(bytes.subarray(textAt, end), crc32(bytes.subarray(at, at + 8)))) return;
    yield { text: bytes.toString('utf8', textAt, contentAt), contentAt, contentBytes };
    at = end;
  }
}

/** Where text and content stand in the record that `encodeRecord` made of them, in bytes from its start. */
export const recordLayout = (text: string): { readonly contentAt: number; readonly textAt: number } => ({
  textAt: FRAME_BYTES,
  contentAt: FRAME_BYTES + Buffer.byteLength(text),
});
