/** All diagnoses, those that know more before those that know less. To add one: its file, its import, its place in the list. */

import { relayDenied } from './diagnoses/relay-denied.ts';
import { wrongConnector } from './diagnoses/wrong-connector.ts';
import type { Diagnosis } from './diagnosis.ts';

export const DIAGNOSES: readonly Diagnosis[] = [wrongConnector, relayDenied];
