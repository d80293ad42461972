import type { IncomingMessage, MessageKeeper } from './incoming-message.ts';

/**
 * Counts messages and drops them. Nothing goes through the spool: that a message is safe means nothing where nobody will
 * ever have it, so `commit` answers at once.
 */
export class Sink implements MessageKeeper {
  messages = 0;
  recipients = 0;
  /** Octets of headers and contents. */
  bytes = 0;
  #begun = 0;

  begin(envelope: { readonly recipients: readonly string[] }): IncomingMessage {
    let size = 0;
    return {
      write: (octets) => {
        size += octets.length;
        return undefined;
      },
      commit: async (header) => {
        size += Buffer.byteLength(header);
        this.messages++;
        this.recipients += envelope.recipients.length;
        this.bytes += size;
        return { internalId: String(++this.#begun), size };
      },
      abort: () => {},
    };
  }
}
