/** All audits of what the logs show. To add one: its file, its import, and its name in the list. */
import type { Audit } from './audit.ts';
import { barelyUsedRange } from './audits/barely-used-range.ts';
import { clearTextPassword } from './audits/clear-text-password.ts';
import { oldTls } from './audits/old-tls.ts';
import { ownDomainFromInternet } from './audits/own-domain-from-internet.ts';
import { ownServerOnRelay } from './audits/own-server-on-relay.ts';
import { relayAgainstConfiguration } from './audits/relay-against-configuration.ts';
import { sharedAddressOnRelay } from './audits/shared-address-on-relay.ts';
import { unusedRange } from './audits/unused-range.ts';

/** By id. */
export const AUDITS: readonly Audit[] = [
  barelyUsedRange,
  clearTextPassword,
  oldTls,
  ownDomainFromInternet,
  ownServerOnRelay,
  relayAgainstConfiguration,
  sharedAddressOnRelay,
  unusedRange,
];
