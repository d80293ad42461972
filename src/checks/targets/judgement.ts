/** Whether a service can take what a device was seen to ask. What no log tells is said to be unknown, and never guessed. */
import type { Demand } from '../../queries/usage/views/device-demand.ts';
import { byteCount } from '../words/byte-count.ts';
import { count, enumerate } from '../words/enumeration.ts';
import { type Amount, type Limit, TARGETS, type Target, type TargetId } from './limits.ts';

export type Fit = 'fits' | 'does-not-fit' | 'unknown';

export interface Judgement {
  readonly target: TargetId;
  readonly fit: Fit;
  /** Half sentences: what is against it, or else what is not known. Empty where it fits. */
  readonly because: readonly string[];
}

/** `own-relay`: none of them can take it, so that a relay of one's own has to stand between. */
export interface Recommendation {
  readonly target: TargetId | 'own-relay' | null;
  readonly fit: Fit;
  readonly because: readonly string[];
}

/** One answer to one question: `against`, `open`, or nothing where all is well. */
type Answer = { readonly kind: 'against' | 'open'; readonly because: string } | undefined;

const against = (because: string): Answer => ({ kind: 'against', because });
const open = (because: string): Answer => ({ kind: 'open', because });

export function judge(demand: Demand, target: Target): Judgement {
  if (demand.messages === 0) return { target: target.id, fit: 'unknown', because: [NOTHING_ACCEPTED] };
  const answers = QUESTIONS.map((question) => question(demand, target)).filter((answer) => answer !== undefined);
  const no = answers.filter(({ kind }) => kind === 'against');
  const fit: Fit = no.length > 0 ? 'does-not-fit' : answers.length > 0 ? 'unknown' : 'fits';
  return { target: target.id, fit, because: (no.length > 0 ? no : answers).map(({ because }) => because) };
}

const NOTHING_ACCEPTED = 'no message of it was accepted, so that nothing shows what it needs';

/** In the order of the targets. */
export const judgeAll = (demand: Demand): Judgement[] => TARGETS.map((target) => judge(demand, target));

type Question = (demand: Demand, target: Target) => Answer;

const QUESTIONS: readonly Question[] = [
  ({ recipientsExternal }, { external }) => {
    if (external.value) return undefined;
    if (recipientsExternal === null) return open('which recipients are outside is not known without the accepted domains');
    return recipientsExternal === 0
      ? undefined
      : against(`${count(recipientsExternal, 'recipient')} outside, and it takes mail to inside only`);
  },
  tlsAnswer,
  logonAnswer,
  sendersAnswer,
  ({ peakMinute }, { messagesPerMinute }) =>
    amount(peakMinute?.count, messagesPerMinute, (n) => `${count(n, 'message')} in a minute`),
  ({ peakHour }, { messagesPerHour }) => amount(peakHour?.count, messagesPerHour, (n) => `${count(n, 'message')} in an hour`),
  ({ peakDayRecipients }, { recipientsPerDay }) =>
    amount(peakDayRecipients?.count, recipientsPerDay, (n) => `${count(n, 'recipient')} in a day`),
  ({ mostRecipients }, { recipientsPerMessage }) =>
    amount(
      mostRecipients === 0 ? undefined : mostRecipients,
      recipientsPerMessage,
      (n) => `${count(n, 'recipient')} in a message`,
    ),
  ({ largestBytes }, { largestBytes: limit }) =>
    largestBytes === null
      ? open('no row tells how large its messages are')
      : amount(largestBytes, limit, (n) => `a message of ${byteCount(n)}`),
];

function tlsAnswer({ tls, sessions }: Demand, target: Target): Answer {
  if (tls.new > 0) return undefined;
  if (target.tls.value === 'optional')
    return tls.old > 0
      ? open('it was seen with TLS below 1.2 only, which is refused: its TLS would have to be switched off')
      : undefined;
  if (tls.old > 0) return against('it was seen with TLS below 1.2 only');
  if (sessions === 0) return open('its own sessions are in no log, so that its TLS is not known');
  return tls.unknown > 0
    ? open('the log gives no version of its TLS')
    : open('it never used TLS, and whether it can is not known');
}

function logonAnswer({ authenticated, logonsFailed }: Demand, { logon }: Target): Answer {
  if (logon.value !== 'account' || authenticated === 'yes' || authenticated === 'mixed' || logonsFailed > 0) return undefined;
  return authenticated === null
    ? open('its own sessions are in no log, so that it is not known whether it logs on')
    : open('it never logged on, and whether it can is not known');
}

function sendersAnswer({ senderAddresses, senderDomainsForeign }: Demand, { senders }: Target): Answer {
  if (senderDomainsForeign !== null && senderDomainsForeign.length > 0)
    return against(
      `it sends as ${enumerate(senderDomainsForeign)}, which ${senderDomainsForeign.length === 1 ? 'is no own domain' : 'are no own domains'}`,
    );
  if (senders.value === 'one' && senderAddresses > 1)
    return open(
      `it sends as ${senderAddresses.toLocaleString('en-US')} addresses, for which the account needs the right to send as them`,
    );
  return senders.value === 'own-domains' && senderDomainsForeign === null
    ? open('which sender domains are own ones is not known without the accepted domains')
    : undefined;
}

/** `seen` undefined: nothing was seen that could be too much. */
function amount(seen: number | undefined, { value, raisedTo }: Limit<Amount>, words: (n: number) => string): Answer {
  if (seen === undefined || value === 'none') return undefined;
  if (seen <= value) return undefined;
  const more = `${words(seen)}, and it takes ${value > 1_000_000 ? byteCount(value) : value.toLocaleString('en-US')}`;
  if (raisedTo === undefined) return against(more);
  if (raisedTo === 'on request') return open(`${more} until it is raised on request`);
  return seen <= raisedTo ? open(`${more} until it is raised`) : against(`${more}, and ${byteCount(raisedTo)} at most`);
}

/** What is easiest to keep going comes first: what changes nothing on the device, and what is not about to be retired. */
const PREFERRED: Readonly<Record<'logs-on' | 'anonymous', readonly TargetId[]>> = {
  'logs-on': ['high-volume-email', 'connector-relay', 'communication-services', 'client-submission', 'direct-send'],
  anonymous: ['connector-relay', 'direct-send', 'high-volume-email', 'communication-services', 'client-submission'],
};

/** The first that fits, else the first of which it is not known; `judgements`: of the same demand. */
export function recommend({ authenticated, messages }: Demand, judgements: readonly Judgement[]): Recommendation {
  if (messages === 0) return { target: null, fit: 'unknown', because: judgements[0]?.because ?? [] };
  const order = PREFERRED[authenticated === 'yes' || authenticated === 'mixed' ? 'logs-on' : 'anonymous'];
  const ranked = order.flatMap((id) => judgements.find(({ target }) => target === id) ?? []);
  const best = ranked.find(({ fit }) => fit === 'fits') ?? ranked.find(({ fit }) => fit === 'unknown');
  if (best) return best;
  return {
    target: 'own-relay',
    fit: 'fits',
    because: [
      `none of the services takes it: ${ranked
        .map(({ because }) => because[0])
        .filter((one, at, all) => all.indexOf(one) === at)
        .join('; ')}`,
    ],
  };
}
