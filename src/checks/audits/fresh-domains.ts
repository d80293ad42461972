/** A client writes to, or in the name of, many domains that were never seen from there: as if somebody else used it. */
import type { AuditFacts } from '../../queries/audit/audit-facts.ts';
import type { DayRise, Habit } from '../../queries/audit/behaviour/behaviours.ts';
import type { Audit } from '../audit.ts';
import { dayName, daysOfHistory, isMonthly, surelyKnown } from '../evidence/habits.ts';
import { delivered, greeted, mailFrom, QUIT, tarpitted, UNABLE_TO_RELAY } from '../examples/example-sessions.ts';
import { aboutClient, type Finding } from '../finding.ts';
import { ANONYMOUS_RELAY, section } from '../references.ts';
import { advice } from '../remedies/commands.ts';
import { count, enumerate } from '../words/enumeration.ts';

/** New domains in one day that are too many for a device. */
const MANY_RECIPIENT_DOMAINS = 10;
const MANY_SENDER_DOMAINS = 5;
/** So many times the most domains of any day before: a newsletter always has as many. */
const TIMES = 3;
/** Days with mail that make a habit. */
const HABIT_DAYS = 5;
/** Of a client without a past, more than that is told. */
const MANY_WITHOUT_PAST = 50;

const MFP = '10.0.20.12';
const on = (day: string, rows: string) => ({
  from: MFP,
  at: `${day}T08:00:00.000Z`,
  rows: `${greeted('MFP')}\n${rows}\n${QUIT}`,
});
const times = <T>(n: number, make: (index: number) => T): T[] => Array.from({ length: n }, (_, index) => make(index));
/** A message for so many domains. */
const spread = (domains: number, from = 0): string =>
  `${mailFrom()}\n${times(domains, (index) => `< RCPT TO:<a@d${from + index}.example>\n> 250 2.1.5 Recipient OK`).join('\n')}\n< DATA\n> 354 Start mail input; end with <CRLF>.<CRLF>\n@120 > {queued 18000}`;
const refusedSpread = (domains: number): string =>
  `${mailFrom()}\n${times(domains, (index) => `< RCPT TO:<a@d${index}.example>\n${tarpitted(UNABLE_TO_RELAY)}`).join('\n')}`;
const ordinary = (days: number) => times(days, (day) => on(`2026-10-${String(day + 10)}`, delivered()));

export const freshDomains: Audit = {
  id: 'fresh-domains',
  title: 'Many domains that are new for this client',
  why: 'A device or application that was taken over is first seen by this: it writes to the whole world, or in the name of anybody.',
  severity: 'high',
  references: [ANONYMOUS_RELAY, section('5.2')],
  needs: [],
  falsePositives: [
    'A job that runs once a month or once a year, such as invoices, and the logs do not reach back to the time before.',
    'The address was given to another host, or the application got another job.',
    'A newsletter or a list of customers that was sent for the first time.',
  ],
  examples: {
    fires: [
      {
        about: 'a printer that wrote to one domain for five days, and to ten others on one',
        sessions: [...ordinary(5), on('2026-11-02', spread(10))],
        says: [/10 domains/, '2026-11-02', 'd0.example', /5 days/, '"severity":"high"'],
      },
      {
        about: 'it tried, and was refused',
        sessions: [...ordinary(5), on('2026-11-02', refusedSpread(10))],
        says: [/0 recipients accepted and 10 refused/, '"severity":"medium"'],
      },
      {
        about: 'in the name of five domains on one day',
        sessions: [
          ...ordinary(5),
          on('2026-11-02', times(5, (index) => delivered('partner@fabrikam.example', `a@d${index}.example`)).join('\n')),
        ],
        says: [/in the name of 5 domains/],
      },
      {
        about: 'it came again, and not by the month',
        sessions: [...ordinary(5), on('2026-10-20', spread(10)), on('2026-10-22', spread(10))],
        says: [/10 domains/, '2026-10-20'],
      },
      {
        about: 'a new device with fifty: no past to hold against it',
        sessions: [
          { from: '10.0.20.99', at: '2026-10-01T08:00:00.000Z', rows: `${greeted('x')}\n${delivered()}\n${QUIT}` },
          on('2026-11-02', spread(50)),
        ],
        says: ['"severity":"low"', /first seen/],
      },
    ],
    silent: [
      {
        about: 'month end: the same kind of rise a month before',
        sessions: [...ordinary(5), on('2026-09-30', spread(10)), on('2026-10-30', spread(20, 10))],
      },
      {
        about: 'the first month end in the logs, and it came again',
        sessions: [
          ...ordinary(5).map((one) => ({ ...one, at: one.at.replace('-10-', '-08-') })),
          on('2026-08-28', spread(10)),
          on('2026-09-28', spread(10)),
          on('2026-10-28', spread(9)),
        ],
      },
      {
        about: 'a newsletter that goes to many domains every day',
        sessions: times(6, (day) => on(`2026-10-${String(day + 10)}`, spread(12, day * 12))),
      },
      { about: 'nine new domains', sessions: [...ordinary(5), on('2026-11-02', spread(9))] },
      { about: 'four days are no habit', sessions: [...ordinary(4), on('2026-11-02', spread(10))] },
      {
        about: 'a new device with forty-nine domains',
        sessions: [
          { from: '10.0.20.99', at: '2026-10-01T08:00:00.000Z', rows: `${greeted('x')}\n${delivered()}\n${QUIT}` },
          on('2026-11-02', spread(49)),
        ],
      },
      { about: 'fifty, and the logs begin on that day', sessions: [on('2026-11-02', spread(50))] },
    ],
  },
  find: (facts) => facts.behaviours.habits.flatMap((habit) => [...recipients(facts, habit), ...senders(facts, habit)]),
};

const stands = (rise: DayRise, many: number): boolean =>
  rise.daysBefore >= HABIT_DAYS &&
  rise.fresh >= many &&
  rise.fresh >= TIMES * rise.mostBefore &&
  !isMonthly(rise.day, rise.again);

function recipients(facts: AuditFacts, habit: Habit): Finding[] {
  const rise = habit.recipientDomains;
  if (!rise) return [];
  if (stands(rise, MANY_RECIPIENT_DOMAINS)) return [outbreak(facts, habit, rise, 'recipients')];
  return rise.daysBefore === 0 && rise.fresh >= MANY_WITHOUT_PAST && surelyKnown(facts, rise.day) ? [newcomer(habit, rise)] : [];
}

/** Only of a client with a past: a mail server of others has many senders from its first day on. */
function senders(facts: AuditFacts, habit: Habit): Finding[] {
  const rise = habit.senderDomains;
  return rise && stands(rise, MANY_SENDER_DOMAINS) ? [outbreak(facts, habit, rise, 'senders')] : [];
}

const nameOf = ({ source, device }: Habit): string => (device === null ? source : `${source} (${device})`);

function outbreak(facts: AuditFacts, habit: Habit, rise: DayRise, of: 'recipients' | 'senders'): Finding {
  const days = daysOfHistory(facts, rise.day);
  return aboutClient(freshDomains, habit, null, {
    severity: rise.accepted > 0 ? 'high' : 'medium',
    what: `On ${dayName(rise.day)} ${nameOf(habit)} wrote ${of === 'recipients' ? 'to' : 'in the name of'} ${count(rise.fresh, 'domain')} never seen from there before; on any day before it had ${rise.mostBefore.toLocaleString('en-US')} at most.`,
    cause: `That is another use than on the ${count(rise.daysBefore, 'day')} with mail before. Either somebody changed what runs there, or somebody else sends through it: it was taken over, or its address was.`,
    evidence: evidenceOf(rise, of),
    remedy: [
      advice(`Ask the owner of ${nameOf(habit)} what ran there on ${dayName(rise.day)}.`),
      advice(
        `If nobody knows, take it off the network, or its address out of the relay connector, until it was examined; "relaylens sessions --source ${habit.source}" lists what it sent.`,
      ),
      advice('See in the queues and at the block lists whether mail is still under way, and whether your address is listed.'),
    ],
    confidence: {
      level: days >= 90 ? 'high' : days >= 35 ? 'medium' : 'low',
      because: `the logs reach back ${count(days, 'day')} before it${days < 35 ? ', less than a month: a monthly job would look the same' : ''}`,
    },
    seen: { count: rise.fresh, firstSeen: rise.day, lastSeen: rise.day, lastSuccess: null },
  });
}

function newcomer(habit: Habit, rise: DayRise): Finding {
  return aboutClient(freshDomains, habit, null, {
    severity: 'low',
    what: `${nameOf(habit)} was first seen with recipients on ${dayName(rise.day)}, and wrote to ${count(rise.fresh, 'domain')} on that day.`,
    cause:
      'It has no past to hold that against: it may be a new application that sends to customers, or a host that nobody meant to let relay.',
    evidence: evidenceOf(rise, 'recipients'),
    remedy: [advice(`Ask whose ${habit.source} is and what it sends; give it a name in the list of devices.`)],
    confidence: { level: 'low', because: 'it has no days before to be compared with' },
    seen: { count: rise.fresh, firstSeen: rise.day, lastSeen: rise.day, lastSuccess: null },
  });
}

const evidenceOf = (rise: DayRise, of: 'recipients' | 'senders'): Finding['evidence'] => [
  {
    kind: 'count',
    note: `${dayName(rise.day)}: ${count(rise.domains, 'domain')}, of them ${rise.fresh.toLocaleString('en-US')} new, with ${count(rise.accepted, of === 'recipients' ? 'recipient' : 'message')} accepted and ${rise.refused.toLocaleString('en-US')} refused`,
  },
  { kind: 'count', note: `new: ${enumerate(rise.names, 8)}${rise.fresh > rise.names.length ? ' and others' : ''}` },
  {
    kind: 'count',
    note: `before: ${count(rise.daysBefore, 'day')} with mail, ${count(rise.mostBefore, 'domain')} at most on one of them`,
  },
];
