/** Names that hold the name of their server (`Anon Relay EX01`), and what belongs together on two servers. */
import type { ReceiveConnector } from './connector.ts';

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

/** Without the server's name, and without what stood around it: `ERP (EX01)` is ERP. The whole name where that is all. */
export function plainName(connector: Named): string {
  const whole = connector.name.trim();
  if (!holdsServer(connector)) return whole;
  const plain = whole
    .replace(wordOf(connector.server), ' ')
    .replace(/\(\s*\)|\[\s*\]/g, ' ')
    .replace(/\s+/g, ' ')
    .replace(/^[\s\p{Pd}_,;:]+|[\s\p{Pd}_,;:]+$/gu, '');
  return plain === '' ? whole : plain;
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
  const keys: ((one: Named) => string)[] = [(one) => nameOn(one, '*'), ({ name }) => name, plainName];
  for (const key of keys) {
    const free = new Map<string, B[]>();
    for (const other of b)
      if (!taken.has(other)) {
        const name = key(other).toLowerCase();
        free.set(name, [...(free.get(name) ?? []), other]);
      }
    for (const one of a) {
      const other = partner.has(one) ? undefined : free.get(key(one).toLowerCase())?.shift();
      if (!other) continue;
      partner.set(one, other);
      taken.add(other);
    }
  }
  return [
    ...a.map((one) => ({ a: one, b: partner.get(one) })),
    ...b.filter((other) => !taken.has(other)).map((other) => ({ a: undefined, b: other })),
  ];
}
