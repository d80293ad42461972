import { describe, expect, it } from 'vitest';
import { story } from '../../fixtures/story.ts';
import { LogReader } from '../../src/protocol-log/log-reader.ts';
import { formatHeader, formatRow, type LogRow } from '../../src/protocol-log/writer.ts';
import { logText } from '../harness.ts';

interface Seen {
  sequence: number;
  event: string;
  connector: string;
  sessionId: string;
  local: string;
  remote: string;
  data: string;
  context: string;
  position: number;
  line: number;
}

/** What a sink is told of a log. */
function readLog(log: string | Buffer) {
  const rows: Seen[] = [];
  const damages: { kind: string; line: number; position: number; text: string }[] = [];
  const headers: string[] = [];
  new LogReader({
    row: (view, position, line) =>
      rows.push({
        sequence: view.sequence,
        event: String.fromCharCode(view.event),
        connector: view.connector,
        sessionId: view.sessionId,
        local: view.localEndpoint,
        remote: view.remoteEndpoint,
        data: view.data,
        context: view.context,
        position,
        line,
      }),
    damage: (kind, position, line, text) => damages.push({ kind, line, position, text }),
    header: (name) => headers.push(name),
  }).read(Buffer.from(log as string), 0);
  return { rows, damages, headers, kinds: damages.map((damage) => damage.kind) };
}

const HEADER = formatHeader({ direction: 'receive', at: Date.UTC(2026, 10, 2, 9) });
const HEADER_NAMES = ['Software', 'Version', 'Log-type', 'Date', 'Fields'];
const CONVERSATION = story(
  {},
  '+\n> {banner}\n< EHLO mfp-02\n> {hello SIZE 37748736, CHUNKING}\n< QUIT\n> 221 2.0.0 Bye\n- | Local',
);
const LOG = logText(CONVERSATION);
const [CONNECT, BANNER, EHLO] = CONVERSATION.map(formatRow) as [string, string, string];
const one = (change: Partial<LogRow>): LogRow => ({ ...CONVERSATION[2]!, ...change });
const line = (change: Partial<LogRow>): string => formatRow(one(change));
const TLS =
  'TLS protocol SP_PROT_TLS1_2_SERVER negotiation succeeded using bulk encryption algorithm CALG_AES_256 with strength 256 bits, MAC hash algorithm CALG_SHA_384 with strength 0 bits and key exchange algorithm CALG_ECDHE with strength 256 bits';

describe('a log as the product writes it', () => {
  it('gives every row in the order of the file, and no damage', () => {
    const { rows, damages, headers } = readLog(LOG);
    expect(rows.map((row) => row.sequence)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(rows.map((row) => row.event).join('')).toBe('+><><>-');
    expect(headers).toEqual(HEADER_NAMES);
    expect(damages).toEqual([]);
  });

  it('gives the offset in bytes and the line of every row', () => {
    const log = Buffer.from(HEADER + line({ data: 'EHLO größe' }) + EHLO);
    const { rows } = readLog(log);
    expect(rows.map((row) => row.line)).toEqual([6, 7]);
    for (const row of rows) expect(log.subarray(row.position).toString()).toMatch(/^2026-11-02T08/);
    expect(rows[1]!.position).toBe(log.length - Buffer.byteLength(EHLO));
  });

  it('is the same in two blocks as in one', () => {
    const bytes = Buffer.from(LOG);
    const cut = bytes.indexOf('\r\n', 500) + 2;
    const seen: (readonly [number, number])[] = [];
    const reader = new LogReader({ row: (_, position, at) => seen.push([position, at]), damage: () => expect.unreachable() });
    reader.read(bytes.subarray(0, cut), 0);
    reader.read(bytes.subarray(cut), cut);
    expect(seen).toEqual(readLog(LOG).rows.map((row) => [row.position, row.line]));
  });

  it('may end without a line end', () => {
    expect(readLog(LOG.trimEnd()).rows).toHaveLength(7);
    expect(readLog(LOG.trimEnd()).damages).toEqual([]);
  });

  it('may be empty, or a byte order mark, or a header and nothing else', () => {
    for (const log of ['', '\uFEFF', HEADER]) expect(readLog(log).rows, JSON.stringify(log)).toEqual([]);
    for (const log of ['', HEADER]) expect(readLog(log).damages).toEqual([]);
  });
});

describe('a header', () => {
  it('may be missing', () => {
    expect(readLog(LOG.slice(LOG.indexOf('2026-11-02T08'))).rows).toHaveLength(7);
  });

  it('may come again in the middle, with or without its byte order mark', () => {
    for (const again of [HEADER, HEADER.slice(1)]) {
      const { rows, damages, headers } = readLog(HEADER + CONNECT + again + BANNER);
      expect(rows.map((row) => row.sequence)).toEqual([0, 1]);
      expect(headers).toEqual([...HEADER_NAMES, ...HEADER_NAMES]);
      expect(damages).toEqual([]);
    }
  });

  it('may have lost its # on a web page', () => {
    const { rows, damages, headers } = readLog(LOG.replaceAll('#', '').slice(1));
    expect(headers).toEqual(HEADER_NAMES);
    expect(rows).toHaveLength(7);
    expect(damages).toEqual([]);
  });

  it('says in which order the fields stand, until the next one says otherwise', () => {
    const reordered =
      '#Fields: connector-id,event,data,context,session-id,sequence-number,local-endpoint,remote-endpoint,date-time\r\n' +
      'EX01\\D,<,"NOOP ""a"", b",,08DE19A1B2C3D401,41,10.0.0.5:25,10.0.20.12:50111,2026-11-02T08:02:00.000Z\r\n' +
      ',>,421 4.3.2 Service not available,,08DE19A1B2C3D402,1,10.0.0.5:25,10.0.20.12:50111,2026-11-02T08:02:00.000Z\r\n';
    const { rows, damages } = readLog(reordered + HEADER + CONNECT);
    expect(rows).toMatchObject([
      { connector: 'EX01\\D', sequence: 41, event: '<', data: 'NOOP "a", b', sessionId: '08DE19A1B2C3D401' },
      { connector: '', sequence: 1, event: '>', data: '421 4.3.2 Service not available' },
      { sequence: 0, event: '+' },
    ]);
    expect(damages).toEqual([]);
  });
});

describe('the line ends', () => {
  it('may be LF only, as git makes them', () => {
    expect(readLog(LOG.replaceAll('\r\n', '\n'))).toMatchObject({ damages: [], rows: { length: 7 } });
  });

  it('may stand twice, with blank lines between the rows, which still count as lines', () => {
    const { rows, damages } = readLog(`${CONNECT}\r\n  \r\n\t\r\n${BANNER}`);
    expect(rows.map((row) => row.line)).toEqual([1, 5]);
    expect(damages).toEqual([]);
  });

  it('may have a CR before them that is part of a field', () => {
    const raw = CONNECT.replace('+,,\r\n', '<,NO\rOP,x\r\n');
    expect(readLog(raw).rows).toMatchObject([{ data: 'NO\rOP', context: 'x' }]);
  });
});

describe('a connector', () => {
  it.each([
    ['a comma', 'EX01\\Scanner, floor 2'],
    ['a quote', 'EX01\\Relay "old"'],
    ['a space at its end', 'EX01\\Default '],
    ['letters of another script', 'EX01\\Внутренний соединитель'],
    ['Chinese letters', '组织内 SMTP 发送连接器'],
    ['a backslash and an n', 'SRV\\new connector'],
    ['all of it', 'EX01\\"Größe", Relay\\new '],
  ])('keeps %s', (_, connector) => {
    const { rows, damages } = readLog(line({ connector }));
    expect(rows).toMatchObject([{ connector, data: 'EHLO mfp-02' }]);
    expect(damages).toEqual([]);
  });

  it('may be empty', () => {
    expect(readLog(line({ connector: '' })).rows).toMatchObject([{ connector: '' }]);
  });
});

describe('an endpoint', () => {
  it('is kept as it stands: IPv6, scoped, empty, masked', () => {
    for (const [localEndpoint, remoteEndpoint] of [
      ['[::1]:25', '[2001:db8::7]:50111'],
      ['[fe80::dc3a:1%12]:25', '[fe80::1%3]:4711'],
      ['', '203.0.113.9:25'],
      ['x.x.x.x:25', '10.**.**.31'],
    ] as const)
      expect(readLog(line({ localEndpoint, remoteEndpoint })).rows).toMatchObject([
        { local: localEndpoint, remote: remoteEndpoint },
      ]);
  });
});

describe('the data of a row', () => {
  it('may have 40 KB', () => {
    const data = `EHLO ${'größe, '.repeat(6000)}`;
    const { rows, damages } = readLog(line({ data }) + CONNECT);
    expect(rows).toHaveLength(2);
    expect(rows[0]!.data).toBe(data);
    expect(damages).toEqual([]);
  });

  it('may be any binary: a TLS hello on a plain port', () => {
    const [head, tail] = line({ data: 'HERE' })
      .split('HERE')
      .map((part) => Buffer.from(part)) as [Buffer, Buffer];
    const binary = Buffer.from([0x16, 0x03, 0x01, 0x00, 0xff, 0xfe, 0x80, 0x1b, 0x7f, 0x01]);
    const { rows, damages } = readLog(Buffer.concat([head, binary, tail]));
    expect(rows).toMatchObject([{ data: binary.toString('latin1') }]);
    expect(damages).toEqual([]);
  });

  it('is UTF-8, or else Latin-1, field by field', () => {
    const [head, tail] = line({ data: 'HERE', connector: 'EX01\\Größe' })
      .split('HERE')
      .map((part) => Buffer.from(part)) as [Buffer, Buffer];
    const { rows } = readLog(Buffer.concat([head, Buffer.from('EHLO b\xfcro', 'latin1'), tail]));
    expect(rows).toMatchObject([{ data: 'EHLO büro', connector: 'EX01\\Größe' }]);
  });

  it('keeps the two characters of a line break, and a user whose name begins with n', () => {
    expect(readLog(line({ data: 'a\r\nb' })).rows).toMatchObject([{ data: 'a\\r\\nb' }]);
    expect(readLog(line({ event: '*', data: 'CONTOSO\\nancy', context: 'authenticated' })).rows).toMatchObject([
      { data: 'CONTOSO\\nancy' },
    ]);
  });
});

describe('a row cut by a crash, with the next one behind it on one line', () => {
  const NEXT = line({ sequence: 0, event: '+', data: '', sessionId: '08DE19A1B2C3D4FF' });

  it('gives the next one, and is counted, wherever it was cut', () => {
    const cut = line({ sequence: 5, data: 'MAIL FROM:<a@b>', connector: 'EX01\\Relay, "2"' }).trimEnd();
    for (let length = 1; length < cut.length; length++) {
      const { rows, kinds } = readLog(CONNECT + cut.slice(0, length) + NEXT + BANNER);
      expect(kinds, cut.slice(0, length)).toEqual(['merged']);
      expect(
        rows.map((row) => [row.sequence, row.sessionId]),
        cut.slice(0, length),
      ).toEqual([
        [0, '08DE19A1B2C3D401'],
        [0, '08DE19A1B2C3D4FF'],
        [1, '08DE19A1B2C3D401'],
      ]);
    }
  });

  it('gives the next one even when the quotes of both together look like one field', () => {
    const quoted = line({ sequence: 0, event: '>', data: '220 a, b', sessionId: '08DE19A1B2C3D4FF' });
    const { rows, kinds } = readLog(`${BANNER.slice(0, BANNER.indexOf(' Microsoft'))}${quoted}`);
    expect(kinds).toEqual(['merged']);
    expect(rows).toMatchObject([{ sessionId: '08DE19A1B2C3D4FF', sequence: 0, data: '220 a, b' }]);
  });

  it('says of which line it was, with text to recognise it by', () => {
    const { damages } = readLog(`${CONNECT}${EHLO.slice(0, 60)}${NEXT}`);
    expect(damages).toMatchObject([{ kind: 'merged', line: 2, position: Buffer.byteLength(CONNECT) }]);
    expect(damages[0]!.text).toContain(EHLO.slice(0, 60));
  });
});

describe('a damaged row', () => {
  it('is repaired when only zero bytes stand before it', () => {
    const { rows, kinds } = readLog(`${CONNECT}${'\0'.repeat(5000)}${BANNER}`);
    expect(kinds).toEqual(['repaired']);
    expect(rows.map((row) => row.sequence)).toEqual([0, 1]);
  });

  it.each([
    ['a list mark', (row: string) => `- ${row}`],
    ['a mark of quoted mail', (row: string) => `> ${row}`],
    ['spaces', (row: string) => `   ${row}`],
    ['a byte order mark', (row: string) => `\uFEFF${row}`],
    ['quotes around it', (row: string) => `"${row.trimEnd()}"\r\n`],
  ])('is repaired when it has %s', (_, damage) => {
    const { rows, kinds } = readLog(damage(EHLO));
    expect(rows).toMatchObject([{ sequence: 2, data: 'EHLO mfp-02', context: '' }]);
    expect(kinds).toEqual(['repaired']);
  });

  it.each([
    ['data', { data: '08DE19A1B2C3D401;2026-11-02T08:02:00.000Z;1', context: 'receiving message' }],
    ['a context alone', { data: '', context: 'Proxy destination(s) obtained from app config' }],
    ['a context with commas', { data: '', context: TLS }],
    ['data with commas', { data: ' CN=a CN=R3, O=Contoso, C=DE 04AB', context: 'Sending certificate Subject' }],
    ['a connector with a comma', { data: 'SMTPSubmit', context: 'Set Session Permissions', connector: 'EX01\\Scanner, floor 2' }],
  ])('is repaired when a web page ate its *: %s', (_, change) => {
    for (const eaten of [',,', ',\\*,']) {
      const { rows, kinds } = readLog(line({ ...change, event: '*' }).replace(',*,', eaten));
      expect(rows).toMatchObject([{ event: '*', sequence: 2, ...change }]);
      expect(kinds).toEqual(['repaired']);
    }
  });

  it('is foreign when it comes from the POP3 log', () => {
    const pop = [
      '2026-11-02T08:02:01.000Z,000000000000002A,0,10.0.0.5:110,10.0.20.12:50112,,0,0,57,OpenSession,,',
      '2026-11-02T08:02:01.000Z,000000000000002A,1,10.0.0.5:995,10.0.20.12:50112,anna,93,15,5,user,anna,R=ok',
      '2026-11-02T08:02:02.000Z,000000000000002A,2,[::1]:110,[::1]:50112,anna,1,10,5,quit,,"R=ok;Msg=a, b"',
    ].join('\r\n');
    const { rows, kinds } = readLog(`${CONNECT}${pop}\r\n${BANNER}`);
    expect(kinds).toEqual(['foreign', 'foreign', 'foreign']);
    expect(rows.map((row) => row.sequence)).toEqual([0, 1]);
  });

  it('is unreadable when nothing of a row is left, and the rows around it are read', () => {
    for (const rubbish of ['some words', '\0\0\0', '2026-11-02T08:02:00.000Z', ',,,,,,,,', '[…]', '"', EHLO.slice(0, 60)]) {
      const { rows, kinds } = readLog(`${CONNECT}${rubbish}\r\n${BANNER}`);
      expect(kinds, rubbish).toEqual(['unreadable']);
      expect(
        rows.map((row) => row.sequence),
        rubbish,
      ).toEqual([0, 1]);
    }
  });

  it('never swallows the next one by a quote that is not closed', () => {
    const { rows } = readLog(`${BANNER.slice(0, -6)}\r\n${EHLO}`);
    expect(rows.at(-1)).toMatchObject({ sequence: 2, data: 'EHLO mfp-02' });
  });

  it('is shown by at most its first 400 bytes', () => {
    expect(readLog('x'.repeat(5000)).damages[0]!.text).toBe('x'.repeat(400));
  });
});
