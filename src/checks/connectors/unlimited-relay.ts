/** A15: a relay whose limits were taken away. */
import { identityOf } from '../../connector/connector.ts';
import type { PropertyName } from '../../connector/properties.ts';
import { propertyText } from '../../connector/property-text.ts';
import type { ConfigurationCheck } from '../configuration-check.ts';
import { aboutConnector, propertyEvidence } from '../finding.ts';
import { relayConnectors } from '../ranges/relay-connectors.ts';
import { RATE_LIMITS, section } from '../references.ts';
import { setConnector } from '../remedies/commands.ts';
import { enumerate } from '../words/enumeration.ts';

/** From which value on a limit is none, and what Exchange's own default is. */
const LIMITS: readonly { readonly property: PropertyName; readonly from: number; readonly usual: number | string }[] = [
  { property: 'MaxMessageSize', from: 1024 ** 3, usual: '36MB' },
  { property: 'MaxRecipientsPerMessage', from: 10_000, usual: 200 },
  { property: 'MaxInboundConnection', from: Number.POSITIVE_INFINITY, usual: 5000 },
  { property: 'MaxInboundConnectionPerSource', from: Number.POSITIVE_INFINITY, usual: 20 },
  { property: 'MaxProtocolErrors', from: Number.POSITIVE_INFINITY, usual: 5 },
];

export const unlimitedRelay: ConfigurationCheck = {
  id: 'unlimited-relay',
  title: 'Relay without limits',
  why: 'A limit is what stops one device that loops, or one infected host, from filling the queues for everybody.',
  severity: 'low',
  references: [RATE_LIMITS, section('5.5 (A15)')],
  examples: {
    fires: [
      {
        connectors: [
          {
            id: 'EX01\\Relay',
            from: '10.0.0.1',
            PermissionGroups: ['AnonymousUsers', 'Custom'],
            MaxInboundConnectionPerSource: 'Unlimited',
          },
        ],
      },
      {
        connectors: [
          { id: 'EX01\\Relay', from: '10.0.0.1', PermissionGroups: ['AnonymousUsers', 'Custom'], MaxMessageSize: 2 ** 31 },
        ],
      },
    ],
    silent: [
      {
        connectors: [
          {
            id: 'EX01\\Relay',
            from: '10.0.0.1',
            PermissionGroups: ['AnonymousUsers', 'Custom'],
            MessageRateLimit: 'Unlimited',
            MaxMessageSize: 100 * 1024 * 1024,
          },
          { id: 'EX01\\Default EX01', PermissionGroups: ['ExchangeServers'], MaxInboundConnectionPerSource: 'Unlimited' },
        ],
      },
    ],
  },
  find: (organisation) =>
    relayConnectors(organisation).flatMap(({ connector, confidence }) => {
      const raised = LIMITS.filter(({ property, from }) => {
        const value = connector.properties[property];
        return value === 'Unlimited' || (typeof value === 'number' && value >= from);
      });
      if (raised.length === 0) return [];
      const named = raised.map(({ property }) => `${property} ${propertyText(property, connector.properties[property]!)}`);
      return [
        aboutConnector(unlimitedRelay, connector, {
          what: `"${identityOf(connector)}" relays, and has no limit worth the name: ${enumerate(named, 5)}.`,
          cause:
            'Somebody raised the limits, often for one large job. The values in the command are those of a new connector; take what the devices really need.',
          evidence: propertyEvidence(connector, ...raised.map(({ property }) => property)),
          remedy: [setConnector(connector, Object.fromEntries(raised.map(({ property, usual }) => [property, usual])))],
          confidence,
        }),
      ];
    }),
};
