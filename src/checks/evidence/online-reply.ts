/** What Exchange Online says to a send session: what it means here, and what is to be done on which side. */
import type { ExaminedSession } from '../../queries/cases/case.ts';
import type { FoundReply } from '../../smtp/replies/reply-index.ts';
import type { CataloguedReply, ReplyId } from '../../smtp/reply-catalogue.ts';
import type { Remedy } from '../finding.ts';
import { isPublic } from '../ranges/address-space.ts';
import { advice, powershell } from '../remedies/commands.ts';
import { type Filling, filled, filledRemedy } from '../remedies/filled-remedy.ts';
import { seenAs, shownCertificateName } from './next-hop.ts';
import { serverOfSession } from './session-connector.ts';

/** Entries in whose commands `{domain}` is the name in the certificate of the sender. */
const BY_CERTIFICATE: readonly ReplyId[] = ['online-relay-denied', 'online-partner-connector-restricts'];
/** Entries in whose commands `{domain}` is the domain of the sender. */
const BY_SENDER: readonly ReplyId[] = ['online-dmarc-failed', 'online-spf-failed', 'online-ipv6-without-proof'];
/** Entries where it matters how the sender was recognised. */
const ATTRIBUTED: readonly ReplyId[] = [
  ...BY_CERTIFICATE,
  'online-direct-send-rejected',
  'online-tls-channel-denied',
  'online-server-busy',
  'online-traffic-not-accepted',
];

export interface OnlineExplanation {
  /** Whole sentences. */
  readonly cause: string;
  readonly remedy: readonly Remedy[];
}

/** `found`: an entry whose side is Exchange Online; `session`: the send session that met it, itself or `quoted` by a front end. */
export function explainOnline(found: FoundReply<CataloguedReply>, session: ExaminedSession, quoted: boolean): OnlineExplanation {
  const { entry } = found;
  const facts = factsOf(session, found, quoted);
  return {
    cause: [entry.meaning, causesOf(entry.causes), ATTRIBUTED.includes(entry.id) && !quoted ? recognition(session, facts) : '']
      .filter(Boolean)
      .join(' '),
    remedy: withPlaces(
      [...looks(entry, facts), ...filledRemedy({ ...entry, remedy: knownRemedy(entry, facts) }, facts)].map(ofSite),
    ),
  };
}

/** The client of Exchange Online is this site: a device has no public address of its own. */
const ofSite = (remedy: Remedy): Remedy => ({
  ...remedy,
  text: remedy.text.replaceAll("'<client>'", "'<public address of the site>'"),
});

const causesOf = (causes: readonly string[]): string =>
  causes.length < 2 ? causes.join('') : `One of these: ${causes.map((cause, index) => `(${index + 1}) ${cause}`).join(' ')}`;

function factsOf(session: ExaminedSession, { entry, values }: FoundReply<CataloguedReply>, quoted: boolean): Filling {
  const transaction = session.transactions.findLast(({ state }) => state === 'refused') ?? session.transactions.at(-1);
  const sender = transaction?.sender || null;
  const recipient = (transaction?.recipients.find(({ accepted }) => !accepted) ?? transaction?.recipients[0])?.address || null;
  // Quoted, the session is one with the own front end: what its rows show is of the inside.
  const seen = [values.client, quoted ? null : seenAs(session)].find(
    (address) => address !== undefined && address !== null && isPublic(address),
  );
  return {
    client: seen ?? null,
    sendConnector: session.connector || null,
    server: serverOfSession(session),
    recipient,
    sender,
    mailbox: session.authUser ?? sender,
    user: session.authUser ?? sender,
    domain: BY_CERTIFICATE.includes(entry.id)
      ? quoted
        ? null
        : shownCertificateName(session)
      : domainOf(BY_SENDER.includes(entry.id) ? sender : recipient),
  };
}

const domainOf = (address: string | null): string | null => address?.split('@').at(-1) || null;

/** By what Exchange Online could have known the site, as far as the rows show it. */
function recognition(session: ExaminedSession, { client }: Filling): string {
  const certificate = shownCertificateName(session);
  return [
    client ? `It saw the address ${client}.` : '',
    certificate
      ? `The certificate that was shown is that of ${certificate}.`
      : session.tls === 'none'
        ? 'The session was not encrypted, so that no certificate could speak for the site.'
        : '',
  ]
    .filter(Boolean)
    .join(' ');
}

/** Without a certificate none can be named. */
const knownRemedy = ({ id, remedy }: CataloguedReply, { domain }: Filling): CataloguedReply['remedy'] =>
  BY_CERTIFICATE.includes(id) && !domain ? remedy.filter(({ text }) => !text.includes('{domain}')) : remedy;

/** Commands that show the names which the remedy needs. */
function looks(entry: CataloguedReply, facts: Filling): Remedy[] {
  const needsInbound = entry.remedy.some(({ text }) => text.includes('{inboundConnector}'));
  return entry.lookAt.flatMap(({ kind, text }) =>
    kind === 'exchange' && (needsInbound || !text.includes('InboundConnector')) ? [powershell(filled(text, facts))] : [],
  );
}

const ONLINE_COMMAND =
  /InboundConnector|CASMailbox|RecipientPermission|OrganizationConfig|TransportConfig|AcceptedDomain|Get-Recipient\b/;

/** Says before each run of commands where they are to be entered: many exist on both sides. */
function withPlaces(remedy: readonly Remedy[]): Remedy[] {
  let place = '';
  return remedy.flatMap((one) => {
    if (one.kind !== 'powershell') {
      place = '';
      return [one];
    }
    const own = ONLINE_COMMAND.test(one.text) ? 'In Exchange Online PowerShell:' : 'On the own server:';
    if (own === place) return [one];
    place = own;
    return [advice(own), one];
  });
}
