/** The commands that give a server the connectors of another one. */
import { identityOf, isDefaultConnector, type ReceiveConnector, sameName } from '../connector/connector.ts';
import { defaultConnectors } from '../connector/default-connectors.ts';
import { nameOn, pairConnectors, plainName } from '../connector/server-name.ts';
import { formatAddress } from '../net/address-range.ts';
import type { CopyRequest } from './copy/copy-request.ts';
import { linesOf, refusedLines } from './copy/lines.ts';
import { inOrder } from './copy/order.ts';
import { type Step, stepOf } from './copy/step.ts';
import { showConnectors } from './new-connector.ts';
import type { PlanRefusal } from './plan.ts';
import { accountLines, showRights } from './right-commands.ts';
import { BLANK, type ScriptLine, say } from './script.ts';

export interface CopiedConnector {
  readonly from: string;
  readonly to: string;
  /** `same`: nothing to do. `default`: setup has made it on the target. `refused`: Exchange would not take it. */
  readonly action: 'create' | 'change' | 'same' | 'default' | 'refused';
  readonly refusals: readonly PlanRefusal[];
}

export interface Copy {
  readonly lines: readonly ScriptLine[];
  /** In the order of the lines, then those without commands. */
  readonly connectors: readonly CopiedConnector[];
  /** Of `names`: those that the source does not have. */
  readonly unknown: readonly string[];
  /** Of `localAddresses`: those of the source that no copied binding names. */
  readonly unused: readonly string[];
}

/**
 * No command is refused because of a later one, and none opens more than the end state does: a connector comes with its
 * final ranges and without rights of its own, then with its rights; what is taken away goes first.
 */
export function copyConnectors(request: CopyRequest): Copy {
  const { from, to } = request;
  const chosen = from.connectors.filter((one) => request.names?.some((name) => isNamed(one, name)) ?? true);
  const unknown = (request.names ?? []).filter((name) => !from.connectors.some((one) => isNamed(one, name)));
  const there = to.connectors ?? defaultConnectors({ server: to.server, fqdn: '', version: to.version });
  const partners = new Map(pairConnectors(from.connectors, there).map(({ a, b }) => [a, b]));

  const done: CopiedConnector[] = [];
  const steps: Step[] = [];
  for (const source of chosen) {
    if (request.names === undefined && isDefaultConnector(source))
      done.push({
        from: identityOf(source),
        to: identityOf({ server: to.server, name: nameOn(source, to.server) }),
        action: 'default',
        refusals: [],
      });
    else steps.push(stepOf(request, source, partners.get(source)));
  }
  const { ordered, stuck } = inOrder(steps, there);
  const lines: ScriptLine[] = [
    ...say(`From ${from.server} (as exported ${new Date(from.asOf).toISOString().slice(0, 16)}Z) to ${to.server}.`),
    ...(to.connectors === null
      ? say(
          `The connectors of ${to.server} are not known here: only those that setup makes are taken to be there. Where one of the names below is taken, New-ReceiveConnector fails, and nothing that belongs to it is done.`,
        )
      : []),
    ...defaultLines(done),
  ];
  const accounts = ordered.flatMap(({ grant, revoke }) => [...grant, ...revoke]);
  if (accountLines(accounts).length > 0)
    lines.push(BLANK, ...say('Accounts, as this Windows calls them:'), ...accountLines(accounts));
  for (const [index, step] of ordered.entries()) lines.push(BLANK, ...linesOf(step, `${index + 1}`));
  for (const { step, refusals } of stuck) lines.push(BLANK, ...refusedLines(step, refusals));
  const written = ordered.filter(({ action }) => action !== 'same');
  if (written.length > 0)
    lines.push(
      BLANK,
      ...say('What Exchange made of it:'),
      showConnectors(to.server),
      ...written.filter(({ grant, revoke }) => grant.length + revoke.length > 0).map(({ target }) => showRights(target)),
    );
  const bound = new Set(steps.flatMap(({ source }) => source.bindings.map(({ address }) => formatAddress(address))));
  return {
    lines,
    unknown,
    unused: [...(request.localAddresses?.keys() ?? [])].filter((address) => !bound.has(address)),
    connectors: [
      ...ordered.map((step): CopiedConnector => told(step, step.action, [])),
      ...stuck.map(({ step, refusals }): CopiedConnector => told(step, 'refused', refusals)),
      ...done,
    ],
  };
}

const told = (
  { source, target }: Step,
  action: CopiedConnector['action'],
  refusals: readonly PlanRefusal[],
): CopiedConnector => ({
  from: identityOf(source),
  to: identityOf(target),
  action,
  refusals,
});

const isNamed = (connector: ReceiveConnector, name: string): boolean =>
  [connector.name, identityOf(connector), plainName(connector)].some((own) => sameName(own, name));

function defaultLines(skipped: readonly CopiedConnector[]): ScriptLine[] {
  return skipped.length === 0
    ? []
    : say(
        `Made by setup, so left alone unless asked for by name: ${skipped.map(({ from }) => from.slice(from.indexOf('\\') + 1)).join(', ')}.`,
      );
}
