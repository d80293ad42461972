/** A proposal as commands for the Exchange Management Shell, each with the way back. */
import { identityOf, type ReceiveConnector } from '../../connector/connector.ts';
import { isExternallySecured } from '../../connector/effective-rights.ts';
import { serverOf } from '../../connector/organisation.ts';
import { ANONYMOUS_ACCOUNT, RELAY_RIGHT } from '../../connector/permission-group.ts';
import { type Argument, commandLines, text, texts } from '../../powershell/command.ts';
import { propertyArgument } from '../../powershell/property-argument.ts';
import { accountLines, getConnector, grantLines } from '../../powershell/right-commands.ts';
import { BLANK, type ScriptLine, say, unrun } from '../../powershell/script.ts';
import type { AuditFacts } from '../../queries/audit/audit-facts.ts';
import type { Remedy } from '../finding.ts';
import { relayConnector, relayHolders, untrusted } from '../ranges/relay-connectors.ts';
import { enumerate } from '../words/enumeration.ts';
import { moment } from '../words/moment.ts';
import type { Plan } from './plan.ts';
import type { ConnectorProposal } from './proposal.ts';

export interface ProposedLines {
  readonly commands: readonly ScriptLine[];
  readonly wayBack: readonly ScriptLine[];
}

/** Nothing where nothing is proposed. */
export function linesOf(
  { connector, action, ranges, dedicated }: Plan,
  told: ConnectorProposal,
  facts: AuditFacts,
): ProposedLines {
  switch (action) {
    case 'leave':
      return { commands: [], wayBack: [] };
    case 'narrow':
      return {
        commands: [
          ...say(`${identityOf(connector)}: ${told.addressesBefore} become ${told.addressesAfter}.`),
          ...asExported(connector, facts),
          ...set(connector, ['RemoteIPRanges', texts(ranges.map((range) => range.text))]),
        ],
        wayBack: set(connector, ['RemoteIPRanges', texts(told.before)]),
      };
    case 'disable':
      return {
        commands: [
          ...say(`${identityOf(connector)}: ${told.because}`),
          ...set(connector, ['Enabled', { kind: 'boolean', value: false }]),
        ],
        wayBack: set(connector, ['Enabled', { kind: 'boolean', value: true }]),
      };
    case 'dedicate':
      return {
        commands: [
          ...(dedicated?.lines ?? []),
          ...say(`${identityOf(connector)}: its ranges stay, since inbound mail comes through them; the right to relay goes.`),
          ...(relayConnector(facts.organisation, connector)?.closing ?? []).flatMap(remedyLines),
        ],
        wayBack: [
          ...given(connector, facts),
          ...(dedicated
            ? commandLines({
                cmdlet: 'Remove-ReceiveConnector',
                parameters: [
                  ['Identity', text(identityOf(dedicated.connector))],
                  ['Confirm', { kind: 'switch', on: false }],
                ],
              })
            : []),
        ],
      };
  }
}

/** All of it, to be saved. */
export function scriptLines(
  facts: AuditFacts,
  told: readonly { readonly connector: ConnectorProposal; readonly lines: ProposedLines }[],
): ScriptLine[] {
  const proposed = told.filter(({ connector }) => connector.action !== 'leave');
  return [
    ...say(`Proposal of relaylens audit, by what was seen from ${moment(facts.since)} to ${moment(facts.until)}.`),
    ...say('Read it before it is run. Below each change stands, as a comment, what takes it back.'),
    ...(proposed.length === 0 ? [BLANK, ...say('Nothing is proposed.')] : []),
    ...proposed.flatMap(({ connector, lines }) => [
      BLANK,
      ...lines.commands,
      ...rareLines(connector),
      ...say('The way back:'),
      ...unrun(lines.wayBack),
    ]),
  ];
}

function rareLines({ kept }: ConnectorProposal): ScriptLine[] {
  const strangers = kept.filter(({ isPublic }) => isPublic).map(({ source }) => source);
  return strangers.length === 0 ? [] : say(`Decide about these public addresses, which stay in: ${enumerate(strangers, 10)}.`);
}

function asExported({ server }: ReceiveConnector, { organisation }: AuditFacts): ScriptLine[] {
  const asOf = serverOf(organisation, server)?.asOf;
  return asOf === undefined
    ? []
    : say(`The whole list is replaced, as it was exported on ${moment(asOf)}: export again if it has changed since.`);
}

const set = (connector: ReceiveConnector, parameter: readonly [string, Argument]): ScriptLine[] =>
  commandLines({
    cmdlet: 'Set-ReceiveConnector',
    parameters: [['Identity', text(identityOf(connector))], parameter],
    splat: 'ranges',
  });

const remedyLines = ({ kind, text: line }: Remedy): ScriptLine[] =>
  kind === 'advice' ? say(line) : [{ kind: 'command', text: line }];

/** What is taken away by closing, given again. */
function given(connector: ReceiveConnector, { organisation }: AuditFacts): ScriptLine[] {
  if (isExternallySecured(connector))
    return (Object.keys(untrusted(connector)) as (keyof ReturnType<typeof untrusted>)[]).flatMap((name) =>
      set(connector, [name, propertyArgument(name, connector.properties[name] ?? [])]),
    );
  const own = relayHolders(organisation, connector).filter(({ inherited }) => !inherited);
  const users = own.length > 0 ? [...new Set(own.map(({ user }) => user))] : [ANONYMOUS_ACCOUNT];
  const entries = users.map((user) => ({ user, deny: false, rights: [RELAY_RIGHT] }));
  return [...accountLines(entries), ...entries.flatMap((entry) => grantLines(getConnector(connector), entry))];
}
