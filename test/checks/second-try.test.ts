/** A second try in one session, of which the log tells less than of the first. */
import { expect, it } from 'vitest';
import { greeted, loggingOn } from '../../src/checks/examples/example-sessions.ts';
import { exampleDatabase, verdictOn } from './example-case.ts';

it.each(['A', 'B'] as const)('does not make unknown what the first one shows, in dialect %s', async (dialect) => {
  // Neither has a reply, as in excerpts.
  const tried = `${loggingOn}\n* | Inbound AUTH LOGIN failed because of LogonDenied\n* | User Name: nas`;
  const rows = `${greeted('nas')}\n${tried}\n#+2\n${loggingOn}\n* | Inbound AUTH LOGIN failed because of LogonDenied`;
  const later = { from: '10.0.20.99', at: '2026-11-02T10:00:00.000Z', rows: `${greeted('x')}` };
  const { verdicts } = verdictOn(
    await exampleDatabase({ about: 'two tries', sessions: [{ rows }, later] }, dialect),
    '10.0.20.12',
  );
  expect(verdicts.map(({ check }) => check)).toEqual(['wrong-password']);
  expect(verdicts[0]!.confidence.because).toContain('LogonDenied');
  expect(verdicts[0]!.unknown.join()).not.toContain('The row before the reply');
});
