/** Commands for the Exchange Management Shell that show or change one connector, and sentences beside them. */
import { type Binding, formatBinding } from '../../connector/binding.ts';
import { identityOf, type ReceiveConnector } from '../../connector/connector.ts';
import { ANONYMOUS_SID, RELAY_RIGHT } from '../../connector/permission-group.ts';
import type { PropertyName } from '../../connector/properties.ts';
import type { RemoteRange } from '../../connector/remote-range.ts';
import { listChange, literal } from '../../powershell/quoting.ts';
import type { Remedy } from '../finding.ts';

/** What a list gains and loses; the cmdlets replace the whole list where it is given plainly. */
export interface ListChange {
  readonly add?: readonly string[];
  readonly remove?: readonly string[];
}

type Parameter = PropertyName | 'Bindings' | 'RemoteIPRanges';
type Argument = string | number | boolean | null | readonly string[] | ListChange;

export const advice = (text: string): Remedy => ({ kind: 'advice', text });
export const powershell = (text: string): Remedy => ({ kind: 'powershell', text });

/** The connector in front of a pipe; Get-ReceiveConnector would take a name with `*` for a pattern. */
export function getConnector(connector: Pick<ReceiveConnector, 'server' | 'name'>): string {
  return /[*?[\]]/.test(identityOf(connector))
    ? `Get-ReceiveConnector -Server ${literal(connector.server)} | Where-Object { $_.Name -eq ${literal(connector.name)} }`
    : `Get-ReceiveConnector -Identity ${literal(identityOf(connector))}`;
}

/** `Set-ReceiveConnector -Identity "EX01\Relay" -RequireTLS $false`. */
export function setConnector(connector: ReceiveConnector, changes: Readonly<Partial<Record<Parameter, Argument>>>): Remedy {
  const parameters = Object.entries(changes).map(([name, value]) => `-${name} ${argument(value)}`);
  return powershell(`Set-ReceiveConnector -Identity ${literal(identityOf(connector))} ${parameters.join(' ')}`);
}

/** Gives bindings another port, and keeps their local address. */
export function moveBindings(connector: ReceiveConnector, bindings: readonly Binding[], port: number): Remedy {
  const there = new Set(connector.bindings.map(formatBinding));
  const moved = movedTo(bindings, port)
    .map(formatBinding)
    .filter((text) => !there.has(text));
  return setConnector(connector, { Bindings: { add: [...new Set(moved)], remove: bindings.map(formatBinding) } });
}

export const movedTo = (bindings: readonly Binding[], port: number): Binding[] =>
  bindings.map((binding) => ({ ...binding, port }));

/** A list of more ranges than this does not fit into a command that anybody reads. */
export const READABLE_RANGES = 20;

/** Takes ranges out, and leaves all others as they are. A connector without any range cannot be: it is disabled instead. */
export function removeRanges(connector: ReceiveConnector, ranges: readonly RemoteRange[]): Remedy[] {
  const texts = new Set(ranges.map(({ text }) => text));
  if (connector.remoteIPRanges.every(({ text }) => texts.has(text)))
    return [
      advice('No range would be left: give the connector the addresses of its own clients first, or disable it:'),
      setConnector(connector, { Enabled: false }),
    ];
  const command = setConnector(connector, { RemoteIPRanges: { remove: [...texts].slice(0, READABLE_RANGES) } });
  const rest = texts.size - READABLE_RANGES;
  return rest > 0 ? [command, advice(`The same for the other ${rest.toLocaleString('en-US')} ranges.`)] : [command];
}

/** Puts devices in the place of a wide range. Exchange refuses the words in brackets, so a command pasted as it is does nothing. */
export function narrowRanges(connector: ReceiveConnector, ranges: readonly RemoteRange[]): Remedy[] {
  return [
    advice(
      'List the devices that really use the connector ("relaylens sources"), and put their addresses in place of the words in brackets.',
    ),
    setConnector(connector, {
      RemoteIPRanges: {
        add: ['<address of a device>', '<address of another>'],
        remove: [...new Set(ranges.map(({ text }) => text))].slice(0, READABLE_RANGES),
      },
    }),
  ];
}

/** The anonymous account in the language of the Windows on which the command runs. */
const ANONYMOUS_HERE = `(([System.Security.Principal.SecurityIdentifier]'${ANONYMOUS_SID}').Translate([System.Security.Principal.NTAccount]).Value)`;

/** Takes the right to relay from an account, as exported; from the anonymous one where none is named. */
export function removeRelayRight(connector: ReceiveConnector, user?: string): Remedy {
  return powershell(
    `${getConnector(connector)} | Remove-ADPermission -User ${user === undefined ? ANONYMOUS_HERE : literal(user)} -ExtendedRights ${literal(RELAY_RIGHT)} -Confirm:$false`,
  );
}

/** Lists the extended rights. */
export function showRights(connector: ReceiveConnector): Remedy {
  return powershell(
    `${getConnector(connector)} | Get-ADPermission | Where-Object { $_.ExtendedRights } | Format-Table User, Deny, IsInherited, ExtendedRights -AutoSize -Wrap`,
  );
}

function argument(value: Argument): string {
  if (value === null) return '$null';
  if (typeof value === 'boolean') return value ? '$true' : '$false';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return word(value);
  if (isList(value)) return value.length === 0 ? 'None' : value.map(word).join(', ');
  return listChange(value);
}

const isList = (value: readonly string[] | ListChange): value is readonly string[] => Array.isArray(value);

/** Names of Exchange's own need no quotes. */
const word = (text: string): string => (/^[A-Za-z][A-Za-z0-9]*$/.test(text) ? text : literal(text));
