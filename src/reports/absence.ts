/** A client that no row names: what that does and does not say. */
import type { Cell, Section } from '../document/document.ts';
import type { Absence, Landing } from '../queries/cases/absence.ts';

/** `who`: as asked for. */
export function absenceSections(who: string, absence: Absence, time: (at: number) => string): Section[] {
  const { coverage, others, neighbours, landings, unlogged, similarNames, elsewhere, addresses } = absence;
  const sections: Section[] = [
    { kind: 'heading', text: `${who}: NO ROW in the logs read` },
    {
      kind: 'text',
      text:
        elsewhere !== null
          ? `It has ${count(elsewhere.sessions, 'session')} from ${time(elsewhere.firstSeen)} to ${time(elsewhere.lastSeen)}, but none that the options --since, --until, --server and --connector let through.`
          : addresses.length > 0
            ? 'No session comes from this address. That does not prove that the device did not try: see what the logs cover, and what that leaves.'
            : 'No device of the device list, no hello name, no mail address and no session is called so.',
    },
  ];
  if (similarNames.length > 0) sections.push({ kind: 'text', text: `Names that are like it: ${similarNames.join(', ')}.` });
  if (elsewhere !== null || addresses.length === 0) return sections;
  sections.push({
    kind: 'table',
    title: 'What the logs cover',
    columns: [
      { title: 'Server', kind: 'text' },
      { title: 'Service', kind: 'text' },
      { title: 'From', kind: 'minute' },
      { title: 'To', kind: 'minute' },
      { title: 'Silent', kind: 'text' },
      { title: 'Sessions', kind: 'count' },
    ],
    rows: coverage.map((entry): Cell[] => [
      entry.server || '(unknown)',
      entry.service || '(unknown)',
      entry.first,
      entry.last,
      `${entry.silentHours} of ${entry.hours} h`,
      entry.sessions,
    ]),
    none: 'No receive log was read.',
  });
  if (coverage.length > 0)
    sections.push({
      kind: 'text',
      text: `Meanwhile ${count(others.clients, 'other client')} came, with ${count(others.sessions, 'session')}${
        neighbours.length > 0
          ? `; of the same subnet ${neighbours.map(({ source, helo, lastSeen }) => `${source}${helo ? ` (${helo})` : ''}, last ${time(lastSeen)}`).join('; ')}`
          : ', none of them from the same subnet'
      }.`,
    });
  if (landings.length > 0) sections.push(landingTable(landings));
  sections.push(
    { kind: 'heading', text: 'What that leaves' },
    {
      kind: 'text',
      text: leaves(absence)
        .map((one) => `- ${one}`)
        .join('\n'),
    },
  );
  if (unlogged.length > 0)
    sections.push({
      kind: 'text',
      text: `Connectors without protocol logging, whose sessions leave no rows: ${unlogged.join(', ')}.`,
    });
  return sections;
}

const count = (n: number, noun: string): string => `${n.toLocaleString('en-US')} ${noun}${n === 1 ? '' : 's'}`;

function landingTable(landings: readonly Landing[]): Section {
  return {
    kind: 'table',
    title: 'Where it would land, by the configuration',
    columns: [
      { title: 'Server', kind: 'text' },
      { title: 'Port', kind: 'count' },
      { title: 'Connector', kind: 'text', shrinks: true },
      { title: 'Relay', kind: 'text' },
      { title: 'Logged', kind: 'text' },
    ],
    rows: landings.map(({ server, port, connector, mayRelay, logged }): Cell[] => [
      server,
      port,
      connector ?? '(none: the server answers 421)',
      mayRelay ?? '',
      logged === null ? 'not exported' : logged ? 'yes' : 'NO',
    ]),
  };
}

/** Services that get what a front end hands to them. */
const BEHIND: readonly string[] = ['Hub', 'Mailbox'];

/** The likelier first: what the logs and the configuration make more or less probable. */
function leaves({ landings, neighbours, coverage, addresses, others }: Absence): string[] {
  const hidden = landings.filter(({ logged }) => logged === false);
  const silent = coverage.filter(({ silentHours }) => silentHours > 0);
  const doors = coverage.filter(({ service }) => !BEHIND.includes(service));
  const doorless = [...new Set(coverage.map(({ server }) => server))].filter(
    (server) => !doors.some((one) => one.server === server),
  );
  const ipv4 = addresses.some((address) => !address.includes(':'));
  return [
    ...(coverage.length === 0
      ? [
          'Everything: no receive log was read, and only those name clients. Read FrontEnd\\ProtocolLog\\SmtpReceive of each server.',
        ]
      : []),
    ...(doorless.length > 0
      ? [
          `${doorless.map((server) => server || 'A server without a name').join(', ')}: the log of the front end was not read, and only there does a client stand that was refused. Read FrontEnd\\ProtocolLog\\SmtpReceive too.`,
        ]
      : []),
    ...hidden
      .slice(0, 4)
      .map(
        ({ connector, server, port }) =>
          `It reached ${server} on port ${port} and landed on "${connector ?? ''}", whose protocol logging is off: switch it on (Set-ReceiveConnector … -ProtocolLoggingLevel Verbose) and try again.`,
      ),
    neighbours.length > 0
      ? 'The way from its subnet is open (others of it came), so look at the device first: the server name or address it is set to, its port, its own firewall, gateway and DNS.'
      : `A firewall between its subnet and the servers, or a wrong server name, address, port, gateway or DNS server in the device${doors.length > 0 ? ': nobody of the same subnet came either' : ''}.`,
    'Another server: one whose logs were not read, or that stands behind the same name (load balancer).',
    'Another address: address translation or a load balancer on the way shows its own address in the logs; "relaylens sources" lists addresses with many hello names.',
    ...(ipv4 ? ['IPv6: the same device may have come under an IPv6 address; ask for its hello name instead.'] : []),
    silent.length > 0
      ? `Another time: ${silent.map(({ server, service, silentHours }) => `${server || 'an unknown server'} ${service} has ${count(silentHours, 'hour')} without any session`).join(', ')}.`
      : 'Another time than the logs cover.',
    ...(others.sessions > 0 ? ['"relaylens probe <server>" from a machine in its subnet shows whether the way is open.'] : []),
  ];
}
