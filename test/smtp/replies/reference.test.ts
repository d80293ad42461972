/** The reference of replies, where it lies beside the project: each of its rows is somewhere in the catalogue. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { ReplyEntry } from '../../../src/smtp/replies/entry.ts';
import { REPLIES, type ReplyId, replyById } from '../../../src/smtp/reply-catalogue.ts';

const REFERENCE = fileURLToPath(new URL('../../../../shared/reference/smtp-replies.json', import.meta.url));
const there = existsSync(REFERENCE);

interface Row {
  readonly id: number;
  readonly stage: string;
  readonly text: string;
  readonly regex: string | null;
  readonly closes: string;
  readonly tarpit: string;
}

const rows = there ? (JSON.parse(readFileSync(REFERENCE, 'utf8')) as Row[]) : [];

/** Rows without a text, with several in one, or with a pattern that no real text fits. */
const BY_HAND: Readonly<Record<number, readonly ReplyId[]>> = {
  22: ['connection-refused', 'connection-unanswered'],
  52: ['tls-negotiation-failed'],
  53: ['starttls-missing'],
  152: ['internal-peer-required'],
  191: ['send-tls-negotiation-failed'],
  212: ['online-address-banned'],
  214: ['online-server-busy'],
  234: ['online-generic-remote-error'],
};

const SIDES: Readonly<Record<string, readonly string[]>> = { exo: ['exchange-online'], send: ['send'], ndr: ['transport'] };

/** On the receive side of the reference stand also what the send side and the provider say. */
const entriesOf = ({ id, stage, regex }: Row): readonly ReplyEntry[] => {
  const byHand = BY_HAND[id];
  if (byHand) return byHand.map((one) => replyById(one));
  const pattern = new RegExp(regex!);
  const sides = SIDES[stage] ?? ['receive', 'send', 'exchange-online', 'transport'];
  // As the product says it, as a single line, and with the blanks of the reference.
  const readings = (sample: string) => [sample, sample.replace(/^(\d{3})-/, '$1 '), sample.replace(/ +/g, ' ')];
  return REPLIES.filter(
    (entry) => sides.includes(entry.side) && entry.samples.flatMap(readings).some((sample) => pattern.test(sample)),
  );
};

describe.skipIf(!there)('the reference', () => {
  it.each(rows)('$id is in the catalogue: $text', (row) => {
    expect(entriesOf(row)).not.toEqual([]);
  });

  it('agrees about what closes the connection', () => {
    const differ = rows.filter((row) => !entriesOf(row).some(({ closes }) => closes === /^\**yes/.test(row.closes)));
    expect(differ.map(({ text }) => text)).toEqual([]);
  });

  it('agrees about what is delayed', () => {
    const delayed = /^(yes|always|first|duplicate|2nd|only|30|after)/;
    const differ = rows.filter(
      (row) => !entriesOf(row).some(({ tarpits }) => (tarpits !== 'never') === delayed.test(row.tarpit)),
    );
    expect(differ.map(({ text }) => text)).toEqual([]);
  });
});
