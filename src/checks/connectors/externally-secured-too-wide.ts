/** A14: a connector that trusts its network, on more of the network than can be trusted. */
import { identityOf } from '../../connector/connector.ts';
import { union } from '../../connector/range-set.ts';
import { countInWords } from '../../connector/remote-range.ts';
import { sizeOf } from '../../net/address-range.ts';
import type { ConfigurationCheck } from '../configuration-check.ts';
import { rangeEvidence } from '../evidence/range-evidence.ts';
import { aboutConnector } from '../finding.ts';
import { isOpenToInternet, isWide, publicCount, wholeNetworkName } from '../ranges/address-space.ts';
import { liveRanges } from '../ranges/live-ranges.ts';
import { relayConnectors } from '../ranges/relay-connectors.ts';
import { ANONYMOUS_RELAY, section } from '../references.ts';
import { narrowRanges } from '../remedies/commands.ts';
import { enumerate } from '../words/enumeration.ts';

export const externallySecuredTooWide: ConfigurationCheck = {
  id: 'externally-secured-too-wide',
  title: 'Externally secured connector with wide ranges',
  why: 'Clients of an externally secured connector send as anybody of the organisation, and past spam filters and every limit.',
  severity: 'high',
  references: [ANONYMOUS_RELAY, section('5.2'), section('5.5 (A14)')],
  covers: ['wide-relay-range'],
  examples: {
    fires: [
      {
        connectors: [
          {
            id: 'EX01\\Apps',
            from: '10.1.0.0/16',
            AuthMechanism: ['Tls', 'ExternalAuthoritative'],
            PermissionGroups: ['ExchangeServers'],
          },
        ],
      },
      {
        connectors: [
          {
            id: 'EX01\\Apps',
            from: '10.1.0.5 8.8.8.8',
            AuthMechanism: ['ExternalAuthoritative'],
            PermissionGroups: ['ExchangeServers'],
          },
        ],
      },
    ],
    silent: [
      {
        connectors: [
          {
            id: 'EX01\\Apps',
            from: '10.1.0.0/24 ::/0',
            AuthMechanism: ['ExternalAuthoritative'],
            PermissionGroups: ['ExchangeServers'],
          },
          {
            id: 'EX01\\Servers',
            from: '10.1.0.0/16',
            AuthMechanism: ['Tls', 'ExchangeServer'],
            PermissionGroups: ['ExchangeServers'],
          },
        ],
      },
    ],
  },
  find: (organisation) =>
    relayConnectors(organisation)
      .filter(({ way }) => way === 'externally-secured')
      .flatMap(({ connector, evidence, confidence }) => {
        const ranges = liveRanges(connector).filter((range) => isWide(range) || publicCount(range) > 0n);
        if (ranges.length === 0) return [];
        const total = union(ranges).reduce((sum, range) => sum + sizeOf(range), 0n);
        return [
          aboutConnector(externallySecuredTooWide, connector, {
            severity: isOpenToInternet(ranges) ? 'critical' : 'high',
            what: `"${identityOf(connector)}" takes ${countInWords(total)} for its own, whoever sits there.`,
            cause: `ExternalAuthoritative means that the network around it keeps strangers away. Its ranges (${enumerate(ranges.map((range) => wholeNetworkName(range) ?? range.text))}) hold more than a list of servers: each of these hosts may send under any name to anyone, of any size and number.`,
            evidence: [...evidence, ...rangeEvidence(connector, ranges)],
            remedy: narrowRanges(connector, ranges),
            confidence,
          }),
        ];
      }),
};
