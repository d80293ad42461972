/** The file of a baseline: what it holds, that it reads back, and what is said of a file that is none. */
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { type Baseline, baselineText, readBaseline } from '../../src/checks/baseline/baseline.ts';
import { baselineOf } from '../../src/checks/baseline/baseline-of.ts';
import {
  DEFAULT_FRONTEND,
  delivered,
  greeted,
  logonOf,
  QUIT,
  RELAY_CONNECTOR,
  relayRefusedSession,
  secured,
  workingSession,
} from '../../src/checks/examples/example-sessions.ts';
import { askAudit } from '../../src/queries/audit/ask-audit.ts';
import { exampleDatabase } from './example-case.ts';

const at = (hour: string) => `2026-11-02T${hour}:00:00.000Z`;
const onRelay = (from: string, hour: string, recipient?: string) => ({
  from,
  connector: RELAY_CONNECTOR.id,
  at: at(hour),
  rows: workingSession('MFP', recipient),
});

async function example(): Promise<Baseline> {
  const db = await exampleDatabase(
    {
      about: 'a printer that relays, one that does not, a user who logged on, a mail server of the world',
      sessions: [
        onRelay('10.0.20.10', '08'),
        onRelay('10.0.20.10', '09', 'a@adatum.example'),
        onRelay('10.0.20.11', '10', 'eva@contoso.example'),
        { from: '10.0.20.12', at: at('11'), rows: relayRefusedSession('plc') },
        {
          from: '10.0.20.13',
          at: at('12'),
          rows: `${greeted('pc')}\n${secured('pc')}\n${logonOf('eva')}\n${delivered()}\n${QUIT}`,
        },
        { from: '203.0.113.9', at: at('13'), rows: workingSession('mx', 'eva@contoso.example') },
      ],
      configuration: {
        connectors: [DEFAULT_FRONTEND, { ...RELAY_CONNECTOR, Enabled: true, from: '10.0.20.11 10.0.20.10 10.0.20.0/28' }],
        acceptedDomains: ['Contoso.example'],
      },
    },
    'B',
  );
  return baselineOf(askAudit(db, { since: 0, until: Date.parse('2026-11-03T00:00:00.000Z') }), []);
}

describe('what is kept', () => {
  test('clients without a logon by place; neither who logged on nor who only brings mail for the inside', async () => {
    const { sources, relayed } = await example();
    expect(
      sources.map(({ source, connector, mayRelay, externalRecipients }) => [source, connector, mayRelay, externalRecipients]),
    ).toEqual([
      ['10.0.20.10', 'Anon Relay EX01', 'yes', 2],
      ['10.0.20.11', 'Anon Relay EX01', 'yes', 0],
      ['10.0.20.12', 'Default Frontend EX01', 'no', 0],
    ]);
    expect(relayed).toEqual([{ source: '10.0.20.10', domains: 2 }]);
  });

  test('the period of the logs, not the one that was asked for', async () => {
    const { period } = await example();
    expect(period?.since).toBe('2026-11-02T08:00:00.000Z');
    expect(period?.until).toMatch(/^2026-11-02T13:00:/);
  });

  test('connectors with everything that decides who may, their ranges as addresses', async () => {
    const { connectors, acceptedDomains } = await example();
    expect(connectors[0]).toEqual({
      server: 'EX01',
      name: 'Anon Relay EX01',
      enabled: true,
      mayRelay: 'yes',
      ranges: ['10.0.20.0/28'],
      permissionGroups: ['AnonymousUsers', 'Custom'],
      authMechanism: ['Tls'],
      rights: [
        { account: 'anonymous', right: 'ms-Exch-SMTP-Accept-Any-Recipient', deny: false },
        { account: 'anonymous', right: 'ms-Exch-SMTP-Submit', deny: false },
      ],
    });
    expect(acceptedDomains).toEqual([{ domain: 'contoso.example', type: 'InternalRelay' }]);
  });
});

describe('the file', () => {
  test('reads back as it was, and holds a line for each source, connector and domain', async () => {
    const baseline = await example();
    const text = baselineText(baseline);
    expect(readBaseline(text)).toEqual(baseline);
    expect(text.split('\n').filter((line) => line.startsWith('    {'))).toHaveLength(3 + 1 + 2 + 1);
  });

  test('saved by an editor with a byte order mark, and with a member that a later version adds', async () => {
    const text = baselineText(await example()).replace('{\n', '{\n  "note": "kept by Ida",\n');
    expect(readBaseline(`\uFEFF${text}`)).toEqual(await example());
  });

  const faultOf = (text: string): string => {
    const read = readBaseline(text);
    return 'fault' in read ? read.fault : 'none';
  };

  it.each([
    ['', 'it is empty'],
    ['{"kind": "relaylens audit base', 'it is no JSON, or was cut off'],
    ['[]', 'it is no baseline of an audit'],
    ['null', 'it is no baseline of an audit'],
    ['{"sources": []}', 'it is no baseline of an audit'],
    ['{"kind": "relaylens audit baseline", "version": 2}', 'it was made by a newer relaylens (format 2; this one reads up to 1)'],
    ['{"kind": "relaylens audit baseline", "version": 1}', 'period is not as relaylens writes it'],
  ])('%s: %s', (text, fault) => expect(faultOf(text)).toBe(fault));

  test('a range that is none is told with its place', async () => {
    const text = baselineText(await example()).replace('10.0.20.0/28', '10.0.20.0/33');
    expect(faultOf(text)).toBe('connectors[0].ranges[0] is not as relaylens writes it');
  });

  test('whatever is read, the answer is a baseline or one line', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(faultOf(text)).toMatch(/^[^\n]+$/);
      }),
    );
  });
});
