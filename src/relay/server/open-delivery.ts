/** Opens the delivery that the settings ask for: a server has one, whichever of its services takes the messages. */
import { join } from 'node:path';
import type { Destination } from '../delivery/destination.ts';
import { Maildir } from '../delivery/maildir.ts';
import { QueueRunner } from '../delivery/queue-runner.ts';
import type { RetrySettings } from '../delivery/schedule.ts';
import { Sink } from '../delivery/sink.ts';
import { SmartHost } from '../delivery/smart-host.ts';
import { Spool } from '../delivery/spool.ts';
import type { SmartHostSettings } from '../settings/relay-settings.ts';
import type { Delivery } from './delivery.ts';
import { ensureFolder } from './folder.ts';
import type { DeliveryPlace } from './relay-server.ts';

/** A UserError where the folder of the spool or of the mail cannot be had. */
export async function openDelivery(place: DeliveryPlace): Promise<Delivery> {
  const { delivery } = place.settings;
  switch (delivery.kind) {
    case 'sink':
      return {
        keeper: new Sink(),
        pressure: () => 'none',
        takesBinary: true,
        backlog: () => ({ waiting: 0, failed: 0 }),
        close: async () => {},
      };
    case 'maildir':
      ensureFolder(delivery.folder, 'delivery.folder');
      return spooled(place, new Maildir({ folder: delivery.folder, layout: delivery.layout }));
    case 'smart-host':
      return toSmartHost(place, delivery);
  }
}

export const spoolFolder = (data: string, server: string): string => join(data, server, 'spool');

/** The send log stands in the hub's folder, as on a mailbox server. */
async function toSmartHost(place: DeliveryPlace, smartHost: SmartHostSettings): Promise<Delivery> {
  const { server, sessionIds, clock, logs } = place;
  const { host, port, tls, verify, user, password, connector, retryIntervals, expiry, connections, down } = smartHost;
  const log = logs.of('Hub', 'send');
  const destination = new SmartHost({
    host,
    port,
    startTls: tls,
    verifyCertificate: verify,
    auth: user === undefined || password === undefined ? undefined : { user, password },
    connector,
    fqdn: server.fqdn,
    dialect: server.exchange === '2013' ? 'A' : 'B',
    log: (row) => log.add(row),
    newSessionId: () => sessionIds.take(),
    clock,
    refusedConnections: Number(down === true ? Number.POSITIVE_INFINITY : down),
  });
  const queue = { retries: { delaysMs: retryIntervals, expiryMs: expiry }, concurrency: connections };
  return spooled(place, destination, queue);
}

/** Messages are kept on disk first, and acknowledged then; delivery follows. */
async function spooled(
  { server, settings, clock, warn }: DeliveryPlace,
  destination: Destination,
  queue: { readonly retries?: RetrySettings; readonly concurrency?: number } = {},
): Promise<Delivery> {
  ensureFolder(settings.data, 'data');
  const spool = await Spool.open({ folder: spoolFolder(settings.data, server.server), clock });
  const runner = new QueueRunner({ spool, destination, clock, report: warn, ...queue });
  await runner.start();
  return {
    keeper: spool,
    pressure: () => spool.pressure,
    takesBinary: settings.delivery.kind === 'maildir',
    backlog: () => ({ waiting: spool.size, failed: runner.failedMessages }),
    close: async (graceMs) => {
      await runner.stop(graceMs);
      spool.close();
    },
  };
}
