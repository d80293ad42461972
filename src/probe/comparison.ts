/** A prediction beside what was really answered: where they part, and what that means. Pure. */
import { partsOf, sameName } from '../connector/connector.ts';
import { type Address, formatAddress } from '../net/address-range.ts';
import { reasonOf } from '../relay/replay/circumstances.ts';
import { changeBetween } from '../relay/replay/reply-comparison.ts';
import { onOneLine } from '../smtp/replies/template.ts';
import { findReply } from '../smtp/reply-catalogue.ts';
import { type Answer, type Dialogue, type Step, textOf } from './dialogue.ts';
import type { Offer } from './offer.ts';
import type { Prediction, Predictor } from './prediction.ts';

/** A reply as predicted and as given; null: not to be told, or none was given. */
export interface ComparedAnswer {
  readonly step: Step;
  readonly subject: string | null;
  readonly predicted: string | null;
  readonly answered: string | null;
  /** null: the prediction does not tell. */
  readonly agrees: boolean | null;
}

/** All replies up to the first that is another one. */
export interface Comparison {
  readonly agrees: boolean;
  readonly answers: readonly ComparedAnswer[];
  /** Sentences; the first says whether they agree. */
  readonly meaning: readonly string[];
}

/** `own`: the address of this machine. `seenAs`: the one that the server named; null where it named none. */
export async function compare(
  predictor: Predictor,
  prediction: Prediction,
  dialogue: Dialogue,
  { own, seenAs }: { readonly own: Address; readonly seenAs: Address | null },
): Promise<Comparison> {
  const answers = answersBeside(prediction, dialogue);
  const agrees = answers.every((one) => one.agrees !== false);
  return { agrees, answers, meaning: await meaningOf(predictor, prediction, dialogue, { own, seenAs, answers, agrees }) };
}

async function meaningOf(
  predictor: Predictor,
  prediction: Prediction,
  dialogue: Dialogue,
  {
    own,
    seenAs,
    answers,
    agrees,
  }: {
    readonly own: Address;
    readonly seenAs: Address | null;
    readonly answers: readonly ComparedAnswer[];
    readonly agrees: boolean;
  },
): Promise<string[]> {
  const moved = seenAs !== null && (seenAs.family !== own.family || seenAs.value !== own.value) ? seenAs : null;
  const other = otherServer(predictor, prediction, dialogue);
  if (agrees) {
    const isWhole = answers.every((one) => one.agrees !== null);
    const said = [`The server answered as its configuration says${isWhole ? '' : ', as far as that can be told'}.`];
    if (moved) said.push(`It sees this machine as ${formatAddress(moved)}, though, and not as ${formatAddress(own)}.`);
    return [...said, ...other];
  }
  const first = answers.find((one) => one.agrees === false)!;
  const said = [`The server answered otherwise than its configuration says, at ${nameOf(first)}.`, ...other];
  if (first.answered !== null && first.answered >= '400') {
    const reason = reasonOf(first.answered);
    if (reason !== 'decided')
      return [
        ...said,
        reason === 'counted'
          ? 'That reply depends on how many connections or messages there are at the time: the configuration alone does not decide it.'
          : 'That reply is not decided by receive connectors: mailboxes, agents, the state of the server or a server that is no Exchange are behind it.',
      ];
  }
  if (first.step === 'hello') said.push(...offersApart(prediction, dialogue));
  if (first.step === 'auth') said.push('The prediction takes the password to be right.');
  if (moved) {
    const behind = await predictor.predict(moved);
    const fits = isLike(behind, dialogue);
    said.push(
      `The server sees this machine as ${formatAddress(moved)}, not as ${formatAddress(own)}: a NAT or a load balancer stands between. By its configuration that address lands on ${connectorName(behind)}${fits ? ', which answers just as the server did' : ', which answers otherwise too'}.`,
    );
    if (fits) return said;
  }
  const named = (await predictor.byOtherConnectors(seenAs ?? own, prediction.connector)).filter((one) => isLike(one, dialogue));
  if (named.length > 0)
    said.push(
      `It answered as ${named.map(connectorName).join(' or ')} would: another connector took this machine than ${connectorName(prediction)}.`,
    );
  said.push(
    `The configuration is of ${new Date(predictor.configuration.asOf).toISOString().slice(0, 16).replace('T', ' ')} UTC: export and import it again if connectors, rights or accepted domains were changed since.`,
  );
  return said;
}

/** What EHLO offers less and more than was predicted. */
function offersApart({ offers: predicted }: Prediction, { offers: answered }: Dialogue): string[] {
  if (!predicted || !answered) return [];
  const [a, b] = [predicted.before, answered.before];
  const said: string[] = [];
  if (a.startTls && !b.startTls)
    said.push(
      'STARTTLS is not offered although the connector has Tls: no certificate fits its Fqdn or TlsCertificateName (event 12014), or a firewall takes the word out.',
    );
  if (!a.startTls && b.startTls) said.push('STARTTLS is offered although the connector has no Tls.');
  const [was, is] = [predicted.after ?? a, answered.after ?? b].map(({ auth }) => auth.join(' ') || 'no logon');
  if (was !== is) said.push(`It offers ${is} where the configuration has ${was}.`);
  return said;
}

const connectorName = ({ connector }: Prediction): string =>
  connector === null ? 'no connector at all' : `"${partsOf(connector).name.replace(/\p{Cc}/gu, '␣')}"`;

const NAMES: Readonly<Record<Step, string>> = {
  connect: 'the banner',
  hello: 'EHLO',
  'start-tls': 'STARTTLS',
  auth: 'AUTH',
  mail: 'MAIL',
  recipient: 'RCPT',
  data: 'DATA',
  'end-of-data': 'the end of the message',
  reset: 'RSET',
  quit: 'QUIT',
};

const nameOf = ({ step, subject }: ComparedAnswer): string =>
  step === 'recipient' && subject !== null ? `RCPT for ${subject}` : NAMES[step];

const isLike = (prediction: Prediction, dialogue: Dialogue): boolean =>
  answersBeside(prediction, dialogue).every(({ agrees }) => agrees !== false);

/** Up to the first that differs: from there on the conversations are two. */
function answersBeside(prediction: Prediction, dialogue: Dialogue): ComparedAnswer[] {
  const left = dialogue.answers.filter(({ step }) => step !== 'reset' && step !== 'quit');
  const compared: ComparedAnswer[] = [];
  let hellos = 0;
  for (const { step, subject, reply } of prediction.answers) {
    const answer = left.shift();
    const isSame = answer !== undefined && answer.step === step && answer.subject === subject;
    const answered = isSame ? onOneLine(textOf(answer)) : null;
    if (!isSame && answer === undefined && dialogue.fault === null) break;
    const offers = step === 'hello' ? offersAt(hellos++, prediction, dialogue) : null;
    const agrees = reply === null ? null : isSame && isLikely(reply, answer, offers);
    compared.push({ step, subject, predicted: reply, answered, agrees });
    if (agrees === false) return compared;
    // Behind an answer that could not be told, nothing is known.
    if (agrees === null && answered !== null && answered >= '400' && step !== 'recipient') return compared;
  }
  const [more] = left;
  if (more)
    compared.push({ step: more.step, subject: more.subject, predicted: null, answered: onOneLine(textOf(more)), agrees: false });
  return compared;
}

type Pair = readonly [predicted: Offer, answered: Offer] | null;

function offersAt(hello: number, { offers: predicted }: Prediction, { offers: answered }: Dialogue): Pair {
  if (!predicted || !answered) return null;
  if (hello === 0) return [predicted.before, answered.before];
  return predicted.after && answered.after ? [predicted.after, answered.after] : null;
}

function isLikely(predicted: string, answer: Answer, offers: Pair): boolean {
  const answered = onOneLine(textOf(answer));
  // Words differ between versions and from server to server; what decides is what a client may do.
  if (predicted < '400') return answered < '400' && (offers === null || isSameOffer(offers));
  if (answered < '400') return false;
  const [a, b] = [predicted, answered].map((reply) => findReply(reply, { side: 'receive' })?.entry.id);
  return changeBetween(answered, predicted, '2016+') === 'none' || (a !== undefined && a === b);
}

const isSameOffer = ([predicted, answered]: NonNullable<Pair>): boolean =>
  predicted.startTls === answered.startTls && [...predicted.auth].sort().join() === [...answered.auth].sort().join();

/** The banner or the hello name another server than the one whose configuration was asked. */
function otherServer({ configuration }: Predictor, { connector }: Prediction, { offers }: Dialogue): string[] {
  const said = offers?.before.server ?? '';
  if (said === '' || sameName(firstLabel(said), firstLabel(configuration.server))) return [];
  const taken = configuration.connectors.find((one) => `${one.server}\\${one.name}` === connector);
  if (taken?.properties.Fqdn && sameName(taken.properties.Fqdn, said)) return [];
  return [
    `The server calls itself ${said}, while the configuration is that of ${configuration.server}: several servers may stand behind one name. --from-connector <server> names another one.`,
  ];
}

const firstLabel = (name: string): string => name.split('.')[0]!;
