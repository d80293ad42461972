/** Who takes a client, server by server, and why no other connector does. */
import { partsOf } from '../connector/connector.ts';
import type { Relay } from '../connector/effective-rights.ts';
import type { Document, Section } from '../document/document.ts';
import type { ServerMatch } from '../queries/connector-match.ts';

/** `client`: as the user named it. */
export function matchDocument(client: string, matches: readonly ServerMatch[]): Document {
  return { title: `Who takes ${client}`, sections: matches.flatMap((match) => serverSections(match)) };
}

function serverSections(match: ServerMatch): Section[] {
  const { server, asOf, to, connector, reason, mayRelay, elsewhere } = match;
  const candidates = match.candidates.filter(({ obstacle }) => obstacle !== 'port');
  const onOtherPorts = match.candidates.filter(({ obstacle }) => obstacle === 'port');
  return [
    {
      kind: 'heading',
      text: `${server}, ${to}: ${connector === null ? 'no connector' : partsOf(connector).name}`,
    },
    { kind: 'text', text: sentence(reason) + (mayRelay === null ? '' : ` ${relayInWords(mayRelay)}`) },
    ...elsewhere.map((other): Section => ({ kind: 'text', text: `To ${other.to} it is another one: ${other.reason}.` })),
    {
      kind: 'table',
      columns: [
        { title: 'Connector', kind: 'text' },
        { title: 'Binding', kind: 'text' },
        { title: 'Nearest range', kind: 'text', shrinks: true, cap: 35 },
        { title: 'Relay', kind: 'text' },
        { title: 'Because', kind: 'text', below: 'always' },
      ],
      rows: candidates.map((candidate) => [
        `${candidate.wins ? '→ ' : '  '}${partsOf(candidate.connector).name}`,
        candidate.binding,
        candidate.range,
        candidate.mayRelay,
        candidate.because,
      ]),
      none: 'The configuration of this server has no connector there.',
    },
    ...(onOtherPorts.length > 0
      ? [
          {
            kind: 'text',
            text: `On other ports: ${onOtherPorts.map((one) => partsOf(one.connector).name).join(', ')}.`,
          } as const,
        ]
      : []),
    { kind: 'figures', figures: [{ label: 'Configuration of', value: Date.parse(asOf), cell: 'minute' }] },
  ];
}

function relayInWords(relay: Relay): string {
  switch (relay) {
    case 'yes':
      return 'A client there may relay to any domain without authentication.';
    case 'no':
      return 'A client there may not relay: without authentication it reaches accepted domains at most.';
    case 'likely':
      return 'A client there can probably relay without authentication: the permission groups hold Custom, but the rights were not imported.';
    case 'unknown':
      return 'Whether a client there may relay cannot be told: import the rights of the connector (Get-ADPermission).';
  }
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
