/** Asks what clients did that may be abuse. */
import { partsOf } from '../../../connector/connector.ts';
import type { Database } from '../../../store/database.ts';
import { Examiner } from '../../cases/examiner.ts';
import { publicId } from '../../session-id.ts';
import type { Texts } from '../../usage/names.ts';
import type { Example, Sighted } from '../audit-facts.ts';
import { Sighting } from '../source-draft.ts';
import type { SessionGroup, Span } from '../traffic.ts';
import {
  type BehaviourPlace,
  type Behaviours,
  type Habit,
  LEAST,
  type LogonBehaviour,
  type PlainConnector,
  type RefusedUser,
  type RelayFormTry,
  type Visit,
} from './behaviours.ts';
import { historySince, hourRises, recipientRises, senderRises } from './habits.ts';
import { entrantFinder, type LogonDraft, logonDrafts } from './logons.ts';
import { plainPlaces } from './plain-connectors.ts';
import { relayFormGroups, relayFormOf } from './relay-forms.ts';

interface Asked {
  readonly db: Database;
  readonly span: Span;
  readonly texts: Texts;
  /** Name of the device behind an address, where it is known. */
  readonly deviceOf: (source: string) => string | null;
  /** Sessions of clients that wanted nothing. */
  readonly probes: readonly SessionGroup[];
}

/** Sessions whose rows are read, one an address. */
const READ_IN_FULL = 200;

export function askBehaviours(asked: Asked): Behaviours {
  const { db, span } = asked;
  return {
    historySince: historySince(db, span.until),
    logons: logons(asked),
    relayForms: relayForms(asked),
    habits: habits(asked),
    plainConnectors: plainConnectors(asked),
    visits: visits(asked),
  };
}

function placeOf({ texts }: Asked, { server, connector }: { server: number; connector: number }): BehaviourPlace {
  const identity = partsOf(texts.of(connector));
  return { server: texts.of(server) || identity.server, connector: identity.name.trim() };
}

function logons(asked: Asked): LogonBehaviour[] {
  const { db, span, texts, deviceOf } = asked;
  const drafts = logonDrafts(db, span);
  const entrants = entrantFinder(db, span.since);
  const example = exampleFinder(db);
  const examiner = new Examiner(db);
  const read = drafts.filter(({ seen }) => seen.count >= LEAST.refusedTries).slice(0, READ_IN_FULL);
  examiner.examine(read.map(({ lastRefused }) => lastRefused));
  const inFull = new Set(read);
  return drafts.map((draft) => {
    const source = texts.of(draft.source);
    const before = entrants(draft.source);
    const users = [...draft.users.values()];
    const [place] = [...draft.places.values()].sort((a, b) => b.tries - a.tries);
    return {
      source,
      device: deviceOf(source),
      ...placeOf(asked, place!),
      ...draft.seen.value()!,
      days: draft.days.size,
      refused: refusedUsers(draft, before),
      entered: [
        ...new Set([...users.filter(({ entered }) => entered > 0).map(({ user }) => user.toLowerCase()), ...before]),
      ].sort(),
      firstLogons: draft.firstLogons.map(({ id, ...first }) => ({
        ...first,
        session: example(id),
        knownBefore: before.has(first.user.toLowerCase()),
      })),
      examples: [...new Set([draft.firstRefused, draft.lastRefused])].flatMap((id) => example(id) ?? []),
      shown: (inFull.has(draft) ? examiner.one(draft.lastRefused) : undefined) ?? null,
    };
  });
}

function refusedUsers({ users }: LogonDraft, before: ReadonlySet<string>): RefusedUser[] {
  return [...users.values()]
    .filter(({ seen }) => seen.count > 0)
    .map((draft) => ({
      user: draft.user,
      ...draft.seen.value()!,
      days: draft.days.size,
      entered: draft.entered > 0 || before.has(draft.user.toLowerCase()),
      ...draft.rhythm(),
    }))
    .sort((a, b) => b.count - a.count || (a.user < b.user ? -1 : 1));
}

function relayForms(asked: Asked): RelayFormTry[] {
  const { db, span, texts } = asked;
  const tries = new Map<string, RelayFormTry>();
  for (const group of relayFormGroups(db, span)) {
    const form = relayFormOf(group.address);
    if (!form) continue;
    const key = `${group.source} ${group.server} ${group.connector} ${form}`;
    const known = tries.get(key);
    const isLater = !known || group.last >= known.last;
    tries.set(key, {
      source: texts.of(group.source),
      ...placeOf(asked, group),
      form,
      refused: group.refused + (known?.refused ?? 0),
      accepted: group.accepted + (known?.accepted ?? 0),
      first: Math.min(group.first, known?.first ?? group.first),
      last: isLater ? group.last : known.last,
      recipient: isLater ? group.address : known.recipient,
    });
  }
  return [...tries.values()];
}

function habits({ db, span, texts, deviceOf }: Asked): Habit[] {
  const recipients = recipientRises(db, span);
  const senders = senderRises(db, span);
  const messages = hourRises(db, span);
  return [...new Set([...recipients.keys(), ...senders.keys(), ...messages.keys()])]
    .map((number) => {
      const source = texts.of(number);
      return {
        source,
        device: deviceOf(source),
        recipientDomains: recipients.get(number) ?? null,
        senderDomains: senders.get(number) ?? null,
        messages: messages.get(number) ?? null,
      };
    })
    .sort((a, b) => (a.source < b.source ? -1 : 1));
}

function plainConnectors(asked: Asked): PlainConnector[] {
  const { db, span } = asked;
  const places = plainPlaces(db, span);
  const examiner = new Examiner(db);
  examiner.examine(places.flatMap(({ shown }) => shown ?? []));
  return places.map((place) => ({
    ...placeOf(asked, place),
    sessions: place.sessions,
    secured: sighted(place.secured, place.firstSecured, place.lastSecured),
    refused: sighted(place.refused, place.firstRefused, place.lastRefused),
    refusedSources: place.refusedSources,
    shown: (place.shown === null ? undefined : examiner.one(place.shown)) ?? null,
  }));
}

function visits(asked: Asked): Visit[] {
  const drafts = new Map<string, { readonly group: SessionGroup; readonly seen: Sighting }>();
  for (const group of asked.probes) {
    const key = `${group.source} ${group.server} ${group.connector}`;
    let draft = drafts.get(key);
    if (!draft) drafts.set(key, (draft = { group, seen: new Sighting() }));
    draft.seen.add(group.sessions, group.first, group.last);
  }
  return [...drafts.values()].map(({ group, seen }) => ({
    source: asked.texts.of(group.source),
    ...placeOf(asked, group),
    ...seen.value()!,
  }));
}

const sighted = (count: number, first: number | null, last: number | null): Sighted | null =>
  first === null || last === null ? null : { count, first, last };

/** By the number of the session. */
function exampleFinder(db: Database): (id: number) => Example | null {
  const find = db.prepare<
    [number],
    { at: number; sessionId: string; server: string; remoteEndpoint: string; generation: number }
  >(
    `SELECT s.started_at AS at, s.session_id AS sessionId, server.value AS server, s.remote_endpoint AS remoteEndpoint, s.generation
     FROM session s JOIN text server ON server.id = s.server_id WHERE s.id = ?`,
  );
  return (id) => {
    const row = find.get(id);
    if (!row) return null;
    const { at, ...identity } = row;
    return { at, session: publicId({ ...identity, direction: 'receive' }), sender: null, recipient: null };
  };
}
