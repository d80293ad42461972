/** A client that was known, and sends to the outside without a logon now. */
import type { BaselineChange } from '../baseline-change.ts';
import { clientName, envelopeNote, exampleEvidence, sightings } from '../evidence/audited-clients.ts';
import { baselineDays, periodWords, saveAgain, withoutLogs } from '../evidence/compared.ts';
import { RELAY_CONNECTOR, workingSession } from '../examples/example-sessions.ts';
import { aboutClient, type Severity } from '../finding.ts';
import { ANONYMOUS_RELAY, section } from '../references.ts';
import { advice } from '../remedies/commands.ts';
import { count, enumerate } from '../words/enumeration.ts';
import { moment } from '../words/moment.ts';

/** To so many domains a device has no reason to write all at once. */
const MANY_DOMAINS = 10;

const CONFIGURED = { connectors: [{ ...RELAY_CONNECTOR, Enabled: true }], acceptedDomains: ['contoso.example'] };
const on = (at: string, to?: string) => ({
  from: '10.0.20.10',
  connector: RELAY_CONNECTOR.id,
  at: `${at}T08:00:00.000Z`,
  rows: workingSession('MFP', to),
});
const INSIDE = on('2026-10-01', 'eva@contoso.example');
const THEN = { configuration: CONFIGURED, sessions: [INSIDE, on('2026-10-11', 'eva@contoso.example')] };

export const newExternalRelay: BaselineChange = {
  id: 'new-external-relay',
  title: 'Known source relays to the outside now',
  why: 'A device that always wrote to the inside and now writes to the world has got another job, or another master.',
  severity: 'medium',
  references: [ANONYMOUS_RELAY, section('5.2')],
  falsePositives: ['Somebody scans to an address outside, as the device was always meant to let them.'],
  examples: {
    fires: [
      {
        about: 'it only wrote to the inside before',
        before: THEN,
        now: { configuration: CONFIGURED, sessions: [INSIDE, on('2026-11-02')] },
        says: ['"severity":"medium"', 'fabrikam.example', '11 days'],
      },
      {
        about: 'it relayed before the baseline looked',
        before: THEN,
        now: { configuration: CONFIGURED, sessions: [on('2026-09-01'), INSIDE, on('2026-11-02')] },
        says: ['"severity":"info"', '2026-09-01'],
      },
    ],
    silent: [
      {
        about: 'it relayed then, to another domain',
        before: { configuration: CONFIGURED, sessions: [on('2026-10-01', 'a@adatum.example')] },
        now: { configuration: CONFIGURED, sessions: [on('2026-11-02')] },
      },
      {
        about: 'it is new: that is told as such',
        before: { configuration: CONFIGURED, sessions: [{ ...INSIDE, from: '10.0.20.11' }] },
        now: { configuration: CONFIGURED, sessions: [on('2026-11-02')] },
      },
    ],
  },
  obstacle: withoutLogs,
  find: ({ before, facts }) => {
    const known = new Set(before.sources.map(({ source }) => source));
    const relayed = new Set(before.relayed.map(({ source }) => source));
    return facts.sources.flatMap((source) => {
      const { external } = source;
      if (!external || !known.has(source.source) || relayed.has(source.source)) return [];
      const rare = before.period !== null && external.first < Date.parse(before.period.since);
      const severity: Severity = rare
        ? 'info'
        : source.space === 'public' || external.domains.length >= MANY_DOMAINS
          ? 'high'
          : 'medium';
      return [
        aboutClient(newExternalRelay, source, source.places.length === 1 ? source.places[0]! : null, {
          severity,
          what: `${clientName(source)} sends to the outside without a logon, and did not in the baseline: ${count(external.count, 'recipient')} in ${enumerate(external.domains.map(({ domain }) => domain))}.`,
          cause: rare
            ? `It did so before, on ${moment(external.first)}: more rarely than the baseline looked back, for ${periodWords(before)}.`
            : `It did so first on ${moment(external.first)}; ${periodWords(before)}, and it was seen then, with nothing for the outside.`,
          evidence: exampleEvidence(external.examples, (example) => `accepted: ${envelopeNote(example)}`),
          remedy: [advice(`Ask the owner of ${clientName(source)} since when and to whom it is to send.`), saveAgain],
          confidence: { level: baselineDays(before) >= 30 ? 'high' : 'medium', because: periodWords(before) },
          seen: sightings(external),
        }),
      ];
    });
  },
};
