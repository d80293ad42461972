/**
 * Where a client of one server would land on the others, and what has to be changed there first. Who takes it is asked of
 * the selection itself, before and after the change.
 */
import { loggedConnector } from '../../connector/attribution.ts';
import { identityOf, partsOf, quoted, type ReceiveConnector, sameName } from '../../connector/connector.ts';
import { effectiveRights, mayRelay, type Relay, unauthenticatedPrincipal } from '../../connector/effective-rights.ts';
import { matchClient, type Question } from '../../connector/matching.ts';
import { type Organisation, rightsOf, type ServerConfiguration, serverOf } from '../../connector/organisation.ts';
import { parseRemoteRange } from '../../connector/remote-range.ts';
import { pairConnectors } from '../../connector/server-name.ts';
import { parseAddress } from '../../net/address-range.ts';
import { literal } from '../../powershell/quoting.ts';
import type { Remedy } from '../finding.ts';
import { advice, setConnector } from '../remedies/commands.ts';
import { isSafeChange } from '../remedies/safe-change.ts';

/** A client where it enters now. */
export interface Entering {
  readonly source: string;
  /** As logged, `SERVER\Name`; empty where no connector took it. */
  readonly connector: string;
  readonly port: number;
}

/**
 * `ready`: it may do there what it may do here. `change`: after the remedy it may. `less`: it would be taken, and could do
 * less. `unknown`: not enough was imported to tell. `decide`: somebody has to decide first.
 */
export type MoveState = 'ready' | 'change' | 'less' | 'unknown' | 'decide';

export interface Move {
  readonly server: string;
  readonly state: MoveState;
  /** `SERVER\Name` of the connector that takes it there now, and of the one that is to. */
  readonly takenBy: string | null;
  readonly meant: string | null;
  readonly because: string;
  /** What the remedy does; null where there is no change. */
  readonly change: MoveChange | null;
  readonly remedy: readonly Remedy[];
}

export type MoveChange = 'add-range' | 'enable' | 'make-connector';

/** To every other server of which connectors are known. `server`: the one that it leaves. */
export function movesOf(organisation: Organisation, server: string, client: Entering): Move[] {
  const others = organisation.servers.filter((other) => !sameName(other.server, server));
  return others.map((other) => moveTo(organisation, server, other, client));
}

function moveTo(organisation: Organisation, server: string, other: ServerConfiguration, client: Entering): Move {
  const remote = parseAddress(client.source);
  const untold = (because: string): Move => ({
    server: other.server,
    state: 'unknown',
    takenBy: null,
    meant: null,
    because,
    change: null,
    remedy: [],
  });
  if (!remote) return untold('the log hides the address of the client');
  const question: Question = { remote, port: client.port, role: 'FrontendTransport' };
  const { winner, reason, candidates } = matchClient(other.connectors, question).match.explanation;
  const takenBy = winner ? identityOf(winner.connector) : null;
  if (client.connector === '') return { ...untold(`no connector takes it here either; there, ${reason}`), takenBy };
  const here = serverOf(organisation, server);
  const from = here && loggedConnector(here, client.connector);
  const meant = twinOf(here, from ?? { server, name: partsOf(client.connector).name }, other);
  const result = (state: MoveState, because: string, remedy: readonly Remedy[] = [], change: MoveChange | null = null): Move => ({
    server: other.server,
    state,
    takenBy,
    meant: meant ? identityOf(meant) : null,
    because,
    change,
    remedy,
  });
  const isEnough = (there: ReceiveConnector): boolean => from !== undefined && allowsAsMuch(organisation, from, there);
  if (winner && (winner.connector === meant || isEnough(winner.connector)))
    return from && !isEnough(winner.connector)
      ? result('less', `${quoted(winner.connector)} takes it, but clients there may do less than here`)
      : result('ready', reason);
  if (meant) {
    const twin = candidates.find(({ connector }) => connector === meant)!;
    const change = changeFor(organisation, other, meant, client.source, question);
    return change
      ? result('change', `${quoted(meant)} is the one that it needs; ${twin.because}`, [change.remedy], change.kind)
      : result('decide', `${quoted(meant)} is the one that it needs; ${twin.because}`, [
          advice(
            'No command is given here: Exchange would refuse it beside the other connectors, it would not help, or it would let somebody relay who may not now.',
          ),
        ]);
  }
  const name = partsOf(client.connector).name;
  if (!from)
    return result(
      'unknown',
      `the configuration of ${server} does not hold ${quoted({ name })}, and ${other.server} has none of that name; there, ${reason}`,
    );
  const copy = advice(
    `Make the connector there: relaylens connectors copy --from ${literal(here!.server)} --to ${literal(other.server)} --connector ${literal(from.name)} prints the PowerShell, with its ranges and rights.`,
  );
  return result('change', `${other.server} has no connector like ${quoted(from)}; there, ${reason}`, [copy], 'make-connector');
}

/** Named alike, each with its own server in the name. */
function twinOf(
  here: ServerConfiguration | undefined,
  from: Pick<ReceiveConnector, 'server' | 'name'>,
  other: ServerConfiguration,
): ReceiveConnector | undefined {
  const all = here?.connectors.some((one) => one === from) ? here.connectors : [from];
  return pairConnectors(all, other.connectors).find(({ a }) => a === from)?.b;
}

const RELAYS: readonly Relay[] = ['yes', 'likely'];

/** To clients without authentication. Who may not relay here needs no right there; what is not known is no reason to say so. */
function allowsAsMuch(organisation: Organisation, here: ReceiveConnector, there: ReceiveConnector): boolean {
  const relay = (connector: ReceiveConnector): Relay => mayRelay(connector, rightsOf(organisation, connector));
  const takes = (connector: ReceiveConnector): boolean => {
    const { permissions, knownBy } = effectiveRights(
      connector,
      rightsOf(organisation, connector),
      unauthenticatedPrincipal(connector),
    );
    return knownBy !== 'nothing' && permissions.includes('SMTPSubmit');
  };
  if (takes(here) && !takes(there)) return false;
  return RELAYS.includes(relay(here)) ? RELAYS.includes(relay(there)) : relay(here) === 'no' && relay(there) !== 'unknown';
}

/** The address in the ranges of the connector, or the connector enabled: whichever makes it take the client, and nothing worse. */
function changeFor(
  organisation: Organisation,
  { connectors }: ServerConfiguration,
  meant: ReceiveConnector,
  source: string,
  question: Question,
): { readonly kind: MoveChange; readonly remedy: Remedy } | undefined {
  const range = parseRemoteRange(source);
  if (!range) return undefined;
  const helps = (changed: ReceiveConnector): boolean =>
    matchClient(
      connectors.map((one) => (one === meant ? changed : one)),
      question,
    ).match.explanation.winner?.connector === changed && isSafeChange(organisation, meant, changed);
  if (helps({ ...meant, remoteIPRanges: [...meant.remoteIPRanges, range] }))
    return { kind: 'add-range', remedy: setConnector(meant, { RemoteIPRanges: { add: [source] } }) };
  if (helps({ ...meant, properties: { ...meant.properties, Enabled: true } }))
    return { kind: 'enable', remedy: setConnector(meant, { Enabled: true }) };
  return undefined;
}
