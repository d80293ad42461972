/** Objects of `Get-ADPermission` as extended rights of receive connectors. */
import { identityOf } from '../connector/connector.ts';
import type { RightEntry } from '../connector/right.ts';
import type { ReadingSettings } from './connector-reading.ts';
import { type ConnectorIdentity, identityText, parseIdentity, parseServer } from './identity.ts';
import { listOf } from './listed-values.ts';
import { CUT_HINT, LOSSLESS_HINT, type Problems } from './problem.ts';
import { booleanOf } from './property-value.ts';
import { type RawObject, type RawRecord, shown, textOf } from './raw-value.ts';
import type { RightsRecord } from './record.ts';

/** All entries of one connector make one record; a connector of which one entry is unreadable has none. */
export function readRights(records: readonly RawRecord[], settings: ReadingSettings, problems: Problems): RightsRecord[] {
  const byConnector = new Map<
    string,
    { readonly server: string; readonly connector: string; readonly entries: Map<string, RightEntry> }
  >();
  const refused = new Set<string>();
  const silent: string[] = [];
  for (const { place, object } of records) {
    const identity = connectorNamed(object, settings.server);
    if (!identity?.server) {
      problems.refuse(
        place,
        `a right ${identity ? `on ${identity.name} does not say on which server` : 'names no receive connector'}; it is left out`,
        HINT,
      );
      continue;
    }
    const { server, name } = identity;
    const key = identityOf({ server, name }).toLowerCase();
    if (!object.has('Deny')) silent.push(place);
    const entry = entryOf(object);
    if ('fault' in entry) {
      if (!refused.has(key))
        problems.refuse(
          place,
          `${identityOf({ server, name })}: ${entry.fault}; no rights of this connector are read`,
          entry.hint,
        );
      refused.add(key);
      continue;
    }
    const known = byConnector.get(key) ?? { server, connector: name, entries: new Map<string, RightEntry>() };
    byConnector.set(key, known);
    // Entries without an extended right are about the object in the directory, not about mail.
    if (entry.rights.length > 0) known.entries.set(JSON.stringify(entry), entry);
  }
  if (silent.length > 0)
    problems.note(
      silent[0]!,
      'rights without a Deny column: all of them are taken as granted',
      'Export Deny too, or use the lines that relaylens gives.',
    );
  return [...byConnector].flatMap(([key, { server, connector, entries }]) =>
    refused.has(key) ? [] : { server, connector, entries: [...entries.values()] },
  );
}

const HINT = 'Export a column Connector with the identity, or name the server with --server.';

/** The column `Connector`, else the identity of the object that the rights are on. */
function connectorNamed(object: RawObject, given: string | undefined): ConnectorIdentity | undefined {
  const identity = parseIdentity(identityText(object.get('Connector')) || identityText(object.get('Identity')) || '');
  if (!identity) return undefined;
  const server = identity.server ?? parseServer(identityText(object.get('Server')) ?? '') ?? parseServer(given ?? '');
  return { name: identity.name, ...(server && { server }) };
}

interface EntryFault {
  readonly fault: string;
  readonly hint: string;
}

function entryOf(object: RawObject): RightEntry | EntryFault {
  const user = textOf(object.get('User') ?? null, ['RawIdentity', 'Name', 'SecurityIdentifier', 'Value'])?.trim();
  const rights = listOf(object.get('ExtendedRights') ?? null, (right) => textOf(right, ['RawIdentity', 'Name', 'Value']));
  const deny = object.has('Deny') ? booleanOf(object.get('Deny')!) : false;
  const inherited = booleanOf(object.get('IsInherited') ?? object.get('Inherited') ?? null) ?? false;
  const fault = (what: string, hint = LOSSLESS_HINT): EntryFault => ({ fault: what, hint });
  if (!user) return fault('an entry names no User');
  if ('fault' in rights)
    return rights.fault === 'cut'
      ? fault(`ExtendedRights of ${user} were cut off by PowerShell ("${rights.shown}")`, `${CUT_HINT} Or: ${LOSSLESS_HINT}`)
      : fault(`ExtendedRights of ${user} are unreadable ("${rights.shown}")`);
  if (deny === undefined) return fault(`Deny of ${user} is neither True nor False ("${shown(object.get('Deny'))}")`);
  return { user, deny, inherited, rights: rights.items };
}
