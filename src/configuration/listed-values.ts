/** Lists, as the shapes of export write them: arrays, `{a, b}`, or values joined with `;`, `,`, blanks or line feeds. */
import { plainText, RawObject, type RawValue, shown, textOf, Unreadable, Wrapped } from './raw-value.ts';

/** `cut`: PowerShell left values out. `type-name`: it wrote the name of the type in place of values. */
export type ListFault = 'cut' | 'type-name' | 'unreadable';

export type ListReading = { readonly items: readonly string[] } | { readonly fault: ListFault; readonly shown: string };

/** For lists whose items hold no blanks, commas or semicolons. `itemOf` finds the text of a nested object. */
export function listOf(value: RawValue, itemOf: (object: RawObject) => string | undefined = textOf): ListReading {
  if (value === null) return { items: [] };
  if (typeof value === 'string') return fromText(value, value);
  if (value instanceof Wrapped) return fromText(unwrapped(value), value);
  if (value instanceof RawObject) return fromObject(value, itemOf);
  if (!Array.isArray(value)) return { fault: 'unreadable', shown: shown(value) };
  const items: string[] = [];
  for (const item of value as readonly RawValue[]) {
    const text =
      item instanceof RawObject ? itemOf(item) : item === null || item instanceof Unreadable ? undefined : plainText(item);
    if (!text) return { fault: 'unreadable', shown: shown(value) };
    if (isCut(text)) return { fault: 'cut', shown: shown(value) };
    if (isTypeName(text)) return { fault: 'type-name', shown: shown(text) };
    items.push(text.trim());
  }
  return { items };
}

/** ``Microsoft.Exchange.Data.MultiValuedProperty`1[…]``, `System.String[]`, and `@{…}` at the end of ConvertTo-Json's depth. */
export function isTypeName(text: string): boolean {
  const plain = text.trim();
  return /^(?:Deserialized\.)?(?:Microsoft|System)\.[\w.+]+(?:`\d+)?(?:\[.*\])?$/s.test(plain) || plain.startsWith('@{');
}

const isCut = (text: string): boolean => /(?:\.\.\.|…)$/.test(text.trimEnd());

function fromText(text: string, value: RawValue): ListReading {
  const plain = text.trim();
  if (isTypeName(plain)) return { fault: 'type-name', shown: shown(value) };
  const opened = plain.startsWith('{');
  const inner = plain.slice(opened ? 1 : 0, opened && plain.endsWith('}') ? -1 : undefined);
  if (isCut(inner) || (opened && !plain.endsWith('}'))) return { fault: 'cut', shown: shown(value) };
  const items = inner
    .replace(/\s+/g, ' ')
    .replace(/ ?- ?/g, '-')
    .split(/[;, ]+/);
  return { items: items.filter((item) => item !== '') };
}

/** Pieces that hold separators need no blanks between them, and may be halves of one word. */
function unwrapped({ pieces, text }: Wrapped): string {
  const joined = pieces.join('');
  return /[;,]/.test(joined) || !/\s/.test(text) ? joined : text;
}

/** The lists of PowerShell 5.1 may be wrapped, `{"value": […], "Count": 2}`, and a list of one may be its only item. */
function fromObject(object: RawObject, itemOf: (object: RawObject) => string | undefined): ListReading {
  const inner = object.get('value');
  if (inner !== undefined && (Array.isArray(inner) || object.has('Count'))) return listOf(inner, itemOf);
  const item = itemOf(object);
  if (item === undefined) return { fault: 'unreadable', shown: shown(object) };
  return fromText(item, object);
}
