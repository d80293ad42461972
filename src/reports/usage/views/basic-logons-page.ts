/** `report --view basic-auth`: who logs on with a user name and a password that are sent as they are. */
import type { Document, Table } from '../../../document/document.ts';
import type { BasicLogonView, Logon } from '../../../queries/usage/views/basic-logons.ts';
import { coverageSections } from '../coverage-sections.ts';
import { holeSections, inPeriod, placeOf } from '../headline.ts';
import { count, limited, ms, number, type PageOptions, stampOf } from '../page.ts';
import { coverageTable, list, type NamedTable, table } from '../usage-tables.ts';
import { amount, below, connectors, DEVICE, LISTED, minute, owner, pageTable, who, word } from './view-page.ts';

export function basicLogonsDocument(view: BasicLogonView, options: PageOptions): Document {
  const title = `Basic authentication: ${view.period.name}`;
  const { logons, others } = view;
  return {
    title,
    sections: [
      { kind: 'heading', text: title },
      ...holeSections(view.coverage),
      { kind: 'text', text: headline(view).join('\n') },
      { kind: 'heading', text: `Log on with LOGIN or PLAIN: ${number(logons.length)}` },
      ...limited(logons, LISTED, options, (shown) => logonTable(shown, options), 'logon'),
      { kind: 'heading', text: `In another way, and not affected: ${number(others.length)}` },
      ...limited(others, LISTED, options, (shown) => logonTable(shown, options), 'logon'),
      ...coverageSections(view),
      stampOf(view, options, 'A session counts where it began, by its last try to log on.'),
    ],
  };
}

const distinct = (logons: readonly Logon[], of: (one: Logon) => string | null): number =>
  new Set(logons.map(of).filter((one) => one !== null)).size;

const sum = (logons: readonly Logon[], of: (one: Logon) => number): number => logons.reduce((all, one) => all + of(one), 0);

function headline(view: BasicLogonView): string[] {
  const { logons, others, period } = view;
  const place = placeOf(view).replace(/^ of /, ' at ');
  const rest =
    others.length === 0
      ? 'Nobody logged on in another way.'
      : `${count(
          distinct(others, ({ source }) => source),
          'device',
        )} logged on in another way (${[...new Set(others.map(({ mechanism }) => mechanism))].sort().join(', ')}), which is not affected.`;
  if (logons.length === 0)
    return [`${inPeriod(period)} nobody logged on with LOGIN or PLAIN${place}, as far as the logs tell.`, rest];
  const [sessions, clear, failed] = [
    sum(logons, (one) => one.sessions),
    sum(logons, (one) => one.inClear),
    sum(logons, (one) => one.failed),
  ];
  return [
    `${inPeriod(period)}, ${count(
      distinct(logons, ({ source }) => source),
      'device',
    )} used LOGIN or PLAIN to log on${place}, as ${count(
      distinct(logons, ({ user }) => user?.toLowerCase() ?? null),
      'user',
    )}, in ${count(sessions, 'session')}.`,
    `${clear === 0 ? 'All were over TLS' : `${count(clear, 'session')} sent the password in the clear, without TLS`}; ${failed === 0 ? 'none failed' : failed === sessions ? 'all failed' : `${number(failed)} failed`}.`,
    rest,
  ];
}

const logonTable = (shown: readonly Logon[], { whole, time }: PageOptions): Table =>
  pageTable<Logon>(
    shown,
    [
      ...who(18),
      word('By', (one) => one.mechanism || '(none named)'),
      amount('Good', (one) => one.succeeded),
      amount('Failed', (one) => one.failed),
      amount('Clear', (one) => one.inClear),
      minute('Last', (one) => one.lastSeen),
      below('User', (one) => one.user ?? 'user not logged'),
      below('TLS', (one) => one.tls.map((version) => (version === 'none' ? 'no TLS' : version)).join(', ')),
      connectors,
      owner(shown),
      whole ? minute('First', (one: Logon) => one.firstSeen) : below('First', (one) => `first ${time(ms(one.firstSeen))}`),
    ],
    { none: 'Nobody.' },
  );

/** Whole, one file each; columns are called as in JSON. */
export function basicLogonsTables(view: BasicLogonView): NamedTable[] {
  return [
    coverageTable(view),
    {
      name: 'devices',
      table: table(
        [...view.logons.map((one) => ({ basic: 'yes', ...one })), ...view.others.map((one) => ({ basic: 'no', ...one }))],
        [
          ...DEVICE,
          ['basic', 'text', (one) => one.basic],
          ['mechanism', 'text', (one) => one.mechanism],
          ['user', 'text', (one) => one.user],
          ['sessions', 'count', (one) => one.sessions],
          ['succeeded', 'count', (one) => one.succeeded],
          ['failed', 'count', (one) => one.failed],
          ['inClear', 'count', (one) => one.inClear],
          ['tls', 'text', (one) => list(one.tls)],
          ['connectors', 'text', (one) => list(one.connectors)],
          ['firstSeen', 'text', (one) => one.firstSeen],
          ['lastSeen', 'text', (one) => one.lastSeen],
        ],
      ),
    },
  ];
}
