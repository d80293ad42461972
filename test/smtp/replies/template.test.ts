import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compileTemplate,
  fillTemplate,
  matchPattern,
  onOneLine,
  placeholdersOf,
  replyLines,
} from '../../../src/smtp/replies/template.ts';
import { findReply, REPLIES } from '../../../src/smtp/reply-catalogue.ts';

const value = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9.-]{0,11}$/);

describe('a template', () => {
  const texts = REPLIES.flatMap((entry) => entry.texts.map(({ text }) => ({ entry, text })));

  it('that is filled is found again, with the same values', () => {
    fc.assert(
      fc.property(fc.constantFrom(...texts), fc.array(value, { minLength: 9, maxLength: 9 }), ({ entry, text }, words) => {
        const values = Object.fromEntries(placeholdersOf(text).map((name, index) => [name, words[index]!]));
        const found = findReply(replyLines(fillTemplate(text, values)), entry);
        expect(found?.entry.id).toBe(entry.id);
        expect(found?.values).toEqual(values);
      }),
      { numRuns: 2000 },
    );
  });

  it('takes what stands between its literals, blanks included', () => {
    const pattern = compileTemplate("Session '{name}' of {user}.");
    expect(matchPattern(pattern, "Session 'a b' of c. d.", true)?.values).toEqual({ name: 'a b', user: 'c. d' });
  });

  it('wants something at every placeholder', () => {
    const pattern = compileTemplate('550 5.7.509 domain {domain} fails');
    expect(matchPattern(pattern, '550 5.7.509 domain  fails', true)).toBeUndefined();
  });

  it('is not filled where a value is missing', () => {
    expect(() => fillTemplate('250 {fqdn} Hello', {})).toThrow(RangeError);
    expect(() => fillTemplate('250 {constructor} Hello', {})).toThrow(RangeError);
  });

  it('lets no value begin a new line of a reply', () => {
    expect(fillTemplate('250 2.6.0 {id} Queued', { id: '<a>\r\n550 no\u2028\u0000' })).toBe('250 2.6.0 <a> 550 no  Queued');
    expect(fillTemplate('250 hello\n{lines}', { lines: 'SIZE\r\nHELP\u0007' })).toBe('250 hello\nSIZE \nHELP ');
  });
});

describe('a long reply', () => {
  it('repeats its codes on every line', () => {
    expect(replyLines('250 host\nSIZE\nHELP')).toBe('250-host\r\n250-SIZE\r\n250 HELP');
    expect(replyLines('550 5.7.1 no\nreally')).toBe('550-5.7.1 no\r\n550 5.7.1 really');
  });

  it.each([
    '250-host Hello [10.0.0.1]\r\n250-SIZE 5\r\n250 HELP',
    '250  host Hello [10.0.0.1] SIZE 5 HELP',
    ' 250 host Hello  [10.0.0.1]\nSIZE 5\nHELP ',
  ])('reads the same from the wire, a log or a web page: %j', (text) => {
    expect(onOneLine(text)).toBe('250 host Hello [10.0.0.1] SIZE 5 HELP');
  });

  it('loses the enhanced codes of its further lines', () => {
    expect(onOneLine('550-5.7.1 no\r\n550 5.7.1 really')).toBe('550 5.7.1 no really');
  });
});
