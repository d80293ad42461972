import { describe, expect, it } from 'vitest';
import type { ReceiveConnector } from '../../src/connector/connector.ts';
import { defaultConnectors } from '../../src/connector/default-connectors.ts';
import { differenceOf } from '../../src/connector/difference.ts';
import type { Properties } from '../../src/connector/properties.ts';
import type { RightEntry } from '../../src/connector/right.ts';
import { renderText } from '../../src/render/text.ts';
import { connectorDifferenceDocument } from '../../src/reports/connector-difference.ts';
import { connector } from './connectors.ts';

const on = (server: string, connectors: readonly ReceiveConnector[]) => ({ server, asOf: 0, connectors });

type One = [name: string, bindings: string, ranges: string, properties?: Properties];

function compare(a: One[], b: One[], rights: Record<string, RightEntry[]> = {}) {
  return differenceOf(
    on(
      'EX01',
      a.map(([name, bindings, ranges, properties]) => connector(name, bindings, ranges, properties, 'EX01')),
    ),
    on(
      'EX02',
      b.map(([name, bindings, ranges, properties]) => connector(name, bindings, ranges, properties, 'EX02')),
    ),
    new Map(Object.entries(rights).map(([name, entries]) => [name.toLowerCase(), entries])),
  );
}

const brief = (result: ReturnType<typeof compare>): string[] =>
  result.connectors.flatMap(({ connector: name, differences }) =>
    differences.map(({ what, severity, a, b }) => `${name} ${what} (${severity}): ${a?.join(' ')} / ${b?.join(' ')}`),
  );

const RELAY: RightEntry = { user: 'S-1-5-7', deny: false, inherited: false, rights: ['ms-Exch-SMTP-Accept-Any-Recipient'] };

describe('the difference of two servers', () => {
  it('is nothing for what setup makes', () => {
    const made = (server: string) => defaultConnectors({ server, fqdn: `${server}.contoso.com`.toLowerCase(), version: '2019' });
    const { connectors } = differenceOf(on('EX01', made('EX01')), on('EX02', made('EX02')), new Map());
    expect(connectors.flatMap(({ differences }) => differences)).toEqual([]);
    expect(connectors.map(({ connector: name }) => name)).toContain('Default Frontend');
  });

  it('is one of addresses, not of notations', () => {
    expect(
      brief(compare([['R EX01', '0.0.0.0:25', '10.0.0.0/24 10.0.1.0/24']], [['R EX02', ':25', '10.0.0.0-10.0.1.255']])),
    ).toEqual([]);
    expect(brief(compare([['R', '0.0.0.0:25', '10.0.0.0/24']], [['R', '0.0.0.0:25', '10.0.0.0-10.0.0.127 10.0.9.1']]))).toEqual([
      'R remoteIPRanges (selection): 10.0.0.128/25 / 10.0.9.1',
    ]);
  });

  it('compares addresses of the servers themselves by port and family, and says so', () => {
    const result = compare([['R', '10.9.9.1:25', '10.0.0.1']], [['R', '10.9.9.2:25', '10.0.0.1']]);
    expect(brief(result)).toEqual([]);
    const other = compare([['R', '10.9.9.1:25 [::]:25', '10.0.0.1']], [['R', '0.0.0.0:25', '10.0.0.1']]);
    expect(brief(other)).toEqual(['R bindings (selection): 10.9.9.1:25 [::]:25 / 0.0.0.0:25']);
    for (const { connectors } of [result, other])
      expect(connectors[0]?.note).toContain('compared by port and family only: 10.9.9.1:25 on EX01');
  });

  it('holds every property with both of its values', () => {
    const result = compare(
      [
        [
          'R',
          '0.0.0.0:25',
          '10.0.0.1',
          {
            MaxMessageSize: 37_748_736,
            AuthMechanism: ['Tls', 'BasicAuth'],
            ConnectionTimeout: 600_000,
            Fqdn: 'ex01.contoso.com',
            Comment: 'a',
            ProtocolLoggingLevel: 'Verbose',
          },
        ],
      ],
      [
        [
          'R',
          '0.0.0.0:25',
          '10.0.0.1',
          {
            MaxMessageSize: 10_485_760,
            AuthMechanism: ['BasicAuth', 'Tls'],
            Fqdn: 'EX02.contoso.com',
            Comment: 'b',
            ProtocolLoggingLevel: 'None',
          },
        ],
      ],
    );
    expect(brief(result)).toEqual([
      'R MaxMessageSize (limit): 36 MB (37,748,736 bytes) / 10 MB (10,485,760 bytes)',
      'R Comment (other): a / b',
      'R ConnectionTimeout (other): 00:10:00 / undefined',
      'R ProtocolLoggingLevel (other): Verbose / None',
    ]);
    expect(result.connectors[0]?.differences.at(-2)?.because).toContain('the export of EX02 does not hold it');
  });

  it('is noticed by no client of a connector that is disabled', () => {
    const off: Properties = { Enabled: false, MaxMessageSize: 1_048_576 };
    const half = compare(
      [['R', '0.0.0.0:25', '10.0.0.1', { MaxMessageSize: 2_097_152 }]],
      [['R', '0.0.0.0:25', '10.0.0.2', off]],
    );
    expect(brief(half)).toEqual([
      'R Enabled (selection): True / False',
      'R remoteIPRanges (other): 10.0.0.1 / 10.0.0.2',
      'R MaxMessageSize (other): 2 MB (2,097,152 bytes) / 1 MB (1,048,576 bytes)',
    ]);
    expect(half.connectors[0]?.differences[1]?.because).toContain('disabled on EX02 and takes no client there');
    const both = compare([['R', '0.0.0.0:25', '10.0.0.1', { Enabled: false }]], [['R', '0.0.0.0:26', '10.0.0.1', off]]);
    expect(new Set(both.connectors[0]?.differences.map(({ severity }) => severity))).toEqual(new Set(['other']));
    const alone = compare([['Old', '0.0.0.0:25', '10.0.0.1', off]], []);
    expect(brief(alone)).toEqual(['Old connector (other): 10.0.0.1 / ']);
    expect(alone.connectors[0]?.differences[0]?.because).toContain('disabled on EX01');
  });

  it('leaves out rights that the permission groups prove to be old ones', () => {
    const result = compare(
      [['R', '0.0.0.0:25', '10.0.0.1', { PermissionGroups: ['AnonymousUsers'] }]],
      [['R', '0.0.0.0:25', '10.0.0.1', { PermissionGroups: ['AnonymousUsers'] }]],
      { 'EX01\\R': [RELAY], 'EX02\\R': [] },
    );
    expect(brief(result)).toEqual([]);
  });

  it('holds the rights, those for the server accounts too', () => {
    const groups: Properties = { PermissionGroups: ['AnonymousUsers', 'Custom'] };
    const account = (server: string): RightEntry => ({ ...RELAY, user: `CONTOSO\\${server}$` });
    const result = compare([['R', '0.0.0.0:25', '10.0.0.1', groups]], [['R', '0.0.0.0:25', '10.0.0.1', groups]], {
      'EX01\\R': [RELAY, account('EX01')],
      'EX02\\R': [account('EX02')],
    });
    expect(brief(result)).toEqual([
      'R relay (permission): yes / no',
      'R rights (permission): ms-Exch-SMTP-Accept-Any-Recipient for S-1-5-7 / ',
    ]);
  });

  it('says where rights were not imported', () => {
    const groups: Properties = { PermissionGroups: ['AnonymousUsers', 'Custom'] };
    const result = compare([['R', '0.0.0.0:25', '10.0.0.1', groups]], [['R', '0.0.0.0:25', '10.0.0.1', groups]], {
      'EX01\\R': [RELAY],
    });
    expect(brief(result)).toEqual(['R relay (permission): yes / likely', 'R rights (other):  / undefined']);
  });

  it('holds what exists on one server only', () => {
    const result = compare([['A', '0.0.0.0:25', '10.0.0.1']], [['B', '0.0.0.0:25', '10.0.0.2']]);
    expect(result.connectors.map(({ a, b }) => [a, b])).toEqual([
      ['A', null],
      [null, 'B'],
    ]);
    expect(brief(result)).toEqual(['A connector (selection): 10.0.0.1 / ', 'B connector (selection):  / 10.0.0.2']);
  });

  it('is JSON', () => {
    expect(() => JSON.stringify(compare([['A', '[::]:25', '::/0']], []))).not.toThrow();
  });

  it('compares 1,000 connectors', () => {
    const many = (server: string) =>
      on(
        server,
        Array.from({ length: 1000 }, (_, index) =>
          connector(`R${index} ${server}`, '0.0.0.0:25', `10.0.${index >> 8}.${index & 255}`, {}, server),
        ),
      );
    expect(differenceOf(many('EX01'), many('EX02'), new Map()).connectors).toHaveLength(1000);
  });
});

describe('the page of the difference', () => {
  const result = compare(
    [
      [
        'Anon Relay EX01',
        '0.0.0.0:25 [::]:25',
        '10.0.20.11 10.0.20.12 10.0.20.64/26',
        {
          PermissionGroups: ['AnonymousUsers', 'Custom'],
          MaxMessageSize: 37_748_736,
          TlsCertificateName:
            '<I>CN=A certification authority with a very long name, O=Contoso, L=Berlin, C=DE<S>CN=smtp.contoso.com',
        },
      ],
      ['Internet', '0.0.0.0:2526', '0.0.0.0/0'],
      ['ERP (EX01)', '10.0.0.11:25', '10.0.30.0-10.0.30.99'],
      ['Fax', '10.0.0.11:25', '10.0.31.1'],
    ],
    [
      [
        'Anon Relay EX02',
        '0.0.0.0:25',
        '10.0.20.11',
        { PermissionGroups: ['AnonymousUsers'], MaxMessageSize: 10_485_760, TlsCertificateName: '' },
      ],
      ['Internet', '0.0.0.0:2526', '0.0.0.0/0'],
      ['fax', '10.0.0.12:25', '10.0.31.1'],
    ],
  );

  it.each([80, 120])('fits %i columns and cuts no value', (width) => {
    const text = renderText(connectorDifferenceDocument(result), { width, zone: 'UTC' as never, colour: false });
    if (process.env.SHOW) process.stdout.write(text);
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(width);
    const flat = text.replace(/\s+/g, ' ');
    for (const value of [
      '10.0.20.12',
      '10.0.20.64/26',
      '[::]:25',
      '36 MB (37,748,736 bytes)',
      '10.0.30.0-10.0.30.99',
      'CN=smtp.contoso.com',
      'missing',
    ])
      expect(flat).toContain(value);
    expect(flat).toContain('Nothing differs: Internet, Fax. Fax: Addresses of the servers themselves');
  });
});
