/** All checks that the configuration alone decides. To add one: its file, its import, and its name in the list. */

import type { ConfigurationCheck } from './configuration-check.ts';
import { basicAuthOnRelay } from './connectors/basic-auth-on-relay.ts';
import { clearTextLogon } from './connectors/clear-text-logon.ts';
import { conflictingRanges } from './connectors/conflicting-ranges.ts';
import { disabledBlocker } from './connectors/disabled-blocker.ts';
import { externallySecuredTooWide } from './connectors/externally-secured-too-wide.ts';
import { frontEndRoleOnHubPort } from './connectors/front-end-role-on-hub-port.ts';
import { hubRoleOnFrontEndPort } from './connectors/hub-role-on-front-end-port.ts';
import { implicitTlsPort } from './connectors/implicit-tls-port.ts';
import { ipv6Hole } from './connectors/ipv6-hole.ts';
import { loggingOff } from './connectors/logging-off.ts';
import { malformedCertificateName } from './connectors/malformed-certificate-name.ts';
import { nestedRange } from './connectors/nested-range.ts';
import { nobodyMaySubmit } from './connectors/nobody-may-submit.ts';
import { openRelay } from './connectors/open-relay.ts';
import { refusedCombination } from './connectors/refused-combination.ts';
import { relayCoversExchangeServers } from './connectors/relay-covers-exchange-servers.ts';
import { relayCoversPublicWhileHybrid } from './connectors/relay-covers-public-while-hybrid.ts';
import { relayOnDefaultConnector } from './connectors/relay-on-default-connector.ts';
import { requiredTlsOnRelay } from './connectors/required-tls-on-relay.ts';
import { secondWayToRelay } from './connectors/second-way-to-relay.ts';
import { shadowedRange } from './connectors/shadowed-range.ts';
import { tightLimits } from './connectors/tight-limits.ts';
import { undefinedSelection } from './connectors/undefined-selection.ts';
import { unequalServers } from './connectors/unequal-servers.ts';
import { unlimitedLogonFailures } from './connectors/unlimited-logon-failures.ts';
import { unlimitedRelay } from './connectors/unlimited-relay.ts';
import { unmatchedFamily } from './connectors/unmatched-family.ts';
import { unofferedRequiredTls } from './connectors/unoffered-required-tls.ts';
import { unprovenRelayRight } from './connectors/unproven-relay-right.ts';
import { uselessLogon } from './connectors/useless-logon.ts';
import { wideRelayRange } from './connectors/wide-relay-range.ts';
import { wildcardAcceptedDomain } from './connectors/wildcard-accepted-domain.ts';

/** By id. */
export const CONFIGURATION_CHECKS: readonly ConfigurationCheck[] = [
  basicAuthOnRelay,
  clearTextLogon,
  conflictingRanges,
  disabledBlocker,
  externallySecuredTooWide,
  frontEndRoleOnHubPort,
  hubRoleOnFrontEndPort,
  implicitTlsPort,
  ipv6Hole,
  loggingOff,
  malformedCertificateName,
  nestedRange,
  nobodyMaySubmit,
  openRelay,
  refusedCombination,
  relayCoversExchangeServers,
  relayCoversPublicWhileHybrid,
  relayOnDefaultConnector,
  requiredTlsOnRelay,
  secondWayToRelay,
  shadowedRange,
  tightLimits,
  undefinedSelection,
  unequalServers,
  unlimitedLogonFailures,
  unlimitedRelay,
  unmatchedFamily,
  unofferedRequiredTls,
  unprovenRelayRight,
  uselessLogon,
  wideRelayRange,
  wildcardAcceptedDomain,
];
