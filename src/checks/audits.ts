/** All audits of what the logs show. To add one: its file, its import, and its name in the list. */
import type { Audit } from './audit.ts';
import { barelyUsedRange } from './audits/barely-used-range.ts';
import { clearTextPassword } from './audits/clear-text-password.ts';
import { freshDomains } from './audits/fresh-domains.ts';
import { logonAfterGuessing } from './audits/logon-after-guessing.ts';
import { messageBurst } from './audits/message-burst.ts';
import { oldTls } from './audits/old-tls.ts';
import { openRelayTest } from './audits/open-relay-test.ts';
import { ownDomainFromInternet } from './audits/own-domain-from-internet.ts';
import { ownServerOnRelay } from './audits/own-server-on-relay.ts';
import { passwordGuessing } from './audits/password-guessing.ts';
import { publicClientOnRelay } from './audits/public-client-on-relay.ts';
import { relayAgainstConfiguration } from './audits/relay-against-configuration.ts';
import { sharedAddressOnRelay } from './audits/shared-address-on-relay.ts';
import { starttlsNotOffered } from './audits/starttls-not-offered.ts';
import { unusedRange } from './audits/unused-range.ts';

/** By id. */
export const AUDITS: readonly Audit[] = [
  barelyUsedRange,
  clearTextPassword,
  freshDomains,
  logonAfterGuessing,
  messageBurst,
  oldTls,
  openRelayTest,
  ownDomainFromInternet,
  ownServerOnRelay,
  passwordGuessing,
  publicClientOnRelay,
  relayAgainstConfiguration,
  sharedAddressOnRelay,
  starttlsNotOffered,
  unusedRange,
];
