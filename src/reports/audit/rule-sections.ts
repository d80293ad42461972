/** Every rule, and what came of it: what could not be looked at is never said to be in order. */
import type { CheckedRule } from '../../checks/run-audits.ts';
import type { Section } from '../../document/document.ts';
import type { AuditReport } from './audit-report.ts';

const WORDS = {
  found: 'found',
  'in-order': 'in order',
  'not-checked': 'not checked',
  broken: 'failed to run',
} as const satisfies Record<CheckedRule['state'], string>;

export function ruleSections({ review }: AuditReport): Section[] {
  const inOrder = review.rules.filter(({ state, because }) => state === 'in-order' && because === null);
  const others = review.rules.filter((rule) => !inOrder.includes(rule));
  return [
    { kind: 'heading', text: 'What was checked' },
    {
      kind: 'table',
      columns: [
        { title: 'Rule', kind: 'text', shrinks: true },
        { title: 'Result', kind: 'text' },
        { title: 'Findings', kind: 'count' },
        { title: 'Note', kind: 'text', shrinks: true, below: true },
      ],
      rows: [...others]
        .sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state))
        .map(({ title, state, findings, because }) => [title, WORDS[state], findings, because ?? '']),
      none: 'Every rule is in order.',
    },
    ...(inOrder.length === 0
      ? []
      : [{ kind: 'text', text: `In order: ${inOrder.map(({ title }) => uncapital(title)).join(' · ')}.` } as const]),
  ];
}

const ORDER: readonly CheckedRule['state'][] = ['broken', 'found', 'not-checked', 'in-order'];

/** As in the middle of a sentence, but for words in capitals. */
const uncapital = (text: string): string => (/^[A-Z][a-z]+[ -]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text);
