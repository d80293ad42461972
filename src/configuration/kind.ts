/** Which kind of thing an object of an export is: told by its properties, never by the name of the file. */
import type { RawObject } from './raw-value.ts';

export type Kind = 'connector' | 'rights' | 'accepted-domain' | 'device';

/** undefined for everything else that PowerShell can print, among it all that the directory knows about itself. */
export function kindOf(object: RawObject): Kind | undefined {
  return kindOfNames([...object.entries()].map(([name]) => name));
}

/** Also for the header of a table, before there is any row. */
export function kindOfNames(names: readonly string[]): Kind | undefined {
  const given = new Set(names.map((name) => name.trim().toLowerCase()));
  if (['bindings', 'remoteipranges', 'permissiongroups'].some((name) => given.has(name))) return 'connector';
  if (given.has('user') && given.has('extendedrights')) return 'rights';
  if (given.has('domainname') && given.has('domaintype')) return 'accepted-domain';
  if (['objectclass', 'objectcategory', 'distinguishedname', 'runspaceid'].some((name) => given.has(name))) return undefined;
  const roles = new Set(names.map(deviceColumn));
  const matches = roles.has('address') || roles.has('hello');
  return matches && (roles.has('name') || (roles.has('address') && roles.has('hello'))) ? 'device' : undefined;
}

/** What a column of a list of devices says: people write these lists by hand. */
export type DeviceColumn = 'address' | 'hello' | 'name' | 'owner' | 'site' | 'note';

const DEVICE_COLUMNS: Readonly<Record<DeviceColumn, string>> = {
  address:
    'address addresses adresse adressen ip ips ipaddress ipaddresses ipadresse ipadressen ipv4 ipv4address ipv4adresse ipv6 ipv6address ' +
    'range iprange bereich ipbereich cidr subnet subnetz network netz netzwerk source quelle match remoteip remoteaddress',
  hello: 'helo ehlo hello heloname ehloname helloname hellonames hostname host fqdn dnsname rechner rechnername computername',
  name: 'name device devicename gerät geraet gerätename geraetename bezeichnung displayname anzeigename label printer drucker',
  owner:
    'owner besitzer eigentümer eigentuemer verantwortlich verantwortlicher ansprechpartner contact kontakt responsible team abteilung department',
  site: 'site location standort ort place building gebäude gebaeude room raum',
  note: 'note notes notiz notizen comment comments kommentar description beschreibung remark remarks bemerkung bemerkungen anmerkung',
};

const COLUMN_OF = new Map(
  Object.entries(DEVICE_COLUMNS).flatMap(([role, names]) =>
    names.split(' ').map((name) => [name, role as DeviceColumn] as const),
  ),
);

export function deviceColumn(header: string): DeviceColumn | undefined {
  return COLUMN_OF.get(header.toLowerCase().replace(/[\s_.\-/()]+/g, ''));
}
