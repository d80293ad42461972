/**
 * Where the program lies: what it reads beside itself (SQL, fonts, its version, its threads) is named from the folder of
 * package.json, for that is the same when it runs from its sources and when it runs bundled from dist/.
 */
import { existsSync } from 'node:fs';

const isRoot = (folder: URL): boolean => existsSync(new URL('package.json', folder));

function rootAbove(file: string): URL {
  let folder = new URL('.', file);
  while (!isRoot(folder) && folder.pathname !== '/') folder = new URL('..', folder);
  return folder;
}

const root = rootAbove(import.meta.url);

/** `path`: from the folder of package.json. */
export const inPackage = (path: string): URL => new URL(path, root);

/** False from the sources (tests), where there is nothing compiled that a thread could load. */
export const isBundled = !import.meta.url.endsWith('.ts');
