/** Tells from its first bytes whether a file is a protocol log, and of which direction; and if not, what it is. */
import { type Direction, RECEIVED, SENT } from './fields.ts';
import { directionOfLogType, parseFields, parseHeaderLine } from './header.ts';
import { LogReader } from './log-reader.ts';

export type Recognition =
  | {
      readonly kind: 'protocol-log';
      /** As the rows show it; the header, name and folder of the file come before it. */
      readonly directionOfRows: Direction | undefined;
    }
  | { readonly kind: 'other'; readonly what: string }
  | { readonly kind: 'empty' };

/** `head`: the first bytes of the decoded log, cut after a line where there is one. */
export function recognise(head: Buffer): Recognition {
  if (head.length === 0) return { kind: 'empty' };
  const other = otherByHeader(head);
  if (other) return { kind: 'other', what: other };
  let rows = 0;
  let directionOfRows: Direction | undefined;
  let what: string | undefined;
  let ours = false;
  new LogReader({
    row(view) {
      rows++;
      directionOfRows ??= directionOf(view.event, view.text(7), view.context, view.connector, view.localEndpoint);
    },
    damage() {},
    header(name, value) {
      if (name === 'Log-type') {
        if (directionOfLogType(value)) ours = true;
        else what ??= value;
      } else if (name === 'Software' && !/^Microsoft Exchange/i.test(value)) what ??= `log of ${value}`;
      else if (name === 'Fields') {
        const fields = parseFields(value);
        if (fields.kind === 'semicolons') what = SEMICOLONS;
        else if (fields.kind === 'foreign') what ??= 'log with other fields';
      }
    },
  }).read(head, 0);
  if (what === SEMICOLONS) return { kind: 'other', what };
  if (rows > 0 || ours || (what === undefined && isExcerpt(head))) return { kind: 'protocol-log', directionOfRows };
  return { kind: 'other', what: what ?? whatElse(head) };
}

const SEMICOLONS = 'protocol log re-saved with semicolons (by Excel?): copy the original .LOG from the server';

/** Another log says so in its first lines; one of ours may stand behind it only with a header of its own. */
function otherByHeader(head: Buffer): string | undefined {
  if (/SMTP (Receive|Send) Protocol Log/i.test(head.toString('latin1'))) return undefined;
  for (const line of head.toString('utf8', 0, 2048).split(/\r?\n/).slice(0, 6)) {
    const header = parseHeaderLine(line);
    if (header?.name === 'Log-type') return header.value;
    if (header?.name === 'Software' && !/^Microsoft Exchange/i.test(header.value)) return `log of ${header.value}`;
  }
  return undefined;
}

/** A row decides when it holds what only one side writes: replies go out on receive and come in on send. */
function directionOf(event: number, data: string, context: string, connector: string, local: string): Direction | undefined {
  if (context.startsWith('attempting to connect') || context.startsWith('sending message with RecordId')) return 'send';
  if (event === SENT && /^[2-5]\d\d[ -]/.test(data)) return 'receive';
  if (event === RECEIVED && /^[2-5]\d\d[ -]/.test(data)) return 'send';
  if (event === SENT && /^(EHLO|HELO|MAIL|RCPT|X-)/.test(data)) return 'send';
  if (event === RECEIVED && /^(EHLO|HELO|MAIL|RCPT)/i.test(data)) return 'receive';
  if (connector.includes('\\')) return 'receive';
  return connector !== '' || local === '' ? 'send' : undefined;
}

/** An excerpt that lost the columns before the event: no row can be read, but every one is to be counted. */
function isExcerpt(head: Buffer): boolean {
  const lines = head
    .toString('latin1')
    .split(/\r?\n/)
    .filter((line) => line !== '');
  return lines.length > 0 && lines.filter((line) => /^[-+<>*],/.test(line)).length > lines.length / 2;
}

function whatElse(head: Buffer): string {
  const text = head.toString('latin1', 0, 4096);
  if (/^(\u00EF\u00BB\u00BF)?#?"?(Software|Version|Log-type|Date|Fields)/i.test(text) || /(^|\n)#/.test(text)) {
    const line = text
      .split('\n')
      .map((one) => parseHeaderLine(one.trim()))
      .find((one) => one?.name === 'Log-type');
    return line?.value ?? 'another log';
  }
  if (/^"?\d{4}-\d\d-\d\d[T ][^\n]*;/.test(text) || /^#?date-time;/i.test(text)) return SEMICOLONS;
  if (text.includes('\0')) return 'no text but binary data; if it is a log, copy it again';
  return 'no protocol log';
}
