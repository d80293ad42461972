/** A session in the fields of the Elastic Common Schema: what ECS allows, and never more than the log says. */
import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { AttributedSession } from '../../src/queries/session-attribution.ts';
import type { StoredTransaction } from '../../src/queries/stored-transactions.ts';
import type { EcsDocument } from '../../src/siem/ecs-document.ts';
import { sessionDocument } from '../../src/siem/session-document.ts';
import { OUTCOMES, type Outcome } from '../../src/smtp/outcome.ts';
import { ecsDocument } from './ecs-schema.ts';

const SESSION: AttributedSession = {
  id: '08DE19A1B2C3D401-k3f9',
  sessionId: '08DE19A1B2C3D401',
  server: 'EX01',
  service: 'FrontEnd',
  direction: 'receive',
  connector: 'EX01\\Anon Relay EX01',
  localEndpoint: '10.0.0.5:25',
  remoteEndpoint: '10.0.20.12:50111',
  source: '10.0.20.12',
  clientSources: [],
  destination: null,
  startedAt: '2026-11-02T08:02:00.000Z',
  endedAt: '2026-11-02T08:02:01.250Z',
  helo: 'MFP-02',
  tls: 'none',
  authMechanism: null,
  authUser: null,
  authResult: 'none',
  permissions: [],
  permissionsLogged: false,
  outcome: 'accepted',
  outcomeReason: '1 message accepted for 1 recipient',
  messagesAccepted: 1,
  messagesRefused: 0,
  recipientsAccepted: 1,
  recipientsRefused: 0,
  lastError: null,
  disconnect: 'Local',
  healthProbe: false,
  rows: 17,
  device: null,
  attribution: null,
  relayRight: null,
};

const MESSAGE: StoredTransaction = {
  sender: 'scan@contoso.example',
  client: null,
  recipients: [{ address: 'partner@fabrikam.example', accepted: true, reply: null }],
  state: 'accepted',
  reply: null,
  messageId: '<1.08DE19A1B2C3D401@device.example>',
  internalId: '47111',
  bytes: 184_320,
  shadow: false,
};

/** As it is read back from its line, so that what is absent is absent. */
function document(session: Partial<AttributedSession>, transactions: readonly StoredTransaction[] = []): EcsDocument {
  const line = JSON.stringify(sessionDocument({ ...SESSION, ...session }, transactions));
  expect(line).not.toContain('\n');
  return ecsDocument.parse(JSON.parse(line)) as EcsDocument;
}

describe('the outcome', () => {
  it.each([
    ['accepted', 'success'],
    ['partial', 'failure'],
    ['proxied', 'unknown'],
    ['turned-away', 'failure'],
    ['connect-failed', 'failure'],
    ['tls-failed', 'failure'],
    ['auth-failed', 'failure'],
    ['refused', 'failure'],
    ['open', 'unknown'],
    ['abandoned', 'unknown'],
    ['probe', undefined],
  ] satisfies [Outcome, string | undefined][])('of %s is %s', (outcome, expected) => {
    expect(document({ outcome }).event).toMatchObject({ action: `smtp-session-${outcome}`, kind: 'event' });
    expect(document({ outcome }).event.outcome).toBe(expected);
  });

  it.each(OUTCOMES.filter((outcome) => !['accepted', 'partial', 'proxied'].includes(outcome)))(
    '%s never counts as allowed',
    (outcome) => expect(document({ outcome }).event.type).not.toContain('allowed'),
  );

  test('of what was taken in part is told as both allowed and denied', () => {
    expect(document({ outcome: 'partial' }).event.type).toEqual(expect.arrayContaining(['allowed', 'denied']));
  });
});

describe('a logon', () => {
  const logon = { authMechanism: 'LOGIN', authUser: 'crm@contoso.example' } as const;

  test('that succeeded and was handed on is a successful authentication of its user', () => {
    const { event, user } = document({ ...logon, authResult: 'success', outcome: 'proxied' });
    expect(event).toMatchObject({ outcome: 'success', category: ['email', 'network', 'authentication'] });
    expect(user).toEqual({ name: 'crm@contoso.example' });
  });

  test('that failed is a failed authentication of whom it tried', () => {
    const { event, user, related } = document({ ...logon, authResult: 'failed', outcome: 'auth-failed' });
    expect(event).toMatchObject({ outcome: 'failure', category: ['email', 'network', 'authentication'] });
    expect([user?.name, related?.user]).toEqual(['crm@contoso.example', ['crm@contoso.example']]);
  });

  test('that failed before mail was taken all the same is no authentication, and nobody’s mail', () => {
    const { event, user, relaylens } = document({ ...logon, authResult: 'failed', outcome: 'accepted' });
    expect(event).toMatchObject({ outcome: 'success', category: ['email', 'network'] });
    expect(user).toBeUndefined();
    expect(relaylens.auth).toEqual({ result: 'failed', mechanism: 'LOGIN', user: 'crm@contoso.example' });
  });

  test('that succeeded before mail was refused is no failed authentication, and still its user’s', () => {
    const { event, user } = document({ ...logon, authResult: 'success', outcome: 'refused' });
    expect(event).toMatchObject({ outcome: 'failure', category: ['email', 'network'] });
    expect(user).toEqual({ name: 'crm@contoso.example' });
  });

  test('that succeeds and is all there is, succeeds', () => {
    expect(document({ ...logon, authResult: 'success', outcome: 'probe' }).event.outcome).toBe('success');
  });
});

describe('the ends of the connection', () => {
  test('are client and server: who connects is the source', () => {
    const { source, destination, client, server, network } = document({});
    expect(source).toEqual({ address: '10.0.20.12', ip: '10.0.20.12', port: 50111 });
    expect(destination).toEqual({ address: '10.0.0.5', ip: '10.0.0.5', port: 25 });
    expect([client, server]).toEqual([source, destination]);
    expect(network).toEqual({ protocol: 'smtp', transport: 'tcp', type: 'ipv4', direction: 'ingress' });
  });

  test('are the other way round where the server sends', () => {
    const sent = { direction: 'send', source: null, localEndpoint: '10.0.0.5:40123', remoteEndpoint: '203.0.113.9:25' } as const;
    const { source, destination, network } = document(sent);
    expect([source?.ip, destination?.ip, network?.direction]).toEqual(['10.0.0.5', '203.0.113.9', 'egress']);
  });

  test('that are masked stand as they are, and nowhere as an address', () => {
    const { source, network, related } = document({ remoteEndpoint: 'x.x.x.x:50111' });
    expect(source).toEqual({ address: 'x.x.x.x', port: 50111 });
    expect([network?.type, related?.ip]).toEqual(['ipv4', ['10.0.0.5']]);
  });

  test('of link-local IPv6 lose their zone index as an address only', () => {
    const { source, network } = document({ remoteEndpoint: '[fe80::39bd:88f7%11]:49800' });
    expect(source).toMatchObject({ address: 'fe80::39bd:88f7%11', ip: 'fe80::39bd:88f7' });
    expect(network?.type).toBe('ipv6');
  });

  test('that were not connected are not there', () => {
    const { source, destination } = document({ direction: 'send', localEndpoint: '', outcome: 'connect-failed' });
    expect([source, destination?.port]).toEqual([undefined, 50111]);
  });

  test('have the real clients of a front end as forwarded', () => {
    expect(document({ clientSources: ['10.0.20.11', 'x.x.x.x'] })).toMatchObject({
      network: { forwarded_ip: ['10.0.20.11'] },
      related: { ip: ['10.0.20.12', '10.0.0.5', '10.0.20.11'] },
    });
  });
});

describe('TLS', () => {
  it.each([
    ['TLS1.2', { version: '1.2', version_protocol: 'tls', established: true }],
    ['TLS1.0', { version: '1.0', version_protocol: 'tls', established: true }],
    ['SSL3', { version: '3', version_protocol: 'ssl', established: true }],
    ['unknown(4096)', { established: true }],
    ['none', undefined],
  ])('%s', (tls, expected) => expect(document({ tls }).tls).toEqual(expected));

  test('that failed was not established', () => {
    expect(document({ outcome: 'tls-failed', lastError: 'TLS negotiation failed with error AlgorithmMismatch' })).toMatchObject({
      tls: { established: false },
      error: { message: 'TLS negotiation failed with error AlgorithmMismatch' },
    });
  });
});

describe('mail', () => {
  test('that is the only message has the fields of ECS', () => {
    expect(document({}, [MESSAGE]).email).toEqual({
      from: { address: ['scan@contoso.example'] },
      to: { address: ['partner@fabrikam.example'] },
      message_id: '1.08DE19A1B2C3D401@device.example',
      local_id: '47111',
    });
  });

  test('of several messages is told in lists of its own', () => {
    const { email, relaylens } = document({}, [MESSAGE, { ...MESSAGE, sender: '' }]);
    expect(email).toBeUndefined();
    expect((relaylens.transactions as { sender: string }[]).map(({ sender }) => sender)).toEqual(['scan@contoso.example', '']);
  });

  test('says which recipients were refused, and how', () => {
    const reply = '550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain';
    const refused: StoredTransaction = {
      ...MESSAGE,
      recipients: [...MESSAGE.recipients, { address: 'extern@adatum.example', accepted: false, reply }],
    };
    const { error, relaylens } = document({ outcome: 'partial', lastError: reply }, [refused]);
    expect(error).toEqual({ message: reply, code: '550' });
    expect(relaylens.transactions).toMatchObject([
      { recipients_accepted: ['partner@fabrikam.example'], recipients_refused: ['extern@adatum.example'], replies: [reply] },
    ]);
  });

  test('from the null sender has no sender in email', () => {
    expect(document({}, [{ ...MESSAGE, sender: '' }]).email).not.toHaveProperty('from');
  });

  test('that is a shadow copy is none', () => {
    const { email, relaylens } = document({}, [{ ...MESSAGE, shadow: true }]);
    expect([email, relaylens.transactions]).toEqual([undefined, undefined]);
  });
});

test('lasts nanoseconds', () => {
  expect(document({}).event.duration).toBe(1_250_000_000);
});

test('whatever a client calls itself, the document is valid, on one line, and says it back', () => {
  const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(text, text, text, text, fc.constantFrom(...OUTCOMES), (helo, sender, recipient, user, outcome) => {
      const { relaylens, email } = document({ helo, authUser: user, authResult: 'failed', remoteEndpoint: helo, outcome }, [
        { ...MESSAGE, sender, recipients: [{ address: recipient, accepted: null, reply: null }] },
      ]);
      expect([relaylens.helo, email?.from?.address, email?.to?.address]).toEqual([helo, [sender], [recipient]]);
    }),
  );
});
