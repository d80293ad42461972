/** Answers to DATA and BDAT before the message is complete. */
import { device, log, NOTHING_TO_DO, replies } from './entry.ts';

/** To DATA and BDAT. */
export const DATA_REPLIES = replies({ stage: 'data', side: 'receive' }, [
  {
    id: 'data-wanted',
    texts: [{ versions: '2010+ EXO', text: '354 Start mail input; end with <CRLF>.<CRLF>' }],
    variants: ['354 Start mail input; end with .'],
    meaning: 'The server waits for the message; a full stop on a line of its own ends it.',
    causes: ['The client sent DATA.'],
    remedy: NOTHING_TO_DO,
    source: ['product'],
  },
  {
    id: 'binary-data-wanted',
    texts: [{ versions: '2010+', text: '354 Send binary data' }],
    meaning: 'One Exchange server waits for internal data of another one.',
    causes: ['XEXCH50 was sent.'],
    remedy: NOTHING_TO_DO,
    source: ['product'],
  },
  {
    id: 'chunk-received',
    texts: [{ versions: '2010+ EXO', text: '250 2.6.0 CHUNK received OK, {octets} octets' }],
    meaning: 'A part of the message has arrived. The message itself is not accepted yet.',
    causes: ['The client sends in chunks (BDAT).'],
    remedy: NOTHING_TO_DO,
    samples: ['250 2.6.0 CHUNK received OK, 65536 octets'],
    source: ['product'],
  },
  {
    id: 'recipient-missing',
    texts: [{ versions: '2010+', text: '503 5.5.2 Need rcpt command' }],
    tarpits: 'unauthenticated',
    meaning: 'There is nobody to send the message to.',
    causes: ['All recipients were refused, and the client went on regardless.'],
    lookAt: [log('The replies to RCPT TO above: they are the real error.')],
    remedy: [device('Solve what the replies to RCPT TO complain about.')],
    source: ['product'],
  },
]);
