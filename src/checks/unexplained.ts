/** What no diagnosis explains: said so, with what the catalogue knows of the words, and the transcript to look at. */
import type { FailureGroup } from '../queries/cases/case.ts';
import type { Diagnosed } from './diagnosis.ts';
import type { Root } from './evidence/sign.ts';
import type { Severity } from './finding.ts';
import { advice } from './remedies/commands.ts';
import { filledRemedy, fillingOf } from './remedies/filled-remedy.ts';

interface Unexplained {
  readonly id: string;
  readonly title: string;
  readonly severity: Severity;
  readonly diagnose: (root: Root, group: FailureGroup) => Diagnosed;
}

export const unexplained: Unexplained = {
  id: 'unexplained',
  title: 'No diagnosis explains it',
  severity: 'medium',
  diagnose({ sign }, { session }) {
    const entry = sign.kind === 'refusal' || sign.kind === 'row' ? sign.found?.entry : undefined;
    const look = advice(`The transcript shows it row by row: "relaylens session ${session.id}".`);
    return entry
      ? {
          cause: `No diagnosis explains it further. What the words mean: ${entry.meaning} ${entry.causes[0] ?? ''}`.trim(),
          remedy: [...filledRemedy(entry, fillingOf(session, sign)), look],
          confidence: { level: 'low', because: 'the reply alone says it' },
        }
      : {
          cause:
            sign.kind === 'refusal'
              ? 'No diagnosis explains it, and the words are not among the replies that are known.'
              : 'No diagnosis explains it: no row of the session says more.',
          remedy: [look],
          confidence: { level: 'low', because: 'nothing is known of these words' },
        };
  },
};
