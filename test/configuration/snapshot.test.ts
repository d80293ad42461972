/** Several files of one import. */
import { expect, it } from 'vitest';
import { snapshots } from '../../src/configuration/snapshot.ts';
import { json, read } from './reading.ts';

function put(...texts: string[]) {
  return snapshots(texts.map((text, index) => ({ file: `${index + 1}.json`, asOf: index, reading: read(text) })));
}

const right = (...rights: string[]): string =>
  JSON.stringify(rights.map((ExtendedRights) => ({ Connector: 'EX01\\Relay', User: 'S-1-5-7', Deny: false, ExtendedRights })));
const domain = (DomainType: string): string => JSON.stringify([{ Name: 'c', DomainName: 'contoso.com', DomainType }]);
const device = (name: string): string => `address,name\n10.0.0.5,${name}\n`;

it.each<[string, string, string, string]>([
  ['connectors', json({ Comment: 'a' }), json({ Comment: 'b' }), '"EX01\\Relay"'],
  ['rights', right('a', 'b'), right('a'), 'the rights on "EX01\\Relay"'],
  ['accepted domains', domain('Authoritative'), domain('InternalRelay'), 'the accepted domain contoso.com'],
  ['devices', device('MFP-01'), device('MFP-02'), 'the device 10.0.0.5'],
])('%s that two files tell differently contradict each other, in one line', (_, one, other, name) => {
  expect(put(one, other).contradictions).toEqual([
    { file: '2.json', what: `${name} stands differently in another of these files (1.json)` },
  ]);
});

it.each<[string, string, string]>([
  ['connectors', json({ Comment: 'a' }), json({ Comment: 'a', RunspaceId: 'x' })],
  ['rights', right('a', 'b'), right('b', 'a')],
  ['accepted domains', domain('Authoritative'), domain('authoritative')],
  ['devices', device('MFP-01'), device('MFP-01')],
])('%s that two files tell alike are there once', (_, one, other) => {
  const together = put(one, other);
  expect(together.contradictions).toEqual([]);
  expect(together.snapshots.map(({ content }) => content)).toEqual(put(one).snapshots.map(({ content }) => content));
  expect(together.snapshots[0]).toMatchObject({ files: ['1.json', '2.json'], asOf: 1 });
});

it('does not take the square of the connectors', () => {
  const reading = read(json({}));
  const [model] = reading.connectors;
  const connectors = Array.from({ length: 16_000 }, (_, index) => ({ ...model!, name: `C${index}` }));
  const { snapshots: parts } = snapshots([{ file: 'a', asOf: 0, reading: { ...reading, connectors } }]);
  expect(parts[0]?.content).toHaveLength(16_000);
});
