/** Asks on a terminal without an echo. */
import { StringDecoder } from 'node:string_decoder';
import { UserError } from '../store/user-error.ts';

const END_OF_TEXT = '\u0003';
const END_OF_TRANSMISSION = '\u0004';

/** What was typed up to Enter. Throws a UserError where the person gives up. */
export function askSecret(question: string): Promise<string> {
  const { stdin, stderr } = process;
  return new Promise((resolve, reject) => {
    const decoder = new StringDecoder('utf8');
    let typed: string[] = [];
    const finish = (): void => {
      stdin.setRawMode(false);
      stdin.pause();
      stdin.off('data', read);
      stderr.write('\n');
    };
    const read = (octets: Buffer): void => {
      for (const character of decoder.write(octets)) {
        if (character === '\r' || character === '\n' || character === END_OF_TRANSMISSION) {
          finish();
          resolve(typed.join(''));
          return;
        }
        if (character === END_OF_TEXT) {
          finish();
          reject(new UserError('no password was entered'));
          return;
        }
        if (character === '\u007f' || character === '\b') typed = typed.slice(0, -1);
        else if (character >= ' ') typed.push(character);
      }
    };
    // Before the question: what is typed at once must not be seen either.
    stdin.setRawMode(true);
    stderr.write(question);
    stdin.on('data', read);
    stdin.resume();
  });
}
