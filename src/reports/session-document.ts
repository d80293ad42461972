/** One session on a page: what became of it and why, its transactions, and the rows themselves. */
import type { Cell, CellKind, Document, Section } from '../document/document.ts';
import type { SessionDetail } from '../queries/session-detail.ts';
import { placeOfCommand } from '../smtp/replies/command-stage.ts';
import { findReply } from '../smtp/reply-catalogue.ts';

/** `zone` is named with the times. */
export function sessionDocument(session: SessionDetail, zone: string): Document {
  const figures: { label: string; value: Cell; cell: CellKind }[] = [];
  const say = (label: string, value: Cell, cell: CellKind = 'text'): void => {
    if (value !== null && value !== '') figures.push({ label, value, cell });
  };
  say('Outcome', `${session.outcome}: ${session.outcomeReason}`);
  if (session.lastError !== null && !session.outcomeReason.includes(session.lastError)) say('Last error', session.lastError);
  say('Connector', session.connector || '(none took it)');
  say('Server', [session.server || '(unknown)', session.service, session.direction].filter(Boolean).join(' · '));
  say('From', session.direction === 'receive' ? session.remoteEndpoint : session.localEndpoint || '(not connected)');
  say('To', session.direction === 'receive' ? session.localEndpoint : session.remoteEndpoint);
  say('Real clients', session.clientSources.join(', '));
  say('Began', Date.parse(session.startedAt), 'time');
  say('Zone', zone);
  say('Lasted', Date.parse(session.endedAt) - Date.parse(session.startedAt), 'duration');
  say('Hello', session.helo);
  say('TLS', session.tls === 'unknown(?)' ? 'negotiated, the row that says what is missing' : session.tls);
  say('Authentication', authentication(session));
  say(
    'Permissions',
    session.permissionsLogged
      ? session.permissions.join(' ') || 'None'
      : 'not logged (Exchange 2016 and later log them only after TLS or AUTH)',
  );
  say('Tarpits', session.tarpitMs > 0 ? session.tarpitMs : null, 'duration');
  say('Disconnect', session.disconnect);
  sayAttribution(session, say);
  for (const text of linkTexts(session)) say('Linked', text);
  for (const { kind, count } of session.anomalies)
    say('Anomaly', kind === 'cut-end' ? 'cut-end: no disconnect in the logs' : `${kind}: ${count} row(s)`);
  const sections: Section[] = [
    { kind: 'heading', text: `Session ${session.id}` },
    { kind: 'figures', figures },
  ];
  if (session.transactions.length > 0) sections.push(transactionTable(session));
  sections.push(...explanations(session));
  sections.push({ kind: 'heading', text: 'Rows' }, ...transcript(session));
  return { title: `Session ${session.id}`, sections };
}

/** What the refusals mean, each once; why they came about is asked of `diagnose`. */
function explanations({ id, direction, refusals }: SessionDetail): Section[] {
  const side = direction === 'receive' ? 'receive' : 'send';
  const meant = new Map(
    refusals.flatMap(({ text, command }) => {
      const found = findReply(text, { side, ...placeOfCommand(command) });
      return found ? [[text, found.entry.meaning] as const] : [];
    }),
  );
  if (meant.size === 0) return [];
  return [
    {
      kind: 'table',
      title: 'What the refusals mean',
      columns: [
        { title: 'Reply', kind: 'error', shrinks: true },
        { title: 'Meaning', kind: 'text', shrinks: true, below: true },
      ],
      rows: [...meant],
    },
    { kind: 'text', text: `Why it happened, and what mends it: "relaylens diagnose ${id}".` },
  ];
}

/** What the configuration says; nothing where none was imported. */
function sayAttribution({ attribution, relayRight, device }: SessionDetail, say: (label: string, value: Cell) => void): void {
  say('Device', device);
  if (attribution && attribution.verdict !== 'no-configuration') {
    const later = attribution.configurationIsLater ? ' (that configuration is later than the session)' : '';
    say('Configured', `${VERDICTS[attribution.verdict]}: ${attribution.reason}${later}`);
    for (const { connector, because } of attribution.missed) say('Not', `"${connector}": ${because}`);
  }
  if (relayRight && relayRight.knownBy !== 'nothing' && relayRight.knownBy !== 'log')
    say('May relay', `${relayRight.mayRelay}, ${KNOWN_BY[relayRight.knownBy]}`);
}

const VERDICTS = {
  'as-expected': 'as expected',
  'other-connector': 'another connector was to be expected',
  'unknown-connector': 'unknown connector',
  'no-configuration': 'no configuration',
  undetermined: 'cannot be told',
} as const satisfies Record<NonNullable<SessionDetail['attribution']>['verdict'], string>;

const KNOWN_BY = {
  'accepted-recipient': 'since a recipient outside the accepted domains got 250',
  'refused-recipient': 'since a recipient outside the accepted domains was refused',
  rights: 'by the rights of the connector',
  'permission-groups': 'by the permission groups of the connector',
} as const satisfies Partial<Record<NonNullable<SessionDetail['relayRight']>['knownBy'], string>>;

function authentication({ authMechanism, authUser, authResult }: SessionDetail): string | null {
  if (authResult === 'none' && authMechanism === null) return null;
  return [authMechanism, authResult === 'none' ? 'undecided' : authResult, authUser && `user ${authUser}`]
    .filter(Boolean)
    .join(', ');
}

/** What the other session is to this one; several kinds of link to the same session are one. */
function linkTexts({ links }: SessionDetail): string[] {
  const texts = links.map(({ kind, role, sessionId, ids }) => {
    const other = ids.length > 0 ? ids.join(', ') : `${sessionId}, whose log is not in the store`;
    const blind = kind === 'client-proxy' || kind === 'outbound-proxy' || kind === 'xproxyto';
    if (role === 'carries')
      return `${blind ? 'carries, row for row, the session' : 'hands on the mail of the front-end session'} ${other}`;
    return `${kind === 'xproxyfrom' || kind === 'xproxy' ? 'continued at the Hub by' : 'handed on by the send session'} ${other}`;
  });
  return [...new Set(texts)];
}

function transactionTable(session: SessionDetail): Section {
  return {
    kind: 'table',
    title: 'Transactions',
    columns: [
      { title: '#', kind: 'count' },
      { title: 'Sender', kind: 'text', shrinks: true },
      { title: 'Recipient', kind: 'text', shrinks: true },
      { title: 'Accepted', kind: 'text' },
      { title: 'State', kind: 'outcome' },
      { title: 'Bytes', kind: 'bytes' },
      { title: 'Reply', kind: 'text', shrinks: true, below: true },
    ],
    rows: session.transactions.flatMap((transaction, index): Cell[][] => {
      const sender = transaction.sender === null ? '(row missing)' : transaction.sender === '' ? '<>' : transaction.sender;
      const rest: Cell[] = [transaction.state, transaction.bytes, transaction.reply];
      if (transaction.recipients.length === 0) return [[index + 1, sender, '', '', ...rest]];
      return transaction.recipients.map((recipient, at): Cell[] => {
        const address = recipient.address || '(row missing)';
        const accepted = recipient.accepted ? 'yes' : 'no';
        return at === 0
          ? [index + 1, sender, address, accepted, ...rest]
          : [null, '', address, accepted, '', null, recipient.accepted ? null : recipient.reply];
      });
    }),
  };
}

/** The rows file by file: a session may run over several. */
function transcript(session: SessionDetail): Section[] {
  if (session.events.length === 0) return [{ kind: 'text', text: 'The rows are no longer in the store.' }];
  const sections: Section[] = [];
  let before: number | null = null;
  let file: string | undefined;
  let lines: Extract<Section, { kind: 'transcript' }>['lines'][number][] = [];
  for (const event of session.events) {
    if (event.file !== file) {
      file = event.file;
      lines = [];
      sections.push({ kind: 'text', text: file }, { kind: 'transcript', lines });
    }
    const at = Date.parse(event.at);
    lines.push({
      at,
      after: before === null ? null : at - before,
      event: event.event,
      data: event.data,
      context: event.context,
      line: event.line,
    });
    before = at;
  }
  return sections;
}
