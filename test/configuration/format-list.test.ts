import { describe, expect, it } from 'vitest';
import { customConnectors } from '../../fixtures/configuration/connectors.ts';
import { formatList } from '../../fixtures/configuration/format-list.ts';
import { problemsOf, read, readOne } from './reading.ts';

const SMALL = `
Identity       : EX01\\Relay
Bindings       : {[::]:25, 0.0.0.0:25}
RemoteIPRanges : {10.0.0.1, 10.0.0.2}
`;

const namesOf = (text: string): string[] => read(text).connectors.map(({ name }) => name);

describe('what stands around the blocks', () => {
  it('is passed over: prompts, echoes, heads and ends of transcripts', () => {
    const text = `**********************
Windows PowerShell transcript start
Start time: 20261102081500
Username: CONTOSO\\admin
Machine: EX01 (Microsoft Windows NT 10.0.17763.0)
**********************
Transcript started, output file is C:\\temp\\x.txt
[PS] C:\\Windows\\system32>Get-ReceiveConnector "EX01\\Relay" | Format-List Identity,Bindings,RemoteIPRanges
${SMALL}

[PS] C:\\Windows\\system32>Stop-Transcript
**********************
Windows PowerShell transcript end
End time: 20261102081600
**********************
`;
    expect(readOne(text).remoteIPRanges).toEqual(['10.0.0.1', '10.0.0.2']);
  });

  it('may follow without a blank line where it is a prompt', () => {
    expect(readOne(`[PS] C:\\>Get-ReceiveConnector | fl${SMALL}PS C:\\Users\\admin> exit\n`).name).toBe('Relay');
  });

  it('may be an error of the shell', () => {
    const text = `Get-ReceiveConnector : The operation couldn't be performed because object 'EX09' couldn't be found.
    + CategoryInfo          : NotSpecified: (:) [Get-ReceiveConnector], ManagementObjectNotFoundException
    + FullyQualifiedErrorId : [Server=EX01]
${SMALL}`;
    expect(namesOf(text)).toEqual(['Relay']);
  });

  it('may be a warning between two connectors, also one that the console broke', () => {
    const second = SMALL.replaceAll('Relay', 'Second');
    const warning = 'WARNING: The object EX01\\Second has been corrupted, and it is in an\ninconsistent state.\n';
    expect(namesOf(`${SMALL.trimEnd()}\n${warning}${second}`)).toEqual(['Relay', 'Second']);
  });
});

describe('a line inside a block that belongs to nothing', () => {
  it('refuses the connector, for it may be the rest of a list', () => {
    const text = SMALL.replace('{10.0.0.1, 10.0.0.2}', '{10.0.0.1,\n10.0.0.2}');
    expect(namesOf(text)).toEqual([]);
    expect(problemsOf(text)[0]).toBe(
      '! line 5: "10.0.0.2}" belongs to no property, so the object that begins at line 2 cannot be trusted and is left out',
    );
  });
});

describe('a list', () => {
  it('that is cut by an ellipsis of either kind refuses the connector', () => {
    for (const cut of [
      '{10.0.0.1, 10.0.0.2...}',
      '{10.0.0.1, 10.0.0.2…}',
      '{10.0.0.1, 10.0.0.2, ...}',
      '{10.0.0.1, 10.0.0.2...',
      '10.0.0.1;10.0.0.2...',
    ]) {
      const text = SMALL.replace('{10.0.0.1, 10.0.0.2}', cut);
      expect(namesOf(text), cut).toEqual([]);
      expect(problemsOf(text)[0], cut).toMatch(/^! line 2: EX01\\Relay RemoteIPRanges was cut off by PowerShell/);
    }
    expect(read(SMALL.replace('10.0.0.2}', '10.0.0.2…}')).problems[0]?.hint).toContain('$FormatEnumerationLimit=-1');
  });

  it('that nobody closed is half a list', () => {
    expect(problemsOf(SMALL.replace('10.0.0.2}', '10.0.0.2'))[0]).toContain('was cut off');
  });

  it('that is cut in one of many connectors refuses that one alone', () => {
    const text = formatList(customConnectors()).replace('10.1.5.5}', '10.1.5.5...}');
    expect(read(text).connectors).toEqual(customConnectors().slice(1));
    expect(problemsOf(text)).toHaveLength(1);
  });

  it('may break in the middle of an address', () => {
    const text = SMALL.replace(
      '{10.0.0.1, 10.0.0.2}',
      '{2001:db8:1234:5678:9abc-20\n                 01:db8:1234:5678:9abd::, 10.0.0.\n                 2}'.replace(
        '9abc-',
        '9abc::-',
      ),
    );
    expect(readOne(text).remoteIPRanges).toEqual(['2001:db8:1234:5678:9abc::-2001:db8:1234:5678:9abd::', '10.0.0.2']);
  });

  it('may be indented with tabs where it goes on', () => {
    expect(readOne(SMALL.replace('10.0.0.1, 10', '10.0.0.1,\n\t\t10')).remoteIPRanges).toEqual(['10.0.0.1', '10.0.0.2']);
  });

  it('joined with blanks by the administrator may be broken too', () => {
    const text = SMALL.replace('{10.0.0.1, 10.0.0.2}', '10.0.0.1\n                 10.0.0.2 10.0.0.3');
    expect(readOne(text).remoteIPRanges).toEqual(['10.0.0.1', '10.0.0.2', '10.0.0.3']);
  });

  it('of texts may be empty', () => {
    expect(readOne(`${SMALL}TlsDomainCapabilities : {}\n`).properties.TlsDomainCapabilities).toEqual([]);
  });
});

describe('a block', () => {
  it('may be pasted with an indentation, from a mail or a ticket', () => {
    expect(readOne(SMALL.replace(/^(?=.)/gm, '    ')).bindings).toEqual(['[::]:25', '0.0.0.0:25']);
  });

  it('may have lost the blank lines to the next', () => {
    expect(namesOf(SMALL.trim() + '\n' + SMALL.trim().replaceAll('Relay', 'Second'))).toEqual(['Relay', 'Second']);
  });

  it('may have values with colons, braces and commas', () => {
    const text = `${SMALL}Comment        : see : {the list}, or ask ; Anna : ext. 4711\nBanner         :\n`;
    expect(readOne(text).properties).toEqual({ Comment: 'see : {the list}, or ask ; Anna : ext. 4711', Banner: '' });
  });

  it('may have names in any case, and names that nobody knows', () => {
    const text = SMALL.replace('RemoteIPRanges', 'remoteipranges') + 'NewSwitch2026 : On\n';
    expect(readOne(text).others).toEqual({ NewSwitch2026: 'On' });
  });
});

describe('prose that the console broke', () => {
  const words = 'Asked for by the facilities department in ticket 4711, do not delete before the move is over';
  const long = 'https://tickets.contoso.example/browse/projects/exchange/issues/4711?view=full';
  const commentAfter = (comment: string, settings: { width: number; trimmed?: boolean; breaksWords?: boolean }) => {
    const [first] = customConnectors();
    const text = formatList([{ ...first!, properties: { ...first!.properties, Comment: comment } }], settings);
    return readOne(text).properties.Comment;
  };

  it.each([
    ['at blanks that are still there', words, { width: 80 }],
    ['at blanks that the file has lost', words, { width: 80, trimmed: true }],
    ['in the middle of a word that is too long', `see ${long} there`, { width: 75 }],
    [
      'in the middle of a word that is too long, in a file that has lost its blanks',
      `see ${long} there`,
      { width: 75, trimmed: true },
    ],
    ['at the edge, by a console that knows no words', words, { width: 71, breaksWords: true }],
  ])('%s, is whole again', (_, comment, settings) => {
    expect(commentAfter(comment, settings)).toBe(comment);
  });

  it('keeps the lines that it had of its own', () => {
    const lines = 'Comment        : first line\n                 second \n                 and third line, which ends here\n';
    expect(readOne(`${SMALL}${lines}`).properties.Comment).toBe('first line\nsecond and third line, which ends here');
  });
});

describe('one file', () => {
  it('may hold three kinds of output', () => {
    const text = `${SMALL}
User           : NT AUTHORITY\\ANONYMOUS LOGON
Identity       : EX01\\Relay
Deny           : False
ExtendedRights : {ms-Exch-SMTP-Accept-Any-Recipient}
IsInherited    : False

Name       : Contoso
DomainName : contoso.example
DomainType : Authoritative
Default    : True

Status : Running
Name   : MSExchangeTransport
`;
    const { connectors, rights, acceptedDomains } = read(text);
    expect([connectors.length, rights.length, acceptedDomains.length]).toEqual([1, 1, 1]);
    expect(problemsOf(text)).toEqual(['line 17: an object of another kind passed over (with Status, Name)']);
  });
});

it('a table of Format-Table is refused by its name', () => {
  const text = `
Identity                  Bindings                 Enabled
--------                  --------                 -------
EX01\\Default EX01         {0.0.0.0:2525, [::]:2525} True
`;
  expect(problemsOf(text)).toEqual(['! : the file is a table as Format-Table prints it, which cuts values off']);
});
