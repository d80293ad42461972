/** Names that hold the name of their server (`Anon Relay EX01`), and what belongs together on two servers. */
import { type ReceiveConnector, sameName } from './connector.ts';

type Named = Pick<ReceiveConnector, 'server' | 'name'>;

/** The server's name as a word of its own: EX1 is not in EX10. */
function wordOf(server: string): RegExp {
  const literal = server.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&');
  return new RegExp(`(?<![\\p{L}\\p{N}])${literal}(?![\\p{L}\\p{N}])`, 'giu');
}

const holdsServer = ({ server, name }: Named): boolean => server !== '' && wordOf(server).test(name);

/** The name that the connector would have on the other server; the same where its server's name is not in it. */
export function nameOn(connector: Named, server: string): string {
  return holdsServer(connector) ? connector.name.replace(wordOf(connector.server), () => server) : connector.name;
}

/** Without the server's name, and without the blanks that it leaves behind. The whole name where nothing else is in it. */
export function plainName(connector: Named): string {
  if (!holdsServer(connector)) return connector.name.trim();
  const plain = connector.name.replace(wordOf(connector.server), ' ').replace(/\s+/g, ' ').trim();
  return plain === '' ? connector.name.trim() : plain;
}

/**
 * Connectors of two servers that do the same: named alike with each one's own server in the name, then named exactly
 * alike, then named alike where the server is left out. In the order of `a`, then what is only in `b`.
 */
export function pairConnectors<A extends Named, B extends Named>(
  a: readonly A[],
  b: readonly B[],
): { readonly a: A | undefined; readonly b: B | undefined }[] {
  const partner = new Map<A, B>();
  const taken = new Set<B>();
  const alike: ((one: A, other: B) => boolean)[] = [
    (one, other) => sameName(nameOn(one, other.server), other.name),
    (one, other) => sameName(one.name, other.name),
    (one, other) => sameName(plainName(one), plainName(other)),
  ];
  for (const rule of alike)
    for (const one of a) {
      if (partner.has(one)) continue;
      const other = b.find((candidate) => !taken.has(candidate) && rule(one, candidate));
      if (other) {
        partner.set(one, other);
        taken.add(other);
      }
    }
  return [
    ...a.map((one) => ({ a: one, b: partner.get(one) })),
    ...b.filter((other) => !taken.has(other)).map((other) => ({ a: undefined, b: other })),
  ];
}
