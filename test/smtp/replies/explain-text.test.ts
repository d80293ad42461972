import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { explainText, type MatchQuality } from '../../../src/smtp/replies/explain-text.ts';
import { REPLIES } from '../../../src/smtp/reply-catalogue.ts';

const SERVER = '2026-11-02T08:00:00.000Z,EX01\\Default Frontend EX01,08DC6C1A0B2C3D51,9,10.0.0.5:25,10.0.9.9:50111';
const SENDER = '2026-11-02T08:00:00.000Z,Internet,08DC6C1A0B2C4000,2,10.0.0.5:5000,203.0.113.9:25';

/** `id:how` of the candidates, those quoted by another with its id behind. */
function candidates(text: string): string[] {
  const explained = explainText(text);
  return explained.kind !== 'known'
    ? []
    : explained.candidates.map(
        ({ entry, how, quotedBy }) => `${entry.id}:${how}${quotedBy === undefined ? '' : ` in ${quotedBy}`}`,
      );
}

describe('a pasted text', () => {
  it.each<[pasted: string, id: string, how: MatchQuality]>([
    ['550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain', 'relay-denied', 'exact'],
    ['Server returned: 550 5.7.1 Unable to relay', 'relay-denied', 'exact'],
    ['"550-5.7.1 Unable to relay"', 'relay-denied', 'exact'],
    ['error:550 5.7.1 Unable to relay', 'relay-denied', 'exact'],
    ['[550 5.7.1 Unable to relay]', 'relay-denied', 'exact'],
    ['smtp;550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain', 'relay-denied', 'exact'],
    ['#5.7.1 smtp;550 5.7.1 Unable to relay #SMTP#', 'relay-denied', 'exact'],
    ['> > 550 5.7.54 SMTP; Unable to relay\n> > recipient in non-accepted domain', 'relay-denied', 'exact'],
    [
      "Remote Server returned '550 5.7.64 TenantAttribution; Relay Access Denied [X.OUTLOOK.COM]'",
      'online-relay-denied',
      'exact',
    ],
    ["(535, b'5.7.3 Authentication unsuccessful')", 'authentication-failed', 'exact'],
    [
      'Invalid login: 535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. Visit https://aka.ms/smtp_auth_disabled for more information.',
      'online-authentication-disabled-for-tenant',
      'exact',
    ],
    ['connect ECONNREFUSED 10.0.20.5:25', 'connection-refused', 'exact'],
    ['TLS negotiation failed with error AlgorithmMismatch', 'tls-negotiation-failed', 'exact'],
    ['550 5.7.54 SMTP; Unable\nto relay recipient in non-acc\nepted domain', 'relay-denied', 'text'],
    ['550 5.7.54 SMTP; Unable to rel...', 'relay-denied', 'text'],
    ['UNABLE TO RELAY', 'relay-denied', 'text'],
    [
      'Mailbox unavailable. The server response was: 5.7.54 SMTP; Unable to relay recipient in non-accepted domain',
      'relay-denied',
      'text',
    ],
    ['Send error: "Client was not authenticated".', 'client-not-authenticated', 'text'],
    ['SMTP error 5.7.54', 'relay-denied', 'code only'],
    ['535', 'authentication-failed', 'code only'],
    ['Error code: 552', 'announced-size-exceeded', 'code only'],
    ['5.7.64', 'online-relay-denied', 'code only'],
    ['550 5.7.133 something new', 'undelivered-sender-not-authenticated', 'code only'],
  ])('is understood: %j', (pasted, id, how) => {
    expect(candidates(pasted)[0]).toBe(`${id}:${how}`);
  });

  it('of a non-delivery report is the reply in it', () => {
    const report = `Delivery has failed to these recipients or groups:
anna@fabrikam.example
Diagnostic information for administrators:
Generating server: EX01.contoso.example
anna@fabrikam.example
mail.fabrikam.example #550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup ##`;
    expect(candidates(report)).toContain('undelivered-recipient-not-found:exact');
  });

  it('that quotes a reply is both, the outer one first', () => {
    expect(candidates("550 5.7.0 Proxy session setup failed on Frontend with  '550 5.7.1 Unable to relay'")).toEqual([
      'front-end-send-refused:exact',
      'relay-denied:exact in front-end-send-refused',
    ]);
  });

  it('may be several entries, those that are asked for most first where only a code is known', () => {
    expect(candidates('452 4.3.1 Insufficient system resources')).toEqual([
      'back-pressure-at-connect:exact',
      'back-pressure:exact',
      'back-pressure-at-end:exact',
    ]);
    expect(candidates('550')[0]).toBe('relay-denied:code only');
  });

  it('prefers the stage and side that are known', () => {
    const explained = explainText('452 4.3.1 Insufficient system resources', { stage: 'end-of-data', side: 'receive' });
    expect(explained.kind === 'known' && explained.candidates[0].entry.id).toBe('back-pressure-at-end');
  });

  it.each([
    '',
    'hello',
    '550 We do not like you',
    '599 5.9.9 Strange',
    'EX01 15.1.2507.6 at 192.168.5.10:587',
    '2026-11-02 10:15:00',
  ])('that the catalogue does not know is unknown: %j', (pasted) => {
    expect(explainText(pasted).kind).toBe('unknown');
  });

  it('has its digits explained, known or not', () => {
    const { codes } = explainText('451 5.7.999 Never heard of');
    expect(codes).toHaveLength(1);
    expect(codes[0]).toMatchObject({ basic: '451', enhanced: '5.7.999' });
    expect(codes[0]!.says.join(' ')).toMatch(/trying again.*mail system.*security.*three digits/s);
  });
});

describe('a pasted row', () => {
  it.each<[row: string, id: string]>([
    [`${SERVER},>,550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain,`, 'relay-denied'],
    [`${SERVER},>,"421 4.7.0 Too many errors on this connection, closing transmission channel",`, 'too-many-errors'],
    [`${SERVER},>,250  ex01 Hello [10.0.9.9] SIZE 37748736 STARTTLS XRDST,`, 'extended-hello-accepted'],
    [`${SERVER},>,250-STARTTLS,`, 'hello-extension'],
    [`${SERVER},>,334 <authentication response>,`, 'authentication-challenge'],
    [`${SERVER},*,,TLS negotiation failed with error AlgorithmMismatch`, 'tls-negotiation-failed'],
    [`${SERVER},*,SMTPSubmit SMTPAcceptAnySender,Set Session Permissions`, 'session-permissions'],
    [`${SERVER},*,CONTOSO\\scanner,authenticated`, 'client-authenticated'],
    [`${SERVER},-,,Remote(ConnectionReset)`, 'closed-remotely'],
    [`${SERVER},-,,Local`, 'closed-locally'],
    [`${SENDER},*,,TLS negotiation failed with error UnknownCredentials`, 'send-tls-negotiation-failed'],
    [`${SENDER},<,421 4.4.2 Connection dropped,`, 'send-connection-dropped'],
    [`${SENDER},<,250 2.0.0 Ok: queued as 4C1D22A0,`, 'remote-message-queued'],
    [`${SERVER},,,Local  `.trim(), 'closed-locally'],
  ])('is understood: %j', (row, id) => {
    expect(candidates(row)[0]).toBe(`${id}:exact`);
  });

  it('with a delayed reply is both', () => {
    expect(candidates(`${SERVER},*,Tarpit for '0.00:00:05' due to '504 5.7.4 Unrecognized authentication type',`)).toEqual([
      'reply-delayed:exact',
      'unrecognized-authentication-type:exact in reply-delayed',
    ]);
  });

  it('is given back, so that it can be shown', () => {
    expect(explainText(`${SERVER},>,"250 a, b",`).row).toEqual({
      connector: 'EX01\\Default Frontend EX01',
      event: '>',
      data: '250 a, b',
      context: '',
    });
  });

  it.each([`${SERVER},<,EHLO printer,`, `${SERVER},<,MAIL FROM:<a@b>,`, `${SENDER},>,BDAT 100 LAST,`, `${SERVER},<,,`])(
    'of a command says so: %j',
    (row) => {
      expect(explainText(row).kind).toBe('command');
    },
  );

  it('of a beginning says so', () => {
    expect(explainText(`${SERVER},+,,`).kind).toBe('connected');
  });

  it('is the refusal, where several were pasted', () => {
    const rows = [`${SERVER},<,RCPT TO:<a@b>,`, `${SERVER},>,550 5.7.1 Unable to relay,`, `${SERVER},<,QUIT,`].join('\r\n');
    expect(candidates(rows)).toEqual(['relay-denied:exact']);
  });

  it('that is cut off is read as text', () => {
    expect(candidates(`10.0.9.9:50111,>,550 5.7.1 Unable to relay,`)).toEqual(['relay-denied:exact']);
    expect(explainText(`${SERVER},>,"550 5.7.1 Unable`).row).toBeUndefined();
  });
});

describe('explaining', () => {
  it('finds every sample of the catalogue', () => {
    const lost = REPLIES.flatMap((entry) =>
      entry.samples.filter((sample) => {
        const explained = explainText(sample, { stage: entry.stage, side: entry.side });
        return explained.kind !== 'known' || explained.candidates[0].entry !== entry || explained.candidates[0].how !== 'exact';
      }),
    );
    expect(lost).toEqual([]);
  });

  it('takes any text whatever, and names no entry twice', () => {
    const pieces = fc.constantFrom(
      '550',
      ' ',
      '5.7.1',
      'smtp;',
      '\n',
      '"',
      '> ',
      'Unable to relay',
      '#',
      ',',
      SERVER,
      '[',
      '<>',
      '\u0000',
      'a',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(pieces).map((parts) => parts.join('')),
        ),
        (text) => {
          const found = candidates(text).map((one) => one.split(':')[0]);
          expect(new Set(found).size).toBe(found.length);
        },
      ),
    );
  });

  it.each(
    ['550 ', '5.7.1 ', '5.', '> ', '"', "550 5.7.1 'b", 'Unable to relay ', ' \t', `${SERVER},>,550\n`, 'a', '550-5.7.1\r\n'].map(
      (piece) => ({ piece }),
    ),
  )('takes no longer for hostile text: $piece', ({ piece }) => {
    expect(explainText(piece.repeat(Math.ceil(100_000 / piece.length))).codes).toBeDefined();
    explainText(`${SERVER},>,"550 ${piece.repeat(Math.ceil(100_000 / piece.length))}`);
  });
});
