/**
 * Where the program lies: what it reads beside itself (SQL, fonts, its version, its threads) is named from the folder of
 * package.json, for that is the same when it runs from its sources and when it runs bundled from dist/.
 */
import { existsSync } from 'node:fs';

function rootAbove(folder: URL): URL {
  const above = new URL('..', folder);
  return existsSync(new URL('package.json', folder)) || above.href === folder.href ? folder : rootAbove(above);
}

const root = rootAbove(new URL('.', import.meta.url));

/** `path`: from the folder of package.json. */
export const inPackage = (path: string): URL => new URL(path, root);

/** False from the sources (tests), where there is nothing compiled that a thread could load. */
export const isBundled = !import.meta.url.endsWith('.ts');
