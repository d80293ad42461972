/**
 * `report` over the logs and exports of the organisation: its figures are those of the stories (fixtures/organisation.ts), and
 * it looks right whatever was used. The golden files are for reading: update them with
 *
 *   UPDATE_GOLDEN=1 npx vitest run test/cli/report.test.ts
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';
import stringWidth from 'string-width';
import { beforeAll, describe, expect, it, test, vi } from 'vitest';
import { story } from '../../fixtures/story.ts';
import type { UsageReport } from '../../src/queries/usage/usage-report.ts';
import { loadPainter } from '../../src/render/chart/painter.ts';
import { renderHtml } from '../../src/render/html.ts';
import { renderText } from '../../src/render/text.ts';
import { usageDocument } from '../../src/reports/usage/usage-document.ts';
import { logText } from '../harness.ts';
import { elementsOf } from '../render/html-reading.ts';
import { databaseOf } from './console.ts';

const GOLDEN = fileURLToPath(new URL('golden/', import.meta.url));
const CONFIGURATION = fileURLToPath(new URL('../../fixtures/configuration/exports/', import.meta.url));
const BERLIN = ['--tz', 'Europe/Berlin'];
const DAY = ['--of', '2026-11-02', ...BERLIN];
const LATER = '2026-11-03T06:00:00.000Z';

const ask = databaseOf();
const on = (width: number, ...args: string[]) => ask.on({ width, now: LATER })('report', ...args);
const reported = async (...args: string[]): Promise<UsageReport> => JSON.parse((await on(80, ...args, '--format', 'json')).out);

beforeAll(async () => {
  const files = readdirSync(CONFIGURATION).map((name) => join(CONFIGURATION, name));
  expect(await ask('config', 'import', ...files, '--as-of', '2026-11-01T00:00Z')).toMatchObject({ code: 0, err: '' });
});

const PAGES: [name: string, width: number, ...args: string[]][] = [
  ['report-80', 80, ...DAY],
  ['report-120', 120, ...DAY],
  ['report-hour-80', 80, '--since', '2026-11-02T10:00', '--until', '2026-11-02T11:00', ...BERLIN],
  ['report-nothing-80', 80, '--period', 'month', ...BERLIN],
];

describe('the golden pages', () => {
  it.each(PAGES)('%s', async (name, width, ...args) => {
    const { code, out, err } = await on(width, ...args);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const path = `${GOLDEN}${name}.golden.txt`;
    if (process.env.UPDATE_GOLDEN) writeFileSync(path, out);
    expect(out).toBe(existsSync(path) ? readFileSync(path, 'utf8') : '');
    expect(out.split('\n').filter((line) => stringWidth(line) > width || /\s$/.test(line))).toEqual([]);
  });
});

/**
 * Of the day of the fixtures. MFP-01: three at EX01 (one of them in three logs) and one at EX02. The ERP: two sessions of three
 * messages, of which the first has a recipient inside. The CRM's message stands in the Hub's log alone. The newsletter has two
 * recipients inside, and one refused. The batch's session runs over the hour: one message inside, one outside.
 */
const DEVICES: [source: string, messages: [number, number], recipients: [number, number, number], bytes: number, more: object][] =
  [
    [
      '10.0.30.5',
      [6, 0],
      [8, 0, 6],
      2 * (52_411 + 48_002 + 47_990),
      { device: 'ERP', owner: 'Finance IT', tls: { 'TLS1.2': 2 }, sessions: 2 },
    ],
    [
      '10.0.20.11',
      [4, 0],
      [4, 0, 4],
      3 * 184_320 + 90_112,
      { device: 'MFP-01', servers: ['EX01', 'EX02'], tls: { none: 4 }, sessions: 4 },
    ],
    [
      '10.0.30.6',
      [2, 0],
      [2, 0, 1],
      5_120 + 6_144,
      { device: 'Application servers', sessions: 1, lastSeen: '2026-11-02T09:00:03.476Z' },
    ],
    ['10.0.30.8', [1, 0], [2, 1, 0], 20_480, { sessions: 1, connectors: ['EX01\\Default Frontend EX01'] }],
    [
      '10.0.50.21',
      [1, 0],
      [1, 0, 0],
      9_120,
      { device: null, helo: 'crm.contoso.example', authenticated: 'yes', tls: { 'TLS1.3': 1 } },
    ],
    ['10.0.20.12', [0, 3], [0, 3, 0], 0, { device: 'MFP-02 (floor 3)', servers: ['EX01', 'EX02'], sessions: 3 }],
    ['10.0.20.13', [0, 1], [0, 0, 0], 0, { device: 'MFP-03' }],
    ['fd00:20::31', [0, 1], [0, 1, 0], 0, { device: 'Camera lobby', owner: 'Security', helo: 'cam-lobby' }],
    ['10.0.20.14', [0, 0], [0, 0, 0], 0, { device: 'MFP-04', sessions: 1 }],
    ['10.0.20.40', [0, 0], [0, 0, 0], 0, { device: 'Old scanner', owner: 'Archive' }],
    ['10.0.40.9', [0, 0], [0, 0, 0], 0, { device: null, authenticated: 'no', tls: { 'TLS1.2': 1 } }],
    ['10.0.60.3', [0, 0], [0, 0, 0], 0, { device: 'UPS room 2' }],
    ['10.0.70.2', [0, 0], [0, 0, 0], 0, { servers: ['EX02'] }],
    ['192.168.77.20', [0, 0], [0, 0, 0], 0, { helo: null, connectors: [''] }],
  ];

describe('the figures are those of the stories', () => {
  it('of every device, the busiest first, and there is no other', async () => {
    const { devices } = await reported(...DAY);
    expect(devices.map(({ source }) => source)).toEqual(DEVICES.map(([source]) => source));
    DEVICES.forEach(([source, [accepted, refused], [delivered, denied, external], bytes, more], index) => {
      expect(devices[index]).toMatchObject({
        source,
        messagesAccepted: accepted,
        messagesRefused: refused,
        recipientsAccepted: delivered,
        recipientsRefused: denied,
        recipientsExternal: external,
        bytesAccepted: bytes,
        ...more,
      });
    });
  });

  it('in all', async () => {
    const { totals, totalsBefore, period, compared } = await reported(...DAY);
    expect(totals).toEqual({
      devices: 14,
      devicesSending: 5,
      sessions: 20,
      messagesAccepted: 14,
      messagesRefused: 5,
      recipientsAccepted: 17,
      recipientsRefused: 5,
      recipientsExternal: 11,
      bytesAccepted: 296_806 + 643_072 + 11_264 + 20_480 + 9_120,
    });
    expect(totalsBefore).toMatchObject({ devices: 0, messagesAccepted: 0 });
    expect(period).toMatchObject({
      since: '2026-11-01T23:00:00.000Z',
      until: '2026-11-02T23:00:00.000Z',
      timeZone: 'Europe/Berlin',
    });
    expect(compared).toMatchObject({ id: '2026-11-01' });
  });

  // devices, sessions, accepted, refused
  it.each([
    ['EX01\\Anon Relay EX01', 7, 10, 11, 1],
    ['EX01\\Default Frontend EX01', 3, 4, 1, 3],
    ['EX02\\Anon Relay EX02', 1, 1, 1, 0],
    ['EX01\\Client Proxy EX01', 1, 0, 1, 0],
    ['EX01\\Client Frontend EX01', 2, 2, 0, 0],
    ['EX02\\Default Frontend EX02', 2, 2, 0, 1],
    ['', 1, 1, 0, 0],
  ])('of connector %j', async (connector, devices, sessions, messagesAccepted, messagesRefused) => {
    const { connectors } = await reported(...DAY);
    expect(connectors).toHaveLength(7);
    expect(connectors.find((one) => one.connector === connector)).toMatchObject({
      devices,
      sessions,
      messagesAccepted,
      messagesRefused,
    });
  });

  it('of refusals, by what the catalogue calls them', async () => {
    const { refusals } = await reported(...DAY);
    expect(refusals.map(({ cause, refusals: times, devices }) => [cause, times, devices])).toEqual([
      ['relay-denied', 5, 3],
      ['authentication-failed', 2, 1],
      ['no-connector-for-client', 1, 1],
      ['invalid-hello-name', 1, 1],
      ['unrecognized-authentication-type', 1, 1],
      ['message-too-large', 1, 1],
    ]);
  });

  it('of domains, times and noise', async () => {
    const { senderDomains, recipientDomains, busiest, slices, noise } = await reported(...DAY);
    expect(senderDomains).toMatchObject([{ domain: 'contoso.example', messagesAccepted: 14, messagesRefused: 5, devices: 8 }]);
    expect(
      recipientDomains.map((one) => [one.domain, one.recipientsAccepted, one.recipientsRefused, one.recipientsExternal]),
    ).toEqual([
      ['fabrikam.example', 7, 4, 7],
      ['contoso.example', 6, 0, 0],
      ['adatum.example', 2, 1, 2],
      ['wingtip.example', 2, 0, 2],
    ]);
    expect(busiest.minutes[0]).toEqual({ at: '2026-11-02T08:05:00.000Z', messagesAccepted: 3 });
    expect(
      slices.flatMap((one, hour) =>
        one.messagesAccepted + one.messagesRefused > 0 ? [[hour, one.messagesAccepted, one.messagesRefused]] : [],
      ),
    ).toEqual([
      [9, 9, 4],
      [10, 5, 1],
    ]);
    expect(noise.map(({ kind, sessions, sources }) => [kind, sessions, sources.map(({ source }) => source).join()])).toEqual([
      ['health-checks', 4, '127.0.0.1'],
      ['own-servers', 2, '10.0.0.5'],
      ['probes', 4, '10.0.0.250'],
    ]);
  });

  it('of one server, of one connector', async () => {
    expect((await reported(...DAY, '--server', 'ex02')).totals).toMatchObject({
      devices: 3,
      messagesAccepted: 1,
      messagesRefused: 1,
    });
    expect((await reported(...DAY, '--connector', 'anon relay')).totals).toMatchObject({
      devices: 7,
      messagesAccepted: 12,
      messagesRefused: 1,
    });
  });
});

describe('options', () => {
  it('made twice it is the same, but for its stamp', async () => {
    for (const format of ['text', 'md', 'html', 'json']) {
      const page = async (now: string): Promise<string> => (await ask.on({ now })('report', ...DAY, '--format', format)).out;
      const made = await page('2026-11-20T10:00:00.000Z');
      expect(await page('2026-11-20T10:00:00.000Z')).toBe(made);
      const later = await page('2026-12-24T18:30:00.000Z');
      expect(later).not.toBe(made);
      expect(later.replace('2026-12-24 19:30', '2026-11-20 11:00').replace('2026-12-24T18:30', '2026-11-20T10:00')).toBe(made);
    }
  });

  it('as files, too: workbook, page, tables and pictures', async () => {
    const files = async (name: string, format: string): Promise<[string, string][]> => {
      const path = ask.path(`${name}.${format}`);
      expect((await on(80, ...DAY, '--format', format, '--out', path)).code).toBe(0);
      if (!statSync(path).isDirectory()) return [[format, createHash('sha256').update(readFileSync(path)).digest('hex')]];
      return readdirSync(path).map((one) => [
        one,
        createHash('sha256')
          .update(readFileSync(join(path, one)))
          .digest('hex'),
      ]);
    };
    const formats = ['xlsx', 'html', 'csv', 'png'];
    const made = [];
    for (const format of formats) made.push(await files('first', format));
    vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2031-05-06T07:08:09Z') });
    try {
      for (const [index, format] of formats.entries()) expect(await files('second', format)).toEqual(made[index]);
    } finally {
      vi.useRealTimers();
    }
  });

  it('CSV is a folder of tables, with the name of the period in it', async () => {
    const folder = ask.path('use of {period}');
    expect(await on(80, ...DAY, '--format', 'csv', '--out', folder)).toMatchObject({ code: 0, out: '', err: '' });
    const place = ask.path('use of 2026-11-02');
    expect(readdirSync(place).sort()).toEqual(
      [
        'busiest-hours',
        'busiest-minutes',
        'changes',
        'connectors',
        'coverage',
        'devices',
        'largest-messages',
        'noise',
        'over-time',
        'recipient-domains',
        'refusals',
        'sender-domains',
        'totals',
      ].map((name) => `${name}.csv`),
    );
    const devices = parse(readFileSync(join(place, 'devices.csv')), { columns: true }) as Record<string, string>[];
    expect(devices).toHaveLength(14);
    expect(devices[0]).toMatchObject({ source: '10.0.30.5', messagesAccepted: '6', owner: 'Finance IT' });
  });

  it('PNG is a folder of pictures, called by what they show', async () => {
    const folder = ask.path('charts of {period}');
    expect(await on(80, ...DAY, '--format', 'png', '--out', folder)).toMatchObject({ code: 0, out: '', err: '' });
    const place = ask.path('charts of 2026-11-02');
    const names = readdirSync(place).sort();
    expect(names).toEqual([
      '01-accepted-messages-by-connector.png',
      '02-accepted-and-refused-messages.png',
      '03-devices-that-send.png',
      '04-tls-versions-over-time.png',
      '05-accepted-messages-by-weekday-and-hour.png',
    ]);
    for (const name of names) expect(readFileSync(join(place, name)).subarray(1, 4).toString()).toBe('PNG');
  });

  it('where nothing was used there is no picture, and it says so', async () => {
    const folder = ask.path('none');
    const { code, err } = await on(80, '--of', '2026-09', ...BERLIN, '--format', 'png', '--out', folder);
    expect({ code, err }).toEqual({ code: 0, err: 'no pictures: there is nothing to draw in this period\n' });
    expect(existsSync(folder)).toBe(false);
  });

  it('no other command has pictures', async () => {
    const { code, err } = await ask('sessions', '--format', 'png', '--out', ask.path('x'));
    expect(code).toBe(2);
    expect(err.split('\n')[0]).toBe(
      "error: option '--format <format>' argument 'png' is invalid. Allowed choices are text, json, csv, md, html, xlsx.",
    );
  });

  test.each<[args: string[], message: RegExp]>([
    [['--format', 'png'], /^relaylens: --format png makes a file for each chart\nName a folder for them with --out\.\n$/],
    [['--format', 'csv'], /a file for each table\nName a folder/],
    [['--of', '2026-13'], /--of 2026-13: no such period/],
    [['--of', '2026-10', '--period', 'week'], /no such week/],
    [['--compare', 'last'], /--compare last: no such period/],
    [['--of', '2026-10', '--since', '-7d'], /cannot be used with/],
    [['--period', 'decade'], /Allowed choices/],
    [['--until', '2020-01-01'], /the period is empty/],
  ])('%j is an error of one line and a hint', async (args, message) => {
    const { code, out, err } = await on(80, ...args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(message);
  });

  it('compares with any period, or with none', async () => {
    expect((await reported(...DAY, '--compare', '2026-W44')).compared).toMatchObject({ since: '2026-10-25T23:00:00.000Z' });
    expect(await reported(...DAY, '--compare', 'none')).toMatchObject({ compared: null, changes: null, totalsBefore: null });
    const self = await reported(...DAY, '--compare', '2026-11-02');
    expect(self.changes).toEqual({ newcomers: [], returned: [], vanished: [], changed: [] });
    expect((await on(120, ...DAY, '--compare', '2026-11-02')).out).toContain('(as many)');
  });

  it('without a period it is the last month', async () => {
    expect((await reported(...BERLIN)).period).toMatchObject({ id: '2026-10' });
  });

  it('redacted it names nobody', async () => {
    for (const format of ['text', 'json', 'md']) {
      const { code, out } = await on(100, ...DAY, '--format', format, '--redact');
      expect(code).toBe(0);
      expect(/contoso|fabrikam|mfp|anon relay|facilities|10\.0\.20\.11|ex01/i.exec(out)?.[0]).toBeUndefined();
    }
  });
});

describe('names that mean harm', () => {
  const HOSTILE = ['<script>alert(1)</script>', '=cmd|calc', '\u202Etxt.exe', `${'x'.repeat(500)}`, '| a | b |', '\u001b[31mred'];
  const hostile = databaseOf(() => ({
    'RECV1.LOG': logText(
      HOSTILE.flatMap((name, index) =>
        story(
          {
            sessionId: `08DE19A1B2C3D40${index}`,
            remote: `10.0.9.${index}:1`,
            at: `2026-11-02T08:0${index}:00.000Z`,
            connector: `EX01\\${name}`,
          },
          `+\n> {banner}\n< EHLO ${name}\n> {hello SIZE}\n< MAIL FROM:<a@${name.replaceAll('>', '')}>\n* {message}\n> 250 2.1.0 Sender OK\n< RCPT TO:<b@${name.replaceAll('>', '')}>\n> 250 2.1.5 Recipient OK\n< DATA\n> 354 Start mail input; end with <CRLF>.<CRLF>\n> {queued 1000}\n- | Remote`,
        ),
      ),
    ),
  }));

  it.each(['text', 'md', 'html'])('do none as %s', async (format) => {
    const { code, out } = await hostile('report', '--of', '2026-11-02', '--tz', 'UTC', '--format', format);
    expect(code).toBe(0);
    for (const harm of ['\u001b', '\u202E', ...(format === 'html' ? ['<script'] : [])]) expect(out).not.toContain(harm);
    expect(out).toContain('10.0.9.5');
  });

  it('make no element, handler or address in the page, and no picture without its figures', async () => {
    const { out } = await hostile('report', '--of', '2026-11-02', '--tz', 'UTC', '--format', 'html');
    const elements = elementsOf(out);
    for (const { attributes } of elements)
      for (const [name, value] of Object.entries(attributes)) {
        expect(name).not.toMatch(/^on|href|action/);
        if (name === 'src' || name === 'srcset') expect(value).toMatch(/^data:image\/png;base64,[A-Za-z0-9+/=]+( 2x)?$/);
      }
    expect(out.replace(/<style>.*?<\/style>/s, '')).not.toMatch(/url\(|@import|<link|<script/);
    const pictures = elements.filter(({ name }) => name === 'img');
    expect(pictures.length).toBeGreaterThan(2);
    for (const { attributes } of pictures) expect(attributes.alt).toMatch(/\d/);
    expect(elements.filter(({ name }) => name === 'h1')).toHaveLength(1);
    expect(elements.filter(({ name, attributes }) => name === 'th' && attributes.scope !== 'col')).toEqual([]);
  });

  it('do none in a workbook or a picture', async () => {
    for (const format of ['xlsx', 'png']) {
      const path = hostile.path(`harm.${format}`);
      const made = await hostile('report', '--of', '2026-11-02', '--tz', 'UTC', '--format', format, '--out', path);
      expect(made).toMatchObject({ code: 0, err: '' });
      if (format === 'png') for (const name of readdirSync(path)) expect(name).toMatch(/^\d\d-[a-z-]+\.png$/);
    }
  });

  it('do none as CSV', async () => {
    const folder = hostile.path('tables');
    expect((await hostile('report', '--of', '2026-11-02', '--tz', 'UTC', '--format', 'csv', '--out', folder)).code).toBe(0);
    for (const name of readdirSync(folder)) {
      const rows = parse(readFileSync(join(folder, name)), { relax_column_count: true }) as string[][];
      expect(rows.flat().filter((cell) => /^[=+@]/.test(cell))).toEqual([]);
    }
  });
});

describe('few and many', () => {
  const time = (at: number): string => new Date(at).toISOString();
  const text = (report: UsageReport, width: number): string =>
    renderText(usageDocument(report, { time, charts: false }), { zone: { name: 'UTC' }, width, colour: false });

  it.each([80, 120])('%i columns: of 5,000 devices the busiest are listed, and the others counted', async (width) => {
    const report = await reported(...DAY);
    const devices = Array.from({ length: 5000 }, (_, n) => ({
      ...report.devices[1]!,
      source: `10.1.${n >> 8}.${n & 255}`,
      messagesAccepted: 90_000 - n,
    }));
    const page = text({ ...report, devices, totals: { ...report.totals, devices: 5000 } }, width);
    expect(page).toContain('Devices: 5,000');
    expect(page).toContain('and 4,960 more');
    expect(page.split('\n').length).toBeLessThan(300);
    expect(page.split('\n').filter((line) => stringWidth(line) > width)).toEqual([]);
  });

  it('the page of 500 is below 2 MB', async () => {
    const report = await reported(...DAY);
    const name = 'x'.repeat(60);
    const devices = Array.from({ length: 500 }, (_, n) => ({
      ...report.devices[1]!,
      source: `10.1.${n >> 8}.${n & 255}`,
      device: name,
    }));
    const starts = Array.from({ length: 31 }, (_, n) => new Date(Date.UTC(2026, 9, n + 1)).toISOString());
    const slices = starts.map((since, n) => ({ ...report.slices[9]!, since, until: starts[n + 1] ?? since }));
    const page = usageDocument({ ...report, devices, slices, unit: 'day' }, { time, charts: true, whole: true });
    const painter = await loadPainter({ name: 'UTC' });
    if (painter.kind === 'missing') throw new Error(painter.reason);
    // Though it has every device, which the command's does not.
    const html = renderHtml(page, { zone: { name: 'UTC' }, paint: painter.paint });
    expect(html.length).toBeLessThan(2_000_000);
    expect(elementsOf(html).filter(({ attributes }) => attributes.class === 'under').length).toBe(500);
  });

  it('a workbook has all of them', async () => {
    const report = await reported(...DAY);
    const devices = Array.from({ length: 500 }, (_, n) => ({ ...report.devices[1]!, source: `10.1.${n >> 8}.${n & 255}` }));
    const rowsOf = (whole: boolean): number[] =>
      usageDocument({ ...report, devices }, { time, charts: true, whole }).sections.flatMap((one) =>
        one.kind === 'table' ? [one.rows.length] : [],
      );
    expect(Math.max(...rowsOf(true))).toBe(500);
    expect(Math.max(...rowsOf(false))).toBe(40);
  });

  it('one device is one', async () => {
    const { out } = await on(80, ...DAY, '--connector', 'Anon Relay EX02');
    expect(out.replace(/\s+/g, ' ')).toContain(
      '1 device relayed 1 message through connectors called "Anon Relay EX02" to 1 recipient, outside the organisation.',
    );
  });
});
