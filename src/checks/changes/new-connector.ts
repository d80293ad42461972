/** A receive connector that the baseline did not have. */
import type { BaselineChange } from '../baseline-change.ts';
import {
  changeLog,
  exportWords,
  missingIn,
  rangesIn,
  relays,
  saveAgain,
  serversMissingIn,
  withoutConnectors,
} from '../evidence/compared.ts';
import { DEFAULT_FRONTEND, RELAY_CONNECTOR } from '../examples/example-sessions.ts';
import { aboutServer, type Finding, type Severity } from '../finding.ts';
import { isOpenToInternet } from '../ranges/address-space.ts';
import { ANONYMOUS_RELAY, section } from '../references.ts';
import { advice } from '../remedies/commands.ts';
import { count, enumerate } from '../words/enumeration.ts';

const having = (...connectors: readonly object[]) => ({
  sessions: [],
  configuration: { connectors: connectors as (typeof DEFAULT_FRONTEND)[] },
});
const RELAY = { ...RELAY_CONNECTOR, Enabled: true };

export const newConnector: BaselineChange = {
  id: 'new-connector',
  title: 'New receive connector',
  why: 'A new connector takes clients from others, and gives them its own rights.',
  severity: 'low',
  references: [ANONYMOUS_RELAY, section('2')],
  falsePositives: ['It was renamed: then one is gone under the old name.'],
  examples: {
    fires: [
      {
        about: 'it relays',
        before: having(DEFAULT_FRONTEND),
        now: having(DEFAULT_FRONTEND, RELAY),
        says: ['"severity":"high"', 'EX01\\Anon Relay EX01', '10.0.20.10/31'],
      },
      {
        about: 'it relays for the world',
        before: having(DEFAULT_FRONTEND),
        now: having(DEFAULT_FRONTEND, { ...RELAY, from: '0.0.0.0-255.255.255.255', on: '10.0.0.5:25' }),
        says: ['"severity":"critical"'],
      },
      {
        about: 'it refuses',
        before: having(RELAY),
        now: having(DEFAULT_FRONTEND, RELAY),
        says: ['"severity":"low"'],
      },
      {
        about: 'a whole server',
        before: having(DEFAULT_FRONTEND),
        now: having(DEFAULT_FRONTEND, { ...RELAY, id: 'EX02\\Anon Relay EX02' }),
        says: ['"severity":"medium"', 'EX02'],
      },
    ],
    silent: [
      { about: 'the same', before: having(DEFAULT_FRONTEND, RELAY), now: having(RELAY, DEFAULT_FRONTEND) },
      { about: 'one is gone', before: having(DEFAULT_FRONTEND, RELAY), now: having(DEFAULT_FRONTEND) },
      {
        about: 'its name is written in capitals',
        before: having(RELAY),
        now: having({ ...RELAY, id: 'EX01\\ANON RELAY EX01' }),
      },
    ],
  },
  obstacle: withoutConnectors,
  find: ({ before, now }) => [
    ...missingIn(before, now).map((connector): Finding => {
      const severity: Severity = !relays(connector)
        ? connector.enabled
          ? 'low'
          : 'info'
        : isOpenToInternet(rangesIn(connector))
          ? 'critical'
          : 'high';
      const identity = `${connector.server}\\${connector.name}`;
      return {
        ...aboutServer(newConnector, connector.server, {
          severity,
          what: `"${identity}" is not in the baseline: ${relays(connector) ? 'it lets clients relay without a logon' : connector.enabled ? 'it does not relay without a logon' : 'it is disabled'}, for ${enumerate(connector.ranges)}.`,
          cause: `It was made since, or had another name. Compared with ${exportWords(before)}.`,
          evidence: [
            { kind: 'property', connector: identity, property: 'RemoteIPRanges', value: enumerate(connector.ranges, 10) },
            {
              kind: 'property',
              connector: identity,
              property: 'PermissionGroups',
              value: connector.permissionGroups?.join(', ') || '(none)',
            },
            {
              kind: 'property',
              connector: identity,
              property: 'AuthMechanism',
              value: connector.authMechanism?.join(', ') || '(none)',
            },
          ],
          remedy: [...changeLog(before), saveAgain],
          confidence: { level: 'high', because: 'both lists of the server are whole' },
        }),
        connector: connector.name,
      };
    }),
    ...serversMissingIn(before, now).map((server) => {
      const own = now.connectors.filter((one) => one.server === server);
      const relaying = own.filter(relays);
      return aboutServer(newConnector, server, {
        severity: relaying.length > 0 ? 'medium' : 'low',
        what: `The server ${server} is not in the baseline; it has ${count(own.length, 'receive connector')}${relaying.length > 0 ? `, and without a logon one may relay on ${enumerate(relaying.map(({ name }) => `"${name}"`))}` : ''}.`,
        cause: `It is new, or its connectors were not imported then. Compared with ${exportWords(before)}.`,
        evidence: own.slice(0, 10).map(({ name, ranges }) => ({
          kind: 'property',
          connector: `${server}\\${name}`,
          property: 'RemoteIPRanges',
          value: enumerate(ranges),
        })),
        remedy: [advice('See that its connectors are those of the other servers: "relaylens config diff".'), saveAgain],
        confidence: { level: 'high', because: 'the baseline has no connector of it' },
      });
    }),
  ],
};
