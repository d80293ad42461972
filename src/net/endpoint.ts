/** Address and port of a logged endpoint: `1.2.3.4:25`, `[fe80::1%12]:25`, `x.x.x.x:25`; empty text has neither. */
export interface Endpoint {
  /** Without brackets; the zone index of a scoped address stays. Masked or named endpoints are kept as they are. */
  readonly address: string;
  readonly port: number | undefined;
}

/** The port stands after the last colon; without one the whole text is the address. */
export function parseEndpoint(text: string): Endpoint {
  if (text.startsWith('[')) {
    const bracket = /^\[(.*)\](?::(\d+))?$/.exec(text);
    if (bracket) return { address: bracket[1]!, port: bracket[2] === undefined ? undefined : Number(bracket[2]) };
  }
  const colon = text.indexOf(':');
  const port = text.slice(colon + 1);
  if (colon < 0 || !/^\d+$/.test(port)) return { address: text, port: undefined };
  return { address: text.slice(0, colon), port: Number(port) };
}

/** True for 127.0.0.0/8 and ::1, also as an IPv4-mapped address. */
export function isLoopback(address: string): boolean {
  return /^(::ffff:)?127(\.\d{1,3}){3}$/i.test(address) || address === '::1';
}
