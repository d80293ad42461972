/** A message in the spool, and how far each of its recipients is: the two files beside its content. */
import { z } from 'zod';

const messageSchema = z.object({
  internalId: z.string(),
  sender: z.string(),
  /** Each once, in the order in which they were given. */
  recipients: z.array(z.string()),
  helo: z.string(),
  /** Address of the client. */
  client: z.string(),
  authUser: z.string().nullable(),
  body: z.enum(['7BIT', '8BITMIME', 'BINARYMIME']),
  smtpUtf8: z.boolean(),
  sessionId: z.string(),
  connector: z.string(),
  /** Milliseconds UTC. */
  arrivedAt: z.number(),
  /** Octets of header and content. */
  size: z.number(),
  messageId: z.string().nullable(),
  /** Stands before the content. */
  header: z.string(),
  /** A BINARYMIME message that DATA cannot carry. */
  hasBareLineEnds: z.boolean(),
});

const stateSchema = z.discriminatedUnion('kind', [
  /** `nextAt`: milliseconds UTC; `reply`: of the last attempt. */
  z.object({ kind: z.literal('waiting'), attempts: z.number(), nextAt: z.number(), reply: z.string().nullable() }),
  z.object({ kind: z.literal('delivered'), at: z.number(), reply: z.string() }),
  z.object({ kind: z.literal('failed'), at: z.number(), reply: z.string() }),
]);

export type SpooledMessage = Readonly<z.infer<typeof messageSchema>>;

/** How far one recipient is. */
export type RecipientState = Readonly<z.infer<typeof stateSchema>>;

/** undefined: not what the spool writes. */
export function parseMessage(json: string): SpooledMessage | undefined {
  return parse(messageSchema, json);
}

/** One state a recipient, in the order of the recipients. undefined: not what the spool writes. */
export function parseStates(json: string): readonly RecipientState[] | undefined {
  return parse(z.array(stateSchema), json);
}

function parse<T>(schema: z.ZodType<T>, json: string): T | undefined {
  try {
    return schema.safeParse(JSON.parse(json)).data;
  } catch {
    return undefined;
  }
}
