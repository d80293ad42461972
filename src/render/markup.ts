/** HTML that is escaped by construction: a string can only enter as text. */
import { printable } from './printable.ts';

const MARKUP = Symbol('markup');

/** Made by `html` alone, and so safe to stand in a page. */
export interface Markup {
  readonly [MARKUP]: string;
}

/** Lists stand one after the other; undefined is nothing. */
export type Part = Markup | string | number | undefined | readonly Part[];

/**
 * The markup of the template, with its parts in between: strings as text, with what cannot be seen made visible, and fit
 * for an attribute in double quotes.
 */
export const html = (template: TemplateStringsArray, ...parts: readonly Part[]): Markup => ({
  [MARKUP]: template.map((text, index) => text + (index < parts.length ? textOf(parts[index]) : '')).join(''),
});

function textOf(part: Part): string {
  if (part === undefined) return '';
  if (typeof part === 'number') return String(part);
  if (typeof part === 'string') return escaped(printable(part));
  return MARKUP in part ? part[MARKUP] : part.map(textOf).join('');
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);

export const markupText = (markup: Markup): string => markup[MARKUP];
