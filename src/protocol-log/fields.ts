/**
 * The one declaration of the protocol log's row: reader, writer, `event` table and documentation follow from it.
 * Source: header line `#Fields` of every known version (2010, 2013, 2016, 2019).
 */
export const FIELDS = [
  { name: 'date-time', column: 'at', says: 'UTC, yyyy-MM-ddTHH:mm:ss.fffZ' },
  { name: 'connector-id', column: 'connector', says: 'SERVER\\Name on receive, the name alone on send; may be empty' },
  { name: 'session-id', column: 'session_id', says: '16 hexadecimal digits; unique per process, not per organisation' },
  { name: 'sequence-number', column: 'sequence', says: 'from 0, one more with every row of the session' },
  { name: 'local-endpoint', column: 'local_endpoint', says: 'address:port of the server; empty on send until connected' },
  { name: 'remote-endpoint', column: 'remote_endpoint', says: 'address:port of the peer' },
  { name: 'event', column: 'event', says: '+ connect, - disconnect, > sent, < received, * information' },
  { name: 'data', column: 'data', says: 'command, reply or value' },
  { name: 'context', column: 'context', says: 'what the value is; the reason of a disconnect' },
] as const;

/** Places of the fields in a row, in the usual order. */
export const DATE_TIME = 0;
export const CONNECTOR_ID = 1;
export const SESSION_ID = 2;
export const SEQUENCE_NUMBER = 3;
export const LOCAL_ENDPOINT = 4;
export const REMOTE_ENDPOINT = 5;
export const EVENT = 6;
export const DATA = 7;
export const CONTEXT = 8;
export const FIELD_COUNT = FIELDS.length;

/** Event bytes as they stand in the file. */
export const CONNECT = 0x2b;
export const DISCONNECT = 0x2d;
export const SENT = 0x3e;
export const RECEIVED = 0x3c;
export const INFORMATION = 0x2a;

export const isEvent = (byte: number): boolean =>
  byte === CONNECT || byte === DISCONNECT || byte === SENT || byte === RECEIVED || byte === INFORMATION;

/** `receive`: the server's own listener; `send`: the server is the client. */
export type Direction = 'receive' | 'send';

/** The transport service that wrote a log. */
export type Service = 'FrontEnd' | 'Hub' | 'Edge' | 'Mailbox';
export const SERVICES: readonly Service[] = ['FrontEnd', 'Hub', 'Edge', 'Mailbox'];

/** A: one row a reply line, six rows a certificate (2007 to 2013). B: one row each (2016 on). */
export type Dialect = 'A' | 'B';
