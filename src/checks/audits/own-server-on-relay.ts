/** A4, as far as the logs show it: an address from which servers of the organisation hand mail on lies in a relay range. */
import { identityOf } from '../../connector/connector.ts';
import { countInWords } from '../../connector/remote-range.ts';
import { holds, parseAddress, sizeOf } from '../../net/address-range.ts';
import type { Audit } from '../audit.ts';
import { relayingConnectors } from '../evidence/audited-clients.ts';
import { rangeEvidence } from '../evidence/range-evidence.ts';
import { greeted, QUIT, RELAY_CONNECTOR, workingSession } from '../examples/example-sessions.ts';
import { aboutConnector } from '../finding.ts';
import { section } from '../references.ts';
import { advice } from '../remedies/commands.ts';
import { enumerate } from '../words/enumeration.ts';

const HUB = {
  from: '10.0.0.6',
  to: '10.0.0.5:2525',
  connector: 'EX01\\Default EX01',
  service: 'Hub',
  rows: `${greeted('ex02.contoso.example')}\n< XPROXYFROM SID=08DE19A1B2C3D499 IP=10.0.20.10 PORT=50111 DOMAIN=MFP SEQNUM=1 PERMS=1077 AUTHSRC=Anonymous\n> 250 XProxyFrom accepted\n${QUIT}`,
} as const;
const DEVICE = { from: '10.0.20.10', connector: RELAY_CONNECTOR.id, rows: workingSession('MFP') };

export const ownServerOnRelay: Audit = {
  id: 'own-server-on-relay',
  title: 'Address of a mail server in a relay range',
  why: 'What comes from a server of the organisation comes from anybody behind it; and Exchange servers cannot authenticate to each other there (451 5.7.3).',
  severity: 'high',
  references: [section('5.5 (A4)')],
  needs: ['connectors'],
  falsePositives: ['Another connector with a smaller range takes the address.'],
  examples: {
    fires: [
      {
        about: 'a front end that hands mail to a Hub',
        sessions: [HUB, DEVICE],
        configuration: { connectors: [{ ...RELAY_CONNECTOR, Enabled: true, from: '10.0.0.0/16' }] },
        says: ['10.0.0.6'],
      },
    ],
    silent: [
      {
        about: 'it lies beside the ranges',
        sessions: [HUB, DEVICE],
        configuration: { connectors: [{ ...RELAY_CONNECTOR, Enabled: true, from: '10.0.20.0/24' }] },
      },
      {
        about: 'a smaller range of another connector takes it',
        sessions: [HUB, DEVICE],
        configuration: {
          connectors: [
            { ...RELAY_CONNECTOR, Enabled: true, from: '10.0.0.0/16' },
            { id: 'EX01\\Servers', from: '10.0.0.4/30', PermissionGroups: ['ExchangeServers'] },
          ],
        },
      },
    ],
  },
  find: (facts) =>
    relayingConnectors(facts).flatMap(({ connector }) => {
      const others = facts.organisation.servers
        .filter(({ server }) => server === connector.server)
        .flatMap(({ connectors }) => connectors.filter((one) => one !== connector && one.properties.Enabled !== false));
      const inside = facts.ownServers.flatMap((text) => {
        const address = parseAddress(text);
        const range = address && connector.remoteIPRanges.find((one) => holds(one, address));
        if (!address || !range) return [];
        const isTaken = others.some(({ remoteIPRanges }) =>
          remoteIPRanges.some((one) => holds(one, address) && sizeOf(one) < sizeOf(range)),
        );
        return isTaken ? [] : [{ text, range }];
      });
      if (inside.length === 0) return [];
      const addresses = inside.map(({ text }) => text);
      return [
        aboutConnector(ownServerOnRelay, connector, {
          what: `The ranges of "${identityOf(connector)}" hold ${countInWords(BigInt(addresses.length))} from which mail servers hand on the mail of others: ${enumerate(addresses, 5)}.`,
          cause:
            'In the logs these addresses hand over the mail of many clients, so they are no devices; the range is wider than it was meant.',
          evidence: rangeEvidence(
            connector,
            [...new Set(inside.map(({ range }) => range))],
            (one) => `holds ${enumerate(inside.filter(({ range }) => range === one).map(({ text }) => text))}`,
          ),
          remedy: [
            advice('Take the servers out of the ranges: list the devices instead ("relaylens audit --propose" does).'),
            advice('Or give the servers a connector of their own with exactly their addresses: the smallest range wins.'),
          ],
          confidence: { level: 'high', because: 'the logs of the Hub show them handing on mail' },
        }),
      ];
    }),
};
