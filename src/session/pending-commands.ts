/** Commands that wait for their replies, oldest first: a reply answers the oldest, unless rows are missing. */
import type { CommandKind } from '../smtp/command.ts';
import type { RecipientDraft, TransactionBuilder } from './transaction-builder.ts';

export interface PendingCommand {
  readonly kind: CommandKind;
  readonly transaction: TransactionBuilder | undefined;
  readonly recipient: RecipientDraft | undefined;
  /** What the command claims, which counts once it is granted. */
  readonly grant?: () => void;
}

export class PendingCommands {
  readonly #commands: PendingCommand[] = [];
  /** Commands given up, because replies to later ones came. */
  unpaired = 0;

  get oldest(): PendingCommand | undefined {
    return this.#commands[0];
  }

  add(command: PendingCommand): void {
    this.#commands.push(command);
  }

  find(wanted: (command: PendingCommand) => boolean): PendingCommand | undefined {
    return this.#commands.find(wanted);
  }

  takeOldest(): PendingCommand | undefined {
    return this.#commands.shift();
  }

  /** How many commands stand before the first of these kinds; -1 where there is none. */
  placeOf(kinds: readonly CommandKind[]): number {
    return this.#commands.findIndex(({ kind }) => kinds.includes(kind));
  }

  /** Gives up the `count` oldest: their replies are missing. */
  giveUp(count: number): void {
    this.unpaired += count;
    // Nothing says that they were refused.
    for (const { grant } of this.#commands.splice(0, count)) grant?.();
  }
}
