/**
 * What a server would answer by its imported configuration: the same conversation as over the network, conducted with the
 * session machine of the relay. Pure.
 */
import { AcceptedDomains } from '../connector/accepted-domain.ts';
import { identityOf, quoted, type ReceiveConnector } from '../connector/connector.ts';
import { effectiveRights, isExternallySecured, mayRelay, unauthenticatedPrincipal } from '../connector/effective-rights.ts';
import { roleOnPort } from '../connector/matching.ts';
import { type Organisation, rightsOf, type ServerConfiguration } from '../connector/organisation.ts';
import { type Address, formatAddress } from '../net/address-range.ts';
import { Faults } from '../relay/machine/faults.ts';
import type { ConnectionFacts, ServiceSettings } from '../relay/machine/settings.ts';
import { ReplayedServer } from '../relay/replay/replayed-server.ts';
import { onOneLine } from '../smtp/replies/template.ts';
import { conduct } from './conduct.ts';
import { type Answer, type Dialogue, isRefusal, type Step, textOf } from './dialogue.ts';
import { MachineLine } from './machine-line.ts';
import type { Offers } from './offer.ts';
import type { ProbeOrder } from './order.ts';

/** What would be answered. */
export interface PredictedAnswer {
  readonly step: Step;
  /** As that of the answer itself. */
  readonly subject: string | null;
  /** On one line; null: the configuration does not tell. */
  readonly reply: string | null;
  /** Why; null where there is nothing to say. */
  readonly because: string | null;
}

/** A whole conversation by the configuration. */
export interface Prediction {
  readonly client: string;
  /** `SERVER\Name`; null: none takes the client. */
  readonly connector: string | null;
  readonly offers: Offers | null;
  readonly answers: readonly PredictedAnswer[];
  /** What the configuration does not say and was taken to be so. */
  readonly assumed: readonly string[];
  /** All that is asked for would be accepted; null: that cannot be told. */
  readonly isAccepted: boolean | null;
}

/** Where the client connects to; without an address any that no connector is bound to in particular. */
export interface PredictedPlace {
  readonly address?: Address;
  readonly port: number;
}

/** Any time will do: nothing of the prediction depends on it. */
const AT = 0;

/** Questions to one server of a configuration. */
export class Predictor {
  readonly configuration: ServerConfiguration;
  readonly #organisation: Organisation;
  readonly #order: ProbeOrder;
  readonly #place: PredictedPlace;

  constructor(organisation: Organisation, configuration: ServerConfiguration, order: ProbeOrder, place: PredictedPlace) {
    this.#organisation = organisation;
    this.configuration = configuration;
    this.#order = order;
    this.#place = place;
  }

  /** What this client would be answered. */
  predict(client: Address): Promise<Prediction> {
    return this.#predictFor(client, this.configuration.connectors);
  }

  /** The same by every other connector on the port, as if that one took the client. */
  async byOtherConnectors(client: Address, taken: string | null): Promise<readonly Prediction[]> {
    const { port } = this.#place;
    const others = this.configuration.connectors.filter(
      (one) => identityOf(one) !== taken && one.bindings.some((binding) => binding.port === port),
    );
    const range = { family: client.family, first: client.value, last: client.value, text: formatAddress(client) };
    const anywhere = { address: { family: client.family, value: 0n }, port, any: true };
    return await Promise.all(
      others.map((one) => this.#predictFor(client, [{ ...one, bindings: [anywhere], remoteIPRanges: [range] }])),
    );
  }

  async #predictFor(client: Address, connectors: readonly ReceiveConnector[]): Promise<Prediction> {
    const server = new ReplayedServer(this.#organisation, { ...this.configuration, connectors });
    const role = roleOnPort(connectors, this.#place.port);
    const local = { address: this.#place.address ?? { family: client.family, value: 0n }, port: this.#place.port };
    const connector = server.select(role, local, client)?.connector;
    const serviceWith = (acceptedDomains: AcceptedDomains): ServiceSettings => ({
      ...server.service({
        version: '2016+',
        role,
        fqdn: undefined,
        hasCertificate: true,
        faults: new Faults(),
        acceptedDomains,
      }),
      formatDate: () => '<date>',
    });
    const facts: ConnectionFacts = {
      sessionId: '0000000000000000',
      localEndpoint: endpointOf(local.address, local.port),
      remoteEndpoint: endpointOf(client, 0),
    };
    const play = (domains: AcceptedDomains): Promise<Dialogue> =>
      conduct(new MachineLine(serviceWith(domains), facts, AT), this.#order);
    const known = server.acceptedDomains;
    const dialogue = await play(known ?? EVERY_DOMAIN);
    const otherwise = known ? dialogue : await play(NO_DOMAIN);
    const reasons = new Reasons(this.#organisation, this.#order, connector, known);
    const answers = dialogue.answers.filter(isPredicted).map((answer): PredictedAnswer => {
      const other = counterpart(answer, dialogue, otherwise);
      const isCertain = other !== undefined && isRefusal(other) === isRefusal(answer) && !reasons.isDoubtful(answer);
      return {
        step: answer.step,
        subject: answer.subject,
        reply: isCertain ? onOneLine(textOf(answer)) : null,
        because: reasons.of(answer, isCertain),
      };
    });
    return {
      client: formatAddress(client),
      connector: connector ? identityOf(connector) : null,
      offers: dialogue.offers,
      answers,
      assumed: assumptions(server, connector, this.#order, dialogue),
      isAccepted: isAccepted(answers, dialogue),
    };
  }
}

/** The answer to the same in the other conversation; undefined where that did not come so far. */
function counterpart(answer: Answer, { answers }: Dialogue, other: Dialogue): Answer | undefined {
  const isAlike = (one: Answer): boolean => one.step === answer.step && one.subject === answer.subject;
  return other.answers.filter(isAlike)[answers.filter(isAlike).indexOf(answer)];
}

const EVERY_DOMAIN = new AcceptedDomains([{ name: '*', domainName: '*', domainType: 'Authoritative', isDefault: false }]);
const NO_DOMAIN = new AcceptedDomains([]);

const isPredicted = ({ step }: Answer): boolean => step !== 'reset' && step !== 'quit';

function isAccepted(answers: readonly PredictedAnswer[], { abstention }: Dialogue): boolean | null {
  if (abstention !== null || answers.some(({ reply }) => reply !== null && reply >= '400')) return false;
  return answers.some(({ reply }) => reply === null) ? null : true;
}

function assumptions(
  server: ReplayedServer,
  connector: ReceiveConnector | undefined,
  { credentials }: ProbeOrder,
  { answers }: Dialogue,
): string[] {
  if (!connector) return [];
  const has = (step: Step): boolean => answers.some((one) => one.step === step);
  return [
    ...(server.isGuessed(connector)
      ? [`${quoted(connector)} may relay: its rights were not imported, and Custom beside AnonymousUsers mostly means that`]
      : []),
    ...(has('start-tls') ? ['a certificate fits the connector, and the handshake succeeds'] : []),
    ...(credentials && has('auth') ? ['the password is right, and the user may log on'] : []),
    'the service is active and has its resources, and no agent refuses anything',
  ];
}

/** Why the configuration answers as it does. */
class Reasons {
  readonly #order: ProbeOrder;
  readonly #connector: ReceiveConnector | undefined;
  readonly #domains: AcceptedDomains | undefined;
  readonly #submits: boolean;
  readonly #relays: boolean;
  /** More may be allowed than is known. */
  readonly #isOpen: boolean;

  constructor(
    organisation: Organisation,
    order: ProbeOrder,
    connector: ReceiveConnector | undefined,
    domains: AcceptedDomains | undefined,
  ) {
    this.#order = order;
    this.#connector = connector;
    this.#domains = domains;
    const rights = connector ? rightsOf(organisation, connector) : null;
    const principal = connector && (order.credentials ? 'authenticated-user' : unauthenticatedPrincipal(connector));
    const known = connector && principal && effectiveRights(connector, rights, principal);
    const isLikely = connector !== undefined && !order.credentials && mayRelay(connector, rights) === 'likely';
    this.#submits = known?.permissions.includes('SMTPSubmit') ?? false;
    this.#relays = isLikely || (known?.permissions.includes('SMTPAcceptAnyRecipient') ?? false);
    this.#isOpen = !isLikely && (known?.knownBy === 'nothing' || known?.knownBy === 'custom');
  }

  /** A refusal for want of a right, where not all rights are known. */
  isDoubtful(answer: Answer): boolean {
    if (!this.#isOpen || !isRefusal(answer)) return false;
    return (
      ((answer.step === 'mail' || answer.step === 'auth') && !this.#submits) || (answer.step === 'recipient' && !this.#relays)
    );
  }

  of(answer: Answer, isCertain: boolean): string | null {
    const connector = this.#connector;
    if (!connector) return 'no connector of the server takes this address there';
    switch (answer.step) {
      case 'auth':
        return answer.code === 535 ? this.#ofMail(connector, answer) : null;
      case 'mail':
        return this.#ofMail(connector, answer);
      case 'recipient':
        return this.#ofRecipient(connector, answer, isCertain);
      default:
        return null;
    }
  }

  #who(connector: ReceiveConnector): string {
    if (this.#order.credentials) return 'who has logged on';
    return isExternallySecured(connector) ? 'every client (ExternalAuthoritative)' : 'a client without a logon';
  }

  #ofMail(connector: ReceiveConnector, answer: Answer): string | null {
    if (textOf(answer).startsWith('451 5.7.3')) return `${quoted(connector)} has RequireTLS`;
    if (this.#submits) return isRefusal(answer) ? null : `${this.#who(connector)} may submit on ${quoted(connector)}`;
    return this.#isOpen
      ? `whether ${this.#who(connector)} may submit on ${quoted(connector)} is not known: its permission groups or rights were not imported`
      : `${this.#who(connector)} may not submit on ${quoted(connector)}${this.#order.credentials ? ' (no ExchangeUsers)' : ' (no AnonymousUsers)'}`;
  }

  #ofRecipient(connector: ReceiveConnector, { subject }: Answer, isCertain: boolean): string {
    const domain = domainOf(subject ?? '');
    const found = this.#domains?.find(domain);
    if (found)
      return `${domain} is an accepted domain (${found.domainType}${found.domainName === domain ? '' : `, ${found.domainName}`})`;
    const right = this.#relays
      ? `${this.#who(connector)} may relay on ${quoted(connector)}`
      : this.#isOpen
        ? `whether ${this.#who(connector)} may relay on ${quoted(connector)} is not known: its rights were not imported`
        : `${this.#who(connector)} may not relay on ${quoted(connector)}`;
    if (this.#domains) return `${domain} is no accepted domain, and ${right}`;
    return isCertain ? right : `${right}, and the accepted domains were not imported`;
  }
}

const domainOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1).toLowerCase();

const endpointOf = (address: Address, port: number): string =>
  address.family === 'ipv4' ? `${formatAddress(address)}:${port}` : `[${formatAddress(address)}]:${port}`;
