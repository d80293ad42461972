import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PERMISSIONS, permissionMask, permissionNames } from '../../src/smtp/permission.ts';

describe('the permissions of a session', () => {
  it('are 1073 for an anonymous client, as PERMS= in XPROXYFROM says', () => {
    expect(permissionMask('SMTPSubmit SMTPAcceptAnySender SMTPAcceptAuthoritativeDomainSender AcceptRoutingHeaders')).toBe(1073);
  });

  it('stand in the order of their bits, from 1 to 2^25', () => {
    expect(permissionMask('SMTPSubmit')).toBe(1);
    expect(permissionMask('SMTPAcceptAnyRecipient')).toBe(4);
    expect(permissionMask('SMTPAcceptXShadow')).toBe(262144);
    expect(permissionMask('SMTPAcceptXSysProbe')).toBe(2 ** 25);
  });

  it('are none for None, for nothing, and for names not known', () => {
    for (const list of ['None', '', '  ', 'SMTPFly toString']) expect(permissionMask(list), list).toBe(0);
  });

  it('are the same with a space too many', () => {
    expect(permissionMask(' SMTPSubmit   AcceptRoutingHeaders ')).toBe(1025);
  });

  it('come back as the names that went in, in bit order', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...PERMISSIONS]), (names) => {
        expect(permissionNames(permissionMask(names.join(' ')))).toEqual(PERMISSIONS.filter((name) => names.includes(name)));
      }),
    );
  });
});
