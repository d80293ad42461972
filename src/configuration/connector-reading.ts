/** Objects of an export as receive connectors. */
import { formatBinding, parseBinding } from '../connector/binding.ts';
import { identityOf } from '../connector/connector.ts';
import { PROPERTIES, PROPERTY_NAMES, type Properties, type PropertyName, type PropertyValue } from '../connector/properties.ts';
import { parseRemoteRange } from '../connector/remote-range.ts';
import { type Placed, withoutDoubles } from './doubles.ts';
import { connectorIdentity } from './identity.ts';
import { type ListFault, listOf } from './listed-values.ts';
import { bindingText, isUpsideDown, rangeText } from './network-text.ts';
import { CUT_HINT, JOINED_CSV_HINT, LOSSLESS_HINT, type Problems } from './problem.ts';
import { propertyValue } from './property-value.ts';
import type { Shape } from './raw-export.ts';
import { printed, type RawObject, type RawRecord } from './raw-value.ts';
import type { ConnectorRecord } from './record.ts';

/** What the person who imports says about the file, and what shape it has. */
export interface ReadingSettings {
  readonly server?: string | undefined;
  readonly shape: Shape;
}

export function readConnectors(records: readonly RawRecord[], settings: ReadingSettings, problems: Problems): ConnectorRecord[] {
  const unread = new Map<string, { readonly places: string[]; readonly identity: string; readonly what: string }>();
  const read: Placed<ConnectorRecord>[] = [];
  for (const { place, object } of records) {
    const reading = new ConnectorReading(place, object, settings, problems);
    const record = reading.record();
    if (!record) continue;
    read.push({ place, value: record });
    for (const what of reading.unread) {
      const known = unread.get(what);
      if (known) known.places.push(place);
      else unread.set(what, { places: [place], identity: identityOf(record), what });
    }
  }
  // The same fault in each of forty connectors is one line.
  for (const { places, identity, what } of unread.values()) {
    const more = places.length > 1 ? ` and ${places.length - 1} more` : '';
    problems.note(places[0]!, `${identity}${more}: ${what}, so it counts as unknown`, LOSSLESS_HINT);
  }
  return withoutDoubles<ConnectorRecord>(read, problems, {
    keyOf: identityOf,
    nameOf: identityOf,
    contentOf: ({ bindings, remoteIPRanges, properties }) => ({ bindings, remoteIPRanges, properties }),
    whenDifferent: 'refuse',
  });
}

/** What stands in the record itself, in a place of its own. */
const OWN = new Set(['identity', 'name', 'server', 'bindings', 'remoteipranges']);
const NAME_OF = new Map(PROPERTY_NAMES.map((name) => [name.toLowerCase(), name]));

const SHOWN_ITEMS = 3;

class ConnectorReading {
  /** Known properties without a readable value, in words. */
  readonly unread: string[] = [];
  readonly #place: string;
  readonly #object: RawObject;
  readonly #settings: ReadingSettings;
  readonly #problems: Problems;
  #label = 'a receive connector';
  #refused = false;

  constructor(place: string, object: RawObject, settings: ReadingSettings, problems: Problems) {
    this.#place = place;
    this.#object = object;
    this.#settings = settings;
    this.#problems = problems;
  }

  /** undefined where it was refused, and the problems say why. */
  record(): ConnectorRecord | undefined {
    const { server, name } = connectorIdentity(this.#object, this.#settings.server);
    if (!name) return this.#refuse('has neither Name nor Identity', 'Export at least Identity, Bindings and RemoteIPRanges.');
    this.#label = server ? identityOf({ server, name }) : name;
    if (!server)
      return this.#refuse('does not say which server it belongs to', 'Name the server with --server, or export Identity too.');
    const bindings = this.#texts('Bindings', bindingText, (text) => {
      const binding = parseBinding(text);
      return binding && formatBinding(binding);
    });
    const remoteIPRanges = this.#texts('RemoteIPRanges', rangeText, (text) => parseRemoteRange(text)?.text);
    const properties: Partial<Record<PropertyName, PropertyValue>> = {};
    const others: [string, string][] = [];
    for (const [given, raw] of this.#object.entries()) {
      if (OWN.has(given.toLowerCase())) continue;
      const property = NAME_OF.get(given.toLowerCase());
      if (!property) {
        others.push([given, printed(raw)]);
        continue;
      }
      const reading = propertyValue(PROPERTIES[property], raw);
      if ('value' in reading) properties[property] = reading.value;
      else if ('fault' in reading && reading.fault === 'cut') this.#refuseList(property, reading.fault, reading.shown);
      else if ('fault' in reading) this.unread.push(`${property} is unreadable ("${reading.shown}")`);
    }
    if (this.#refused) return undefined;
    return { server, name, bindings, remoteIPRanges, properties: inOrder(properties), others: Object.fromEntries(others) };
  }

  /** A wrong or a missing item would change who the connector takes: then nothing is concluded from the rest. */
  #texts(
    property: 'Bindings' | 'RemoteIPRanges',
    textOfObject: (object: RawObject) => string | undefined,
    canonical: (text: string) => string | undefined,
  ): string[] {
    const raw = this.#object.get(property);
    if (raw === undefined) {
      this.#refuse(`has no ${property} in the export`, 'Export at least Identity, Bindings and RemoteIPRanges.');
      return [];
    }
    const list = listOf(raw, textOfObject);
    if ('fault' in list) {
      this.#refuseList(property, list.fault, list.shown);
      return [];
    }
    if (list.items.length === 0) this.#refuse(`has empty ${property} in the export`, LOSSLESS_HINT);
    const texts = list.items.map(canonical);
    const wrong = list.items.filter((_, at) => texts[at] === undefined);
    const swapped = property === 'RemoteIPRanges' ? wrong.filter(isUpsideDown) : [];
    this.#refuseItems(property, swapped, 'a range whose ends are swapped');
    this.#refuseItems(
      property,
      wrong.filter((item) => !swapped.includes(item)),
      property === 'Bindings' ? 'no binding (an address and a port, as 0.0.0.0:25)' : 'no address or range of addresses',
    );
    return texts.filter((text) => text !== undefined);
  }

  #refuseItems(property: string, items: readonly string[], what: string): void {
    if (items.length === 0) return;
    const named = items.slice(0, SHOWN_ITEMS).map((item) => `"${item.slice(0, 50)}"`);
    const more = items.length > SHOWN_ITEMS ? ` and ${items.length - SHOWN_ITEMS} more` : '';
    const is = items.length > 1 ? 'each of which is' : 'which is';
    this.#refuse(`${property} holds ${named.join(', ')}${more}, ${is} ${what}`, 'Correct it there, or export again.');
  }

  #refuseList(property: string, fault: ListFault, text: string): void {
    const shape = this.#settings.shape;
    switch (fault) {
      case 'cut':
        this.#refuse(`${property} was cut off by PowerShell ("${text}")`, `${CUT_HINT} Or: ${LOSSLESS_HINT}`);
        break;
      case 'type-name':
        this.#refuse(
          `${property} holds the name of a type in place of values ("${text}")`,
          shape === 'csv' ? JOINED_CSV_HINT : LOSSLESS_HINT,
        );
        break;
      case 'unreadable':
        this.#refuse(`${property} is unreadable ("${text}")`, LOSSLESS_HINT);
        break;
    }
  }

  #refuse(what: string, hint: string): undefined {
    this.#refused = true;
    this.#problems.refuse(this.#place, `${this.#label} ${what}; the connector is left out`, hint);
  }
}

/** In the order of the declaration, so that records of different exports are the same text too. */
function inOrder(properties: Partial<Record<PropertyName, PropertyValue>>): Properties {
  const entries = PROPERTY_NAMES.flatMap((name) => (properties[name] === undefined ? [] : [[name, properties[name]] as const]));
  return Object.fromEntries(entries) as Properties;
}
