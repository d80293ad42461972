import { describe, expect, it } from 'vitest';
import { type ScannedSession, SessionPacker, SessionUnpacker } from '../../src/ingest/session-packing.ts';
import { type Interning, internRecord } from '../../src/store/interning.ts';
import { SESSION_COLUMNS, type SessionRecord, TRANSACTION_COLUMNS } from '../../src/store/session-record.ts';

/** Values of every kind in every column, different from session to session where `number` is in them. */
function sessionOf(number: number): ScannedSession<SessionRecord> {
  const value = (name: string, index: number) =>
    [null, index / 2, -number, `${name} é€ ${number % 7}`, `${name}${number}`, ''][index % 6]!;
  const record: SessionRecord = {
    session: SESSION_COLUMNS.map((name, index) => value(name, index + number)),
    segments: [[1, 2, number]],
    transactions: [
      [
        TRANSACTION_COLUMNS.map(value),
        [
          [`user${number}@contoso.example`, 1, null],
          ['', null, '550 5.1.1 no'],
        ],
      ],
      [TRANSACTION_COLUMNS.map((name, index) => value(name, index + number)), []],
    ],
    refusals: [[number, 'rcpt', 550, '550 5.1.1 no']],
    links: [['xproxyfrom', '08DE19A1B2C3D401']],
    clients: ['10.0.0.1', `10.0.0.${number}`],
  };
  return { handle: number, open: number % 2 === 0, irregular: number % 3 === 0, record };
}

/** Numbers strings in the order in which they come. */
function interning(): Interning {
  const [texts, addresses] = [new Map<string, number>(), new Map<string, number>()];
  const idIn = (ids: Map<string, number>, value: string): number => {
    if (!ids.has(value)) ids.set(value, ids.size + 1);
    return ids.get(value)!;
  };
  return { text: (value) => idIn(texts, value), address: (value) => idIn(addresses, value) };
}

const interned = (sessions: readonly ScannedSession<SessionRecord>[], intern: Interning): ScannedSession[] =>
  sessions.map((session) => ({ ...session, record: internRecord(session.record, intern) }));

describe('sessions on their way', () => {
  it('arrive as they were with ids for strings, from event to event', () => {
    const intern = interning();
    const [packer, unpacker] = [new SessionPacker(), new SessionUnpacker(intern)];
    for (let event = 0; event < 10; event++) {
      const sessions = Array.from({ length: event * 7 }, (_, index) => sessionOf(event * 1000 + index));
      for (const session of sessions) packer.add(session);
      expect(unpacker.unpack(structuredClone(packer.take()))).toEqual(interned(sessions, intern));
    }
  });

  it('arrive so too when there are more strings than are kept', () => {
    const intern = interning();
    const [packer, unpacker] = [new SessionPacker(), new SessionUnpacker(intern)];
    let restarts = 0;
    for (let event = 0; event < 12; event++) {
      const sessions = Array.from({ length: 1000 }, (_, index) => sessionOf(event * 1000 + index));
      for (const session of sessions) packer.add(session);
      const packed = packer.take();
      if (packed.restart) restarts++;
      expect(unpacker.unpack(packed)).toEqual(interned(sessions, intern));
    }
    expect(restarts).toBeGreaterThan(0);
  });
});
