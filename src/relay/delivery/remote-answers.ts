/** Pairs what the remote server answers with what it was asked, first in, first out. */
import type { DeliveryResult } from './schedule.ts';

interface Question {
  readonly kind: 'greeting' | 'hello' | 'mail' | 'rcpt' | 'data' | 'end' | 'other';
  readonly recipient?: string;
}

export class RemoteAnswers {
  /** Of the last EHLO. */
  #hello = '';
  #mail: string | undefined;
  #data: string | undefined;
  #end: string | undefined;
  #last: string | undefined;
  /** Replies so far. */
  count = 0;
  readonly #recipients = new Map<string, string>();
  readonly #open: Question[] = [{ kind: 'greeting' }];

  /** The keywords that the server offers, in capitals, with what follows them. */
  extension(keyword: string): string | undefined {
    return (
      new RegExp(`^250[ -]${keyword}(?:[ =](.*))?$`, 'im').exec(this.#hello)?.slice(1)[0] ??
      (this.offers(keyword) ? '' : undefined)
    );
  }

  offers(keyword: string): boolean {
    return new RegExp(`^250[ -]${keyword}\\b`, 'im').test(this.#hello);
  }

  /** The last thing that the server said. */
  get last(): string | undefined {
    return this.#last;
  }

  asked(command: string): void {
    const recipient = /^RCPT TO:<(.*)>/i.exec(command)?.[1];
    if (recipient !== undefined) this.#open.push({ kind: 'rcpt', recipient });
    else if (/^MAIL FROM:/i.test(command)) this.#open.push({ kind: 'mail' });
    else if (/^(EHLO|HELO) /i.test(command)) this.#open.push({ kind: 'hello' });
    else this.#open.push({ kind: command === 'DATA' ? 'data' : 'other' });
  }

  answered(reply: string): void {
    this.#last = reply;
    this.count++;
    const question = this.#open.shift();
    switch (question?.kind) {
      case 'hello':
        this.#hello = reply;
        break;
      case 'mail':
        this.#mail = reply;
        break;
      case 'rcpt':
        this.#recipients.set(question.recipient!, reply);
        break;
      case 'data':
        this.#data = reply;
        if (/^[23]/.test(reply)) this.#open.unshift({ kind: 'end' });
        break;
      case 'end':
        this.#end = reply;
        break;
    }
  }

  /** What becomes of a recipient; `problem`: why the session ended before all was said. */
  resultFor(recipient: string, problem: string | undefined): DeliveryResult {
    const unsaid = (): DeliveryResult => ({ kind: 'deferred', reply: problem ?? this.#last ?? 'no answer' });
    if (this.#mail === undefined) return unsaid();
    for (const reply of [this.#mail, this.#recipients.get(recipient), this.#data]) {
      if (reply === undefined) return unsaid();
      if (!/^[23]/.test(reply)) return refusal(reply);
    }
    if (this.#end === undefined) return unsaid();
    return this.#end.startsWith('2') ? { kind: 'delivered', reply: this.#end } : refusal(this.#end);
  }
}

const refusal = (reply: string): DeliveryResult => ({ kind: reply.startsWith('5') ? 'refused' : 'deferred', reply });
