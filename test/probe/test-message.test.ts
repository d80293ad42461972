import fc from 'fast-check';
import { expect, test } from 'vitest';
import { testMessage } from '../../src/probe/test-message.ts';

const MESSAGE = {
  sender: 'scan@contoso.example',
  recipients: ['a@fabrikam.example', 'b@fabrikam.example'],
  helo: 'mfp-01',
  server: 'ex01.contoso.example:25',
  at: Date.UTC(2026, 10, 2, 8),
  id: 'x',
};

test('the test message says in subject and body that it is one', () => {
  const lines = testMessage(MESSAGE);
  const empty = lines.indexOf('');
  expect(lines.slice(0, empty)).toContain('Subject: Test message of relaylens probe, please ignore');
  expect(lines.slice(empty).join(' ')).toContain('This is a test message.');
  expect(lines).toEqual(
    expect.arrayContaining(['To: a@fabrikam.example,', ' b@fabrikam.example', 'Date: Mon, 02 Nov 2026 08:00:00 +0000']),
  );
});

test('whatever the names are, it stays ASCII, without line ends in a line', () => {
  const text = fc.string({ unit: 'binary', maxLength: 300 });
  fc.assert(
    fc.property(text, text, (helo, server) => {
      for (const line of testMessage({ ...MESSAGE, helo, server })) expect(line).toMatch(/^[\x20-\x7e]{0,400}$/);
    }),
  );
});
