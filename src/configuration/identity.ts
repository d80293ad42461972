/** Names of servers and connectors, in the notations in which the directory and Exchange write them. */
import { RawObject, type RawValue, textOf } from './raw-value.ts';

/** A connector as an identity names it; a bare name has no server. */
export interface ConnectorIdentity {
  readonly server?: string;
  readonly name: string;
}

/**
 * `SERVER\Name`, a distinguished name (`CN=Name,CN=SMTP Receive Connectors,CN=Protocols,CN=SERVER,…`), a canonical one
 * (`contoso.com/Configuration/…/SERVER/Protocols/SMTP Receive Connectors/Name`), or a bare name.
 */
export function parseIdentity(text: string): ConnectorIdentity | undefined {
  const plain = text.trim();
  if (plain === '') return undefined;
  if (/^CN=/i.test(plain)) return connectorAt(distinguishedParts(plain));
  const canonical = canonicalParts(plain);
  if (canonical.length > 1 && canonical.some(isFolder)) return connectorAt(canonical.reverse());
  const slash = plain.indexOf('\\');
  if (slash < 0) return { name: plain };
  const [server, name] = [plain.slice(0, slash).trim(), plain.slice(slash + 1).trim()];
  return name === '' ? undefined : { ...(server && { server: shortName(server) }), name };
}

/** The server of `EX01`, `ex01.contoso.com`, `CN=EX01,CN=Servers,…` or `contoso.com/Configuration/…/Servers/EX01`. */
export function parseServer(text: string): string | undefined {
  const plain = text.trim();
  const parts = /^CN=/i.test(plain) ? distinguishedParts(plain) : canonicalParts(plain).reverse();
  return shortName(parts[0] ?? '') || undefined;
}

/** Identity of an object of an export: as text, or as nested object of the directory. */
export function identityText(value: RawValue | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (!(value instanceof RawObject)) return textOf(value)?.trim();
  return textOf(value, ['DistinguishedName', 'RawIdentity', 'Name', 'Value'])?.trim();
}

/** Server and name of the object, as far as the export tells them; `given` is what the person says. */
export function connectorIdentity(object: RawObject, given: string | undefined): Partial<ConnectorIdentity> {
  const identities = ['Identity', 'DistinguishedName', 'Id'].map((name) => parseIdentity(identityText(object.get(name)) ?? ''));
  const name = textOf(object.get('Name') ?? null)?.trim() || identities.find((identity) => identity)?.name;
  const server =
    parseServer(identityText(object.get('Server')) ?? '') ??
    identities.find((identity) => identity?.server)?.server ??
    parseServer(given ?? '');
  return { ...(server && { server }), ...(name && { name }) };
}

const FOLDER = 'smtp receive connectors';
const isFolder = (part: string): boolean => part.toLowerCase() === FOLDER;

/** Parts from the connector upwards: its name, the folder, `Protocols`, the server. */
function connectorAt([name, folder, , server]: readonly string[]): ConnectorIdentity | undefined {
  if (!name || !folder || !isFolder(folder)) return undefined;
  return { ...(server && { server: shortName(server) }), name };
}

const shortName = (server: string): string => server.replace(/\..*$/s, '').trim();

/** The values of a distinguished name, the nearest first; `\,` and `\2C` stand for a comma in a name. */
function distinguishedParts(text: string): string[] {
  return (text.match(/(?:\\.|[^,\\])+/gs) ?? []).map((part) => {
    const value = part.trim().replace(/^[^=]*=/, '');
    return value.replace(/((?:\\[0-9a-f]{2})+)|\\(.)/gis, (_, bytes?: string, plain?: string) =>
      bytes ? Buffer.from(bytes.replaceAll('\\', ''), 'hex').toString('utf8') : (plain ?? ''),
    );
  });
}

/** The parts of a canonical name, the highest first; `\/` stands for a slash in a name. */
function canonicalParts(text: string): string[] {
  return text.split(/(?<!\\)\//).map((part) => part.replaceAll('\\/', '/').trim());
}
