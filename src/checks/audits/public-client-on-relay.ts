/** Addresses of the Internet that come to a connector on which nobody has to log on to relay. */
import { sameName } from '../../connector/connector.ts';
import { countInWords } from '../../connector/remote-range.ts';
import { parseRange, sizeOf } from '../../net/address-range.ts';
import type { AuditedSource, AuditFacts, Place } from '../../queries/audit/audit-facts.ts';
import type { Visit } from '../../queries/audit/behaviour/behaviours.ts';
import type { Audit } from '../audit.ts';
import {
  clientName,
  envelopeNote,
  exampleEvidence,
  placeNote,
  relayingConnectors,
  sightings,
} from '../evidence/audited-clients.ts';
import { DEFAULT_FRONTEND, greeted, QUIT, RELAY_CONNECTOR, workingSession } from '../examples/example-sessions.ts';
import { aboutClient, aboutServer, type Finding } from '../finding.ts';
import { isPublic } from '../ranges/address-space.ts';
import { ANONYMOUS_RELAY, section } from '../references.ts';
import { advice } from '../remedies/commands.ts';
import { count, enumerate } from '../words/enumeration.ts';
import { moment } from '../words/moment.ts';

/** Addresses that get a finding of their own; what is left is one. */
const SHOWN = 10;

const WIDE = { ...RELAY_CONNECTOR, Enabled: true, from: '10.0.20.0/24 203.0.113.0/24' } as const;
const EXACT = { ...WIDE, from: '10.0.20.0/24 203.0.113.7' } as const;
const at = (from: string, rows: string, connector: string = RELAY_CONNECTOR.id) => ({ from, rows, connector });
const INSIDE = ['contoso.example'];

export const publicClientOnRelay: Audit = {
  id: 'public-client-on-relay',
  title: 'Public address on a connector that relays',
  why: 'On such a connector the address is all that is asked for; on the Internet addresses change hands, and behind one may be many hosts.',
  severity: 'high',
  references: [ANONYMOUS_RELAY, section('5.5 (A1)')],
  needs: [],
  falsePositives: [
    'A branch office, or the host of a partner, that comes with a fixed address and without a tunnel.',
    'An application in a cloud with an address of its own.',
    'Addresses of the Internet that are used inside your own network.',
  ],
  examples: {
    fires: [
      {
        about: 'it relayed',
        sessions: [at('203.0.113.7', workingSession('app'))],
        configuration: { connectors: [WIDE], acceptedDomains: INSIDE },
        says: ['"severity":"high"', /1 recipient outside/, '203.0.113.0/24'],
      },
      {
        about: 'it only sent to the inside, and could have relayed',
        sessions: [at('203.0.113.7', workingSession('app', 'eva@contoso.example'))],
        configuration: { connectors: [WIDE], acceptedDomains: INSIDE },
        says: ['"severity":"medium"', /could/],
      },
      {
        about: 'it was entered by its very address',
        sessions: [at('203.0.113.7', workingSession('app'))],
        configuration: { connectors: [EXACT], acceptedDomains: INSIDE },
        says: ['"severity":"medium"', /entered/],
      },
      {
        about: 'many: ten by themselves, and the rest together',
        sessions: Array.from({ length: 12 }, (_, index) => at(`203.0.113.${index + 1}`, workingSession('app'))),
        configuration: { connectors: [WIDE], acceptedDomains: INSIDE },
        says: [/2 addresses more/, /2 of them relayed/],
      },
      {
        about: 'it only looked',
        sessions: [at('203.0.113.9', `${greeted('x')}\n${QUIT}`)],
        configuration: { connectors: [WIDE], acceptedDomains: INSIDE },
        says: ['"severity":"medium"', /wanted nothing/, '203.0.113.9'],
      },
      {
        about: 'without a configuration: what was accepted tells',
        sessions: [at('203.0.113.7', workingSession('app'))],
        configuration: { connectors: [], acceptedDomains: INSIDE },
        says: ['"severity":"high"'],
      },
    ],
    silent: [
      {
        about: 'its connector refuses',
        sessions: [at('203.0.113.7', workingSession('mx', 'eva@contoso.example'), DEFAULT_FRONTEND.id)],
        configuration: { connectors: [DEFAULT_FRONTEND, WIDE], acceptedDomains: INSIDE },
      },
      {
        about: 'a printer inside',
        sessions: [at('10.0.20.12', workingSession('MFP'))],
        configuration: { connectors: [WIDE], acceptedDomains: INSIDE },
      },
      {
        about: 'addresses of carriers, link-local ones and IPv6 of the own network are not public',
        sessions: ['100.64.0.9', '169.254.3.3', 'fd00::20'].map((from) => at(from, workingSession('MFP'))),
        configuration: { connectors: [{ ...WIDE, from: '100.64.0.0/10 169.254.0.0/16 fd00::/8', on: '0.0.0.0:25 [::]:25' }] },
      },
    ],
  },
  find(facts) {
    const relays = relayPlaces(facts);
    const found = facts.sources
      .filter(({ space }) => space === 'public')
      .map((source): Guest => ({ source, places: source.places.filter((place) => place.sessions > 0 && relays(place)) }))
      .filter(({ places }) => places.length > 0);
    const known = new Set(found.flatMap(({ source, places }) => places.map((place) => keyOf(source.source, place))));
    const visits = facts.behaviours.visits.filter(
      (visit) => isPublic(visit.source) && relays(visit) && !known.has(keyOf(visit.source, visit)),
    );
    return [...found.slice(0, SHOWN).map(guestFinding), ...others(found.slice(SHOWN)), ...visitors(visits)];
  },
};

/** A public client, and the relaying connectors to which it came. */
interface Guest {
  readonly source: AuditedSource;
  readonly places: readonly Place[];
}

const keyOf = (source: string, { server, connector }: { server: string; connector: string }): string =>
  `${source} ${server}\\${connector}`.toLowerCase();

/** By the configuration, or by what the server let any client do there. */
function relayPlaces(facts: AuditFacts): (place: { readonly server: string; readonly connector: string }) => boolean {
  const configured = relayingConnectors(facts).map(({ connector }) => connector);
  const seen = facts.sources.flatMap(({ places }) => places.filter(({ relay }) => relay.mayRelay === 'yes'));
  const names = new Set(seen.map((place) => keyOf('', place)));
  return (place) =>
    names.has(keyOf('', place)) ||
    configured.some(({ server, name }) => sameName(server, place.server) && sameName(name.trim(), place.connector));
}

const isOneAddress = (text: string | null): boolean => {
  const range = text === null ? undefined : parseRange(text);
  return range !== undefined && sizeOf(range) === 1n;
};

function guestFinding({ source, places }: Guest): Finding {
  const entered = places.every(({ range }) => isOneAddress(range));
  const recipients = sum(places, ({ externalRecipients }) => externalRecipients);
  const relayed = recipients > 0;
  const ranges = enumerate([...new Set(places.flatMap(({ range }) => range ?? []))]);
  return aboutClient(publicClientOnRelay, source, places.length === 1 ? places[0]! : null, {
    severity: relayed && !entered ? 'high' : relayed || !entered ? 'medium' : 'low',
    what: `${clientName(source)} comes from the Internet to ${enumerate(places.map(({ connector }) => `"${connector}"`))}, where nobody has to log on to relay${relayed ? `: ${count(recipients, 'recipient')} outside accepted from there` : '; it did not relay, and could'}.`,
    cause: entered
      ? `Somebody entered this very address (${ranges}). Whoever has it, or sits behind it, may send to the world in any name.`
      : `${ranges === 'none' ? 'Its range is not known' : `It came in through ${ranges}, not entered for it alone`}: whoever has an address there may send to the world in any name.`,
    evidence: [
      ...places.map(
        (place) =>
          ({ kind: 'count', note: `${count(place.sessions, 'session')} on "${place.connector}": ${placeNote(place)}` }) as const,
      ),
      ...(relayed ? exampleEvidence(source.external?.examples ?? [], (example) => `accepted: ${envelopeNote(example)}`) : []),
    ],
    remedy: [
      advice(
        `Find out whose address ${source.source} is: a branch office, a partner, an application in a cloud, or nobody of yours.`,
      ),
      advice(
        'If it is needed, let it log on at port 587 with TLS, or come through a tunnel; else enter that one address alone, on a connector of its own, and give it a name in the list of devices.',
      ),
      advice(
        `If it is not needed, take it out of the remote IP ranges${ranges === 'none' ? '' : ` (${ranges})`}, and close port 25 to it on the firewall.`,
      ),
    ],
    confidence: {
      level: relayed || places.some(({ relay }) => relay.mayRelay === 'yes') ? 'high' : 'medium',
      because: relayed ? 'the log shows what was accepted' : 'other clients of the connector, or its rights, say that it relays',
    },
    seen: sightings({
      count: sum(places, ({ sessions }) => sessions),
      first: Math.min(...places.map(({ first }) => first)),
      last: Math.max(...places.map(({ last }) => last)),
    }),
  });
}

const sum = <T>(of: readonly T[], count: (one: T) => number): number => of.reduce((total, one) => total + count(one), 0);

/** More than anybody reads one by one. */
function others(guests: readonly Guest[]): Finding[] {
  if (guests.length === 0) return [];
  const relayed = guests.filter(({ places }) => places.some(({ externalRecipients }) => externalRecipients > 0)).length;
  const connectors = [...new Set(guests.flatMap(({ places }) => places.map(({ connector }) => `"${connector}"`)))];
  return [
    aboutServer(publicClientOnRelay, null, {
      severity: relayed > 0 ? 'high' : 'medium',
      what: `${countInWords(BigInt(guests.length))} more of the Internet came to ${enumerate(connectors)}, and ${relayed.toLocaleString('en-US')} of them relayed.`,
      cause: 'So many do not come because somebody entered them: a connector is open to a part of the Internet.',
      evidence: [
        {
          kind: 'count',
          note: enumerate(
            guests.map(({ source }) => source.source),
            SHOWN,
          ),
        },
      ],
      remedy: [advice('Narrow the remote IP ranges to the addresses that are known by name.')],
      confidence: { level: 'high', because: 'the sessions are in the logs' },
    }),
  ];
}

/** Who looked and wanted nothing: one finding a connector. */
function visitors(visits: readonly Visit[]): Finding[] {
  const places = new Map<string, Visit[]>();
  for (const visit of visits) places.set(keyOf('', visit), [...(places.get(keyOf('', visit)) ?? []), visit]);
  return [...places.values()].map((here) => {
    const [{ server, connector }] = here as [Visit];
    const last = Math.max(...here.map((one) => one.last));
    return {
      ...aboutServer(publicClientOnRelay, server || null, {
        severity: 'medium',
        what: `${countInWords(BigInt(here.length))} of the Internet connected to "${connector}", where nobody has to log on to relay, and wanted nothing: ${enumerate(here.map(({ source }) => source))}.`,
        cause:
          'Whoever scans the Internet finds the port that way. That it got this connector, and not one that refuses, means that it may relay when it comes again.',
        evidence: here
          .slice(0, SHOWN)
          .map((one) => ({ kind: 'count', note: `${one.source}: ${count(one.count, 'session')}, last ${moment(one.last)}` })),
        remedy: [
          advice(
            'Take public addresses out of the remote IP ranges of the connector, as far as nobody known by name needs them.',
          ),
        ],
        confidence: { level: 'medium', because: 'it relayed nothing, but it could' },
      }),
      connector: connector || null,
      seen: sightings({
        count: here.reduce((sum, one) => sum + one.count, 0),
        first: Math.min(...here.map((one) => one.first)),
        last,
      }),
    };
  });
}
