import type { Conversation } from '../conversation.ts';
import { offersStartTls } from '../extensions.ts';
import { mannerOf } from '../faults.ts';
import type { Next } from './dispatch.ts';

/** STARTTLS: the handshake follows its reply, and a new hello the handshake. */
export function startTls(conversation: Conversation, argument: string): Next {
  const { properties, service, tls } = conversation;
  if (conversation.helo === undefined) return refuse('hello-missing');
  if (!conversation.isExtended) return refuse('extended-hello-missing');
  if (argument !== '') return refuse('invalid-arguments');
  if (tls) return refuse('second-starttls');
  const offered = offersStartTls({
    properties,
    role: service.role,
    version: service.version,
    hasCertificate: service.certificate !== undefined,
    tlsActive: false,
  });
  if (!offered) return refuse('unrecognized-command');
  const fault = service.faults.strike('start-tls', conversation.client);
  if (fault?.drop) {
    return conversation.close('Local');
  }
  if (fault?.reply) {
    return conversation.say(fault.reply, mannerOf(fault));
  }
  conversation.tlsAsked = true;
  conversation.reply('ready-for-tls');
  return 'start-tls';

  function refuse(
    name: 'hello-missing' | 'extended-hello-missing' | 'invalid-arguments' | 'second-starttls' | 'unrecognized-command',
  ): Next {
    return conversation.reply(name);
  }
}
