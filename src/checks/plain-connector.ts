/** What remains for a device that can do no TLS with which the server would be content. */
import { formatBinding } from '../connector/binding.ts';
import { literal } from '../powershell/quoting.ts';
import type { ExaminedSession } from '../queries/cases/case.ts';
import { portOf } from './client-place.ts';
import { advice, powershell } from './commands.ts';
import type { Remedy } from './finding.ts';
import { serverName } from './server-certificate.ts';

export const DEVICE_TLS: Remedy = advice(
  'Install newer firmware or software on the device that knows TLS 1.2, and switch TLS 1.2 on there.',
);

/** A connector of its own that offers no TLS, for devices that start TLS wherever it is offered. Nothing where the client is not known. */
export function connectorWithoutTls(session: ExaminedSession): Remedy[] {
  const { source } = session;
  if (source === null) return [];
  const family = source.includes(':') ? 'ipv6' : 'ipv4';
  const binding = formatBinding({ address: { family, value: 0n }, any: true, port: portOf(session) });
  return [
    advice(
      'Only where the device starts TLS whenever it is offered and nothing else helps, give its address a connector that offers none. Given up by that: everything it sends, passwords too, goes over the network in the clear; a right to relay would have to be given to it again:',
    ),
    powershell(
      `New-ReceiveConnector -Name ${literal(`Without TLS ${source}`.replaceAll(':', '-'))} -Server ${literal(serverName(session))} -TransportRole FrontendTransport -Custom -Bindings ${literal(binding)} -RemoteIPRanges ${literal(source)} -AuthMechanism None -PermissionGroups AnonymousUsers`,
    ),
  ];
}
