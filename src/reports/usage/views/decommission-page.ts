/** `report --view decommission`: who still uses a server, what each of them needs to move, and whether it may be switched off. */
import type { Decommission, MovingDevice, ServerChange } from '../../../checks/moves/decommission.ts';
import type { Move } from '../../../checks/moves/move.ts';
import type { Cell, Chart, Column, Document, Section, Table } from '../../../document/document.ts';
import type { Proof } from '../../../queries/usage/views/last-proof.ts';
import type { Rhythm } from '../../../queries/usage/views/rhythm.ts';
import type { Doubt } from '../../../queries/usage/views/server-use.ts';
import { coverageSections } from '../coverage-sections.ts';
import { holeSections } from '../headline.ts';
import { count, limited, ms, nameOf, number, type PageOptions, stampOf, whoIs } from '../page.ts';
import { noiseSections } from '../traffic-sections.ts';
import { coverageTable, list, type NamedTable, noiseTable, table } from '../usage-tables.ts';
import { DEVICE, LISTED, overSlices } from './view-page.ts';

export function decommissionDocument(view: Decommission, options: PageOptions): Document {
  const title = `Decommissioning ${view.server}: who still uses it, ${view.period.name}`;
  const of = (status: MovingDevice['status']): MovingDevice[] => view.devices.filter((one) => one.status === status);
  const [using, silent, behind] = [of('using'), of('silent'), of('behind-another-server')];
  return {
    title,
    sections: [
      { kind: 'heading', text: title },
      ...holeSections(view.coverage),
      { kind: 'text', text: headline(view, using, silent, options).join('\n') },
      ...curveOf(view),
      { kind: 'heading', text: `Devices that still use ${view.server}: ${number(using.length)}` },
      ...limited(using, LISTED, options, (shown) => usingTable(view, shown), 'device'),
      { kind: 'heading', text: `Gone silent: ${number(silent.length)}` },
      ...limited(silent, LISTED, options, (shown) => silentTable(view, shown, options), 'device'),
      ...seldomSections([...using, ...silent], options),
      ...(behind.length === 0 ? [] : behindSections(view, behind)),
      ...changeSections(view),
      ...coverageSections(view),
      ...noiseSections(view),
      stampOf(view, options, 'A device counts where it connected; what is no use of the relay is in no other figure.'),
    ],
  };
}

/** Who comes so seldom that a quiet week or month says nothing. */
const SELDOM: readonly Rhythm[] = ['monthly', 'quarterly', 'seldom'];

/** What a manager needs. */
function headline(
  { server, verdict, doubts, reach, devices }: Decommission,
  using: readonly MovingDevice[],
  silent: readonly MovingDevice[],
  { time }: PageOptions,
): string[] {
  if (reach === null) return [`No receive log of ${server} was read for this time: nothing can be said of who uses it.`];
  const shortest = Math.min(...silent.map(({ awayDays }) => awayDays));
  const gone =
    silent.length === 0
      ? 'none has gone silent'
      : `${count(silent.length, 'more', 'more')} ${silent.length === 1 ? 'has' : 'have'} been silent for ${silent.length === 1 ? '' : 'at least '}${count(shortest, 'day')}, longer than any pause before`;
  const left =
    using.length === 0
      ? `No device uses ${server} any more`
      : `${count(using.length, 'device')} still ${using.length === 1 ? 'uses' : 'use'} ${server}`;
  const never = devices.length === 0 ? `No device ever used ${server}` : `${left}; ${gone}`;
  const far = `The receive logs of ${server} reach from ${time(ms(reach.since))} to ${time(ms(reach.until))} (${count(reach.days, 'day')})`;
  const yearly = doubts.includes('under-a-year')
    ? ': less than a year, so that a job that runs once a year cannot be excluded'
    : '';
  return [`${never}.`, verdictText(server, verdict, doubts), `${far}${yearly}.`];
}

function verdictText(server: string, verdict: Decommission['verdict'], doubts: readonly Doubt[]): string {
  switch (verdict) {
    case 'in-use':
      return `By what the logs show, ${server} may not be switched off yet.`;
    case 'unused':
      return `By what the logs show, ${server} may be switched off.`;
    case 'unknown':
      return `The logs do not show that ${server} may be switched off: ${doubts
        .flatMap((doubt) => DOUBTS[doubt] ?? [])
        .join('; ')}.`;
  }
}

const DOUBTS: Readonly<Record<Doubt, string | null>> = {
  'no-log': 'no receive log was read',
  'logs-end-early': 'they end more than two days before the period does',
  'not-logged': 'there are connectors that do not log',
  'lines-not-read': 'there are lines that could not be read',
  'silent-day': 'there is a day and more without any session, as where logs are missing',
  'under-a-month': 'they reach over less than a month',
  // Said with how far they reach.
  'under-a-year': null,
};

function curveOf(view: Decommission): Chart[] {
  const { slices, server, unit } = view;
  const known = slices.filter(({ devicesLeft }) => devicesLeft !== null);
  if (known.length < 2 || view.devices.length === 0) return [];
  const [first, last] = [known[0]!, known.at(-1)!];
  return [
    overSlices(view, {
      title: `Devices left at ${server}`,
      unit: { kind: 'count', name: 'devices' },
      note: 'Devices that were seen at that time or later. Who comes seldom is missing at the end until it comes again.',
      alt: `Devices that were to be seen at ${server} then or later, by ${unit}: ${number(first.devicesLeft!)} at first, ${number(last.devicesLeft!)} at the end.`,
      as: 'curve',
      series: [{ name: 'devices left', values: slices.map(({ devicesLeft }) => devicesLeft) }],
    }),
  ];
}

const text = (title: string, more: Partial<Column> = {}): Column => ({ title, kind: 'text', shrinks: true, ...more });

const owned = (devices: readonly MovingDevice[]): boolean => devices.some(({ owner }) => owner !== null);

function usingTable({ server, targets }: Decommission, shown: readonly MovingDevice[]): Table {
  const hasOwner = owned(shown);
  const isElsewhere = shown.some(({ elsewhere }) => elsewhere.length > 0);
  return {
    kind: 'table',
    columns: [
      { title: 'Source', kind: 'text' },
      text('Device, or hello', { cap: 22 }),
      { title: 'Comes', kind: 'text' },
      { title: 'Days', kind: 'count' },
      { title: 'Last proof', kind: 'minute' },
      text('What it did', { below: 'always' }),
      ...(hasOwner ? [text('Owner', { below: 'always' })] : []),
      text('To move', { below: 'always' }),
      ...(isElsewhere ? [text('Seen elsewhere', { below: 'always' })] : []),
    ],
    rows: shown.map((one): Cell[] => [
      one.source || '(unknown)',
      nameOf(one),
      RHYTHM[one.rhythm],
      one.daysSeen,
      ms(one.lastProof.at),
      proofText(one.lastProof),
      ...(hasOwner ? [one.owner ?? ''] : []),
      movesText(one, targets),
      ...(isElsewhere ? [elsewhereText(one)] : []),
    ]),
    none: `No device uses ${server} any more.`,
  };
}

function silentTable({ targets }: Decommission, shown: readonly MovingDevice[], { time }: PageOptions): Table {
  const hasOwner = owned(shown);
  const isElsewhere = shown.some(({ elsewhere }) => elsewhere.length > 0);
  return {
    kind: 'table',
    columns: [
      { title: 'Source', kind: 'text' },
      text('Device, or hello', { cap: 22 }),
      { title: 'Silent since', kind: 'minute' },
      { title: 'Days', kind: 'count' },
      { title: 'Came', kind: 'text' },
      text('Seen', { below: 'always' }),
      text('What it did', { below: 'always' }),
      ...(hasOwner ? [text('Owner', { below: 'always' })] : []),
      text('To move', { below: 'always' }),
      ...(isElsewhere ? [text('Seen elsewhere', { below: 'always' })] : []),
    ],
    rows: shown.map((one): Cell[] => [
      one.source || '(unknown)',
      nameOf(one),
      ms(one.lastSeen),
      one.awayDays,
      RHYTHM[one.rhythm],
      seenText(one, time),
      proofText(one.lastProof),
      ...(hasOwner ? [one.owner ?? ''] : []),
      movesText(one, targets),
      ...(isElsewhere ? [elsewhereText(one)] : []),
    ]),
    none: 'None.',
  };
}

const seenText = ({ daysSeen, firstSeen, longestPauseDays }: MovingDevice, time: PageOptions['time']): string =>
  `on ${count(daysSeen, 'day')} since ${time(ms(firstSeen))}${longestPauseDays === null ? '' : `, away for ${count(longestPauseDays, 'day')} at most before`}`;

function seldomSections(all: readonly MovingDevice[], options: PageOptions): Section[] {
  const devices = all.filter(({ rhythm }) => SELDOM.includes(rhythm));
  const unclear = all.filter(({ rhythm }) => rhythm === 'unclear').length;
  if (devices.length + unclear === 0) return [];
  const page = (shown: readonly MovingDevice[]): Table => ({
    kind: 'table',
    columns: [
      { title: 'Source', kind: 'text' },
      text('Device, or hello', { cap: 22 }),
      { title: 'Comes', kind: 'text' },
      { title: 'Days', kind: 'count' },
      { title: 'Usual pause', kind: 'text' },
      { title: 'Last seen', kind: 'day' },
      text('Status'),
    ],
    rows: shown.map((one): Cell[] => [
      one.source || '(unknown)',
      nameOf(one),
      RHYTHM[one.rhythm],
      one.daysSeen,
      one.usualPauseDays === null ? '' : `${number(one.usualPauseDays)} d`,
      ms(one.lastSeen),
      one.status === 'silent' ? `silent for ${count(one.awayDays, 'day')}` : 'still counted as using it',
    ]),
  });
  return [
    { kind: 'heading', text: `Seen monthly or more seldom: ${number(devices.length)}` },
    ...(devices.length === 0
      ? []
      : [
          { kind: 'text' as const, text: 'Told from all days on which they were seen, as far back as the data reach.' },
          ...limited(devices, LISTED, options, page, 'device'),
        ]),
    ...(unclear === 0
      ? []
      : [
          {
            kind: 'text' as const,
            text: `${count(unclear, 'device')} ${unclear === 1 ? 'was' : 'were'} seen on one or two days only: how often ${unclear === 1 ? 'it comes' : 'they come'} cannot be told.`,
          },
        ]),
  ];
}

const RHYTHM: Readonly<Record<Rhythm, string>> = {
  daily: 'daily',
  weekly: 'weekly',
  monthly: 'monthly',
  quarterly: 'quarterly',
  seldom: 'more seldom',
  unclear: 'unclear',
};

function behindSections({ server }: Decommission, devices: readonly MovingDevice[]): Section[] {
  return [
    { kind: 'heading', text: `Behind another server: ${number(devices.length)}` },
    {
      kind: 'text',
      text: `They connect to another server, whose front end handed their mail to the transport service of ${server}. It will hand it to another one: nothing has to be moved. ${devices.map((one) => `${whoIs(one)} behind ${one.lastProof.behind ?? ''}`).join(', ')}.`,
    },
  ];
}

/** `1 message accepted · EX01\Relay · session 08DE…`. */
function proofText({ connector, sessionId, outcome, messagesAccepted, messagesRefused, lastError }: Proof): string {
  const mail = [
    ...(messagesAccepted > 0 ? [`${count(messagesAccepted, 'message')} accepted`] : []),
    ...(messagesRefused > 0 ? [`${count(messagesRefused, 'message')} refused`] : []),
  ].join(', ');
  const did = mail !== '' ? mail : (outcome ?? 'its session is no more in the database');
  const error = lastError !== null && messagesAccepted === 0 ? ` ("${lastError}")` : '';
  return [`${did}${error}`, connector || 'no connector', ...(sessionId === null ? [] : [`session ${sessionId}`])].join(', ');
}

const elsewhereText = ({ elsewhere }: MovingDevice): string =>
  elsewhere.length === 0
    ? ''
    : `also seen at ${elsewhere.map(({ server, lastSeen }) => `${server} (last ${lastSeen.slice(0, 10)})`).join(', ')}`;

function movesText({ moves, entrance }: MovingDevice, targets: readonly string[]): string {
  if (targets.length === 0) return 'to move: no other server was imported';
  if (entrance === null) return 'to move: unknown, its own session is not in the database';
  return `to move: ${moves.map(moveText).join('; ')}`;
}

function moveText({ server, state, takenBy, meant, change }: Move): string {
  switch (state) {
    case 'ready':
      return `${server} ready (${takenBy})`;
    case 'less':
      return `${server} takes it (${takenBy}), but lets it do less`;
    case 'unknown':
      return takenBy === null ? `${server} unknown` : `${server} takes it (${takenBy}), whether with the same rights is unknown`;
    case 'decide':
      return `${server} needs a decision (${meant})`;
    case 'change':
      return change === 'add-range'
        ? `${server} lacks its address in ${meant}`
        : change === 'enable'
          ? `${server} has ${meant} disabled`
          : `${server} has no such connector`;
  }
}

/** What has to be done on the other servers first, and what nobody can decide but a person. */
function changeSections({ changes, devices, server, targets, configuredAsOf }: Decommission): Section[] {
  const heading: Section = { kind: 'heading', text: 'To be changed on other servers first' };
  if (targets.length === 0)
    return [
      heading,
      {
        kind: 'text',
        text: `The configuration of no other server was imported, so that nothing can be said of where the devices of ${server} would land: relaylens config import.`,
      },
    ];
  const open = devices.flatMap((one) =>
    one.moves
      .filter(({ state }) => state === 'decide' || state === 'less' || state === 'unknown')
      .map((move): Cell[] => [one.source, nameOf(one), move.server, move.because]),
  );
  return [
    heading,
    ...(configuredAsOf === null
      ? [
          {
            kind: 'text' as const,
            text: `The configuration of ${server} itself was not imported: what its connectors allow is not known.`,
          },
        ]
      : []),
    ...(changes.length === 0 && open.length === 0 ? [{ kind: 'text' as const, text: 'Nothing.' }] : []),
    ...changes.flatMap(changeSection),
    ...(open.length === 0
      ? []
      : [
          {
            kind: 'table' as const,
            title: 'To be decided, or not known',
            columns: [
              { title: 'Source', kind: 'text' as const },
              text('Device, or hello', { cap: 22 }),
              { title: 'Server', kind: 'text' as const },
              text('Why', { below: 'always' }),
            ],
            rows: open.slice(0, LISTED),
          },
        ]),
  ];
}

/** Devices that are named before they are only counted. */
const NAMED = 8;

function changeSection({ server, connector, devices, remedy }: ServerChange): Section[] {
  const named = devices.slice(0, NAMED).join(', ');
  const more = devices.length > NAMED ? ` and ${number(devices.length - NAMED)} more` : '';
  return [
    { kind: 'heading', text: `${connector ?? server}, for ${count(devices.length, 'device')}`, level: 2 },
    { kind: 'text', text: `${named}${more}` },
    ...remedy.map(
      ({ kind, text: line }): Section =>
        kind === 'powershell' ? { kind: 'commands', lines: [line] } : { kind: 'text', text: line },
    ),
  ];
}

/** Whole, one file each; columns are called as in JSON. */
export function decommissionTables(view: Decommission): NamedTable[] {
  const moves = view.devices.flatMap(({ source, device, moves: own }) => own.map((move) => ({ source, device, ...move })));
  return [
    {
      name: 'server',
      table: table(
        [view],
        [
          ['server', 'text', (one) => one.server],
          ['verdict', 'text', (one) => one.verdict],
          ['doubts', 'text', (one) => list(one.doubts)],
          ['reachSince', 'text', (one) => one.reach?.since ?? null],
          ['reachUntil', 'text', (one) => one.reach?.until ?? null],
          ['devicesUsing', 'count', (one) => one.devices.filter(({ status }) => status === 'using').length],
          ['devicesSilent', 'count', (one) => one.devices.filter(({ status }) => status === 'silent').length],
          [
            'devicesBehindAnotherServer',
            'count',
            (one) => one.devices.filter(({ status }) => status === 'behind-another-server').length,
          ],
        ],
      ),
    },
    coverageTable(view),
    {
      name: 'devices',
      table: table(view.devices, [
        ...DEVICE,
        ['status', 'text', (one) => one.status],
        ['rhythm', 'text', (one) => one.rhythm],
        ['daysSeen', 'count', (one) => one.daysSeen],
        ['usualPauseDays', 'count', (one) => one.usualPauseDays],
        ['longestPauseDays', 'count', (one) => one.longestPauseDays],
        ['silentAfterDays', 'count', (one) => one.silentAfterDays],
        ['awayDays', 'count', (one) => one.awayDays],
        ['firstSeen', 'text', (one) => one.firstSeen],
        ['lastSeen', 'text', (one) => one.lastSeen],
        ['lastSessionId', 'text', (one) => one.lastProof.sessionId],
        ['lastConnector', 'text', (one) => one.lastProof.connector],
        ['lastOutcome', 'text', (one) => one.lastProof.outcome],
        ['lastMessagesAccepted', 'count', (one) => one.lastProof.messagesAccepted],
        ['lastMessagesRefused', 'count', (one) => one.lastProof.messagesRefused],
        ['lastError', 'text', (one) => one.lastProof.lastError],
        ['port', 'count', (one) => one.entrance?.port ?? null],
        ['elsewhere', 'text', (one) => list(one.elsewhere.map(({ server, lastSeen }) => `${server} ${lastSeen}`))],
      ]),
    },
    {
      name: 'moves',
      table: table(moves, [
        ['source', 'text', (one) => one.source],
        ['device', 'text', (one) => one.device],
        ['server', 'text', (one) => one.server],
        ['state', 'text', (one) => one.state],
        ['takenBy', 'text', (one) => one.takenBy],
        ['meant', 'text', (one) => one.meant],
        ['change', 'text', (one) => one.change],
        ['because', 'text', (one) => one.because],
        ['remedy', 'text', (one) => list(one.remedy.map(({ text: line }) => line))],
      ]),
    },
    {
      name: 'changes',
      table: table(view.changes, [
        ['server', 'text', (one) => one.server],
        ['connector', 'text', (one) => one.connector],
        ['devices', 'text', (one) => list(one.devices)],
        ['remedy', 'text', (one) => list(one.remedy.map(({ text: line }) => line))],
      ]),
    },
    {
      name: 'over-time',
      table: table(view.slices, [
        ['since', 'text', (one) => one.since],
        ['until', 'text', (one) => one.until],
        ['devicesLeft', 'count', (one) => one.devicesLeft],
      ]),
    },
    noiseTable(view),
  ];
}
