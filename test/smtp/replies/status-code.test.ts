import { describe, expect, it } from 'vitest';
import { statusMeaning } from '../../../src/smtp/replies/status-code.ts';

const says = (basic?: string, enhanced?: string): string =>
  statusMeaning({ ...(basic ? { basic } : {}), ...(enhanced ? { enhanced } : {}) }).says.join(' ');

describe('the digits of a reply', () => {
  it.each([
    ['250', 'carried out'],
    ['354', 'waits for more'],
    ['421', 'trying again later'],
    ['550', 'refused for good'],
    ['503', 'form of the command'],
    ['421', 'connection'],
    ['535', 'logging on'],
  ])('%s: %s', (basic, words) => {
    expect(says(basic)).toContain(words);
  });

  it.each([
    ['2.1.5', 'success, about an address'],
    ['5.2.2', 'mailbox'],
    ['4.3.1', 'mail system'],
    ['4.4.7', 'network'],
    ['5.5.2', 'commands'],
    ['5.6.0', 'content'],
    ['5.7.54', 'security or policy'],
  ])('%s: %s', (enhanced, words) => {
    expect(says(undefined, enhanced)).toContain(words);
  });

  it('may contradict each other, and then the three digits count', () => {
    expect(says('451', '5.7.3')).toContain('differ');
    expect(says('550', '5.7.3')).not.toContain('differ');
  });

  it('say nothing where the RFCs know nothing', () => {
    expect(says('999', '9.9.9')).toBe('');
  });
});
