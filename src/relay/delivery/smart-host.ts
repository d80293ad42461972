/** Delivery to one next hop over SMTP. */
import { lookup } from 'node:dns/promises';
import type { DeliveryOrder, Destination } from './destination.ts';
import type { DeliveryResult } from './schedule.ts';
import { SmartHostSession } from './smart-host-session.ts';
import { type CompleteSmartHostSettings, completeSmartHostSettings, type SmartHostSettings } from './smart-host-settings.ts';

/** Addresses of a host that are tried, one session each, until one connects. */
const MAX_ADDRESSES = 5;

export class SmartHost implements Destination {
  readonly #settings: CompleteSmartHostSettings;
  /** Connections that are still to be refused. */
  #refusals: number;

  constructor(settings: SmartHostSettings) {
    this.#settings = completeSmartHostSettings(settings);
    this.#refusals = this.#settings.refusedConnections;
  }

  async deliver(order: DeliveryOrder): Promise<readonly DeliveryResult[]> {
    const all = (reply: string): DeliveryResult[] => order.recipients.map(() => ({ kind: 'deferred', reply }));
    let addresses: string[];
    try {
      addresses = (await lookup(this.#settings.host, { all: true })).map(({ address }) => address);
    } catch (error) {
      // No session yet, and no row: the product has such failures in its connectivity log alone.
      return all(`451 4.4.0 DNS query failed: ${(error as Error).message}`);
    }
    let problem = 'no address';
    for (const address of addresses.slice(0, MAX_ADDRESSES)) {
      if (order.signal.aborted) return all('421 4.3.2 Service not active');
      const session = new SmartHostSession(this.#settings, order, address);
      const failure = await session.connect(this.#refusals-- > 0);
      if (failure === undefined) return session.send();
      problem = failure;
    }
    return all(`421 4.2.1 Unable to connect: ${problem}`);
  }
}
