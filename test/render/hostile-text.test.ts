/** Everything in a log is hostile text: what a client may say does no harm on a terminal or in a spreadsheet. */
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { story } from '../../fixtures/story.ts';
import type { Document, Table } from '../../src/document/document.ts';
import { renderCsv } from '../../src/render/csv.ts';
import { printable } from '../../src/render/printable.ts';
import { renderText } from '../../src/render/text.ts';
import { databaseOf } from '../cli/console.ts';
import { logText } from '../harness.ts';
import { document, everywhere, HOSTILE } from './everywhere.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const HARM = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;
const OPTIONS = { zone: { name: 'UTC' }, width: 100, colour: false };

describe('on the terminal', () => {
  it.each(HOSTILE)('%s comes through printable() without harm', (_, text) => {
    expect(printable(text).replaceAll('\n', '?')).not.toMatch(HARM);
    expect(printable(text)).not.toContain('\n');
  });

  const PLACES = ['heading', 'text', 'figures', 'table', 'empty table', 'transcript', 'commands', 'chart'];
  it.each(PLACES.map((place, index): [string, number] => [place, index]))('no hostile text does harm in a %s', (_, index) => {
    for (const [what, text] of HOSTILE) {
      const plain = renderText(document(everywhere('plain')[index]!), OPTIONS);
      const out = renderText(document(everywhere(text)[index]!), OPTIONS);
      expect({ what, harm: HARM.exec(out)?.[0] }).toEqual({ what, harm: undefined });
      // Sections of text may have lines of their own; nothing else gets one from its text.
      if (index !== 1) expect({ what, lines: out.split('\n').length }).toEqual({ what, lines: plain.split('\n').length });
    }
  });

  it('with colour, the only escapes are its own', () => {
    for (const [, text] of HOSTILE) {
      const out = renderText(document(everywhere(text)[3]!, everywhere(text)[5]!), { ...OPTIONS, colour: true });
      // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are taken out
      expect(out.replace(/\u001b\[\d{1,2}m/g, '')).not.toMatch(HARM);
      expect(out).not.toContain('\u001b[31mred');
    }
  });

  test('nothing that Unicode has does harm', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        expect(printable(text)).not.toMatch(HARM);
        expect(printable(text)).not.toContain('\n');
      }),
      { numRuns: 300, seed: 2 },
    );
  });

  test('printable text stays as it is', () => {
    for (const text of [
      '550 5.7.54 SMTP; Unable to relay',
      'müller@contoso.example',
      '组织内 SMTP 发送连接器',
      'نص',
      '👍🏽',
      'C:\\temp\\n',
    ])
      expect(printable(text)).toBe(text);
  });
});

describe('in CSV', () => {
  const table = (rows: Table['rows']): Document =>
    document({
      kind: 'table',
      columns: [
        { title: 'helo', kind: 'text' },
        { title: 'n', kind: 'count' },
      ],
      rows,
    });

  it.each(["=cmd|' /C calc'!A0", '+1+cmd()', '-2+3+cmd()', '@SUM(A1)', '\t=1', '\r=1', '＝cmd()'])('%j is no formula', (text) => {
    const [, row] = parse(renderCsv(table([[text, 1]])), { bom: true }) as string[][];
    expect(row?.[0]).toMatch(/^'/);
    expect(row?.[0]?.slice(1)).toBe(text);
  });

  test('a number below zero stays a number', () => {
    expect(renderCsv(table([['x', -5]]))).toBe('helo,n\r\nx,-5\r\n');
  });

  test('hostile text cannot leave its cell', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: fc.constantFrom('"', ',', '\r', '\n', ';', 'a', ' ', "'"), maxLength: 8 }), {
          minLength: 1,
          maxLength: 5,
        }),
        (texts) => {
          const rows = parse(renderCsv(table(texts.map((text) => [text, 7])))) as string[][];
          expect(rows).toHaveLength(1 + texts.length);
          texts.forEach((text, index) => {
            expect([text, `'${text}`]).toContain(rows[index + 1]?.[0]);
            expect(rows[index + 1]?.[1]).toBe('7');
          });
        },
      ),
      { numRuns: 150, seed: 3 },
    );
  });

  test('times are ISO UTC, empty cells are empty', () => {
    const one: Table = {
      kind: 'table',
      columns: [
        { title: 'at', kind: 'time' },
        { title: 'x', kind: 'text' },
      ],
      rows: [[0, null]],
    };
    expect(renderCsv(document(one))).toBe('at,x\r\n1970-01-01T00:00:00.000Z,\r\n');
  });
});

describe('from the log to the screen', () => {
  const LONG = 'x'.repeat(500);
  const names = [
    ...HOSTILE.map(([, text]) => text).filter((text) => !['\r', '\n', '\u0000'].some((one) => text.includes(one))),
    LONG,
    '=cmd()',
    '界'.repeat(300),
  ];
  const ask = databaseOf(() => ({
    'EX01/FrontEnd/ProtocolLog/SmtpReceive/RECV2026110209-1.LOG': logText(
      story({ sessionId: '08DE\u001b[2J\u202e', remote: '10.9.9.9:1' }, '+\n> {banner}\n- | Local'),
    ),
    'EX01/FrontEnd/ProtocolLog/SmtpReceive/RECV2026110208-1.LOG': logText(
      names.flatMap((name, index) =>
        story(
          {
            sessionId: `08DE19A1B2C3F0${index.toString(16).toUpperCase().padStart(2, '0')}`,
            remote: `10.9.0.${index}:1`,
            connector: `EX01\\${name}`,
          },
          `+\n> {banner}\n< EHLO ${name}\n> {hello}\n< MAIL FROM:<${name}@x.example>\n> 550 5.7.1 ${name} may not send\n< AUTH LOGIN\n* User Name: ${name} | x\n- | Local`,
        ),
      ),
    ),
  }));
  const pages = [
    ['sessions'],
    ['sources'],
    ['connectors'],
    ...names.map((_, index) => ['session', `08DE19A1B2C3F0${index.toString(16).toUpperCase().padStart(2, '0')}`]),
    ['sql', 'SELECT helo, connector, last_error FROM session_view'],
  ];

  it('no page has what does harm, and all are made', async () => {
    for (const page of pages) {
      const { code, out } = await ask(...page);
      expect({ page, code, harm: HARM.exec(out)?.[0] }).toEqual({ page, code: 0, harm: undefined });
    }
  });

  it('an error that names hostile text does no harm either', async () => {
    for (const [what, text] of HOSTILE) {
      const { err } = await ask('session', text);
      expect({ what, harm: HARM.exec(err)?.[0] }).toEqual({ what, harm: undefined });
    }
  });

  it('JSON and CSV keep every character of it', async () => {
    const { sessions } = await ask.json('sessions');
    const said = sessions.map(({ helo }: { helo: string | null }) => helo).filter((helo: string | null) => helo !== null);
    expect(said.sort()).toEqual([...names].sort());
    const { out } = await ask('sessions', '--format', 'csv');
    const helo = (parse(out, { columns: true }) as { helo: string }[]).map((row) => row.helo.replace(/^'/, '')).filter(Boolean);
    expect(helo.sort()).toEqual([...names].sort());
  });

  test('a session-id of the log does no harm in a heading', async () => {
    const { sessions } = await ask.json('sessions', '--source', '10.9.9.9');
    const { code, out } = await ask('session', sessions[0].id);
    expect({ code, harm: HARM.exec(out)?.[0] }).toEqual({ code: 0, harm: undefined });
  });
});
