/** Devices: addresses or hello names with a name that people use. */
import { type AddressRange, holds, parseAddress, parseRange, sizeOf } from '../net/address-range.ts';

export interface Device {
  /** Address, CIDR or `a-b`, or a hello name. */
  readonly match: string;
  readonly name: string;
  readonly owner: string | null;
  readonly site: string | null;
  readonly note: string | null;
}

/** Finds the device of a source: the smallest range that holds its address, else the first of its hello names. */
export class Devices {
  readonly #ranges: { readonly range: AddressRange; readonly device: Device }[] = [];
  readonly #byHello = new Map<string, Device>();

  constructor(devices: readonly Device[]) {
    for (const device of devices) {
      const range = parseRange(device.match);
      if (range) this.#ranges.push({ range, device });
      else this.#byHello.set(device.match.toLowerCase(), device);
    }
    this.#ranges.sort((a, b) => (sizeOf(a.range) < sizeOf(b.range) ? -1 : sizeOf(a.range) > sizeOf(b.range) ? 1 : 0));
  }

  find(source: string | null, helloNames: readonly string[] = []): Device | undefined {
    const address = source === null ? undefined : parseAddress(source);
    const byAddress = address && this.#ranges.find(({ range }) => holds(range, address))?.device;
    if (byAddress) return byAddress;
    for (const name of helloNames) {
      const device = this.#byHello.get(name.toLowerCase());
      if (device) return device;
    }
    return undefined;
  }
}
