import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mailboxFolder } from '../../../src/relay/delivery/mailbox-folder.ts';
import { Maildir } from '../../../src/relay/delivery/maildir.ts';
import type { Envelope } from '../../../src/relay/machine/effects.ts';
import { temporaryFolder } from '../../harness.ts';
import { CONTENT, HEADER, openSpool, put } from './delivery-harness.ts';

async function delivered(layout: 'one' | 'recipient', envelope: Partial<Envelope> = {}, times = 1) {
  const folder = join(temporaryFolder(), 'mail');
  const spool = await openSpool();
  const message = (await spool.read(await put(spool, envelope)))!;
  const order = {
    message,
    recipients: message.recipients,
    content: () => spool.content(message),
    signal: new AbortController().signal,
  };
  const maildir = new Maildir({ folder, layout });
  const results = [];
  for (let i = 0; i < times; i++) results.push(...(await maildir.deliver(order)));
  return { folder, results, maildir, order };
}

describe('a Maildir', () => {
  it('has one copy a recipient, which says for whom it is and from whom', async () => {
    const recipients = ['ann@fabrikam.example', 'bob@fabrikam.example'];
    const { folder, results } = await delivered('one', { recipients });
    expect(results.map(({ kind }) => kind)).toEqual(['delivered', 'delivered']);
    expect(readdirSync(join(folder, 'tmp'))).toEqual([]);
    const copies = readdirSync(join(folder, 'new'))
      .sort()
      .map((name) => readFileSync(join(folder, 'new', name), 'utf8'));
    expect(copies).toEqual(
      recipients.map(
        (recipient) =>
          `Return-Path: <scan@contoso.example>\r\nDelivered-To: ${recipient}\r\nX-Original-To: ${recipient}\r\n${HEADER}${CONTENT}`,
      ),
    );
  });

  it('has no second copy when the same is stored again after a kill', async () => {
    const { folder } = await delivered('one', {}, 3);
    expect(readdirSync(join(folder, 'new'))).toHaveLength(1);
  });

  it('may be one a recipient, by domain and user', async () => {
    const { folder } = await delivered('recipient', { recipients: ['Ann@Fabrikam.example', '../../etc@..'] });
    expect(readdirSync(folder).sort()).toEqual(['%%2e%2e', 'fabrikam.example']);
    expect(readdirSync(join(folder, 'fabrikam.example', 'ann', 'new'))).toHaveLength(1);
  });

  it('that cannot be written defers', async () => {
    const folder = join(temporaryFolder(), 'mail');
    writeFileSync(folder, '');
    const { order } = await delivered('one');
    expect(await new Maildir({ folder, layout: 'one' }).deliver(order)).toMatchObject([
      { kind: 'deferred', reply: expect.stringMatching(/^451 4\.3\.0 not stored/) },
    ]);
  });
});

it('no address leaves the folder, names a device, or collides with another', () => {
  const hostile = fc.oneof(
    fc.string({ maxLength: 300 }),
    fc.constantFrom('..@..', '@', 'con@nul.txt', '/etc/passwd@x', 'a\\b@c:d', 'A@b', 'a.@b.', '%41@b', `${'x'.repeat(400)}@y`),
  );
  fc.assert(
    fc.property(hostile, hostile, (one, other) => {
      for (const address of [one, other]) {
        const parts = mailboxFolder(address).split('/');
        expect(parts).toHaveLength(2);
        for (const part of parts) {
          expect(part).toMatch(/^[a-z0-9_=+.%-]{1,130}$/);
          expect(part).not.toMatch(/^\.|\.$|^(con|nul|aux|prn|com\d|lpt\d)(\.|$)/);
        }
      }
      const user = (address: string): string => address.toLowerCase();
      const canonical = (address: string): string => (user(address).includes('@') ? user(address) : `${user(address)}@`);
      if (mailboxFolder(one) === mailboxFolder(other))
        expect(canonical(one).replace(/@$/, '@no-domain')).toBe(canonical(other).replace(/@$/, '@no-domain'));
    }),
  );
});
