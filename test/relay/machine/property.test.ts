/** Whatever a client sends: the conversation stays legal, and its log is that of the product. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FRONTEND, RELAY, SUBMISSION, Talk } from './conversing.ts';

const LINES = [
  'EHLO app',
  'HELO app',
  'EHLO',
  'EHLO UPS room 2',
  'STARTTLS',
  'AUTH LOGIN',
  'AUTH LOGIN Y3Jt',
  'AUTH PLAIN x',
  'AUTH NTLM',
  'Y3Jt',
  'c2VjcmV0',
  '*',
  'MAIL FROM:<a@contoso.example>',
  'MAIL FROM:<>',
  'mail from: a@contoso.example SIZE=10 BODY=8BITMIME',
  'MAIL FROM:<a b>',
  'RCPT TO:<b@contoso.example>',
  'RCPT TO:<x@fabrikam.example>',
  'RCPT TO:<x@fabrikam.example> NOTIFY=NEVER',
  'DATA',
  'Subject: x',
  '',
  'text',
  '..',
  '.',
  'BDAT 4',
  'BDAT 0 LAST',
  'BDAT 6 LAST',
  'RSET',
  'NOOP',
  'VRFY a',
  'HELP',
  'EXPN b',
  'QUIT',
  'QUIT x',
  'XPROXYFROM SID=1',
  '\u0016\u0003\u0001',
  'ÄÖÜ, "quoted"',
];
const line = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...LINES) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
);
const packet = fc.array(line, { minLength: 1, maxLength: 4 });
const stage = fc.record({
  version: fc.constantFrom('2013' as const, '2016+' as const),
  remote: fc.constantFrom('10.0.20.11:50100', '10.0.20.12:50111', '[fd00:20::31]:49800'),
  port: fc.constantFrom(25, 587),
});

function talkOf({ version, remote, port }: { version: '2013' | '2016+'; remote: string; port: number }): Talk {
  const local = remote.startsWith('[') ? `[fd00::5]:${port}` : `10.0.0.5:${port}`;
  return new Talk({ version, remote, local, connectors: [FRONTEND, SUBMISSION, RELAY], users: { crm: 'secret' } });
}

describe('any sequence of lines', () => {
  it('is answered legally: whole lines, each of a known code, the last line of each reply marked', () => {
    fc.assert(
      fc.property(stage, fc.array(packet, { maxLength: 12 }), (where, packets) => {
        const talk = talkOf(where);
        const heard = [talk.hear(), ...packets.map((lines) => talk.say(...lines))].flat();
        for (const reply of heard) expect(reply).toMatch(/^(2[0-5]\d|334|354|4[2-5]\d|5[0-5]\d)[ -][\x20-\x7e]*$/);
        let open = '';
        for (const reply of heard) {
          if (open !== '') expect(reply.slice(0, 3)).toBe(open);
          open = reply[3] === '-' ? reply.slice(0, 3) : '';
        }
        expect(open).toBe('');
      }),
      { numRuns: 400 },
    );
  });

  it('leaves a log without anomalies, that tells of the messages and recipients that were taken', () => {
    fc.assert(
      fc.property(
        stage,
        fc.array(packet, { maxLength: 14 }),
        fc.constantFrom(undefined, 'ConnectionReset'),
        (where, packets, error) => {
          const talk = talkOf(where);
          for (const lines of packets) talk.say(...lines);
          if (!talk.closed) talk.hangUp(error);
          const { session } = talk;
          expect(session.anomalies).toEqual([]);
          expect(session.ended).toBe(true);
          expect(session.messagesAccepted).toBe(talk.delivered.length);
          expect(session.recipientsAccepted).toBe(
            talk.delivered.reduce((sum, { envelope }) => sum + envelope.recipients.length, 0),
          );
          const accepted = session.transactions.filter(({ state }) => state === 'accepted').map(({ sender }) => sender);
          expect(accepted).toEqual(talk.delivered.map(({ envelope }) => envelope.sender));
        },
      ),
      { numRuns: 400 },
    );
  });

  it('is answered the same, however it is cut into packets', () => {
    fc.assert(
      fc.property(stage, packet, fc.array(fc.nat(200), { maxLength: 8 }), (where, lines, cuts) => {
        const octets = Buffer.from(['EHLO app', ...lines].map((one) => `${one}\r\n`).join(''));
        const whole = talkOf(where);
        const heard = whole.send(octets);
        const pieces = talkOf(where);
        const places = [...new Set([0, ...cuts.map((cut) => cut % octets.length), octets.length])].sort((a, b) => a - b);
        // What follows STARTTLS in clear is thrown away, and where the cuts are then matters.
        fc.pre(!lines.includes('STARTTLS'));
        const again = places.slice(1).flatMap((end, index) => pieces.send(octets.subarray(places[index], end)));
        const withoutTimes = (all: string[]): string[] => all.map((reply) => reply.replace(/in [\d.]+, [\d.]+ KB/, ''));
        expect(withoutTimes(again)).toEqual(withoutTimes(heard.slice(0)));
      }),
      { numRuns: 300 },
    );
  });
});

describe('the content of a message', () => {
  const octets = fc
    .array(fc.constantFrom('a', '.', '\r', '\n', '\r\n', '\r\n.', '\r\n..', '\n.\n', '\0', '\xff'), { maxLength: 40 })
    .map((parts) => parts.join(''));
  const begun = (): Talk => {
    const talk = new Talk({ remote: '10.0.20.11:50100' });
    talk.say('EHLO app');
    talk.say('MAIL FROM:<a@contoso.example>');
    talk.say('RCPT TO:<b@contoso.example>');
    return talk;
  };

  it('comes through DATA as it was, with its dots doubled on the way', () => {
    fc.assert(
      fc.property(octets, fc.array(fc.nat(60)), (text, cuts) => {
        const talk = begun();
        talk.say('DATA');
        const wire = `${text.replace(/(^|\r\n)\./g, '$1..')}${text === '' || text.endsWith('\r\n') ? '' : '\r\n'}.\r\n`;
        const sent = Buffer.from(wire, 'latin1');
        const places = [...new Set([0, ...cuts.map((cut) => cut % sent.length), sent.length])].sort((a, b) => a - b);
        const replies = places.slice(1).flatMap((end, index) => talk.send(sent.subarray(places[index], end)));
        expect(replies.at(-1)).toMatch(/^250 2\.6\.0 /);
        expect(talk.delivered[0]?.content).toBe(text === '' || text.endsWith('\r\n') ? text : `${text}\r\n`);
      }),
      { numRuns: 300 },
    );
  });

  it('comes through BDAT octet for octet, however it is cut', () => {
    fc.assert(
      fc.property(fc.array(octets, { minLength: 1, maxLength: 5 }), (chunks) => {
        const talk = begun();
        const wire = chunks.map((chunk, index) =>
          Buffer.concat([
            Buffer.from(`BDAT ${chunk.length}${index === chunks.length - 1 ? ' LAST' : ''}\r\n`),
            Buffer.from(chunk, 'latin1'),
          ]),
        );
        talk.send(Buffer.concat(wire));
        expect(talk.delivered[0]?.content).toBe(chunks.join(''));
        expect(talk.session.anomalies).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  it('does not end at a dot between bare line feeds', () => {
    const talk = begun();
    talk.say('DATA');
    expect(talk.send(Buffer.from('Subject: x\r\n\r\none\n.\nMAIL FROM:<evil@contoso.example>\n.\r\n'))).toEqual([]);
    expect(talk.say('.')[0]).toMatch(/^250 2\.6\.0 /);
    expect(talk.delivered).toHaveLength(1);
  });
});

describe('what came in clear', () => {
  it('behind STARTTLS counts for nothing', () => {
    const talk = new Talk({ local: '10.0.0.5:587', users: { crm: 'secret' } });
    talk.say('EHLO app');
    talk.say('STARTTLS', 'EHLO injected', 'MAIL FROM:<evil@contoso.example>');
    expect(talk.say('MAIL FROM:<a@contoso.example>')).toEqual(['503 5.5.2 Send hello first']);
    expect(talk.log.some((row) => row.includes('injected') || row.includes('evil'))).toBe(false);
  });

  it('a password never stands in the log', () => {
    const talk = new Talk({ local: '10.0.0.5:587', users: { crm: 'secret' } });
    for (const one of ['EHLO app', 'STARTTLS', 'EHLO app', 'AUTH LOGIN Y3Jt', 'c2VjcmV0']) talk.say(one);
    expect(talk.rows.some(({ data, context }) => /c2VjcmV0|secret|Y3Jt/.test(data + context))).toBe(false);
  });
});
