/** `probe`: a mail server tested as telnet would, with TLS, a logon and explanations; and beside it what its configuration says. */
import { randomUUID } from 'node:crypto';
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { AcceptedDomains } from '../../connector/accepted-domain.ts';
import { sameName } from '../../connector/connector.ts';
import type { Question } from '../../connector/matching.ts';
import type { Organisation, ServerConfiguration } from '../../connector/organisation.ts';
import { type Address, parseAddress } from '../../net/address-range.ts';
import { compare } from '../../probe/comparison.ts';
import { type ProbeOrder, TLS_VERSIONS, type TlsVersion } from '../../probe/order.ts';
import { Predictor } from '../../probe/prediction.ts';
import {
  endpointText,
  type ProbeReport,
  predictionReport,
  probeReport,
  type ReportedPrediction,
  type ReportFacts,
} from '../../probe/probe-report.ts';
import { type ProbeRun, type ProbeTarget, probeServer } from '../../probe/socket/probe-server.ts';
import { testMessage } from '../../probe/test-message.ts';
import { matchOnServer } from '../../queries/connector-match.ts';
import { systemClock } from '../../relay/log/clock.ts';
import { printable } from '../../render/printable.ts';
import { probeDocument } from '../../reports/probe.ts';
import { UserError } from '../../store/user-error.ts';
import { latestConfiguration, serversIn } from '../configuration.ts';
import type { Io } from '../io.ts';
import { type CommonOptions, withCommonOptions, zoneOf } from '../options.ts';
import { print } from '../output.ts';

interface ProbeOptions extends CommonOptions {
  readonly helo?: string;
  readonly from?: string;
  readonly to?: readonly string[];
  readonly send?: boolean;
  /** False: `--no-tls`. */
  readonly tls: boolean;
  readonly requireTls?: boolean;
  readonly tlsMin: TlsVersion;
  readonly tlsMax: TlsVersion;
  readonly user?: string;
  readonly timeout: number;
  readonly localAddress?: string;
  readonly ipv4?: boolean;
  readonly ipv6?: boolean;
  readonly fromConnector?: string | true;
  readonly as?: string;
}

const SMTP_PORT = 25;
const PASSWORD_VARIABLE = 'RELAYLENS_PASSWORD';

const HELP = `
Name the host first: options that take several values take all that follows them.
The password of --user comes from the variable ${PASSWORD_VARIABLE}, or is asked for; it is never shown.
Without --send nothing is delivered: the conversation ends after RCPT.

  relaylens probe mail.contoso.example --from scan@contoso.example --to partner@fabrikam.example
  relaylens probe 10.0.0.5:587 --user svc-scan --from scan@contoso.example --to partner@fabrikam.example
  relaylens probe 10.0.0.5 --tls-min TLSv1 --tls-max TLSv1.1        as an old device
  relaylens probe 10.0.0.5 --from-connector --as 10.0.20.12 --from scan@contoso.example --to partner@fabrikam.example

Exit code: 0 all that was asked for was accepted, 1 the server refused something, 2 it could not be tested.
`;

export function registerProbe(program: Command, io: Io, done: (code: number) => void): void {
  const command = withCommonOptions(program.command('probe'))
    .description('test a mail server as telnet would: greeting, TLS, logon, sender, recipient; every answer explained')
    .argument('<host[:port]>', `name or address of the server; [fd00::5]:25 for IPv6 (port ${SMTP_PORT})`)
    .option('--from <address>', "sender of the mail, '<>' for none")
    .option('--to <address...>', 'recipients')
    .option('--helo <name>', "what is said behind EHLO (this machine's name)")
    .option('--send', 'really send a short test message, which says that it is one')
    .option('--no-tls', 'do not start TLS, even where it is offered')
    .option('--require-tls', 'say nothing further without TLS')
    .addOption(new Option('--tls-min <version>', 'oldest version of TLS to offer').choices(TLS_VERSIONS).default('TLSv1.2'))
    .addOption(new Option('--tls-max <version>', 'newest version of TLS to offer').choices(TLS_VERSIONS).default('TLSv1.3'))
    .option('--user <name>', 'log on with AUTH LOGIN')
    .addOption(new Option('--timeout <seconds>', 'for each answer').argParser(parseSeconds).default(30))
    .option('--local-address <ip>', 'address of this machine to connect from')
    .option('--ipv4', 'only IPv4')
    .option('--ipv6', 'only IPv6')
    .option('--from-connector [server]', 'say beforehand what the imported configuration would answer, and compare')
    .option('--as <ip>', 'with --from-connector: only say it, for a client with this address; nothing is connected')
    .addHelpText('after', HELP)
    .action(async (where: string, given: ProbeOptions) => {
      const options = checked(given);
      const { host, port } = placeOf(where);
      const asked =
        options.fromConnector === undefined ? undefined : configurationFor(options.db, options.fromConnector, host, port);
      const order = await orderOf(options, io, endpointText(host, port));
      const report =
        options.as === undefined
          ? await probe(host, port, options, order, asked, io)
          : await predictOnly(host, port, options.as, order, asked!);
      print(io, options, { json: report, document: () => probeDocument(report, zoneOf(options).name) });
      done(report.verdict.exitCode);
    });
  // A conversation is no table.
  command.options.find(({ long }) => long === '--format')?.choices(['text', 'json']);
}

// --- what was asked for ---------------------------------------------------------------------------------------------

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || seconds <= 0 || seconds > 3600)
    throw new InvalidArgumentError('a number of seconds, 3600 at most.');
  return seconds;
}

function checked(given: ProbeOptions): ProbeOptions {
  const options = {
    ...given,
    ...(given.from !== undefined && { from: addressOf(given.from, 'sender') }),
    ...(given.to && { to: given.to.map((one) => addressOf(one, 'recipient')) }),
  };
  const { from, to, helo, send, tls, requireTls, tlsMin, tlsMax, localAddress, ipv4, ipv6, as, fromConnector } = options;
  const refuse = (what: string, hint: string): never => {
    throw new UserError(what, hint);
  };
  if (to && from === undefined) refuse('--to needs a sender', "Add --from scanner@contoso.example, or --from '<>' for none.");
  if (to?.includes('')) refuse('a recipient is missing behind --to', 'Name an address, such as partner@fabrikam.example.');
  if (send && !to) refuse('--send needs a recipient', 'Add --to with the address that the test message may go to.');
  if (!tls && requireTls) refuse('--no-tls and --require-tls contradict each other', 'Leave one of them out.');
  if (TLS_VERSIONS.indexOf(tlsMin) > TLS_VERSIONS.indexOf(tlsMax))
    refuse(`--tls-min ${tlsMin} is newer than --tls-max ${tlsMax}`, 'Nothing lies between them.');
  if (helo !== undefined && /\p{Cc}/u.test(helo))
    refuse('the name behind --helo holds control characters', 'Name it without them.');
  if (localAddress !== undefined && isIP(localAddress) === 0)
    refuse(`'${localAddress}' is no IP address`, 'Name an address of this machine with --local-address.');
  if (ipv4 && ipv6) refuse('--ipv4 and --ipv6 contradict each other', 'Leave both out to take what the name gives.');
  if (as !== undefined && fromConnector === undefined)
    refuse(
      '--as needs --from-connector',
      'Nothing can be sent from an address of another machine; only the configuration can be asked.',
    );
  if (as !== undefined && send) refuse('--as and --send contradict each other', 'With --as nothing is connected.');
  if (as !== undefined && !parseAddress(as))
    refuse(`'${as}' is no IP address`, 'Name the address of the device, such as 10.0.20.12.');
  return options;
}

/** Without angle brackets. */
function addressOf(text: string, what: string): string {
  const address = text.trim().replace(/^<(.*)>$/s, '$1');
  if (/[\p{Cc}<>]/u.test(address) || /[^\x20-\x7e]/.test(address))
    throw new UserError(
      `'${text}' cannot be used as a ${what}`,
      'The probe says addresses of plain ASCII characters, without angle brackets and line ends.',
    );
  return address;
}

function placeOf(text: string): { host: string; port: number } {
  const wrong = new UserError(`'${text}' is no host and port`, 'Use mail.contoso.example, 10.0.0.5:587 or [fd00::5]:25.');
  const bracketed = /^\[([^\]]*)\](?::(\d{1,5}))?$/.exec(text);
  const [, host = '', port] = bracketed ?? (isIP(text) === 6 ? [text, text] : /^([^:]*)(?::(\d{1,5}))?$/.exec(text)) ?? [];
  const number = port === undefined ? SMTP_PORT : Number(port);
  const isHost = bracketed ? isIP(host) === 6 : isIP(host) > 0 || /^[^\s\p{Cc}/@\\]{1,253}$/u.test(host);
  if (!isHost || number < 1 || number > 65_535) throw wrong;
  return { host, port: number };
}

async function orderOf(options: ProbeOptions, io: Io, server: string): Promise<ProbeOrder> {
  const { from, to = [], user, tls, requireTls, send, as } = options;
  const helo = options.helo ?? ownName();
  const sender = from ?? null;
  return {
    helo,
    tls: requireTls ? 'required' : tls ? 'if-offered' : 'never',
    // What is only predicted takes the password to be right.
    credentials: user === undefined ? null : { user, password: as === undefined ? await passwordOf(user, io) : '' },
    sender,
    recipients: to,
    message:
      send && sender !== null ? testMessage({ sender, recipients: to, helo, server, at: io.now(), id: randomUUID() }) : null,
  };
}

async function passwordOf(user: string, io: Io): Promise<string> {
  const given = process.env[PASSWORD_VARIABLE];
  if (given !== undefined && given !== '') return given;
  if (!io.askSecret)
    throw new UserError(
      `there is no password for ${user}`,
      `Set the variable ${PASSWORD_VARIABLE}, or run the command on a terminal: it asks then. Passwords do not belong on a command line.`,
    );
  const typed = await io.askSecret(`Password of ${printable(user)}: `);
  if (typed === '') throw new UserError('no password was entered', 'Without --user the probe does not log on.');
  return typed;
}

/** As EHLO may carry it. */
function ownName(): string {
  const name = hostname()
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/\.{2,}/g, '.')
    .replace(/^[.-]+|[.-]+$/g, '');
  return name.slice(0, 255) || 'localhost';
}

// --- over the network -----------------------------------------------------------------------------------------------

interface Asked {
  readonly organisation: Organisation;
  readonly configuration: ServerConfiguration;
}

async function probe(
  host: string,
  port: number,
  options: ProbeOptions,
  order: ProbeOrder,
  asked: Asked | undefined,
  io: Io,
): Promise<ProbeReport> {
  const target = targetOf(host, port, options);
  const run = await probeServer(target, order, { clock: { now: io.now, after: systemClock.after } });
  const facts = factsOf(target, options, order, run, asked?.organisation ?? null, io.now());
  return probeReport(facts, asked ? await predictionBeside(asked, order, run, port) : null);
}

function targetOf(host: string, port: number, { ipv4, ipv6, localAddress, tlsMin, tlsMax, timeout }: ProbeOptions): ProbeTarget {
  const local = localAddress === undefined ? 0 : isIP(localAddress);
  const family = ipv4 ? 4 : ipv6 ? 6 : local === 4 ? 4 : local === 6 ? 6 : 0;
  if ((local !== 0 && family !== local) || (isIP(host) !== 0 && family !== 0 && isIP(host) !== family))
    throw new UserError(
      `${localAddress ?? (ipv4 ? 'IPv4' : 'IPv6')} and ${host} do not go together`,
      'IPv4 and IPv6 never meet: name an address of the same family.',
    );
  return {
    host,
    port,
    family,
    tlsMin,
    tlsMax,
    stepMs: timeout * 1000,
    ...(localAddress !== undefined && { localAddress }),
  };
}

function factsOf(
  { host, port, tlsMin, tlsMax }: ProbeTarget,
  { timeout, user }: ProbeOptions,
  order: ProbeOrder,
  { addresses, lookupFault, attempts, connection }: ProbeRun,
  organisation: Organisation | null,
  at: number,
): ReportFacts {
  const domains = organisation?.acceptedDomains;
  const accepted = domains ? new AcceptedDomains(domains) : undefined;
  return {
    host,
    port,
    timeout,
    versions: { min: tlsMin, max: tlsMax },
    tls: order.tls,
    logsOn: user !== undefined,
    sender: order.sender,
    recipients: order.recipients,
    sends: order.message !== null,
    lookupFault,
    attempts,
    localAddress: connection?.localAddress ?? null,
    localPort: connection?.localPort ?? null,
    remoteAddress: connection?.remoteAddress ?? null,
    dialogue: connection?.dialogue ?? null,
    foreign: connection?.foreign ?? null,
    helo: order.helo,
    addresses,
    at,
    asksConfiguration: organisation !== null,
    ...(accepted && { isExternal: (domain: string) => accepted.find(domain) === undefined }),
  };
}

// --- by the configuration -------------------------------------------------------------------------------------------

/** The server named; else the only one, the one called like the host, or the one that is bound to the address. */
function configurationFor(database: string, named: string | true, host: string, port: number): Asked {
  const organisation = latestConfiguration(database);
  const servers = serversIn(organisation, named === true ? undefined : named, database);
  const address = parseAddress(host);
  const fits = ({ server, connectors }: ServerConfiguration): boolean =>
    sameName(server, host.split('.')[0]!) ||
    connectors.some(
      ({ bindings, properties }) =>
        (properties.Fqdn && sameName(properties.Fqdn, host)) ||
        (address !== undefined &&
          bindings.some(
            (one) =>
              one.port === port && !one.any && one.address.family === address.family && one.address.value === address.value,
          )),
    );
  const likely = servers.length === 1 ? servers : servers.filter(fits);
  if (likely.length !== 1)
    throw new UserError(
      `which of the imported servers ${host} is cannot be told`,
      `Name it: --from-connector ${servers[0]!.server}. There are ${servers.map(({ server }) => server).join(', ')}.`,
    );
  return { organisation, configuration: likely[0]! };
}

async function predictionBeside(
  asked: Asked,
  order: ProbeOrder,
  { connection }: ProbeRun,
  port: number,
): Promise<ReportedPrediction | null> {
  const own = connection && parseAddress(connection.localAddress);
  const local = connection && parseAddress(connection.remoteAddress);
  if (!own || !local) return null;
  const { predictor, reported } = await reportedPrediction(asked, order, { remote: own, port, local });
  const { dialogue } = connection;
  if (dialogue.answers.length === 0) return reported;
  const seen = dialogue.offers?.before.seenAs;
  const seenAs = (seen && parseAddress(seen)) || null;
  return { ...reported, comparison: await compare(predictor, reported.prediction, dialogue, { own, seenAs }) };
}

async function reportedPrediction(
  { organisation, configuration }: Asked,
  order: ProbeOrder,
  question: Question,
): Promise<{ predictor: Predictor; reported: ReportedPrediction }> {
  const predictor = new Predictor(organisation, configuration, order, {
    port: question.port,
    ...(question.local && { address: question.local }),
  });
  const { server, asOf, to, reason, mayRelay, rivals, elsewhere } = matchOnServer(organisation, configuration, question);
  const prediction = await predictor.predict(question.remote);
  return { predictor, reported: { server, asOf, to, reason, mayRelay, rivals, elsewhere, prediction, comparison: null } };
}

/** Nothing is connected: what a client with that address would be answered. */
async function predictOnly(host: string, port: number, as: string, order: ProbeOrder, asked: Asked): Promise<ProbeReport> {
  const remote: Address = parseAddress(as)!;
  const local = parseAddress(host);
  if (local && local.family !== remote.family)
    throw new UserError(
      `a client at ${as} cannot connect to ${host}`,
      'IPv4 and IPv6 never meet: name the address of the same family.',
    );
  const { reported } = await reportedPrediction(asked, order, { remote, port, ...(local && { local }) });
  return predictionReport(host, port, order, reported);
}
