/** Several clients behind one address: a load balancer or a router has put its own in the place of theirs. */
import type { Case, ExaminedSession } from '../../queries/cases/case.ts';
import type { CaseDiagnosis } from '../diagnosis.ts';
import { HOSTS, hostsOf, MANY_HOSTS } from '../evidence/hello-hosts.ts';
import { rowAt } from '../evidence/row-evidence.ts';
import { connectorOf } from '../evidence/session-connector.ts';
import { relayRefusedSession, workingSession } from '../examples/example-sessions.ts';
import type { Remedy } from '../finding.ts';
import { isPublic } from '../ranges/address-space.ts';
import { LOAD_BALANCING, replySection, section } from '../references.ts';
import { advice, setConnector } from '../remedies/commands.ts';
import { enumerate } from '../words/enumeration.ts';
import { shortened } from '../words/quotation.ts';

/** Rows of other sessions that show other names. */
const SHOWN = 3;

/** Their remedies would let everybody behind the address relay. */
const RELAYS = ['wrong-connector', 'relay-denied'];
const ROOT_OF = [...RELAYS, 'connection-limit', 'message-rate-exceeded'];

const BALANCER = '10.0.0.100';
const each = (names: readonly string[], rows: (name: string) => string) =>
  names.map((name) => ({ from: BALANCER, rows: rows(name) }));

export const sharedAddress: CaseDiagnosis = {
  kind: 'case',
  id: 'shared-address',
  title: 'Several clients come with one address',
  why: 'Connectors tell clients by their addresses alone: who comes with the address of a load balancer is everybody behind it.',
  severity: 'high',
  references: [LOAD_BALANCING, section('2.2'), replySection('D')],
  rootOf: ROOT_OF,
  examples: {
    fires: [
      {
        about: 'printers and applications behind a load balancer, refused as one',
        sessions: each(
          ['MFP-01', 'crm.contoso.example', 'plc-7', 'ups', 'MFP-01', 'plc-7', 'crm.contoso.example', 'ups'],
          relayRefusedSession,
        ),
        says: ['MFP-01', 'plc-7', 'SNAT', 'Do not add 10.0.0.100 to a relay connector'],
      },
    ],
    silent: [
      {
        about: 'all of them are served',
        sessions: each(['MFP-01', 'MFP-02', 'MFP-03', 'MFP-04', 'MFP-01', 'MFP-02'], workingSession),
      },
      {
        about: 'one host under several spellings of its name',
        sessions: each(
          ['crm', 'CRM', 'crm.contoso.example', '[10.0.0.100]', 'crm', 'crm.contoso.example', 'CRM', 'localhost'],
          relayRefusedSession,
        ),
      },
      {
        about: 'a host that changes its name each time, as containers do',
        sessions: each(['app-a1', 'app-b2', 'app-c3', 'app-d4', 'app-e5', 'app-f6'], relayRefusedSession),
      },
      { about: 'three hosts', sessions: each(['a', 'b', 'c', 'a', 'b', 'c'], relayRefusedSession) },
    ],
  },
  diagnose(theCase, verdicts) {
    const { subject, helloNames, circumstances, failing } = theCase;
    const session = failing[0]?.session;
    // Where nothing fails, nobody has to know.
    if (subject.kind !== 'client' || !session) return undefined;
    const hosts = hostsOf(helloNames);
    if (hosts.length < HOSTS) return undefined;
    const recurring = hosts.filter(({ sessions }) => sessions > 1).length >= HOSTS;
    // Names that come back after others did: a host that was renamed has no way back.
    if (!recurring && circumstances.helloTurns() < helloNames.length) return undefined;
    const costs = verdicts.filter((id) => ROOT_OF.includes(id));
    const total = helloNames.reduce((sum, { sessions }) => sum + sessions, 0);
    const abroad = isPublic(subject.source);
    return {
      ...(costs.length > 0 ? {} : { severity: 'low' as const }),
      session,
      rows: [helloRow(session), helloReply(session)].filter((index) => index >= 0),
      count: total,
      what: `${subject.source} said hello under ${hosts.length} names that are not those of one host: ${enumerate(
        hosts.map(({ name }) => shortened(name)),
        5,
      )}.`,
      cause: [
        `${abroad ? 'A router (NAT) or a load balancer' : 'A load balancer that hides its clients (SNAT), or a router that does (NAT),'} stands between them and the server, so that Exchange sees one address for all of them.`,
        'No range can tell them apart: what one of them may, all may, and limits for one address count them together.',
      ].join(' '),
      evidence: otherNames(theCase, session),
      remedy: remedyOf(subject.source, costs, theCase, session),
      cautions: Object.fromEntries(
        [...RELAYS, 'differs-by-server'].map((id) => [id, `Only if ${subject.source} turns out to be one host:`]),
      ),
      confidence: {
        level: hosts.length >= MANY_HOSTS ? 'high' : 'medium',
        because: `${hosts.length} hello names come and go`,
      },
      unknown: [
        'One host with several programs, each with a name of its own, would look the same: whose address it is, the network knows.',
      ],
    };
  },
};

const helloRow = ({ events }: ExaminedSession): number =>
  events.findIndex(({ event, data }) => event === '<' && /^(?:EHLO|HELO)\b/i.test(data));

/** In it stands the address under which the server sees the client. */
const helloReply = ({ events }: ExaminedSession): number =>
  events.findIndex(({ event, data }) => event === '>' && /^250[ -].* Hello \[/.test(data));

function otherNames({ failing, lastGood }: Case, shown: ExaminedSession) {
  const seen = new Set([shown.helo?.toLowerCase()]);
  const sessions = [...failing.map(({ session }) => session), ...(lastGood ? [lastGood] : [])].filter((session) => {
    const name = session.helo?.toLowerCase();
    return name !== undefined && !seen.has(name) && seen.add(name) !== undefined;
  });
  return sessions.slice(0, SHOWN).flatMap((session) => rowAt(session, helloRow(session)));
}

function remedyOf(source: string, costs: readonly string[], theCase: Case, session: ExaminedSession): Remedy[] {
  const relays = costs.some((id) => RELAYS.includes(id));
  const limits = costs.includes('connection-limit') || costs.includes('message-rate-exceeded');
  const connector = connectorOf(theCase, session);
  return [
    ...(relays ? [advice(`Do not add ${source} to a relay connector: everybody behind it could send to the outside.`)] : []),
    advice(
      'Let the load balancer pass the address of the client on: no SNAT (it is then the default gateway of the servers), or direct server return (DSR). Nothing like X-Forwarded-For exists in SMTP, and Exchange does not read the PROXY protocol.',
    ),
    advice(
      'Or give those that may relay a virtual address (VIP) of their own with a SNAT address of its own, and let the firewall admit only them to it: that one address can be put into a relay connector.',
    ),
    advice('Or let those that need something special reach the servers past the load balancer.'),
    ...(limits && connector
      ? [
          advice('Until then, let the connector take as much from this one address as all of them need:'),
          setConnector(
            connector,
            costs.includes('connection-limit')
              ? { MaxInboundConnectionPerSource: 500, MaxInboundConnectionPercentagePerSource: 50 }
              : { MessageRateLimit: 600 },
          ),
        ]
      : []),
  ];
}
