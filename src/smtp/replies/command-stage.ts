/** The stage at which a reply was said, by the kind of the command that it answered. */
import type { ReplyStage } from './entry.ts';
import type { ReplyPlace } from './reply-index.ts';

const STAGES: Readonly<Record<string, ReplyStage>> = {
  connect: 'connect',
  hello: 'hello',
  starttls: 'start-tls',
  auth: 'authentication',
  mail: 'mail',
  rcpt: 'recipient',
  data: 'end-of-data',
  bdat: 'end-of-data',
  'bdat-last': 'end-of-data',
};

/** `connect` stands for the connection itself; nothing is known of commands that have no stage of their own. */
export function placeOfCommand(command: string): ReplyPlace {
  const stage = STAGES[command];
  return stage === undefined ? {} : { stage };
}
