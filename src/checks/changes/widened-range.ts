/** A connector takes addresses that it did not take before, whatever the notation. */
import { identityOf, sameName } from '../../connector/connector.ts';
import { difference, rangeTexts } from '../../connector/range-set.ts';
import { countInWords } from '../../connector/remote-range.ts';
import { type AddressRange, sizeOf } from '../../net/address-range.ts';
import type { BaselineChange } from '../baseline-change.ts';
import {
  changeLog,
  exportWords,
  type Pair,
  pairsOf,
  rangesIn,
  relays,
  saveAgain,
  withoutConnectors,
} from '../evidence/compared.ts';
import { DEFAULT_FRONTEND, RELAY_CONNECTOR } from '../examples/example-sessions.ts';
import { aboutConnector, type Severity } from '../finding.ts';
import { isOpenToInternet, isWide, publicTotal } from '../ranges/address-space.ts';
import { ANONYMOUS_RELAY, section } from '../references.ts';
import { advice, READABLE_RANGES, setConnector } from '../remedies/commands.ts';
import { enumerate } from '../words/enumeration.ts';

const relay = (from: string, more: object = {}) => ({
  sessions: [],
  configuration: { connectors: [DEFAULT_FRONTEND, { ...RELAY_CONNECTOR, Enabled: true, from, ...more }] },
});

export const widenedRange: BaselineChange = {
  id: 'widened-range',
  title: 'Remote IP ranges hold more addresses',
  why: 'On a connector that relays, each address that is added may send to the world in any name.',
  severity: 'medium',
  references: [ANONYMOUS_RELAY, section('5.2')],
  falsePositives: ['A device was added, and its owner knows.'],
  examples: {
    fires: [
      {
        about: 'one printer was added',
        before: relay('10.0.20.10'),
        now: relay('10.0.20.10 10.0.20.11'),
        says: ['"severity":"medium"', /1 address/, '10.0.20.11', '-RemoteIPRanges "10.0.20.10"'],
      },
      {
        about: 'a network took the place of a device: only what it holds besides is new',
        before: relay('10.0.20.10'),
        now: relay('10.0.20.0/23'),
        says: ['"severity":"high"', '511 addresses', '10.0.20.11-10.0.21.255'],
      },
      {
        about: 'a public address',
        before: relay('10.0.20.10'),
        now: relay('10.0.20.10 203.0.113.7'),
        says: ['"severity":"high"', '203.0.113.7'],
      },
      {
        about: 'the world',
        before: relay('10.0.20.10'),
        now: relay('0.0.0.0-255.255.255.255'),
        says: ['"severity":"critical"'],
      },
      {
        about: 'a connector on which nobody relays',
        before: relay('10.0.20.10', { PermissionGroups: ['AnonymousUsers'], anonymousRights: [] }),
        now: relay('10.0.20.0/24', { PermissionGroups: ['AnonymousUsers'], anonymousRights: [] }),
        says: ['"severity":"low"', '255 addresses'],
      },
    ],
    silent: [
      {
        about: 'the same addresses in another notation',
        before: relay('10.0.20.0/24'),
        now: relay('10.0.20.128/25 10.0.20.0-10.0.20.127 10.0.20.7'),
      },
      { about: 'narrower', before: relay('10.0.20.0/24'), now: relay('10.0.20.10 10.0.20.11') },
      {
        about: 'the connector is new: that is told as such',
        before: { sessions: [], configuration: { connectors: [DEFAULT_FRONTEND] } },
        now: relay('10.0.20.0/24'),
      },
    ],
  },
  obstacle: withoutConnectors,
  find(comparison) {
    const { before, facts } = comparison;
    return pairsOf(comparison).flatMap((pair) => {
      const added = difference(rangesIn(pair.now), rangesIn(pair.before));
      const connector = facts.organisation.servers
        .flatMap(({ connectors }) => connectors)
        .find(({ server, name }) => sameName(server, pair.now.server) && sameName(name.trim(), pair.now.name));
      if (added.length === 0 || !connector) return [];
      const identity = identityOf(connector);
      const size = countInWords(added.reduce((sum, range) => sum + sizeOf(range), 0n));
      const texts = rangeTexts(added);
      return [
        aboutConnector(widenedRange, connector, {
          severity: severityOf(pair, added),
          what: `"${identity}" takes ${size} that it did not take in the baseline: ${enumerate(texts)}.`,
          cause: `${relays(pair.now) ? 'It relays: whoever has one of them may send to the world without a logon.' : pair.now.enabled ? 'It does not relay without a logon; but its clients are not the same any more.' : 'It is disabled, so that nobody comes by it.'} Compared with ${exportWords(before)}.`,
          evidence: added.slice(0, 10).map((range, index) => ({
            kind: 'range',
            range: { connector: identity, binding: null, range: texts[index]! },
            note: `${countInWords(sizeOf(range))}, not in the baseline`,
          })),
          remedy: [
            ...changeLog(before),
            ...(pair.before.ranges.length <= READABLE_RANGES
              ? [
                  advice('To have the ranges of the baseline back:'),
                  setConnector(connector, { RemoteIPRanges: pair.before.ranges }),
                ]
              : [advice('The ranges of the baseline stand in its file, too many for a command.')]),
            saveAgain,
          ],
          confidence: { level: 'high', because: 'both lists are known address by address' },
        }),
      ];
    });
  },
};

function severityOf({ now }: Pair, added: readonly AddressRange[]): Severity {
  if (!relays(now)) return 'low';
  if (isOpenToInternet(added)) return 'critical';
  return publicTotal(added) > 0n || added.some(isWide) ? 'high' : 'medium';
}
