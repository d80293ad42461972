/** The Received field that a server puts before what it takes. */
import { parseEndpoint } from '../../net/endpoint.ts';
import type { Conversation } from './conversation.ts';

/** With the CR LF of its last line. The client of a message that a front end handed over stands in the front end's own. */
export function receivedField(conversation: Conversation): string {
  const { facts, fqdn, service, tls, user, peer, proxied, client } = conversation;
  const isHandedOver = proxied?.helo !== undefined;
  const from = isHandedOver ? peer : client;
  const protocol = conversation.isExtended ? `ESMTP${tls ? 'S' : ''}${user === undefined ? '' : 'A'}` : 'SMTP';
  return `Received: from ${conversation.helo || from} (${from})\r\n by ${fqdn} (${parseEndpoint(facts.localEndpoint).address}) with ${protocol} id ${facts.sessionId};\r\n ${service.formatDate(conversation.now)}\r\n${isHandedOver ? (facts.peer?.trace() ?? '') : ''}`;
}
