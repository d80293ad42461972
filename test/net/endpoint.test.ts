import { describe, expect, it } from 'vitest';
import { isLoopback, parseEndpoint } from '../../src/net/endpoint.ts';

describe('an endpoint', () => {
  it('is an IPv4 address and a port', () => {
    expect(parseEndpoint('10.0.20.12:50111')).toEqual({ address: '10.0.20.12', port: 50111 });
  });

  it('is an IPv6 address in brackets and a port', () => {
    expect(parseEndpoint('[2001:db8::25]:25')).toEqual({ address: '2001:db8::25', port: 25 });
    expect(parseEndpoint('[::1]:25')).toEqual({ address: '::1', port: 25 });
  });

  it('keeps the zone index of a scoped address', () => {
    expect(parseEndpoint('[fe80::dc3a:1%12]:25')).toEqual({ address: 'fe80::dc3a:1%12', port: 25 });
  });

  it('keeps the port of a masked address or a name', () => {
    expect(parseEndpoint('x.x.x.x:25')).toEqual({ address: 'x.x.x.x', port: 25 });
    expect(parseEndpoint('10.**.**.31:587')).toEqual({ address: '10.**.**.31', port: 587 });
    expect(parseEndpoint('mail.contoso.example:25')).toEqual({ address: 'mail.contoso.example', port: 25 });
  });

  it('has no port when none was written', () => {
    expect(parseEndpoint('10.**.**.31')).toEqual({ address: '10.**.**.31', port: undefined });
    expect(parseEndpoint('[::1]')).toEqual({ address: '::1', port: undefined });
  });

  it('has neither when the text is empty, as on a send log before the connection', () => {
    expect(parseEndpoint('')).toEqual({ address: '', port: undefined });
  });

  it('never takes the tail of a bare IPv6 address for a port', () => {
    expect(parseEndpoint('2001:db8::25')).toEqual({ address: '2001:db8::25', port: undefined });
  });
});

describe('the loopback', () => {
  it('is 127.0.0.0/8 and ::1, also as IPv4 written in IPv6', () => {
    for (const address of ['127.0.0.1', '127.255.0.3', '::1', '::ffff:127.0.0.1', '::FFFF:127.0.0.1'])
      expect(isLoopback(address), address).toBe(true);
  });

  it('is nothing else', () => {
    for (const address of ['', '128.0.0.1', '10.127.0.1', '::11', '127.0.0.1.example', 'fe80::1', '::ffff:10.0.0.1', 'x.x.x.x'])
      expect(isLoopback(address), address).toBe(false);
  });
});
