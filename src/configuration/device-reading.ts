/** Rows of a list that people keep by hand as devices. */
import type { Device } from '../connector/device.ts';
import { parseRange } from '../net/address-range.ts';
import { type Placed, withoutDoubles } from './doubles.ts';
import { type DeviceColumn, deviceColumn } from './kind.ts';
import { isUpsideDown } from './network-text.ts';
import type { Problems } from './problem.ts';
import { type RawObject, type RawRecord, textOf } from './raw-value.ts';

/** A row gives a device for each of its addresses and hello names. A list by hand has faults: they never cost the other rows. */
export function readDevices(records: readonly RawRecord[], problems: Problems): Device[] {
  const read: Placed<Device>[] = [];
  for (const { place, object } of records) {
    const cells = cellsOf(object);
    const { addresses, hellos, wrong } = matchesOf(cells.address ?? '', cells.hello ?? '');
    for (const text of wrong)
      problems.note(
        place,
        `"${text.slice(0, 60)}" is ${isUpsideDown(text) ? 'a range whose ends are swapped' : 'no address and no range'}; no device is made of it`,
        'Write 10.0.20.12, 10.0.20.0/24 or 10.0.20.10-10.0.20.19.',
      );
    const name = cells.name || cells.hello;
    if (!name) {
      problems.note(place, 'the row has no name for the device; it is left out', 'Fill in the column with the names.');
      continue;
    }
    if (addresses.length + hellos.length + wrong.length === 0)
      problems.note(
        place,
        `${name} has no address and no hello name; it is left out`,
        'Fill in an address, a range or a hello name.',
      );
    for (const match of [...addresses, ...hellos])
      read.push({
        place,
        value: { match, name, owner: cells.owner || null, site: cells.site || null, note: cells.note || null },
      });
  }
  return withoutDoubles(read, problems, {
    keyOf: ({ match }) => match,
    nameOf: ({ match }) => `the device ${match}`,
    contentOf: (device) => ({ ...device, match: '' }),
    whenDifferent: 'keep-first',
  });
}

/** The first cell with a text of each meaning. */
function cellsOf(object: RawObject): Partial<Record<DeviceColumn, string>> {
  const cells: Partial<Record<DeviceColumn, string>> = {};
  for (const [header, value] of object.entries()) {
    const column = deviceColumn(header);
    if (column) cells[column] ||= textOf(value)?.trim() ?? '';
  }
  return cells;
}

interface Matches {
  readonly addresses: string[];
  readonly hellos: string[];
  readonly wrong: string[];
}

/** Hello names may hold blanks (`UPS room 2`); an address column may hold a name, but nothing that only looks like an address. */
function matchesOf(address: string, hello: string): Matches {
  const matches: Matches = { addresses: [], hellos: [], wrong: [] };
  const items = address
    .replace(/\s+/g, ' ')
    .replace(/ ?[-\u2013] ?/g, '-')
    .split(/[;, ]+/);
  for (const item of items.filter((text) => text !== '')) {
    if (parseRange(item)) matches.addresses.push(item);
    else if (/[g-z]/i.test(item) && !/[:/]/.test(item)) matches.hellos.push(item);
    else matches.wrong.push(item);
  }
  for (const name of hello.split(';').map((text) => text.trim()))
    if (name !== '' && !matches.hellos.includes(name)) matches.hellos.push(name);
  return matches;
}
