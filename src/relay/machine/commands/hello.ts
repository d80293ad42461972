import type { Conversation } from '../conversation.ts';
import { extensions } from '../extensions.ts';
import { mannerOf } from '../faults.ts';
import { isHelloName } from '../hello-name.ts';
import type { Next } from './dispatch.ts';

/** HELO and EHLO. A second one is delayed, and ends a transaction that is under way. */
export function hello(conversation: Conversation, verb: 'HELO' | 'EHLO', name: string): Next {
  const { properties, service } = conversation;
  if (properties.RequireEHLODomain && name === '') {
    return conversation.reply('hello-without-name', { values: { verb } });
  }
  const unicode = verb === 'EHLO' && (properties.SmtpUtf8Enabled ?? service.version === '2016+');
  if (name !== '' && !isHelloName(name, { unicode })) {
    return conversation.reply('invalid-hello-name');
  }
  const fault = service.faults.strike('hello', conversation.client);
  if (fault?.drop) {
    return conversation.close('Local');
  }
  if (conversation.tls && !conversation.tlsIsAnonymous && verb === 'EHLO' && service.version === '2016+') {
    conversation.note("Client certificate chain validation status: 'EmptyCertificate'");
    conversation.note("TlsDomainCapabilities='None'; Status='NoRemoteCertificate'");
  }
  const again = conversation.helo !== undefined;
  conversation.abortMessage();
  conversation.abortTransaction();
  conversation.helo = name;
  conversation.isExtended = verb === 'EHLO';
  const manner = { delayed: again, ...mannerOf(fault) };
  if (fault?.reply) return conversation.say(fault.reply, manner);
  const { fqdn, client } = conversation;
  if (verb === 'HELO') return conversation.reply('hello-accepted', { values: { fqdn, client }, ...manner });
  const offered = extensions({
    properties,
    role: service.role,
    version: service.version,
    hasCertificate: service.certificate !== undefined,
    tlsActive: conversation.tls !== undefined,
    tlsIsAnonymous: conversation.tlsIsAnonymous,
    forProxiedClient: conversation.proxied !== undefined,
  });
  return conversation.reply('extended-hello-accepted', { values: { fqdn, client, extensions: offered.join('\n') }, ...manner });
}
