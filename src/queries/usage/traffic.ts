/** Sessions and messages of clients by place, from the roll-ups: what the other questions are made of. */
import { WANTED_HOPS, WANTED_SESSIONS } from '../../store/day-roll-up.ts';
import type { Slice } from './period.ts';
import type { RollUpReader } from './roll-up-reader.ts';

/** Interned numbers; a client is the one that stands behind a front end, where there is one. */
export interface Place {
  readonly source: number;
  readonly server: number;
  readonly connector: number;
}

/** Sessions that wanted something, of clients. */
export interface SessionCount extends Place {
  readonly tls: number;
  readonly authResult: string;
  readonly sessions: number;
}

export interface MessageCount extends Place {
  readonly messagesAccepted: number;
  readonly messagesRefused: number;
  readonly recipientsAccepted: number;
  readonly recipientsRefused: number;
  readonly bytesAccepted: number;
}

const SESSIONS = `SELECT source_id, server_id, connector_id, tls_id, auth_result, SUM(sessions) FROM r`;

/** Groups may come several times, and with less than nothing: noise is taken away from what was counted with it. */
export function sessionCounts(reader: RollUpReader, slice: Slice): SessionCount[] {
  type Row = [number, number, number, number, string, number];
  const counted = reader.sums<Row>('hourly_sessions', `${SESSIONS} WHERE ${WANTED_SESSIONS} GROUP BY 1, 2, 3, 4, 5`, slice);
  const hops = reader.sums<Row>('hourly_noise', `${SESSIONS} WHERE ${WANTED_HOPS} GROUP BY 1, 2, 3, 4, 5`, slice);
  const count = ([source, server, connector, tls, authResult, sessions]: Row, sign: 1 | -1): SessionCount => ({
    source,
    server,
    connector,
    tls,
    authResult,
    sessions: sign * sessions,
  });
  return [...counted.map((row) => count(row, 1)), ...hops.map((row) => count(row, -1))];
}

const MESSAGES = `SELECT source_id, server_id, connector_id, SUM(messages_accepted), SUM(messages_refused), SUM(recipients_accepted),
  SUM(recipients_refused), SUM(bytes_accepted) FROM r`;

/** The same of messages. */
export function messageCounts(reader: RollUpReader, slice: Slice): MessageCount[] {
  type Row = [number, number, number, number, number, number, number, number];
  const counted = reader.sums<Row>('hourly_messages', `${MESSAGES} WHERE direction = 'receive' GROUP BY 1, 2, 3`, slice);
  const noise = reader.sums<Row>('hourly_noise', `${MESSAGES} GROUP BY 1, 2, 3`, slice);
  const count = ([source, server, connector, ...sums]: Row, sign: 1 | -1): MessageCount => ({
    source,
    server,
    connector,
    messagesAccepted: sign * sums[0],
    messagesRefused: sign * sums[1],
    recipientsAccepted: sign * sums[2],
    recipientsRefused: sign * sums[3],
    bytesAccepted: sign * sums[4],
  });
  return [...counted.map((row) => count(row, 1)), ...noise.map((row) => count(row, -1))];
}

/** Recipients of clients by domain; `external` of the accepted ones, undefined until accepted domains are known. */
export interface RecipientCount extends Place {
  readonly domain: number;
  readonly accepted: number;
  readonly refused: number;
  readonly external: number | undefined;
}
