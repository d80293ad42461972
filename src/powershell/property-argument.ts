/** Properties as arguments of New-ReceiveConnector and Set-ReceiveConnector. */
import { PROPERTIES, type PropertyName, type PropertyType, type PropertyValue } from '../connector/properties.ts';
import { timespanText } from '../connector/property-text.ts';
import type { Argument } from './command.ts';

/** An empty text is `$null`, which takes the property away. */
export function propertyArgument(name: PropertyName, value: PropertyValue): Argument {
  const type: PropertyType = PROPERTIES[name];
  if (typeof value === 'boolean') return { kind: 'boolean', value };
  if (typeof value === 'number') {
    if (type.kind === 'size') return { kind: 'size', bytes: value };
    return type.kind === 'timespan' ? { kind: 'text', text: timespanText(value) } : { kind: 'number', value };
  }
  if (typeof value !== 'string')
    return type.kind === 'flags'
      ? { kind: 'words', words: value }
      : value.length === 0
        ? { kind: 'null' }
        : { kind: 'texts', texts: value };
  if (type.kind === 'choice' || type.kind === 'limit' || type.kind === 'size') return { kind: 'words', words: [value] };
  return value === '' ? { kind: 'null' } : { kind: 'text', text: value };
}
