/** All diagnoses, those that know more before those that know less. To add one: its file, its import, its place in the list. */

import { accountLockedOut } from './diagnoses/account-locked-out.ts';
import { anonymousRefused } from './diagnoses/anonymous-refused.ts';
import { backPressure } from './diagnoses/back-pressure.ts';
import { backPressureDelay } from './diagnoses/back-pressure-delay.ts';
import { changedBeforeFailure } from './diagnoses/changed-before-failure.ts';
import { cipherTooWeak } from './diagnoses/cipher-too-weak.ts';
import { clientCertificateRefused } from './diagnoses/client-certificate-refused.ts';
import { clientLeft } from './diagnoses/client-left.ts';
import { clientOnBlockList } from './diagnoses/client-on-block-list.ts';
import { connectionLimit } from './diagnoses/connection-limit.ts';
import { contentRefused } from './diagnoses/content-refused.ts';
import { differsByServer } from './diagnoses/differs-by-server.ts';
import { exchangeAuthenticationFailed } from './diagnoses/exchange-authentication-failed.ts';
import { exchangeOnlineRefusal } from './diagnoses/exchange-online-refusal.ts';
import { headerTooLarge } from './diagnoses/header-too-large.ts';
import { helloOutOfOrder } from './diagnoses/hello-out-of-order.ts';
import { hubUnreachable } from './diagnoses/hub-unreachable.ts';
import { idleTimeout } from './diagnoses/idle-timeout.ts';
import { implicitTlsOnPlainPort } from './diagnoses/implicit-tls-on-plain-port.ts';
import { invalidHelloName } from './diagnoses/invalid-hello-name.ts';
import { invalidRecipientAddress } from './diagnoses/invalid-recipient-address.ts';
import { invalidSenderAddress } from './diagnoses/invalid-sender-address.ts';
import { leftAfterTls } from './diagnoses/left-after-tls.ts';
import { logonBrokenOff } from './diagnoses/logon-broken-off.ts';
import { logonServiceFailed } from './diagnoses/logon-service-failed.ts';
import { mailLoop } from './diagnoses/mail-loop.ts';
import { mechanismNotOffered } from './diagnoses/mechanism-not-offered.ts';
import { messageRateExceeded } from './diagnoses/message-rate-exceeded.ts';
import { messageTooLarge } from './diagnoses/message-too-large.ts';
import { missingSubmitRight } from './diagnoses/missing-submit-right.ts';
import { nextHopLeft } from './diagnoses/next-hop-left.ts';
import { nextHopLogonFailed } from './diagnoses/next-hop-logon-failed.ts';
import { nextHopRefused } from './diagnoses/next-hop-refused.ts';
import { nextHopTlsFailed } from './diagnoses/next-hop-tls-failed.ts';
import { nextHopUnreachable } from './diagnoses/next-hop-unreachable.ts';
import { noConnector } from './diagnoses/no-connector.ts';
import { passwordGuessing } from './diagnoses/password-guessing.ts';
import { protocolError } from './diagnoses/protocol-error.ts';
import { rejectedByAgent } from './diagnoses/rejected-by-agent.ts';
import { relayDenied } from './diagnoses/relay-denied.ts';
import { remoteRefusal } from './diagnoses/remote-refusal.ts';
import { reservedRecipientDomain } from './diagnoses/reserved-recipient-domain.ts';
import { senderBlocked } from './diagnoses/sender-blocked.ts';
import { senderNotAllowed } from './diagnoses/sender-not-allowed.ts';
import { serverCertificateExpiring } from './diagnoses/server-certificate-expiring.ts';
import { serverNotReady } from './diagnoses/server-not-ready.ts';
import { serviceInactive } from './diagnoses/service-inactive.ts';
import { sessionTimeout } from './diagnoses/session-timeout.ts';
import { sharedAddress } from './diagnoses/shared-address.ts';
import { starttlsNotOffered } from './diagnoses/starttls-not-offered.ts';
import { starttlsRequired } from './diagnoses/starttls-required.ts';
import { submissionQuota } from './diagnoses/submission-quota.ts';
import { tarpitDelay } from './diagnoses/tarpit-delay.ts';
import { tlsHandshakeFailed } from './diagnoses/tls-handshake-failed.ts';
import { tooManyRecipients } from './diagnoses/too-many-recipients.ts';
import { unknownRecipient } from './diagnoses/unknown-recipient.ts';
import { wellKnownAccount } from './diagnoses/well-known-account.ts';
import { wordlessConnection } from './diagnoses/wordless-connection.ts';
import { wrongConnector } from './diagnoses/wrong-connector.ts';
import { wrongPassword } from './diagnoses/wrong-password.ts';
import type { Diagnosis } from './diagnosis.ts';

/** Logons, certificates and TLS. */
const AUTHENTICATION_AND_TLS: readonly Diagnosis[] = [
  exchangeAuthenticationFailed,
  implicitTlsOnPlainPort,
  wellKnownAccount,
  missingSubmitRight,
  logonServiceFailed,
  accountLockedOut,
  wrongPassword,
  mechanismNotOffered,
  logonBrokenOff,
  anonymousRefused,
  starttlsRequired,
  starttlsNotOffered,
  tlsHandshakeFailed,
  cipherTooWeak,
  clientCertificateRefused,
  serverCertificateExpiring,
  passwordGuessing,
  wordlessConnection,
  leftAfterTls,
];

/** What a hello, an envelope and a message may be, and how many of them. */
const ENVELOPE_AND_LIMITS: readonly Diagnosis[] = [
  invalidHelloName,
  helloOutOfOrder,
  invalidSenderAddress,
  invalidRecipientAddress,
  unknownRecipient,
  reservedRecipientDomain,
  senderNotAllowed,
  senderBlocked,
  clientOnBlockList,
  messageTooLarge,
  headerTooLarge,
  tooManyRecipients,
  messageRateExceeded,
  connectionLimit,
  submissionQuota,
  mailLoop,
  contentRefused,
  rejectedByAgent,
  protocolError,
  differsByServer,
  sharedAddress,
];

/** Availability, time, and what happens behind the connector. */
const AVAILABILITY_AND_DELIVERY: readonly Diagnosis[] = [
  noConnector,
  serviceInactive,
  backPressure,
  serverNotReady,
  idleTimeout,
  sessionTimeout,
  clientLeft,
  exchangeOnlineRefusal,
  nextHopUnreachable,
  nextHopTlsFailed,
  nextHopLogonFailed,
  nextHopLeft,
  remoteRefusal,
  nextHopRefused,
  tarpitDelay,
  backPressureDelay,
  changedBeforeFailure,
];

export const DIAGNOSES: readonly Diagnosis[] = [
  wrongConnector,
  relayDenied,
  // A session that had logged on and finds no Hub is told by the Hub, not by the logon.
  hubUnreachable,
  ...AUTHENTICATION_AND_TLS,
  ...ENVELOPE_AND_LIMITS,
  ...AVAILABILITY_AND_DELIVERY,
];
