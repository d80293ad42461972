/** Who is meant: an address, a device, a hello name, a mail address, a session, turned into the clients to look at. */
import type { Device } from '../../connector/device.ts';
import { contains, parseAddress, parseRange } from '../../net/address-range.ts';
import { parseEndpoint } from '../../net/endpoint.ts';
import type { Database } from '../../store/database.ts';
import { ConfigurationHistory } from '../configuration-history.ts';
import { findSessions } from '../session-detail.ts';
import type { Subject } from './case.ts';
import type { CaseFilter } from './session-groups.ts';

/** How a text was understood. */
export type Named =
  | { readonly by: 'address'; readonly address: string }
  | { readonly by: 'range'; readonly range: string }
  | { readonly by: 'session'; readonly session: number; readonly sessionId: string }
  | { readonly by: 'device'; readonly devices: readonly Device[] }
  | { readonly by: 'hello-name'; readonly name: string }
  | { readonly by: 'mail-address'; readonly address: string }
  | { readonly by: 'nothing' };

export interface Asked {
  readonly named: Named;
  readonly subjects: readonly Subject[];
  /** What is added to the caller's filter: only these sessions of the subjects are meant. */
  readonly filter: CaseFilter;
}

/** The first reading of `who` that has rows; an address or a device without any is `named`, with no subject. */
export function subjectsOf(db: Database, who: string): Asked {
  const text = withoutPort(who.trim());
  if (text === '') return { named: { by: 'nothing' }, subjects: [], filter: {} };
  const address = parseAddress(text.replace(/^\[|\]$/g, ''));
  if (address) {
    const found = clientsIn(db, text.replace(/^\[|\]$/g, ''));
    return { named: { by: 'address', address: text }, subjects: [...found, ...nextHopsAt(db, text)], filter: {} };
  }
  const range = /[-/(]/.test(text) ? parseRange(text) : undefined;
  if (range) return { named: { by: 'range', range: text }, subjects: clientsIn(db, text), filter: {} };
  const [session] = findSessions(db, text);
  if (session) {
    const subject = subjectOfSession(session);
    return {
      named: { by: 'session', session: session.id, sessionId: session.session_id },
      subjects: subject ? [subject] : [],
      // What came later says nothing about it.
      filter: { session: session.id, until: session.started_at + 1 },
    };
  }
  if (text.includes('@')) return byMailAddress(db, text.replace(/^<|>$/g, ''));
  const devices = devicesCalled(db, text);
  if (devices.length > 0)
    return { named: { by: 'device', devices }, subjects: devices.flatMap((device) => clientsOfDevice(db, device)), filter: {} };
  const clients = clientsWithHello(db, text);
  if (clients.length > 0) return { named: { by: 'hello-name', name: text }, subjects: clients, filter: { helloName: text } };
  return { named: { by: 'nothing' }, subjects: [], filter: {} };
}

/** The address alone, of an endpoint as rows have it. */
function withoutPort(text: string): string {
  const { address, port } = parseEndpoint(text);
  return port !== undefined && parseAddress(address) ? address : text;
}

const client = (source: string): Subject => ({ kind: 'client', source });

function subjectOfSession(row: ReturnType<typeof findSessions>[number]): Subject | undefined {
  if (row.direction === 'send')
    return { kind: 'next-hop', server: row.server, connector: row.connector, destination: row.remote_endpoint };
  const own = row.clients?.split('\n');
  return own?.length === 1 ? client(own[0]!) : row.source === null ? undefined : client(row.source);
}

/** Addresses of the receive logs that are this one, whatever its notation, or lie in the range. */
function clientsIn(db: Database, wanted: string): Subject[] {
  const exact = db
    .prepare<[string], { value: string }>(
      `SELECT value FROM text WHERE value = ? AND (EXISTS (SELECT 1 FROM session WHERE source_id = text.id AND direction = 'receive')
        OR EXISTS (SELECT 1 FROM session_client WHERE client_id = text.id))`,
    )
    .all(wanted);
  if (exact.length > 0) return exact.map(({ value }) => client(value));
  const range = parseRange(wanted);
  if (!range) return [];
  const all = db
    .prepare(
      `SELECT value FROM text WHERE id IN (SELECT source_id FROM hourly_sessions WHERE direction = 'receive')
        OR id IN (SELECT client_id FROM session_client) ORDER BY value`,
    )
    .all() as { value: string }[];
  return all.filter(({ value }) => contains(range, value)).map(({ value }) => client(value));
}

/** Send sessions have no client: their source is the empty text, by which the index finds them. */
function nextHopsAt(db: Database, address: string): Subject[] {
  const rows = db
    .prepare(
      `SELECT DISTINCT server.value AS server, connector.value AS connector, s.remote_endpoint AS destination FROM session s
       JOIN text server ON server.id = s.server_id JOIN text connector ON connector.id = s.connector_id
       WHERE s.source_id IN (SELECT id FROM text WHERE value = '') AND s.direction = 'send' ORDER BY 1, 2, 3`,
    )
    .all() as { server: string; connector: string; destination: string }[];
  return rows
    .filter(({ destination }) => parseEndpoint(destination).address === address)
    .map((row) => ({ kind: 'next-hop', ...row }));
}

/** Devices of that name; where no name is equal, those that contain it. */
function devicesCalled(db: Database, name: string): Device[] {
  const { devices } = new ConfigurationHistory(db).latest;
  const wanted = name.toLowerCase();
  const equal = devices.filter((device) => device.name.toLowerCase() === wanted);
  return equal.length > 0 ? equal : devices.filter((device) => device.name.toLowerCase().includes(wanted));
}

function clientsOfDevice(db: Database, device: Device): Subject[] {
  return parseRange(device.match) ? clientsIn(db, device.match) : clientsWithHello(db, device.match);
}

const bySource = (rows: readonly { value: string }[]): Subject[] => rows.map(({ value }) => client(value));

function clientsWithHello(db: Database, name: string): Subject[] {
  return bySource(
    db
      .prepare<[string], { value: string }>(
        `SELECT value FROM text WHERE id IN (SELECT source_id FROM session WHERE direction = 'receive'
           AND helo_id IN (SELECT id FROM text WHERE lower(value) = lower(?))) ORDER BY value`,
      )
      .all(name),
  );
}

/** Who sent as the address, or logged on with it; where nobody did, who sent to it. */
function byMailAddress(db: Database, address: string): Asked {
  const clientOf = (sessions: string): Subject[] =>
    bySource(
      db
        .prepare<{ address: string }, { value: string }>(
          `SELECT value FROM text WHERE id IN (
             SELECT COALESCE((SELECT client_id FROM session_client c WHERE c.session = s.id), s.source_id) FROM session s
             WHERE s.direction = 'receive' AND s.id IN (${sessions})) ORDER BY value`,
        )
        .all({ address }),
    );
  const ids = `(SELECT id FROM address WHERE lower(value) = lower(@address))`;
  const senders = clientOf(
    `SELECT session FROM smtp_transaction WHERE sender_id IN ${ids}
     UNION SELECT id FROM session WHERE auth_user_id IN (SELECT id FROM text WHERE lower(value) = lower(@address))`,
  );
  const subjects = senders.length > 0 ? senders : clientOf(`SELECT session FROM recipient WHERE address_id IN ${ids}`);
  return { named: { by: 'mail-address', address }, subjects, filter: { mailAddress: address } };
}
