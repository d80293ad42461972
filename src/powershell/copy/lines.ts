/** The commands of a step. */
import { identityOf, isEnabled, sameName } from '../../connector/connector.ts';
import { commandLines, text } from '../command.ts';
import { creation } from '../new-connector.ts';
import type { PlanRefusal } from '../plan.ts';
import { type AccountRights, getConnector, grantLines, revokeLines } from '../right-commands.ts';
import { type ScriptLine, say } from '../script.ts';
import type { Step } from './step.ts';

export function linesOf(step: Step, number: string): ScriptLine[] {
  const { source, target, action, parameters, afterwards, revoke, grant, byHand } = step;
  const from = getConnector(target);
  const renamed = sameName(source.name, target.name) ? '' : `, on ${source.server} "${source.name}"`;
  if (action === 'same') return [...say(`${identityOf(target)}: is there, and nothing that can be set differs.`), ...byHand];
  if (action === 'change')
    return [
      ...say(`${identityOf(target)}${renamed}: is there; what differs is set as on ${source.server}.`),
      ...byHand,
      ...allowing(revoke).flatMap((rights) => revokeLines(from, rights)),
      ...denying(grant).flatMap((rights) => grantLines(from, rights)),
      ...(parameters.length > 0
        ? commandLines({
            cmdlet: 'Set-ReceiveConnector',
            identity: text(identityOf(target)),
            parameters,
            splat: `change${number}`,
          })
        : []),
      ...denying(revoke).flatMap((rights) => revokeLines(from, rights)),
      ...allowing(grant).flatMap((rights) => grantLines(from, rights)),
    ];
  // A denial must be there before anybody can connect.
  const asleep = isEnabled(source) && grant.some(({ deny }) => deny);
  const variable = `connector${number}`;
  const goesOn = afterwards.length + grant.length > 0;
  return [
    ...say(`${identityOf(target)}${renamed}${isEnabled(source) ? '' : ' (disabled)'}`),
    ...byHand,
    ...creation(target, [...parameters, ...(asleep ? [['Enabled', { kind: 'boolean', value: false }] as const] : [])], {
      splat: `new${number}`,
      ...(goesOn && { to: variable }),
    }),
    ...(afterwards.length > 0
      ? commandLines({ cmdlet: 'Set-ReceiveConnector', from: `$${variable}`, parameters: afterwards, splat: `more${number}` })
      : []),
    ...[...denying(grant), ...allowing(grant)].flatMap((rights) => grantLines(`$${variable}`, rights)),
    ...(asleep
      ? commandLines({
          cmdlet: 'Set-ReceiveConnector',
          from: `$${variable}`,
          parameters: [['Enabled', { kind: 'boolean', value: true }]],
        })
      : []),
  ];
}

const denying = (entries: readonly AccountRights[]): AccountRights[] => entries.filter(({ deny }) => deny);
const allowing = (entries: readonly AccountRights[]): AccountRights[] => entries.filter(({ deny }) => !deny);

export function refusedLines({ source, target }: Step, refusals: readonly PlanRefusal[]): ScriptLine[] {
  return [
    ...say(`${identityOf(source)} is not copied: Exchange would refuse ${identityOf(target)}.`),
    ...refusals.flatMap(({ because, exchangeSays }) => [
      ...say(`- ${because}`),
      ...(exchangeSays === null ? [] : say(`  Exchange says: ${exchangeSays}`)),
    ]),
  ];
}
