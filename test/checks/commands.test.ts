/** Names come from exports, and may hold anything: no command may begin in one. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CONFIGURATION_CHECKS } from '../../src/checks/configuration-checks.ts';
import { type ConnectorSketch, type Example, organisationOf } from '../../src/checks/examples/example-organisation.ts';

const HOSTILE = [
  "'; Remove-Mailbox *; '",
  '"; Remove-Mailbox *; "',
  '’; Remove-Mailbox *; ‘',
  '$(Remove-Mailbox *)',
  'a\r\nRemove-Mailbox *\n',
  '`"; Remove-Mailbox * #',
  '\u202e; Remove-Mailbox *\u0000',
];

/** What PowerShell would run: the line without its string literals. */
function outsideLiterals(line: string): string {
  let rest = '';
  for (let at = 0; at < line.length; ) {
    const quote = line[at]!;
    if (/["“”„]/.test(quote)) {
      const end = /["“”„]/g;
      end.lastIndex = at + 1;
      const inside = line.slice(at + 1, end.exec(line)!.index);
      // In double quotes, $( and $name mean something: only what relaylens itself wrote may stand there.
      if (!['$($rc.Identity)', '$($_.User)'].includes(inside)) expect(inside).not.toMatch(/[$`]/);
      at += inside.length + 2;
    } else if (/['‘’‚‛]/.test(quote)) {
      at++;
      while (at < line.length && !(/['‘’‚‛]/.test(line[at]!) && !/['‘’‚‛]/.test(line[at + 1] ?? '')))
        at += /['‘’‚‛]/.test(line[at]!) ? 2 : 1;
      expect(line[at]).toMatch(/['‘’‚‛]/);
      at++;
    } else {
      rest += quote;
      at++;
    }
  }
  return rest;
}

const hostileExample = ({ connectors, acceptedDomains }: Example, hostile: string): Example => ({
  connectors: connectors.map(
    (sketch): ConnectorSketch => ({ ...sketch, id: sketch.id.replaceAll('EX01', `EX01${hostile.replaceAll('\\', '')}`) }),
  ),
  ...(acceptedDomains && { acceptedDomains }),
});

function commandsOf(check: (typeof CONFIGURATION_CHECKS)[number], example: Example): string[] {
  return check
    .find(organisationOf(example))
    .flatMap(({ remedy }) => remedy.flatMap(({ kind, text }) => (kind === 'powershell' ? [text] : [])));
}

describe.each(CONFIGURATION_CHECKS)('$id', (check) => {
  it.each(HOSTILE)('quotes the name %j', (hostile) => {
    for (const example of check.examples.fires)
      for (const command of commandsOf(check, hostileExample(example, hostile))) {
        expect(command).not.toMatch(/[\p{Cc}\u202e]/u);
        expect(outsideLiterals(command)).not.toContain('Remove-Mailbox');
      }
  });
});

it('gives a remedy for a hostile name too', () => {
  const open = CONFIGURATION_CHECKS.find(({ id }) => id === 'logging-off')!;
  expect(commandsOf(open, hostileExample(open.examples.fires[0]!, HOSTILE[0]!))).toHaveLength(1);
});

it('quotes the text of a range, whatever a reader of exports let through', () => {
  const organisation = organisationOf({
    connectors: [{ id: 'EX01\\A', from: '10.0.0.0/8 10.0.0.0/9 10.128.0.0/9', PermissionGroups: ['AnonymousUsers', 'Custom'] }],
  });
  const [server] = organisation.servers;
  const connectors = server!.connectors.map((connector) => ({
    ...connector,
    remoteIPRanges: connector.remoteIPRanges.map((range) => ({ ...range, text: `${range.text}%'; Remove-Mailbox *` })),
  }));
  const commands = CONFIGURATION_CHECKS.flatMap((check) => check.find({ ...organisation, servers: [{ ...server!, connectors }] }))
    .flatMap(({ remedy }) => remedy)
    .filter(({ kind }) => kind === 'powershell');
  expect(commands.filter(({ text }) => text.includes('Remove-Mailbox')).length).toBeGreaterThan(1);
  for (const { text } of commands) expect(outsideLiterals(text)).not.toContain('Remove-Mailbox');
});

it('quotes any name whatever', () => {
  const check = CONFIGURATION_CHECKS.find(({ id }) => id === 'logging-off')!;
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 20 }), (name) => {
      const marked = `${name}Marker${name}`;
      const [command] = commandsOf(check, { connectors: [{ id: `EX01\\${marked}`, ProtocolLoggingLevel: 'None' }] });
      expect(outsideLiterals(command!)).not.toContain('Marker');
    }),
  );
});
