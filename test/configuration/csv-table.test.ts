import { describe, expect, it } from 'vitest';
import { problemsOf, read, readOne } from './reading.ts';

const HEADER = 'Identity,Bindings,RemoteIPRanges,MaxMessageSize';

describe('a cell with the name of a type', () => {
  it('refuses the connector with the line that mends it', () => {
    for (const type of [
      'Microsoft.Exchange.Data.MultiValuedProperty`1[Microsoft.Exchange.Data.IPRange]',
      'Deserialized.Microsoft.Exchange.Data.MultiValuedProperty`1[[Microsoft.Exchange.Data.IPRange, Microsoft.Exchange.Data, Version=15.0.0.0]]',
      'System.Collections.ArrayList',
      'System.String[]',
      'System.Object[]',
    ]) {
      const [problem] = read(`${HEADER}\nEX01\\Relay,0.0.0.0:25,"${type}",36 MB\n`).problems;
      expect(problem?.what, type).toContain('EX01\\Relay RemoteIPRanges holds the name of a type');
      expect(problem?.hint, type).toContain("@{n='RemoteIPRanges';e={$_.RemoteIPRanges -join ';'}}");
      expect(problem?.fatal).toBe(true);
    }
  });

  it('of a list that decides nothing leaves that list unknown, in one line for all connectors', () => {
    const type = 'Microsoft.Exchange.Data.MultiValuedProperty`1[Microsoft.Exchange.Data.SmtpReceiveDomainCapabilities]';
    const text = `Identity,Bindings,RemoteIPRanges,TlsDomainCapabilities\nEX01\\A,:25,::/0,${type}\nEX01\\B,:25,::/0,${type}\n`;
    expect(read(text).connectors.map(({ properties }) => properties)).toEqual([{}, {}]);
    expect(problemsOf(text)).toEqual([expect.stringMatching(/^line 2: EX01\\A and 1 more: TlsDomainCapabilities is unreadable/)]);
  });
});

describe('a table', () => {
  it('may have its type, comments, and the separator of Excel above the header', () => {
    const text = `#TYPE Selected.Microsoft.Exchange.ReceiveConnector\nsep=;\nName;RemoteIPRanges;Bindings;Server\nRelay;10.0.0.1 10.0.0.2;0.0.0.0:25;EX01.contoso.example\n`;
    expect(readOne(text)).toMatchObject({ server: 'EX01', name: 'Relay', remoteIPRanges: ['10.0.0.1', '10.0.0.2'] });
  });

  it('may hold quotes and line feeds in its cells, and the places still count lines', () => {
    const text = `${HEADER}\r\n"EX01\\The ""old"" one","0.0.0.0:25\r\n[::]:25",10.0.0.1,36 MB\r\n\r\nEX01\\B,nonsense,10.0.0.1,\r\n`;
    expect(read(text).connectors[0]).toMatchObject({ name: 'The "old" one', bindings: ['0.0.0.0:25', '[::]:25'] });
    expect(problemsOf(text)).toEqual([
      '! line 5: EX01\\B Bindings holds "nonsense", which is no binding (an address and a port, as 0.0.0.0:25); the connector is left out',
    ]);
  });

  it('with more cells in a row than in the header loses that row, for nobody knows which is which', () => {
    expect(problemsOf(`${HEADER}\nEX01\\A,0.0.0.0:25,10.0.0.1,10.0.0.2,36 MB\nEX01\\B,:25,::/0,\n`)).toEqual([
      '! line 2: the row has 5 cells and the header 4, so the row is left out',
    ]);
  });

  it('whose quotes do not close says where', () => {
    expect(problemsOf(`${HEADER}\nEX01\\A,:25,::/0,\n"EX01\\B,:25,::/0,\n`)).toEqual([
      '! line 3: a cell that begins here has no closing quote, so the table cannot be read from here on',
    ]);
  });

  it('of something else says what it has', () => {
    expect(problemsOf('Name,Status\nMSExchangeTransport,Running\n')).toEqual([
      '! line 2: the file holds no receive connectors, rights, accepted domains or devices: its first object has Name, Status',
    ]);
  });

  it('with a header alone holds nothing', () => {
    expect(problemsOf(`${HEADER}\n`)).toEqual(['! : the file holds no objects']);
  });
});

describe('the encoding', () => {
  const text = 'Name;Server;Bindings;RemoteIPRanges\nGeräte – Köln;EX01;:25;10.0.0.1\n';
  it.each([
    ['UTF-8', Buffer.from(text)],
    ['UTF-8 with its mark', Buffer.from(`\ufeff${text}`)],
    ['UTF-16', Buffer.from(`\ufeff${text}`, 'utf16le')],
    ['UTF-16 without its mark', Buffer.from(text, 'utf16le')],
    ['UTF-16, the high byte first', Buffer.from(`\ufeff${text}`, 'utf16le').swap16()],
    ['windows-1252', Buffer.from(text.replace('–', '\u0096'), 'latin1')],
  ])('is %s', (_, bytes) => {
    expect(readOne(bytes).name).toBe('Geräte – Köln');
  });
});
