/** Two connectors that nothing decides between for some client: the first one loaded wins. */
import { formatBinding } from '../../connector/binding.ts';
import { identityOf } from '../../connector/connector.ts';
import type { Entry } from '../../connector/selection.ts';
import type { ConfigurationCheck } from '../configuration-check.ts';
import { capped } from '../evidence/range-evidence.ts';
import { aboutConnector } from '../finding.ts';
import { arenasOf } from '../ranges/arena.ts';
import { landingOf } from '../ranges/landing.ts';
import { section } from '../references.ts';
import { safeRemoval } from '../remedies/safe-change.ts';
import { count } from '../words/enumeration.ts';

export const undefinedSelection: ConfigurationCheck = {
  id: 'undefined-selection',
  title: 'Selection by chance',
  why: 'The same client may land on one connector today and on the other after the next restart, with other rights.',
  severity: 'high',
  references: [section('2.2'), section('2.5')],
  examples: {
    fires: [
      {
        connectors: [
          { id: 'EX01\\A', from: '10.0.0.0/24' },
          { id: 'EX01\\B', from: '10.0.0.0-10.0.0.255' },
        ],
      },
      {
        connectors: [
          { id: 'EX01\\A', from: '10.0.0.0-10.0.0.9' },
          { id: 'EX01\\B', from: '10.0.0.5-10.0.0.14' },
        ],
      },
    ],
    silent: [
      {
        connectors: [
          { id: 'EX01\\A', from: '10.0.0.0/24' },
          { id: 'EX01\\B', on: '10.9.9.9:25', from: '10.0.0.0/24' },
        ],
      },
      {
        connectors: [
          { id: 'EX01\\A', from: '10.0.0.0/31' },
          { id: 'EX01\\B', from: '10.0.0.0/31', Enabled: false },
          { id: 'EX01\\C', from: '10.0.0.0/31', on: '0.0.0.0:587' },
          { id: 'EX01\\D', from: '10.0.0.0/31', on: '[::]:25' },
          { id: 'EX02\\A', from: '10.0.0.0/31' },
        ],
      },
      {
        connectors: [
          { id: 'EX01\\A', from: '10.0.0.0-10.0.0.9' },
          { id: 'EX01\\B', from: '10.0.0.5-10.0.0.14' },
          { id: 'EX01\\C', from: '10.0.0.4-10.0.0.9' },
        ],
      },
    ],
  },
  find: (organisation) =>
    organisation.servers.flatMap((server) => {
      const pairs = new Map<Entry['connector'], Map<Entry['connector'], [Entry, Entry][]>>();
      for (const arena of arenasOf(server))
        for (const { first, second } of landingOf(arena).ties) {
          const [one, other] = [arena.entries[first]!, arena.entries[second]!];
          const partners = pairs.get(other.connector) ?? new Map<Entry['connector'], [Entry, Entry][]>();
          pairs.set(other.connector, partners);
          partners.set(one.connector, [...(partners.get(one.connector) ?? []), [one, other]]);
        }
      return [...pairs].flatMap(([connector, partners]) =>
        [...partners].map(([partner, ties]) => {
          const [one, other] = ties[0]!;
          return aboutConnector(undefinedSelection, connector, {
            what: `Nothing decides between "${partner.name}" and "${connector.name}" for clients in ${one.range.text}${ties.length > 1 ? ` and ${count(ties.length - 1, 'other range')}` : ''} at ${formatBinding(other.binding)}.`,
            cause:
              'The smallest range that holds the client wins, and these are of one size at one binding: the connector that the service loads first takes the client, which nobody can know from outside. Exchange refuses to configure that, so the directory, or the export, was edited.',
            evidence: capped(ties, ([a, b]) => ({
              kind: 'ranges',
              first: { connector: identityOf(a.connector), binding: formatBinding(a.binding), range: a.range.text },
              relation: a.range.first === b.range.first ? 'equals' : 'crosses',
              second: { connector: identityOf(b.connector), binding: formatBinding(b.binding), range: b.range.text },
            })),
            remedy: safeRemoval(
              organisation,
              { connector, ranges: ties.map(([, { range }]) => range) },
              { connector: partner, ranges: ties.map(([{ range }]) => range) },
            ),
            confidence: { level: 'high', because: 'bindings and ranges of both connectors say so' },
          });
        }),
      );
    }),
};
