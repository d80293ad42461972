import type { ReplyId } from '../../../smtp/reply-catalogue.ts';
import { HeaderWatch } from '../content.ts';
import type { Conversation } from '../conversation.ts';
import { mannerOf } from '../faults.ts';
import type { Next } from './dispatch.ts';
import { type Extent, MessageReader } from './message.ts';

/** Octets of a header that are looked at. */
const HEADER_LIMIT = 1024 * 1024;

export function data(conversation: Conversation, argument: string): Next {
  const refusal =
    conversation.helo === undefined
      ? 'hello-missing'
      : (sequenceFault(conversation) ?? (argument === '' ? undefined : 'invalid-arguments'));
  if (refusal) {
    return conversation.reply(refusal);
  }
  if (conversation.transaction!.body === 'BINARYMIME') {
    return conversation.reply('bad-sequence');
  }
  const fault = conversation.service.faults.strike('data', conversation.client);
  if (fault?.drop) {
    return conversation.close('Local');
  }
  if (fault?.reply) {
    return conversation.say(fault.reply, mannerOf(fault));
  }
  begin(conversation, false);
  conversation.reply('data-wanted', mannerOf(fault));
  return new MessageReader(conversation, { kind: 'dot' });
}

/** The octets of a chunk follow its command whatever the answer will be. */
export function bdat(conversation: Conversation, argument: string): Next {
  const parsed = /^(\d{1,15})(?:\s+(LAST))?$/i.exec(argument);
  if (!parsed) {
    return conversation.reply('invalid-arguments');
  }
  const extent: Extent = { kind: 'octets', octets: Number(parsed[1]), isLast: parsed[2] !== undefined };
  const refusal =
    conversation.helo === undefined
      ? 'hello-missing'
      : conversation.properties.ChunkingEnabled === false
        ? 'unrecognized-command'
        : conversation.incoming
          ? undefined
          : sequenceFault(conversation);
  if (!refusal && !conversation.incoming) begin(conversation, true);
  return new MessageReader(conversation, extent, refusal);
}

function sequenceFault({ transaction }: Conversation): ReplyId | undefined {
  if (!transaction) return 'mail-missing';
  return transaction.recipients.length === 0 ? 'recipient-missing' : undefined;
}

function begin(conversation: Conversation, isChunked: boolean): void {
  const { transaction, client, user, proxied, facts } = conversation;
  const helo = proxied?.helo ?? conversation.helo;
  const { sender, recipients, body, smtpUtf8 } = transaction!;
  conversation.messageId = undefined;
  conversation.incoming = {
    watch: new HeaderWatch(HEADER_LIMIT),
    beganAt: conversation.now,
    hasDestination: facts.hub?.isActive() ?? true,
    size: 0,
    isOver: false,
    isNamed: false,
  };
  conversation.effect({
    kind: 'message-begin',
    isChunked,
    envelope: { sender, recipients: [...recipients], helo: helo ?? '', client, authUser: user ?? null, body, smtpUtf8 },
  });
}
