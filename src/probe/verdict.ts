/** What a probe comes to, in one line, and what it does not say. Pure. */
import { onOneLine } from '../smtp/replies/template.ts';
import { type Answer, type Dialogue, isRefusal, type Step, textOf } from './dialogue.ts';
import {
  connectFailure,
  type Failure,
  handshakeFailure,
  lookupFailure,
  type OfferedVersions,
  silenceFailure,
} from './failure.ts';
import type { Foreign } from './foreign.ts';
import type { LineFault } from './line.ts';
import type { TlsWish } from './order.ts';

/**
 * `relays`: a recipient outside the accepted domains was accepted. `accepts`: all that was asked for was. `delivered`: so
 * was the message. `refuses`: the server said no to something. `lacks`: it does not offer what was wanted. `tls-fails`: the
 * handshake. `breaks-off`: no answer. `not-smtp`, `unreachable`: as they say.
 */
export type VerdictKind =
  | 'relays'
  | 'accepts'
  | 'delivered'
  | 'refuses'
  | 'lacks'
  | 'tls-fails'
  | 'breaks-off'
  | 'not-smtp'
  | 'unreachable';

/** The result. */
export interface Verdict {
  readonly kind: VerdictKind;
  /** 0 all asked for was accepted · 1 the server refused something · 2 it could not be tested. */
  readonly exitCode: 0 | 1 | 2;
  readonly sentence: string;
  /** What decided it; null where no reply did. */
  readonly answer: Answer | null;
  /** Where no reply of the catalogue has one. */
  readonly remedy: readonly string[];
  readonly notTested: readonly string[];
}

/** All that the verdict is made of. */
export interface ProbeFacts {
  readonly host: string;
  readonly port: number;
  /** Seconds for one reply. */
  readonly timeout: number;
  readonly versions: OfferedVersions;
  readonly tls: TlsWish;
  readonly logsOn: boolean;
  readonly sender: string | null;
  readonly recipients: readonly string[];
  readonly sends: boolean;
  readonly lookupFault: string | null;
  readonly attempts: readonly { readonly address: string; readonly fault: LineFault | null }[];
  readonly localAddress: string | null;
  readonly dialogue: Dialogue | null;
  readonly foreign: Foreign | null;
  /** Whether a domain is outside the accepted domains; undefined: they are not known. */
  readonly isExternal?: (domain: string) => boolean | undefined;
}

/** The verdict over a probe. */
export function verdictOf(facts: ProbeFacts): Verdict {
  const { kind, exitCode, sentence, answer, remedy } = decide(facts);
  return { kind, exitCode, sentence, answer, remedy, notTested: notTested(facts, kind) };
}

type Decision = Omit<Verdict, 'notTested'>;

function decide(facts: ProbeFacts): Decision {
  const { host, attempts, lookupFault, dialogue, foreign, timeout, versions } = facts;
  if (lookupFault !== null) return failed('unreachable', 'cannot be reached', lookupFailure(host, lookupFault));
  if (!dialogue) {
    const last = attempts.findLast(({ fault }) => fault !== null);
    const failure = last?.fault ? connectFailure(last.fault, timeout) : { says: 'it has no address', remedy: [] };
    return failed('unreachable', `cannot be reached at ${attempts.map(({ address }) => address).join(' and ')}`, failure);
  }
  const { fault, faultAt } = dialogue;
  if (dialogue.answers.length === 0 && fault) return withoutBanner(fault, foreign, timeout);
  const refusal = decidingRefusal(dialogue);
  if (refusal) return refused(refusal, facts, dialogue);
  if (dialogue.abstention) return lacking(dialogue);
  if (fault?.kind === 'handshake')
    return { ...failed('tls-fails', 'TLS fails', handshakeFailure(fault.code, fault.message, versions)), exitCode: 1 };
  if (fault && faultAt && isEarly(faultAt)) {
    const { says, remedy } = silenceFailure(fault, faultAt, timeout);
    const doubt = faultAt === 'end-of-data' ? '; whether it took the message is not known' : '';
    return failed('breaks-off', 'breaks off', { says: `${says}${doubt}`, remedy });
  }
  return accepted(facts, dialogue);
}

/** What happens behind the last question takes nothing back. */
const isEarly = (step: Step): boolean => step !== 'quit' && step !== 'reset';

function failed(kind: VerdictKind, what: string, { says, remedy }: Failure): Decision {
  return { kind, exitCode: 2, sentence: `${what}: ${says}`, answer: null, remedy };
}

function withoutBanner(fault: LineFault, foreign: Foreign | null, timeout: number): Decision {
  switch (foreign?.kind) {
    case 'tls':
      return failed('not-smtp', 'speaks TLS from the first octet on', {
        says:
          foreign.greeting === null
            ? 'no banner came inside either'
            : `inside it says "${shortened(foreign.greeting)}". Devices call that SSL, SMTPS or implicit TLS; this probe starts with SMTP in clear`,
        remedy: [
          'Use a port that speaks SMTP: 25, or 587 for clients that log on. Exchange never speaks TLS from the first octet on, not even on port 465.',
        ],
      });
    case 'late':
      return failed('breaks-off', 'greets late', {
        says: `nothing came within ${timeout} s, then "${shortened(foreign.greeting)}"`,
        remedy: [
          'Wait longer with --timeout. Exchange greets late whom it has found wanting before (TarpitInterval); other servers look names up in a DNS that does not answer.',
        ],
      });
    case 'other':
      return failed('not-smtp', 'does not speak SMTP', {
        says: foreign.name,
        remedy: ['Name the port of the mail server: 25, or 587 for clients that log on.'],
      });
    case 'unknown':
    case undefined: {
      const kind =
        fault.kind === 'not-smtp' || fault.kind === 'line-too-long' || fault.kind === 'endless' ? 'not-smtp' : 'breaks-off';
      return failed(
        kind,
        kind === 'not-smtp' ? 'does not speak SMTP' : 'takes the connection and says nothing',
        silenceFailure(fault, 'connect', timeout),
      );
    }
  }
}

/** The refusal that ended it; of refused recipients the first. EHLO counts only where HELO was refused too, STARTTLS only where it had to be. */
function decidingRefusal({ answers, offers }: Dialogue): Answer | undefined {
  const last = answers.findLast(({ step }) => isEarly(step));
  return answers.find((answer) => {
    if (!isRefusal(answer) || !isEarly(answer.step)) return false;
    if (answer.step === 'hello') return offers === null || answer === last;
    return answer.step !== 'start-tls' || answer === last;
  });
}

function refused(answer: Answer, { recipients }: ProbeFacts, { answers }: Dialogue): Decision {
  const reply = shortened(onOneLine(textOf(answer)));
  const gone = answers.filter((one) => one.step === 'recipient' && isRefusal(one));
  const sentence =
    answer.step === 'recipient'
      ? gone.length < recipients.length || recipients.length > 1
        ? `refuses ${gone.length} of ${recipients.length} recipients: ${reply} for ${answer.subject}`
        : `refuses the recipient ${answer.subject}: ${reply}`
      : `refuses ${REFUSED[answer.step]}: ${reply}`;
  return { kind: 'refuses', exitCode: 1, sentence, answer, remedy: [] };
}

const REFUSED: Readonly<Record<Step, string>> = {
  connect: 'the connection',
  hello: 'the greeting of the client',
  'start-tls': 'STARTTLS',
  auth: 'the logon',
  mail: 'the sender',
  recipient: 'the recipient',
  data: 'the message',
  'end-of-data': 'the message',
  reset: 'RSET',
  quit: 'QUIT',
};

function lacking({ abstention }: Dialogue): Decision {
  const [sentence, remedy] =
    abstention === 'starttls-not-offered'
      ? [
          'does not offer STARTTLS, which was required: nothing further was said',
          [
            'Put Tls into the AuthMechanism of the connector: Set-ReceiveConnector <connector> -AuthMechanism Tls (with what it has now).',
            'Look whether a certificate fits the Fqdn or TlsCertificateName of the connector: Get-ExchangeCertificate; event 12014.',
            'Look for a firewall that takes STARTTLS out of the answer to EHLO (SMTP inspection).',
          ],
        ]
      : [
          'does not offer STARTTLS, so the password was not sent: nothing further was said',
          ['Have the server offer STARTTLS. To send the password in clear all the same: --no-tls.'],
        ];
  return { kind: 'lacks', exitCode: 1, sentence, answer: null, remedy };
}

function accepted(facts: ProbeFacts, { answers, isSecure, offers }: Dialogue): Decision {
  const { sender, recipients, sends, logsOn, isExternal } = facts;
  const done = (kind: VerdictKind, sentence: string, answer: Answer | null): Decision => ({
    kind,
    exitCode: 0,
    sentence,
    answer,
    remedy: [],
  });
  const how = [...(isSecure ? ['over TLS'] : []), ...(logsOn ? ['logged on'] : [])].join(', ');
  const manner = how === '' ? '' : ` (${how})`;
  const end = answers.find(({ step }) => step === 'end-of-data');
  const data = answers.find(({ step }) => step === 'data');
  if (sends && !end)
    return failed('breaks-off', 'breaks off', {
      says: `it did not ask for the message${data ? `: ${oneLine(data)}` : ''}`,
      remedy: ['Such a server is no mail server; look at what stands between.'],
    });
  if (sends && end) return done('delivered', `took the test message: ${oneLine(end)}${manner}`, end);
  const taken = answers.filter(({ step }) => step === 'recipient');
  const [first] = taken;
  if (first) {
    const outside = recipients.filter((one) => isExternal?.(domainOf(one)) === true);
    const others = recipients.length > 1 ? ` and ${recipients.length - 1} more` : '';
    if (outside.length > 0) {
      const reply = taken.find(({ subject }) => subject === outside[0])!;
      return done('relays', `relays: ${oneLine(reply)} for ${outside[0]}, outside the accepted domains${manner}`, reply);
    }
    const inside = recipients.every((one) => isExternal?.(domainOf(one)) === false);
    const meaning = inside
      ? ', in an accepted domain'
      : `; if ${domainOf(first.subject ?? '') || 'that'} is not one of its own domains, it relays`;
    return done('accepts', `accepts: ${oneLine(first)} for ${first.subject}${others}${manner}${meaning}`, first);
  }
  const mail = answers.find(({ step }) => step === 'mail');
  if (sender !== null && mail)
    return done('accepts', `accepts the sender: ${oneLine(mail)}${manner}; no recipient was asked for`, mail);
  return done(
    'accepts',
    `answers as ${offers?.before.server ?? 'a mail server'}${manner || ' (in clear)'}; no mail was tried`,
    answers.findLast(({ step }) => step === 'hello') ?? null,
  );
}

const domainOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1).toLowerCase();

const LONGEST = 200;
const shortened = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);
const oneLine = (answer: Answer): string => shortened(onOneLine(textOf(answer)));

function notTested(facts: ProbeFacts, kind: VerdictKind): string[] {
  const { dialogue, sender, recipients, sends, tls, logsOn, localAddress } = facts;
  if (!dialogue || kind === 'not-smtp' || (dialogue.answers.length === 0 && kind === 'breaks-off'))
    return ['SMTP was not spoken: nothing about connectors, rights or recipients was tested.'];
  const said: string[] = [];
  const taken = dialogue.answers.filter((one) => one.step === 'recipient' && !isRefusal(one));
  if (kind === 'delivered')
    said.push(
      'The server has the message. Whether it arrives is decided behind it: look into the mailbox, or trace the message.',
    );
  else if (taken.length > 0) {
    if (!sends)
      said.push(
        'Nothing was delivered: without --send the conversation ends after RCPT. Size, content and what agents say to them were not judged.',
      );
    said.push('250 for a recipient does not say that the mailbox exists, or that the mail can be delivered further.');
  } else if (recipients.length > 0)
    said.push('No recipient was accepted: the content of a message was never judged, and nothing was delivered.');
  else if (sender === null) said.push('No mail was tried: --from and --to do that.');
  else said.push('No recipient was tried: --to does that.');
  if (tls === 'never' && dialogue.offers?.before.startTls) said.push('TLS was not tried, although it is offered (--no-tls).');
  if (!logsOn && sender !== null) said.push('The client did not log on: with --user other rights count.');
  said.push(
    `The test came from this machine${localAddress === null ? '' : ` (${localAddress})`}, not from the device. A connector is chosen by address: --from-connector --as <address of the device> tells what the device would get.`,
  );
  return said;
}
