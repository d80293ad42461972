/** How wide a range is against how many addresses use it: what can be narrowed, by what was seen. */
import { identityOf } from '../../connector/connector.ts';
import { countInWords, type RemoteRange } from '../../connector/remote-range.ts';
import { sizeOf } from '../../net/address-range.ts';
import type { Audit } from '../audit.ts';
import { daysWatched, relayingConnectors } from '../evidence/audited-clients.ts';
import { rangeEvidence } from '../evidence/range-evidence.ts';
import { RELAY_CONNECTOR, workingSession } from '../examples/example-sessions.ts';
import { aboutConnector } from '../finding.ts';
import { isWide } from '../ranges/address-space.ts';
import { liveRanges } from '../ranges/live-ranges.ts';
import { ANONYMOUS_RELAY, section } from '../references.ts';
import { advice } from '../remedies/commands.ts';
import { count, enumerate } from '../words/enumeration.ts';

/** Fewer addresses are a list of devices, with some to spare. */
const SMALL = 16n;
/** One address of so many in use is few. */
const FEW = 4n;

const sketch = (from: string) => ({ connector: RELAY_CONNECTOR.id, from, rows: workingSession('MFP') });
const configured = (from: string) => ({ connectors: [{ ...RELAY_CONNECTOR, Enabled: true, from }] });

export const barelyUsedRange: Audit = {
  id: 'barely-used-range',
  title: 'Range of which few addresses are in use',
  why: 'Every address in the range may relay, whoever it belongs to; only those in use have a reason to.',
  severity: 'low',
  references: [ANONYMOUS_RELAY, section('5.5 (A5)')],
  needs: ['connectors'],
  falsePositives: ['Devices get their addresses from DHCP, and anyone of the range may be the next.'],
  examples: {
    fires: [
      {
        about: 'two of 256',
        sessions: [sketch('10.0.20.10'), sketch('10.0.20.11')],
        configuration: configured('10.0.20.0/24'),
        says: ['10.0.20.0/24', '2 of 256', 'relaylens audit --propose'],
      },
    ],
    silent: [
      { about: 'two of eight', sessions: [sketch('10.0.20.10')], configuration: configured('10.0.20.8/29') },
      {
        about: 'five of sixteen',
        sessions: ['10', '11', '12', '13', '14'].map((last) => sketch(`10.0.20.${last}`)),
        configuration: configured('10.0.20.0/28'),
      },
    ],
  },
  find: (facts) =>
    relayingConnectors(facts).flatMap((watched) => {
      const { connector, audited } = watched;
      const used = (range: RemoteRange): readonly string[] =>
        audited.ranges.find((one) => one.range === range.text)?.sources ?? [];
      // Of what nobody uses at all, another finding tells.
      const ranges = liveRanges(connector).filter(
        (range) => sizeOf(range) >= SMALL && used(range).length > 0 && BigInt(used(range).length) * FEW < sizeOf(range),
      );
      if (ranges.length === 0) return [];
      const days = daysWatched(watched, facts);
      return [
        aboutConnector(barelyUsedRange, connector, {
          severity: ranges.some(isWide) ? 'medium' : 'low',
          what: `"${identityOf(connector)}" lets far more addresses relay than use it: ${enumerate(ranges.map((range) => `${used(range).length} of ${countInWords(sizeOf(range))} in ${range.text}`))}.`,
          cause: `A range was entered where a list of devices would do. Who came through it is known address by address, as far as the logs reach back: ${count(days, 'day')}.`,
          evidence: rangeEvidence(
            connector,
            ranges,
            (range) => `${countInWords(sizeOf(range))}, in use: ${enumerate(used(range), 5)}`,
          ),
          remedy: [
            advice(
              '"relaylens audit --propose" prints the narrow list with its commands, and tries it on every session of the period.',
            ),
          ],
          confidence: {
            level: days >= 30 ? 'high' : days >= 14 ? 'medium' : 'low',
            because: `the logs reach back ${count(days, 'day')}`,
          },
        }),
      ];
    }),
};
