/** A document as a mail: the page with its pictures, the same as plain text, and what is attached. Pure. */
import { createHash } from 'node:crypto';
import type { Chart, Document, Section } from '../document/document.ts';
import type { Zone } from '../render/cell-text.ts';
import type { Paint } from '../render/chart/picture.ts';
import { renderHtml } from '../render/html.ts';
import { printable } from '../render/printable.ts';
import { renderText } from '../render/text.ts';

export interface ReportMailOptions {
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  /** What the report is about, such as `2026-10` or `2026-10-26 to 2026-11-01`: of one period there is one report. */
  readonly period: string;
  readonly zone: Zone;
  /** Without it, charts are tables. */
  readonly paint?: Paint | undefined;
  /** Said at the end, such as when the report was made: no part of what makes two reports the same. */
  readonly stamp?: Section | undefined;
  readonly attachments?: readonly Attachment[];
  /** Milliseconds UTC. */
  readonly at: number;
}

export interface Attachment {
  readonly name: string;
  readonly contentType: string;
  readonly content: Buffer;
}

export interface ReportMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  /** With its angle brackets. */
  readonly messageId: string;
  /** Unlikely to stand in any text, and always the same for the same report. */
  readonly boundary: string;
  readonly at: number;
  readonly html: string;
  readonly text: string;
  readonly pictures: readonly InlinePicture[];
  readonly attachments: readonly Attachment[];
}

export interface InlinePicture {
  /** By which the page names it: `cid:` and this. */
  readonly id: string;
  readonly name: string;
  readonly png: Buffer;
}

/** Columns of the plain text: a mail is not as wide as a screen. */
const WIDTH = 78;

/**
 * The same report (document, period, people, subject) has the same Message-ID, whenever it is made: servers and mailboxes
 * take a second one for the first.
 */
export function reportMail(document: Document, options: ReportMailOptions): ReportMail {
  const { from, to, subject, period, zone, paint, stamp, attachments = [], at } = options;
  const identity = createHash('sha256')
    .update(JSON.stringify([from, [...to].sort(), subject, period, zone.name, document, attachments.map(({ name }) => name)]))
    .digest('hex')
    .slice(0, 20);
  const page: Document = stamp === undefined ? document : { ...document, sections: [...document.sections, stamp] };
  const pictures: InlinePicture[] = [];
  const address = (_: Chart, { png }: { readonly png: Buffer }): string => {
    const number = pictures.length + 1;
    const id = `chart-${number}.${identity}@relaylens`;
    pictures.push({ id, name: `chart-${number}.png`, png });
    return `cid:${id}`;
  };
  return {
    from,
    to,
    subject: printable(subject),
    messageId: `<report.${nameOf(period)}.${identity}@${domainOf(from)}>`,
    boundary: identity,
    at,
    html: renderHtml(page, { zone, paint, address }),
    text: renderText(page, { zone, width: WIDTH, colour: false }),
    pictures,
    attachments,
  };
}

/** As an id may hold it. */
const nameOf = (period: string): string =>
  period
    .replace(/[^\w.-]+/g, '-')
    .replace(/^[.-]+|[.-]+$/g, '')
    .slice(0, 60) || 'all';

const domainOf = (address: string): string => /@([\w.-]+)$/.exec(address)?.[1] ?? 'relaylens.invalid';
