/** A document as a page of its own: its title on top, the depth of every heading under it. */
import type { Document, Figure, Section } from '../document/document.ts';

export interface Outline {
  /** Never empty. */
  readonly title: string;
  /** `depth`: 2 to 3, of the heading that the section is or stands under; the title is 1. No depth is left out. */
  readonly sections: readonly { readonly section: Section; readonly depth: number }[];
}

/** A first heading that says the title again is left out. */
export function outline({ title, sections }: Document): Outline {
  const [first, ...rest] = sections;
  const own = first?.kind === 'heading' && first.text === title ? rest : sections;
  let depth = 1;
  return {
    title: title || 'relaylens',
    sections: own.map((section) => {
      if (section.kind === 'heading') depth = Math.min(depth + 1, 1 + (section.level ?? 1));
      return { section, depth: Math.max(2, depth) };
    }),
  };
}

export interface FigureGroup {
  readonly label: string;
  readonly values: readonly [Figure, ...Figure[]];
}

/** Each label with all its values. */
export function figureGroups(figures: readonly Figure[]): FigureGroup[] {
  const groups: { label: string; values: [Figure, ...Figure[]] }[] = [];
  for (const figure of figures) {
    const last = groups.at(-1);
    if (figure.label === '' && last) last.values.push(figure);
    else groups.push({ label: figure.label, values: [figure] });
  }
  return groups;
}
