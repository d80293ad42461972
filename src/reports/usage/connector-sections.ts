/** What went through each receive connector. */
import type { Section, Table } from '../../document/document.ts';
import type { ConnectorUsage, UsageReport } from '../../queries/usage/usage-report.ts';
import { connectorName, curve, isComparable, limited, type PageOptions, share, trend } from './page.ts';

const LISTED = 30;

export function connectorSections(report: UsageReport, options: PageOptions): Section[] {
  const { connectors, slices } = report;
  const compared = isComparable(report);
  const curveOf = ({ server, connector }: ConnectorUsage): string =>
    curve(
      slices.map(
        (slice) => slice.connectors.find((one) => one.server === server && one.connector === connector)?.messagesAccepted ?? 0,
      ),
    );
  const external = connectors.some(({ recipientsExternal }) => recipientsExternal !== null);
  const table = (shown: readonly ConnectorUsage[]): Table => ({
    kind: 'table',
    columns: [
      { title: 'Connector', kind: 'text', shrinks: true, cap: 30 },
      { title: 'Devices', kind: 'count' },
      { title: 'Msgs', kind: 'count' },
      { title: 'Refused', kind: 'count' },
      { title: 'Rcpts', kind: 'count', optional: true },
      ...(external ? [{ title: 'Outside', kind: 'share' as const, optional: true }] : []),
      { title: 'Bytes', kind: 'bytes' },
      ...(compared ? [{ title: 'Trend', kind: 'change' as const }] : []),
      { title: 'Course', kind: 'curve', optional: true },
    ],
    rows: shown.map((one) => [
      connectorName(one),
      one.devices,
      one.messagesAccepted,
      one.messagesRefused,
      one.recipientsAccepted,
      ...(external ? [share(one.recipientsExternal ?? 0, one.recipientsAccepted)] : []),
      one.bytesAccepted,
      ...(compared ? [trend(one.messagesAccepted, one.messagesBefore)] : []),
      curveOf(one),
    ]),
    none: 'No connector was used.',
  });
  return [{ kind: 'heading', text: 'Connectors' }, ...limited(connectors, LISTED, options, table, 'connector')];
}
