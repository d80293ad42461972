import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ReceiveConnector } from '../../src/connector/connector.ts';
import { defaultConnectors } from '../../src/connector/default-connectors.ts';
import type { Properties } from '../../src/connector/properties.ts';
import type { RightEntry } from '../../src/connector/right.ts';
import { cmdletDefaults } from '../../src/connector/usage-type.ts';
import type { CopyRequest } from '../../src/powershell/copy/copy-request.ts';
import { type Copy, copyConnectors } from '../../src/powershell/copy-connector.ts';
import { connector } from '../connector/connectors.ts';
import { commandsOf, expectGolden } from './golden.ts';

const EX01 = defaultConnectors({ server: 'EX01', fqdn: 'ex01.contoso.com', version: '2019' });
const EX02 = defaultConnectors({ server: 'EX02', fqdn: 'ex02.contoso.com', version: '2019' });

/** Complete, as from an export. */
const full = (properties: Properties): Properties => ({
  ...cmdletDefaults('2016+'),
  Fqdn: 'ex01.contoso.com',
  AuthMechanism: ['Tls'],
  PermissionGroups: [],
  TransportRole: 'FrontendTransport',
  ...properties,
});

const allow = (user: string, ...rights: string[]): RightEntry => ({ user, deny: false, inherited: false, rights });
const deny = (user: string, ...rights: string[]): RightEntry => ({ user, deny: true, inherited: false, rights });

function copy(
  connectors: readonly ReceiveConnector[],
  target: readonly ReceiveConnector[] | null = EX02,
  rights: Record<string, RightEntry[]> = {},
  more: Partial<CopyRequest> = {},
): Copy {
  return copyConnectors({
    from: { server: 'EX01', asOf: Date.UTC(2026, 0, 12, 8), connectors },
    to: { server: 'EX02', version: '2019', connectors: target },
    rights: new Map(Object.entries(rights).map(([name, entries]) => [name.toLowerCase(), entries])),
    ...more,
  });
}

const code = ({ lines }: Copy): string =>
  lines
    .filter(({ kind }) => kind === 'command')
    .map(({ text }) => text)
    .join('\n');
const comments = ({ lines }: Copy): string =>
  lines
    .filter(({ kind }) => kind === 'comment')
    .map(({ text }) => text.slice(2))
    .join(' ');

const SIX: readonly ReceiveConnector[] = [
  connector(
    'Anon Relay EX01',
    '0.0.0.0:25',
    '10.0.20.11 10.0.20.12 10.0.20.64/26',
    full({ PermissionGroups: ['AnonymousUsers', 'Custom'], ProtocolLoggingLevel: 'Verbose' }),
  ),
  connector(
    'ERP (EX01)',
    '10.0.0.11:25 0.0.0.0:2587',
    '10.0.30.0-10.0.30.99',
    full({
      PermissionGroups: ['AnonymousUsers', 'ExchangeUsers', 'Custom'],
      AuthMechanism: ['Tls', 'BasicAuth', 'BasicAuthRequireTLS'],
      ProtocolLoggingLevel: 'Verbose',
      Fqdn: 'smtp.contoso.com',
      MaxMessageSize: 157_286_400,
      MaxRecipientsPerMessage: 5000,
      MessageRateLimit: 600,
      ConnectionTimeout: 1_800_000,
      TlsCertificateName: '<I>CN=Contoso CA, O=Contoso<S>CN=smtp.contoso.com',
      TarpitInterval: 0,
    }),
  ),
  connector(
    'B\u00fcro \u201eS\u00fcd\u201c \u2013 $(calc) `x` O\u2019Brien\u2019s',
    '0.0.0.0:25 [::]:25',
    '10.0.40.0/24 fd00:40::/64',
    full({
      PermissionGroups: ['AnonymousUsers'],
      Comment: "Hr. M\u00fcller's scanners\r\nRemove-Item C:\\ -Recurse\u202e",
      SmtpUtf8Enabled: false,
    }),
  ),
  connector(
    'Secured',
    '0.0.0.0:25',
    Array.from({ length: 30 }, (_, index) => `10.0.50.${index * 2 + 1}`).join(' '),
    full({ AuthMechanism: ['ExternalAuthoritative'], PermissionGroups: ['ExchangeServers'], MaxHeaderSize: 65_536 }),
  ),
  {
    ...connector(
      'Partner',
      '[::]:2526 0.0.0.0:2526',
      '203.0.113.7',
      full({
        DomainSecureEnabled: true,
        PermissionGroups: ['Partners'],
        DefaultDomain: 'contoso.com',
        TlsDomainCapabilities: ['mail.protection.outlook.com:AcceptCloudServicesMail'],
        LiveCredentialEnabled: true,
      }),
    ),
    others: { WhenChanged: '12.01.2026', FutureProperty: 'True', Other: '' },
  },
  connector('Old', '0.0.0.0:25', '10.0.60.1', { PermissionGroups: ['AnonymousUsers', 'Custom'], Enabled: false }),
];

const RIGHTS = {
  'EX01\\Anon Relay EX01': [
    allow('NT-AUTORIT\u00c4T\\ANONYMOUS-ANMELDUNG', 'ms-Exch-SMTP-Submit', 'ms-Exch-SMTP-Accept-Any-Recipient'),
    { ...allow('CONTOSO\\Everybody', 'ms-Exch-SMTP-Submit'), inherited: true },
  ],
  'EX01\\ERP (EX01)': [
    allow("CONTOSO\\svc o'erp", 'ms-Exch-SMTP-Accept-Any-Sender', 'ms-Exch-Bypass-Anti-Spam'),
    deny('S-1-5-7', 'ms-Exch-SMTP-Accept-Authoritative-Domain-Sender'),
  ],
};

describe('a copy of connectors', () => {
  it('is a script', () => {
    const copied = copy([...EX01, ...SIX], EX02, RIGHTS);
    expectGolden('copy-six-connectors', copied.lines);
    commandsOf(copied.lines);
    expect(copied.connectors.map(({ to, action }) => `${action} ${to}`)).toEqual([
      'create EX02\\Anon Relay EX02',
      'create EX02\\ERP (EX02)',
      `create EX02\\${SIX[2]!.name}`,
      'create EX02\\Secured',
      'create EX02\\Partner',
      'create EX02\\Old',
      ...EX02.map(({ name }) => `default EX02\\${name}`),
    ]);
  });

  it('never sets Custom', () => {
    expect(code(copy(SIX))).not.toMatch(/PermissionGroups.*Custom/);
  });

  it('gives the right by the variable, which is empty where the connector could not be made', () => {
    const text = code(copy(SIX.slice(0, 1), EX02, RIGHTS));
    expect(text).toMatch(
      /\$connector1 = \$null\n(.*\n)+\$connector1 = New-ReceiveConnector @new1 -ErrorAction Stop\n\$connector1 \| Add-ADPermission -User \$anonymous -ExtendedRights "ms-Exch-SMTP-Accept-Any-Recipient"/,
    );
  });

  it('makes a connector with denied rights disabled, and enables it last', () => {
    const text = code(copy(SIX.slice(1, 2), EX02, RIGHTS));
    const at = (part: string): number => text.indexOf(part);
    expect(at('Enabled = $false')).toBeGreaterThan(0);
    expect(at('-Deny')).toBeGreaterThan(at('Enabled = $false'));
    expect(at('svc')).toBeGreaterThan(at('-Deny'));
    expect(at('Set-ReceiveConnector -Enabled $true')).toBeGreaterThan(at('svc'));
  });

  it('says what must be looked up where the rights were not imported', () => {
    const copied = copy(SIX.slice(0, 1));
    expect(code(copied)).not.toContain('Add-ADPermission');
    expect(comments(copied)).toContain('Custom cannot be set');
    expect(comments(copied)).toContain('Get-ReceiveConnector "EX01\\Anon Relay EX01" | Get-ADPermission');
  });

  it('binds no address of the old server', () => {
    expect(code(copy(SIX.slice(1, 2)))).toContain('"ADDRESS-INSTEAD-OF-10.0.0.11:25"');
    const mapped = copy(SIX.slice(1, 2), EX02, {}, { localAddresses: new Map([['10.0.0.11', '10.0.0.12']]) });
    expect(code(mapped)).toContain('Bindings = "10.0.0.12:25", "0.0.0.0:2587"');
  });

  it('leaves Fqdn to the target where it is the name of the old server', () => {
    expect(code(copy(SIX.slice(0, 1)))).not.toContain('Fqdn');
    expect(code(copy(SIX.slice(1, 2)))).toContain('Fqdn = "smtp.contoso.com"');
    const exchange = connector(
      'X',
      '0.0.0.0:25',
      '10.0.0.1',
      full({ AuthMechanism: ['Tls', 'ExchangeServer'], Fqdn: 'mail.contoso.com' }),
    );
    expect(code(copy([exchange]))).not.toContain('Fqdn');
    expect(comments(copy([exchange]))).toContain('To do: Fqdn is mail.contoso.com');
  });

  it('leaves out what conflicts with a connector of the target, with the reason', () => {
    const copied = copy(SIX.slice(0, 1), [...EX02, connector('Other', '0.0.0.0:25', '10.0.20.12', {}, 'EX02')]);
    expect(copied.connectors[0]).toMatchObject({ action: 'refused', refusals: [{ rule: 'conflict-identical-ranges' }] });
    expect(code(copied)).toBe('');
    expect(comments(copied)).toContain('Exchange says: The values that you specified');
  });

  it('waits with a connector until nothing is in its way', () => {
    const on = (server: string, name: string, range: string) => connector(name, '0.0.0.0:25', range, full({ Fqdn: '' }), server);
    const copied = copy(
      [on('EX01', 'A', '10.0.0.1'), on('EX01', 'B', '10.0.0.2')],
      [on('EX02', 'A', '10.0.0.9'), on('EX02', 'B', '10.0.0.1')],
    );
    expect(copied.connectors.map(({ to, action }) => `${action} ${to}`)).toEqual(['change EX02\\B', 'change EX02\\A']);
  });

  it('knows names in any form, and says which it does not know', () => {
    const copied = copy(SIX, EX02, {}, { names: ['anon relay', 'EX01\\Partner', 'none'] });
    expect(copied.connectors.map(({ from }) => from)).toEqual(['EX01\\Anon Relay EX01', 'EX01\\Partner']);
    expect(copied.unknown).toEqual(['none']);
  });

  it('runs the same commands whatever names, comments and accounts hold', () => {
    const run = (one: string, other: string, account: string): string[] =>
      commandsOf(
        copy(
          [connector(`x${one}`, '0.0.0.0:25', '10.0.0.1', full({ Comment: `x${other}`, PermissionGroups: ['AnonymousUsers'] }))],
          EX02,
          { [`EX01\\x${one}`]: [allow(`CONTOSO\\x${account}`, 'ms-Exch-SMTP-Accept-Any-Recipient')] },
        ).lines,
      ).filter((name) => name !== 'Where-Object');
    const usual = run('', '', '');
    const any = fc.string({ unit: 'binary', maxLength: 30 }).map((text) => text.replaceAll('\\', ''));
    fc.assert(
      fc.property(any, any, any, (one, other, account) => {
        expect(run(one, other, `${account}z`)).toEqual(usual);
      }),
      { numRuns: 300 },
    );
  });
});

describe('a copy onto a connector that is there', () => {
  const source = connector(
    'Relay EX01',
    '0.0.0.0:25',
    '10.0.0.1 10.0.0.2',
    full({ PermissionGroups: ['AnonymousUsers', 'Custom'], MaxHopCount: 30 }),
  );
  const target = (ranges: string, properties: Properties = {}) =>
    connector(
      'Relay EX02',
      '0.0.0.0:25',
      ranges,
      full({ Fqdn: 'ex02.contoso.com', PermissionGroups: ['AnonymousUsers'], ...properties }),
      'EX02',
    );
  const RELAYS = [allow('S-1-5-7', 'ms-Exch-SMTP-Accept-Any-Recipient')];

  it('sets what differs, and nothing else', () => {
    const copied = copy([source], [target('10.0.0.1-10.0.0.2')], { 'EX01\\Relay EX01': RELAYS });
    expect(code(copied).split('\n').slice(1, 3)).toEqual([
      'Set-ReceiveConnector "EX02\\Relay EX02" -MaxHopCount 30',
      'Get-ReceiveConnector "EX02\\Relay EX02" | Add-ADPermission -User $anonymous -ExtendedRights "ms-Exch-SMTP-Accept-Any-Recipient"',
    ]);
  });

  it('does nothing where nothing differs', () => {
    const copied = copy(
      [source],
      [target('10.0.0.1 10.0.0.2', { MaxHopCount: 30, PermissionGroups: ['AnonymousUsers', 'Custom'] })],
      {
        'EX01\\Relay EX01': RELAYS,
        'EX02\\Relay EX02': RELAYS,
      },
    );
    expect(copied.connectors).toMatchObject([{ action: 'same' }]);
    expect(code(copied)).toBe('');
  });

  it('takes rights away before it lets more clients in', () => {
    const plain = { ...source, properties: full({ PermissionGroups: ['AnonymousUsers'] }) };
    const text = code(
      copy([plain], [target('10.0.0.1', { PermissionGroups: ['AnonymousUsers', 'Custom'] })], { 'EX02\\Relay EX02': RELAYS }),
    );
    expect(text.indexOf('Remove-ADPermission')).toBeGreaterThan(0);
    expect(text.indexOf('RemoteIPRanges "10.0.0.1", "10.0.0.2"')).toBeGreaterThan(text.indexOf('Remove-ADPermission'));
    expect(text).toContain('-Confirm:$false');
  });

  it('lets no more clients in while its rights are not known', () => {
    const plain = { ...source, properties: full({ PermissionGroups: ['AnonymousUsers'] }) };
    const copied = copy([plain], [target('10.0.0.1', { PermissionGroups: ['AnonymousUsers', 'Custom'] })]);
    expect(code(copied)).not.toContain('RemoteIPRanges "');
    expect(comments(copied)).toContain('Set-ReceiveConnector "EX02\\Relay EX02" -RemoteIPRanges "10.0.0.1", "10.0.0.2"');
  });

  it('is a script', () => {
    const frontend = EX01[2]!;
    const copied = copy(
      [
        { ...frontend, properties: { ...frontend.properties, MaxMessageSize: 104_857_600, RequireTLS: true } },
        source,
        connector('Scanner', '10.0.0.11:25', '10.0.9.0/24', full({ PermissionGroups: ['AnonymousUsers'] })),
      ],
      [
        ...EX02,
        target('10.0.0.1', { PermissionGroups: ['ExchangeUsers'], ProtocolLoggingLevel: 'Verbose' }),
        connector('Scanner', '10.0.0.12:25', '10.0.9.0/25', full({ PermissionGroups: ['AnonymousUsers'], Fqdn: '' }), 'EX02'),
      ],
      { 'EX01\\Relay EX01': RELAYS },
      { names: ['Default Frontend', 'Relay', 'Scanner'] },
    );
    expectGolden('copy-onto-existing', copied.lines);
    commandsOf(copied.lines);
  });
});
