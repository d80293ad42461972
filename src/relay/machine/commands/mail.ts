import type { Conversation } from '../conversation.ts';
import { offersUnicode } from '../extensions.ts';
import { mannerOf } from '../faults.ts';
import { addressFault, type Path, parsePath } from '../path.ts';
import type { Next } from './dispatch.ts';

/** MAIL FROM, its checks in the product's order. */
export function mail(conversation: Conversation, line: string): Next {
  const { properties, service } = conversation;
  if (conversation.helo === undefined) return conversation.reply('hello-missing');
  const path = parsePath(line, 'FROM');
  if (path === 'keyword') return conversation.reply('unrecognized-parameter');
  if (path === 'address') return conversation.reply('invalid-sender-address');
  if (path !== 'options') {
    const fault = senderFault(conversation, path);
    if (fault) return conversation.reply(fault);
  }
  if (properties.RequireTLS && !conversation.tls) return conversation.reply('starttls-required');
  if (conversation.transaction) return conversation.reply('sender-already-specified');
  if (!conversation.can('BypassMessageSizeLimit') && conversation.connector) {
    const taken = service.limits.takeMessage(
      conversation.connector,
      conversation.client,
      conversation.user ?? null,
      conversation.now,
    );
    if (!taken) return conversation.reply('submission-rate-exceeded');
  }
  const pressure = service.backPressure();
  if (pressure === 'high' || (pressure === 'medium' && !conversation.isAuthenticated))
    return conversation.reply('back-pressure', { values: BACK_PRESSURE });
  if (!conversation.can('SMTPSubmit'))
    return conversation.isAuthenticated
      ? conversation.reply('client-may-not-submit')
      : conversation.reply('client-not-authenticated');
  if (path === 'options') return conversation.reply('invalid-arguments');
  const options = optionsOf(conversation, path);
  if (options === 'body') return conversation.reply('unsupported-body-type');
  if (options === 'right') return conversation.reply('mail-option-not-authorized');
  if (options === 'invalid') return conversation.reply('invalid-arguments');
  const limit = properties.MaxMessageSize ?? DEFAULT_MAX_MESSAGE_SIZE;
  if (limit !== 'Unlimited' && options.size > limit && !conversation.can('BypassMessageSizeLimit'))
    return conversation.reply('announced-size-exceeded');
  const fault = service.faults.strike('mail', conversation.client);
  if (fault?.drop) return conversation.close('Local');
  const manner = mannerOf(fault);
  if (fault?.reply) return conversation.say(fault.reply, manner);
  conversation.messages++;
  conversation.note(
    'receiving message',
    `${conversation.facts.sessionId};${new Date(conversation.startedAt).toISOString()};${conversation.messages}`,
  );
  conversation.transaction = {
    sender: completed(conversation, path.address),
    body: options.body,
    smtpUtf8: path.options.has('SMTPUTF8'),
    recipients: [],
    given: new Set(),
  };
  return conversation.reply('sender-accepted', manner);
}

/** 2016 and later name what is scarce. */
const BACK_PRESSURE = {
  resource: 'UsedDiskSpace',
  detail: 'C:\\Program Files\\Microsoft\\Exchange Server\\V15\\TransportRoles\\data\\Queue',
};

export const DEFAULT_MAX_MESSAGE_SIZE = 36 * 1024 * 1024;

function senderFault(conversation: Conversation, { address, options }: Path) {
  if (address === '') return undefined;
  const unicode = offersUnicode({ properties: conversation.properties, version: conversation.service.version });
  switch (addressFault(address, { unicode })) {
    case 'invalid':
      return 'invalid-sender-address';
    case 'long':
      return conversation.properties.LongAddressesEnabled ? undefined : 'sender-address-too-long';
    case 'unicode':
      return 'sender-address-not-ascii';
    case undefined:
      if (!address.includes('@') && !conversation.properties.DefaultDomain) return 'invalid-sender-address';
      return unicode && /[^\x20-\x7e]/.test(address) && !options.has('SMTPUTF8') ? 'utf8-not-announced' : undefined;
  }
}

/** An address without a domain is completed with the connector's. */
export function completed(conversation: Conversation, address: string): string {
  return address === '' || address.includes('@') ? address : `${address}@${conversation.properties.DefaultDomain}`;
}

type Options = { readonly size: number; readonly body: '7BIT' | '8BITMIME' | 'BINARYMIME' };

function optionsOf(conversation: Conversation, { options }: Path): Options | 'invalid' | 'body' | 'right' {
  const { properties } = conversation;
  let size = 0;
  let body: Options['body'] = '7BIT';
  for (const [name, value] of options) {
    switch (name) {
      case 'SIZE':
        if (properties.SizeEnabled === 'Disabled' || !/^\d{1,20}$/.test(value ?? '')) return 'invalid';
        size = Number(value);
        break;
      case 'BODY': {
        const kind = value?.toUpperCase();
        if (
          kind === '7BIT' ||
          (kind === '8BITMIME' && properties.EightBitMimeEnabled !== false) ||
          (kind === 'BINARYMIME' && properties.BinaryMimeEnabled !== false)
        )
          body = kind;
        else return 'body';
        break;
      }
      case 'RET':
        if (!/^(FULL|HDRS)$/i.test(value ?? '')) return 'invalid';
        break;
      case 'ENVID':
        if (!value || value.length > 100) return 'invalid';
        break;
      case 'AUTH':
        // <> says nothing about anybody; a name needs the right to be believed.
        if (value === undefined) return 'invalid';
        if (value !== '<>' && !conversation.can('SMTPAcceptAuthenticationFlag') && conversation.user === undefined)
          return 'right';
        break;
      case 'SMTPUTF8':
        if (value !== undefined || !offersUnicode({ properties, version: conversation.service.version })) return 'invalid';
        break;
      case 'XMESSAGEVALUE':
        if (!conversation.isExchangeServer) return 'invalid';
        break;
      default:
        return 'invalid';
    }
  }
  return { size, body };
}
