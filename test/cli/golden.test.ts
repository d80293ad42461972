/**
 * What an administrator sees, over the logs of the organisation, and that its figures are those of the stories. The
 * golden files are for reading: update them with
 *
 *   UPDATE_GOLDEN=1 npx vitest run test/cli/golden.test.ts
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import stringWidth from 'string-width';
import { describe, expect, it, test } from 'vitest';
import { databaseOf, LOGS, relaylens } from './console.ts';

const GOLDEN = fileURLToPath(new URL('golden/', import.meta.url));
const HOW_TO_UPDATE =
  'If the new text is right: UPDATE_GOLDEN=1 npx vitest run test/cli/golden.test.ts, then read the difference.';

const ask = databaseOf();
const BERLIN = ['--tz', 'Europe/Berlin'];

const REFUSED = '08DE19A1B2C3D408';
const PROXIED = '08DE19A1B2C3D404';
const THREE_MESSAGES = '08DE19A1B2C3D40A';
const HUB = '08DE19A1B2C3D403';

/** A pattern for the text also where it was broken into lines. */
const broken = (text: string): RegExp =>
  new RegExp([...text].map((one) => (one === ' ' ? '[ \\n]' : `${one.replace(/[$()*+.?[\\\]^{|}]/, '\\$&')}\\n?`)).join(''), 'g');

const FILES = readdirSync(LOGS, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name))
  .map((path) => ({ path: broken(path), name: `fixtures/logs/${relative(LOGS, path).split(sep).join('/')}` }));

/** Without what differs from machine to machine: where the logs are, where the database is. */
function stable(text: string, database: string): string {
  for (const { path, name } of FILES) text = text.replace(path, `${name}\n`);
  return text.replace(/(-1\.LOG\n)\n+/g, '$1\n').replace(broken(database), 'relaylens.db');
}

async function show(width: number, command: string, ...args: string[]): Promise<string> {
  const database = command === 'analyze' ? ask.path(`analyze-${width}.db`) : ask.database();
  const paths = command === 'analyze' ? [LOGS] : [];
  const { code, out, err } = await relaylens([command, ...args, ...paths, ...BERLIN, '--db', database], { width });
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return stable(out, database);
}

const PAGES: [name: string, width: number, command: string, ...args: string[]][] = [
  ['analyze-80', 80, 'analyze'],
  ['analyze-120', 120, 'analyze'],
  ['sessions-80', 80, 'sessions'],
  ['sessions-120', 120, 'sessions'],
  ['sources-80', 80, 'sources'],
  ['sources-120', 120, 'sources'],
  ['connectors-80', 80, 'connectors'],
  ['connectors-120', 120, 'connectors'],
  ['session-refused', 100, 'session', REFUSED],
  ['session-proxied', 100, 'session', PROXIED],
  ['session-three-messages', 100, 'session', THREE_MESSAGES],
  ['session-hub', 100, 'session', HUB],
  ['sessions-csv', 80, 'sessions', '--format', 'csv'],
  ['diagnose-100', 100, 'diagnose'],
  ['diagnose-works', 80, 'diagnose', 'MFP-01'],
  ['diagnose-name-unknown', 80, 'diagnose', 'MFP-77'],
];

describe('the golden pages', () => {
  it.each(PAGES)('%s', async (name, width, command, ...args) => {
    const text = await show(width, command, ...args);
    const path = `${GOLDEN}${name}.golden.txt`;
    if (process.env.UPDATE_GOLDEN) writeFileSync(path, text);
    expect(text, HOW_TO_UPDATE).toBe(existsSync(path) ? readFileSync(path, 'utf8') : '');
  });
});

describe('every page fits its screen', () => {
  const pages = [
    ['analyze'],
    ['sessions'],
    ['sources'],
    ['connectors'],
    ['session', REFUSED],
    ['session', PROXIED],
    ['session', THREE_MESSAGES],
    ['session', HUB],
  ];

  it.each([80, 120, 160].flatMap((width) => pages.map((page): [number, string] => [width, page.join(' ')])))(
    '%i columns: %s',
    async (width, page) => {
      const [command = '', ...args] = page.split(' ');
      const text = await show(width, command, ...args);
      // A path is one word, so that it can be copied.
      const lines = text.split('\n').filter((line) => !line.startsWith('fixtures/logs/'));
      expect(lines.filter((line) => stringWidth(line) > width)).toEqual([]);
    },
  );

  test('no line ends in blanks', async () => {
    expect((await show(100, 'session', REFUSED)).split('\n').filter((line) => /\s$/.test(line))).toEqual([]);
  });
});

describe('what one needs is not cut off', () => {
  const SERVED = [
    '10.0.20.12',
    '10.0.30.8',
    '10.0.20.13',
    '10.0.20.40',
    '10.0.40.9',
    '10.0.60.3',
    '10.0.70.2',
    '192.168.77.20',
    'fd00:20::31',
  ];
  const ERRORS = ['550 5.7.54', '552 5.3.4', 'AlgorithmMismatch', '535 5.7.3', '501 5.5.4', '504 5.7.4', '421 4.3.2'];

  it.each([80, 120])('%i columns: analyze names every failing source and its error', async (width) => {
    const failing = (await show(width, 'analyze')).split('Failing sources')[1]?.split('Sources without')[0] ?? '';
    for (const source of SERVED) expect(failing).toContain(source);
    for (const error of ERRORS) expect(failing).toContain(error);
  });

  it.each([80, 120])('%i columns: sessions shows ids that session takes', async (width) => {
    const ids = (await show(width, 'sessions')).match(/^[0-9A-F]{16}-\w+/gm) ?? [];
    expect(ids).toHaveLength(33);
    for (const id of ids.slice(0, 5)) expect((await ask('session', id)).code).toBe(0);
  });

  it.each([80, 120])('%i columns: sessions shows every source and the code of every refusal', async (width) => {
    const text = await show(width, 'sessions');
    for (const source of SERVED) expect(text).toContain(source);
    for (const error of ['550 5.7.54', '552 5.3.4', '535 5.7.3', '501 5.5.4', '504 5.7.4', '421 4.3.2'])
      expect(text).toContain(error);
  });

  it.each([80, 120])('%i columns: connectors are told apart', async (width) => {
    const text = await show(width, 'connectors');
    for (const name of [
      'Anon Relay EX01',
      'Anon Relay EX02',
      'Default EX01',
      'Default Frontend EX01',
      'Default Frontend EX02',
      'Client Frontend EX01',
      'Client Proxy EX01',
      'Internet',
    ])
      expect(text).toContain(name);
  });

  it.each(['analyze', 'sessions', 'connectors', `session ${REFUSED}`])('%s shows times and names their zone', async (page) => {
    const [command = '', ...args] = page.split(' ');
    expect(await show(120, command, ...args)).toContain('Europe/Berlin');
  });

  it('shows the whole of every row of a session', async () => {
    const { events } = (await ask.json('session', THREE_MESSAGES)) as { events: { data: string; context: string }[] };
    const text = (await show(100, 'session', THREE_MESSAGES)).replace(/\s+/g, ' ');
    for (const { data, context } of events)
      for (const part of [data, context]) expect(text).toContain(part.replace(/\s+/g, ' ').trim());
  });

  it('shows the reply to a refused recipient, whole', async () => {
    const text = (await show(80, 'session', REFUSED)).replace(/\s+/g, ' ');
    expect(text).toContain('partner@fabrikam.example');
    expect(text).toContain('550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain');
  });

  it('shows the recipients of each message whole at 100 columns', async () => {
    const table = (await show(100, 'session', THREE_MESSAGES)).split('Rows')[0] ?? '';
    for (const address of [
      'kunde@adatum.example',
      'archiv@contoso.example',
      'buchhaltung@fabrikam.example',
      'nobody@wingtip.example',
    ])
      expect(table).toContain(address);
  });
});

/**
 * Derived by hand from fixtures/organisation.ts. The first mail of MFP-01 stands in three logs and counts once, for it;
 * the mail of the CRM stands in the Hub's log alone and counts for the CRM; the front end (10.0.0.5) has none of its own.
 */
const SOURCES: Record<
  string,
  {
    sessions: number;
    messages: [accepted: number, refused: number];
    recipients: [accepted: number, refused: number];
    bytes: number;
    outcomes: object;
    more?: object;
  }
> = {
  '10.0.20.11': {
    sessions: 4,
    messages: [4, 0],
    recipients: [4, 0],
    bytes: 3 * 184_320 + 90_112,
    outcomes: { accepted: 4 },
    more: { helo: ['MFP-01'], servers: ['EX01', 'EX02'], tls: { none: 4 }, lastError: null },
  },
  '10.0.20.12': {
    sessions: 3,
    messages: [0, 3],
    recipients: [0, 3],
    bytes: 0,
    outcomes: { refused: 3 },
    more: { lastError: '550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain' },
  },
  '10.0.20.13': {
    sessions: 1,
    messages: [0, 1],
    recipients: [0, 0],
    bytes: 0,
    outcomes: { refused: 1 },
    more: { lastError: '552 5.3.4 Message size exceeds fixed maximum message size' },
  },
  '10.0.20.14': { sessions: 1, messages: [0, 0], recipients: [0, 0], bytes: 0, outcomes: { open: 1 } },
  '10.0.20.40': {
    sessions: 1,
    messages: [0, 0],
    recipients: [0, 0],
    bytes: 0,
    outcomes: { 'tls-failed': 1 },
    more: { tls: { none: 1 }, lastError: 'TLS negotiation failed with error AlgorithmMismatch' },
  },
  '10.0.30.5': {
    sessions: 2,
    messages: [6, 0],
    recipients: [8, 0],
    bytes: 2 * (52_411 + 48_002 + 47_990),
    outcomes: { accepted: 2 },
    more: { tls: { 'TLS1.2': 2 }, authenticated: 'no' },
  },
  '10.0.30.6': { sessions: 1, messages: [2, 0], recipients: [2, 0], bytes: 5_120 + 6_144, outcomes: { accepted: 1 } },
  '10.0.30.8': { sessions: 1, messages: [1, 0], recipients: [2, 1], bytes: 20_480, outcomes: { partial: 1 } },
  '10.0.40.9': {
    sessions: 1,
    messages: [0, 0],
    recipients: [0, 0],
    bytes: 0,
    outcomes: { 'auth-failed': 1 },
    more: { tls: { 'TLS1.2': 1 }, authenticated: 'no', lastError: '535 5.7.3 Authentication unsuccessful' },
  },
  '10.0.50.21': {
    sessions: 1,
    messages: [1, 0],
    recipients: [1, 0],
    bytes: 9_120,
    outcomes: { proxied: 1 },
    more: { tls: { 'TLS1.3': 1 }, authenticated: 'yes' },
  },
  '10.0.60.3': {
    sessions: 1,
    messages: [0, 0],
    recipients: [0, 0],
    bytes: 0,
    outcomes: { refused: 1 },
    more: { helo: ['UPS room 2'], lastError: '501 5.5.4 Invalid domain name' },
  },
  '10.0.70.2': {
    sessions: 1,
    messages: [0, 0],
    recipients: [0, 0],
    bytes: 0,
    outcomes: { 'auth-failed': 1 },
    more: { servers: ['EX02'], lastError: '504 5.7.4 Unrecognized authentication type' },
  },
  '10.0.0.250': { sessions: 4, messages: [0, 0], recipients: [0, 0], bytes: 0, outcomes: { probe: 4 }, more: { helo: [] } },
  '127.0.0.1': { sessions: 4, messages: [0, 0], recipients: [0, 0], bytes: 0, outcomes: { probe: 4 } },
  '192.168.77.20': {
    sessions: 1,
    messages: [0, 0],
    recipients: [0, 0],
    bytes: 0,
    outcomes: { 'turned-away': 1 },
    more: { connectors: [], lastError: '421 4.3.2 Service not available' },
  },
  'fd00:20::31': {
    sessions: 1,
    messages: [0, 1],
    recipients: [0, 1],
    bytes: 0,
    outcomes: { refused: 1 },
    more: { connectors: ['EX01\\Default Frontend EX01'] },
  },
  '10.0.0.5': { sessions: 2, messages: [0, 0], recipients: [0, 0], bytes: 0, outcomes: { accepted: 2 } },
};

describe('the figures are those of the stories', () => {
  it.each(Object.entries(SOURCES))('%s', async (address, { sessions, messages, recipients, bytes, outcomes, more }) => {
    const { sources } = await ask.json('sources');
    expect(sources.find(({ source }: { source: string }) => source === address)).toMatchObject({
      sessions,
      messagesAccepted: messages[0],
      messagesRefused: messages[1],
      recipientsAccepted: recipients[0],
      recipientsRefused: recipients[1],
      bytesAccepted: bytes,
      outcomes,
      ...more,
    });
  });

  test('there is no other source', async () => {
    const { sources } = await ask.json('sources');
    expect(sources.map(({ source }: { source: string }) => source).sort()).toEqual(Object.keys(SOURCES).sort());
  });

  // connector: sessions, peers, accepted, refused, failing
  test.each([
    ['EX01\\Anon Relay EX01', 10, 7, 11, 1, 3],
    ['EX01\\Default Frontend EX01', 12, 5, 1, 3, 4],
    ['EX01\\Client Frontend EX01', 2, 2, 0, 0, 1],
    ['EX02\\Anon Relay EX02', 1, 1, 1, 0, 0],
    ['EX02\\Default Frontend EX02', 2, 2, 0, 1, 2],
    ['Internet', 2, 2, 1, 0, 1],
    ['', 1, 1, 0, 0, 1],
  ])('connector %j', async (connector, sessions, peers, messagesAccepted, messagesRefused, failedSessions) => {
    const { connectors } = await ask.json('connectors');
    expect(connectors.find((one: { connector: string }) => one.connector === connector)).toMatchObject({
      sessions,
      peers,
      messagesAccepted,
      messagesRefused,
      failedSessions,
    });
  });

  test('analyze says the same as sources, and the totals are those of the logs', async () => {
    const database = ask.path('figures.db');
    const { out } = await relaylens(['analyze', LOGS, '--db', database, '--format', 'json']);
    const { sources } = await ask.json('sources');
    expect(JSON.parse(out)).toMatchObject({ sources, totals: { files: 6, sessions: 33, rows: 504 } });
  });

  test('messages by hour add up to what the devices handed over', async () => {
    const { rows } = await ask.json(
      'sql',
      "SELECT SUM(messages_accepted) AS accepted, SUM(messages_refused) AS refused FROM hourly_messages WHERE direction = 'receive'",
    );
    const messages = Object.values(SOURCES).map((one) => one.messages);
    expect(rows).toEqual([
      { accepted: messages.reduce((n, [one]) => n + one, 0), refused: messages.reduce((n, [, one]) => n + one, 0) },
    ]);
  });

  test('sources of some hours count only those hours', async () => {
    const { sources } = await ask.json('sources', '--since', '2026-11-02T09:00:00Z', '--server', 'EX01');
    const seen = Object.fromEntries(
      sources.map((one: { source: string; messagesAccepted: number; messagesRefused: number }) => [
        one.source,
        [one.messagesAccepted, one.messagesRefused],
      ]),
    );
    expect(seen).toMatchObject({ '10.0.20.11': [1, 0], '10.0.20.12': [0, 1], '10.0.30.5': [3, 0], '127.0.0.1': [0, 0] });
    expect(seen).not.toHaveProperty('10.0.70.2');
  });
});
