/** A relay for the whole world is not started by accident. */
import { expect, test } from 'vitest';
import { openRelays } from '../../../src/relay/settings/open-relay.ts';
import { readSettings } from '../../../src/relay/settings/read-settings.ts';

const open = (connector: object, listen: unknown = '0.0.0.0:25', more: object = {}): string[] => {
  const text = JSON.stringify({
    server: 'EX01',
    listen,
    connectors: [{ name: 'R', bindings: '0.0.0.0:25', remoteIPRanges: '0.0.0.0/0', ...connector }],
    ...more,
  });
  const reading = readSettings(text, { folder: '/', read: () => ({ fault: 'no' }) });
  if ('problems' in reading) throw new Error(reading.problems.join('\n'));
  return openRelays(reading.settings.servers).map(({ connector: name, range, endpoint }) => `${name} ${range} ${endpoint}`);
};

const anonymous = { relay: 'anonymous' };

test('anonymous relay for public addresses on an address that is not loopback is one', () => {
  expect(open(anonymous)).toEqual(['EX01\\R 0.0.0.0/0 0.0.0.0:25']);
  expect(open({ relay: 'externally-secured' })).toHaveLength(1);
  expect(open({ PermissionGroups: 'AnonymousUsers, Custom' })).toHaveLength(1);
  expect(open({ ...anonymous, remoteIPRanges: ['10.0.0.0/8', '9.255.255.255-10.0.0.1'] })).toEqual([
    'EX01\\R 9.255.255.255-10.0.0.1 0.0.0.0:25',
  ]);
  expect(open({ ...anonymous, bindings: '[::]:25', remoteIPRanges: '2000::/3' }, '[2001:db8::5]:25')).toHaveLength(1);
  expect(open(anonymous, { on: '0.0.0.0:2525', as: '10.0.0.5:25' })).toHaveLength(1);
});

test('so is a connector for anybody where every domain is accepted', () => {
  expect(open({ usage: 'Internet' })).toEqual([]);
  expect(open({ usage: 'Internet' }, '0.0.0.0:25', { acceptedDomains: ['*'] })).toHaveLength(1);
});

test('so is a listener that takes everybody for a device that may relay', () => {
  const listen = (from: string) => ({ on: '0.0.0.0:2525', as: '10.0.0.5:25', from });
  expect(open({ ...anonymous, remoteIPRanges: '10.0.20.0/24' }, listen('10.0.20.12'))).toHaveLength(1);
  expect(open({ ...anonymous, remoteIPRanges: '10.0.20.0/24' }, listen('10.0.21.12'))).toEqual([]);
});

test('a relay for private addresses is none', () => {
  for (const range of ['10.0.0.0/8', '172.16.0.0/12', '192.168.7.0/24', '127.0.0.1', '169.254.0.0/16', '100.64.0.0/10'])
    expect(open({ ...anonymous, remoteIPRanges: range })).toEqual([]);
  expect(open({ ...anonymous, bindings: '[::]:25', remoteIPRanges: ['fd00::/8', 'fe80::/10', '::1'] }, '[::]:25')).toEqual([]);
});

test('one that only this machine reaches is none', () => {
  expect(open(anonymous, ['127.0.0.1:25', '[::1]:25'])).toEqual([]);
  expect(open(anonymous, { on: '127.0.0.1:2525', as: '203.0.113.5:25' })).toEqual([]);
});

test('a connector that nothing leads to is none', () => {
  expect(open(anonymous, ['127.0.0.1:25', '0.0.0.0:587'])).toEqual([]);
  expect(open({ ...anonymous, Enabled: false })).toEqual([]);
  expect(open({ ...anonymous, TransportRole: 'HubTransport' })).toEqual([]);
  expect(open({ ...anonymous, bindings: '10.0.0.5:25' }, '10.0.0.6:25')).toEqual([]);
});
