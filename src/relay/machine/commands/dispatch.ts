/** From a line of the client to its command. */
import type { Conversation } from '../conversation.ts';
import { beginAuth } from './auth.ts';
import { bdat, data } from './data.ts';
import { xAnonymousTls, xExps, xProxy, xProxyFrom } from './exchange-server.ts';
import { hello } from './hello.ts';
import { mail } from './mail.ts';
import type { MessageReader } from './message.ts';
import { help, noop, quit, rset, vrfy } from './others.ts';
import { rcpt } from './rcpt.ts';
import { startTls } from './start-tls.ts';

/** What comes after the command, where it is not just the next one. */
export type Next = 'command' | 'start-tls' | MessageReader;

/** `logged`: the line as octets, each the character of its number, for the log keeps what came. */
export function dispatch(conversation: Conversation, line: string, logged: string): Next {
  const verb = (/^\s*(\S*)/.exec(line)?.[1] ?? '').toUpperCase();
  const argument = line.trimStart().slice(verb.length);
  conversation.received(masked(verb, logged));
  if (conversation.isOverdue) {
    return conversation.reply('session-too-old');
  }
  // A transaction whose chunks are coming in takes nothing but more of them.
  if (
    conversation.chunked &&
    ['MAIL', 'RCPT', 'DATA', 'VRFY', 'AUTH', 'STARTTLS', 'X-ANONYMOUSTLS', 'X-EXPS', 'XPROXY', 'XPROXYFROM'].includes(verb)
  ) {
    return conversation.reply('bad-sequence');
  }
  switch (verb) {
    case 'HELO':
    case 'EHLO':
      return hello(conversation, verb, argument.trim());
    case 'STARTTLS':
      return startTls(conversation, argument.trim());
    case 'AUTH':
      return beginAuth(conversation, argument.trim());
    case 'MAIL':
      return mail(conversation, line);
    case 'RCPT':
      return rcpt(conversation, line);
    case 'DATA':
      return data(conversation, argument.trim());
    case 'BDAT':
      return bdat(conversation, argument.trim());
    case 'RSET':
      return rset(conversation, argument.trim());
    case 'NOOP':
      return noop(conversation);
    case 'VRFY':
      return vrfy(conversation);
    case 'HELP':
      return help(conversation);
    case 'QUIT':
      return quit(conversation, argument.trim());
    case 'X-ANONYMOUSTLS':
      return xAnonymousTls(conversation, argument.trim());
    case 'X-EXPS':
      return xExps(conversation, argument.trim());
    case 'XPROXYFROM':
      return xProxyFrom(conversation, argument.trim());
    case 'XPROXY':
      return xProxy(conversation, argument.trim());
    case 'EXPN':
      return conversation.reply('command-not-implemented');
    default:
      return conversation.reply('unrecognized-command');
  }
}

/** The row ends behind the mechanism (EXCHANGEAUTH has a hash with it): an initial response is never logged. */
function masked(verb: string, line: string): string {
  const shown = verb === 'AUTH' ? MECHANISM : verb === 'X-EXPS' ? EXCHANGE_MECHANISM : undefined;
  return shown?.exec(line)?.[0] ?? line;
}

const MECHANISM = /^\s*\S+(?:\s+\S+)?/;
const EXCHANGE_MECHANISM = /^\s*\S+(?:\s+EXCHANGEAUTH\s+\S+|\s+\S+)?/i;
