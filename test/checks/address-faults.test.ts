/** What the diagnoses say about a hello name or an address agrees with what the bundled relay refuses, and survives any text. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { envelopeFault } from '../../src/checks/evidence/envelope-address.ts';
import { helloNameFault } from '../../src/checks/evidence/hello-name.ts';
import { greeted, mailFrom, QUIT } from '../../src/checks/examples/example-sessions.ts';
import { isHelloName } from '../../src/relay/machine/hello-name.ts';
import { addressFault, parsePath } from '../../src/relay/machine/path.ts';
import { goodHelloName } from '../../src/smtp/hello-name.ts';
import { exampleDatabase, verdictOn } from './example-case.ts';

const text = (alphabet: string) => fc.string({ unit: fc.constantFrom(...alphabet), maxLength: 20 });
const names = fc.oneof(
  text('aZ9-_. #"ü[]:1'),
  fc.ipV4(),
  fc.ipV6(),
  fc.ipV4().map((ip) => `[${ip}]`),
  fc.ipV6().map((ip) => `[IPv6:${ip}]`),
);
const paths = fc.oneof(
  text('ab.@<>" ;,ü'),
  text('ab.@;, ü').map((address) => `<${address}>`),
  fc.emailAddress().map((address) => `<${address}>`),
);

describe('hostile text', () => {
  const hostile = "x'; Stop-Service *; '\u202egnp.exe" + '"&<b>$(calc)'.repeat(30);
  const reply = '550 5.7.60 SMTP; Client does not have permissions to send as this sender';
  const sessions: readonly string[] = [
    `+\n> {banner}\n< EHLO ${hostile}\n> 501 5.5.4 Invalid domain name\n< QUIT\n- Local`,
    `${greeted('a')}\n< MAIL FROM:${hostile}\n> 501 5.1.7 Invalid address\n${QUIT}`,
    `${greeted('a')}\n${mailFrom(`"${hostile.replaceAll('"', '')}"@contoso.example`)}\n< RCPT TO:<a@b.example>\n> 250 2.1.5 Recipient OK\n< DATA\n> 354 Go\n> ${reply}\n${QUIT}`,
    `${greeted('a')}\n< ${hostile}\n> 500 5.3.3 Unrecognized command\n${QUIT}`,
    `${greeted('a')}\n${mailFrom()}\n< RCPT TO:<a@b.example>\n* | Rejected by agent: ${hostile}\n> 550 5.9.9 no\n${QUIT}`,
  ];

  it.each(sessions)('%#: one argument of a command, one line, and never long', async (rows) => {
    const [verdict] = verdictOn(await exampleDatabase({ about: '', sessions: [{ rows }] }, 'B'), '10.0.20.12').verdicts;
    expect(verdict?.check).not.toBe('unexplained');
    expect(verdict!.cause.length).toBeLessThan(600);
    for (const { kind, text: remedy } of verdict!.remedy) {
      expect(remedy).not.toMatch(/[\r\n]/);
      // What PowerShell would run, with all its literals taken out.
      if (kind === 'powershell') expect(remedy.replace(/'(?:[^']|'')*'/g, '')).not.toMatch(/Stop-Service|calc|\u202e/);
    }
  });
});

describe('a hello name', () => {
  it('has a fault exactly where the relay refuses it', () => {
    fc.assert(
      fc.property(names, fc.boolean(), (name, unicode) => {
        fc.pre(name !== '');
        expect(helloNameFault(name, { unicode }) === undefined).toBe(isHelloName(name, { unicode }));
      }),
      { numRuns: 1000 },
    );
  });

  it('is answered with one that the relay takes, whatever it is', () => {
    fc.assert(
      fc.property(fc.oneof(names, fc.string({ unit: 'binary' })), (name) => isHelloName(goodHelloName(name), { unicode: false })),
    );
  });
});

describe('an address', () => {
  it('has a fault exactly where the relay refuses it', () => {
    fc.assert(
      fc.property(paths, (path) => {
        const row = `RCPT TO:${path}`;
        const parsed = parsePath(row, 'TO');
        fc.pre(typeof parsed !== 'string' && parsed.address.includes('@') && parsed.options.size === 0);
        const refused = typeof parsed !== 'string' && addressFault(parsed.address, { unicode: false }) !== undefined;
        expect(envelopeFault(row) !== undefined).toBe(refused);
      }),
      { numRuns: 1000 },
    );
  });

  it('is described in one line, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 600 }), (path) => {
        const fault = envelopeFault(`MAIL FROM:${path}`);
        expect(fault?.words ?? '').not.toMatch(/[\r\n]/);
        expect((fault?.words ?? '').length).toBeLessThan(300);
      }),
    );
  });
});
