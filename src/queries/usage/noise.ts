/** Sessions that are no use of the relay: the product's own checks, its own servers, and who only looked. */
import type { Identities } from './names.ts';
import type { Slice } from './period.ts';
import type { RollUpReader } from './roll-up-reader.ts';
import type { Noise, NoiseKind } from './usage-report.ts';

class Draft {
  readonly sources = new Map<number, number>();
  messagesAccepted = 0;
  messagesRefused = 0;

  add(source: number, sessions: number): void {
    this.sources.set(source, (this.sources.get(source) ?? 0) + sessions);
  }
}

/** Only the kinds that were there. */
export function noiseOf(reader: RollUpReader, identities: Identities, slice: Slice): Noise[] {
  const kinds: Record<NoiseKind, Draft> = { 'health-checks': new Draft(), 'own-servers': new Draft(), probes: new Draft() };
  type Row = [kind: string, source: number, sessions: number, accepted: number, refused: number, probes: number];
  const own = `SELECT kind, source_id, SUM(sessions), SUM(messages_accepted), SUM(messages_refused), SUM((outcome = 'probe') * sessions)
    FROM r GROUP BY 1, 2`;
  for (const [kind, source, sessions, accepted, refused, probes] of reader.sums<Row>('hourly_noise', own, slice)) {
    const draft = kinds[kind === 'health' ? 'health-checks' : 'own-servers'];
    draft.add(source, sessions);
    draft.messagesAccepted += accepted;
    draft.messagesRefused += refused;
    // The roll-up of sessions does not know a hop: one that wanted nothing is among the probes there.
    if (kind === 'hop') kinds.probes.add(source, -probes);
  }
  const looked = `SELECT source_id, SUM(sessions) FROM r WHERE direction = 'receive' AND health_probe = 0 AND outcome = 'probe' GROUP BY 1`;
  for (const [source, sessions] of reader.sums<[number, number]>('hourly_sessions', looked, slice))
    kinds.probes.add(source, sessions);
  return (Object.entries(kinds) as [NoiseKind, Draft][]).flatMap(([kind, { sources, messagesAccepted, messagesRefused }]) => {
    const listed = [...sources]
      .filter(([, sessions]) => sessions > 0)
      .map(([source, sessions]) => ({
        source: identities.of(source).source,
        device: identities.of(source).device?.name ?? null,
        dnsName: null,
        sessions,
      }))
      .sort((a, b) => b.sessions - a.sessions || (a.source < b.source ? -1 : 1));
    if (listed.length === 0 && messagesAccepted + messagesRefused === 0) return [];
    const sessions = listed.reduce((sum, one) => sum + one.sessions, 0);
    return [{ kind, sessions, messagesAccepted, messagesRefused, sources: listed }];
  });
}
