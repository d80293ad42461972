/** A1: clients of the Internet may send to any domain without authentication. */
import { identityOf } from '../../connector/connector.ts';
import { countInWords } from '../../connector/remote-range.ts';
import type { ConfigurationCheck } from '../configuration-check.ts';
import { rangeEvidence } from '../evidence/range-evidence.ts';
import { aboutConnector } from '../finding.ts';
import { isOpenToInternet, publicCount, publicRanges, publicTotal } from '../ranges/address-space.ts';
import { liveRanges } from '../ranges/live-ranges.ts';
import { letsOrLikely, relayConnectors } from '../ranges/relay-connectors.ts';
import { ANONYMOUS_RELAY, section } from '../references.ts';
import { removeRanges } from '../remedies/commands.ts';
import { enumerate } from '../words/enumeration.ts';

export const openRelay: ConfigurationCheck = {
  id: 'open-relay',
  title: 'Open relay',
  why: 'Whoever finds an open relay sends spam through it within hours, and the organisation ends on block lists.',
  severity: 'critical',
  references: [ANONYMOUS_RELAY, section('5.5 (A1)')],
  covers: ['externally-secured-too-wide', 'wide-relay-range', 'unproven-relay-right'],
  examples: {
    fires: [
      {
        connectors: [
          {
            id: 'EX01\\Relay',
            PermissionGroups: ['AnonymousUsers', 'Custom'],
            anonymousRights: ['ms-Exch-SMTP-Submit', 'ms-Exch-SMTP-Accept-Any-Recipient'],
          },
        ],
      },
      {
        connectors: [
          {
            id: 'EX01\\Partner',
            from: '10.0.0.0/24 198.51.100.0/24',
            AuthMechanism: ['ExternalAuthoritative'],
            PermissionGroups: ['ExchangeServers'],
          },
        ],
      },
      { connectors: [{ id: 'EX01\\IPv6', on: '[::]:25', from: '2000::/3', PermissionGroups: ['AnonymousUsers', 'Custom'] }] },
    ],
    silent: [
      { connectors: [{ id: 'EX01\\Inbound', PermissionGroups: ['AnonymousUsers'] }] },
      {
        connectors: [
          { id: 'EX01\\Relay', from: '10.0.0.0/8 fd00::/8', PermissionGroups: ['AnonymousUsers', 'Custom'] },
          { id: 'EX01\\Dead', from: '10.0.1.1 ::/0', PermissionGroups: ['AnonymousUsers', 'Custom'] },
          { id: 'EX01\\Off', Enabled: false, PermissionGroups: ['AnonymousUsers', 'Custom'] },
          { id: 'EX01\\Other', PermissionGroups: ['AnonymousUsers', 'Custom'], anonymousRights: ['ms-Exch-SMTP-Submit'] },
        ],
      },
    ],
  },
  find: (organisation) =>
    relayConnectors(organisation).flatMap((relaying) => {
      const { connector, evidence, confidence, closing, way } = relaying;
      const live = liveRanges(connector);
      const ranges = publicRanges(live);
      if (ranges.length === 0) return [];
      const open = isOpenToInternet(ranges);
      const others = live.length > ranges.length;
      return [
        aboutConnector(openRelay, connector, {
          severity: open || relaying.relay === 'yes' ? 'critical' : 'high',
          what: `"${identityOf(connector)}" ${letsOrLikely(relaying)} ${countInWords(publicTotal(ranges))} of the Internet send to any domain without authentication.`,
          cause: `Its remote IP ranges hold public addresses (${enumerate(ranges.map(({ text }) => text))}), and ${
            way === 'right'
              ? 'anonymous clients have the right to relay there.'
              : 'it is externally secured: every client there counts as authenticated, passes the spam filters, and no limit of size, recipients or rate holds it.'
          }${open ? '' : ' So few addresses may be known hosts of your own: then this is meant, and they have to be trusted.'}`,
          evidence: [
            ...evidence,
            ...rangeEvidence(connector, ranges, (range) => `${countInWords(publicCount(range))} of the Internet`),
          ],
          remedy: others ? removeRanges(connector, ranges) : closing,
          confidence,
        }),
      ];
    }),
};
