import type { CellKind } from '../document/document.ts';
import { FAILING_OUTCOMES, type Outcome } from '../smtp/outcome.ts';

/** How a text is to be taken. It may be shown as colour or weight, besides the text, which says it too. */
export type Tone = 'plain' | 'good' | 'bad' | 'warning' | 'quiet';

export function cellTone(kind: CellKind, text: string): Tone {
  if (text === '') return 'plain';
  switch (kind) {
    case 'outcome':
      return FAILING_OUTCOMES.includes(text as Outcome) ? 'bad' : text === 'accepted' ? 'good' : 'quiet';
    case 'error':
      return 'warning';
    case 'text':
    case 'curve':
    case 'share':
    case 'change':
    case 'count':
    case 'bytes':
    case 'time':
    case 'minute':
    case 'day':
    case 'duration':
      return 'plain';
  }
}
