/** The contract of every entry, whichever file it stands in. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { COMMAND_PLACEHOLDERS, REPLY_STAGES, type ReplyEntry, VERSION_RANGES } from '../../../src/smtp/replies/entry.ts';
import { placeholdersOf } from '../../../src/smtp/replies/template.ts';
import { findReplies, REPLIES, REPLY_LISTS } from '../../../src/smtp/reply-catalogue.ts';

const templatesOf = ({ texts, variants }: ReplyEntry): string[] => [...texts.map(({ text }) => text), ...variants];
const sentencesOf = (entry: ReplyEntry): string[] => [
  entry.meaning,
  ...entry.causes,
  ...[...entry.lookAt, ...entry.remedy].map(({ text }) => text),
];
const commandsOf = (entry: ReplyEntry): string[] =>
  [...entry.lookAt, ...entry.remedy].filter(({ kind }) => kind === 'exchange').map(({ text }) => text);

/** Entry by entry, so that a failure names all that are wrong. */
const failing = (fails: (entry: ReplyEntry) => boolean): string[] => REPLIES.filter(fails).map(({ id }) => id);

/** Quotes closed, brackets in pairs, one line, one statement. */
function isOneCommand(code: string): boolean {
  const bare = code.replace(/'(?:[^'\n]|'')*'/g, "''").replace(/"(?:[^"`\n]|`.)*"/g, '""');
  const open: string[] = [];
  for (const character of bare.replace(/''|""/g, '')) {
    if ('({['.includes(character)) open.push(character);
    const at = ')}]'.indexOf(character);
    if (at >= 0 && open.pop() !== '({['[at]) return false;
    if (character === "'" || character === '"' || character === '`' || character === '\n') return false;
    // Between the entries of a hashtable it parts no statements.
    if (character === ';' && open.at(-1) !== '{') return false;
  }
  return open.length === 0 && !/&&|\|\||\|\s*$|^\s*\|/.test(bare);
}

const verbOf = (command: string): string | undefined => /^([A-Z][a-z]+)-[A-Z]\w+(?= |$)/.exec(command)?.[1];

describe('the catalogue', () => {
  it('has every list of its folder', async () => {
    const folder = new URL('../../../src/smtp/replies/', import.meta.url);
    const exported: unknown[] = [];
    for (const file of readdirSync(fileURLToPath(folder))) {
      const module = (await import(new URL(file, folder).href)) as Record<string, unknown>;
      for (const [name, value] of Object.entries(module)) if (/_(REPLIES|ROWS)$/.test(name)) exported.push(value);
    }
    expect(new Set(REPLY_LISTS)).toEqual(new Set(exported));
    expect(exported).toHaveLength(REPLY_LISTS.length);
  });

  it('has every id once, written as words with hyphens', () => {
    const ids = REPLIES.map(({ id }) => id);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
    expect(ids.filter((id) => !/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(id))).toEqual([]);
  });

  it('stands in the order of a session, list by list', () => {
    for (const list of REPLY_LISTS) {
      const stages = list.map(({ stage }) => REPLY_STAGES.indexOf(stage));
      expect(stages, list[0]!.id).toEqual(stages.toSorted((a, b) => a - b));
    }
  });
});

describe('every entry', () => {
  it('has something to be recognised by', () => {
    expect(failing((entry) => templatesOf(entry).length === 0)).toEqual([]);
  });

  it('says one text a version', () => {
    expect(
      failing(({ texts }) => {
        const versions = texts.flatMap(({ versions: range }): readonly string[] => VERSION_RANGES[range]);
        return new Set(versions).size !== versions.length;
      }),
    ).toEqual([]);
  });

  it('has texts with a code, unless it is said by another side than a server or is a row of a log', () => {
    const coded = /^[2-5]\d\d (?:[245]\.\d{1,3}\.\d{1,3} )?\S/;
    expect(failing(({ texts, side }) => side !== 'client' && texts.some(({ text }) => !coded.test(text)))).toEqual([]);
  });

  it('has no two placeholders side by side, none twice in a text, and none in place of the first word', () => {
    expect(
      failing((entry) =>
        templatesOf(entry).some((text) => {
          const names = placeholdersOf(text);
          return /\}\s*\{/.test(text.replace('\n', '|')) || text.startsWith('{') || new Set(names).size !== names.length;
        }),
      ),
    ).toEqual([]);
  });

  it('explains itself: meaning, causes, remedy and source are there', () => {
    expect(failing(({ causes, remedy, source }) => causes.length * remedy.length * source.length === 0)).toEqual([]);
    expect(failing((entry) => sentencesOf(entry).some((sentence) => sentence.trim().length < 5))).toEqual([]);
  });

  it('explains itself in plain characters', () => {
    expect(failing((entry) => sentencesOf(entry).some((sentence) => /[\p{C}\p{Zl}\p{Zp}]| {2}|^\s|\s$/u.test(sentence)))).toEqual(
      [],
    );
  });

  it('ends its meaning and causes like sentences', () => {
    expect(
      failing(({ meaning, causes }) => [meaning, ...causes].some((sentence) => !/^[\p{Lu}\d"[].*[.?!]$/su.test(sentence))),
    ).toEqual([]);
  });

  it('has something to look at, if it is a refusal', () => {
    const mute = failing(({ texts, lookAt }) => texts.some(({ text }) => /^[45]/.test(text)) && lookAt.length === 0);
    expect(mute.filter((id) => !/^online-(tenant|attribution|internal)/.test(id))).toEqual([]);
  });
});

describe('every sample', () => {
  const cases = REPLIES.flatMap((entry) => entry.samples.map((sample) => ({ entry, sample })));

  it('is its own entry, and at its stage and side no other one', () => {
    const wrong = cases.filter(({ entry, sample }) => {
      const found = findReplies(sample, { stage: entry.stage, side: entry.side });
      const here = found.filter((one) => one.entry.stage === entry.stage && one.entry.side === entry.side);
      return found[0]?.entry !== entry || found[0].match !== 'whole' || here.length !== 1;
    });
    expect(wrong.map(({ entry, sample }) => `${entry.id}: ${sample}`)).toEqual([]);
  });

  it('stands for a text, and every text has one', () => {
    const missing = REPLIES.flatMap((entry) => {
      const seen = new Set(entry.samples.map((sample) => findReplies(sample, entry)[0]?.template));
      return templatesOf(entry).filter((text) => !seen.has(text));
    });
    expect(missing).toEqual([]);
  });
});

describe('every command', () => {
  it('is one command', () => {
    expect(REPLIES.flatMap(commandsOf).filter((command) => !isOneCommand(command))).toEqual([]);
  });

  it('begins with a verb, and only reads where it is to look with', () => {
    expect(REPLIES.flatMap(commandsOf).filter((command) => verbOf(command) === undefined)).toEqual([]);
    const looking = REPLIES.flatMap(({ lookAt }) => lookAt).filter(({ kind }) => kind === 'exchange');
    expect(
      looking.filter(
        ({ text }) => !/^(Get|Test|Resolve)$/.test(verbOf(text)!) || /\|(?! *(?:Get|Where|Format|Sort)-)/.test(text),
      ),
    ).toEqual([]);
  });

  it('has known placeholders, outside of quotes', () => {
    const commands = REPLIES.flatMap(commandsOf);
    const unknown = commands.flatMap(placeholdersOf).filter((name) => !COMMAND_PLACEHOLDERS.some((known) => known === name));
    expect(unknown).toEqual([]);
    expect(
      commands.filter((command) => (command.match(/'[^']*'|"[^"]*"/g) ?? []).some((quoted) => placeholdersOf(quoted).length > 0)),
    ).toEqual([]);
  });

  it.each(["Get-Queue 'a", 'Get-Queue {', 'Get-Queue; Remove-Item x', 'Get-Queue\nGet-Queue', 'Get-Queue )(', 'Get-Queue |'])(
    'would be found out: %j',
    (code) => {
      expect(isOneCommand(code)).toBe(false);
    },
  );
});
