import type { Conversation } from '../conversation.ts';
import type { Next } from './dispatch.ts';

/** RSET: the first of a session, and each without a message since, is delayed for who is not authenticated. */
export function rset(conversation: Conversation, argument: string): Next {
  if (argument !== '') return conversation.reply('invalid-arguments');
  const delays = conversation.delaysReset;
  conversation.abortMessage();
  conversation.abortTransaction();
  conversation.delaysReset = true;
  return conversation.reply('reset', { delayed: delays });
}

export function noop(conversation: Conversation): Next {
  return conversation.reply('no-operation');
}

export function vrfy(conversation: Conversation): Next {
  return conversation.reply('user-not-verified');
}

export function help(conversation: Conversation): Next {
  return conversation.reply('help');
}

export function quit(conversation: Conversation, argument: string): Next {
  if (argument !== '') return conversation.reply('invalid-arguments');
  const fault = conversation.service.faults.strike('quit', conversation.client);
  return fault?.drop ? conversation.close('Local') : conversation.reply('goodbye');
}
