/** Connectors told in one line each, for tests. */
import { parseBinding } from '../../src/connector/binding.ts';
import type { ReceiveConnector } from '../../src/connector/connector.ts';
import { type Explanation, explainSelection } from '../../src/connector/explanation.ts';
import type { Properties } from '../../src/connector/properties.ts';
import { parseRemoteRange } from '../../src/connector/remote-range.ts';
import { type LocalEndpoint, SelectionTable } from '../../src/connector/selection.ts';
import type { Address } from '../../src/net/address-range.ts';

export const ALL_IPV4 = '0.0.0.0-255.255.255.255';
export const ALL_IPV6 = '::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff';

/** Bindings and ranges divided by blanks; on the front end, unless said otherwise. */
export function connector(
  name: string,
  bindings: string,
  ranges: string,
  properties: Properties = {},
  server = 'EX01',
): ReceiveConnector {
  return {
    server,
    name,
    bindings: words(bindings).map((text) => parseBinding(text) ?? wrong(text)),
    remoteIPRanges: words(ranges).map((text) => parseRemoteRange(text) ?? wrong(text)),
    properties: { TransportRole: 'FrontendTransport', Enabled: true, ...properties },
    others: {},
  };
}

/** On the front end, with a table of its own. */
export const explain = (connectors: readonly ReceiveConnector[], local: LocalEndpoint, remote: Address): Explanation =>
  explainSelection({
    connectors,
    role: 'FrontendTransport',
    local,
    remote,
    table: new SelectionTable(connectors, 'FrontendTransport'),
  });
const words = (text: string): string[] => text.split(/\s+/).filter(Boolean);

function wrong(text: string): never {
  throw new Error(`no binding or range: ${text}`);
}
