/**
 * Finds the entries that a text is. The rule, in this order:
 *
 * 1. templates with the text's code and enhanced code come before templates with its code alone; a text without a code
 *    is looked up among the templates that begin with the same letters;
 * 2. a template that is the whole text comes before one that is its beginning, and that only where what follows begins
 *    with a bracket or a full stop, comma or semicolon (Exchange Online puts a host in brackets behind what others say);
 * 3. the template with more literal characters comes first;
 * 4. of entries with the same template: the one of the stage, then the side, then the version that the caller knows;
 * 5. the order of the catalogue.
 */
import { type ReplyEntry, type ReplySide, type ReplyStage, type ReplyVersion, VERSION_RANGES } from './entry.ts';
import { compileTemplate, matchPattern, onOneLine, type Pattern, type Values } from './template.ts';

/** What is known about where a text was said. */
export interface ReplyPlace {
  readonly stage?: ReplyStage;
  readonly side?: ReplySide;
  readonly version?: ReplyVersion;
}

/** An entry with what stands at the placeholders of its template. */
export interface FoundReply<Entry extends ReplyEntry = ReplyEntry> {
  readonly entry: Entry;
  /** The template that matched: one of the entry's texts or variants. */
  readonly template: string;
  readonly values: Values;
  /** `beginning`: the text goes on behind the template. */
  readonly match: 'whole' | 'beginning';
}

/** A template of an entry, as it is indexed. */
export interface IndexedTemplate<Entry extends ReplyEntry = ReplyEntry> {
  readonly entry: Entry;
  readonly template: string;
  readonly versions: readonly ReplyVersion[];
  readonly pattern: Pattern;
}

/** Entries that are looked up by what was said. */
export class ReplyIndex<Entry extends ReplyEntry> {
  readonly #entries: readonly Entry[];
  #buckets: Map<string, IndexedTemplate<Entry>[]> | undefined;

  constructor(entries: readonly Entry[]) {
    this.#entries = entries;
  }

  /** The best entries for a text; more than one where they share a template, the likeliest first. */
  find(text: string, place: ReplyPlace = {}): FoundReply<Entry>[] {
    const said = onOneLine(text);
    for (const match of ['whole', 'beginning'] as const)
      for (const key of keysOf(said)) {
        const found = best(this.#templates.get(key) ?? [], said, match);
        if (found.length > 0) return byPlace(found, place);
      }
    return [];
  }

  /**
   * The best entries of which a whole template stands at the beginning of `text` (which must be on one line), and where it
   * ends. Other words may follow, but not behind a template as short as `250 2.0.0 OK`, which many servers say.
   */
  findAtStart(text: string, place: ReplyPlace = {}): { readonly found: FoundReply<Entry>[]; readonly end: number } {
    for (const key of keysOf(text)) {
      let [found, end, weight]: [Match<Entry>[], number, number] = [[], 0, 0];
      for (const indexed of this.#templates.get(key) ?? []) {
        if (indexed.pattern.weight < weight) break;
        const match = matchPattern(indexed.pattern, text, false);
        if (!match || (indexed.pattern.weight < SHORT ? SAME_SENTENCE : SAME_WORD).test(text.slice(match.end, match.end + 2)))
          continue;
        [weight, end] = [indexed.pattern.weight, match.end];
        found = [...found, { indexed, values: match.values, match: 'whole' }];
      }
      if (found.length > 0) return { found: byPlace(found, place), end };
    }
    return { found: [], end: 0 };
  }

  /** All templates, in the order of the catalogue. */
  all(): readonly IndexedTemplate<Entry>[] {
    return this.#entries.flatMap((entry) =>
      templatesOf(entry).map(({ template, versions }) => ({ entry, template, versions, pattern: compileTemplate(template) })),
    );
  }

  /** Made when the first text is looked up: most commands never ask. */
  get #templates(): Map<string, IndexedTemplate<Entry>[]> {
    if (this.#buckets) return this.#buckets;
    const buckets = new Map<string, IndexedTemplate<Entry>[]>();
    for (const indexed of this.all()) {
      const key = keysOf(indexed.pattern.literals[0]!)[0]!;
      const bucket = buckets.get(key) ?? [];
      buckets.set(key, bucket);
      bucket.push(indexed);
    }
    for (const bucket of buckets.values()) bucket.sort((a, b) => b.pattern.weight - a.pattern.weight);
    this.#buckets = buckets;
    return buckets;
  }
}

interface Match<Entry extends ReplyEntry> {
  readonly indexed: IndexedTemplate<Entry>;
  readonly values: Values;
  readonly match: 'whole' | 'beginning';
}

function templatesOf({
  texts,
  variants,
}: ReplyEntry): { readonly template: string; readonly versions: readonly ReplyVersion[] }[] {
  return [
    ...texts.map(({ text, versions }) => ({ template: text, versions: VERSION_RANGES[versions] })),
    ...variants.map((template) => ({ template, versions: [] })),
  ];
}

/** Where the templates that a text can be are kept, the narrower place first. */
function keysOf(text: string): string[] {
  const code = /^(\d{3})(?: (\d\.\d{1,3}\.\d{1,3})(?![\d.]))?(?= |$)/.exec(text);
  if (code) return code[2] === undefined ? [code[1]!] : [code[0], code[1]!];
  return [/^[A-Za-z]*/.exec(text)![0]];
}

const SHORT = 16;
const SAME_WORD = /^\w/;
const SAME_SENTENCE = /^ ?\w/;

const CONTINUES = /^ ?[[(.,;]/;

function best<Entry extends ReplyEntry>(
  bucket: readonly IndexedTemplate<Entry>[],
  text: string,
  match: 'whole' | 'beginning',
): Match<Entry>[] {
  const found: Match<Entry>[] = [];
  for (const indexed of bucket) {
    if (found.length > 0 && indexed.pattern.weight < found[0]!.indexed.pattern.weight) break;
    const matched = matchPattern(indexed.pattern, text, match === 'whole');
    if (matched && (match === 'whole' || CONTINUES.test(text.slice(matched.end, matched.end + 2))))
      found.push({ indexed, values: matched.values, match });
  }
  return found;
}

/** An entry once, even where two of its templates are alike. Sorting keeps the order of the catalogue where nothing else decides. */
function byPlace<Entry extends ReplyEntry>(matches: readonly Match<Entry>[], place: ReplyPlace): FoundReply<Entry>[] {
  const once = matches.filter(
    ({ indexed }, index) => matches.findIndex((other) => other.indexed.entry === indexed.entry) === index,
  );
  return once
    .map(({ indexed: { entry, template, versions }, values, match }) => ({
      found: { entry, template, values, match },
      fits:
        (entry.stage === place.stage ? 4 : 0) +
        (entry.side === place.side ? 2 : 0) +
        (place.version !== undefined && versions.includes(place.version) ? 1 : 0),
    }))
    .sort((a, b) => b.fits - a.fits)
    .map(({ found }) => found);
}
