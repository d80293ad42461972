/** Which Exchange wrote a session, told from the dialect of its rows. Source: reference of the protocol log. */
import type { ExchangeVersion } from '../machine/settings.ts';
import type { LoggedRow } from './recording.ts';

type Sign = readonly [event: string, part: 'data' | 'context', pattern: RegExp, version: ExchangeVersion];

/** What only one of the two writes. 2010 writes as 2013 does. */
const SIGNS: readonly Sign[] = [
  ['>', 'data', /^\d{3} {2}\S|^334 <auth|^5\d\d 5\.7\.5[47] /, '2016+'],
  ['>', 'data', /^\d{3}-|^334 *$|^550 5\.7\.1 Unable to relay|^530 5\.7\.1 Client was not/, '2013'],
  ['*', 'context', /^(Sending|Remote) certificate Subject|^TlsDomainCapabilities|^Client certificate chain/, '2016+'],
  ['*', 'context', /^(Sending|Remote) certificate$/, '2013'],
];

/** undefined where nothing in the session tells. */
export function versionIn(rows: readonly LoggedRow[]): ExchangeVersion | undefined {
  const [first, second] = rows;
  // 2013 begins every session with its rights, 2016 and later with the banner.
  if (first?.event === '+' && second?.sequence === first.sequence + 1) {
    if (second.event === '*' && second.context.startsWith('Set Session Permissions')) return '2013';
    if (second.event === '>' && second.data.startsWith('220 ')) return '2016+';
  }
  for (const row of rows)
    for (const [event, part, pattern, version] of SIGNS) if (row.event === event && pattern.test(row[part])) return version;
  return undefined;
}
