/** `explain`: what a reply from a device's display, or a row of a log, means; without any log. */
import type { Command } from 'commander';
import { explanationDocument } from '../../reports/explanation.ts';
import { explainText } from '../../smtp/replies/explain-text.ts';
import type { Io } from '../io.ts';
import { type CommonOptions, withOutputOptions } from '../options.ts';
import { print } from '../output.ts';

/** 0, or 1 where nothing is known of it. */
export function registerExplain(program: Command, io: Io, done: (code: number) => void): void {
  withOutputOptions(program.command('explain'))
    .description("what a reply from a device's display, a non-delivery report or a row of a log means, and what to do")
    .argument('<text...>', 'the reply or the row, in quotes')
    .action((words: string[], options: CommonOptions) => {
      const explanation = explainText(words.join(' '));
      print(io, options, { json: explanation, document: () => explanationDocument(explanation) });
      if (explanation.kind === 'unknown') done(1);
    });
}
