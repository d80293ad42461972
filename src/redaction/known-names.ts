/** What is known to identify an organisation: collected once, from sessions and from every imported configuration. */
export interface KnownNames {
  readonly servers: readonly string[];
  /** Names without their server, of receive and send connectors alike. */
  readonly connectors: readonly string[];
  /** Names that clients said, and the names and hello names of devices. */
  readonly hosts: readonly string[];
  /** Accounts that logged on, as logged: `svc-nas@contoso.com`, `CONTOSO\svc-nas`, `svc-nas`. */
  readonly users: readonly string[];
  /** The organisation's own domains: the first label of each is taken for its name. */
  readonly domains: readonly string[];
  /** Names of the organisation's domains before Windows 2000: CONTOSO. */
  readonly organisations: readonly string[];
  readonly owners: readonly string[];
  readonly sites: readonly string[];
  /** Free text of an administrator: notes, comments. */
  readonly notes: readonly string[];
  /** Folders above the product's own ones. */
  readonly folders: readonly string[];
}
