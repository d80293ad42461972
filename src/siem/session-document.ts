/** A session as a document of the Elastic Common Schema. */
import { formatAddress, parseAddress } from '../net/address-range.ts';
import { parseEndpoint } from '../net/endpoint.ts';
import type { AttributedSession } from '../queries/session-attribution.ts';
import type { StoredTransaction } from '../queries/stored-transactions.ts';
import type { Outcome } from '../smtp/outcome.ts';
import { ECS_VERSION, type EcsDocument, type EcsPeer, type EventOutcome, type EventType, present } from './ecs-document.ts';

/** `original`: the rows of the session as they stand in the log, where they are wanted. */
export function sessionDocument(
  session: AttributedSession,
  transactions: readonly StoredTransaction[],
  original?: string,
): EcsDocument {
  const { direction, startedAt, endedAt, server, authUser } = session;
  const [source, destination] = ends(session);
  const forwarded = present(session.clientSources.map(addressOf));
  const outcome = outcomeOf(session);
  // Who failed to log on and sent without, or logged on and was refused, would be read as the other way round.
  const tellsOfLogon =
    (session.authResult === 'success' && outcome === 'success') || (session.authResult === 'failed' && outcome === 'failure');
  const user = authUser && (tellsOfLogon || session.authResult === 'success') ? authUser : undefined;
  const mail = transactions.filter(({ shadow }) => !shadow);
  return {
    '@timestamp': startedAt,
    ecs: { version: ECS_VERSION },
    event: {
      id: session.id,
      kind: 'event',
      category: ['email', 'network', ...(tellsOfLogon ? (['authentication'] as const) : [])],
      type: [...types(session.outcome), ...(tellsOfLogon ? (['start'] as const) : [])],
      outcome,
      action: `smtp-session-${session.outcome}`,
      reason: session.outcomeReason || undefined,
      module: 'relaylens',
      dataset: 'relaylens.session',
      start: startedAt,
      end: endedAt,
      duration: (Date.parse(endedAt) - Date.parse(startedAt)) * 1_000_000,
      original,
    },
    source,
    destination,
    client: source,
    server: destination,
    network: {
      protocol: 'smtp',
      transport: 'tcp',
      type: parseAddress((source?.ip ?? destination?.ip) || '')?.family,
      direction: direction === 'receive' ? 'ingress' : 'egress',
      forwarded_ip: forwarded,
    },
    host: server ? { name: server } : undefined,
    observer: { vendor: 'Microsoft', product: 'Exchange Server', type: 'mail server', hostname: server || undefined },
    user: user ? { name: user } : undefined,
    tls: tlsOf(session),
    email: mail.length === 1 ? emailOf(mail[0]!) : undefined,
    error: session.lastError
      ? { message: session.lastError, code: /^[45]\d\d(?=[ -]|$)/.exec(session.lastError)?.[0] }
      : undefined,
    related: {
      ip: present([source?.ip, destination?.ip, ...(forwarded ?? [])]),
      user: present([authUser]),
      hosts: present([server, session.helo]),
    },
    relaylens: {
      session_id: session.sessionId,
      service: session.service ?? undefined,
      direction,
      connector: session.connector || undefined,
      outcome: session.outcome,
      device: session.device ?? undefined,
      helo: session.helo ?? undefined,
      tls: session.tls,
      auth: { result: session.authResult, mechanism: session.authMechanism ?? undefined, user: authUser ?? undefined },
      permissions: session.permissionsLogged ? session.permissions : undefined,
      relay: session.relayRight ? relayOf(session.relayRight) : undefined,
      attribution: session.attribution
        ? { verdict: session.attribution.verdict, expected: session.attribution.expected ?? undefined }
        : undefined,
      messages: { accepted: session.messagesAccepted, refused: session.messagesRefused },
      recipients: { accepted: session.recipientsAccepted, refused: session.recipientsRefused },
      transactions: mail.length === 0 ? undefined : mail.map(transactionOf),
      disconnect: session.disconnect ?? undefined,
      health_probe: session.healthProbe,
      rows: session.rows,
    },
  };
}

/** What was refused, in whole or in part, is no success; what nothing decided is unknown; a look at the port is neither. */
function outcomeOf({ outcome, authResult }: AttributedSession): EventOutcome | undefined {
  switch (outcome) {
    case 'accepted':
      return 'success';
    case 'proxied':
      return authResult === 'success' ? 'success' : 'unknown';
    case 'partial':
    case 'turned-away':
    case 'connect-failed':
    case 'tls-failed':
    case 'auth-failed':
    case 'refused':
      return 'failure';
    case 'open':
    case 'abandoned':
      return 'unknown';
    case 'probe':
      return authResult === 'success' ? 'success' : undefined;
  }
}

function types(outcome: Outcome): readonly EventType[] {
  const always = ['info', 'connection', 'protocol'] as const;
  switch (outcome) {
    case 'accepted':
    case 'proxied':
      return [...always, 'allowed'];
    case 'partial':
      return [...always, 'allowed', 'denied'];
    case 'turned-away':
    case 'auth-failed':
    case 'refused':
      return [...always, 'denied'];
    case 'connect-failed':
    case 'tls-failed':
    case 'open':
    case 'abandoned':
    case 'probe':
      return always;
  }
}

/** Who opened the connection, and to whom. */
function ends({
  direction,
  localEndpoint,
  remoteEndpoint,
}: AttributedSession): readonly [EcsPeer | undefined, EcsPeer | undefined] {
  const [local, remote] = [peerOf(localEndpoint), peerOf(remoteEndpoint)];
  return direction === 'receive' ? [remote, local] : [local, remote];
}

function peerOf(endpoint: string): EcsPeer | undefined {
  const { address, port } = parseEndpoint(endpoint);
  if (address === '') return undefined;
  return { address, ip: addressOf(address), port: port !== undefined && port <= 65_535 ? port : undefined };
}

function addressOf(text: string): string | undefined {
  const address = parseAddress(text);
  return address && formatAddress(address);
}

function tlsOf({ tls, outcome }: AttributedSession): EcsDocument['tls'] {
  if (tls === 'none') return outcome === 'tls-failed' ? { established: false } : undefined;
  const named = /^([A-Z]+)(\d[\d.]*)$/.exec(tls);
  return { version: named?.[2], version_protocol: named?.[1]?.toLowerCase(), established: true };
}

const withoutBrackets = (messageId: string | null): string | undefined => messageId?.replace(/^<(.*)>$/s, '$1') || undefined;

function emailOf({ sender, recipients, messageId, internalId }: StoredTransaction): EcsDocument['email'] {
  const to = present(recipients.map(({ address }) => address));
  return {
    from: sender ? { address: [sender] } : undefined,
    to: to && { address: to },
    message_id: withoutBrackets(messageId),
    local_id: internalId ?? undefined,
  };
}

function transactionOf({ sender, client, recipients, state, reply, messageId, internalId, bytes }: StoredTransaction): object {
  const ofReply = (wanted: boolean): readonly string[] | undefined =>
    present(recipients.filter(({ accepted }) => accepted === wanted).map(({ address }) => address));
  return {
    // Empty: the null sender.
    sender: sender ?? undefined,
    client: client ?? undefined,
    recipients_accepted: ofReply(true),
    recipients_refused: ofReply(false),
    replies: present(recipients.map(({ reply: own }) => own)),
    state,
    reply: reply ?? undefined,
    message_id: withoutBrackets(messageId),
    local_id: internalId ?? undefined,
    bytes: bytes ?? undefined,
  };
}

const relayOf = ({ mayRelay, knownBy, recipientsExternal }: NonNullable<AttributedSession['relayRight']>): object => ({
  may_relay: mayRelay,
  known_by: knownBy,
  recipients_external: recipientsExternal ?? undefined,
});
