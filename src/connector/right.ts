/** Extended rights on a connector, as `Get-ADPermission` lists them. */

export interface RightEntry {
  /** Account, as exported: localised, or a SID. */
  readonly user: string;
  readonly deny: boolean;
  readonly inherited: boolean;
  /** `ms-Exch-SMTP-Accept-Any-Recipient` … */
  readonly rights: readonly string[];
}
