/** Whatever a server answers, there is a page, and no password on it. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { conduct } from '../../src/probe/conduct.ts';
import { ConversationOver, type LineFault, type Reply, type SmtpLine } from '../../src/probe/line.ts';
import type { ProbeOrder } from '../../src/probe/order.ts';
import { probeReport } from '../../src/probe/probe-report.ts';
import { renderText } from '../../src/render/text.ts';
import { probeDocument } from '../../src/reports/probe.ts';
import { ORDER } from './probing.ts';

const PASSWORD = 'hunter2/+';

/** Answers in this order, then nothing more. */
function lineOf(replies: readonly Reply[], fault: LineFault): { line: SmtpLine; said: string[] } {
  const left = [...replies];
  const said: string[] = [];
  let at = 0;
  const line: SmtpLine = {
    now: () => (at += 700),
    read: async () => {
      const reply = left.shift();
      if (!reply) throw new ConversationOver(fault);
      return reply;
    },
    write: (...lines) => void said.push(...lines),
    startTls: async () => {
      if (left.length === 0) throw new ConversationOver({ kind: 'handshake', code: 'ECONNRESET', message: '' });
      return null;
    },
  };
  return { line, said };
}

const words = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom('STARTTLS', 'AUTH LOGIN', 'x Hello [10.0.0.9]', 'AUTH', '5.7.54 SMTP; Unable to relay', PASSWORD, '\u001b[2J'),
  fc.constant(Buffer.from(PASSWORD).toString('base64')),
);
const reply: fc.Arbitrary<Reply> = fc.record({
  code: fc.oneof(fc.constantFrom(220, 250, 334, 235, 354, 421, 550), fc.integer({ min: 0, max: 999 })),
  lines: fc.array(words, { minLength: 1, maxLength: 5 }),
});
const fault = fc.constantFrom<LineFault>(
  { kind: 'closed' },
  { kind: 'timed-out' },
  { kind: 'endless' },
  { kind: 'not-smtp', first: PASSWORD },
  { kind: 'broken', code: 'ECONNRESET', message: '' },
);
const order: fc.Arbitrary<ProbeOrder> = fc.record({
  helo: fc.constant('mfp-01'),
  tls: fc.constantFrom('never', 'if-offered', 'required'),
  credentials: fc.constantFrom(null, { user: 'crm', password: PASSWORD }),
  sender: fc.constantFrom(null, '', 'scan@contoso.example'),
  recipients: fc.constantFrom([], ORDER.recipients, ['a@b.example', 'a@b.example', 'c']),
  message: fc.constantFrom(null, ['Subject: x', '', '.x']),
});

test('any answers make a dialogue that ends, a verdict and a page without the password', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(reply, { maxLength: 14 }), fault, order, async (replies, last, wish) => {
      const { line, said } = lineOf(replies, last);
      const dialogue = await conduct(line, wish);
      const report = probeReport(
        {
          host: 'h',
          port: 25,
          timeout: 1,
          versions: { min: 'TLSv1.2', max: 'TLSv1.3' },
          tls: wish.tls,
          logsOn: wish.credentials !== null,
          sender: wish.sender,
          recipients: wish.recipients,
          sends: wish.message !== null,
          helo: wish.helo,
          lookupFault: null,
          attempts: [{ address: '10.0.0.5', fault: null }],
          addresses: ['10.0.0.5'],
          localAddress: '10.0.20.12',
          localPort: 5,
          remoteAddress: '10.0.0.5',
          dialogue,
          foreign: null,
          at: 0,
          asksConfiguration: false,
        },
        null,
      );
      const page = renderText(probeDocument(report, 'UTC'), { zone: { name: 'UTC' }, width: 80, colour: false });
      if (wish.credentials)
        for (const secret of [PASSWORD, Buffer.from(PASSWORD).toString('base64')])
          expect(JSON.stringify(report) + page).not.toContain(secret);
      expect(page).not.toContain('\u001b');
      // The content is sent only where DATA was granted, a recipient accepted, and the message wanted.
      if (said.includes('..x')) expect(wish.message).not.toBeNull();
      // Nothing refused means nothing but acceptance, and the other way round.
      if (report.verdict.exitCode === 0 && wish.sender !== null && wish.recipients.length > 0)
        expect(report.recipients.every(({ accepted }) => accepted)).toBe(true);
    }),
    { numRuns: 300 },
  );
});
