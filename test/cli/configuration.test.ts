/** The configuration on the command line: import, match, what sessions and sources say by it, and the commands to paste. */
import { copyFileSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { parseBinding } from '../../src/connector/binding.ts';
import { type Asked, databaseOf, LOGS, relaylens } from './console.ts';

const CONFIGURATION = fileURLToPath(new URL('../../fixtures/configuration/exports/', import.meta.url));
const FILES = ['connectors.json', 'connector-rights.json', 'accepted-domains.json', 'devices.csv'].map((name) =>
  join(CONFIGURATION, name),
);

const ask = databaseOf();
beforeAll(async () => {
  const { code, err } = await ask('config', 'import', ...FILES, '--as-of', '2026-11-01');
  expect({ code, err }).toEqual({ code: 0, err: '' });
});

interface Attributed {
  source: string | null;
  device: string | null;
  connector: string;
  direction: string;
  attribution: {
    verdict: string;
    expected: string | null;
    why: string | null;
    reason: string;
    missed: { connector: string; why: string; because: string }[];
  } | null;
  relayRight: { mayRelay: string; knownBy: string; recipientsExternal: number | null } | null;
}

const sessionsOf = async (from: Asked, ...filter: string[]): Promise<Attributed[]> =>
  (await from.json('sessions', ...filter)).sessions;

describe('a printer that lands on the default connector while its twin lands on the relay connector', () => {
  it('match says why', async () => {
    const answer = await ask.json('match', '10.0.20.12', '--server', 'EX01');
    expect(answer.connector).toBe('EX01\\Default Frontend EX01');
    expect(answer.candidates.find((one: { connector: string }) => one.connector === 'EX01\\Anon Relay EX01')).toMatchObject({
      wins: false,
      range: '10.0.20.10-10.0.20.11',
      rangeSize: 2,
      obstacle: 'range',
      because:
        '10.0.20.12 is in none of its remote IP ranges; nearest is 10.0.20.10-10.0.20.11, which ends one address too early',
    });
    expect((await ask.json('match', '10.0.20.11', '--server', 'EX01')).connector).toBe('EX01\\Anon Relay EX01');
  });

  it('sessions say why', async () => {
    for (const session of await sessionsOf(ask, '--source', '10.0.20.12', '--server', 'EX01'))
      expect(session).toMatchObject({
        device: 'MFP-02 (floor 3)',
        attribution: {
          verdict: 'as-expected',
          expected: 'EX01\\Default Frontend EX01',
          missed: [
            { connector: 'EX01\\Anon Relay EX01', why: 'range', because: expect.stringContaining('one address too early') },
          ],
        },
        relayRight: { mayRelay: 'no' },
      });
    for (const session of await sessionsOf(ask, '--source', '10.0.20.11', '--server', 'EX01', '--connector', 'Anon Relay'))
      expect(session).toMatchObject({
        device: 'MFP-01',
        attribution: { verdict: 'as-expected', missed: [] },
        relayRight: { mayRelay: 'yes', knownBy: 'rights', recipientsExternal: 1 },
      });
  });

  it('every session of the organisation is as expected: its logs and its configuration are of one piece', async () => {
    const received = (await sessionsOf(ask)).filter(({ direction }) => direction === 'receive');
    const odd = received.filter(
      ({ attribution }) => attribution?.verdict !== 'as-expected' && attribution?.verdict !== 'other-connector',
    );
    expect(odd.map(({ source, attribution }) => [source, attribution?.reason])).toEqual([]);
  });

  it('a client without a connector is not as expected where the default connector takes everybody', async () => {
    const [session] = await sessionsOf(ask, '--source', '192.168.77.20');
    expect(session).toMatchObject({
      connector: '',
      attribution: { verdict: 'other-connector', expected: 'EX01\\Default Frontend EX01' },
    });
  });

  it('an IPv6 client is told that the relay connector has IPv4 only', async () => {
    const [session] = await sessionsOf(ask, '--source', 'fd00:20::31');
    expect(session?.attribution?.missed).toMatchObject([{ connector: 'EX01\\Anon Relay EX01', why: 'family' }]);
  });

  it('send sessions are attributed to nothing', async () => {
    for (const session of await sessionsOf(ask, '--direction', 'send'))
      expect(session).toMatchObject({ attribution: null, relayRight: null });
  });
});

describe('sources', () => {
  it('have the names of the device list, and external recipients by the accepted domains', async () => {
    const { sources } = await ask.json('sources');
    const of = (address: string) => sources.find(({ source }: { source: string }) => source === address);
    expect(of('10.0.20.12')).toMatchObject({ device: 'MFP-02 (floor 3)', recipientsExternal: 0 });
    expect(of('10.0.20.11')).toMatchObject({ device: 'MFP-01', recipientsExternal: 4 });
    expect(of('10.0.30.5')).toMatchObject({ device: 'ERP', recipientsExternal: 6 });
    expect(of('10.0.30.6')).toMatchObject({ device: 'Application servers' });
    expect(of('fd00:20::31')).toMatchObject({ device: 'Camera lobby' });
    expect(of('10.0.40.9')).toMatchObject({ device: null });
  });
});

describe('the history', () => {
  const past = databaseOf();
  const without = (server: string, name: string): string => {
    const all = JSON.parse(readFileSync(FILES[0]!, 'utf8')) as { Identity: string }[];
    return JSON.stringify(all.filter(({ Identity }) => Identity.startsWith(`${server}\\`) && !Identity.endsWith(name)));
  };

  it('each session is held against what was valid then', async () => {
    const later = past.path('later.json');
    writeFileSync(later, without('EX01', 'Anon Relay EX01'));
    await past('config', 'import', ...FILES, '--as-of', '2026-11-01');
    const { code, err } = await past('config', 'import', later, '--as-of', '2026-11-02T09:00');
    expect(code).toBe(0);
    expect(err).toMatch(
      /^EX01: 1 connector of the configuration before is not in this one and counts as deleted: "Anon Relay EX01"/,
    );
    const verdicts = (await sessionsOf(past, '--source', '10.0.20.11', '--server', 'EX01', '--connector', 'Anon')).map(
      ({ attribution }) => attribution?.verdict,
    );
    expect(verdicts).toEqual(['as-expected', 'as-expected', 'unknown-connector']);
  });

  it('match answers for any time', async () => {
    expect((await past.json('match', '10.0.20.11', '--server', 'EX01')).connector).toBe('EX01\\Default Frontend EX01');
    expect((await past.json('match', '10.0.20.11', '--server', 'EX01', '--at', '2026-11-02T08:00')).connector).toBe(
      'EX01\\Anon Relay EX01',
    );
  });

  it('the other server is as it was', async () => {
    expect((await past.json('match', '10.0.20.11', '--server', 'EX02')).connector).toBe('EX02\\Anon Relay EX02');
  });

  it('an export of a part leaves the rest as it was, if one says so', async () => {
    const part = past.path('part.json');
    writeFileSync(part, without('EX01', 'Default Frontend EX01'));
    const { code, err } = await past('config', 'import', part, '--as-of', '2026-11-03', '--merge');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect((await past.json('match', '192.0.2.1', '--server', 'EX01')).connector).toBe('EX01\\Default Frontend EX01');
  });

  it('config list tells what was imported, and when', async () => {
    const { configurations } = await past.json('config', 'list');
    const ex01 = configurations.filter(
      (one: { kind: string; scope: string }) => one.kind === 'connectors' && one.scope === 'EX01',
    );
    expect(ex01.map(({ asOf, count }: { asOf: string; count: number }) => [asOf.slice(0, 10), count])).toEqual([
      ['2026-11-01', 6],
      ['2026-11-02', 5],
      ['2026-11-03', 6],
    ]);
  });

  it('config list has columns for programs as CSV', async () => {
    const { out } = await past('config', 'list', '--format', 'csv');
    expect(out.replace('\uFEFF', '').split(/\r?\n/)[0]).toBe('what,of,entries,asOf,imported,file');
  });

  it('without a date it is that of the file', async () => {
    const dated = past.path('dated.json');
    copyFileSync(FILES[2]!, dated);
    utimesSync(dated, new Date('2026-05-06T07:08:09Z'), new Date('2026-05-06T07:08:09Z'));
    const { imported } = await past.json('config', 'import', dated);
    expect(imported).toMatchObject([{ kind: 'accepted-domains', asOf: '2026-05-06T07:08:09.000Z' }]);
  });
});

describe('before any configuration', () => {
  const empty = databaseOf();

  it('sessions say so, and tell the right to relay from the log alone', async () => {
    const sessions = await sessionsOf(empty, '--direction', 'receive');
    expect(new Set(sessions.map(({ attribution }) => attribution?.verdict))).toEqual(new Set(['no-configuration']));
    const refused = sessions.filter(({ source }) => source === '10.0.20.12');
    for (const { relayRight } of refused) expect(relayRight).toMatchObject({ mayRelay: 'no' });
    expect(new Set(refused.map(({ relayRight }) => relayRight?.knownBy))).toEqual(new Set(['log', 'refused-recipient']));
    const allowed = sessions.find(({ source, connector }) => source === '10.0.20.11' && connector === 'EX01\\Anon Relay EX01');
    expect(allowed?.relayRight).toMatchObject({ mayRelay: 'yes', knownBy: 'accepted-recipient', recipientsExternal: 1 });
  });

  it.each([
    ['match', '10.0.20.12'],
    ['connectors', 'diff', 'EX01', 'EX02'],
    ['connectors', 'copy', '--from', 'EX01', '--to', 'EX02'],
    ['connectors', 'check'],
  ])('%s %s says how to import one', async (...args) => {
    const { code, out, err } = await empty(...args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/holds no configuration of receive connectors\nImport one: relaylens config import/);
  });
});

describe('match', () => {
  test.each([
    [['192.0.2.7', '--to', '10.0.0.5:587'], 'EX01\\Client Frontend EX01'],
    [['192.0.2.7', '--to', ':587'], 'EX01\\Client Frontend EX01'],
    [['192.0.2.7', '--to', '2525'], 'EX01\\Default EX01'],
    [['2001:db8::7', '--to', '[fd00::5]:25'], 'EX01\\Default Frontend EX01'],
    [['10.0.20.11', '--to', '10.0.0.5:2626'], null],
  ])('%j lands on %s', async (args, expected) => {
    expect((await ask.json('match', ...args, '--server', 'EX01')).connector).toBe(expected);
  });

  it('asks every server', async () => {
    const { servers } = await ask.json('match', '10.0.20.13');
    expect(servers.map(({ connector }: { connector: string }) => connector)).toEqual([
      'EX01\\Anon Relay EX01',
      'EX02\\Default Frontend EX02',
    ]);
  });

  test.each([
    [['mfp-02'], "'mfp-02' is no IP address"],
    [['10.0.20.12', '--to', 'ex01:25'], "'ex01:25' is no address and port"],
    [['10.0.20.12', '--to', '[fd00::5]:25'], 'a client at 10.0.20.12 cannot connect to [fd00::5]:25'],
    [['10.0.20.12', '--server', 'EX09'], 'no configuration of EX09 was imported'],
  ])('%j is wrong, in one line', async (args, line) => {
    const { code, out, err } = await ask('match', ...args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(line);
    expect(err.split('\n')).toHaveLength(3);
  });
});

describe('connectors', () => {
  it('stand as configured and as seen side by side', async () => {
    const { connectors } = await ask.json('connectors');
    const of = (name: string) => connectors.find(({ connector }: { connector: string }) => connector === name);
    expect(of('EX01\\Anon Relay EX01')).toMatchObject({
      sessions: 10,
      configured: {
        bindings: ['0.0.0.0:25'],
        permissionGroups: ['AnonymousUsers', 'Custom'],
        protocolLoggingLevel: 'Verbose',
        mayRelay: 'yes',
      },
    });
    expect(of('EX02\\Client Proxy EX02')).toMatchObject({ sessions: 0, lastSeen: null, configured: { mayRelay: 'no' } });
    expect(of('Internet')).toMatchObject({ direction: 'send', configured: null });
    for (const { configured } of connectors)
      for (const text of configured?.bindings ?? []) expect(parseBinding(text), text).toBeDefined();
  });

  it('diff puts what a client notices first', async () => {
    const { out } = await ask('connectors', 'diff', 'ex01', 'EX02');
    expect(out.indexOf('\nAnon Relay\n')).toBeLessThan(out.indexOf('\nClient Proxy\n'));
  });

  it('copy prints commands, and writes a file that Windows PowerShell reads right', async () => {
    const { out } = await ask('connectors', 'copy', '--from', 'EX01', '--to', 'EX03');
    expect(out).toContain('Name = "Anon Relay EX03"');
    expect(out).toContain('Add-ADPermission -User $anonymous -ExtendedRights "ms-Exch-SMTP-Accept-Any-Recipient"');
    const file = ask.path('copy.ps1');
    await ask('connectors', 'copy', '--from', 'EX01', '--to', 'EX03', '--out', file);
    expect(readFileSync(file).subarray(0, 3)).toEqual(Buffer.from([0xef, 0xbb, 0xbf]));
    expect(readFileSync(file, 'utf8')).toBe(`\uFEFF${out.replaceAll('\n', '\r\n')}`);
  });

  it('copy onto a server that has a twin changes what differs', async () => {
    const { out } = await ask('connectors', 'copy', '--from', 'EX01', '--to', 'EX02', '--connector', 'Anon Relay');
    expect(out).toContain('Set-ReceiveConnector "EX02\\Anon Relay EX02"');
    expect(out).not.toContain('New-ReceiveConnector');
  });

  it('diff of a server with itself is a mistake', async () => {
    const { code, out, err } = await ask('connectors', 'diff', 'EX01', 'ex01');
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain('EX01 is compared with itself');
  });

  it.each([
    ['10.0.0.99=banana', 'not two addresses'],
    ['10.0.0.99', 'not two addresses'],
    ['10.0.0.99=fd00::1', 'an IPv4 and an IPv6 address'],
  ])('copy takes no --address %s', async (pair, words) => {
    const { code, out, err } = await ask('connectors', 'copy', '--from', 'EX01', '--to', 'EX03', '--address', pair);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(words);
  });

  it('copy says which --address no binding names', async () => {
    const { code, err } = await ask('connectors', 'copy', '--from', 'EX01', '--to', 'EX03', '--address', '10.0.0.99=10.0.0.98');
    expect(code).toBe(0);
    expect(err).toContain('--address 10.0.0.99: no binding that is copied names it');
  });

  it('copy of a 2013 server gives no parameter that it does not have', async () => {
    const { out } = await ask('connectors', 'copy', '--from', 'EX02', '--to', 'EX04', '--connector', 'Default Frontend EX02');
    expect(out).toContain('New-ReceiveConnector');
    expect(out).not.toMatch(/SmtpUtf8Enabled +=|-SmtpUtf8Enabled|AuthTarpitInterval/);
  });

  it('new needs no database, and says what it does not know', async () => {
    const { code, out, err } = await relaylens([
      'connectors',
      'new',
      'X',
      '--server',
      'EX09',
      '--ranges',
      '10.9.0.1',
      '--db',
      ask.path('none.db'),
    ]);
    expect(code).toBe(0);
    expect(out).toContain('New-ReceiveConnector');
    expect(err).toMatch(/^The connectors of EX09 are not known \(.*none\.db is not there\)/);
  });

  it('new holds Fqdn to the name of the server', async () => {
    const { code, err } = await ask(
      ...['connectors', 'new', 'X', '--server', 'EX01', '--ranges', '10.9.0.1', '--auth', 'Tls', 'ExchangeServer'],
      ...['--fqdn', 'relay.contoso.example', '--server-fqdn', 'ex01.contoso.example'],
    );
    expect(code).toBe(1);
    expect(err).toContain('the FQDN of the transport server "ex01.contoso.example"');
  });

  it('new says that the ends of a range are swapped', async () => {
    const { code, err } = await ask('connectors', 'new', 'X', '--server', 'EX01', '--ranges', '10.9.0.9-10.9.0.1');
    expect(code).toBe(2);
    expect(err).toContain("'10.9.0.9-10.9.0.1' is a range whose ends are swapped");
  });

  it('copy names a connector that is not there', async () => {
    const { code, err } = await ask('connectors', 'copy', '--from', 'EX01', '--to', 'EX03', '--connector', 'Nothing');
    expect(code).toBe(2);
    expect(err).toContain('EX01 has no connector "Nothing"');
  });

  it('new prints commands', async () => {
    const { code, out } = await ask(
      'connectors',
      'new',
      'Scanners',
      '--server',
      'EX01',
      '--ranges',
      '10.0.20.12,10.0.20.15',
      '10.9.0.0/24',
      '--relay',
      'anonymous',
    );
    expect(code).toBe(0);
    expect(out).toContain('RemoteIPRanges = "10.0.20.12", "10.0.20.15", "10.9.0.0/24"');
  });

  it('new refuses what Exchange refuses, with its reason', async () => {
    const { code, out, err } = await ask(
      'connectors',
      'new',
      'X',
      '--server',
      'EX01',
      '--ranges',
      '10.9.0.1',
      '--auth',
      'ExternalAuthoritative',
      'BasicAuth',
      '--groups',
      'ExchangeServers',
    );
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain('Exchange says: ExternalAuthoritative cannot be set with BasicAuth');
  });

  it('new refuses what conflicts with a connector that is there', async () => {
    const { code, err } = await ask(
      'connectors',
      'new',
      'X',
      '--server',
      'EX01',
      '--ranges',
      '10.0.30.8-10.0.30.20',
      '--relay',
      'anonymous',
    );
    expect(code).toBe(1);
    expect(err).toContain('Anon Relay EX01');
  });
});

describe('an import', () => {
  const folder = (name: string): string => ask.path(name);

  it('takes a folder, and prints the lines for the export with its help', async () => {
    mkdirSync(folder('exports'));
    for (const file of FILES) copyFileSync(file, join(folder('exports'), file.split(/[\\/]/).at(-1)!));
    const { code } = await ask('config', 'import', folder('exports'), '--as-of', '2026-11-01');
    expect(code).toBe(0);
    const help = await relaylens(['config', 'import', '--help']);
    for (const command of ['Get-ReceiveConnector', 'Get-ADPermission', 'Get-AcceptedDomain']) expect(help.out).toContain(command);
  });

  test.each<[string, string | Buffer, RegExp]>([
    ['nothing.json', '', /nothing\.json/],
    ['other.json', '{"a":1}', /other\.json/],
    ['broken.json', '[{"Identity":"EX01\\\\X",', /broken\.json/],
    ['log.csv', readFileSync(join(LOGS, 'EX02/FrontEnd/ProtocolLog/SmtpReceive/RECV20261102-1.LOG')), /log\.csv/],
    [
      'cut.txt',
      'Identity       : EX01\\X\nBindings       : {0.0.0.0:25}\nRemoteIPRanges : {10.0.0.1, 10.0.0.2, 10.0.0.3, 10.0.0.4...}\n',
      /cut\.txt, line \d+: .*RemoteIPRanges/,
    ],
    [
      'wrong.txt',
      'Identity       : EX01\\X\nBindings       : {0.0.0.0:25}\nRemoteIPRanges : {10.0.0.300}\n',
      /wrong\.txt, line \d+: .*10\.0\.0\.300/,
    ],
    [
      'bomb.xml',
      '<!DOCTYPE a [<!ENTITY b "c">]><Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">&b;</Objs>',
      /bomb\.xml/,
    ],
  ])('%s is refused with a clear line, and nothing changes', async (name, content, message) => {
    const before = await ask.json('config', 'list');
    writeFileSync(folder(name), content);
    const { code, out, err } = await ask('config', 'import', folder(name));
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(message);
    expect(err).not.toMatch(/at .*\.ts:\d+/);
    expect(await ask.json('config', 'list')).toEqual(before);
  });

  it('refuses files that contradict each other', async () => {
    const changed = folder('changed.json');
    writeFileSync(changed, readFileSync(FILES[0]!, 'utf8').replace('10.0.20.10-10.0.20.11', '10.0.20.10-10.0.20.12'));
    const { code, err } = await ask('config', 'import', FILES[0]!, changed);
    expect(code).toBe(2);
    expect(err).toContain('"EX01\\Anon Relay EX01" stands differently in another of these files');
  });

  it('names a file that is not there', async () => {
    const { code, err } = await ask('config', 'import', folder('none.json'));
    expect(code).toBe(2);
    expect(err).toMatch(/none\.json: no such file or folder\n/);
  });
});
