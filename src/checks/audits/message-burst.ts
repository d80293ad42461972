/** Far more messages in an hour than a client ever sent in one. */
import type { AuditFacts } from '../../queries/audit/audit-facts.ts';
import type { Habit, HourRise } from '../../queries/audit/behaviour/behaviours.ts';
import type { Audit } from '../audit.ts';
import { daysOfHistory, isMonthly } from '../evidence/habits.ts';
import { delivered, greeted, QUIT } from '../examples/example-sessions.ts';
import { aboutClient, type Finding } from '../finding.ts';
import { RATE_LIMITS, section } from '../references.ts';
import { advice } from '../remedies/commands.ts';
import { durationWords } from '../words/duration.ts';
import { count } from '../words/enumeration.ts';
import { moment } from '../words/moment.ts';

const HOUR_MS = 3_600_000;
/** Messages in an hour that are worth a look, and how many times the most of any hour before. */
const MANY = 50;
const TIMES = 10;
/** Days with mail that make a habit. */
const HABIT_DAYS = 5;
/** What was held back in a silence, and the silence itself, are counted roughly. */
const BACKLOG = 2;

const MFP = '10.0.20.12';
const at = (time: string, messages: number) => ({
  from: MFP,
  at: time,
  rows: `${greeted('MFP')}\n${Array.from({ length: messages }, () => delivered()).join('\n')}\n${QUIT}`,
});
const ordinary = (days: number) => Array.from({ length: days }, (_, day) => at(`2026-10-${String(day + 10)}T08:00:00.000Z`, 1));
const everyHour = (from: string, hours: number, messages: number) =>
  Array.from({ length: hours }, (_, hour) => at(new Date(Date.parse(from) + hour * HOUR_MS).toISOString(), messages));

export const messageBurst: Audit = {
  id: 'message-burst',
  title: 'Far more messages in an hour than ever',
  why: 'A device or application that was taken over, or that mails in a circle, is seen by its numbers before anybody complains.',
  severity: 'medium',
  references: [RATE_LIMITS, section('5.2')],
  needs: [],
  falsePositives: [
    'A job that runs once a month or once a year, and the logs do not reach back to the time before.',
    'Alarms: something really happened, and a monitoring system told everybody.',
    'After an outage elsewhere, what had been held back came at once.',
  ],
  examples: {
    fires: [
      {
        about: 'one message a day for five days, then fifty in an hour',
        sessions: [...ordinary(5), at('2026-10-15T08:00:00.000Z', 50)],
        says: [/50 messages/, /1 at most/, '2026-10-15 08:00 UTC'],
      },
      {
        about: 'after a silence of 37 hours, more than two messages an hour can have left behind',
        sessions: [...everyHour('2026-10-10T00:00:00.000Z', 120, 2), at('2026-10-16T12:00:00.000Z', 160)],
        says: [/160 messages/, /37 hours/],
      },
    ],
    silent: [
      { about: 'forty-nine in an hour', sessions: [...ordinary(5), at('2026-10-15T08:00:00.000Z', 49)] },
      {
        about: 'month end: as many a month before',
        sessions: [...ordinary(5), at('2026-09-30T08:00:00.000Z', 45), at('2026-10-30T08:00:00.000Z', 60)],
      },
      {
        about: 'the first month end in the logs, and it came again',
        sessions: [...ordinary(5), at('2026-10-15T08:00:00.000Z', 50), at('2026-11-16T09:00:00.000Z', 30)].map((one) => ({
          ...one,
          at: new Date(Date.parse(one.at) - 30 * 86_400_000).toISOString(),
        })),
      },
      { about: 'four days are no habit', sessions: [...ordinary(4), at('2026-10-15T08:00:00.000Z', 50)] },
      {
        about: 'after an outage: what an application that sends all day had held back',
        sessions: [...everyHour('2026-10-10T00:00:00.000Z', 120, 2), at('2026-10-16T12:00:00.000Z', 72)],
      },
      { about: 'a new device', sessions: [at('2026-10-15T08:00:00.000Z', 60)] },
    ],
  },
  find: (facts) =>
    facts.behaviours.habits.flatMap((habit) => {
      const rise = habit.messages;
      return rise && stands(rise) ? [burst(facts, habit, rise)] : [];
    }),
};

const stands = (rise: HourRise): boolean =>
  rise.daysBefore >= HABIT_DAYS &&
  rise.messages >= MANY &&
  rise.messages >= TIMES * rise.mostBefore &&
  !isBacklog(rise) &&
  !isMonthly(rise.hour, rise.again);

/** What would have come in the silence before, at the pace of the time before that. */
function isBacklog({ hour, firstBefore, silentMs, messages, messagesBefore }: HourRise): boolean {
  if (firstBefore === null || silentMs <= HOUR_MS) return false;
  const busy = hour - silentMs - firstBefore + HOUR_MS;
  return messages <= BACKLOG * messagesBefore * (silentMs / busy);
}

function burst(facts: AuditFacts, habit: Habit, rise: HourRise): Finding {
  const { source, device } = habit;
  const name = device === null ? source : `${source} (${device})`;
  const days = daysOfHistory(facts, rise.hour);
  const relays = facts.sources.some((one) => one.source === source && one.external !== null);
  return aboutClient(messageBurst, habit, null, {
    severity: relays ? 'medium' : 'low',
    what: `${name} had ${count(rise.messages, 'message')} accepted in the hour from ${moment(rise.hour)}; in any hour before it had ${rise.mostBefore.toLocaleString('en-US')} at most.`,
    cause: `${count(rise.messagesBefore, 'message')} on ${count(rise.daysBefore, 'day')} before, and ${rise.silentMs > HOUR_MS ? `${durationWords(rise.silentMs)} without any just before: too little to have held so many back.` : 'no silence just before in which they could have been held back.'}${relays ? ' It sends to the outside without a logon.' : ' Nothing of it went outside without a logon.'}`,
    evidence: [
      { kind: 'count', note: `${count(rise.messages, 'message')} in the hour from ${moment(rise.hour)}` },
      {
        kind: 'count',
        note: `before: ${count(rise.messagesBefore, 'message')} on ${count(rise.daysBefore, 'day')}, ${rise.mostBefore.toLocaleString('en-US')} at most in one hour`,
      },
    ],
    remedy: [
      advice(`Ask the owner of ${name} what happened; "relaylens sessions --source ${source}" lists what it sent.`),
      advice('Where one client must not flood the others, set a MessageRateLimit on its connector that fits its use.'),
    ],
    confidence: {
      level: days >= 90 ? 'high' : days >= 35 ? 'medium' : 'low',
      because: `the logs reach back ${count(days, 'day')} before it${days < 35 ? ', less than a month: a monthly job would look the same' : ''}`,
    },
    seen: { count: rise.messages, firstSeen: rise.hour, lastSeen: rise.hour, lastSuccess: null },
  });
}
