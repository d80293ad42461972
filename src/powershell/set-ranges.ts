/** Commands that add ranges to a connector or take them away, and leave the others alone. */
import { conflictsOf } from '../connector/conflict.ts';
import { identityOf, type ReceiveConnector } from '../connector/connector.ts';
import { mayRelay } from '../connector/effective-rights.ts';
import { difference, rangeTexts, sameAddresses } from '../connector/range-set.ts';
import { parseRemoteRange, type RemoteRange } from '../connector/remote-range.ts';
import type { RightEntry } from '../connector/right.ts';
import { commandLines, text } from './command.ts';
import { type Planned, refusalOfConflict } from './plan.ts';
import { getConnector } from './right-commands.ts';
import { type ScriptLine, say } from './script.ts';
import { relayWarnings } from './warning.ts';

export interface RangeRequest {
  readonly server: string;
  readonly name: string;
  readonly add: readonly RemoteRange[];
  readonly remove: readonly RemoteRange[];
  /** The server's connectors; null where they are not known. */
  readonly connectors: readonly ReceiveConnector[] | null;
  /** Of the connector; null where they were not imported. */
  readonly rights: readonly RightEntry[] | null;
}

/**
 * Of a connector that is known: what is there already is not added, what is there in other words is removed in
 * those, and an address inside a range leaves the rest of the range.
 */
export function setRanges(request: RangeRequest): Planned {
  const { server, name, connectors } = request;
  const identity = identityOf({ server, name });
  const connector = connectors?.find((one) => one.name.toLowerCase() === name.toLowerCase());
  if (connectors !== null && !connector)
    return refused('connector-missing', `the configuration of ${server} holds no connector "${name}"`);
  const lines: ScriptLine[] = [];
  const warnings: string[] = [];
  let add = request.add.map((range) => range.text);
  let remove = request.remove.map((range) => range.text);

  if (connector) {
    const plan = planOn(connector, request);
    if (plan.missing.length > 0)
      return refused('range-missing', `${identity} does not take ${plan.missing.join(', ')}, so it cannot be removed`);
    if (plan.result.length === 0)
      return refused('no-range-left', `${identity} would have no range left: disable or remove the connector instead`);
    const planned = { ...connector, remoteIPRanges: plan.result };
    const conflicts = conflictsOf(connectors!.map((one) => (one === connector ? planned : one))).filter(
      ({ a, b }) => a === planned || b === planned,
    );
    if (conflicts.length > 0) return { kind: 'refused', refusals: conflicts.map(refusalOfConflict) };
    ({ add, remove } = plan);
    for (const range of plan.present) lines.push(...say(`${range} is in the ranges of ${identity} already.`));
    for (const cut of plan.cut) lines.push(...say(cut));
    const added = plan.result.filter((range) => add.includes(range.text));
    if (mayRelay(connector, request.rights) !== 'no') warnings.push(...relayWarnings(added));
  }
  for (const warning of warnings) lines.push(...say(`Warning: ${warning}`));
  if (add.length === 0 && remove.length === 0) return { kind: 'commands', lines, warnings };
  return {
    kind: 'commands',
    warnings,
    lines: [
      ...lines,
      ...commandLines({
        cmdlet: 'Set-ReceiveConnector',
        identity: text(identity),
        parameters: [['RemoteIPRanges', { kind: 'change', add, remove }]],
      }),
      ...say('What the connector takes now:'),
      { kind: 'command', text: `(${getConnector({ server, name })}).RemoteIPRanges -join ", "` },
    ],
  };
}

interface RangePlan {
  readonly add: string[];
  readonly remove: string[];
  readonly result: RemoteRange[];
  /** To be added, and there already. */
  readonly present: string[];
  /** To be removed, and not there. */
  readonly missing: string[];
  readonly cut: string[];
}

function planOn(connector: ReceiveConnector, request: RangeRequest): RangePlan {
  let result = [...connector.remoteIPRanges];
  const [add, remove, present, missing, cut]: string[][] = [[], [], [], [], []];
  for (const range of request.remove) {
    const same = result.filter((one) => sameAddresses([one], [range]));
    if (same.length > 0) {
      remove!.push(...same.map((one) => one.text));
      result = result.filter((one) => !same.includes(one));
      continue;
    }
    const touched = result.filter((one) => !sameAddresses(difference([one], [range]), [one]));
    if (difference([range], touched).length > 0) missing!.push(range.text);
    for (const one of touched) {
      const rest = rangeTexts(difference([one], [range]));
      remove!.push(one.text);
      add!.push(...rest);
      result = result.filter((other) => other !== one).concat(rest.map((piece) => parseRemoteRange(piece)!));
      cut!.push(
        rest.length === 0
          ? `${one.text} lies inside ${range.text} and goes with it.`
          : `${range.text} is part of ${one.text}, which is replaced by the rest of it.`,
      );
    }
  }
  for (const range of request.add) {
    if (result.some((one) => sameAddresses([one], [range]))) present!.push(range.text);
    else {
      add!.push(range.text);
      result.push(range);
    }
  }
  // A piece that a later removal has cut again was never there.
  const both = add!.filter((one) => remove!.includes(one));
  return {
    add: add!.filter((one) => !both.includes(one)),
    remove: remove!.filter((one) => !both.includes(one)),
    result,
    present: present!,
    missing: missing!,
    cut: cut!,
  };
}

const refused = (rule: string, because: string): Planned => ({
  kind: 'refused',
  refusals: [{ rule, because, exchangeSays: null }],
});
