/**
 * Export-Clixml: objects with all their types. The file is cut into its objects first, so that a big file takes no more
 * memory than its text and one object; entities are not the parser's business, so that none can be declared.
 */
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { Problems } from './problem.ts';
import type { RawExport } from './raw-export.ts';
import { RawObject, type RawRecord, type RawValue, Unreadable } from './raw-value.ts';
import { xmlText } from './xml-text.ts';

/** True where the root is that of CLIXML, also behind the mark that PowerShell puts before redirected streams. */
export const isClixml = (text: string): boolean =>
  /^(?:#< CLIXML\s*)?(?:<\?xml[^>]*\?>\s*)?<(?:!|Objs[\s>])/.test(text.trimStart());

export function readClixml(text: string): RawExport {
  const problems = new Problems();
  const records: RawRecord[] = [];
  const line = (offset: number): number => text.slice(0, offset).split('\n').length;
  const refuse = (offset: number, what: string): RawExport => {
    problems.refuse(`line ${line(offset)}`, what, 'Export again with Export-Clixml.');
    return { records: [], problems: problems.list };
  };

  const declaration = text.indexOf('<!');
  if (declaration >= 0) {
    const isDoctype = /^<!doctype/i.test(text.slice(declaration, declaration + 9));
    return refuse(
      declaration,
      `${isDoctype ? 'a DOCTYPE' : 'a comment or CDATA section'}, which Export-Clixml never writes: the file is not read`,
    );
  }
  const objects = new ObjectReader();
  const tags = /<(\/?)Obj(?=[\s/>])[^<>]*>/g;
  let depth = 0;
  let start = 0;
  for (let tag = tags.exec(text); tag; tag = tags.exec(text)) {
    if (depth === 0) start = tag.index;
    if (tag[1]) depth--;
    else if (!tag[0].endsWith('/>')) depth++;
    if (depth < 0) return refuse(tag.index, 'an object ends that never began: the XML is broken');
    if (depth > 0) continue;
    const piece = text.slice(start, tags.lastIndex);
    const fault = faultOf(piece);
    if (fault) return refuse(start + fault.offset, fault.what);
    const value = objects.read(piece);
    if (typeof value === 'string') return refuse(start, value);
    if (value.object instanceof RawObject) records.push({ place: `object ${records.length + 1}`, object: value.object });
  }
  if (depth > 0) return refuse(start, 'the file ends inside the object that begins here');
  if (!/<\/Objs>\s*$|<Objs[^>]*\/>\s*$/.test(text.slice(-200)))
    return refuse(text.length, 'the file ends too early: </Objs> is missing');
  return { records, problems: problems.list };
}

function faultOf(piece: string): { readonly offset: number; readonly what: string } | undefined {
  // Entities are decoded later and may be none of XML's own; only the shape of the tags counts here.
  const result = XMLValidator.validate(piece.replace(/&/g, '+'));
  if (result === true) return undefined;
  let offset = 0;
  for (let line = 1; line < result.err.line; line++) offset = piece.indexOf('\n', offset) + 1;
  return { offset, what: `the XML is broken: ${result.err.msg}` };
}

interface XmlNode {
  readonly ':@'?: Readonly<Record<string, string>>;
  readonly '#text'?: string;
}

const tagOf = (node: XmlNode): string => Object.keys(node).find((key) => key !== ':@') ?? '';
const childrenOf = (node: XmlNode): readonly XmlNode[] => {
  const children = (node as Readonly<Record<string, unknown>>)[tagOf(node)];
  return Array.isArray(children) ? (children as XmlNode[]) : [];
};
const contentOf = (node: XmlNode): string => childrenOf(node).reduce((text, child) => text + (child['#text'] ?? ''), '');
const attributeOf = (node: XmlNode, name: string): string => xmlText(node[':@']?.[name] ?? '');

const LISTS = new Set(['LST', 'IE', 'QUE', 'STK']);
const PROPERTIES = new Set(['Props', 'MS']);
const TYPES = new Set(['TN', 'TNRef', '#text', '']);
const NUMBERS = new Set(['SB', 'By', 'I16', 'U16', 'I32', 'U32', 'I64', 'U64', 'Sg', 'Db', 'D']);

/** Lists that others refer to may not be unfolded without end. */
const UNFOLDED_ITEMS = 1_000_000;

/** Reads one object after the other and remembers those that later ones may refer to. */
class ObjectReader {
  readonly #parser = new XMLParser({
    preserveOrder: true,
    ignoreAttributes: false,
    attributeNamePrefix: '',
    processEntities: false,
    trimValues: false,
    parseTagValue: false,
    parseAttributeValue: false,
  });
  readonly #byRef = new Map<string, RawValue>();
  readonly #open = new Set<string>();
  #unfolded = 0;

  /** A text is the reason why there is no object. */
  read(piece: string): { readonly object: RawValue } | string {
    let nodes: XmlNode[];
    try {
      nodes = this.#parser.parse(piece) as XmlNode[];
    } catch (error) {
      return `the XML cannot be read: ${error instanceof Error ? error.message : String(error)}`;
    }
    const object = nodes.find((node) => tagOf(node) === 'Obj');
    return { object: object ? this.#value(object) : null };
  }

  #value(node: XmlNode): RawValue {
    const tag = tagOf(node);
    if (tag === 'Obj') return this.#object(node);
    if (tag === 'Ref') return this.#referred(attributeOf(node, 'RefId'));
    if (tag === 'Nil') return null;
    const text = contentOf(node);
    if (tag === 'B') return text.trim().toLowerCase() === 'true';
    if (NUMBERS.has(tag)) {
      const number = Number(text);
      return text.trim() !== '' && Number.isFinite(number) ? number : xmlText(text);
    }
    return xmlText(text);
  }

  #referred(id: string): RawValue {
    if (this.#open.has(id)) return null;
    const value = this.#byRef.get(id);
    if (value === undefined) return new Unreadable(`a reference to object ${id}, which is not in the file`);
    if (Array.isArray(value)) this.#unfolded += value.length;
    return this.#unfolded > UNFOLDED_ITEMS ? new Unreadable('a reference too many') : value;
  }

  #object(node: XmlNode): RawValue {
    const id = attributeOf(node, 'RefId');
    this.#open.add(id);
    const value = this.#content(node);
    this.#open.delete(id);
    this.#byRef.set(id, value);
    return value;
  }

  /** What an object is: a list, a text or number that carries properties, or an object with properties. */
  #content(node: XmlNode): RawValue {
    const children = childrenOf(node);
    const list = children.find((child) => LISTS.has(tagOf(child)));
    if (list)
      return childrenOf(list)
        .filter((item) => !TYPES.has(tagOf(item)))
        .map((item) => this.#value(item));
    const said = children.find((child) => tagOf(child) === 'ToString');
    const bare = children.find((child) => !isStructure(tagOf(child)));
    if (bare && !said) return this.#value(bare);
    const object = new RawObject(said && xmlText(contentOf(said)));
    for (const child of children) {
      const tag = tagOf(child);
      if (PROPERTIES.has(tag)) for (const property of childrenOf(child)) this.#addProperty(object, property);
      if (tag === 'DCT') for (const entry of childrenOf(child)) this.#addEntry(object, entry);
    }
    return object;
  }

  #addProperty(object: RawObject, property: XmlNode): void {
    const name = attributeOf(property, 'N');
    if (name !== '') object.add(name, this.#value(property));
  }

  /** `<En><S N="Key">…</S><S N="Value">…</S></En>`: an object made of a hash table. */
  #addEntry(object: RawObject, entry: XmlNode): void {
    const parts = childrenOf(entry).filter((part) => !TYPES.has(tagOf(part)));
    const key = parts.find((part) => attributeOf(part, 'N') === 'Key');
    const value = parts.find((part) => attributeOf(part, 'N') === 'Value');
    if (key && value) object.add(contentOf(key), this.#value(value));
  }
}

const isStructure = (tag: string): boolean => TYPES.has(tag) || PROPERTIES.has(tag) || tag === 'ToString' || tag === 'DCT';
