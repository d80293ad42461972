/** What remains for a device that can do no TLS with which the server would be content. */
import { formatBinding } from '../../connector/binding.ts';
import { formatRange, sizeOf } from '../../net/address-range.ts';
import { literal } from '../../powershell/quoting.ts';
import type { Case, ExaminedSession } from '../../queries/cases/case.ts';
import { configuredConnector, portOf } from '../evidence/client-place.ts';
import { serverName } from '../evidence/server-certificate.ts';
import type { Remedy } from '../finding.ts';
import { advice, powershell, removeRanges } from './commands.ts';

export const DEVICE_TLS: Remedy = advice(
  'Install newer firmware or software on the device that knows TLS 1.2, and switch TLS 1.2 on there.',
);

/** A connector of its own that offers no TLS, for devices that start TLS wherever it is offered. Nothing where the client is not known. */
export function connectorWithoutTls(session: ExaminedSession, theCase: Case): Remedy[] {
  const { source } = session;
  if (source === null) return [];
  const connector = configuredConnector(theCase, session);
  // Exchange refuses a range that another connector has already at the same binding.
  const own = connector?.remoteIPRanges.filter((range) => sizeOf(range) === 1n && formatRange(range) === source) ?? [];
  const family = source.includes(':') ? 'ipv6' : 'ipv4';
  const binding = formatBinding({ address: { family, value: 0n }, any: true, port: portOf(session) });
  return [
    advice(
      'Only where the device starts TLS whenever it is offered and nothing else helps, give its address a connector that offers none. Given up by that: everything it sends, passwords too, goes over the network in the clear; a right to relay would have to be given to it again:',
    ),
    ...(connector && own.length > 0 ? removeRanges(connector, own) : []),
    powershell(
      `New-ReceiveConnector -Name ${literal(`Without TLS ${source}`.replaceAll(':', '-'))} -Server ${literal(serverName(session))}${session.service === 'Hub' ? '' : ' -TransportRole FrontendTransport'} -Custom -Bindings ${literal(binding)} -RemoteIPRanges ${literal(source)} -AuthMechanism None -PermissionGroups AnonymousUsers`,
    ),
  ];
}
