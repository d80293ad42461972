/** The Message-ID of a message, with its angle brackets, from the first octets of its content; null where it has none. */
export function messageIdIn(beginning: Buffer): string | null {
  const end = endOfHeader(beginning);
  const header = beginning.toString('latin1', 0, end).replaceAll(/\r?\n[ \t]+/g, ' ');
  return /^message-id:[ \t]*([^\s]+)/im.exec(header)?.[1] ?? null;
}

function endOfHeader(bytes: Buffer): number {
  const ends = [bytes.indexOf('\r\n\r\n'), bytes.indexOf('\n\n')].filter((at) => at >= 0);
  return ends.length === 0 ? bytes.length : Math.min(...ends);
}
