/** What the analyzer reads in the logs of a front end and its Hub: each message once, for its real client, and who carries whom. */
import { describe, expect, it } from 'vitest';
import { listSources } from '../../../src/queries/sources.ts';
import { ingestFiles } from '../../harness.ts';
import { Client, Place } from './conversing.ts';

const VERSIONS = ['2013', '2016+'] as const;

/** A printer with two messages, one that may not relay, a camera, and an application that logs on and sends two. */
function morning(version: '2013' | '2016+'): Place {
  const place = new Place({ version, users: { 'crm@contoso.example': 'secret' } });
  const printer = new Client(place, { remote: '10.0.20.11:50100' });
  printer.say('EHLO MFP-01');
  printer.mail('scan@contoso.example', ['partner@fabrikam.example', 'anna@contoso.example'], 'Message-ID: <1@mfp>\r\n\r\none');
  printer.mail('scan@contoso.example', ['anna@contoso.example'], 'Message-ID: <2@mfp>\r\n\r\ntwo');
  printer.say('QUIT');
  const refused = new Client(place, { remote: '10.0.20.12:50111' });
  refused.say('EHLO MFP-02');
  refused.mail('scan@contoso.example', ['partner@fabrikam.example']);
  refused.say('QUIT');
  const camera = new Client(place, { remote: '[fd00:20::31]:49800' });
  camera.say('EHLO cam');
  camera.mail('cam@contoso.example', ['anna@contoso.example'], 'Message-ID: <3@cam>\r\n\r\nthree');
  camera.hangUp('ConnectionReset');
  const crm = new Client(place, { remote: '10.0.50.21:61001', local: '10.0.0.5:587' });
  crm.logOn('crm@contoso.example', 'secret');
  crm.mail('crm@contoso.example', ['any@fabrikam.example'], 'Message-ID: <4@crm>\r\n\r\nfour');
  crm.mail('crm@contoso.example', ['anna@contoso.example'], 'Message-ID: <5@crm>\r\n\r\nfive');
  crm.say('QUIT');
  place.wait(1_000_000);
  return place;
}

/** Messages by client, as the sources have them. */
const counted = (sources: ReturnType<typeof listSources>): Record<string, number> =>
  Object.fromEntries(
    sources
      .filter((one) => one.messagesAccepted > 0)
      .map((one) => [one.source, one.messagesAccepted])
      .sort(),
  );
const EACH_ONCE = { '10.0.20.11': 2, '10.0.50.21': 2, 'fd00:20::31': 1 };

describe.each(VERSIONS)('logs of Exchange %s', (version) => {
  it('tell of three services of one server, without anomalies', async () => {
    const { sessions, result } = await ingestFiles(morning(version).files);
    expect(result.anomalies).toEqual({});
    expect(
      sessions.map(({ server, service, direction, outcome }) => [server, service, direction, outcome].join(' ')).sort(),
    ).toEqual([
      'EX01 FrontEnd receive accepted',
      'EX01 FrontEnd receive accepted',
      'EX01 FrontEnd receive proxied',
      'EX01 FrontEnd receive refused',
      'EX01 FrontEnd send accepted',
      'EX01 FrontEnd send accepted',
      'EX01 FrontEnd send proxied',
      'EX01 Hub receive accepted',
      'EX01 Hub receive accepted',
      'EX01 Hub receive accepted',
    ]);
  });

  it('count each message once, for its real client', async () => {
    const { db } = await ingestFiles(morning(version).files);
    expect(counted(listSources(db))).toEqual(EACH_ONCE);
  });

  it('count the same without the log of the front end: the Hub knows the real clients', async () => {
    const hub = Object.entries(morning(version).files).filter(([path]) => path.includes('/Hub/'));
    const { db } = await ingestFiles(Object.fromEntries(hub));
    expect(counted(listSources(db))).toEqual(EACH_ONCE);
  });
});

describe('the sessions', () => {
  it('name their real clients in the Hub', async () => {
    const { sessions } = await ingestFiles(morning('2016+').files);
    const hub = sessions.filter(({ service }) => service === 'Hub');
    expect(hub.map(({ connector, source, clientSources }) => ({ connector, source, clientSources }))).toEqual([
      { connector: 'EX01\\Default EX01', source: '10.0.0.5', clientSources: ['10.0.20.11'] },
      { connector: 'EX01\\Default EX01', source: 'fd00::5', clientSources: ['fd00:20::31'] },
      { connector: 'EX01\\Client Proxy EX01', source: '10.0.0.5', clientSources: ['10.0.50.21'] },
    ]);
  });

  it('are linked: message by message, from the front end to its send log and to the Hub', async () => {
    const place = morning('2016+');
    const { detail } = await ingestFiles(place.files);
    const [front, hub] = [place.logs['front-end-receive'][0]!.sessionId, place.logs['hub-receive'][0]!.sessionId];
    const send = place.logs['front-end-send'][0]!.sessionId;
    const links = detail(front).links.map(({ kind, role, sessionId, ids }) => ({ kind, role, sessionId, known: ids.length }));
    expect(links).toEqual([
      { kind: 'xproxyfrom', role: 'carried-by', sessionId: hub, known: 1 },
      { kind: 'proxying', role: 'carried-by', sessionId: send, known: 1 },
      { kind: 'xproxyfrom', role: 'carried-by', sessionId: send, known: 1 },
    ]);
    expect(detail(hub).links).toMatchObject([{ kind: 'xproxyfrom', role: 'carries', sessionId: front }]);
    const messages = [front, send, hub].map((id) =>
      detail(id).transactions.map(({ messageId, internalId }) => [messageId, internalId]),
    );
    expect(messages[0]).toEqual([
      ['<1@mfp>', '47111'],
      ['<2@mfp>', '47112'],
    ]);
    expect(messages[1]).toEqual(messages[0]);
    expect(messages[2]).toEqual(messages[0]);
  });

  it('of who logged on: the session at the Hub belongs to the one at the front end', async () => {
    const place = morning('2016+');
    const { db, sessions, detail } = await ingestFiles(place.files);
    const hub = sessions.find(({ connector }) => connector === 'EX01\\Client Proxy EX01')!;
    const front = sessions.find(({ connector }) => connector === 'EX01\\Client Frontend EX01')!;
    expect(hub).toMatchObject({ authUser: 'crm@contoso.example', messagesAccepted: 2 });
    expect(front).toMatchObject({ outcome: 'proxied', messagesAccepted: 0, authResult: 'success' });
    // Two: the send session has the very id of the one that it carries.
    expect(detail(hub.sessionId).links).toMatchObject([
      { kind: 'xproxy', role: 'carries', sessionId: front.sessionId, ids: [expect.any(String), expect.any(String)] },
    ]);
    expect(detail(hub.sessionId).transactions.map(({ client }) => client)).toEqual(['10.0.50.21', '10.0.50.21']);
    const kinds = db
      .prepare(
        'SELECT link.kind, s.direction FROM link JOIN session s ON s.id = link.session WHERE link.target_session_id = ? ORDER BY 1, 2',
      )
      .all(front.sessionId);
    expect(kinds).toEqual([
      { kind: 'client-proxy', direction: 'send' },
      { kind: 'xproxy', direction: 'receive' },
      { kind: 'xproxy', direction: 'send' },
    ]);
  });
});
