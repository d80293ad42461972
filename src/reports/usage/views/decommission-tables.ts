/** The tables of `report --view decommission` as data. */
import type { Decommission } from '../../../checks/moves/decommission.ts';
import { coverageTable, list, type NamedTable, noiseTable, table } from '../usage-tables.ts';
import { DEVICE } from './view-page.ts';

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
