/** Mail still gets through, but the server slows clients down because it runs short of disk or memory. */

import type { CaseDiagnosis } from '../diagnosis.ts';
import { serverCommand } from '../evidence/server-command.ts';
import { serverOfSession } from '../evidence/session-connector.ts';
import { delaysOf } from '../evidence/tarpit.ts';
import { delivered, greeted, QUIT, workingSession } from '../examples/example-sessions.ts';
import { BACK_PRESSURE, replySection } from '../references.ts';
import { advice } from '../remedies/commands.ts';
import { durationWords } from '../words/duration.ts';
import { count } from '../words/enumeration.ts';

const SLOWED = `${greeted('erp')}\n* Tarpit for '0.00:00:10' due to 'Back Pressure'\n@10000 ${delivered()}\n${QUIT}`;

export const backPressureDelay: CaseDiagnosis = {
  kind: 'case',
  id: 'back-pressure-delay',
  title: 'The server slows clients down: it runs short',
  why: 'The delay is the first step of back pressure: when the resource runs out, mail is refused.',
  severity: 'medium',
  references: [BACK_PRESSURE, replySection('E')],
  rootOf: [],
  examples: {
    fires: [{ about: 'a delay of ten seconds', sessions: [{ rows: SLOWED }], says: [/10\.0 seconds/, /15004/] }],
    silent: [
      { about: 'no delay', sessions: [{ rows: workingSession('erp') }] },
      {
        about: 'a delay for another reason',
        sessions: [{ rows: SLOWED.replace('Back Pressure', 'DelayedAck') }],
      },
    ],
  },
  diagnose(theCase) {
    const latest = theCase.circumstances.delayed()?.latest;
    if (!latest) return undefined;
    const delays = delaysOf(latest).filter(({ cause }) => cause === 'back-pressure');
    if (delays.length === 0) return undefined;
    const server = serverOfSession(latest);
    return {
      what: `The server delayed the latest session that delivered its mail by ${durationWords(delays.reduce((sum, { ms }) => sum + ms, 0))}, because of back pressure.`,
      cause: `${server ?? 'The server'} runs short of a resource (disk space of the queue database, memory, or waiting messages) and takes mail more slowly: ${count(delays.length, 'delay')} in this session. Mail is refused when it gets worse.`,
      session: latest,
      rows: delays.slice(0, 3).map(({ index }) => index),
      remedy: [
        serverCommand(
          "Get-WinEvent -ComputerName {server} -FilterHashtable @{LogName='Application'; ID=15004,15005,15006,15007} -MaxEvents 20",
          { server },
        ),
        advice(
          'Make room on the drive of the queue database, or give the server the memory that it lacks, before mail is refused.',
        ),
      ],
      confidence: { level: 'high', because: 'the rows of the delays say it' },
      count: 1,
      unknown: ['Which resource is short is in the application log of the server: events 15004 to 15007.'],
    };
  },
};
