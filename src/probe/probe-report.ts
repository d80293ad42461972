/** All that a probe says, as one value: the object of `--format json`, from which the page is made. Pure. */
import { parseAddress } from '../net/address-range.ts';
import type { ReplyStage } from '../smtp/replies/entry.ts';
import { explainText, type TextExplanation } from '../smtp/replies/explain-text.ts';
import { onOneLine } from '../smtp/replies/template.ts';
import { findReply } from '../smtp/reply-catalogue.ts';
import { judgeTls, type TlsFacts, type TlsFinding } from './certificate.ts';
import type { Comparison } from './comparison.ts';
import { type Answer, type Delay, type Dialogue, isRefusal, type Step, textOf } from './dialogue.ts';
import { connectFailure } from './failure.ts';
import { type Offer, offersInWords } from './offer.ts';
import type { ProbeOrder } from './order.ts';
import type { Prediction } from './prediction.ts';
import { type ProbeFacts, type VerdictKind, verdictOf } from './verdict.ts';

/** A line of the conversation. `note`: nobody said it. */
export interface ConversationLine {
  /** ISO time. */
  readonly at: string;
  /** Milliseconds since the line before. */
  readonly afterMs: number;
  readonly from: 'client' | 'server' | 'note';
  /** Secrets are masked. */
  readonly text: string;
  readonly step: Step | null;
  /** Of the first line of an answer. */
  readonly delay: Delay;
}

/** A refusal, explained. */
export interface ExplainedAnswer {
  readonly step: Step;
  readonly subject: string | null;
  /** On one line. */
  readonly reply: string;
  /** It is the one that decided. */
  readonly isDeciding: boolean;
  /** At most one candidate. */
  readonly explanation: TextExplanation;
}

/** A certificate; ISO times. */
export interface ReportedCertificate {
  readonly subject: string;
  readonly issuer: string;
  readonly names: readonly string[];
  readonly notBefore: string;
  readonly notAfter: string;
  readonly thumbprint: string;
  readonly isSelfSigned: boolean;
}

/** A prediction; `comparison` is null where nothing was asked over the network, or there was no answer. */
export interface ReportedPrediction {
  readonly server: string;
  /** ISO time of the configuration. */
  readonly asOf: string;
  /** `10.0.0.5:25`, or `port 25` for any address. */
  readonly to: string;
  readonly reason: string;
  readonly mayRelay: 'yes' | 'no' | 'likely' | 'unknown' | null;
  readonly rivals: readonly string[];
  readonly elsewhere: readonly { readonly to: string; readonly connector: string | null; readonly reason: string }[];
  readonly prediction: Prediction;
  readonly comparison: Comparison | null;
}

/** The whole. */
export interface ProbeReport {
  readonly verdict: {
    readonly kind: VerdictKind | 'predicted';
    readonly exitCode: 0 | 1 | 2;
    readonly sentence: string;
    readonly reply: string | null;
    readonly remedy: readonly string[];
    readonly notTested: readonly string[];
  };
  readonly host: string;
  readonly port: number;
  readonly addresses: readonly string[];
  readonly attempts: readonly { readonly address: string; readonly result: string }[];
  /** The address that was spoken with; null for none. */
  readonly address: string | null;
  readonly localEndpoint: string | null;
  /** The address by which the server knows this machine; null where it does not say. */
  readonly seenAs: string | null;
  readonly behindNat: boolean | null;
  /** ISO times; null where there was no conversation. */
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly helo: string;
  readonly sender: string | null;
  readonly recipients: readonly { readonly address: string; readonly accepted: boolean | null; readonly reply: string | null }[];
  readonly messageSent: boolean;
  readonly banner: string | null;
  readonly offers: { readonly before: Offer; readonly after: Offer | null } | null;
  /** Sentences about banner, offers, addresses and delays. */
  readonly remarks: readonly string[];
  readonly tls: {
    readonly protocol: string;
    readonly cipher: string;
    readonly certificates: readonly ReportedCertificate[];
    readonly findings: readonly TlsFinding[];
    /** Whether a client that checks certificates would go on. */
    readonly strictClientAccepts: boolean;
  } | null;
  readonly logon: 'accepted' | 'refused' | 'not-tried';
  readonly conversation: readonly ConversationLine[];
  readonly explanations: readonly ExplainedAnswer[];
  readonly prediction: ReportedPrediction | null;
}

/** What only the probe over the network knows. */
export interface ReportFacts extends ProbeFacts {
  readonly helo: string;
  readonly addresses: readonly string[];
  readonly localPort: number | null;
  readonly remoteAddress: string | null;
  /** Milliseconds UTC at which certificates are judged. */
  readonly at: number;
  /** A prediction was asked for. */
  readonly asksConfiguration: boolean;
}

/** The report over a probe. */
export function probeReport(facts: ReportFacts, prediction: ReportedPrediction | null): ProbeReport {
  const { dialogue, host, port, addresses, attempts, remoteAddress, localAddress, localPort, timeout } = facts;
  const verdict = verdictOf(facts);
  const seenAs = seenAddress(dialogue);
  const behindNat = seenAs === null || localAddress === null ? null : !isSameAddress(seenAs, localAddress);
  const [first] = dialogue?.entries ?? [];
  const last = dialogue?.entries.at(-1);
  return {
    verdict: {
      kind: verdict.kind,
      exitCode: verdict.exitCode,
      sentence: verdict.sentence,
      reply: verdict.answer && onOneLine(textOf(verdict.answer)),
      remedy: verdict.answer && isRefusal(verdict.answer) ? remedyOf(verdict.answer) : verdict.remedy,
      notTested: [
        ...verdict.notTested,
        ...(facts.asksConfiguration && !prediction
          ? [
              'Nothing is predicted: without a connection the address by which this machine would come is not known. --as names an address.',
            ]
          : []),
      ],
    },
    host,
    port,
    addresses,
    attempts: attempts.map(({ address, fault }) => ({
      address,
      result: fault === null ? 'connected' : connectFailure(fault, timeout).says,
    })),
    address: remoteAddress,
    localEndpoint: localAddress === null || localPort === null ? null : endpointText(localAddress, localPort),
    seenAs,
    behindNat,
    startedAt: first ? iso(first.at) : null,
    endedAt: last ? iso(last.at) : null,
    helo: facts.helo,
    sender: facts.sender,
    recipients: facts.recipients.map((address) => {
      const answer = dialogue?.answers.find((one) => one.step === 'recipient' && one.subject === address);
      return { address, accepted: answer ? !isRefusal(answer) : null, reply: answer ? onOneLine(textOf(answer)) : null };
    }),
    messageSent: dialogue?.answers.some((one) => one.step === 'end-of-data' && !isRefusal(one)) ?? false,
    banner: bannerOf(dialogue),
    offers: dialogue?.offers ?? null,
    remarks: dialogue ? remarks(dialogue, { seenAs, behindNat, localAddress }) : [],
    tls: dialogue?.tls ? reportedTls(dialogue.tls, host, facts.at) : null,
    logon: logonOf(dialogue),
    conversation: dialogue ? conversationOf(dialogue) : [],
    explanations: dialogue ? explanations(dialogue, verdict.answer) : [],
    prediction,
  };
}

const iso = (at: number): string => new Date(at).toISOString();

/** `1.2.3.4:25`, `[fd00::5]:25`. */
export const endpointText = (address: string, port: number): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;

function seenAddress(dialogue: Dialogue | null): string | null {
  return dialogue?.offers?.before.seenAs ?? null;
}

function isSameAddress(a: string, b: string): boolean {
  const [one, other] = [parseAddress(a), parseAddress(b)];
  return one !== undefined && other !== undefined && one.family === other.family && one.value === other.value;
}

function bannerOf(dialogue: Dialogue | null): string | null {
  const answer = dialogue?.answers.find(({ step }) => step === 'connect');
  return answer ? onOneLine(textOf(answer)) : null;
}

function logonOf(dialogue: Dialogue | null): ProbeReport['logon'] {
  const last = dialogue?.answers.findLast(({ step }) => step === 'auth');
  if (!last) return 'not-tried';
  return last.code >= 200 && last.code < 300 ? 'accepted' : 'refused';
}

function reportedTls(tls: TlsFacts, host: string, at: number): ProbeReport['tls'] {
  const findings = judgeTls(tls, host, at);
  return {
    protocol: tls.protocol,
    cipher: tls.cipher,
    certificates: tls.chain.map((one) => ({ ...one, notBefore: iso(one.notBefore), notAfter: iso(one.notAfter) })),
    findings,
    strictClientAccepts: findings.every(({ isRefusal: refuses }) => !refuses),
  };
}

function remarks(
  dialogue: Dialogue,
  { seenAs, behindNat, localAddress }: Pick<ProbeReport, 'seenAs' | 'behindNat'> & { readonly localAddress: string | null },
): string[] {
  const banner = bannerOf(dialogue);
  const said: string[] = [];
  if (banner?.startsWith('220'))
    said.push(
      findReply(banner, { side: 'receive' })?.entry.id === 'banner'
        ? 'The banner is the one of Exchange.'
        : "The banner is not Exchange's own: another product, a firewall in between, or a Banner that was set.",
    );
  if (behindNat)
    said.push(
      `The server sees this machine as ${seenAs}, not as ${localAddress}: a NAT or a load balancer stands between, and the receive connector is chosen by the address that the server sees.`,
    );
  if (dialogue.offers) said.push(...offersInWords(dialogue.offers, dialogue.isExtended));
  const held = dialogue.answers.filter(({ delay }) => delay === 'tarpit');
  if (held.length > 0)
    said.push(
      `${held.length} ${held.length === 1 ? 'answer was' : 'answers were'} held back: so does Exchange with refusals and with RSET for clients that have not logged on (TarpitInterval). A device has to wait that long.`,
    );
  return said;
}

/** Lines of one answer that are told; a conversation is for reading. */
const SHOWN_LINES = 100;
const SHOWN_CHARACTERS = 1_000;

function conversationOf({ entries, fault, faultAt }: Dialogue): ConversationLine[] {
  const lines: ConversationLine[] = [];
  let before = entries[0]?.at ?? 0;
  const add = (at: number, from: ConversationLine['from'], text: string, answer: Answer | null, delay: Delay = 'none'): void => {
    lines.push({
      at: iso(at),
      afterMs: Math.max(0, at - before),
      from,
      text: text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text,
      step: answer?.step ?? null,
      delay,
    });
    before = at;
  };
  for (const entry of entries)
    switch (entry.kind) {
      case 'said':
        add(entry.at, 'client', entry.text, null);
        break;
      case 'note':
        add(entry.at, 'note', entry.text, null);
        break;
      case 'answered': {
        const { answer, at } = entry;
        if (answer.delay !== 'none') before = Math.min(before, at - answer.waitedMs);
        for (const [index, line] of answer.lines.slice(0, SHOWN_LINES).entries())
          add(at, 'server', line, answer, index === 0 ? answer.delay : 'none');
        const more = answer.lines.length - SHOWN_LINES;
        if (more > 0) add(at, 'note', `… and ${more} more lines`, answer);
      }
    }
  if (fault && lines.length > 0) add(before, 'note', faultNote(fault.kind, faultAt), null);
  return lines;
}

function faultNote(kind: NonNullable<Dialogue['fault']>['kind'], step: Step | null): string {
  switch (kind) {
    case 'closed':
      return step === 'quit' ? 'the server has closed the connection' : 'the server closed the connection';
    case 'broken':
      return step === 'quit' ? 'the server has closed the connection' : 'the connection broke';
    case 'timed-out':
      return 'no answer came';
    case 'overall':
      return 'the conversation took too long and was ended';
    case 'line-too-long':
    case 'endless':
      return 'more came than any mail server says; the connection was ended';
    case 'not-smtp':
      return 'what came is no SMTP; the connection was ended';
    case 'handshake':
      return 'the TLS handshake failed';
  }
}

const STAGES: Readonly<Record<Step, ReplyStage>> = {
  connect: 'connect',
  hello: 'hello',
  'start-tls': 'start-tls',
  auth: 'authentication',
  mail: 'mail',
  recipient: 'recipient',
  data: 'data',
  'end-of-data': 'end-of-data',
  reset: 'any-time',
  quit: 'any-time',
};

function explained(answer: Pick<Answer, 'lines' | 'step'>): TextExplanation {
  const explanation = explainText(textOf(answer), { stage: STAGES[answer.step], side: 'receive' });
  if (explanation.kind !== 'known') return explanation;
  const [best] = explanation.candidates;
  // Other products use the same codes, and some of the same words, for other reasons.
  return best.how === 'code only' || (best.how === 'text' && best.entry.side !== 'receive')
    ? { kind: 'unknown', codes: explanation.codes }
    : { ...explanation, candidates: [best] };
}

/** The deciding one first; the same words once. */
function explanations({ answers }: Dialogue, deciding: Answer | null): ExplainedAnswer[] {
  const refusals = answers.filter((answer) => isRefusal(answer) && answer.step !== 'quit');
  const inOrder = [...refusals.filter((one) => one === deciding), ...refusals.filter((one) => one !== deciding)];
  const told = new Set<string>();
  return inOrder.flatMap((answer) => {
    const { step, subject } = answer;
    const reply = onOneLine(textOf(answer));
    if (told.has(reply)) return [];
    told.add(reply);
    return [{ step, subject, reply, isDeciding: answer === deciding, explanation: explained(answer) }];
  });
}

function remedyOf(answer: Answer): string[] {
  const explanation = explained(answer);
  return explanation.kind === 'known' ? explanation.candidates[0].entry.remedy.map(({ text }) => text) : [];
}

/** The report where nothing was connected. */
export function predictionReport(
  host: string,
  port: number,
  { helo, sender, recipients }: Pick<ProbeOrder, 'helo' | 'sender' | 'recipients'>,
  reported: ReportedPrediction,
): ProbeReport {
  const { prediction, server } = reported;
  const refusal = prediction.answers.find(({ reply }) => reply !== null && reply >= '400');
  const unknown = prediction.answers.find(({ reply }) => reply === null);
  const [exitCode, result, reply] =
    prediction.isAccepted === false
      ? [
          1 as const,
          refusal ? `would refuse: ${refusal.reply}${whom(refusal)}` : 'would not offer what is asked for',
          refusal?.reply ?? null,
        ]
      : prediction.isAccepted === null
        ? [2 as const, `it cannot be told what would be answered${unknown ? whom(unknown) : ''}`, null]
        : [0 as const, 'would accept all that is asked for', null];
  const because = (refusal ?? unknown)?.because;
  return {
    verdict: {
      kind: 'predicted',
      exitCode,
      sentence: `predicted only: for a client at ${prediction.client} ${prediction.connector ?? `no connector of ${server}`} ${result}`,
      reply,
      remedy: because ? [`${because.charAt(0).toUpperCase()}${because.slice(1)}.`] : [],
      notTested: [
        `Nothing was connected: this is what the configuration of ${server} says, not what the server does. Without --as it is compared with the server.`,
        ...(recipients.length === 0 ? ['No recipient was asked for: --from and --to do that.'] : []),
      ],
    },
    host,
    port,
    addresses: [],
    attempts: [],
    address: null,
    localEndpoint: null,
    seenAs: null,
    behindNat: null,
    startedAt: null,
    endedAt: null,
    helo,
    sender,
    recipients: recipients.map((address) => {
      const answer = prediction.answers.find((one) => one.step === 'recipient' && one.subject === address);
      return { address, accepted: answer?.reply == null ? null : answer.reply < '400', reply: answer?.reply ?? null };
    }),
    messageSent: false,
    banner: null,
    offers: null,
    remarks: [],
    tls: null,
    logon: 'not-tried',
    conversation: [],
    explanations:
      refusal?.reply == null
        ? []
        : [
            {
              step: refusal.step,
              subject: refusal.subject,
              reply: refusal.reply,
              isDeciding: true,
              explanation: explained({ step: refusal.step, lines: [refusal.reply] }),
            },
          ],
    prediction: reported,
  };
}

const whom = ({ step, subject }: { readonly step: Step; readonly subject: string | null }): string =>
  step === 'recipient' ? ` for ${subject}` : '';
