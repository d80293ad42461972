import { describe, expect, it } from 'vitest';
import { type Certificate, certificateRows, replyData } from '../../src/protocol-log/dialect.ts';
import { formatField, formatHeader, formatRow } from '../../src/protocol-log/writer.ts';

describe('a field', () => {
  it('is quoted when it holds a comma or a quote', () => {
    expect(formatField('a, b')).toBe('"a, b"');
    expect(formatField('a "b"')).toBe('"a ""b"""');
    expect(formatField('"')).toBe('""""');
  });

  it('is quoted for nothing else', () => {
    for (const bare of ['', ' a ', 'a;b', "it's", 'a\tb', '\0\x16\x03', '#1', 'größe', 'C:\\new', '\\'])
      expect(formatField(bare)).toBe(bare);
  });

  it('has its line breaks written as two characters, which is no reason to quote', () => {
    expect(formatField('a\r\nb')).toBe('a\\r\\nb');
    expect(formatField('\n')).toBe('\\n');
  });

  it('keeps a backslash as it is', () => {
    expect(formatField('CONTOSO\\nancy')).toBe('CONTOSO\\nancy');
  });
});

describe('a row', () => {
  it('is nine fields and CR LF', () => {
    expect(
      formatRow({
        at: Date.UTC(2026, 10, 2, 8, 2, 0, 7),
        connector: 'EX01\\Relay, "floor 2" ',
        sessionId: '08DE19A1B2C3D401',
        sequence: 0,
        localEndpoint: '[fe80::dc3a:1%12]:25',
        remoteEndpoint: '10.0.20.12:50111',
        event: '+',
        data: '',
        context: '',
      }),
    ).toBe(
      '2026-11-02T08:02:00.007Z,"EX01\\Relay, ""floor 2"" ",08DE19A1B2C3D401,0,[fe80::dc3a:1%12]:25,10.0.20.12:50111,+,,\r\n',
    );
  });
});

describe('a header', () => {
  it('is five lines behind a byte order mark', () => {
    expect(formatHeader({ direction: 'receive', at: Date.UTC(2023, 0, 11, 16, 0, 4, 113) })).toBe(
      '\uFEFF#Software: Microsoft Exchange Server\r\n#Version: 15.0.0.0\r\n#Log-type: SMTP Receive Protocol Log\r\n' +
        '#Date: 2023-01-11T16:00:04.113Z\r\n' +
        '#Fields: date-time,connector-id,session-id,sequence-number,local-endpoint,remote-endpoint,event,data,context\r\n',
    );
  });

  it('names the other log and the older version', () => {
    const header = formatHeader({ direction: 'send', at: 0, version: '14.0.0.0' });
    expect(header).toContain('\r\n#Version: 14.0.0.0\r\n#Log-type: SMTP Send Protocol Log\r\n');
  });
});

describe('a reply of several lines', () => {
  const lines = ['ex01.contoso.example Hello [10.0.20.12]', 'SIZE 37748736', 'CHUNKING'];

  it('is a row a line in dialect A', () => {
    expect(replyData(250, lines, 'A')).toEqual([
      '250-ex01.contoso.example Hello [10.0.20.12]',
      '250-SIZE 37748736',
      '250 CHUNKING',
    ]);
  });

  it('is one row with two spaces behind the code in dialect B', () => {
    expect(replyData(250, lines, 'B')).toEqual(['250  ex01.contoso.example Hello [10.0.20.12] SIZE 37748736 CHUNKING']);
  });

  it('of one line is the same in both', () => {
    for (const dialect of ['A', 'B'] as const) expect(replyData(250, ['2.0.0 OK'], dialect)).toEqual(['250 2.0.0 OK']);
  });
});

describe('a certificate', () => {
  const certificate: Certificate = {
    subject: 'CN=mail.contoso.example',
    issuer: "CN=R3, O=Let's Encrypt, C=US",
    serialNumber: '04AB',
    thumbprint: 'A1B2C3D4E5F60718293A4B5C6D7E8F9001122334',
    notBefore: Date.UTC(2026, 0, 12, 10, 39, 24),
    notAfter: Date.UTC(2026, 3, 12, 10, 39, 23),
    alternateNames: ['mail.contoso.example', 'contoso.example'],
  };

  it('is six rows in dialect A', () => {
    expect(certificateRows('Remote', certificate, 'A')).toEqual([
      { data: '', context: 'Remote certificate' },
      { data: 'CN=mail.contoso.example', context: 'Certificate subject' },
      { data: "CN=R3, O=Let's Encrypt, C=US", context: 'Certificate issuer name' },
      { data: '04AB', context: 'Certificate serial number' },
      { data: 'A1B2C3D4E5F60718293A4B5C6D7E8F9001122334', context: 'Certificate thumbprint' },
      { data: 'mail.contoso.example;contoso.example', context: 'Certificate alternate names' },
    ]);
  });

  it('is one row in dialect B, with a space before the subject', () => {
    expect(certificateRows('Sending', certificate, 'B')).toEqual([
      {
        data: " CN=mail.contoso.example CN=R3, O=Let's Encrypt, C=US 04AB A1B2C3D4E5F60718293A4B5C6D7E8F9001122334 2026-01-12T10:39:24.000Z 2026-04-12T10:39:23.000Z mail.contoso.example;contoso.example",
        context: 'Sending certificate Subject Issuer name Serial number Thumbprint Not before Not after Subject alternate names',
      },
    ]);
  });
});
