/** All diagnoses, those that know more before those that know less. To add one: its file, its import, its place in the list. */

import { accountLockedOut } from './diagnoses/account-locked-out.ts';
import { anonymousRefused } from './diagnoses/anonymous-refused.ts';
import { cipherTooWeak } from './diagnoses/cipher-too-weak.ts';
import { clientCertificateRefused } from './diagnoses/client-certificate-refused.ts';
import { exchangeAuthenticationFailed } from './diagnoses/exchange-authentication-failed.ts';
import { implicitTlsOnPlainPort } from './diagnoses/implicit-tls-on-plain-port.ts';
import { logonBrokenOff } from './diagnoses/logon-broken-off.ts';
import { logonServiceFailed } from './diagnoses/logon-service-failed.ts';
import { mechanismNotOffered } from './diagnoses/mechanism-not-offered.ts';
import { missingSubmitRight } from './diagnoses/missing-submit-right.ts';
import { passwordGuessing } from './diagnoses/password-guessing.ts';
import { relayDenied } from './diagnoses/relay-denied.ts';
import { serverCertificateExpiring } from './diagnoses/server-certificate-expiring.ts';
import { starttlsNotOffered } from './diagnoses/starttls-not-offered.ts';
import { starttlsRequired } from './diagnoses/starttls-required.ts';
import { tlsHandshakeFailed } from './diagnoses/tls-handshake-failed.ts';
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
];

export const DIAGNOSES: readonly Diagnosis[] = [wrongConnector, relayDenied, ...AUTHENTICATION_AND_TLS];
