/** The organisation of fixtures/: under its own configuration, and under changes of it. */
import { describe, expect, it, test } from 'vitest';
import { parseRangeChange, type RangeChange, withRanges } from '../../../src/relay/replay/proposal.ts';
import type { Recording } from '../../../src/relay/replay/recording.ts';
import { type Replay, Replayer } from '../../../src/relay/replay/replay.ts';
import { Unchanged } from '../../../src/relay/replay/unchanged.ts';
import { contoso, SESSIONS, withProperties, withRangesOf } from './fixtures.ts';

const RELAY = 'Anon Relay EX01';
const RANGES = ['10.0.20.10-10.0.20.11', '10.0.20.13', '10.0.20.14', '10.0.20.40', '10.0.30.0/28', '10.0.60.0/24'];

/** Sessions from one address, in order of time. */
const from = (remote: string, server = 'EX01'): Recording[] =>
  SESSIONS.filter((one) => one.server === server && one.service === 'FrontEnd' && one.remoteEndpoint.startsWith(`${remote}:`));

function replay(recording: Recording | undefined, configuration = contoso()): Replay {
  if (!recording) throw new Error('no such session');
  const result = new Replayer(configuration).replay(recording);
  if (result.kind !== 'replayed') throw new Error(result.because);
  return result;
}

describe('under its own configuration', () => {
  /** Where log and configuration contradict each other on purpose. */
  const CONTRADICTIONS: Readonly<Record<string, string>> = {
    '10.0.30.8:41000': 'the intranet lies in a range of the relay connector, and landed on the default one',
    '192.168.77.20:40404': 'no connector took the guest network, although the default one has no limits',
  };

  it.each(SESSIONS.map((one) => [`${one.server} ${one.service} ${one.remoteEndpoint}`, one] as const))(
    '%s: nothing changes but what EHLO offers',
    (_, recording) => {
      const { replies, connector, outcome, messages, recipients, stopped } = replay(recording);
      if (recording.remoteEndpoint in CONTRADICTIONS) {
        expect(connector.replayed).not.toBe(connector.logged);
        return;
      }
      // All stories have the same EHLO, whatever their connector offers.
      expect(replies.filter(({ same, command }) => !same && !command.startsWith('EHLO'))).toEqual([]);
      expect(replies.every(({ changed }) => changed !== 'class')).toBe(true);
      expect(connector.replayed).toBe(connector.logged);
      expect(outcome.replayed).toBe(outcome.logged);
      expect(messages.replayed).toMatchObject(messages.logged);
      expect(recipients.replayed).toMatchObject(recipients.logged);
      if (recording.service === 'FrontEnd') expect(stopped).toBeNull();
    },
  );

  test('what the front end and the Hub say to each other is not replayed, and goes as logged', () => {
    const [hub] = SESSIONS.filter(({ service }) => service === 'Hub');
    const { stopped, assumed, messages, consequence } = replay(hub);
    expect(stopped).toBe('XPROXYFROM cannot be replayed');
    expect(assumed).toContain('from XPROXYFROM on all goes as logged: the connector is the same');
    expect(messages.replayed.accepted).toBe(1);
    expect(consequence).toBe('other-words');
  });

  test('who was turned away and would now be greeted: what it would have done is unknown', () => {
    const { outcome, firstChange, assumed, replies } = replay(from('192.168.77.20')[0]);
    expect(outcome).toEqual({ logged: 'turned-away', replayed: null });
    expect(firstChange).toMatchObject({ command: '(connect)', logged: '421 4.3.2 Service not available', changed: 'class' });
    expect(replies).toHaveLength(1);
    expect(assumed).toContain('what the client would have said is not known: it was turned away');
  });

  test('sessions that keep connector and rights need not be read', () => {
    const unchanged = new Unchanged(contoso());
    const changed = SESSIONS.filter((one) => !unchanged.holds(contoso(), one)).map(({ remoteEndpoint }) => remoteEndpoint);
    expect(changed.sort()).toEqual(['10.0.30.8:41000', '192.168.77.20:40404']);
  });
});

describe('with MFP-02 in the ranges of the relay connector', () => {
  const proposal = contoso(withRangesOf(RELAY, ...RANGES, '10.0.20.12'));

  it('its mail is accepted, and why that is believed is said', () => {
    const result = replay(from('10.0.20.12')[0], proposal);
    expect(result.connector).toEqual({ logged: 'EX01\\Default Frontend EX01', replayed: 'EX01\\Anon Relay EX01' });
    expect(result.firstChange).toMatchObject({
      command: 'RCPT TO:<partner@fabrikam.example>',
      replayed: '250 2.1.5 Recipient OK',
    });
    expect(result.outcome).toEqual({ logged: 'refused', replayed: 'accepted' });
    expect(result.messages).toMatchObject({ gained: 1, lost: 0, replayed: { accepted: 1, refused: 0, unknown: 0 } });
    expect(result.recipients).toMatchObject({ gained: 1 });
    expect(result.consequence).toBe('mail-gained');
    expect(result.assumed).toContain('the client would have sent its message, of 201822 bytes as it had announced');
  });

  it('is compared no further than the recipient that is now accepted', () => {
    const { replies, stopped } = replay(from('10.0.20.12')[0], proposal);
    expect(replies.at(-1)).toMatchObject({ changed: 'class' });
    expect(stopped).toBe('the client would have been let through, and gone another way');
  });

  it('stays refused where its message would be too big', () => {
    const small = contoso((one) =>
      withProperties(RELAY, { MaxMessageSize: 200_000 })(withRangesOf(RELAY, ...RANGES, '10.0.20.12')(one)),
    );
    const { firstChange, outcome, messages } = replay(from('10.0.20.12')[0], small);
    expect(outcome.replayed).toBe('refused');
    expect(messages.gained).toBe(0);
    expect(firstChange?.replayed).toMatch(/^552 5\.3\.4 /);
  });

  it('leaves the server beside it as it was', () => {
    expect(replay(from('10.0.20.12', 'EX02')[0], proposal).outcome.replayed).toBe('refused');
  });

  it('only the sessions of MFP-02 on EX01 have to be read, and those that contradict the log', () => {
    const unchanged = new Unchanged(proposal);
    const changed = SESSIONS.filter((one) => !unchanged.holds(contoso(), one)).map(({ remoteEndpoint }) => remoteEndpoint);
    expect(new Set(changed)).toEqual(new Set(['10.0.20.12:50111', '10.0.20.12:50140', '10.0.30.8:41000', '192.168.77.20:40404']));
  });
});

describe('with its twin taken out', () => {
  const proposal = contoso(withRangesOf(RELAY, '10.0.20.13', '10.0.30.0/28'));

  it('the mail of MFP-01 is refused', () => {
    const result = replay(from('10.0.20.11')[0], proposal);
    expect(result.connector.replayed).toBe('EX01\\Default Frontend EX01');
    expect(result.outcome).toEqual({ logged: 'accepted', replayed: 'refused' });
    expect(result.messages).toMatchObject({ lost: 1, replayed: { accepted: 0, refused: 1 } });
    expect(result.recipients).toMatchObject({ lost: 1 });
    expect(result.consequence).toBe('mail-lost');
    expect(result.firstChange?.replayed).toMatch(/^550 5\.7\.54 /);
  });

  it('whoever writes to the organisation only loses nothing', () => {
    const { consequence, messages } = replay(from('10.0.20.14')[0], proposal);
    expect(messages.lost).toBe(0);
    expect(consequence).toBe('other-connector');
  });

  it('of two messages the one to the outside is lost, and the other is not', () => {
    const { messages, transactions } = replay(from('10.0.30.6')[0], contoso(withRangesOf(RELAY, '10.0.20.13')));
    expect(transactions.map(({ replayed }) => replayed)).toEqual(['accepted', 'refused']);
    expect(messages).toMatchObject({ lost: 1, doubtful: 0, replayed: { accepted: 1, refused: 1, unknown: 0 } });
  });

  it('of three messages the one with a recipient inside stays, without its other recipient', () => {
    const { transactions, recipients, messages } = replay(from('10.0.30.5')[0], contoso(withRangesOf(RELAY, '10.0.20.13')));
    expect(transactions.map(({ replayed }) => replayed)).toEqual(['accepted', 'refused', 'refused']);
    expect(messages.lost).toBe(2);
    expect(recipients).toMatchObject({ lost: 3, replayed: { accepted: 1 } });
  });
});

describe('other changes', () => {
  it('RequireTLS: who speaks in clear is refused at MAIL, and who does not is not', () => {
    const proposal = contoso(withProperties(RELAY, { RequireTLS: true }));
    const printer = replay(from('10.0.20.11')[0], proposal);
    expect(printer.firstChange).toMatchObject({ replayed: '451 5.7.3 STARTTLS is required to send mail', changed: 'class' });
    expect(printer.messages).toMatchObject({ lost: 1 });
    expect(replay(from('10.0.30.5')[0], proposal).messages).toMatchObject({ lost: 0, replayed: { accepted: 3 } });
  });

  it('RequireTLS: later messages of the session meet the same refusal', () => {
    const { messages, assumed } = replay(from('10.0.30.6')[0], contoso(withProperties(RELAY, { RequireTLS: true })));
    expect(messages).toMatchObject({ lost: 2, doubtful: 0 });
    expect(assumed).toContain('all later mail of the session meets the same refusal');
  });

  it('MaxMessageSize: what was announced is refused at MAIL, and the next message may still be small enough', () => {
    const proposal = contoso(withProperties(RELAY, { MaxMessageSize: 50_000 }));
    const { transactions, firstChange } = replay(from('10.0.30.5')[0], proposal);
    expect(firstChange).toMatchObject({ replayed: '552 5.3.4 Message size exceeds fixed maximum message size' });
    expect(transactions.map(({ replayed }) => replayed)).toEqual(['refused', 'accepted', 'accepted']);
  });

  it('MaxMessageSize: a scan that was too big is accepted where there is room for it', () => {
    const [scan] = from('10.0.20.13');
    expect(replay(scan).outcome.replayed).toBe('refused');
    const { messages, outcome, firstChange } = replay(scan, contoso(withProperties(RELAY, { MaxMessageSize: 40 * 2 ** 20 })));
    expect(firstChange).toMatchObject({ command: '(end of data)', changed: 'class' });
    expect(outcome).toEqual({ logged: 'refused', replayed: 'accepted' });
    expect(messages.gained).toBe(1);
  });

  it('a disabled connector takes nobody', () => {
    const result = replay(from('10.0.20.11')[0], contoso(withProperties(RELAY, { Enabled: false })));
    expect(result.connector.replayed).toBe('EX01\\Default Frontend EX01');
    expect(result.messages.lost).toBe(1);
  });

  it('with every connector of the port disabled nobody is greeted', () => {
    const proposal = contoso((one) => ({ ...one, properties: { ...one.properties, Enabled: one.bindings[0]?.port !== 25 } }));
    const { connector, outcome, messages, replies } = replay(from('10.0.30.6')[0], proposal);
    expect(connector.replayed).toBeNull();
    expect(outcome.replayed).toBe('turned-away');
    expect(messages.lost).toBe(2);
    expect(replies).toHaveLength(1);
  });

  it('IPv6: the camera may relay through a connector that has its address and a binding of its family', () => {
    const camera = SESSIONS.find(({ remoteEndpoint }) => remoteEndpoint.startsWith('[fd00:20::31]'));
    expect(replay(camera, contoso(withRangesOf(RELAY, ...RANGES, 'fd00:20::31'))).connector.replayed).toBe(
      'EX01\\Default Frontend EX01',
    );
    const relay = contoso().servers[0]!.connectors.find(({ name }) => name === RELAY)!;
    const bound = contoso((one) =>
      one.name === RELAY
        ? {
            ...withRangesOf(RELAY, ...RANGES, 'fd00:20::31')(one),
            bindings: [...relay.bindings, { address: { family: 'ipv6', value: 0n }, any: true, port: 25 }],
          }
        : one,
    );
    const result = replay(camera, bound);
    expect(result.connector.replayed).toBe('EX01\\Anon Relay EX01');
    expect(result.messages.gained).toBe(1);
  });

  it('without ExchangeUsers the account that logged on may not submit', () => {
    const proposal = contoso(withProperties('Client Frontend EX01', { PermissionGroups: [] }));
    const none = { ...proposal, rights: new Map([...proposal.rights].filter(([name]) => !name.includes('client frontend'))) };
    const { firstChange, outcome } = replay(from('10.0.50.21')[0], none);
    expect(firstChange).toMatchObject({
      logged: '235 2.7.0 Authentication successful',
      replayed: '535 5.7.3 Authentication unsuccessful',
    });
    expect(outcome).toEqual({ logged: 'proxied', replayed: 'auth-failed' });
  });

  it('a wrong password stays wrong on any connector', () => {
    const { replies } = replay(from('10.0.40.9')[0]);
    expect(replies.filter(({ command }) => command === 'AUTH LOGIN').map(({ replayed }) => replayed)).toEqual([
      '535 5.7.3 Authentication unsuccessful',
      '535 5.7.3 Authentication unsuccessful',
    ]);
  });

  it('an accepted domain less: mail to it needs the right to relay', () => {
    const result = replay(from('10.0.30.8')[0], { ...contoso(withRangesOf(RELAY, '10.0.20.13')), acceptedDomains: [] });
    expect(result.transactions[0]).toMatchObject({ logged: 'accepted', replayed: 'refused' });
  });

  it('accepted domains that nobody imported are those that the log shows', () => {
    const result = replay(from('10.0.30.8')[0], { ...contoso(withRangesOf(RELAY, '10.0.20.13')), acceptedDomains: null });
    expect(result.transactions[0]).toMatchObject({ replayed: 'accepted' });
    expect(result.recipients).toMatchObject({ lost: 0, replayed: { accepted: 2, refused: 1 } });
    expect(result.assumed).toContain('accepted domains were not imported: own are those that the log shows to be');
  });

  it('rights that nobody imported: Custom beside AnonymousUsers is taken for the right to relay', () => {
    const result = replay(from('10.0.20.11')[0], { ...contoso(), rights: new Map() });
    expect(result.outcome.replayed).toBe('accepted');
    expect(result.assumed).toContain(`"${RELAY}" may relay: its rights were not imported, and Custom mostly means that`);
  });
});

describe('what cannot be replayed', () => {
  const because = (recording: Recording): string => {
    const result = new Replayer(contoso()).replay(recording);
    return result.kind === 'replayed' ? '' : result.because;
  };
  const [printer] = from('10.0.20.11') as [Recording];

  it('says why', () => {
    expect(because({ ...printer, server: 'EX09' })).toBe('there is no configuration of EX09');
    expect(because({ ...printer, remoteEndpoint: 'x.x.x.x:50100' })).toBe('the log hides the address of the client');
    expect(because({ ...printer, rows: [] })).toBe('its rows are no longer there');
    expect(because({ ...printer, service: 'Mailbox' })).toMatch(/service Mailbox/);
  });

  it('goes as far as the rows go', () => {
    const { stopped, replies, assumed } = replay({ ...printer, rows: printer.rows.filter(({ sequence }) => sequence !== 6) });
    expect(stopped).toBe('rows are missing in the log');
    expect(assumed).toContain('what stands behind the missing rows goes as logged');
    expect(replies).toHaveLength(2);
  });

  it('says hello where the rows of it are missing', () => {
    const { replies, assumed, messages } = replay({ ...printer, rows: printer.rows.slice(4) });
    expect(assumed).toContain('the client had said EHLO in the rows that are missing at the start');
    expect(replies.every(({ same }) => same)).toBe(true);
    expect(messages.replayed.accepted).toBe(1);
  });
});

describe('a change of ranges', () => {
  const apply = (text: string): string[] | undefined =>
    withRanges(contoso(), parseRangeChange(text) as RangeChange)
      ?.servers[0]?.connectors.find(({ name }) => name === RELAY)
      ?.remoteIPRanges.map((range) => range.text);

  it('replaces, adds, and takes away', () => {
    expect(apply(`EX01\\${RELAY}=10.0.20.10-10.0.20.12,fd00::/64`)).toEqual(['10.0.20.10-10.0.20.12', 'fd00::/64']);
    expect(apply(`ex01\\${RELAY.toLowerCase()} += 10.0.20.12`)).toEqual([...RANGES, '10.0.20.12']);
    expect(apply(`EX01\\${RELAY}-=10.0.20.11`)).toEqual(['10.0.20.10', ...RANGES.slice(1)]);
    expect(apply(`EX01\\Other=10.0.20.11`)).toBeUndefined();
  });

  it.each(['EX01=10.0.0.1', 'EX01\\Relay', 'EX01\\Relay=', 'EX01\\Relay=10.0.0.999', 'Relay=10.0.0.1'])('%s is none', (text) => {
    expect(parseRangeChange(text)).toBeUndefined();
  });
});
