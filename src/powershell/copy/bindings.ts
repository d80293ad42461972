/** Where a copied connector listens: an address of its old server is none of the new one. */
import { type Binding, formatBinding } from '../../connector/binding.ts';
import type { ReceiveConnector } from '../../connector/connector.ts';
import { formatAddress, parseAddress } from '../../net/address-range.ts';
import { type ScriptLine, say } from '../script.ts';
import type { CopyRequest } from './copy-request.ts';

export interface Places {
  /** That can be known. */
  readonly bindings: readonly Binding[];
  /** Of addresses that belong to the source. */
  readonly open: readonly Binding[];
}

export function placesOf(source: ReceiveConnector, { localAddresses }: CopyRequest): Places {
  const bindings: Binding[] = [];
  const open: Binding[] = [];
  for (const binding of source.bindings) {
    const named = localAddresses?.get(formatAddress(binding.address));
    const address = named === undefined ? undefined : parseAddress(named);
    if (binding.any) bindings.push(binding);
    else if (address) bindings.push({ address, any: address.value === 0n, port: binding.port });
    else open.push(binding);
  }
  return { bindings, open };
}

/** Refused by New-ReceiveConnector, so that the line cannot bind a wrong address: the transport service might not start again. */
export const bindingToName = ({ address, port }: Binding): string => `ADDRESS-INSTEAD-OF-${formatAddress(address)}:${port}`;

export function bindingByHand(binding: Binding, { from, to }: CopyRequest, there: boolean): ScriptLine[] {
  return say(
    `To do: ${formatBinding(binding)} is an address of ${from.server}. ${
      there
        ? `The bindings on ${to.server} are left as they are: compare them by hand.`
        : `Name the one of ${to.server} that takes its place; as it stands the command is refused.`
    } An address that ${to.server} does not have can keep its transport service from starting.`,
  );
}
