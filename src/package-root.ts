/**
 * Where the program lies: what it reads beside itself (SQL, fonts, its version, its thread) is named from the folder of
 * package.json, for that is the same when it runs from its sources and when it runs bundled.
 */

/** False from the sources (tests), where there is nothing compiled that a thread could load. */
export const isBundled = !import.meta.url.endsWith('.ts');

/** Every file of the bundle lies two folders deep (`build` in package.json). */
const root = new URL(isBundled ? '../../' : '../', import.meta.url);

/** `path`: from the folder of package.json. */
export const inPackage = (path: string): URL => new URL(path, root);
