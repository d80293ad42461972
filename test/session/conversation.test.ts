import { describe, expect, it } from 'vitest';
import { read } from '../harness.ts';

const BANNER = '+\n> {banner}\n';
const HELLO = `${BANNER}< EHLO mfp-02\n> {hello SIZE 37748736, PIPELINING, STARTTLS, AUTH NTLM, CHUNKING}\n`;
const MAIL = '< MAIL FROM:<scan@contoso.example>\n* {message}\n> 250 2.1.0 Sender OK\n';
const RCPT = '< RCPT TO:<anna@contoso.example>\n> 250 2.1.5 Recipient OK\n';
const DATA = '< DATA\n> 354 Start mail input; end with <CRLF>.<CRLF>\n';
const RSET = '< RSET\n> 250 2.0.0 Resetting\n';
const QUIT = '< QUIT\n> 221 2.0.0 Service closing transmission channel\n- | Local';
const MESSAGE = `${MAIL}${RCPT}${DATA}> {queued 2048}\n`;
const NO_RELAY = '550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain';

for (const dialect of ['A', 'B'] as const) {
  const told = (script: string, from = 0) => read({ dialect, from }, script);

  describe(`the start and the end of a session, dialect ${dialect}`, () => {
    it('have its connector, endpoints and times', () => {
      const session = read(
        { dialect, connector: 'EX01\\Relay, "floor 2" ', local: '[fe80::1%12]:25', remote: '[2001:db8::7]:50111' },
        HELLO + QUIT,
      );
      expect(session).toMatchObject({
        connector: 'EX01\\Relay, "floor 2" ',
        localEndpoint: '[fe80::1%12]:25',
        remoteEndpoint: '[2001:db8::7]:50111',
        startedAt: Date.UTC(2026, 10, 2, 8, 2),
        ended: true,
        disconnect: 'Local',
        anomalies: [],
      });
      expect(session.endedAt).toBeGreaterThan(session.startedAt);
    });

    it('may be masked by hand', () => {
      expect(read({ dialect, local: 'x.x.x.x:25', remote: '10.**.**.31' }, HELLO + MESSAGE + QUIT)).toMatchObject({
        outcome: 'accepted',
        remoteEndpoint: '10.**.**.31',
      });
    });

    it('may lack the connect, the disconnect, or both', () => {
      const [, ...greeted] = HELLO.split('\n');
      const noStart = told(greeted.join('\n') + MESSAGE + QUIT, 1);
      expect(noStart).toMatchObject({ outcome: 'accepted', ended: true, messagesAccepted: 1 });
      const noEnd = told(HELLO + MESSAGE);
      expect(noEnd).toMatchObject({ outcome: 'accepted', ended: false, disconnect: null });
      expect(told(greeted.join('\n') + MESSAGE, 1)).toMatchObject({ outcome: 'accepted', ended: false });
    });

    it('may be cut in the middle of a message: what is there is judged', () => {
      expect(told(`${RCPT}${DATA}> {queued 2048}\n${QUIT}`, 40)).toMatchObject({
        outcome: 'accepted',
        messagesAccepted: 1,
        recipientsAccepted: 1,
        bytesAccepted: dialect === 'B' ? 2048 : 0,
        anomalies: [{ kind: 'cut-start', count: 40 }],
      });
    });

    it('are a probe when a load balancer connected and left', () => {
      expect(told('+\n- | Remote(SocketError)')).toMatchObject({
        outcome: 'probe',
        helo: null,
        disconnect: 'Remote(SocketError)',
        lastError: null,
      });
    });

    it('with Local after QUIT are normal, with or without the 221', () => {
      for (const end of [QUIT, '< QUIT\n- | Local'])
        expect(told(HELLO + MESSAGE + end)).toMatchObject({ outcome: 'accepted', disconnect: 'Local' });
    });

    it('are turned-away where no connector took the connection', () => {
      expect(read({ dialect, connector: '' }, '+\n> 421 4.3.2 Service not available\n- | Local')).toMatchObject({
        connector: '',
        outcome: 'turned-away',
        outcomeReason: '421 4.3.2 Service not available',
      });
    });

    it('are turned-away where a limit was reached, after a tarpit too', () => {
      const limit = '421 4.3.2 The maximum number of concurrent connections has exceeded a limit, closing transmission channel';
      expect(told(`+\n> ${limit}\n- | Local`)).toMatchObject({ outcome: 'turned-away', lastError: limit });
      expect(
        told(
          `+\n* SMTPSubmit | Set Session Permissions\n* Tarpit for '0.00:00:05' due to 'IP discredited'\n> ${limit}\n- | Local`,
        ).outcome,
      ).toBe('turned-away');
    });
  });

  describe(`the hello, dialect ${dialect}`, () => {
    it('names the client', () => {
      expect(told(HELLO + QUIT).helo).toBe('mfp-02');
      expect(told(`${BANNER}< HELO mfp-02\n> 250 ex01.contoso.example Hello [10.0.20.12]\n${QUIT}`)).toMatchObject({
        helo: 'mfp-02',
        outcome: 'probe',
      });
    });

    it('may be missing', () => {
      expect(told(BANNER + QUIT)).toMatchObject({ helo: null, outcome: 'probe' });
    });

    it('may have no name, spaces in it, or a literal address', () => {
      expect(told(`${BANNER}< EHLO\n> 501 5.5.4 Invalid domain name\n${QUIT}`)).toMatchObject({ helo: '', outcome: 'refused' });
      expect(told(`${BANNER}< ehlo scanner room 2\n> 501 5.5.4 Invalid domain name\n${QUIT}`).helo).toBe('scanner room 2');
      expect(told(`${BANNER}< EHLO [10.0.20.12]\n> {hello SIZE 1, CHUNKING}\n${QUIT}`).helo).toBe('[10.0.20.12]');
    });

    it('is the last one that was said', () => {
      expect(
        told(
          `${BANNER}< EHLO scanner_2\n> 501 5.5.4 Invalid domain name\n< HELO mfp-02\n> 250 ex01 Hello [10.0.20.12]\n${MESSAGE}${QUIT}`,
        ),
      ).toMatchObject({
        helo: 'mfp-02',
        outcome: 'accepted',
      });
    });

    it('may be forgotten, which the server refuses at MAIL', () => {
      expect(told(`${BANNER}< MAIL FROM:<a@b>\n> 503 5.5.2 Send hello first\n${QUIT}`)).toMatchObject({
        outcome: 'refused',
        messagesRefused: 1,
        helo: null,
      });
    });
  });

  describe(`the sender, dialect ${dialect}`, () => {
    const senderOf = (command: string) => {
      const [transaction] = told(
        `${HELLO}< ${command}\n* {message}\n> 250 2.1.0 Sender OK\n${RCPT}${DATA}> {queued}\n${QUIT}`,
      ).transactions;
      return transaction?.sender;
    };

    it('is the address of MAIL, however it is written', () => {
      expect(senderOf('MAIL FROM:<scan@contoso.example>')).toBe('scan@contoso.example');
      expect(senderOf('mail from: a@b')).toBe('a@b');
      expect(senderOf('MAIL FROM:<scan@contoso.example> SIZE=18019 BODY=8BITMIME AUTH=<> RET=HDRS')).toBe('scan@contoso.example');
      expect(senderOf('MAIL FROM:<jörg@büro.example> SMTPUTF8')).toBe('jörg@büro.example');
    });

    it('is empty for a bounce', () => {
      expect(senderOf('MAIL FROM:<>')).toBe('');
    });

    it('is not known when its row is missing, though the message is', () => {
      expect(
        told(`${HELLO}#+1\n* {message}\n> 250 2.1.0 Sender OK\n${RCPT}${DATA}> {queued}\n${QUIT}`).transactions,
      ).toMatchObject([{ sender: null, state: 'accepted', recipients: [{ address: 'anna@contoso.example' }] }]);
    });

    it('marks a health probe of the product', () => {
      expect(told(`${HELLO}< MAIL FROM:<HealthMailbox0d0e@contoso.example>\n> 250 2.1.0 Sender OK\n${QUIT}`).healthProbe).toBe(
        true,
      );
      expect(told(HELLO + MESSAGE + QUIT).healthProbe).toBe(false);
      expect(read({ dialect, local: '127.0.0.1:25', remote: '127.0.0.1:5000' }, `${BANNER}${QUIT}`).healthProbe).toBe(true);
    });
  });

  describe(`several messages in one session, dialect ${dialect}`, () => {
    it('count each', () => {
      const session = told(HELLO + MESSAGE + MESSAGE + MESSAGE + QUIT);
      expect(session).toMatchObject({
        outcome: 'accepted',
        messagesAccepted: 3,
        recipientsAccepted: 3,
        transactions: { length: 3 },
      });
      expect(new Set(session.transactions.map((one) => one.messageId)).size).toBe(3);
    });

    it('count each with RSET between, which is no message', () => {
      expect(told(HELLO + MESSAGE + RSET + MESSAGE + RSET + QUIT)).toMatchObject({
        outcome: 'accepted',
        messagesAccepted: 2,
        transactions: { length: 2 },
      });
    });

    it('count the one that was accepted after MAIL was refused once', () => {
      const session = told(
        `${HELLO}< MAIL FROM:<scan@fabrikam.example>\n> 550 5.7.60 SMTP; Client does not have permissions to send as this sender\n${MESSAGE}${QUIT}`,
      );
      expect(session).toMatchObject({ outcome: 'partial', messagesAccepted: 1, messagesRefused: 1, recipientsAccepted: 1 });
      expect(session.transactions.map((one) => one.state)).toEqual(['refused', 'accepted']);
    });

    it('go on with the first when a second MAIL came too early', () => {
      const session = told(
        `${HELLO}${MAIL}< MAIL FROM:<other@contoso.example>\n> 503 5.5.2 Sender already specified\n${RCPT}${DATA}> {queued}\n${QUIT}`,
      );
      expect(session).toMatchObject({ messagesAccepted: 1, recipientsAccepted: 1 });
      expect(session.transactions[0]).toMatchObject({ sender: 'scan@contoso.example', state: 'accepted' });
    });

    it('forget the recipients of the one that was reset', () => {
      const session = told(`${HELLO}${MAIL}< RCPT TO:<bert@contoso.example>\n> 250 2.1.5 Recipient OK\n${RSET}${MESSAGE}${QUIT}`);
      expect(session.transactions).toMatchObject([
        { state: 'abandoned', recipients: [{ address: 'bert@contoso.example', accepted: true }] },
        { state: 'accepted', recipients: [{ address: 'anna@contoso.example', accepted: true }] },
      ]);
      expect(session).toMatchObject({ outcome: 'accepted', recipientsAccepted: 1 });
    });

    it('start anew with a hello, too', () => {
      const session = told(`${HELLO}${MAIL}< EHLO mfp-02\n> {hello SIZE 1, CHUNKING}\n${MESSAGE}${QUIT}`);
      expect(session.transactions.map((one) => one.state)).toEqual(['abandoned', 'accepted']);
    });
  });

  describe(`refusals, dialect ${dialect}`, () => {
    it('of one recipient of three leave two', () => {
      const [transaction] = told(
        `${HELLO}${MAIL}${RCPT}< RCPT TO:<x@fabrikam.example>\n> ${NO_RELAY}\n${RCPT}${DATA}> {queued}\n${QUIT}`,
      ).transactions;
      expect(transaction?.recipients.map((one) => one.accepted)).toEqual([true, false, true]);
      expect(transaction?.recipients[1]?.reply).toBe(NO_RELAY);
    });

    it('of every recipient refuse the message, once, even when DATA is tried', () => {
      const session = told(
        `${HELLO}${MAIL}< RCPT TO:<x@fabrikam.example>\n> ${NO_RELAY}\n< DATA\n> 503 5.5.2 Need rcpt command\n${QUIT}`,
      );
      expect(session).toMatchObject({ outcome: 'refused', messagesRefused: 1, recipientsRefused: 1 });
    });

    it('of a DATA that came before any good recipient do not end the transaction', () => {
      const session = told(
        `${HELLO}${MAIL}< RCPT TO:<x@fabrikam.example>\n> ${NO_RELAY}\n< DATA\n> 503 5.5.2 Need rcpt command\n${RCPT}${DATA}> {queued}\n${QUIT}`,
      );
      expect(session).toMatchObject({
        outcome: 'partial',
        messagesAccepted: 1,
        messagesRefused: 0,
        recipientsAccepted: 1,
        recipientsRefused: 1,
      });
    });

    it('stand in order, each with the command it answered', () => {
      const session = told(
        `${HELLO}< FOO\n> 500 5.3.3 Unrecognized command\n< MAIL FROM:<a@b> SIZE=99999999\n> 552 5.3.4 Message size exceeds fixed maximum message size\n${MAIL}< RCPT TO:<x@y>\n> 550 5.7.1 Unable to relay\n${QUIT}`,
      );
      expect(session.refusals.map(({ command, code }) => [command, code])).toEqual([
        ['other', 500],
        ['mail', 552],
        ['rcpt', 550],
      ]);
    });

    it('of a line that begins with < answer that line, for only a send log hides binary data so', () => {
      const session = told(
        `${HELLO}${MAIL}< <policy-file-request/>\n< RCPT TO:<anna@contoso.example>\n> 500 5.3.3 Unrecognized command\n> 250 2.1.5 Recipient OK\n${DATA}> {queued}\n${QUIT}`,
      );
      expect(session).toMatchObject({
        outcome: 'accepted',
        recipientsAccepted: 1,
        recipientsRefused: 0,
        refusals: [{ command: 'other' }],
      });
    });

    it('at the end of data refuse the message and no recipient', () => {
      expect(
        told(`${HELLO}${MAIL}${RCPT}${DATA}> 451 4.7.0 Temporary server error. Please try again later. PRX5 \n${QUIT}`),
      ).toMatchObject({
        outcome: 'refused',
        messagesRefused: 1,
        recipientsRefused: 0,
        recipientsAccepted: 0,
        lastError: '451 4.7.0 Temporary server error. Please try again later. PRX5',
      });
    });

    it('by an unasked 421 do not undo what was accepted', () => {
      expect(told(`${HELLO}${MESSAGE}> 421 4.3.2 Service not active\n- | Local`)).toMatchObject({
        outcome: 'accepted',
        messagesAccepted: 1,
        messagesRefused: 0,
        lastError: '421 4.3.2 Service not active',
      });
    });

    it('of 451 with an enhanced code 5.7.3 are read by their first digit, not forgotten', () => {
      expect(told(`${HELLO}< MAIL FROM:<a@b>\n> 451 5.7.3 STARTTLS is required to send mail\n${QUIT}`).refusals).toMatchObject([
        { code: 451, command: 'mail' },
      ]);
    });
  });

  describe(`BDAT, dialect ${dialect}`, () => {
    const chunk = (octets: number) => `< BDAT ${octets}\n> 250 2.6.0 CHUNK received OK, ${octets} octets\n`;

    it('in several chunks is one message', () => {
      const session = told(`${HELLO}${MAIL}${RCPT}${chunk(65536)}${chunk(65536)}< BDAT 1200 LAST\n> {queued 132272}\n${QUIT}`);
      expect(session).toMatchObject({ outcome: 'accepted', messagesAccepted: 1, bytesAccepted: 132_272 });
      expect(session.transactions).toMatchObject([{ bytesKnownBy: dialect === 'B' ? 'reply' : 'chunks' }]);
    });

    it('may end with an empty chunk', () => {
      expect(told(`${HELLO}${MAIL}${RCPT}${chunk(500)}< bdat 0 last\n> {queued 500}\n${QUIT}`)).toMatchObject({
        outcome: 'accepted',
        messagesAccepted: 1,
        bytesAccepted: 500,
      });
    });

    it('without its last chunk is no message', () => {
      expect(told(`${HELLO}${MAIL}${RCPT}${chunk(65536)}${chunk(65536)}- | Remote(ConnectionReset)`)).toMatchObject({
        outcome: 'abandoned',
        messagesAccepted: 0,
      });
    });

    it('may be refused at any chunk', () => {
      const script = `${HELLO}${MAIL}${RCPT}${chunk(65536)}< BDAT 99999999\n* | AccumulatedMessageSize: 100065535 > MessageSizeLimit: 37748736\n> 552 5.3.4 Message size exceeds fixed maximum message size\n${QUIT}`;
      expect(told(script)).toMatchObject({ outcome: 'refused', messagesRefused: 1, recipientsRefused: 0 });
    });

    it('may be sent without waiting for the replies, and the next message too', () => {
      const script = `${HELLO}${MAIL}${RCPT}
        < BDAT 1000
        < BDAT 200 LAST
        < MAIL FROM:<next@contoso.example>
        > 250 2.6.0 CHUNK received OK, 1000 octets
        > {queued 1200}
        * {message}
        > 250 2.1.0 Sender OK
        ${RCPT}< BDAT 10 LAST
        > {queued 10}
        ${QUIT}`;
      expect(told(script)).toMatchObject({
        outcome: 'accepted',
        messagesAccepted: 2,
        recipientsAccepted: 2,
        bytesAccepted: 1210,
      });
    });
  });

  describe(`the final reply, dialect ${dialect}`, () => {
    const accepted = (reply: string) => told(`${HELLO}${MAIL}${RCPT}${DATA}> ${reply}\n${QUIT}`).transactions[0];

    it.each(['109.173', '109,173', '1.109,173'])('tells the size whatever the culture of the server: %s KB/sec', (speed) => {
      const reply = `250 2.6.0 <1@device.example> [InternalId=4711, Hostname=ex01.contoso.example] 11511 bytes in 0.102, ${speed} KB/sec Queued mail for delivery`;
      expect(accepted(reply)).toMatchObject({
        messageId: '<1@device.example>',
        internalId: '4711',
        bytes: 11_511,
        bytesKnownBy: 'reply',
        shadow: false,
      });
    });

    it('of 2010 has an InternalId and no Hostname', () => {
      expect(accepted('250 2.6.0 <1@device.example> [InternalId=110] Queued mail for delivery')).toMatchObject({
        messageId: '<1@device.example>',
        internalId: '110',
        bytes: null,
      });
    });

    it('of a message queued for redundancy is a shadow copy, no mail', () => {
      const session = told(
        `${HELLO}${MAIL}${RCPT}${DATA}> 250 2.6.0 <1@device.example> [InternalId=ex02.contoso.example, Hostname=4711] Queued mail for redundancy\n${QUIT}`,
      );
      expect(session).toMatchObject({
        messagesAccepted: 0,
        recipientsAccepted: 0,
        bytesAccepted: 0,
        transactions: [{ shadow: true }],
      });
    });

    it('may leave the size to what MAIL declared', () => {
      const script = `${HELLO}< MAIL FROM:<a@b> SIZE=18019\n> 250 2.1.0 Sender OK\n${RCPT}${DATA}> 250 2.6.0 <1@device.example> [InternalId=110] Queued mail for delivery\n${QUIT}`;
      expect(told(script)).toMatchObject({ bytesAccepted: 18_019, transactions: [{ bytesKnownBy: 'declared' }] });
    });

    it('is kept only when every reply was asked for', () => {
      expect(told(HELLO + MESSAGE + QUIT).transactions[0]?.reply).toBeNull();
      expect(read({ dialect }, HELLO + MESSAGE + QUIT, true).transactions[0]).toMatchObject({
        reply: expect.stringMatching(/^250 2\.6\.0 /),
        recipients: [{ reply: '250 2.1.5 Recipient OK' }],
      });
    });
  });

  describe(`pipelining, dialect ${dialect}`, () => {
    const PIPELINED = `${HELLO}
      < MAIL FROM:<scan@contoso.example>
      < RCPT TO:<anna@contoso.example>
      < RCPT TO:<x@fabrikam.example>
      < RCPT TO:<bert@contoso.example>
      < DATA
      `;

    it('pairs replies first in, first out', () => {
      const session = told(
        `${PIPELINED}* {message}\n> 250 2.1.0 Sender OK\n> 250 2.1.5 Recipient OK\n> ${NO_RELAY}\n> 250 2.1.5 Recipient OK\n> 354 Start mail input; end with <CRLF>.<CRLF>\n> {queued}\n${QUIT}`,
      );
      expect(session).toMatchObject({ outcome: 'partial', recipientsAccepted: 2, recipientsRefused: 1, anomalies: [] });
      expect(session.transactions[0]?.recipients).toMatchObject([
        { address: 'anna@contoso.example', accepted: true },
        { address: 'x@fabrikam.example', accepted: false, reply: NO_RELAY },
        { address: 'bert@contoso.example', accepted: true },
      ]);
    });

    it('refuses the whole group when MAIL is refused, as one message', () => {
      const need = '> 503 5.5.2 Need mail command\n';
      const session = told(
        `${PIPELINED}> 530 5.7.57 SMTP; Client was not authenticated to send anonymous mail during MAIL FROM\n${need}${need}${need}> 503 5.5.2 Need rcpt command\n${QUIT}`,
      );
      expect(session).toMatchObject({ outcome: 'refused', messagesRefused: 1, messagesAccepted: 0, anomalies: [] });
      expect(session.outcomeReason).toMatch(/^530 5\.7\.57/);
    });

    it('of the next MAIL with the RSET before it keeps both messages apart', () => {
      const script = `${HELLO}${MESSAGE}< RSET\n< MAIL FROM:<next@contoso.example>\n< RCPT TO:<bert@contoso.example>\n> 250 2.0.0 Resetting\n* {message}\n> 250 2.1.0 Sender OK\n> 250 2.1.5 Recipient OK\n${DATA}> {queued}\n${QUIT}`;
      expect(told(script).transactions).toMatchObject([
        { sender: 'scan@contoso.example', recipients: [{ address: 'anna@contoso.example' }], state: 'accepted' },
        { sender: 'next@contoso.example', recipients: [{ address: 'bert@contoso.example', accepted: true }], state: 'accepted' },
      ]);
    });

    it('resynchronises when the reply to MAIL is missing', () => {
      const session = told(
        `${PIPELINED}#+2\n> 250 2.1.5 Recipient OK\n> ${NO_RELAY}\n> 250 2.1.5 Recipient OK\n> 354 Start mail input; end with <CRLF>.<CRLF>\n> {queued}\n${QUIT}`,
      );
      expect(session).toMatchObject({ outcome: 'partial', messagesAccepted: 1, recipientsAccepted: 2, recipientsRefused: 1 });
      expect(session.transactions[0]?.recipients[1]).toMatchObject({ address: 'x@fabrikam.example', accepted: false });
      expect(session.anomalies).toContainEqual({ kind: 'gap', count: 2 });
    });

    it('resynchronises at the final reply when replies to RCPT are missing', () => {
      const session = told(
        `${PIPELINED}* {message}\n> 250 2.1.0 Sender OK\n#+3\n> 354 Start mail input; end with <CRLF>.<CRLF>\n> {queued}\n${MESSAGE}${QUIT}`,
      );
      expect(session).toMatchObject({ outcome: 'accepted', messagesAccepted: 2, messagesRefused: 0 });
      expect(session.transactions[1]).toMatchObject({ recipients: [{ accepted: true }], state: 'accepted' });
    });

    it('resynchronises at the 354: a refused end of data refuses no recipient whose reply is missing', () => {
      const session = told(
        `${PIPELINED}* {message}\n> 250 2.1.0 Sender OK\n> 250 2.1.5 Recipient OK\n#+2\n> 354 Start mail input; end with <CRLF>.<CRLF>\n> 552 5.3.4 Message size exceeds fixed maximum message size\n${QUIT}`,
      );
      expect(session).toMatchObject({ outcome: 'refused', messagesRefused: 1, recipientsRefused: 0 });
      expect(session.refusals).toMatchObject([{ command: 'data', code: 552 }]);
    });

    it('resynchronises when commands are missing', () => {
      const session = told(
        `${HELLO}< MAIL FROM:<scan@contoso.example>\n#+4\n* {message}\n> 250 2.1.0 Sender OK\n> 250 2.1.5 Recipient OK\n> ${NO_RELAY}\n> 250 2.1.5 Recipient OK\n> 354 Start mail input; end with <CRLF>.<CRLF>\n> {queued}\n${QUIT}`,
      );
      expect(session).toMatchObject({
        outcome: 'partial',
        messagesAccepted: 1,
        recipientsAccepted: 2,
        recipientsRefused: 1,
        transactions: { length: 1 },
      });
    });

    it('resynchronises at the next message when the end of one is missing', () => {
      const session = told(`${PIPELINED}* {message}\n> 250 2.1.0 Sender OK\n#+6\n${MESSAGE}${QUIT}`);
      expect(session).toMatchObject({ outcome: 'accepted', messagesAccepted: 1, recipientsAccepted: 1 });
      expect(session.transactions.map((one) => one.state)).toEqual(['abandoned', 'accepted']);
    });
  });

  describe(`a Hub session behind a front end, dialect ${dialect}`, () => {
    const hub = { dialect, connector: 'EX01\\Default EX01', local: '10.0.0.5:2525', remote: '10.0.0.4:22855' } as const;
    const turn = (sid: string, ip: string) =>
      `< XPROXYFROM SID=${sid} IP=${ip} PORT=5678 DOMAIN=mfp-02 SEQNUM=1 PERMS=1073 AUTHSRC=Anonymous\n> 250 XProxyFrom accepted\n${MESSAGE}${RSET}`;

    it('names the real client of every message', () => {
      const session = read(
        hub,
        `${HELLO}${turn('08D54162A04116F1', '10.0.20.12')}${turn('08D54162A04116F7', '10.0.20.99')}${turn('08D54162A04116F9', '10.0.20.12')}${QUIT}`,
      );
      expect(session.transactions.map((one) => [one.client, one.clientSessionId])).toEqual([
        ['10.0.20.12', '08D54162A04116F1'],
        ['10.0.20.99', '08D54162A04116F7'],
        ['10.0.20.12', '08D54162A04116F9'],
      ]);
      expect(session.clients).toEqual(['10.0.20.12', '10.0.20.99']);
      expect(session.links).toEqual(['F1', 'F7', 'F9'].map((end) => ({ kind: 'xproxyfrom', sessionId: `08D54162A04116${end}` })));
      expect(session.messagesAccepted).toBe(3);
    });

    it('names the one client of a client proxy', () => {
      const xproxy =
        '< XPROXY SID=08D54162A04116F1 IP=2001:db8::7 PORT=5678 DOMAIN=laptop CAPABILITIES=0 SECID=x\n> 250 XProxy accepted and authenticated\n';
      const session = read({ ...hub, local: '10.0.0.5:465' }, `${HELLO}${xproxy}${MESSAGE}${MESSAGE}${QUIT}`);
      expect(session).toMatchObject({
        outcome: 'accepted',
        clients: ['2001:db8::7'],
        links: [{ kind: 'xproxy', sessionId: '08D54162A04116F1' }],
      });
      expect(session.transactions.map((one) => one.client)).toEqual(['2001:db8::7', '2001:db8::7']);
    });

    it('without them has no client but its peer', () => {
      expect(read(hub, HELLO + MESSAGE + QUIT)).toMatchObject({ clients: [], links: [], transactions: [{ client: null }] });
    });
  });
}

it('a session of 500 messages is 500 messages', () => {
  expect(read({}, HELLO + MESSAGE.repeat(500) + QUIT)).toMatchObject({
    messagesAccepted: 500,
    recipientsAccepted: 500,
    bytesAccepted: 1_024_000,
  });
});

describe('a client that says whom it speaks for', () => {
  it('is not believed where the server refuses it', () => {
    const session = read(
      {},
      `+\n> {banner}\n< EHLO app\n> {hello SIZE}\n< XPROXYFROM SID=08DE000000000001 IP=10.9.9.9 PORT=1 DOMAIN=x SEQNUM=1 PERMS=1077 AUTHSRC=Anonymous\n> 500 5.3.3 Unrecognized command\n< MAIL FROM:<a@contoso.example>\n* {message}\n> 250 2.1.0 Sender OK\n< RCPT TO:<b@contoso.example>\n> 250 2.1.5 Recipient OK\n< DATA\n> 354 Start mail input; end with <CRLF>.<CRLF>\n> {queued 10}\n- | Local`,
    );
    expect(session).toMatchObject({ clients: [], links: [], messagesAccepted: 1 });
    expect(session.transactions[0]?.client).toBeNull();
  });

  it('is believed again once it is accepted', () => {
    const command = 'XPROXYFROM SID=08DE000000000001 IP=10.9.9.9 PORT=1 DOMAIN=x SEQNUM=1 PERMS=1077 AUTHSRC=Anonymous';
    const session = read(
      {},
      `+\n> {banner}\n< EHLO app\n> {hello SIZE}\n< ${command}\n> 504 5.7.1 Not authorized\n< ${command}\n> 250 XProxyFrom accepted\n- | Local`,
    );
    expect(session.clients).toEqual(['10.9.9.9']);
  });
});

it('a command behind blanks is the command', () => {
  const session = read(
    {},
    `+\n> {banner}\n<   EHLO app\n> {hello SIZE}\n<  QUIT\n> 221 2.0.0 Service closing transmission channel\n- | Local`,
  );
  expect(session).toMatchObject({ anomalies: [], outcome: 'probe' });
});

it('503 Need mail command answers DATA as well, also where commands were pipelined', () => {
  const session = read(
    {},
    `+\n> {banner}\n< EHLO app\n> {hello SIZE}\n< DATA\n< NOOP\n> 503 5.5.2 Need mail command\n> 250 2.0.0 OK\n< QUIT\n> 221 2.0.0 Service closing transmission channel\n- | Local`,
  );
  expect(session.anomalies).toEqual([]);
});
