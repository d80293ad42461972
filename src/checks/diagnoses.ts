/** All diagnoses, those that know more before those that know less. To add one: its file, its import, its place in the list. */

import { backPressure } from './diagnoses/back-pressure.ts';
import { backPressureDelay } from './diagnoses/back-pressure-delay.ts';
import { changedBeforeFailure } from './diagnoses/changed-before-failure.ts';
import { clientLeft } from './diagnoses/client-left.ts';
import { exchangeOnlineRefusal } from './diagnoses/exchange-online-refusal.ts';
import { hubUnreachable } from './diagnoses/hub-unreachable.ts';
import { idleTimeout } from './diagnoses/idle-timeout.ts';
import { nextHopLeft } from './diagnoses/next-hop-left.ts';
import { nextHopLogonFailed } from './diagnoses/next-hop-logon-failed.ts';
import { nextHopRefused } from './diagnoses/next-hop-refused.ts';
import { nextHopTlsFailed } from './diagnoses/next-hop-tls-failed.ts';
import { nextHopUnreachable } from './diagnoses/next-hop-unreachable.ts';
import { noConnector } from './diagnoses/no-connector.ts';
import { relayDenied } from './diagnoses/relay-denied.ts';
import { remoteRefusal } from './diagnoses/remote-refusal.ts';
import { serverNotReady } from './diagnoses/server-not-ready.ts';
import { serviceInactive } from './diagnoses/service-inactive.ts';
import { sessionTimeout } from './diagnoses/session-timeout.ts';
import { tarpitDelay } from './diagnoses/tarpit-delay.ts';
import { wrongConnector } from './diagnoses/wrong-connector.ts';
import type { Diagnosis } from './diagnosis.ts';

export const DIAGNOSES: readonly Diagnosis[] = [
  wrongConnector,
  relayDenied,

  // Availability, time, and what happens behind the connector.
  noConnector,
  serviceInactive,
  backPressure,
  serverNotReady,
  idleTimeout,
  sessionTimeout,
  clientLeft,
  hubUnreachable,
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
