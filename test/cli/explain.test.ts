import { describe, expect, it, test } from 'vitest';
import { relaylens } from './console.ts';

describe('explain', () => {
  test.each([
    ['550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain', 'relay-denied', 'exact'],
    ['Server returned: 550 5.7.1 Unable to relay', 'relay-denied', 'exact'],
    ['535', 'authentication-failed', 'code only'],
    ['TLS negotiation failed with error AlgorithmMismatch', 'tls-negotiation-failed', 'exact'],
    [
      '2026-11-02T08:50:00.015Z,,08DE19A1B2C3D419,1,10.0.0.5:25,192.168.77.20:40404,>,421 4.3.2 Service not available,',
      'no-connector-for-client',
      'exact',
    ],
  ])('%s is %s', async (text, id, how) => {
    const { code, out } = await relaylens(['explain', text, '--format', 'json']);
    const { kind, candidates } = JSON.parse(out);
    expect({ code, kind, id: candidates[0].entry.id, how: candidates[0].how }).toEqual({ code: 0, kind: 'known', id, how });
  });

  it('takes words without quotes', async () => {
    const { out } = await relaylens(['explain', '550', '5.7.1', 'Unable', 'to', 'relay', '--format', 'json']);
    expect(JSON.parse(out).candidates[0].entry.id).toBe('relay-denied');
  });

  it('says what the digits mean where the words are unknown, and exits with 1', async () => {
    const { code, out } = await relaylens(['explain', '554 5.7.99 the moon is full']);
    expect(code).toBe(1);
    expect(out).toContain('No reply of Exchange or Exchange Online is known by these words.');
    expect(out).toContain('refused for good');
  });

  it('prints commands in one line each', async () => {
    const { out } = await relaylens(['explain', '550 5.7.1 Unable to relay'], { width: 80 });
    expect(out).toMatch(/^Set-ReceiveConnector '<connector>' -RemoteIPRanges @\{Add='<client>'\}$/m);
    expect(out).toMatch(/^Get-ReceiveConnector '<connector>' \| Add-ADPermission .*'ms-Exch-SMTP-Accept-Any-Recipient'$/m);
  });

  it('does not choke on hostile text', async () => {
    const { code, out } = await relaylens(['explain', `550 ${'\u001b[31m'.repeat(2000)} ${'5.'.repeat(5000)}`]);
    expect(code).toBeLessThan(2);
    expect(out).not.toContain('\u001b');
  });
});
