/**
 * Reads the relay's configuration: text in, settings or all that is wrong out. It opens no file itself; the exports that
 * the configuration names come through `read`.
 */
import { resolve } from 'node:path';
import { jsonFault } from '../../configuration/json-fault.ts';
import { identityOf, type ReceiveConnector } from '../../connector/connector.ts';
import type { RightEntry } from '../../connector/right.ts';
import { withoutComments } from './comments.ts';
import { completeConnector, completeDomain, relayRights, type ServerIdentity } from './completion.ts';
import { Exports, type FileReader } from './exports.ts';
import { issueLines } from './issue-line.ts';
import type { CertificateSettings, DeliverySettings, RelaySettings, ServerSettings } from './relay-settings.ts';
import { canonicalAddress } from './scalars.ts';
import { type PlacedConnector, serverProblems } from './server-checks.ts';
import { formatPath, type SettingPath, shownValue } from './setting-path.ts';
import { type ProcessDocument, processSettings, type ServerDocument, serverSettings } from './settings-schema.ts';

/** `problems`: one line each, with the path in the file. */
export type SettingsReading = { readonly settings: RelaySettings } | { readonly problems: readonly string[] };

export interface SettingsSource {
  /** Folder to which the paths in the file are relative. */
  readonly folder: string;
  readonly read: FileReader;
}

const PROCESS_KEYS = Object.keys(processSettings.shape);

export function readSettings(text: string, source: SettingsSource): SettingsReading {
  const plain = withoutComments(text.replace(/^\uFEFF/, ''));
  let document: unknown;
  try {
    document = JSON.parse(plain);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { problems: [syntaxLine(plain)] };
  }
  if (!isObject(document)) return { problems: [`the file holds ${shownValue(document)} and no settings`] };
  return new Reader(document, source).read();
}

/** One server as the file has it, and where its settings stand there. */
interface ServerPart {
  readonly document: Record<string, unknown>;
  readonly place: (path: SettingPath) => SettingPath;
}

class Reader {
  readonly #document: Record<string, unknown>;
  readonly #source: SettingsSource;
  readonly #exports: Exports;
  readonly #problems: string[] = [];

  constructor(document: Record<string, unknown>, source: SettingsSource) {
    this.#document = document;
    this.#source = source;
    this.#exports = new Exports((file) => source.read(this.#path(file)));
  }

  read(): SettingsReading {
    const own = pick(this.#document, (key) => PROCESS_KEYS.includes(key));
    const process = processSettings.safeParse(own);
    const parts = this.#parts();
    const parsed = parts.map(({ document, place }) => {
      const result = serverSettings.safeParse(document);
      this.#problems.push(...issueLines(result.error?.issues ?? [], document, place));
      return result.data;
    });
    this.#problems.push(...issueLines(process.error?.issues ?? [], own, (path) => path));
    const servers = parsed.flatMap((server, at) => (server ? [this.#server(server, parts[at]!.place)] : []));
    this.#complainOfDoubles(servers, parts);
    if (this.#problems.length > 0 || !process.data) return { problems: this.#problems };
    return { settings: this.#complete(process.data, servers) };
  }

  /** What stands beside `servers` holds for each of them that does not say otherwise. */
  #parts(): ServerPart[] {
    const shared = pick(this.#document, (key) => !PROCESS_KEYS.includes(key) && key !== 'servers');
    const { servers } = this.#document;
    if (servers === undefined) return [{ document: shared, place: (path) => path }];
    if (!Array.isArray(servers) || servers.length === 0) {
      this.#problems.push(
        Array.isArray(servers)
          ? 'servers: is empty; name a server in it, or leave it out'
          : `servers: ${shownValue(servers)} is no list of servers`,
      );
      return [];
    }
    return servers.flatMap((own: unknown, at) => {
      if (isObject(own))
        return {
          document: { ...shared, ...own },
          place: (path: SettingPath) =>
            path[0] !== undefined && !(path[0] in own) && path[0] in shared ? path : ['servers', at, ...path],
        };
      this.#problems.push(`servers[${at}]: ${shownValue(own)} is no object`);
      return [];
    });
  }

  #server(document: ServerDocument, place: ServerPart['place']): ServerSettings {
    const identity: ServerIdentity = {
      server: document.server,
      fqdn: document.fqdn ?? document.server,
      exchange: document.exchange,
    };
    const rights = new Map<string, readonly RightEntry[]>();
    const placed = this.#connectors(document, identity, rights, place);
    const connectors = placed.map(({ connector }) => connector);
    const listen = document.listen.map(({ on, as, from, service }) => ({ on, as, from, service }));
    this.#problems.push(...serverProblems({ ...document, listen }, placed, place));
    this.#rights(document, connectors, rights, place);
    return {
      ...identity,
      connectors: document.verbose
        ? connectors.map((one) => ({ ...one, properties: { ...one.properties, ProtocolLoggingLevel: 'Verbose' } }))
        : connectors,
      rights,
      acceptedDomains: document.acceptedDomains.flatMap((entry, at) =>
        'file' in entry
          ? this.#exports.acceptedDomains(
              entry.file,
              document.server,
              this.#complaint(place(['acceptedDomains', at, 'file']), entry.file),
            )
          : completeDomain(entry, at),
      ),
      users: new Map(Object.entries(document.users).map(([user, hash]) => [user.toLowerCase(), hash])),
      certificate: this.#certificate(document.certificate),
      tls: { ...document.tls, ciphers: document.tls.ciphers },
      listen,
      clients: this.#clients(document.clients, place),
      hub: document.hub,
      backPressure: document.backPressure,
      inactive: document.inactive,
      timeZone: document.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
      decimalMark: document.decimalMark,
      faults: document.faults,
    };
  }

  #connectors(
    document: ServerDocument,
    identity: ServerIdentity,
    rights: Map<string, readonly RightEntry[]>,
    place: ServerPart['place'],
  ): PlacedConnector[] {
    const known = new Map<string, SettingPath>();
    return document.connectors.flatMap((setting, at) => {
      const path = place(['connectors', at]);
      const found =
        setting.kind === 'file'
          ? this.#exports.connectors(setting.file, document.server, this.#complaint([...path, 'file'], setting.file))
          : [completeConnector(identity, setting)];
      for (const connector of found) {
        const key = identityOf(connector).toLowerCase();
        const first = known.get(key);
        if (first) this.#problems.push(`${formatPath(path)}: ${connector.name} is already there, at ${formatPath(first)}`);
        known.set(key, path);
        if (setting.kind === 'inline' && setting.relay === 'anonymous') rights.set(key, relayRights(setting));
      }
      return found.map((connector) => ({ connector, path, setting: setting.kind === 'inline' ? setting : undefined }));
    });
  }

  #rights(
    document: ServerDocument,
    connectors: readonly ReceiveConnector[],
    rights: Map<string, readonly RightEntry[]>,
    place: ServerPart['place'],
  ): void {
    const add = (connector: string, entries: readonly RightEntry[]): void => {
      const key = `${document.server}\\${connector}`.toLowerCase();
      rights.set(key, [...(rights.get(key) ?? []), ...entries]);
    };
    const names = new Set(connectors.map(({ name }) => name.toLowerCase()));
    document.rights.forEach((entry, at) => {
      const path = place(['rights', at]);
      if ('file' in entry) {
        const found = this.#exports.rights(entry.file, document.server, this.#complaint([...path, 'file'], entry.file));
        for (const [connector, entries] of found) add(connector, entries);
      } else if (names.has(entry.connector.toLowerCase()))
        add(entry.connector, [{ user: entry.user, deny: entry.deny, inherited: false, rights: entry.rights }]);
      else if (!this.#hasProblems)
        this.#problems.push(
          `${formatPath([...path, 'connector'])}: ${shownValue(entry.connector)} is no connector of ${document.server}`,
        );
    });
  }

  #clients(clients: ServerDocument['clients'], place: ServerPart['place']): ReadonlyMap<string, string> {
    return new Map(
      Object.entries(clients).flatMap(([real, taken]) => {
        const own = canonicalAddress(real);
        if (own !== undefined) return [[own, taken] as const];
        this.#problems.push(`${formatPath(place(['clients', real]))}: ${shownValue(real)} is no IP address`);
        return [];
      }),
    );
  }

  #certificate(settings: ServerDocument['certificate']): CertificateSettings {
    if (settings.kind !== 'files') return settings;
    return { kind: 'files', certificate: this.#path(settings.certificate), key: this.#path(settings.key) };
  }

  #complete(document: ProcessDocument, servers: readonly ServerSettings[]): RelaySettings {
    const { delivery, logs, limits } = document;
    return {
      servers,
      delivery: (delivery.kind === 'maildir'
        ? { ...delivery, folder: this.#path(delivery.folder) }
        : delivery) as DeliverySettings,
      logs: { ...logs, folder: this.#path(logs.folder) },
      data: this.#path(document.data),
      limits,
    };
  }

  #complainOfDoubles(servers: readonly ServerSettings[], parts: readonly ServerPart[]): void {
    const names = new Set<string>();
    const places = new Set<string>();
    for (const [at, { server, listen }] of servers.entries()) {
      const place = parts[at]!.place;
      if (names.has(server.toLowerCase()))
        this.#problems.push(`${formatPath(place(['server']))}: ${shownValue(server)} is there twice`);
      names.add(server.toLowerCase());
      for (const [index, { on }] of listen.entries()) {
        const key = `${on.address} ${on.port}`;
        if (on.port !== 0 && places.has(key))
          this.#problems.push(`${formatPath(place(['listen', index]))}: "${formatEndpoint(on)}" is there twice`);
        places.add(key);
      }
    }
  }

  get #hasProblems(): boolean {
    return this.#problems.length > 0;
  }

  #complaint(path: SettingPath, file: string): (line: string) => void {
    return (line) =>
      void this.#problems.push(`${formatPath(path)}: ${shownValue(file)} ${/^(has|can)/.test(line) ? '' : '- '}${line}`);
  }

  #path(path: string): string {
    return resolve(this.#source.folder, path);
  }
}

/** `127.0.0.1:2525`, `[::1]:2525`. */
export function formatEndpoint({ address, port }: { readonly address: string; readonly port: number }): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function syntaxLine(text: string): string {
  const at = jsonFault(text);
  const before = text.slice(0, at);
  const place = `line ${before.split('\n').length}, column ${at - before.lastIndexOf('\n')}`;
  const rest = text
    .slice(at, at + 20)
    .replace(/\s+/g, ' ')
    .trim();
  return rest === '' ? `${place}: the file ends too early` : `${place}: ${shownValue(rest)} cannot stand here`;
}

function pick(document: Record<string, unknown>, isWanted: (key: string) => boolean): Record<string, unknown> {
  return Object.fromEntries(Object.entries(document).filter(([key]) => isWanted(key)));
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
