/** What each device asks of whoever takes its mail: rates, sizes, recipients, senders, TLS and logon, as seen in a period. */
import { AcceptedDomains } from '../../../connector/accepted-domain.ts';
import { type TlsAge, tlsAge } from '../../../smtp/tls-version.ts';
import type { Database } from '../../../store/database.ts';
import { CLIENT, CLIENT_MESSAGES } from '../../../store/usage-roll-up.ts';
import { recipientCounts } from '../external-recipients.ts';
import { offsetAt, type Period, periodAround } from '../period.ts';
import type { RollUpReader } from '../roll-up-reader.ts';
import { sessionCounts } from '../traffic.ts';
import type { Authentication } from '../usage-report.ts';
import { answer, iso, type ViewDevice, type ViewFrame, type ViewQuestion, viewDevice } from './view-frame.ts';

/** The most of something in one minute, hour or day, and when that began. */
export interface Peak {
  readonly count: number;
  readonly at: string;
}

/** Accepted messages alone: what was refused does not show what a device needs. */
export interface Demand {
  readonly messages: number;
  readonly recipients: number;
  /** Of the recipients, those outside the organisation; null until accepted domains are known. */
  readonly recipientsExternal: number | null;
  readonly peakMinute: Peak | null;
  readonly peakHour: Peak | null;
  /** Days of the zone that was asked for. */
  readonly peakDay: Peak | null;
  readonly peakDayRecipients: Peak | null;
  /** null where no row tells a size. */
  readonly largestBytes: number | null;
  readonly mostRecipients: number;
  readonly senderAddresses: number;
  readonly senderDomains: readonly string[];
  /** Of the domains, those that are not accepted ones; null until accepted domains are known. */
  readonly senderDomainsForeign: readonly string[] | null;
  readonly sessions: number;
  readonly tls: Readonly<Record<TlsAge, number>>;
  /** null where only another server's log tells of it. */
  readonly authenticated: Authentication | null;
  /** Sessions of which the logon failed: who tries can log on. */
  readonly logonsFailed: number;
}

export interface DemandingDevice extends ViewDevice {
  readonly demand: Demand;
}

export interface DemandView extends ViewFrame {
  /** The busiest first. */
  readonly devices: readonly DemandingDevice[];
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** Clocks are set forward and back at quarters of an hour, if at all. */
const QUARTER_MS = 15 * MINUTE_MS;

/** Counts what comes in order of time, and keeps the most of one span. */
class Most {
  count = 0;
  /** The first of it. */
  at = 0;
  #span = Number.NaN;
  #first = 0;
  #now = 0;

  /** `span`: number of the minute, hour or day that holds `at`. */
  add(span: number, at: number, by = 1): void {
    if (span !== this.#span) {
      this.#span = span;
      this.#first = at;
      this.#now = 0;
    }
    this.#now += by;
    if (this.#now > this.count) {
      this.count = this.#now;
      this.at = this.#first;
    }
  }

  /** `beginning`: of the span that holds a time. */
  peak(beginning: (at: number) => number): Peak | null {
    return this.count === 0 ? null : { count: this.count, at: iso(beginning(this.at)) };
  }
}

class Draft {
  messages = 0;
  recipients = 0;
  external: number | null = null;
  readonly minute = new Most();
  readonly hour = new Most();
  readonly day = new Most();
  readonly dayRecipients = new Most();
  largest = 0;
  mostRecipients = 0;
  readonly senders = new Set<number>();
  sessions = 0;
  loggedOn = 0;
  logonsFailed = 0;
  readonly tls = { none: 0, old: 0, new: 0, unknown: 0 };
}

/** One pass over the transactions of the period, by the index of their times: no roll-up knows minutes of a device. */
export function askDemand(db: Database, question: ViewQuestion): DemandView {
  return answer(db, question, ({ reader, history, texts, identities, frame }) => {
    const { period } = question;
    const midnight = (at: number): number => periodAround('day', at, period.zone).since;
    const drafts = new Map<number, Draft>();
    const draftOf = (source: number): Draft => {
      let draft = drafts.get(source);
      if (!draft) drafts.set(source, (draft = new Draft()));
      return draft;
    };
    addMessages(db, reader, period, draftOf);
    for (const { source, tls, authResult, sessions } of sessionCounts(reader, period)) {
      const draft = draftOf(source);
      draft.sessions += sessions;
      draft.tls[tlsAge(texts.of(tls))] += sessions;
      if (authResult === 'success') draft.loggedOn += sessions;
      if (authResult === 'failed') draft.logonsFailed += sessions;
    }
    for (const { source, external } of recipientCounts(reader, history, texts, period))
      if (external !== undefined) draftOf(source).external = (draftOf(source).external ?? 0) + external;
    const { acceptedDomains } = history.at(period.until - 1);
    const accepted = acceptedDomains === null ? undefined : new AcceptedDomains(acceptedDomains);
    const domainOf = db
      .prepare<[number], string>('SELECT value FROM text WHERE id = (SELECT domain_id FROM address WHERE id = ?)')
      .pluck();
    const devices = [...drafts]
      .filter(([, { sessions, messages }]) => sessions > 0 || messages > 0)
      .map(([id, draft]): DemandingDevice => {
        const domains = [...new Set([...draft.senders].map((sender) => domainOf.get(sender) ?? ''))]
          .filter((name) => name !== '')
          .sort();
        const {
          messages,
          recipients,
          minute,
          hour,
          day,
          dayRecipients,
          largest,
          mostRecipients,
          senders,
          sessions,
          loggedOn,
          tls,
        } = draft;
        return {
          ...viewDevice(identities, id),
          demand: {
            messages,
            recipients,
            recipientsExternal: draft.external ?? (accepted ? 0 : null),
            peakMinute: minute.peak((at) => at - (at % MINUTE_MS)),
            peakHour: hour.peak((at) => at - (at % HOUR_MS)),
            peakDay: day.peak(midnight),
            peakDayRecipients: dayRecipients.peak(midnight),
            largestBytes: largest === 0 ? null : largest,
            mostRecipients,
            senderAddresses: senders.size,
            senderDomains: domains,
            senderDomainsForeign: accepted ? domains.filter((name) => accepted.find(name) === undefined) : null,
            sessions,
            tls,
            authenticated: sessions === 0 ? null : loggedOn === 0 ? 'no' : loggedOn === sessions ? 'yes' : 'mixed',
            logonsFailed: draft.logonsFailed,
          },
        };
      });
    devices.sort(
      (a, b) => b.demand.messages - a.demand.messages || b.demand.sessions - a.demand.sessions || (a.source < b.source ? -1 : 1),
    );
    return { ...frame, devices };
  });
}

function addMessages(
  db: Database,
  reader: RollUpReader,
  { since, until, zone }: Period,
  draftOf: (source: number) => Draft,
): void {
  type Row = [source: number, at: number, bytes: number | null, recipients: number, sender: number | null];
  const rows = db
    .prepare<[{ hour: number; end: number }]>(
      `SELECT ${CLIENT}, t.decided_at, t.bytes, t.recipients_accepted, t.sender_id FROM ${CLIENT_MESSAGES} AND t.state = 'accepted'${reader.filter}
       ORDER BY t.decided_at`,
    )
    .raw()
    .iterate({ hour: since, end: until }) as Iterable<Row>;
  let quarter = Number.NaN;
  let offset = 0;
  for (const [source, at, bytes, recipients, sender] of rows) {
    const own = Math.floor(at / QUARTER_MS);
    if (own !== quarter) {
      quarter = own;
      offset = offsetAt(at, zone);
    }
    const draft = draftOf(source);
    draft.messages++;
    draft.recipients += recipients;
    draft.minute.add(Math.floor(at / MINUTE_MS), at);
    draft.hour.add(Math.floor(at / HOUR_MS), at);
    const day = Math.floor((at + offset) / DAY_MS);
    draft.day.add(day, at);
    draft.dayRecipients.add(day, at, recipients);
    if (bytes !== null && bytes > draft.largest) draft.largest = bytes;
    if (recipients > draft.mostRecipients) draft.mostRecipients = recipients;
    if (sender !== null) draft.senders.add(sender);
  }
}
