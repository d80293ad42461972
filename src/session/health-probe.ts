/** The product checks itself: with HealthMailbox senders, and by connecting to itself without sending anything. */
import { isLoopback, parseEndpoint } from '../net/endpoint.ts';

/** HealthMailbox accounts and the sender names of the product's managed availability. */
export function isHealthSender(address: string): boolean {
  return /^(healthmailbox[0-9a-f-]*|inboundproxy|maildeliveryprobe)@/i.test(address);
}

/** From a loopback address, or from the very address that it connects to (masked addresses say nothing). */
export function connectsToItself(localEndpoint: string, remoteEndpoint: string): boolean {
  const source = parseEndpoint(remoteEndpoint).address;
  if (isLoopback(source)) return true;
  return source !== '' && source === parseEndpoint(localEndpoint).address && !/[^0-9a-f.:%]/i.test(source);
}
