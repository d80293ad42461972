import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { comment, list, listChange, literal } from '../../src/powershell/quoting.ts';
import { BLANK, say, script } from '../../src/powershell/script.ts';
import { evaluate, tokens } from './tokenizer.ts';

/** Characters that mean something to PowerShell, or that nobody sees, far more often than by chance. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...'\'"`$@#;|&(){}[]<>%,=\\/ *?~!^',
        ...'\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u2013\u2014\u2015\u2212\uff07\uff02',
        ...'\0\n\r\t\v\f\b\u0007\u001b\u0085\u00a0\u2028\u2029\u200b\u200e\u200f\u202e\u2066\u2069\ufeff\u00ad\u3164\u2800\u0301',
        '\u{1f5a8}',
        '\u{e0041}',
        '\ud800',
        '\udc00',
        '$(calc)',
        "'; Remove-Item x; '",
        '#>',
        '<#',
        '%PATH%',
        '\r\nRemove-Item x\r\n',
      ),
      fc.string({ unit: 'binary', maxLength: 4 }),
      fc.string({ maxLength: 6 }),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));

describe('a literal', () => {
  it('is written as administrators write it where nothing in the text means anything', () => {
    expect(literal('EX01\\Anon Relay EX01')).toBe('"EX01\\Anon Relay EX01"');
    expect(literal('10.0.0.0-10.0.0.255')).toBe('"10.0.0.0-10.0.0.255"');
    expect(literal('0.0.0.0:25')).toBe('"0.0.0.0:25"');
    expect(literal('10.0.0.0(255.0.0.0)')).toBe('"10.0.0.0(255.0.0.0)"');
  });

  it.each([
    ["O'Brien", "'O''Brien'"],
    ['O\u2019Brien', "'O\u2019\u2019Brien'"],
    ['$(calc)', "'$(calc)'"],
    ['a`b', "'a`b'"],
    ['B\u00fcro \u2013 Drucker', "'B\u00fcro \u2013 Drucker'"],
    ['', "''"],
    [' x', "' x'"],
    ['a\u202eb', "('a' + [char]0x202E + 'b')"],
    ['\u200bx', "('' + [char]0x200B + 'x')"],
    ['a\r\nb', "('a' + [char]0x000D + [char]0x000A + 'b')"],
    ['\u{e0041}', "('' + [char]::ConvertFromUtf32(0xE0041))"],
    ['\u0301x', "('' + [char]0x0301 + 'x')"],
    ['e\u0301', "'e\u0301'"],
  ])('%j is %s', (text, code) => {
    expect(literal(text)).toBe(code);
  });

  it('gives the text back, as one argument, whatever the text', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(evaluate(literal(text))).toBe(text);
      }),
      { numRuns: 3000 },
    );
  });

  it('shows everything that it holds, on one line', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(literal(text)).not.toMatch(/[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|(?! )\p{Zs}/u);
      }),
      { numRuns: 2000 },
    );
  });

  it('ends before what stands behind it', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const all = tokens(`Get-Thing ${literal(text)} -Last 1`);
        expect(all[0]?.text).toBe('Get-Thing');
        expect(all.slice(-2).map((token) => token.text)).toEqual(['-Last', '1']);
        expect(all.filter(({ kind }) => kind === 'end' || kind === 'comment' || kind === 'variable')).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('lists', () => {
  it('are literals with commas', () => {
    expect(list(['10.0.20.11', "it's"])).toBe("\"10.0.20.11\", 'it''s'");
    expect(list([])).toBe('@()');
  });

  it('are changed without naming the rest', () => {
    expect(listChange({ add: ['10.0.20.12'] })).toBe('@{Add="10.0.20.12"}');
    expect(listChange({ add: ['a', 'b'], remove: ['c'] })).toBe('@{Add="a", "b"; Remove="c"}');
  });
});

describe('a comment', () => {
  it('is one comment and nothing else, whatever the text', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        for (const line of [comment(text), ...say(text).map((one) => one.text)]) {
          expect(tokens(line)).toEqual([{ kind: 'comment', text: line }]);
          expect(line).not.toContain('#>');
          expect(line).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('names what nobody would see', () => {
    expect(comment('a\u202eb')).toBe('# a<U+202E>b');
  });

  it('is none of those that PowerShell reads itself', () => {
    expect(comment('requires -Version 99')).toBe('# - requires -Version 99');
    expect(comment('SIG # Begin signature block')).toBe('# - SIG # Begin signature block');
  });

  it('is broken at 120 columns', () => {
    const lines = say('word '.repeat(60));
    expect(lines).toHaveLength(3);
    expect(Math.max(...lines.map(({ text }) => text.length))).toBeLessThanOrEqual(120);
  });
});

describe('a script', () => {
  it('is its lines', () => {
    expect(script([...say('One'), BLANK, { kind: 'command', text: 'Get-Date' }])).toBe('# One\n\nGet-Date\n');
  });

  it('ends itself where it is read in another code page, before it does anything', () => {
    const text = script([{ kind: 'command', text: `Set-Thing ${literal('\u0412')}` }]);
    // What Windows PowerShell makes of UTF-8 without a byte order mark: a letter's second byte is a quote there.
    const quotes: Readonly<Record<string, string>> = { '\u0082': '\u201a', '\u0091': '\u2018', '\u0092': '\u2019' };
    const misread = Buffer.from(text, 'utf8')
      .toString('latin1')
      .replace(/[\u0080-\u009f]/g, (byte) => quotes[byte] ?? '?');
    expect(misread).toContain('\u2019');
    const guard = misread.split('\n')[1]!;
    expect(guard).toMatch(/^if \(/);
    const [letter] = tokens(guard.slice(4)).filter(({ kind }) => kind === 'text');
    expect(letter?.text).not.toBe('\u00e4');
  });
});
