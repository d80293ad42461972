/** Which hosts stand behind one address, by the names that they say hello with. */
import { parseAddress } from '../../net/address-range.ts';

/** Fewer names may be those of one host. */
export const HOSTS = 4;
/** With so many it is hardly one host with several programs. */
export const MANY_HOSTS = 8;

/** Names without their domains; addresses and words that any host says are none. */
export function hostsOf(
  names: readonly { readonly name: string; readonly sessions: number }[],
): { name: string; sessions: number }[] {
  const hosts = new Map<string, { name: string; sessions: number }>();
  for (const { name, sessions } of names) {
    const bare = name.replace(/^\[(?:IPv6:)?|\]$/gi, '').toLowerCase();
    const [label = ''] = bare.split('.');
    if (bare === '' || parseAddress(bare) || ANYBODY.includes(label)) continue;
    const host = hosts.get(label);
    hosts.set(label, { name: host?.name ?? name, sessions: (host?.sessions ?? 0) + sessions });
  }
  return [...hosts.values()];
}

const ANYBODY = ['localhost', 'user', 'client', 'mail', 'smtp', 'test'];
