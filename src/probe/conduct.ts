/** Conducts a conversation over a line, as a device would that says one thing after the other and stops when it is refused. */

import { onOneLine } from '../smtp/replies/template.ts';
import { findReply } from '../smtp/reply-catalogue.ts';
import type { TlsFacts } from './certificate.ts';
import {
  type Abstention,
  type Answer,
  answerOf,
  type Dialogue,
  type DialogueEntry,
  isRefusal,
  type Step,
  textOf,
} from './dialogue.ts';
import { ConversationOver, type LineFault, type Reply, rawLines, type SmtpLine } from './line.ts';
import { type Offer, readOffer } from './offer.ts';
import type { ProbeOrder } from './order.ts';

/** The line is connected, and nothing has been read from it. Never throws: what goes wrong is part of the dialogue. */
export async function conduct(line: SmtpLine, order: ProbeOrder): Promise<Dialogue> {
  const conversation = new Conversation(line, order);
  await conversation.hold();
  return conversation.dialogue;
}

/** A refusal or a decision after which only QUIT is said. */
class Stop extends Error {}

class Conversation {
  readonly #line: SmtpLine;
  readonly #order: ProbeOrder;
  readonly #entries: DialogueEntry[] = [];
  readonly #answers: Answer[] = [];
  /** What must not be shown, and what stands in its place. */
  readonly #secrets: readonly RegExp[];
  #fault: LineFault | null = null;
  #faultAt: Step | null = null;
  #abstention: Abstention | null = null;
  #before: Offer | null = null;
  #after: Offer | null = null;
  #isExtended = false;
  #tls: TlsFacts | null = null;
  #isSecure = false;
  #spokenAt: number;
  #step: Step = 'connect';

  constructor(line: SmtpLine, order: ProbeOrder) {
    this.#line = line;
    this.#order = order;
    this.#secrets = secretsOf(order);
    this.#spokenAt = line.now();
  }

  get dialogue(): Dialogue {
    return {
      entries: this.#entries,
      answers: this.#answers,
      fault: this.#fault,
      faultAt: this.#faultAt,
      abstention: this.#abstention,
      offers: this.#before && { before: this.#before, after: this.#after },
      isExtended: this.#isExtended,
      tls: this.#tls,
      isSecure: this.#isSecure,
    };
  }

  async hold(): Promise<void> {
    try {
      try {
        await this.#talk();
      } catch (error) {
        if (!(error instanceof Stop)) throw error;
      }
      // Who says 421 closes, and who is past 221 has closed.
      if (this.#answers.at(-1)?.code !== 421) await this.#leave();
    } catch (error) {
      if (!(error instanceof ConversationOver)) throw error;
      const { fault } = error;
      this.#fault = fault.kind === 'not-smtp' ? { ...fault, first: this.#hidden(fault.first) } : fault;
      this.#faultAt = this.#step;
    }
  }

  async #talk(): Promise<void> {
    this.#demand(await this.#read('connect', null));
    this.#before = await this.#greet();
    await this.#secure(this.#before);
    await this.#logOn(this.#after ?? this.#before);
    await this.#mail();
  }

  /** EHLO, and HELO where that is not known. */
  async #greet(): Promise<Offer> {
    const { helo } = this.#order;
    const extended = await this.#say(`EHLO ${helo}`, 'hello', 'EHLO');
    if (!isRefusal(extended)) {
      this.#isExtended = true;
      return readOffer({ lines: withoutCodes(extended) });
    }
    if (extended.code === 421 || this.#isSecure) throw new Stop();
    return readOffer({ lines: withoutCodes(this.#demand(await this.#say(`HELO ${helo}`, 'hello', 'HELO'))) });
  }

  async #secure(offer: Offer): Promise<void> {
    const { tls } = this.#order;
    if (tls === 'never') return;
    if (!offer.startTls) {
      if (tls === 'required') this.#abstain('starttls-not-offered');
      return;
    }
    const answer = await this.#say('STARTTLS', 'start-tls');
    if (isRefusal(answer)) {
      // Who takes TLS where it is offered goes on without it.
      if (tls === 'required' || answer.code === 421) throw new Stop();
      return;
    }
    this.#tls = await this.#line.startTls();
    this.#isSecure = true;
    this.#note(this.#tls ? `TLS started: ${this.#tls.protocol}, ${this.#tls.cipher}` : 'TLS started');
    this.#spokenAt = this.#line.now();
    this.#after = await this.#greet();
  }

  async #logOn(offer: Offer): Promise<void> {
    const { credentials, tls } = this.#order;
    if (!credentials) return;
    if (!this.#isSecure && tls !== 'never') this.#abstain('password-withheld');
    if (!offer.auth.includes('LOGIN')) this.#note('AUTH LOGIN is not offered; it is said all the same, as devices do');
    this.#demand(await this.#say('AUTH LOGIN', 'auth'));
    for (const [secret, shown] of [
      [credentials.user, '<user name>'],
      [credentials.password, '<password>'],
    ] as const) {
      const answer = this.#demand(await this.#say(Buffer.from(secret).toString('base64'), 'auth', null, shown));
      if (answer.code < 300) return;
    }
    // It asks on, for something that LOGIN does not have.
    await this.#say('*', 'auth');
    throw new Stop();
  }

  async #mail(): Promise<void> {
    const { sender, recipients, message } = this.#order;
    if (sender === null) return;
    this.#demand(await this.#say(`MAIL FROM:<${sender}>`, 'mail'));
    let accepted = 0;
    for (const recipient of recipients) {
      const answer = await this.#say(`RCPT TO:<${recipient}>`, 'recipient', recipient);
      if (answer.code === 421) throw new Stop();
      if (!isRefusal(answer)) accepted++;
    }
    if (accepted === 0) return;
    if (!message) {
      // So that nothing of it is left that could be delivered.
      await this.#say('RSET', 'reset');
      return;
    }
    // Whoever does not ask for it would take its lines for commands.
    if (this.#demand(await this.#say('DATA', 'data')).code !== 354) return;
    this.#said(`(the test message, ${message.length} lines)`);
    this.#said('.');
    this.#write('end-of-data', ...message.map((line) => (line.startsWith('.') ? `.${line}` : line)), '.');
    await this.#read('end-of-data', null);
  }

  async #leave(): Promise<void> {
    if (this.#answers.length > 0) await this.#say('QUIT', 'quit');
  }

  async #say(text: string, step: Step, subject: string | null = null, shown = text): Promise<Answer> {
    this.#said(shown);
    this.#write(step, text);
    return await this.#read(step, subject);
  }

  #write(step: Step, ...lines: readonly string[]): void {
    this.#step = step;
    this.#spokenAt = this.#line.now();
    this.#line.write(...lines);
  }

  async #read(step: Step, subject: string | null): Promise<Answer> {
    this.#step = step;
    const reply = this.#masked(await this.#line.read());
    const at = this.#line.now();
    const answer = answerOf(step, subject, reply, { waitedMs: Math.max(0, at - this.#spokenAt), tarpits: isHeldBack(reply) });
    this.#answers.push(answer);
    this.#entries.push({ kind: 'answered', at, answer });
    return answer;
  }

  #demand(answer: Answer): Answer {
    if (isRefusal(answer)) throw new Stop();
    return answer;
  }

  #abstain(why: Abstention): never {
    this.#abstention = why;
    throw new Stop();
  }

  #said(text: string): void {
    this.#entries.push({ kind: 'said', at: this.#line.now(), text });
  }

  #note(text: string): void {
    this.#entries.push({ kind: 'note', at: this.#line.now(), text });
  }

  /** A server may repeat what it was told. */
  #masked({ code, lines }: Reply): Reply {
    return { code, lines: lines.map((line) => this.#hidden(line)) };
  }

  #hidden(text: string): string {
    return this.#secrets.reduce((shown, secret) => shown.replace(secret, '<password>'), text);
  }
}

/** A short one is looked for as a word only: it would be found in half of all others. */
const SHORT = 4;

function secretsOf({ credentials }: ProbeOrder): RegExp[] {
  if (!credentials || credentials.password === '') return [];
  const { password } = credentials;
  const literal = (text: string): string => text.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&');
  const inClear = password.length < SHORT ? `(?<![\\p{L}\\p{N}])${literal(password)}(?![\\p{L}\\p{N}])` : literal(password);
  return [literal(Buffer.from(password).toString('base64')), inClear].map((pattern) => new RegExp(pattern, 'gu'));
}

const withoutCodes = ({ lines }: Answer): string[] => lines.map((line) => line.slice(4));

/** Whether Exchange holds a reply like this back: all 5xx for who has not logged on, and some others. */
function isHeldBack(reply: Reply): boolean {
  if (reply.code >= 500) return true;
  const found = findReply(onOneLine(textOf({ lines: rawLines(reply) })), { side: 'receive' });
  return found !== undefined && found.entry.tarpits !== 'never';
}
