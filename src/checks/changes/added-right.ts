/** On a connector more is allowed than in the baseline: rights, permission groups, ways to log on. */
import { sameName } from '../../connector/connector.ts';
import { RELAY_RIGHT } from '../../connector/permission-group.ts';
import type { Properties } from '../../connector/properties.ts';
import type { BaselineRight } from '../baseline/baseline.ts';
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
import { RELAY_CONNECTOR } from '../examples/example-sessions.ts';
import { aboutConnector, propertyEvidence, type Remedy, type Severity } from '../finding.ts';
import { isOpenToInternet } from '../ranges/address-space.ts';
import { ANONYMOUS_RELAY, section } from '../references.ts';
import { advice, removeRelayRight, setConnector, showRights } from '../remedies/commands.ts';
import { enumerate } from '../words/enumeration.ts';

const PLAIN = { ...RELAY_CONNECTOR, Enabled: true, PermissionGroups: ['AnonymousUsers'], anonymousRights: [] } as const;
const RELAYING = { ...RELAY_CONNECTOR, Enabled: true } as const;
const having = (...connectors: readonly object[]) => ({
  sessions: [],
  configuration: { connectors: connectors as (typeof PLAIN)[] },
});

export const addedRight: BaselineChange = {
  id: 'added-right',
  title: 'More is allowed on a connector',
  why: 'One right more can turn a connector that only takes mail for the inside into one that sends to the world for anybody.',
  severity: 'medium',
  references: [ANONYMOUS_RELAY, section('4.2'), section('5.1')],
  falsePositives: ['The connector was made ready for new devices, and that was planned.'],
  examples: {
    fires: [
      {
        about: 'anonymous clients may relay now',
        before: having(PLAIN),
        now: having(RELAYING),
        says: ['"severity":"high"', 'Remove-ADPermission', 'ms-Exch-SMTP-Accept-Any-Recipient', 'Search-AdminAuditLog'],
      },
      {
        about: 'they may, and the world reaches it',
        before: having({ ...PLAIN, from: '0.0.0.0-255.255.255.255' }),
        now: having({ ...RELAYING, from: '0.0.0.0-255.255.255.255' }),
        says: ['"severity":"critical"'],
      },
      {
        about: 'a permission group',
        before: having({ ...PLAIN, PermissionGroups: ['ExchangeServers'] }),
        now: having({ ...PLAIN, PermissionGroups: ['AnonymousUsers', 'ExchangeServers'] }),
        says: ['"severity":"medium"', /AnonymousUsers/, '-PermissionGroups ExchangeServers'],
      },
      {
        about: 'every client counts as authenticated',
        before: having({ ...PLAIN, PermissionGroups: ['ExchangeServers'], AuthMechanism: ['Tls'] }),
        now: having({ ...PLAIN, PermissionGroups: ['ExchangeServers'], AuthMechanism: ['Tls', 'ExternalAuthoritative'] }),
        says: ['"severity":"high"', /ExternalAuthoritative/],
      },
      {
        about: 'passwords may go in the clear',
        before: having({ ...PLAIN, AuthMechanism: ['Tls', 'BasicAuth', 'BasicAuthRequireTLS'] }),
        now: having({ ...PLAIN, AuthMechanism: ['Tls', 'BasicAuth'] }),
        says: [/BasicAuthRequireTLS is gone/, '"severity":"medium"'],
      },
      {
        about: 'a relaying connector was switched on',
        before: having({ ...RELAYING, Enabled: false }),
        now: having(RELAYING),
        says: ['"severity":"high"', /switched on/],
      },
    ],
    silent: [
      { about: 'nothing was changed', before: having(RELAYING), now: having(RELAYING) },
      { about: 'a right is gone', before: having(RELAYING), now: having(PLAIN) },
      {
        about: 'rights that were imported only now cannot be compared',
        before: having({ ...RELAYING, anonymousRights: undefined }),
        now: having(RELAYING),
      },
      {
        about: 'a property that the older export did not hold',
        before: having({ ...PLAIN, AuthMechanism: undefined }),
        now: having(PLAIN),
      },
    ],
  },
  obstacle: withoutConnectors,
  find(comparison) {
    const { before, facts } = comparison;
    return pairsOf(comparison).flatMap((pair) => {
      const gains = gainsOf(pair);
      const connector = facts.organisation.servers
        .flatMap(({ connectors }) => connectors)
        .find(({ server, name }) => sameName(server, pair.now.server) && sameName(name.trim(), pair.now.name));
      if (gains.length === 0 || !connector) return [];
      const began = relays(pair.now) && !relays(pair.before);
      return [
        aboutConnector(addedRight, connector, {
          severity: severityOf(pair, began, gains),
          what: `On "${pair.now.server}\\${pair.now.name}" more is allowed than in the baseline: ${enumerate(
            gains.map(({ words }) => words),
            6,
          )}.`,
          cause: `${began ? 'Who does not log on may send to any domain there now, and could not then.' : 'Whether it relays without a logon has not changed by it.'} Compared with ${exportWords(before)}.`,
          evidence: [
            ...propertyEvidence(connector, 'Enabled', 'PermissionGroups', 'AuthMechanism'),
            ...gains.flatMap(({ right }) =>
              right
                ? [
                    {
                      kind: 'right',
                      connector: `${connector.server}\\${connector.name}`,
                      user: right.account,
                      right: right.right,
                    } as const,
                  ]
                : [],
            ),
          ],
          remedy: [...changeLog(before), ...gains.flatMap(({ remedy }) => remedy(connector)), saveAgain],
          confidence: { level: 'high', because: 'both exports hold it' },
        }),
      ];
    });
  },
};

interface Gain {
  readonly words: string;
  readonly right?: BaselineRight;
  readonly severity: Severity;
  remedy(connector: Parameters<typeof setConnector>[0]): readonly Remedy[];
}

function gainsOf({ before, now }: Pair): Gain[] {
  return [
    ...(now.enabled && !before.enabled
      ? [
          {
            words: 'it was switched on',
            severity: 'low',
            remedy: (connector) => [advice('To switch it off again:'), setConnector(connector, { Enabled: false })],
          } satisfies Gain,
        ]
      : []),
    ...groupGains(before.permissionGroups, now.permissionGroups),
    ...mechanismGains(before.authMechanism, now.authMechanism),
    ...(before.rights && now.rights ? rightGains(before.rights, now.rights) : []),
  ];
}

const SERIOUS_GROUPS = ['AnonymousUsers', 'ExchangeLegacyServers', 'Partners', 'Custom'];

/** `Custom` is no group to be taken away: what stands behind it are rights. */
function groupGains(before: readonly string[] | null, now: readonly string[] | null): Gain[] {
  if (!before || !now) return [];
  return now
    .filter((group) => !before.includes(group))
    .map((group) => ({
      words: group === 'Custom' ? 'rights besides the permission groups (Custom)' : `the permission group ${group}`,
      severity: SERIOUS_GROUPS.includes(group) ? 'medium' : 'low',
      remedy: (connector) =>
        group === 'Custom'
          ? [showRights(connector)]
          : [
              advice(
                'To have the permission groups of the baseline back; rights that were given by hand (Custom) are lost by it:',
              ),
              setConnector(connector, { PermissionGroups: before.filter((one) => one !== 'Custom') }),
            ],
    }));
}

const SERIOUS_MECHANISMS: Readonly<Record<string, Severity>> = { ExternalAuthoritative: 'high' };
/** Without these more clients get in, or with less. */
const PROTECTING = ['BasicAuthRequireTLS', 'Tls'];

function mechanismGains(before: readonly string[] | null, now: readonly string[] | null): Gain[] {
  if (!before || !now) return [];
  const remedy: Gain['remedy'] = (connector) => [
    advice('To have the mechanisms of the baseline back:'),
    setConnector(connector, { AuthMechanism: before as NonNullable<Properties['AuthMechanism']> }),
  ];
  return [
    ...now
      .filter((mechanism) => !before.includes(mechanism) && !PROTECTING.includes(mechanism))
      .map((mechanism) => ({ words: `the mechanism ${mechanism}`, severity: SERIOUS_MECHANISMS[mechanism] ?? 'low', remedy })),
    ...before
      .filter((mechanism) => PROTECTING.includes(mechanism) && !now.includes(mechanism))
      .map((mechanism) => ({ words: `${mechanism} is gone`, severity: 'medium' as const, remedy })),
  ];
}

/** A right that was given, or a denial that was taken back. */
function rightGains(before: readonly BaselineRight[], now: readonly BaselineRight[]): Gain[] {
  const key = ({ account, right, deny }: BaselineRight): string => `${account} ${right.toLowerCase()} ${deny}`;
  const [then, today] = [new Set(before.map(key)), new Set(now.map(key))];
  const given = now.filter((one) => !one.deny && !then.has(key(one)));
  const undenied = before.filter((one) => one.deny && !today.has(key(one)));
  return [
    ...given.map(
      (right): Gain => ({
        words: `${right.right} for ${right.account}`,
        right,
        severity: isRelay(right) ? 'high' : 'low',
        remedy: (connector) => [isRelay(right) ? removeRelayRight(connector, accountName(right.account)) : showRights(connector)],
      }),
    ),
    ...undenied.map(
      (right): Gain => ({
        words: `${right.right} is no longer denied to ${right.account}`,
        severity: isRelay(right) ? 'high' : 'low',
        remedy: (connector) => [showRights(connector)],
      }),
    ),
  ];
}

const isRelay = ({ right }: BaselineRight): boolean => right.toLowerCase() === RELAY_RIGHT.toLowerCase();

/** The anonymous account is found by its SID; others by their names. */
const accountName = (account: string): string | undefined =>
  account === 'anonymous' ? undefined : account === 'externally-secured' ? 'MS Exchange\\Externally Secured Servers' : account;

const RANK: readonly Severity[] = ['info', 'low', 'medium', 'high', 'critical'];

function severityOf({ now }: Pair, began: boolean, gains: readonly Gain[]): Severity {
  if (began) return isOpenToInternet(rangesIn(now)) ? 'critical' : 'high';
  if (!now.enabled) return 'low';
  return gains
    .map(({ severity }) => severity)
    .reduce((worst, one) => (RANK.indexOf(one) > RANK.indexOf(worst) ? one : worst), 'low');
}
