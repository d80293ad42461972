import { describe, expect, it } from 'vitest';
import { effectiveRights, mayRelay } from '../../src/connector/effective-rights.ts';
import { principalOf, RELAY_RIGHT } from '../../src/connector/permission-group.ts';
import type { Properties } from '../../src/connector/properties.ts';
import type { RightEntry } from '../../src/connector/right.ts';
import { relayRight, type SessionFacts } from '../../src/connector/session-right.ts';
import { permissionMask, permissionNames } from '../../src/smtp/permission.ts';
import { connector } from './connectors.ts';

const with_ = (properties: Properties) => connector('C', '0.0.0.0:25', '10.0.0.0/8', properties);
const entry = (user: string, more: Partial<RightEntry> = {}): RightEntry => ({
  user,
  deny: false,
  inherited: false,
  rights: [RELAY_RIGHT],
  ...more,
});
const ANONYMOUS = 'NT AUTHORITY\\ANONYMOUS LOGON';

describe('what an anonymous client may do', () => {
  it('with AnonymousUsers is what the log of such sessions shows, 1073', () => {
    const { permissions, knownBy } = effectiveRights(with_({ PermissionGroups: ['AnonymousUsers'] }), null, 'anonymous');
    expect(permissionMask(permissions.join(' '))).toBe(1073);
    expect(knownBy).toBe('groups');
  });

  it('with the right to relay besides is 1077', () => {
    const { permissions, knownBy } = effectiveRights(
      with_({ PermissionGroups: ['AnonymousUsers', 'Custom'] }),
      [entry(ANONYMOUS)],
      'anonymous',
    );
    expect(permissionMask(permissions.join(' '))).toBe(1077);
    expect(knownBy).toBe('rights');
  });

  it('is nothing without groups', () => {
    expect(effectiveRights(with_({ PermissionGroups: [] }), null, 'anonymous')).toEqual({ permissions: [], knownBy: 'groups' });
  });

  it.each<[string, boolean, boolean, boolean, boolean, string]>([
    ['an own denial beats an own right', false, true, false, false, 'no'],
    ['an own denial beats an inherited right', false, true, true, false, 'no'],
    ['an own right beats an inherited denial', true, true, false, false, 'yes'],
    ['an inherited denial beats an inherited right', true, true, true, false, 'no'],
  ])('follows the order of the directory: %s', (_, inheritedOne, denyOne, inheritedOther, denyOther, expected) => {
    const entries = [
      entry(ANONYMOUS, { inherited: inheritedOne, deny: denyOne }),
      entry(ANONYMOUS, { inherited: inheritedOther, deny: denyOther }),
    ];
    for (const order of [entries, entries.toReversed()])
      expect(mayRelay(with_({ PermissionGroups: ['AnonymousUsers', 'Custom'] }), order)).toBe(expected);
  });

  it('by its groups stands against an inherited denial, and not against an own one', () => {
    const submit = (inherited: boolean) =>
      effectiveRights(
        with_({ PermissionGroups: ['AnonymousUsers', 'Custom'] }),
        [entry(ANONYMOUS, { deny: true, inherited, rights: ['ms-Exch-SMTP-Submit'] })],
        'anonymous',
      ).permissions.includes('SMTPSubmit');
    expect([submit(true), submit(false)]).toEqual([true, false]);
  });

  it('is taken away by a denial, wherever it stands', () => {
    const deny = entry(ANONYMOUS, { deny: true });
    for (const entries of [
      [entry(ANONYMOUS), deny],
      [deny, entry(ANONYMOUS)],
    ])
      expect(mayRelay(with_({ PermissionGroups: ['AnonymousUsers', 'Custom'] }), entries)).toBe('no');
  });
});

describe('whether a connector relays without authentication', () => {
  it.each<[string, Properties, RightEntry[] | null, string]>([
    ['AnonymousUsers alone', { PermissionGroups: ['AnonymousUsers'] }, null, 'no'],
    ['Custom, rights not imported', { PermissionGroups: ['AnonymousUsers', 'Custom'] }, null, 'likely'],
    ['Custom without anonymous users, rights not imported', { PermissionGroups: ['ExchangeUsers', 'Custom'] }, null, 'unknown'],
    [
      'Custom, and the rights are those of somebody else',
      { PermissionGroups: ['AnonymousUsers', 'Custom'] },
      [entry('CONTOSO\\svc')],
      'no',
    ],
    ['externally secured', { AuthMechanism: ['ExternalAuthoritative'], PermissionGroups: ['ExchangeServers'] }, null, 'yes'],
    ['externally secured without the group', { AuthMechanism: ['ExternalAuthoritative'], PermissionGroups: [] }, null, 'no'],
    ['ExchangeUsers', { PermissionGroups: ['ExchangeUsers'] }, null, 'no'],
    ['nothing exported', {}, null, 'unknown'],
    ['the right of an older import, and no Custom any more', { PermissionGroups: ['AnonymousUsers'] }, [entry(ANONYMOUS)], 'no'],
    ['no groups exported, and the right', {}, [entry(ANONYMOUS)], 'yes'],
  ])('%s: %4$s', (_, properties, entries, expected) => {
    expect(mayRelay(with_(properties), entries)).toBe(expected);
  });
});

describe('the anonymous account', () => {
  it.each([
    ANONYMOUS,
    'NT-AUTORITÄT\\ANONYMOUS-ANMELDUNG',
    'AUTORITE NT\\ANONYMOUS LOGON',
    'NT AUTHORITY\\ANONYMOUS',
    'S-1-5-7',
    'NT AUTHORITY\\АНОНИМНЫЙ ВХОД',
    'НТ AUTHORITY\\АНОНИМНЫЙ ВХОД',
    'NT AUTHORITY\\INICIO DE SESIÓN ANÓNIMO',
    'nt authority\\accesso anonimo',
    'AUTORIDADE NT\\LOGON ANÔNIMO',
    'ZARZĄDZANIE NT\\LOGOWANIE ANONIMOWE',
    'NT-AUTORITAT\\ANONYMOUS-ANMELDUNG',
    ' Anonymous  Logon ',
    's-1-5-7',
  ])('is %s', (account) => {
    expect(principalOf(account)).toBe('anonymous');
  });

  it.each([
    'CONTOSO\\svc-scan',
    'Everyone',
    '',
    'CONTOSO\\Anonymous Relay Devices',
    'CONTOSO\\svc-anonymizer',
    'CONTOSO\\ANONYMOUS LOGON',
    'NT-PRINT\\Anonymous Logon',
    'Anonymous Relay Devices',
    'anonymous',
    'CONTOSO\\Authenticated Users of VPN',
    'NT AUTHORITY\\Authenticated Users of VPN',
    'CONTOSO\\Externally Secured Servers',
    'S-1-5-71',
  ])('is not %j', (account) => {
    expect(principalOf(account)).toBeUndefined();
  });

  it.each([
    'NT AUTHORITY\\Authenticated Users',
    'NT-AUTORITÄT\\Authentifizierte Benutzer',
    'AUTORITE NT\\Utilisateurs authentifiés',
    'ZARZĄDZANIE NT\\Użytkownicy uwierzytelnieni',
    'S-1-5-11',
    'Authenticated Users',
  ])('is not that of users, %s', (account) => {
    expect(principalOf(account)).toBe('authenticated-user');
  });
});

describe('the right of a session', () => {
  const facts = (more: Partial<SessionFacts> = {}): SessionFacts => ({
    logged: null,
    authenticated: false,
    connector: undefined,
    rights: null,
    acceptedExternal: false,
    refusedRelay: false,
    ...more,
  });
  const relay = with_({ PermissionGroups: ['AnonymousUsers', 'Custom'] });
  const plain = with_({ PermissionGroups: ['AnonymousUsers'] });

  it('is that of its own row, whatever the configuration says', () => {
    expect(relayRight(facts({ logged: permissionNames(1073), connector: relay, rights: [entry(ANONYMOUS)] }))).toMatchObject({
      mayRelay: 'no',
      knownBy: 'log',
    });
  });

  it('is that of the connector', () => {
    expect(relayRight(facts({ connector: relay, rights: [entry(ANONYMOUS)] }))).toMatchObject({
      mayRelay: 'yes',
      knownBy: 'rights',
    });
    expect(relayRight(facts({ connector: plain }))).toMatchObject({ mayRelay: 'no', knownBy: 'permission-groups' });
    expect(relayRight(facts({ connector: relay }))).toMatchObject({ mayRelay: 'likely', knownBy: 'permission-groups' });
  });

  it('is that of the user once authenticated', () => {
    expect(relayRight(facts({ authenticated: true, connector: with_({ PermissionGroups: ['ExchangeUsers'] }) }))).toMatchObject({
      mayRelay: 'yes',
    });
  });

  it('is seen from an accepted external recipient, even against the configuration', () => {
    expect(relayRight(facts({ acceptedExternal: true }))).toMatchObject({ mayRelay: 'yes', knownBy: 'accepted-recipient' });
    expect(relayRight(facts({ acceptedExternal: true, connector: plain }))).toMatchObject({
      mayRelay: 'yes',
      knownBy: 'accepted-recipient',
    });
  });

  it('is seen from a refused one, even against the configuration', () => {
    expect(relayRight(facts({ refusedRelay: true, connector: relay, rights: [entry(ANONYMOUS)] }))).toMatchObject({
      mayRelay: 'no',
      knownBy: 'refused-recipient',
    });
  });

  it('is unknown otherwise', () => {
    expect(relayRight(facts())).toEqual({ mayRelay: 'unknown', permissions: null, knownBy: 'nothing' });
  });
});
