/** A reply of the Hub, as the front end reads it. */
export interface HubReply {
  readonly code: number;
  /** Without the code. */
  readonly lines: readonly string[];
}

/** From what came over the wire: one whole reply with its last CR LF. */
export function readReply(wire: string): HubReply {
  const lines = wire.replace(/\r\n$/, '').split('\r\n');
  return { code: Number(lines[0]!.slice(0, 3)), lines: lines.map((line) => line.slice(4)) };
}

/** Code and first line, the others below it without code. */
export const replyText = ({ code, lines }: HubReply): string => `${code} ${lines.join('\n')}`;

export const isRefusal = ({ code }: HubReply): boolean => code >= 400;
