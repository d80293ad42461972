/** What a manager reads: holes first, then who used the relay and how much, what was refused, and what has changed. */
import type { Section } from '../../document/document.ts';
import type { UsageCoverage, UsagePeriod, UsageReport } from '../../queries/usage/usage-report.ts';
import { count, number, percent, whoIs } from './page.ts';

/** Logs with holes that are named one by one. */
const LOGS = 4;

export function headline(report: UsageReport): Section[] {
  const { totals, coverage, coverageBefore, compared } = report;
  const sections: Section[] = [];
  sections.push(...holeSections(coverage));
  const spoilt = compared && coverageBefore && holesBefore(compared.name, coverageBefore);
  if (spoilt) sections.push({ kind: 'text', text: spoilt });
  const where = placeOf(report);
  if (totals.devices === 0) {
    sections.push({ kind: 'text', text: `${inPeriod(report.period)} nobody used the relay${where}, as far as the logs tell.` });
    const lost = report.changes?.vanished.length ?? 0;
    if (lost > 0)
      sections.push({
        kind: 'text',
        text: `${count(lost, 'device')} that did ${uncapital(inPeriod(compared!))} did not come any more.`,
      });
    return sections;
  }
  sections.push({
    kind: 'text',
    text: [useOf(report, where), refusedOf(report), changeOf(report)].filter((one) => one !== '').join('\n'),
  });
  return sections;
}

/** What was not seen, said before any figure; nothing where all was. */
export function holeSections(coverage: UsageCoverage): Section[] {
  const holes = holesIn(coverage);
  if (holes.length === 0) return [];
  return [{ kind: 'text', text: `Not everything was seen: ${holes.join('; ')}. The figures are at least what they say.` }];
}

const uncapital = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

/** `In November 2026`, `On Monday, 2 November 2026`, `From … to …`. */
export function inPeriod({ kind, name }: UsagePeriod): string {
  return `${kind === 'day' ? 'On' : kind === 'custom' ? 'From' : 'In'} ${name}`;
}

/** ` of EX01 through connectors called "Relay"`; empty where all is meant. */
export function placeOf({ server, connector }: Pick<UsageReport, 'server' | 'connector'>): string {
  return [server === null ? '' : ` of ${server}`, connector === null ? '' : ` through connectors called "${connector}"`].join('');
}

function useOf({ period, totals }: UsageReport, where: string): string {
  if (totals.messagesAccepted === 0)
    return `${inPeriod(period)}, ${count(totals.devices, 'device')} tried to use the relay${where}, and no message was accepted.`;
  return `${inPeriod(period)}, ${count(totals.devicesSending, 'device')} relayed ${count(totals.messagesAccepted, 'message')}${where} to ${count(totals.recipientsAccepted, 'recipient')}${outsideOf(totals)}.`;
}

function outsideOf({ recipientsExternal: external, recipientsAccepted: all }: UsageReport['totals']): string {
  if (external === null || all === 0) return '';
  const which =
    all === 1 ? (external === 1 ? '' : 'not ') : external === 0 ? 'none of them ' : external === all ? 'all of them ' : undefined;
  return `, ${which ?? `${number(external)} of them (${percent(external, all)}) `}outside the organisation`;
}

function refusedOf({ totals, devices, refusals }: UsageReport): string {
  const refused = devices.filter(({ messagesRefused }) => messagesRefused > 0);
  const silent = totals.devices - totals.devicesSending;
  const nothing = silent === 0 ? '' : `${count(silent, 'device')} got nothing through`;
  const [first] = refusals;
  const cause = first ? `; the most frequent refusal was "${first.reply}"` : '';
  if (totals.messagesRefused === 0) return nothing === '' ? 'No message was refused.' : `${nothing}${cause}.`;
  return `${count(totals.messagesRefused, 'message')} of ${count(refused.length, 'device')} ${totals.messagesRefused === 1 ? 'was' : 'were'} refused${nothing === '' ? '' : `, and ${nothing}`}${cause}.`;
}

function changeOf({ compared, totals, totalsBefore, changes, coverageBefore }: UsageReport): string {
  if (!compared || !totalsBefore || !changes) return '';
  if (totalsBefore.devices === 0)
    return coverageBefore && !wereHeard(coverageBefore) ? '' : `${inPeriod(compared)} nobody used it.`;
  const before = totalsBefore.messagesAccepted;
  const change = before === 0 ? '' : ` (${signed(totals.messagesAccepted - before, before)})`;
  const moved = (
    [
      [changes.newcomers, 'is new', 'are new'],
      [changes.returned, 'is back after a while', 'are back after a while'],
      [changes.vanished, 'is gone', 'are gone'],
      [changes.changed, 'behaves differently', 'behave differently'],
    ] as const
  )
    .filter(([devices]) => devices.length > 0)
    .map(([devices, one, many], index) => countOf(devices, devices.length === 1 ? one : many, index === 0));
  return `${inPeriod(compared)} it was ${count(before, 'message')}${change}; since then ${moved.length === 0 ? 'no device came, went or changed' : moved.join(', ')}.`;
}

/** Few are named, many are counted; the first of a list says of what. */
function countOf(devices: readonly Parameters<typeof whoIs>[0][], what: string, first: boolean): string {
  const names = devices.length <= 2 ? `: ${devices.map(whoIs).join(' and ')}` : '';
  return `${first ? count(devices.length, 'device') : number(devices.length)} ${what}${names}`;
}

const signed = (by: number, of: number): string =>
  by === 0 ? 'as many' : `now ${percent(Math.abs(by), of)} ${by > 0 ? 'more' : 'fewer'}`;

const wereHeard = ({ logs }: UsageCoverage): boolean => logs.some(({ hours, silentHours }) => silentHours < hours);

/** What spoils the comparison. */
function holesBefore(name: string, coverage: UsageCoverage): string | undefined {
  if (!wereHeard(coverage)) return `${name}, with which it is compared, has no logs at all.`;
  const silent = coverage.logs.filter(({ direction, silentHours }) => direction === 'receive' && silentHours > 0);
  const hours = silent.reduce((sum, { silentHours }) => sum + silentHours, 0);
  if (hours === 0) return undefined;
  return `${name}, with which it is compared, has ${count(hours, 'silent hour')} in ${count(silent.length, 'log')}: what looks like growth may be that.`;
}

/** What a reader has to know before any figure. */
export function holesIn({ logs, connectorsNotLogged, linesNotRead, unfinishedAt }: UsageCoverage): string[] {
  const receive = logs.filter(({ direction, silentHours }) => direction === 'receive' && silentHours > 0);
  const holes = receive.map(({ server, service, hours, silentHours }) =>
    silentHours === hours
      ? `no log of ${server || 'an unknown server'} ${service} reaches into it`
      : `${server || 'an unknown server'} ${service} has no session in ${number(silentHours)} of ${count(hours, 'hour')}`,
  );
  const more = holes.splice(LOGS).length;
  if (more > 0) holes.push(`${count(more, 'other log')} ${more === 1 ? 'has' : 'have'} silent hours too`);
  if (!logs.some(({ direction }) => direction === 'receive')) holes.push('no receive log was read');
  if (connectorsNotLogged.length > 0)
    holes.push(`${count(connectorsNotLogged.length, 'connector')} ${connectorsNotLogged.length === 1 ? 'does' : 'do'} not log`);
  if (linesNotRead > 0) holes.push(`${count(linesNotRead, 'line')} of the logs could not be read`);
  if (unfinishedAt !== null) holes.push('the period is not over yet');
  return holes;
}
