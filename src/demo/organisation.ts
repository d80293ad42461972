/** The server of the demonstration: one front end, a relay connector with too short a range, and a listener a device. */
import type { Device } from './devices.ts';

/** Where each device finds the server: on loopback, one port each, so that the server can tell them apart. */
export function relayConfiguration(devices: readonly Device[], users: Readonly<Record<string, string>>): object {
  return {
    server: 'EX01',
    fqdn: 'ex01.contoso.example',
    exchange: '2016+',
    listen: devices.map(({ address, port }) => ({
      on: '127.0.0.1:0',
      as: address.includes(':') ? `[fd00::5]:${port}` : `10.0.0.5:${port}`,
      from: address,
    })),
    connectors: [
      { default: 'Default Frontend', ConnectionInactivityTimeout: '00:00:10' },
      { default: 'Client Frontend' },
      {
        name: 'Anon Relay EX01',
        bindings: ['0.0.0.0:25'],
        remoteIPRanges: ['10.0.20.10-10.0.20.11', '10.0.20.13', '10.0.20.14', '10.0.20.40', '10.0.30.0/28', '10.0.60.0/24'],
        relay: 'anonymous',
        ConnectionInactivityTimeout: '00:00:03',
      },
    ],
    acceptedDomains: ['contoso.example'],
    users,
    certificate: 'self-signed',
    delivery: { kind: 'maildir', folder: 'mail' },
    logs: { folder: 'logs' },
    data: 'data',
  };
}
