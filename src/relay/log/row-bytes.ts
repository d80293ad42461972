import { formatField, formatRow, type LogRow } from '../../protocol-log/writer.ts';

const BEYOND_ASCII = /[\x80-\uffff]/;
const BEYOND_LATIN1 = /[\u0100-\uffff]/;

/**
 * The bytes of a row with its CR LF. What the peer sent (`<`) comes as Latin-1, a character an octet, and is written byte
 * for byte as the product does; everything else is the server's own text, in UTF-8. Characters that no octet has can only
 * be text that was decoded already.
 */
export function rowBytes(row: LogRow): Buffer {
  if (row.event !== '<' || !BEYOND_ASCII.test(row.data) || BEYOND_LATIN1.test(row.data)) return Buffer.from(formatRow(row));
  const context = formatField(row.context);
  // The row without its data ends with `,`, the context and CR LF: in front of these the octets belong.
  const frame = Buffer.from(formatRow({ ...row, data: '' }));
  const at = frame.length - Buffer.byteLength(context) - 3;
  return Buffer.concat([frame.subarray(0, at), Buffer.from(formatField(row.data), 'latin1'), frame.subarray(at)]);
}
