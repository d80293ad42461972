/** An axis that begins at nothing and ends at a round number. */
import type { Chart } from '../../document/document.ts';
import { formatBytes } from '../cell-text.ts';

export interface Scale {
  readonly max: number;
  readonly step: number;
}

/** Rounds are tens for counts and powers of 1024 for bytes; about so many steps, none below one. */
export function scaleTo(most: number, kind: Chart['unit']['kind'], steps = 5): Scale {
  if (!(most > 0)) return { max: 1, step: 1 };
  const base = kind === 'bytes' ? 1024 ** Math.min(4, Math.floor(Math.log(most) / Math.log(1024))) : 1;
  const rough = most / base / steps;
  const power = 10 ** Math.floor(Math.log10(rough));
  const round = [1, 2, 2.5, 5, 10].find((one) => one * power >= rough)! * power * base;
  const step = Math.max(1, kind === 'bytes' ? round : wholeStep(round));
  return { max: Math.ceil(most / step - 1e-9) * step, step };
}

/** Nobody sends half a message. */
const wholeStep = (step: number): number => (step === 2.5 ? 5 : step);

const COMPACT = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 2 });
const GROUPS = new Intl.NumberFormat('en-US', { maximumFractionDigits: 2 });

/** An amount in few letters, for an axis or a field. */
export function shortAmount(value: number, kind: Chart['unit']['kind'], from = 10_000_000): string {
  if (kind === 'bytes') return formatBytes(value).replace('.0 ', ' ');
  return value >= from ? COMPACT.format(value) : GROUPS.format(value);
}
