/** `report --view decommission`: who still uses a server, what each of them needs to move, and whether it may be switched off. */
import type { Decommission, MovingDevice } from '../../../checks/moves/decommission.ts';
import type { Chart, Document, Section, Table } from '../../../document/document.ts';
import type { Proof } from '../../../queries/usage/views/last-proof.ts';
import type { Rhythm } from '../../../queries/usage/views/rhythm.ts';
import type { Doubt } from '../../../queries/usage/views/server-use.ts';
import { coverageSections } from '../coverage-sections.ts';
import { holeSections } from '../headline.ts';
import { count, limited, ms, number, type PageOptions, stampOf, whoIs } from '../page.ts';
import { noiseSections } from '../traffic-sections.ts';
import { changeSections, elsewhereText, movesText } from './decommission-moves.ts';
import { amount, below, LISTED, minute, overSlices, owner, type PageColumn, pageTable, who, word } from './view-page.ts';

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
      ...changeSections(view, options),
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

function usingTable({ server, targets }: Decommission, shown: readonly MovingDevice[]): Table {
  return pageTable<MovingDevice>(
    shown,
    [
      ...who(22),
      word('Comes', (one) => RHYTHM[one.rhythm]),
      amount('Days', (one) => one.daysSeen),
      minute('Last proof', (one) => one.lastProof.at),
      below('What it did', (one) => proofText(one.lastProof)),
      owner(shown),
      below('To move', (one) => movesText(one, targets)),
      elsewhere(shown),
    ],
    { none: `No device uses ${server} any more.` },
  );
}

function silentTable({ targets }: Decommission, shown: readonly MovingDevice[], { time, whole }: PageOptions): Table {
  return pageTable<MovingDevice>(
    shown,
    [
      ...who(22),
      minute('Silent since', (one) => one.lastSeen),
      amount('Days', (one) => one.awayDays),
      word('Came', (one) => RHYTHM[one.rhythm]),
      ...(whole
        ? [
            amount<MovingDevice>('Days seen', (one) => one.daysSeen),
            minute<MovingDevice>('First seen', (one) => one.firstSeen),
            amount<MovingDevice>('Longest pause before (days)', (one) => one.longestPauseDays),
          ]
        : [below<MovingDevice>('Seen', (one) => seenText(one, time))]),
      below('What it did', (one) => proofText(one.lastProof)),
      owner(shown),
      below('To move', (one) => movesText(one, targets)),
      elsewhere(shown),
    ],
    { none: 'None.' },
  );
}

/** Only where one of them was seen at another server. */
const elsewhere = (devices: readonly MovingDevice[]): PageColumn<MovingDevice> | undefined =>
  devices.some((one) => one.elsewhere.length > 0) ? below('Seen elsewhere', elsewhereText) : undefined;

const seenText = ({ daysSeen, firstSeen, longestPauseDays }: MovingDevice, time: PageOptions['time']): string =>
  `on ${count(daysSeen, 'day')} since ${time(ms(firstSeen))}${longestPauseDays === null ? '' : `, away for ${count(longestPauseDays, 'day')} at most before`}`;

function seldomSections(all: readonly MovingDevice[], options: PageOptions): Section[] {
  const devices = all.filter(({ rhythm }) => SELDOM.includes(rhythm));
  const unclear = all.filter(({ rhythm }) => rhythm === 'unclear').length;
  if (devices.length + unclear === 0) return [];
  const page = (shown: readonly MovingDevice[]): Table =>
    pageTable<MovingDevice>(shown, [
      ...who(22),
      word('Comes', (one) => RHYTHM[one.rhythm]),
      amount('Days', (one) => one.daysSeen),
      amount('Usual pause (days)', (one) => one.usualPauseDays),
      { title: 'Last seen', kind: 'day', value: (one) => ms(one.lastSeen) },
      { ...word('Status', statusText), shrinks: true },
    ]);
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

const statusText = ({ status, awayDays }: MovingDevice): string =>
  status === 'silent' ? `silent for ${count(awayDays, 'day')}` : 'still counted as using it';

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
