/** Where the devices of a server would land, and what has to be changed there before they can. */
import type { Decommission, MovingDevice, ServerChange } from '../../../checks/moves/decommission.ts';
import type { Move } from '../../../checks/moves/move.ts';
import type { Section, Table } from '../../../document/document.ts';
import type { ViewDevice } from '../../../queries/usage/views/view-frame.ts';
import { count, limited, number, type PageOptions } from '../page.ts';
import { below, LISTED, pageTable, who, word } from './view-page.ts';

export const elsewhereText = ({ elsewhere }: MovingDevice): string =>
  elsewhere.length === 0
    ? ''
    : `also seen at ${elsewhere.map(({ server, lastSeen }) => `${server} (last ${lastSeen.slice(0, 10)})`).join(', ')}`;

export function movesText({ moves, entrance }: MovingDevice, targets: readonly string[]): string {
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
export function changeSections(
  { changes, devices, server, targets, configuredAsOf }: Decommission,
  options: PageOptions,
): Section[] {
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
      .map((move) => ({ ...one, move })),
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
    ...(open.length === 0 ? [] : limited(open, LISTED, options, openTable, 'device')),
  ];
}

const openTable = (shown: readonly (ViewDevice & { readonly move: Move })[]): Table =>
  pageTable<(typeof shown)[number]>(
    shown,
    [...who(22), word('Server', ({ move }) => move.server), below('Why', ({ move }) => move.because)],
    { title: 'To be decided, or not known' },
  );

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
