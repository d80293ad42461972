import { describe, expect, it } from 'vitest';
import { type AcceptedDomain, AcceptedDomains } from '../../src/connector/accepted-domain.ts';
import { type Device, Devices } from '../../src/connector/device.ts';

const domain = (domainName: string): AcceptedDomain => ({
  name: domainName,
  domainName,
  domainType: 'Authoritative',
  isDefault: false,
});
const accepted = (names: string[], asked: string): string | undefined =>
  new AcceptedDomains(names.map(domain)).find(asked)?.domainName;

describe('the accepted domain of a name', () => {
  it('is the exact one before any wildcard', () => {
    expect(accepted(['*', '*.contoso.example', 'sub.contoso.example'], 'sub.contoso.example')).toBe('sub.contoso.example');
  });

  it('is the longest wildcard above it', () => {
    expect(accepted(['*', '*.example', '*.contoso.example'], 'a.b.contoso.example')).toBe('*.contoso.example');
  });

  it('is not a wildcard of the name itself', () => {
    expect(accepted(['*.contoso.example'], 'contoso.example')).toBeUndefined();
    expect(accepted(['*.contoso.example'], 'notcontoso.example')).toBeUndefined();
  });

  it('is * for everything else', () => {
    expect(accepted(['*', 'contoso.example'], 'fabrikam.example')).toBe('*');
  });

  it('does not depend on case, nor on how an international name is written', () => {
    expect(accepted(['Contoso.Example'], 'CONTOSO.example')).toBe('Contoso.Example');
    expect(accepted(['münchen.example'], 'xn--mnchen-3ya.example')).toBe('münchen.example');
    expect(accepted(['*.xn--mnchen-3ya.example'], 'a.MÜNCHEN.example')).toBe('*.xn--mnchen-3ya.example');
  });
});

describe('the device of a source', () => {
  const device = (match: string, name = match): Device => ({ match, name, owner: null, site: null, note: null });
  const devices = new Devices([
    device('10.0.20.0/24', 'floor 2'),
    device('10.0.20.12', 'MFP-02'),
    device('cam-lobby', 'camera'),
    device('fd00::/64', 'lab'),
  ]);

  it('is that of the smallest range that holds it', () => {
    expect(devices.find('10.0.20.12')?.name).toBe('MFP-02');
    expect(devices.find('10.0.20.13')?.name).toBe('floor 2');
    expect(devices.find('fd00::7%3')?.name).toBe('lab');
  });

  it('is that of its hello name where no range holds it', () => {
    expect(devices.find('192.0.2.1', ['other', 'CAM-LOBBY'])?.name).toBe('camera');
    expect(devices.find('10.0.20.13', ['cam-lobby'])?.name).toBe('floor 2');
  });

  it('is none otherwise, and none of a hidden address', () => {
    expect(devices.find('192.0.2.1')).toBeUndefined();
    expect(devices.find('x.x.x.x', [])).toBeUndefined();
    expect(devices.find(null, [])).toBeUndefined();
  });
});
