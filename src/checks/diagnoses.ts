/** All diagnoses, those that know more before those that know less. To add one: its file, its import, its place in the list. */

import { backPressure } from './diagnoses/back-pressure.ts';
import { clientLeft } from './diagnoses/client-left.ts';
import { idleTimeout } from './diagnoses/idle-timeout.ts';
import { noConnector } from './diagnoses/no-connector.ts';
import { relayDenied } from './diagnoses/relay-denied.ts';
import { serverNotReady } from './diagnoses/server-not-ready.ts';
import { serviceInactive } from './diagnoses/service-inactive.ts';
import { sessionTimeout } from './diagnoses/session-timeout.ts';
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
];
