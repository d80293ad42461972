/** Finds known names in a text, however many are known: by their first word, then as a whole. */

export interface Phrase<T> {
  readonly text: string;
  /** Found only as it is written: names such as Archive or Kitchen are words as well. */
  readonly exact: boolean;
  readonly means: T;
}

export interface PhraseMatch<T> {
  readonly start: number;
  readonly end: number;
  readonly means: T;
}

const WORD = /[\p{L}\p{N}]+/gu;
const WORD_CHARACTER = /[\p{L}\p{N}\p{M}]/u;

/** What precedes the first word of a phrase, and how long it is as a whole. */
interface Form {
  readonly offset: number;
  readonly length: number;
}

export class Phrases<T> {
  readonly #formsOf = new Map<string, Form[]>();
  readonly #byText = new Map<string, Phrase<T>>();

  /** Of two phrases that differ by case only, the first one stays. A phrase without a letter or digit is none. */
  add(phrase: Phrase<T>): void {
    const lower = phrase.text.toLowerCase();
    const first = /[\p{L}\p{N}]+/u.exec(phrase.text);
    if (!first || this.#byText.has(lower)) return;
    this.#byText.set(lower, phrase);
    const word = first[0].toLowerCase();
    const form = { offset: first.index, length: phrase.text.length };
    const forms = this.#formsOf.get(word);
    if (!forms) this.#formsOf.set(word, [form]);
    else if (!forms.some(({ offset, length }) => offset === form.offset && length === form.length)) forms.push(form);
  }

  /** All matches that begin and end where a word does; they may overlap. */
  *matches(text: string): Generator<PhraseMatch<T>> {
    if (this.#byText.size === 0) return;
    for (const word of text.matchAll(WORD))
      for (const { offset, length } of this.#formsOf.get(word[0].toLowerCase()) ?? []) {
        const start = word.index - offset;
        const end = start + length;
        if (start < 0 || end > text.length) continue;
        const found = text.slice(start, end);
        const phrase = this.#byText.get(found.toLowerCase());
        if (!phrase || (phrase.exact && found !== phrase.text)) continue;
        if (WORD_CHARACTER.test(text[end] ?? '') && WORD_CHARACTER.test(text[end - 1]!)) continue;
        yield { start, end, means: phrase.means };
      }
  }
}
