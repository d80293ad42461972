/** What is asked for when connectors are copied. */
import type { ReceiveConnector } from '../../connector/connector.ts';
import type { Organisation, ServerConfiguration } from '../../connector/organisation.ts';
import type { ExchangeVersion } from '../../connector/usage-type.ts';

export interface CopyRequest {
  readonly from: ServerConfiguration;
  readonly to: {
    readonly server: string;
    readonly version: ExchangeVersion;
    /** null: not known, so that only the connectors of setup are taken to be there. */
    readonly connectors: readonly ReceiveConnector[] | null;
  };
  /** Whole names, or names without the server's; undefined: all that setup does not make. */
  readonly names?: readonly string[];
  readonly rights: Organisation['rights'];
  /** Local addresses of the target by those of the source that they stand for, as `formatAddress` writes them. */
  readonly localAddresses?: ReadonlyMap<string, string>;
}
