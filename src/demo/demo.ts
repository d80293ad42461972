/** Everything at once, without Exchange: a relay, devices that use it, and its logs in a folder that one can look into. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Way } from '../probe/socket/smtp-client.ts';
import { type Relay, startRelay } from '../relay/server/relay-server.ts';
import { formatPasswordHash, hashPassword } from '../relay/settings/password-hash.ts';
import { readSettings } from '../relay/settings/read-settings.ts';
import type { RelaySettings } from '../relay/settings/relay-settings.ts';
import { UserError } from '../store/user-error.ts';
import { DEMO_USERS, DEVICES, type Device, runDevices } from './devices.ts';
import { relayConfiguration } from './organisation.ts';

export interface Demonstration {
  readonly settings: RelaySettings;
  /** Folder of the protocol logs. */
  readonly logs: string;
  readonly messages: number;
}

/** Marks a folder that the demonstration made, and may make anew. */
const MARKER = 'made-by-relaylens-demo.txt';

const LONGEST_GOODBYE_MS = 5_000;
const GLANCE_MS = 20;

/** Runs for some fifteen seconds. `warn` hears of what goes wrong, one line each. */
export async function demonstrate(folder: string, warn: (line: string) => void): Promise<Demonstration> {
  prepare(folder);
  const settings = await settingsIn(folder);
  const relay = await startRelay(settings, { warn });
  try {
    await runDevices(DEVICES, (device) => wayTo(relay, device));
    await allGone(relay);
  } finally {
    await relay.stop();
  }
  return { settings, logs: settings.logs.folder, messages: relay.counts().messages };
}

/** One that the relay stops before it has seen the client go would be told a 421, as if that had been its trouble. */
async function allGone(relay: Relay): Promise<void> {
  for (let waited = 0; relay.counts().connections > 0 && waited < LONGEST_GOODBYE_MS; waited += GLANCE_MS) await pause(GLANCE_MS);
}

function prepare(folder: string): void {
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    if (!existsSync(join(folder, MARKER)))
      throw new UserError(
        `${folder}: is there already, and not from a demonstration`,
        'Name another folder: relaylens demo <folder>.',
      );
    rmSync(folder, { recursive: true });
  }
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, MARKER), 'relaylens demo makes this folder anew each time.\n');
}

async function settingsIn(folder: string): Promise<RelaySettings> {
  const users: Record<string, string> = {};
  for (const [name, password] of Object.entries(DEMO_USERS)) users[name] = formatPasswordHash(await hashPassword(password));
  const file = join(folder, 'relay.json');
  writeFileSync(file, `${JSON.stringify(relayConfiguration(DEVICES, users), null, 2)}\n`);
  const reading = readSettings(readFileSync(file, 'utf8'), { folder, read: (path) => readFileSync(path) });
  if ('problems' in reading) throw new Error(reading.problems.join('\n'));
  return reading.settings;
}

/** The listener that takes whoever comes for this device. */
function wayTo({ endpoints }: Relay, { address, name }: Device): Way {
  const own = endpoints.find(({ from }) => from === address);
  if (!own) throw new Error(`no listener for ${name}`);
  return { host: own.on.address, port: own.on.port };
}
