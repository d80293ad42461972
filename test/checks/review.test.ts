/** The runner: order, duplicates, checks that break; and how long it takes. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ConfigurationCheck } from '../../src/checks/configuration-check.ts';
import { type ConnectorSketch, type Example, organisationOf } from '../../src/checks/examples/example-organisation.ts';
import { type Finding, SEVERITIES, type Severity } from '../../src/checks/finding.ts';
import { runConfigurationChecks } from '../../src/checks/run-configuration-checks.ts';

const review = (...connectors: ConnectorSketch[]) => runConfigurationChecks(organisationOf({ connectors }));
const idsOf = (...connectors: ConnectorSketch[]) => review(...connectors).findings.map(({ check }) => check);

const finding = (
  check: string,
  severity: Severity,
  server: string | null,
  connector: string | null,
  what = 'It is so.',
): Finding => ({
  check,
  severity,
  title: check,
  server,
  connector,
  what,
  cause: 'Because.',
  evidence: [],
  remedy: [],
  confidence: { level: 'high', because: 'it is' },
});

const check = (id: string, find: ConfigurationCheck['find'], covers: readonly string[] = []): ConfigurationCheck => ({
  id,
  title: id,
  why: '',
  severity: 'info',
  references: [],
  covers,
  examples: { fires: [], silent: [] },
  find,
});

const NOTHING = organisationOf({ connectors: [] });

describe('the runner', () => {
  it('loses the findings of a check that breaks, and no others', () => {
    const { findings, broken } = runConfigurationChecks(NOTHING, [
      check('broken', () => {
        throw new Error('first line\nsecond line');
      }),
      check('sound', () => [finding('sound', 'info', 'EX01', 'A')]),
    ]);
    expect(findings.map(({ check: id }) => id)).toEqual(['sound']);
    expect(broken).toEqual([{ check: 'broken', title: 'broken', message: 'first line' }]);
  });

  it('says the same once', () => {
    const twice = check('twice', () => [
      finding('twice', 'low', 'EX01', 'A'),
      finding('twice', 'low', 'ex01', 'a'),
      finding('twice', 'low', 'EX01', 'A', 'Another cause.'),
    ]);
    expect(runConfigurationChecks(NOTHING, [twice]).findings.map(({ what }) => what)).toEqual(['Another cause.', 'It is so.']);
  });

  it('leaves out what a better check says about the same connector, and only there', () => {
    const lesser = check('lesser', () => [finding('lesser', 'low', 'EX01', 'A'), finding('lesser', 'low', 'EX01', 'B')]);
    const better = check('better', () => [finding('better', 'high', 'EX01', 'A')], ['lesser']);
    expect(
      runConfigurationChecks(NOTHING, [lesser, better]).findings.map(({ check: id, connector }) => `${id} ${connector}`),
    ).toEqual(['better A', 'lesser B']);
  });

  it('gives the worst first, then server by server, in whatever order it finds them', () => {
    const all = SEVERITIES.flatMap((severity) =>
      [null, 'EX01', 'ex02'].flatMap((server) =>
        ['a', 'B'].map((connector) => finding('c', severity, server, connector, `It is ${severity}.`)),
      ),
    );
    const once = runConfigurationChecks(NOTHING, [check('c', () => all)]).findings;
    expect(once.map(({ severity }) => SEVERITIES.indexOf(severity))).toEqual(
      [0, 1, 2, 3, 4].flatMap((rank) => Array(6).fill(rank)),
    );
    expect(once.slice(0, 6).map(({ server, connector }) => `${server} ${connector}`)).toEqual([
      'null a',
      'null B',
      'EX01 a',
      'EX01 B',
      'ex02 a',
      'ex02 B',
    ]);
    fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: all.length }), (shuffled) => {
        expect(runConfigurationChecks(NOTHING, [check('c', () => shuffled)]).findings).toEqual(once);
      }),
      { numRuns: 20 },
    );
  });
});

describe('one cause', () => {
  const relay = { PermissionGroups: ['AnonymousUsers', 'Custom'], Enabled: true } as const;

  it('is one finding: an open relay is not also a wide one', () => {
    expect(idsOf({ id: 'EX01\\Relay', ...relay, anonymousRights: ['ms-Exch-SMTP-Accept-Any-Recipient'] })).toEqual([
      'open-relay',
    ]);
  });

  it('is one finding: on a default connector the remedy is not to narrow its ranges', () => {
    expect(
      idsOf({ id: 'EX01\\Default Frontend EX01', ...relay, AuthMechanism: ['Tls', 'BasicAuth', 'BasicAuthRequireTLS'] }),
    ).toEqual(['relay-on-default-connector']);
  });

  it('is one finding: connectors that nothing decides between are not also refused beside each other', () => {
    expect(idsOf({ id: 'EX01\\A', from: '10.0.0.1' }, { id: 'EX01\\B', from: '10.0.0.1' })).toEqual(['undefined-selection']);
  });

  it('is one finding: a required TLS that is not offered is not also a refused combination', () => {
    expect(idsOf({ id: 'EX01\\A', from: '10.0.0.1', RequireTLS: true, AuthMechanism: ['Integrated'] })).toEqual([
      'unoffered-required-tls',
    ]);
  });
});

describe('what is not known', () => {
  it('is nobody’s fault: a connector of which only the name is known gives no finding', () => {
    expect(review({ id: 'EX01\\A' }).findings).toEqual([]);
  });

  it('lowers the confidence: whether it is enabled', () => {
    const confidenceOf = (sketch: ConnectorSketch) => review(sketch).findings[0]!.confidence;
    expect(confidenceOf({ id: 'EX01\\A', ProtocolLoggingLevel: 'None', Enabled: true }).level).toBe('high');
    expect(confidenceOf({ id: 'EX01\\A', ProtocolLoggingLevel: 'None' })).toEqual({
      level: 'medium',
      because: 'the exported properties say so; the export does not say whether the connector is enabled',
    });
  });

  it('makes the right to relay likely, until the rights are imported', () => {
    const sketch: ConnectorSketch = { id: 'EX01\\A', Enabled: true, PermissionGroups: ['AnonymousUsers', 'Custom'] };
    expect(review(sketch).findings[0]).toMatchObject({ check: 'open-relay', confidence: { level: 'medium' } });
    const proven = review({ ...sketch, anonymousRights: ['ms-Exch-SMTP-Accept-Any-Recipient'] }).findings[0];
    expect(proven).toMatchObject({ check: 'open-relay', confidence: { level: 'high' } });
    expect(review({ ...sketch, anonymousRights: ['ms-Exch-SMTP-Submit'] }).findings).toEqual([]);
  });
});

describe('Exchange as setup leaves it', () => {
  const everything = '0.0.0.0-255.255.255.255 ::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff';
  const passwords = ['Tls', 'Integrated', 'BasicAuth', 'BasicAuthRequireTLS'] as const;
  const fresh = (server: string): ConnectorSketch[] =>
    [
      {
        id: `${server}\\Default ${server}`,
        on: '0.0.0.0:2525 [::]:2525',
        from: everything,
        TransportRole: 'HubTransport',
        AuthMechanism: [...passwords, 'ExchangeServer'],
        PermissionGroups: ['ExchangeUsers', 'ExchangeServers', 'ExchangeLegacyServers'],
        MaxInboundConnectionPerSource: 'Unlimited',
      },
      {
        id: `${server}\\Client Proxy ${server}`,
        on: '0.0.0.0:465 [::]:465',
        from: everything,
        TransportRole: 'HubTransport',
        AuthMechanism: [...passwords, 'ExchangeServer'],
        PermissionGroups: ['ExchangeUsers', 'ExchangeServers'],
        MessageRateLimit: 5,
        MessageRateSource: 'User',
      },
      {
        id: `${server}\\Default Frontend ${server}`,
        on: '0.0.0.0:25 [::]:25',
        from: everything,
        TransportRole: 'FrontendTransport',
        AuthMechanism: [...passwords, 'ExchangeServer'],
        PermissionGroups: ['AnonymousUsers', 'ExchangeServers', 'ExchangeLegacyServers'],
      },
      {
        id: `${server}\\Outbound Proxy Frontend ${server}`,
        on: '0.0.0.0:717 [::]:717',
        from: everything,
        TransportRole: 'FrontendTransport',
        AuthMechanism: [...passwords, 'ExchangeServer'],
        PermissionGroups: ['ExchangeServers'],
      },
      {
        id: `${server}\\Client Frontend ${server}`,
        on: '0.0.0.0:587 [::]:587',
        from: everything,
        TransportRole: 'FrontendTransport',
        AuthMechanism: passwords,
        PermissionGroups: ['ExchangeUsers'],
        MessageRateLimit: 5,
        MessageRateSource: 'User',
      },
    ].map((sketch) => ({ Enabled: true, ProtocolLoggingLevel: 'Verbose', ...sketch }) as ConnectorSketch);

  it('has nothing to find', () => {
    expect(review(...fresh('EX01'), ...fresh('EX02')).findings).toEqual([]);
  });

  it('has nothing to find beside one relay for two devices, made as Microsoft says', () => {
    const relay: ConnectorSketch = {
      id: 'EX01\\Anonymous Relay',
      from: '192.168.5.10 192.168.5.11',
      Enabled: true,
      TransportRole: 'FrontendTransport',
      AuthMechanism: ['Tls'],
      PermissionGroups: ['AnonymousUsers', 'Custom'],
      ProtocolLoggingLevel: 'Verbose',
      anonymousRights: ['ms-Exch-SMTP-Accept-Any-Recipient'],
    };
    expect(review(...fresh('EX01'), relay).findings.map(({ check: id, severity }) => `${severity} ${id}`)).toEqual([
      'info ipv6-hole',
    ]);
  });
});

describe('time', () => {
  const large = (from: (index: number) => string): Example => ({
    connectors: Array.from({ length: 100 }, (_, index) => ({
      id: `EX01\\C${index}`,
      from: from(index),
      on: index % 2 ? '0.0.0.0:25' : `10.250.0.${index}:25`,
      PermissionGroups: ['AnonymousUsers', 'Custom'],
    })),
  });
  const hosts = (index: number): string => Array.from({ length: 50 }, (_, host) => `10.${index}.${host}.1`).join(' ');

  it.each([
    ['that lie apart', hosts],
    ['that are the same everywhere', () => hosts(0)],
    [
      'that lie inside each other',
      (index: number) => Array.from({ length: 50 }, (_, i) => `11.0.0.0-11.${55 + index}.${i}.0`).join(' '),
    ],
  ])('does not grow with the square of ranges %s', (_, from) => {
    const organisation = organisationOf(large(from));
    const { broken } = runConfigurationChecks(organisation);
    expect(broken).toEqual([]);
  });
});
