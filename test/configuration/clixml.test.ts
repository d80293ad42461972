import { describe, expect, it } from 'vitest';
import { customConnectors } from '../../fixtures/configuration/connectors.ts';
import { clixmlOfObjects, utf16 } from '../../fixtures/configuration/other-shapes.ts';
import { problemsOf, read, readOne } from './reading.ts';

const objs = (inner: string): string =>
  `<?xml version="1.0" encoding="utf-16"?>\n<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">\n${inner}\n</Objs>\n`;

const connector = (properties: string, ref = 0): string =>
  objs(`<Obj RefId="${ref}"><TN RefId="0"><T>Deserialized.ReceiveConnector</T></TN><Props>
    <S N="Identity">EX01\\Relay</S>
    <Obj N="Bindings" RefId="100"><TNRef RefId="0"/><LST><S>0.0.0.0:25</S></LST></Obj>
    ${properties}</Props></Obj>`);

const RANGES = '<Obj N="RemoteIPRanges" RefId="101"><LST><S>10.0.0.1</S></LST></Obj>';

describe('an object', () => {
  it('may have been through Select-Object, with its properties among the members', () => {
    const text = connector(RANGES).replaceAll('Props>', 'MS>');
    expect(readOne(text).remoteIPRanges).toEqual(['10.0.0.1']);
  });

  it('may refer to a list that stands earlier', () => {
    const first = connector(RANGES).replace('\n</Objs>\n', '');
    const second =
      '<Obj RefId="7"><Props><S N="Identity">EX01\\B</S><Ref N="Bindings" RefId="100"/><Ref N="RemoteIPRanges" RefId="101"/></Props></Obj>';
    expect(read(`${first}${second}\n</Objs>`).connectors[1]).toMatchObject({
      name: 'B',
      bindings: ['0.0.0.0:25'],
      remoteIPRanges: ['10.0.0.1'],
    });
  });

  it('may refer to what is not there: that is named', () => {
    expect(problemsOf(connector('<Ref N="RemoteIPRanges" RefId="555"/>'))[0]).toContain(
      'a reference to object 555, which is not in the file',
    );
  });

  it('may refer to itself', () => {
    expect(readOne(connector(`${RANGES}<Ref N="Parent" RefId="0"/>`)).others).toEqual({ Parent: '' });
  });

  it.each(['LST', 'IE', 'QUE', 'STK'])('may have lists as <%s>', (tag) => {
    expect(readOne(connector(RANGES.replaceAll('LST', tag))).remoteIPRanges).toEqual(['10.0.0.1']);
  });

  it('may be made of a hash table', () => {
    const en = (name: string, value: string): string => `<En><S N="Key">${name}</S>${value}</En>`;
    const text = objs(
      `<Obj RefId="0"><DCT>${en('Identity', '<S N="Value">EX01\\A</S>')}${en('Bindings', '<S N="Value">0.0.0.0:25</S>')}${en('RemoteIPRanges', '<S N="Value">::1</S>')}</DCT></Obj>`,
    );
    expect(readOne(text).remoteIPRanges).toEqual(['::1']);
  });

  it('has values of every type', () => {
    const properties = `${RANGES}<B N="RequireTLS">true</B><I32 N="MaxHopCount">60</I32><TS N="TarpitInterval">PT5S</TS><Nil N="Banner" />
      <Obj N="AuthMechanism" RefId="2"><TN RefId="1"><T>x</T></TN><ToString>Tls, Integrated</ToString><I32>3</I32></Obj>
      <Obj N="ProtocolLoggingLevel" RefId="3"><I32>1</I32></Obj>
      <Obj N="MaxMessageSize" RefId="4"><ToString>36 MB (37,748,736 bytes)</ToString><Props><B N="IsUnlimited">false</B></Props></Obj>
      <Obj N="Comment" RefId="5"><S>with a note</S><MS><S N="PSComputerName">ex01</S></MS></Obj>
      <DT N="WhenCreated">2026-11-02T08:00:00Z</DT><G N="Guid">5f0c3ac1</G><I64 N="Big">9007199254740993</I64>`;
    expect(readOne(connector(properties))).toMatchObject({
      properties: {
        RequireTLS: true,
        MaxHopCount: 60,
        TarpitInterval: 5000,
        Banner: '',
        AuthMechanism: ['Tls', 'Integrated'],
        ProtocolLoggingLevel: 'Verbose',
        MaxMessageSize: 37_748_736,
        Comment: 'with a note',
      },
      others: { WhenCreated: '2026-11-02T08:00:00Z', Guid: '5f0c3ac1' },
    });
  });
});

it('escapes are decoded, those of XML and those of PowerShell, each once', () => {
  const text = connector(
    `${RANGES}<S N="Comment">a_x000A_b &lt;&amp;amp;&gt; &#252;&#x41; _x005F_x000A_ &quot;&apos; _xD83D__xDE00_ &unknown; &#x110000;</S>`,
  );
  expect(readOne(text).properties.Comment).toBe('a\nb <&amp;> üA _x000A_ "\' 😀 &unknown; &#x110000;');
});

describe('what is refused', () => {
  it('a DOCTYPE, whatever it declares', () => {
    const bomb = `<?xml version="1.0"?>\n<!DOCTYPE Objs [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>\n${connector(RANGES).replace(/^.*\n/, '')}`;
    expect(read(bomb).connectors).toEqual([]);
    expect(problemsOf(bomb)).toEqual(['! line 2: a DOCTYPE, which Export-Clixml never writes: the file is not read']);
  });

  it('broken XML, with its line', () => {
    expect(problemsOf(connector('<S N="x">a</B>'))[0]).toMatch(/^! line 6: the XML is broken/);
    expect(problemsOf(connector(RANGES).slice(0, -120))).toEqual(['! line 3: the file ends inside the object that begins here']);
    expect(problemsOf(connector(RANGES).replace('</Objs>', ''))[0]).toContain('ends too early');
    expect(problemsOf(objs('</Obj>'))[0]).toContain('never began');
  });

  it('XML of something else', () => {
    expect(problemsOf('<?xml version="1.0"?><configuration><a/></configuration>')).toEqual([
      '! : the file is XML or HTML, but not of Export-Clixml',
    ]);
    expect(problemsOf(objs('<S>text</S>'))).toEqual(['! : the file holds no objects']);
  });

  it('lists that refer to lists without end', () => {
    const list = (ref: number, inner: string): string => `<Obj RefId="${ref}"><LST>${inner}</LST></Obj>`;
    const levels = Array.from({ length: 40 }, (_, at) => list(at + 1, `<Ref RefId="${at}"/>`.repeat(10)));
    const text = objs(
      list(0, '<S>10.0.0.1</S>'.repeat(10)) +
        levels.join('') +
        connector('<Ref N="RemoteIPRanges" RefId="40"/>')
          .replace(/^.*?<Obj /s, '<Obj ')
          .replace(/<\/Objs>\s*$/, ''),
    );
    expect(read(text).connectors).toEqual([]);
  });
});

it('20 MB are read', () => {
  const [first] = customConnectors();
  const one = clixmlOfObjects([{ ...first!, others: { ...first!.others, Padding: 'x'.repeat(20_000) } }]);
  const body = one.slice(one.indexOf('<Obj '), one.lastIndexOf('</Objs>'));
  const count = Math.ceil(10_000_000 / one.length);
  const bodies = Array.from({ length: count }, (_, at) =>
    body.replaceAll('RefId="', `RefId="${at}-`).replaceAll('Relay, scanners', `Relay ${at}`),
  );
  const bytes = utf16(objs(bodies.join('\n')));
  expect(bytes.length).toBeGreaterThan(20_000_000);
  const { connectors, problems } = read(bytes);
  expect(problems).toEqual([]);
  expect(connectors).toHaveLength(count);
});
