/** What differs between the receive connectors of two servers, connector by connector. */
import type {
  ConnectorDifference,
  Difference,
  DifferenceSeverity,
  Differing,
  ServerDifference,
} from '../connector/difference.ts';
import type { Document, Section, Table } from '../document/document.ts';

export function connectorDifferenceDocument(difference: ServerDifference): Document {
  const { a, b, connectors } = difference;
  const differing = connectors
    .filter(({ differences }) => differences.length > 0)
    .sort((one, other) => weight(one) - weight(other));
  const same = connectors.filter(({ differences }) => differences.length === 0);
  const notes = connectors.flatMap(({ connector, note }) => (note === null ? [] : [`${connector}: ${note}`]));
  return {
    title: `${a} and ${b}`,
    sections: [
      { kind: 'heading', text: `${a} and ${b}` },
      { kind: 'text', text: summary(difference, differing) },
      ...(differing.length === 0 ? [] : [overview(difference)]),
      ...differing.flatMap((connector) => connectorSections(connector, a, b)),
      ...(same.length === 0
        ? []
        : [{ kind: 'text', text: `Nothing differs: ${same.map(({ connector }) => connector).join(', ')}.` } as const]),
      ...(notes.length === 0 ? [] : [{ kind: 'text', text: notes.join('\n') } as const]),
    ],
  };
}

const SEVERITIES: readonly DifferenceSeverity[] = ['selection', 'permission', 'limit', 'other'];

/** What matters most to a client comes first. */
const weight = ({ differences }: ConnectorDifference): number =>
  Math.min(...differences.map(({ severity }) => SEVERITIES.indexOf(severity)));

function summary({ a, b, connectors }: ServerDifference, differing: readonly ConnectorDifference[]): string {
  if (connectors.length === 0) return 'Neither server has a receive connector.';
  if (differing.length === 0) return `The ${connectors.length} receive connectors of the two servers do the same.`;
  const matters = differing.filter(({ differences }) => differences.some(({ severity }) => severity !== 'other'));
  return matters.length === 0
    ? `${differing.length} of ${connectors.length} receive connectors differ, in nothing that a client would notice.`
    : `${matters.length} of ${connectors.length} receive connectors differ in what a client notices: behind a load balancer, the same device works when it reaches one server and fails when it reaches the other. What only ${a} or only ${b} has stands in its column.`;
}

function overview({ a, b, connectors }: ServerDifference): Table {
  const count = ({ differences }: ConnectorDifference, severity: DifferenceSeverity): number =>
    differences.filter((one) => one.severity === severity).length;
  return {
    kind: 'table',
    columns: [
      { title: 'Connector', kind: 'text', shrinks: true, cap: 30 },
      { title: a, kind: 'text' },
      { title: b, kind: 'text' },
      { title: 'Selection', kind: 'count' },
      { title: 'Permission', kind: 'count' },
      { title: 'Limit', kind: 'count' },
      { title: 'Other', kind: 'count' },
    ],
    rows: connectors.map((connector) => [
      connector.connector,
      connector.a === null ? 'missing' : 'there',
      connector.b === null ? 'missing' : 'there',
      count(connector, 'selection'),
      count(connector, 'permission'),
      count(connector, 'limit'),
      count(connector, 'other'),
    ]),
  };
}

function connectorSections({ connector, a: nameA, b: nameB, differences }: ConnectorDifference, a: string, b: string): Section[] {
  const missing = nameA === null ? `, not on ${a}` : nameB === null ? `, not on ${b}` : '';
  const compared = differences.filter((one) => one.a !== null && one.b !== null);
  return [
    { kind: 'heading', text: `${connector}${missing}` },
    ...(compared.length === 0
      ? []
      : ([
          { kind: 'figures', figures: compared.flatMap((one) => sides(one, a, b)) },
          { kind: 'figures', figures: meanings(compared) },
        ] as const)),
    ...notExported(differences, a, b),
  ];
}

/** One below the other, because lists of ranges are long. */
function sides(one: Difference, a: string, b: string): ReturnType<typeof figure>[] {
  return [figure(titleOf(one.what), `${a}: ${sideText(one.a)}`), figure('', `${b}: ${sideText(one.b)}`)];
}

const sideText = (side: readonly string[] | null): string => side?.map((text) => text || '(empty)').join(', ') || '-';

/** What one export does not hold cannot be compared. */
function notExported(differences: readonly Difference[], a: string, b: string): Section[] {
  const missing = (side: 'a' | 'b'): string =>
    differences
      .filter((one) => one[side] === null)
      .map(({ what }) => titleOf(what))
      .join(', ');
  const sides: [string, string][] = [
    [a, missing('a')],
    [b, missing('b')],
  ];
  return sides.flatMap(([server, names]): Section[] =>
    names === '' ? [] : [{ kind: 'text', text: `Not in the export of ${server}, so not compared: ${names}.` }],
  );
}

const figure = (label: string, value: string) => ({ label, value, cell: 'text' as const });

const TITLES: Readonly<Partial<Record<Differing, string>>> = {
  connector: 'The whole connector',
  bindings: 'Bindings',
  remoteIPRanges: 'RemoteIPRanges',
  relay: 'May relay',
  rights: 'Rights',
};

const titleOf = (what: Differing): string => TITLES[what] ?? what;

/** Each meaning once, with what it is the meaning of. */
function meanings(differences: readonly Difference[]): ReturnType<typeof figure>[] {
  const byMeaning = new Map<string, { severity: DifferenceSeverity; what: string[] }>();
  for (const { what, severity, because } of differences) {
    const known = byMeaning.get(because);
    if (known) known.what.push(titleOf(what));
    else byMeaning.set(because, { severity, what: [titleOf(what)] });
  }
  return [...byMeaning].map(([because, { severity, what }]) => figure(severity, `${what.join(', ')}: ${because}.`));
}

/** A row a difference, for CSV. */
export function connectorDifferenceTable({ a, b, connectors }: ServerDifference): Table {
  return {
    kind: 'table',
    columns: ['connector', 'difference', 'severity', a, b, 'because'].map((title) => ({ title, kind: 'text' })),
    rows: connectors.flatMap(({ connector, differences }) =>
      differences.map((one) => [
        connector,
        titleOf(one.what),
        one.severity,
        one.a?.join(' ') ?? null,
        one.b?.join(' ') ?? null,
        one.because,
      ]),
    ),
  };
}
