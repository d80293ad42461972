/** A strict reader of the HTML that we write: it throws at what is not ours. */

export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Of its own and of all within it. */
  text: string;
}

const OURS =
  /^(html|head|meta|title|style|body|main|h[1-3]|p|br|dl|dt|dd|figure|figcaption|pre|code|span|bdi|div|table|caption|thead|tbody|tr|th|td|picture|source|img|details|summary)$/;
const ATTRIBUTES =
  /^(lang|charset|name|content|http-equiv|class|role|aria-label|tabindex|scope|colspan|style|src|srcset|media|alt|width|height)$/;
const EMPTY = ['meta', 'br', 'img', 'source'];

/** Every element in order; throws where a tag is not closed, an element or attribute not ours, or a character not escaped. */
export function elementsOf(page: string): Element[] {
  if (!page.startsWith('<!DOCTYPE html>\n')) throw new Error('no document type');
  const elements: Element[] = [];
  const open: Element[] = [];
  const add = (text: string): void => {
    if (/[<>]|&(?!(?:amp|lt|gt|quot|#39);)/.test(text)) throw new Error(`not escaped: ${text}`);
    for (const element of open) element.text += decoded(text);
  };
  let rest = page.slice('<!DOCTYPE html>\n'.length);
  while (rest !== '') {
    const tag = /^<(\/?)([a-z]+[1-6]?)((?: [a-z-]+="[^"<>]*")*)>/.exec(rest);
    if (!tag) {
      const end = rest.indexOf('<', 1);
      add(end < 0 ? rest : rest.slice(0, end));
      rest = end < 0 ? '' : rest.slice(end);
      continue;
    }
    rest = rest.slice(tag[0].length);
    const [, closes, name = '', attributes = ''] = tag;
    if (!OURS.test(name)) throw new Error(`no element of ours: ${tag[0]}`);
    if (closes) {
      if (open.pop()?.name !== name) throw new Error(`closes what is not open: ${tag[0]}`);
      continue;
    }
    const element: Element = { name, attributes: attributesOf(attributes), text: '' };
    elements.push(element);
    if (!EMPTY.includes(name)) open.push(element);
  }
  if (open.length > 0) throw new Error(`left open: ${open.map((one) => one.name).join(' ')}`);
  return elements;
}

function attributesOf(text: string): Record<string, string> {
  const pairs = [...text.matchAll(/ ([a-z-]+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value] as const);
  for (const [name, value] of pairs) {
    if (!ATTRIBUTES.test(name)) throw new Error(`no attribute of ours: ${name}`);
    if (/&(?!(?:amp|lt|gt|quot|#39);)/.test(value)) throw new Error(`not escaped: ${value}`);
  }
  return Object.fromEntries(pairs.map(([name, value]) => [name, decoded(value)]));
}

const decoded = (text: string): string =>
  text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
