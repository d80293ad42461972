/** A5: a relay for a whole network where a list of devices was meant. */
import { identityOf } from '../../connector/connector.ts';
import { union } from '../../connector/range-set.ts';
import { countInWords } from '../../connector/remote-range.ts';
import { sizeOf } from '../../net/address-range.ts';
import type { ConfigurationCheck } from '../configuration-check.ts';
import { rangeEvidence } from '../evidence/range-evidence.ts';
import { aboutConnector } from '../finding.ts';
import { isWide, wholeNetworkName } from '../ranges/address-space.ts';
import { liveRanges } from '../ranges/live-ranges.ts';
import { letsOrLikely, relayConnectors } from '../ranges/relay-connectors.ts';
import { ANONYMOUS_RELAY, section } from '../references.ts';
import { narrowRanges } from '../remedies/commands.ts';
import { enumerate } from '../words/enumeration.ts';

export const wideRelayRange: ConfigurationCheck = {
  id: 'wide-relay-range',
  title: 'Wide remote IP range on a relay connector',
  why: 'Any host in the range, an infected workstation too, can send to the world in the name of the organisation.',
  severity: 'medium',
  references: [ANONYMOUS_RELAY, section('5.5 (A5)')],
  examples: {
    fires: [
      { connectors: [{ id: 'EX01\\Relay', from: '10.0.0.1 192.168.0.0/16', PermissionGroups: ['AnonymousUsers', 'Custom'] }] },
      {
        connectors: [
          {
            id: 'EX01\\Relay',
            from: '10.0.0.0-10.0.1.0',
            PermissionGroups: ['AnonymousUsers', 'Custom'],
            anonymousRights: ['ms-Exch-SMTP-Accept-Any-Recipient'],
          },
        ],
      },
    ],
    silent: [
      {
        connectors: [
          {
            id: 'EX01\\Relay',
            from: '10.0.0.0/24 10.0.7.0-10.0.7.255 fd00::/64',
            PermissionGroups: ['AnonymousUsers', 'Custom'],
          },
          { id: 'EX01\\Dead', from: '10.0.1.1 ::/0', PermissionGroups: ['AnonymousUsers', 'Custom'] },
          { id: 'EX01\\Inbound', from: '10.0.0.0/8', PermissionGroups: ['AnonymousUsers'] },
        ],
      },
    ],
  },
  find: (organisation) =>
    relayConnectors(organisation).flatMap((relaying) => {
      const { connector, evidence, confidence } = relaying;
      const ranges = liveRanges(connector).filter(isWide);
      if (ranges.length === 0) return [];
      const total = union(ranges).reduce((sum, range) => sum + sizeOf(range), 0n);
      return [
        aboutConnector(wideRelayRange, connector, {
          what: `"${identityOf(connector)}" ${letsOrLikely(relaying)} ${countInWords(total)} send to any domain without authentication.`,
          cause: `Wider than a /24, which is more than a list of devices: ${enumerate(ranges.map((range) => wholeNetworkName(range) ?? range.text))}.`,
          evidence: [...evidence, ...rangeEvidence(connector, ranges)],
          remedy: narrowRanges(connector, ranges),
          confidence,
        }),
      ];
    }),
};
