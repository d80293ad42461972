/** What a pasted reply or row means, and what to do. */
import type { Document, Section } from '../document/document.ts';
import type { Candidate, TextExplanation } from '../smtp/replies/explain-text.ts';
import type { CataloguedReply } from '../smtp/reply-catalogue.ts';

/** Candidates beyond the best that are told of with one line each. */
const OTHERS = 6;

const HOW: Readonly<Record<Candidate['how'], string>> = {
  exact: 'this very reply',
  text: 'by its words',
  'code only': 'by its code alone',
};

export function explanationDocument(explanation: TextExplanation): Document {
  return { title: 'Explanation', sections: sectionsOf(explanation) };
}

/** Known values of placeholders, as literals of PowerShell. */
type Known = Readonly<Record<string, string>>;

/** What one reply means, below a heading that holds its words. */
export function answerSections(explanation: TextExplanation, known: Known): Section[] {
  if (explanation.kind !== 'known') return sectionsOf(explanation);
  return entrySections(explanation.candidates[0], known).filter(({ kind }) => kind !== 'heading');
}

function sectionsOf(explanation: TextExplanation): Section[] {
  switch (explanation.kind) {
    case 'connected':
      return [{ kind: 'text', text: 'A client has connected: the first row of a session. Nothing was said yet.' }];
    case 'command':
      return [
        {
          kind: 'text',
          text: `Something the client said: ${explanation.command || '(an empty line)'}. The answer stands in a later row that begins with >.`,
        },
      ];
    case 'unknown':
      return [
        { kind: 'text', text: 'No reply of Exchange or Exchange Online is known by these words.' },
        ...codeSections(explanation),
      ];
    case 'known': {
      const [best, ...others] = explanation.candidates;
      return [
        ...entrySections(best),
        ...(others.length > 0 ? [othersTable(others)] : []),
        ...(best.how === 'exact' ? [] : codeSections(explanation)),
      ];
    }
  }
}

function entrySections({ entry, how, quotedBy }: Candidate, known: Known = {}): Section[] {
  return [
    { kind: 'heading', text: `${entry.texts.at(-1)?.text.split('\n')[0] ?? entry.variants[0] ?? entry.id}` },
    { kind: 'text', text: `${entry.meaning}${quotedBy === undefined ? '' : ' It was quoted within another reply.'}` },
    {
      kind: 'figures',
      figures: [
        { label: 'Known', value: HOW[how], cell: 'text' },
        { label: 'Said by', value: saidBy(entry), cell: 'text' },
        { label: 'Then', value: entry.closes ? 'the server closes the connection' : 'the session goes on', cell: 'text' },
        ...entry.causes.map((cause, index) => ({ label: index === 0 ? 'Cause' : '', value: cause, cell: 'text' as const })),
        ...sentences('Look at', entry.lookAt),
        ...sentences('Do', entry.remedy),
      ],
    },
    ...commands('To look, in the Exchange Management Shell:', entry.lookAt, known),
    ...commands('To mend it:', entry.remedy, known),
  ];
}

type Told = readonly { readonly kind: string; readonly text: string }[];

function sentences(label: string, told: Told): { label: string; value: string; cell: 'text' }[] {
  return told
    .filter(({ kind }) => kind !== 'exchange')
    .map(({ text }, index) => ({ label: index === 0 ? label : '', value: text, cell: 'text' }));
}

function commands(title: string, told: Told, known: Known): Section[] {
  const lines = told.filter(({ kind }) => kind === 'exchange').map(({ text }) => placeheld(text, known));
  return lines.length === 0
    ? []
    : [
        { kind: 'text', text: title },
        { kind: 'commands', lines },
      ];
}

/** Commands name what only the reader knows: `{connector}` becomes a literal that no server has. */
const placeheld = (text: string, known: Known): string =>
  text.replace(/\{([a-z][A-Za-z]*)\}/g, (_, name: string) => (Object.hasOwn(known, name) ? known[name]! : `'<${name}>'`));

function saidBy({ side, stage, texts }: CataloguedReply): string {
  const versions = [...new Set(texts.map((one) => one.versions))].filter((one) => one !== 'other').join(', ');
  return [SIDES[side], `stage: ${stage}`, versions && `Exchange ${versions}`].filter(Boolean).join(' · ');
}

const SIDES: Readonly<Record<CataloguedReply['side'], string>> = {
  receive: 'a receive connector, to its client',
  send: 'the send side, or the server it talks to',
  transport: 'the transport service, after it took the message',
  'exchange-online': 'Exchange Online',
  client: 'the software of the client',
};

function othersTable(others: readonly Candidate[]): Section {
  return {
    kind: 'table',
    title: others.length > OTHERS ? `It may also be (the likeliest ${OTHERS} of ${others.length})` : 'It may also be',
    columns: [
      { title: 'Reply', kind: 'text', shrinks: true, cap: 50 },
      { title: 'Meaning', kind: 'text', shrinks: true, below: true },
    ],
    rows: others
      .slice(0, OTHERS)
      .map(({ entry }) => [entry.texts.at(-1)?.text.split('\n')[0] ?? entry.variants[0] ?? entry.id, entry.meaning]),
  };
}

function codeSections({ codes }: TextExplanation): Section[] {
  if (codes.length === 0) return [];
  return [
    {
      kind: 'figures',
      figures: codes.map(({ basic, enhanced, says }) => ({
        label: [basic, enhanced].filter(Boolean).join(' '),
        value: says.join(' '),
        cell: 'text' as const,
      })),
    },
  ];
}
