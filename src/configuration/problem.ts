/** What a reader has to say to the person who made the export: one line and what to do. */

export interface Problem {
  /** `line 12`, `object 3`; empty for the file as a whole. */
  readonly place: string;
  readonly what: string;
  readonly hint?: string;
  /** True where an object, or the whole file, was refused; false where it was read without what is named. */
  readonly fatal: boolean;
}

/** Collects problems in the order in which they are met. */
export class Problems {
  readonly list: Problem[] = [];

  refuse(place: string, what: string, hint?: string): void {
    this.list.push({ place, what, ...(hint !== undefined && { hint }), fatal: true });
  }

  note(place: string, what: string, hint?: string): void {
    this.list.push({ place, what, ...(hint !== undefined && { hint }), fatal: false });
  }
}

export const LOSSLESS_HINT = 'Export again with the lines that relaylens config import --help shows: they lose nothing.';

/** The line for exports whose lists became the name of their type. */
export const JOINED_CSV_HINT =
  "Join the lists: Get-ReceiveConnector | Select-Object *,@{n='Bindings';e={$_.Bindings -join ';'}}," +
  "@{n='RemoteIPRanges';e={$_.RemoteIPRanges -join ';'}} -ExcludeProperty Bindings,RemoteIPRanges | " +
  'Export-Csv connectors.csv -NoTypeInformation -Encoding UTF8';

export const CUT_HINT = 'Type $FormatEnumerationLimit=-1 into the shell and export again.';
