/** The order of the steps: none conflicts with what is there when its turn comes. */
import { conflictsOf } from '../../connector/conflict.ts';
import type { ReceiveConnector } from '../../connector/connector.ts';
import { type PlanRefusal, refusalOfConflict } from '../plan.ts';
import type { Step } from './step.ts';

/** Each step where it conflicts with nothing that is there by then; those that always would are left over, with the reason. */
export function inOrder(
  steps: readonly Step[],
  there: readonly ReceiveConnector[],
): { ordered: Step[]; stuck: { step: Step; refusals: readonly PlanRefusal[] }[] } {
  let state = [...there];
  const ordered: Step[] = [];
  const stuck = steps.filter(({ refusals }) => refusals.length > 0).map((step) => ({ step, refusals: step.refusals }));
  const sound = steps.filter(({ refusals }) => refusals.length === 0);
  // What is only added, and conflicts with nothing in the end, conflicts with nothing on the way either.
  const added = sound.every(({ action }) => action !== 'change') ? sound.filter(({ action }) => action === 'create') : [];
  const disputed = new Set(conflictsOf([...there, ...added.map(({ target }) => target)]).flatMap(({ a, b }) => [a, b]));
  const free = added.filter(({ target }) => !disputed.has(target));
  for (const step of free) {
    ordered.push(step);
    state.push(step.target);
  }
  let waiting = sound.filter((step) => !free.includes(step));
  for (let progress = true; progress; ) {
    progress = false;
    const later: Step[] = [];
    for (const step of waiting) {
      if (step.action !== 'same' && conflictsAfter(state, step).length > 0) later.push(step);
      else {
        ordered.push(step);
        state = after(state, step);
        progress = true;
      }
    }
    waiting = later;
  }
  return {
    ordered,
    stuck: [...stuck, ...waiting.map((step) => ({ step, refusals: conflictsAfter(state, step).map(refusalOfConflict) }))],
  };
}

const after = (state: readonly ReceiveConnector[], { before, target }: Step): ReceiveConnector[] =>
  before ? state.map((one) => (one === before ? target : one)) : [...state, target];

const conflictsAfter = (state: readonly ReceiveConnector[], step: Step) =>
  conflictsOf(after(state, step)).filter(({ a, b }) => a === step.target || b === step.target);
