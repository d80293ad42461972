/** What a probe says, as a page: the verdict first, with what to do; then the conversation, TLS, the prediction, and what was not tested. */
import type { Document, Section, Table, TranscriptLine } from '../document/document.ts';
import { literal } from '../powershell/quoting.ts';
import type { ConversationLine, ExplainedAnswer, ProbeReport, ReportedPrediction } from '../probe/probe-report.ts';
import { answerSections } from './explanation.ts';

/** `zone`: said under the conversation. */
export function probeDocument(report: ProbeReport, zone: string): Document {
  const { verdict, explanations, conversation, prediction } = report;
  const known = valuesOf(report);
  const [deciding, others] = [explanations.filter((one) => one.isDeciding), explanations.filter((one) => !one.isDeciding)];
  const conversationFirst: Section[] =
    conversation.length === 0
      ? []
      : [
          { kind: 'heading', text: 'The conversation' },
          { kind: 'transcript', lines: transcript(conversation) },
          { kind: 'text', text: `> this machine said, < the server answered; times are ${zone}.` },
          ...(report.remarks.length > 0 ? [points(report.remarks)] : []),
        ];
  return {
    title: 'Probe',
    sections: [
      { kind: 'heading', text: verdict.sentence },
      ...(deciding.length === 0 ? remedy(verdict.remedy) : deciding.flatMap((one) => answerSections(one.explanation, known))),
      figures(report),
      ...conversationFirst,
      ...(others.length > 0
        ? [{ kind: 'heading', text: 'Other refusals' } as const, ...others.flatMap((one) => otherSections(one, known))]
        : []),
      ...tlsSections(report),
      ...(prediction ? predictionSections(prediction, report.offers) : []),
      { kind: 'heading', text: 'Not tested' },
      points(verdict.notTested),
    ],
  };
}

/** What stands at placeholders of commands. Not the connector: the one that refused is mostly not the one to be changed. */
function valuesOf({ verdict, seenAs, localEndpoint, recipients, sender, prediction, host }: ProbeReport): Record<string, string> {
  const own = localEndpoint?.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  const client = seenAs ?? own ?? prediction?.prediction.client;
  const refused = recipients.find(({ reply }) => reply !== null && reply === verdict.reply)?.address;
  return {
    ...(client === undefined ? {} : { client: literal(client) }),
    ...(refused === undefined ? {} : { recipient: literal(refused) }),
    ...(sender ? { sender: literal(sender) } : {}),
    ...(prediction ? { server: literal(prediction.server) } : { server: literal(host) }),
  };
}

const remedy = (lines: readonly string[]): Section[] => (lines.length === 0 ? [] : [points(lines)]);

/** Sentences, one below the other. */
const points = (lines: readonly string[]): Section => ({
  kind: 'figures',
  figures: lines.map((value) => ({ label: '-', value, cell: 'text' })),
});

function otherSections({ reply, explanation }: ExplainedAnswer, known: Readonly<Record<string, string>>): Section[] {
  return [{ kind: 'heading', text: reply }, ...answerSections(explanation, known)];
}

type Figure = { readonly label: string; readonly value: string; readonly cell: 'text' };

function figures(report: ProbeReport): Section {
  const { host, port, address, addresses, attempts, localEndpoint, seenAs, helo, tls, conversation } = report;
  const rows: Figure[] = [];
  const add = (label: string, value: string): void => void rows.push({ label, value, cell: 'text' });
  const named = host.includes(':') ? `[${host}]` : host;
  add('Server', `${named}:${port}${address === null || address === host ? '' : `, at ${address}`}`);
  if (addresses.length > 1) add('', `the name has ${addresses.length} addresses: ${addresses.slice(0, 6).join(', ')}`);
  if (attempts.length > 1) for (const one of attempts) add('', `${one.address}: ${one.result}`);
  if (localEndpoint !== null)
    add('From', `${localEndpoint}${seenAs === null ? '' : `, which the server sees as ${seenAs}`}; EHLO ${helo}`);
  if (report.sender !== null) add('Sender', report.sender === '' ? '<>' : report.sender);
  report.recipients.slice(0, SHOWN_RECIPIENTS).forEach(({ address: recipient, reply }, index) => {
    add(index === 0 ? 'Recipients' : '', `${recipient}: ${reply ?? 'not asked for'}`);
  });
  if (report.recipients.length > SHOWN_RECIPIENTS) add('', `and ${report.recipients.length - SHOWN_RECIPIENTS} more`);
  if (report.logon !== 'not-tried') add('Logon', report.logon);
  if (conversation.length > 0)
    add('TLS', tls === null ? 'none: all was said in clear' : `${tls.protocol}, ${tls.cipher}; ${strictly(tls)}`);
  return { kind: 'figures', figures: rows };
}

const SHOWN_RECIPIENTS = 10;

const strictly = ({ strictClientAccepts }: NonNullable<ProbeReport['tls']>): string =>
  strictClientAccepts ? 'a strict client would accept it' : 'a strict client would refuse it, most SMTP clients do not';

function transcript(lines: readonly ConversationLine[]): TranscriptLine[] {
  return lines
    .flatMap((line): ConversationLine[] => {
      const note = delayNote(line);
      return note === undefined ? [line] : [line, { ...line, from: 'note', text: note, afterMs: 0 }];
    })
    .map(({ at, afterMs, from, text }, index) => ({
      at: Date.parse(at),
      after: index === 0 ? null : afterMs,
      event: from === 'client' ? '>' : from === 'server' ? '<' : '*',
      data: text,
      context: '',
      line: index + 1,
    }));
}

function delayNote({ delay, afterMs }: ConversationLine): string | undefined {
  const seconds = `${(afterMs / 1000).toFixed(1)} s later`;
  switch (delay) {
    case 'none':
      return undefined;
    case 'tarpit':
      return `${seconds}: tarpit`;
    case 'slow':
      return `${seconds}: slow`;
  }
}

function tlsSections({ tls }: ProbeReport): Section[] {
  if (!tls) return [];
  return [
    { kind: 'heading', text: 'The certificate' },
    ...tls.certificates.map(
      (one, index): Section => ({
        kind: 'figures',
        figures: [
          { label: index === 0 ? 'Server' : 'Issuer', value: one.subject, cell: 'text' },
          ...(index === 0
            ? [{ label: 'For', value: one.names.slice(0, 20).join(', ') || '(no names)', cell: 'text' as const }]
            : []),
          { label: 'Issued by', value: one.isSelfSigned ? 'itself' : one.issuer, cell: 'text' },
          { label: 'Valid', value: `${one.notBefore.slice(0, 10)} to ${one.notAfter.slice(0, 10)}`, cell: 'text' },
          ...(index === 0 ? [{ label: 'Thumbprint', value: one.thumbprint, cell: 'text' as const }] : []),
        ],
      }),
    ),
    points([
      ...tls.findings.map(({ text }) => text),
      tls.findings.length === 0
        ? 'Nothing is wrong with it: a client that checks certificates goes on.'
        : tls.strictClientAccepts
          ? 'A client that checks certificates goes on.'
          : 'A client that checks certificates goes no further; most SMTP clients do not check, and this probe went on.',
    ]),
  ];
}

function predictionSections(report: ReportedPrediction, offers: ProbeReport['offers']): Section[] {
  const { server, asOf, to, reason, rivals, elsewhere, prediction, comparison } = report;
  return [
    {
      kind: 'heading',
      text: `By the configuration of ${server}: ${prediction.client} at ${to} → ${prediction.connector ?? 'no connector'}`,
    },
    { kind: 'text', text: sentence(reason) },
    ...(rivals.length > 0
      ? [{ kind: 'text', text: `As near: ${rivals.join(', ')}. Which one wins cannot be known.` } as const]
      : []),
    ...elsewhere.map((other): Section => ({ kind: 'text', text: `To ${other.to} it is another one: ${other.reason}.` })),
    predictionTable(report, offers),
    ...(prediction.assumed.length > 0
      ? [{ kind: 'text', text: `Taken to be so: ${prediction.assumed.join('; ')}.` } as const]
      : []),
    ...(comparison ? [{ kind: 'text', text: comparison.meaning.join('\n') } as const] : []),
    { kind: 'figures', figures: [{ label: 'Configuration of', value: Date.parse(asOf), cell: 'minute' }] },
  ];
}

/** What matters of the answers to EHLO: they are long, and alike. */
function offerTexts(offers: ProbeReport['offers']): string[] {
  return [offers?.before, offers?.after].flatMap((one) =>
    one
      ? [
          `250 ${[...(one.startTls ? ['STARTTLS'] : []), one.auth.length > 0 ? `AUTH ${one.auth.join(' ')}` : 'no AUTH'].join(', ')}`,
        ]
      : [],
  );
}

function predictionTable({ prediction, comparison }: ReportedPrediction, offers: ProbeReport['offers']): Table {
  const unknown = '(cannot be told)';
  const nameOf = (step: string, subject: string | null): string =>
    step === 'recipient' ? `RCPT ${subject}` : (STEP_NAMES[step] ?? step);
  const [predictedOffers, answeredOffers] = [offerTexts(prediction.offers), offerTexts(offers)];
  const shown = (step: string, reply: string | null, texts: string[]): string | null =>
    step === 'hello' && reply?.startsWith('250') ? (texts.shift() ?? reply) : reply;
  if (!comparison)
    return {
      kind: 'table',
      columns: [
        { title: 'To', kind: 'text' },
        { title: 'It would say', kind: 'text', shrinks: true, cap: 70 },
        { title: 'Because', kind: 'text', below: 'always' },
      ],
      rows: prediction.answers.map(({ step, subject, reply, because }) => [
        nameOf(step, subject),
        shown(step, reply, predictedOffers) ?? unknown,
        because,
      ]),
      none: 'It would say nothing.',
    };
  const because = new Map(prediction.answers.map((one) => [`${one.step} ${one.subject}`, one.because]));
  return {
    kind: 'table',
    columns: [
      { title: '', kind: 'text' },
      { title: 'To', kind: 'text' },
      { title: 'Predicted', kind: 'text', shrinks: true, cap: 50 },
      { title: 'Answered', kind: 'text', shrinks: true, cap: 50 },
      { title: 'Because', kind: 'text', below: 'always' },
    ],
    rows: comparison.answers.map(({ step, subject, predicted, answered, agrees }) => [
      agrees === null ? '?' : agrees ? '=' : '≠',
      nameOf(step, subject),
      shown(step, predicted, predictedOffers) ?? unknown,
      shown(step, answered, answeredOffers) ?? '(no answer)',
      because.get(`${step} ${subject}`) ?? null,
    ]),
  };
}

const STEP_NAMES: Readonly<Record<string, string>> = {
  connect: '(connect)',
  hello: 'EHLO',
  'start-tls': 'STARTTLS',
  auth: 'AUTH LOGIN',
  mail: 'MAIL',
  data: 'DATA',
  'end-of-data': '(end of data)',
};

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
