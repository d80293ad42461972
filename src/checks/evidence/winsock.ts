/** Windows' numbers for connections that were not made, as the send log has them. */

export interface ConnectFailure {
  /** `10061`; null where the row has none. */
  readonly number: number | null;
  readonly kind: 'unanswered' | 'refused' | 'no-route' | 'reset' | 'local' | 'name' | 'other';
  /** What it means, one sentence. */
  readonly words: string;
}

/** Of a row `Failed to connect. Winsock error code: …`, or of a text that quotes it. */
export function connectFailure(text: string): ConnectFailure {
  const number = /Winsock error code: (\d{1,6})/.exec(text)?.[1] ?? /\b(1[01]\d{3})\b/.exec(text)?.[1];
  return { number: number === undefined ? null : Number(number), ...meaningOf(Number(number ?? 0)) };
}

function meaningOf(number: number): Omit<ConnectFailure, 'number'> {
  switch (number) {
    case 10060:
      return {
        kind: 'unanswered',
        words:
          'nothing answered at all (10060): a firewall or the provider swallows the packets, or the address belongs to no machine',
      };
    case 10061:
      return {
        kind: 'refused',
        words:
          'the connection was refused at once (10061): the machine is there, and no service listens on the port, or a firewall answers for it',
      };
    case 10051:
    case 10065:
      return {
        kind: 'no-route',
        words: `there is no way to that network (${number}): a route, a gateway or the line is missing`,
      };
    case 10053:
    case 10054:
      return {
        kind: 'reset',
        words: `the connection was cut while it was being made (${number}): a firewall or the other side does not want it`,
      };
    case 10013:
    case 10049:
    case 10055:
      return {
        kind: 'local',
        words: `the own server could not open the connection (${number}): a local firewall, a wrong source address, or no ports left`,
      };
    case 11001:
    case 11002:
    case 11004:
      return { kind: 'name', words: `the name was not found in DNS (${number})` };
    default:
      return {
        kind: 'other',
        words: number === 0 ? 'the connection was not made' : `the connection was not made (Windows error ${number})`,
      };
  }
}
