/** What the baseline had and is not there any more: to be known, and no harm. */
import { difference, rangeTexts } from '../../connector/range-set.ts';
import type { BaselineChange, Comparison } from '../baseline-change.ts';
import { exportWords, missingIn, pairsOf, periodWords, rangesIn, saveAgain } from '../evidence/compared.ts';
import { DEFAULT_FRONTEND, RELAY_CONNECTOR, workingSession } from '../examples/example-sessions.ts';
import { aboutServer, type Evidence, type Finding } from '../finding.ts';
import { ANONYMOUS_RELAY, section } from '../references.ts';
import { count } from '../words/enumeration.ts';

/** Lines of evidence. */
const SHOWN = 20;

const RELAY = { ...RELAY_CONNECTOR, Enabled: true } as const;
const on = (from: string, at: string) => ({ from, connector: RELAY.id, at: `${at}T08:00:00.000Z`, rows: workingSession('MFP') });
const CONFIGURED = { connectors: [DEFAULT_FRONTEND, RELAY], acceptedDomains: ['contoso.example', 'fabrikam.example'] };
const THEN = { configuration: CONFIGURED, sessions: [on('10.0.20.10', '2026-10-01'), on('10.0.20.11', '2026-10-11')] };

export const goneSince: BaselineChange = {
  id: 'gone-since',
  title: 'Not there any more since the baseline',
  why: 'What is gone can be closed, or was closed: the baseline should not hold it any longer.',
  severity: 'info',
  references: [ANONYMOUS_RELAY, section('5.5 (A6)')],
  falsePositives: ['A source sends more rarely than the logs of now reach back.'],
  examples: {
    fires: [
      {
        about: 'a source',
        before: THEN,
        now: { configuration: CONFIGURED, sessions: [on('10.0.20.10', '2026-11-02')] },
        says: ['10.0.20.11', '"severity":"info"', /1 source/],
      },
      {
        about: 'a connector and an accepted domain',
        before: THEN,
        now: { sessions: THEN.sessions, configuration: { connectors: [DEFAULT_FRONTEND], acceptedDomains: ['contoso.example'] } },
        says: ['EX01\\Anon Relay EX01', 'fabrikam.example'],
      },
      {
        about: 'an address, a permission group and a right',
        before: THEN,
        now: {
          sessions: THEN.sessions,
          configuration: {
            ...CONFIGURED,
            connectors: [
              DEFAULT_FRONTEND,
              { ...RELAY, from: '10.0.20.10', PermissionGroups: ['AnonymousUsers'], anonymousRights: [] },
            ],
          },
        },
        says: ['10.0.20.11', 'Custom', 'ms-Exch-SMTP-Accept-Any-Recipient'],
      },
    ],
    silent: [
      { about: 'all is there', before: THEN, now: THEN },
      {
        about: 'nothing was imported now: nothing can be said',
        before: { configuration: CONFIGURED, sessions: [] },
        now: { sessions: [] },
      },
    ],
  },
  obstacle: () => undefined,
  find: (comparison) => [...sources(comparison), ...configuration(comparison)],
};

function sources({ before, now }: Comparison): Finding[] {
  // Without logs of now nobody is gone.
  if (now.period === null) return [];
  const here = new Set(now.sources.map(({ source }) => source));
  const gone = new Map(before.sources.filter(({ source }) => !here.has(source)).map((one) => [one.source, one]));
  if (gone.size === 0) return [];
  return [
    finding(
      `${count(gone.size, 'source')} without a logon ${gone.size === 1 ? 'does' : 'do'} not come any more.`,
      `The logs of now reach from ${now.period.since.slice(0, 10)} to ${now.period.until.slice(0, 10)}; ${periodWords(before)}. What sends more rarely than that is not gone.`,
      [...gone.values()].map(
        ({ source, device, connector, last }) =>
          `${source}${device === null ? '' : ` (${device})`} on "${connector}": last ${last.slice(0, 16).replace('T', ' ')} UTC`,
      ),
      'medium',
    ),
  ];
}

function configuration(comparison: Comparison): Finding[] {
  const { before, now } = comparison;
  const accepted = new Set((now.acceptedDomains ?? []).map(({ domain }) => domain));
  const gone = [
    ...missingIn(now, before).map(
      ({ server, name, ranges }) => `connector "${server}\\${name}", for ${ranges.slice(0, 5).join(', ')}`,
    ),
    ...pairsOf(comparison).flatMap((pair) => {
      const where = `"${pair.now.server}\\${pair.now.name}"`;
      const kept = new Set((pair.now.rights ?? []).map(({ account, right }) => `${account} ${right.toLowerCase()}`));
      return [
        ...rangeTexts(difference(rangesIn(pair.before), rangesIn(pair.now))).map((range) => `range ${range} of ${where}`),
        ...lost(pair.before.permissionGroups, pair.now.permissionGroups).map((group) => `permission group ${group} of ${where}`),
        ...lost(pair.before.authMechanism, pair.now.authMechanism).map((mechanism) => `mechanism ${mechanism} of ${where}`),
        ...(pair.now.rights === null ? [] : (pair.before.rights ?? []))
          .filter(({ account, right, deny }) => !deny && !kept.has(`${account} ${right.toLowerCase()}`))
          .map(({ account, right }) => `right ${right} for ${account} on ${where}`),
        ...(pair.before.enabled && !pair.now.enabled ? [`${where} was switched off`] : []),
      ];
    }),
    ...(now.acceptedDomains === null ? [] : (before.acceptedDomains ?? []))
      .filter(({ domain }) => !accepted.has(domain))
      .map(({ domain, type }) => `accepted domain ${domain} (${type})`),
  ];
  if (gone.length === 0) return [];
  return [
    finding(
      `The configuration has ${gone.length === 1 ? 'one thing' : `${gone.length.toLocaleString('en-US')} things`} less than the baseline.`,
      `It was taken away since. Compared with ${exportWords(before)}.`,
      gone,
      'high',
    ),
  ];
}

const lost = (before: readonly string[] | null, now: readonly string[] | null): readonly string[] =>
  before && now ? before.filter((one) => !now.includes(one)) : [];

function finding(what: string, cause: string, lines: readonly string[], level: Finding['confidence']['level']): Finding {
  const evidence: Evidence[] = lines.slice(0, SHOWN).map((note) => ({ kind: 'count', note }));
  return aboutServer(goneSince, null, {
    what,
    cause,
    evidence: lines.length > SHOWN ? [...evidence, { kind: 'more', count: lines.length - SHOWN }] : evidence,
    remedy: [saveAgain],
    confidence: { level, because: 'it is in the baseline and not in what was read now' },
  });
}
