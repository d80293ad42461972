/** A4, as far as the logs show it: behind one address that may relay stand many clients. */
import { identityOf } from '../../connector/connector.ts';
import type { Audit } from '../audit.ts';
import { clientName, placeNote, relayingConnectors } from '../evidence/audited-clients.ts';
import { HOSTS, hostsOf, MANY_HOSTS } from '../evidence/hello-hosts.ts';
import { RELAY_CONNECTOR, workingSession } from '../examples/example-sessions.ts';
import { aboutClient } from '../finding.ts';
import { LOAD_BALANCING, section } from '../references.ts';
import { advice } from '../remedies/commands.ts';
import { enumerate } from '../words/enumeration.ts';
import { shortened } from '../words/quotation.ts';

const each = (names: readonly string[], connector: string = RELAY_CONNECTOR.id) =>
  names.map((name) => ({ connector, from: '10.0.20.10', rows: workingSession(name, 'anna@contoso.example') }));
const NAMES = ['MFP-01', 'crm.contoso.example', 'plc-7', 'ups'];
const configuration = { connectors: [{ ...RELAY_CONNECTOR, Enabled: true }] };

export const sharedAddressOnRelay: Audit = {
  id: 'shared-address-on-relay',
  title: 'Relay for everybody behind one address',
  why: 'Connectors tell clients by their addresses alone: behind the address of a load balancer or router everybody may relay.',
  severity: 'high',
  references: [LOAD_BALANCING, section('5.5 (A4)')],
  needs: ['connectors'],
  falsePositives: ['One host runs several programs, each with a hello name of its own.'],
  examples: {
    fires: [
      {
        about: 'four hosts, each more than once',
        sessions: each([...NAMES, ...NAMES]),
        configuration,
        says: ['10.0.20.10', 'MFP-01', 'plc-7'],
      },
    ],
    silent: [
      {
        about: 'the address may not relay',
        sessions: each([...NAMES, ...NAMES], 'EX01\\Default Frontend EX01'),
        configuration: {
          connectors: [
            { ...RELAY_CONNECTOR, from: '10.0.20.11', Enabled: true },
            { id: 'EX01\\Default Frontend EX01', PermissionGroups: ['AnonymousUsers'] },
          ],
        },
      },
      {
        about: 'one host under several spellings of its name',
        sessions: each(['crm', 'CRM', 'crm.contoso.example', 'localhost', 'crm', '[10.0.20.10]', 'crm', 'CRM']),
        configuration,
      },
      {
        about: 'names that never come again, as containers have',
        sessions: each(['app-a1', 'app-b2', 'app-c3', 'app-d4', 'app-e5']),
        configuration,
      },
    ],
  },
  find: (facts) =>
    relayingConnectors(facts).flatMap(({ connector, clients }) =>
      clients.flatMap(({ source, place }) => {
        const hosts = hostsOf(source.helo).filter(({ sessions }) => sessions > 1);
        if (hosts.length < HOSTS) return [];
        return [
          aboutClient(sharedAddressOnRelay, source, place, {
            what: `${source.source} says hello under ${hosts.length} names that are not those of one host, and may relay on "${identityOf(connector)}": ${enumerate(
              hosts.map(({ name }) => shortened(name)),
              5,
            )}.`,
            cause:
              'A load balancer that hides its clients (SNAT) or a router (NAT) stands between them and the server. What one of them may, all may; and what one of them does cannot be told from the others.',
            evidence: [{ kind: 'count', note: placeNote(place) }],
            remedy: [
              advice(
                'Let the load balancer hand through the addresses of its clients (no SNAT, or direct server return), and put those into the ranges.',
              ),
              advice(
                `Where that cannot be: give the devices that may relay a way of their own past it, and take ${source.source} out of the ranges.`,
              ),
            ],
            confidence: {
              level: hosts.length >= MANY_HOSTS ? 'high' : 'medium',
              because: `${hosts.length} hello names come again and again${source.device === null ? '' : `, and the device list calls the address ${clientName(source)}`}`,
            },
          }),
        ];
      }),
    ),
};
