import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commandAddress, commandKind, commandParameter } from '../../src/smtp/command.ts';

const kindOf = (command: string) => {
  const bytes = Buffer.from(`>>${command}<<`, 'latin1');
  return commandKind(bytes, 2, bytes.length - 2);
};

describe('the kind of a command', () => {
  it('is told from its verb', () => {
    expect(kindOf('EHLO mfp-02')).toBe('hello');
    expect(kindOf('HELO mfp-02')).toBe('hello');
    expect(kindOf('STARTTLS')).toBe('starttls');
    expect(kindOf('X-ANONYMOUSTLS')).toBe('starttls');
    expect(kindOf('AUTH LOGIN')).toBe('auth');
    expect(kindOf('X-EXPS GSSAPI')).toBe('auth');
    expect(kindOf('MAIL FROM:<>')).toBe('mail');
    expect(kindOf('RCPT TO:<a@contoso.example>')).toBe('rcpt');
    expect(kindOf('DATA')).toBe('data');
    expect(kindOf('BDAT 5')).toBe('bdat');
    expect(kindOf('RSET')).toBe('rset');
    expect(kindOf('NOOP')).toBe('noop');
    expect(kindOf('QUIT')).toBe('quit');
    expect(kindOf('VRFY a')).toBe('vrfy');
    expect(kindOf('HELP')).toBe('help');
  });

  it('does not depend on the case', () => {
    const verbs = ['EHLO', 'MAIL FROM:<>', 'RCPT TO:<>', 'DATA', 'BDAT 1', 'QUIT', 'X-EXPS NTLM', 'STARTTLS'];
    fc.assert(
      fc.property(fc.mixedCase(fc.constantFrom(...verbs)), (mixed) => {
        expect(kindOf(mixed)).toBe(kindOf(mixed.toUpperCase()));
        expect(kindOf(mixed)).not.toBe('other');
      }),
    );
  });

  it('is other for what is no command: too short, binary, a web browser', () => {
    for (const text of ['', 'EHL', '\x16\x03\x01\x02\x00', 'GET / HTTP/1.1', 'EHL\xcf x'])
      expect(kindOf(text), text).toBe('other');
  });

  it('is not told by letters behind its end', () => {
    expect(commandKind(Buffer.from('EHLO mfp'), 0, 3)).toBe('other');
  });
});

describe('the address of a command', () => {
  it('stands between the brackets', () => {
    expect(commandAddress('MAIL FROM:<scan@contoso.example> SIZE=18019')).toBe('scan@contoso.example');
    expect(commandAddress('RCPT TO:<anna@contoso.example> NOTIFY=NEVER ORCPT=rfc822;b@c')).toBe('anna@contoso.example');
  });

  it('may do without brackets, with any case and any space', () => {
    expect(commandAddress('mail from: a@b')).toBe('a@b');
    expect(commandAddress('mail from:a@b SIZE=3')).toBe('a@b');
    expect(commandAddress('MAIL FROM:   <a@b>')).toBe('a@b');
  });

  it('is empty for the null sender', () => {
    expect(commandAddress('MAIL FROM:<>')).toBe('');
    expect(commandAddress('MAIL FROM:<> SIZE=3 AUTH=<a@b>')).toBe('');
  });

  it('may hold letters of any script', () => {
    expect(commandAddress('MAIL FROM:<jörg@büro.example> SMTPUTF8')).toBe('jörg@büro.example');
    expect(commandAddress('RCPT TO:<用户@例子.example>')).toBe('用户@例子.example');
  });

  it('may hold brackets, colons and spaces in quotes', () => {
    expect(commandAddress('RCPT TO:<"a > b"@contoso.example> SIZE=1')).toBe('"a > b"@contoso.example');
    expect(commandAddress('RCPT TO:<"say \\"x>y\\""@contoso.example>')).toBe('"say \\"x>y\\""@contoso.example');
    expect(commandAddress('RCPT TO:<"a:b"@contoso.example>')).toBe('"a:b"@contoso.example');
  });

  it('is empty when there is none', () => {
    expect(commandAddress('MAIL')).toBe('');
    expect(commandAddress('MAIL FROM:')).toBe('');
  });

  it('survives a bracket or a quote that is never closed', () => {
    expect(commandAddress('MAIL FROM:<a@b')).toBe('a@b');
    expect(commandAddress('MAIL FROM:<"a@b>')).toBe('"a@b');
  });
});

describe('a parameter of a command', () => {
  const command = 'MAIL FROM:<a@b> size=18019 BODY=8BITMIME AUTH=<> XMESSAGEVALUE=MediumHigh';

  it('is found in any case', () => {
    expect(commandParameter(command, 'SIZE')).toBe('18019');
    expect(commandParameter(command, 'AUTH')).toBe('<>');
  });

  it('is undefined when it is not there', () => {
    expect(commandParameter(command, 'RET')).toBeUndefined();
  });

  it('is never the tail of another one', () => {
    expect(commandParameter('XPROXY SID=08D5 RIP=1.1.1.1 IP=10.0.0.1', 'IP')).toBe('10.0.0.1');
    expect(commandParameter('MAIL FROM:<a@b> MAXSIZE=5', 'SIZE')).toBeUndefined();
  });

  it('is never part of the address', () => {
    expect(commandParameter('MAIL FROM:<"a SIZE=9 b"@contoso.example> SIZE=18019', 'SIZE')).toBe('18019');
  });
});
