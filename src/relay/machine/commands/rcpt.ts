import type { Conversation } from '../conversation.ts';
import { offersUnicode } from '../extensions.ts';
import { mannerOf } from '../faults.ts';
import { addressFault, type Path, parsePath } from '../path.ts';
import type { Next } from './dispatch.ts';
import { completed } from './mail.ts';

const MAX_RECIPIENTS = 200;

/** Top-level and second-level domains that RFC 2606 keeps for examples. */
const RESERVED_TOP_LEVEL = /\.(test|example|invalid|localhost)$/i;
const RESERVED_SECOND_LEVEL = /(^|\.)example\.(com|net|org)$/i;

/** RCPT TO, its checks in the product's order. */
export function rcpt(conversation: Conversation, line: string): Next {
  const { properties, service, transaction } = conversation;
  if (conversation.helo === undefined) return conversation.reply('hello-missing');
  if (!transaction) return conversation.reply('mail-missing');
  const path = parsePath(line, 'TO');
  if (path === 'keyword') return conversation.reply('unrecognized-parameter');
  if (path === 'address') return conversation.reply('invalid-recipient-address');
  if (path === 'options') return conversation.reply('invalid-arguments');
  const fault = recipientFault(conversation, path);
  if (fault) return conversation.reply(fault);
  if (!optionsAreGood(path)) return conversation.reply('invalid-arguments');
  const limit = properties.MaxRecipientsPerMessage ?? MAX_RECIPIENTS;
  if (transaction.recipients.length >= limit && !conversation.can('BypassMessageSizeLimit'))
    return conversation.reply('too-many-recipients');
  const address = /^postmaster$/i.test(path.address) ? `postmaster@${conversation.fqdn}` : completed(conversation, path.address);
  const domain = address.slice(address.lastIndexOf('@') + 1);
  const accepted = service.acceptedDomains.find(domain) !== undefined || domain.toLowerCase() === conversation.fqdn.toLowerCase();
  if (!accepted && !conversation.can('SMTPAcceptAnyRecipient')) return conversation.reply('relay-denied');
  if (service.version === '2016+') {
    if (properties.RejectReservedTopLevelRecipientDomains && RESERVED_TOP_LEVEL.test(domain))
      return conversation.reply('reserved-top-level-domain');
    if (properties.RejectReservedSecondLevelRecipientDomains && RESERVED_SECOND_LEVEL.test(domain))
      return conversation.reply('reserved-second-level-domain');
    if (properties.RejectSingleLabelRecipientDomains && !domain.includes('.')) return conversation.reply('single-label-domain');
  }
  const struck = service.faults.strike('rcpt', conversation.client);
  if (struck?.drop) return conversation.close('Local');
  const manner = mannerOf(struck);
  if (struck?.reply) return conversation.say(struck.reply, manner);
  const again = transaction.given.has(address.toLowerCase());
  transaction.given.add(address.toLowerCase());
  transaction.recipients.push(address);
  return conversation.reply('recipient-accepted', { delayed: again, ...manner });
}

function recipientFault(conversation: Conversation, { address }: Path) {
  if (address === '') return 'invalid-recipient-address';
  const unicode =
    offersUnicode({ properties: conversation.properties, version: conversation.service.version }) &&
    conversation.transaction!.smtpUtf8;
  switch (addressFault(address, { unicode })) {
    case 'invalid':
      return 'invalid-recipient-address';
    case 'long':
      return conversation.properties.LongAddressesEnabled ? undefined : 'recipient-address-too-long';
    case 'unicode':
      return 'recipient-address-not-ascii';
    case undefined:
      return address.includes('@') || /^postmaster$/i.test(address) || conversation.properties.DefaultDomain
        ? undefined
        : 'invalid-recipient-address';
  }
}

function optionsAreGood({ options }: Path): boolean {
  return [...options].every(([name, value]) => {
    if (name === 'NOTIFY') return /^(NEVER|(SUCCESS|FAILURE|DELAY)(,(SUCCESS|FAILURE|DELAY))*)$/i.test(value ?? '');
    return name === 'ORCPT' && /^[^;]+;.+$/.test(value ?? '');
  });
}
