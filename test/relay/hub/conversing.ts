/** Clients of a front end behind which a Hub stands, with a clock of their own: what they hear, and what the three logs say. */
import { expect } from 'vitest';
import type { ReceiveConnector } from '../../../src/connector/connector.ts';
import { SelectionTable } from '../../../src/connector/selection.ts';
import { LogReader } from '../../../src/protocol-log/log-reader.ts';
import { formatRow, type LogRow } from '../../../src/protocol-log/writer.ts';
import { defaultHubConnectors } from '../../../src/relay/hub/default-hub-connectors.ts';
import { FrontEndWithHub } from '../../../src/relay/hub/front-end-with-hub.ts';
import { HubConnections } from '../../../src/relay/hub/hub-connections.ts';
import type { Effect, Envelope, LogName } from '../../../src/relay/machine/effects.ts';
import { type FaultRule, Faults } from '../../../src/relay/machine/faults.ts';
import { Limits } from '../../../src/relay/machine/limits.ts';
import type { ServedSession } from '../../../src/relay/machine/served-session.ts';
import { SessionMachine } from '../../../src/relay/machine/session-machine.ts';
import type { BackPressure, ServiceSettings } from '../../../src/relay/machine/settings.ts';
import type { Session } from '../../../src/session/session.ts';
import { SessionBuilder } from '../../../src/session/session-builder.ts';
import { logText } from '../../harness.ts';
import { type Delivered, type Stage, serviceOf } from '../machine/conversing.ts';

export interface HubStage extends Stage {
  /** False: the front end keeps its messages itself. */
  readonly withHub?: boolean;
  readonly hubConnectors?: readonly ReceiveConnector[];
  readonly hubFaults?: readonly FaultRule[];
  readonly hubPressure?: BackPressure;
  readonly hubInactive?: boolean;
  readonly hubListens?: boolean;
}

const START = Date.parse('2026-11-02T08:02:00.000Z');
const FOLDERS: Readonly<Record<LogName, string>> = {
  'front-end-receive': 'EX01/FrontEnd/ProtocolLog/SmtpReceive/RECV2026110208-1.LOG',
  'front-end-send': 'EX01/FrontEnd/ProtocolLog/SmtpSend/SEND2026110208-1.LOG',
  'hub-receive': 'EX01/Hub/ProtocolLog/SmtpReceive/RECV2026110208-1.LOG',
};

/** One server: front end, Hub, clock, spool and logs. */
export class Place {
  readonly stage: HubStage;
  readonly connections: HubConnections;
  readonly logs: Record<LogName, LogRow[]> = { 'front-end-receive': [], 'front-end-send': [], 'hub-receive': [] };
  readonly delivered: Delivered[] = [];
  readonly front: ServiceSettings;
  now = START;
  /** Mutable circumstances. */
  readonly weather: { inactive: boolean; listens: boolean };
  #frontId = 0x08de19a1b2c3d401n;
  #hubId = 0x08de19a1c0000001n;

  constructor(stage: HubStage = {}) {
    this.stage = stage;
    this.weather = { inactive: stage.hubInactive ?? false, listens: stage.hubListens ?? true };
    this.front = serviceOf(stage);
    const connectors = stage.hubConnectors ?? defaultHubConnectors('EX01', this.front.version);
    const hub: ServiceSettings = {
      ...this.front,
      role: 'HubTransport',
      table: new SelectionTable(connectors, 'HubTransport'),
      limits: new Limits(),
      faults: new Faults(stage.hubFaults),
      backPressure: () => stage.hubPressure ?? 'none',
      inactive: () => this.weather.inactive,
    };
    this.connections = new HubConnections({
      front: this.front,
      hub,
      frontSessionId: () => this.nextId(),
      hubSessionId: () => (this.#hubId++).toString(16).toUpperCase().padStart(16, '0'),
      isListening: () => this.weather.listens,
    });
  }

  nextId(): string {
    return (this.#frontId++).toString(16).toUpperCase().padStart(16, '0');
  }

  /** Rows of connections to the Hub that nobody uses. */
  settle(): void {
    for (const effect of this.connections.drain()) this.log(effect);
  }

  /** Time passes for the connections to the Hub that nobody uses. */
  wait(ms: number): void {
    this.now += ms;
    this.connections.wake(this.now);
    this.settle();
  }

  log({ row, log = 'front-end-receive' }: Extract<Effect, { kind: 'row' }>): void {
    this.logs[log].push(row);
  }

  /** `event data | context`, row by row, of one log or of one session in it. */
  rows(log: LogName, sessionId?: string): string[] {
    return this.logs[log]
      .filter((row) => sessionId === undefined || row.sessionId === sessionId)
      .map(({ event, data, context }) => `${event} ${data}${context === '' ? '' : `${data === '' ? '' : ' '}| ${context}`}`)
      .map((row) => row.replace(/^(.) $/, '$1').replace(/^(.) {2}\|/, '$1 |'));
  }

  /** The logs as the product would lay them down. */
  get files(): Record<string, string> {
    const names = Object.keys(FOLDERS) as LogName[];
    return Object.fromEntries(
      names
        .filter((name) => this.logs[name].length > 0)
        .map((name) => [FOLDERS[name], logText(this.logs[name], name === 'front-end-send' ? 'send' : 'receive')]),
    );
  }

  /** The sessions of a log as the project's own reader understands them, in order of their first rows. */
  sessions(log: LogName): Session[] {
    const byId = new Map<string, SessionBuilder>();
    new LogReader({
      row: (view) => {
        let builder = byId.get(view.sessionId);
        if (!builder)
          byId.set(view.sessionId, (builder = new SessionBuilder(log === 'front-end-send' ? 'send' : 'receive', true)));
        builder.feed(view);
      },
      damage: (kind, _, line, text) => {
        throw new Error(`${kind} at line ${line}: ${text}`);
      },
    }).read(Buffer.from(this.logs[log].map(formatRow).join('')), 0);
    return [...byId.values()].map((builder) => builder.build());
  }

  /** In no log does any session lack anything. */
  expectNoAnomalies(): void {
    for (const log of Object.keys(this.logs) as LogName[])
      for (const { sessionId, anomalies } of this.sessions(log))
        expect({ log, sessionId, anomalies }).toEqual({ log, sessionId, anomalies: [] });
  }
}

/** A client at a place. */
export class Client {
  readonly place: Place;
  readonly sessionId: string;
  readonly session: ServedSession;
  closed = false;
  #heard = '';
  #message: { envelope: Envelope; content: Buffer[] } | undefined;

  constructor(place: Place, endpoints: { readonly remote?: string; readonly local?: string } = {}) {
    this.place = place;
    this.sessionId = place.nextId();
    const remoteEndpoint = endpoints.remote ?? place.stage.remote ?? '10.0.20.12:50111';
    const localEndpoint =
      endpoints.local ?? place.stage.local ?? (remoteEndpoint.startsWith('[') ? '[fd00::5]:25' : '10.0.0.5:25');
    const facts = { sessionId: this.sessionId, localEndpoint, remoteEndpoint };
    this.session =
      place.stage.withHub === false
        ? new SessionMachine(place.front, facts, place.now)
        : new FrontEndWithHub(place.connections, facts, place.now);
    this.#obey();
  }

  /** Sends lines in one packet, lets delays pass, and gives what was heard since the last time, line by line. */
  say(...lines: string[]): string[] {
    return this.send(Buffer.from(lines.map((line) => `${line}\r\n`).join('')));
  }

  send(octets: Uint8Array): string[] {
    this.place.now += 15;
    this.session.receive(this.place.now, octets);
    this.#obey();
    return this.hear();
  }

  hear(): string[] {
    const lines = this.#heard.split('\r\n').slice(0, -1);
    this.#heard = '';
    return lines;
  }

  wait(ms: number): string[] {
    this.place.now += ms;
    this.session.wake(this.place.now);
    this.#obey();
    return this.hear();
  }

  hangUp(error?: string): void {
    this.place.now += 10;
    this.session.disconnected(this.place.now, error);
    this.#obey();
  }

  /** Logs on, on port 587. */
  logOn(user: string, password: string, helo = 'crm'): string[] {
    for (const line of [`EHLO ${helo}`, 'STARTTLS', `EHLO ${helo}`]) this.say(line);
    this.say(`AUTH LOGIN ${Buffer.from(user).toString('base64')}`);
    return this.say(Buffer.from(password).toString('base64'));
  }

  /** A message as it stands in tests, over DATA; the last reply. */
  mail(sender: string, recipients: readonly string[], text = 'Subject: x\r\n\r\ntext'): string {
    this.say(`MAIL FROM:<${sender}>`);
    for (const recipient of recipients) this.say(`RCPT TO:<${recipient}>`);
    this.say('DATA');
    return this.say(...text.split('\r\n'), '.').at(-1) ?? '';
  }

  #obey(): void {
    for (let effects = this.session.drain(); effects.length > 0 || this.#delay(); effects = this.session.drain())
      for (const effect of effects) this.#do(effect);
  }

  /** Lets a delay pass; silence is not passed over. */
  #delay(): boolean {
    const at = this.session.wakeAt;
    if (this.session.isClosed || this.session.wantsInput || at === undefined) return false;
    this.place.now = Math.max(this.place.now, at);
    this.session.wake(this.place.now);
    return true;
  }

  #do(effect: Effect): void {
    const { place } = this;
    switch (effect.kind) {
      case 'write':
        this.#heard += effect.text;
        return;
      case 'row':
        place.log(effect);
        return;
      case 'start-tls':
        place.now += 45;
        this.session.tlsStarted(place.now, { protocol: 'TLS1_2', cipher: 'ECDHE-RSA-AES256-GCM-SHA384', strength: 256 });
        return;
      case 'check-logon':
        place.now += 30;
        this.session.logonChecked(place.now, place.stage.users?.[effect.user] === effect.password);
        return;
      case 'message-begin':
        this.#message = { envelope: effect.envelope, content: [] };
        return;
      case 'content':
        this.#message!.content.push(Buffer.from(effect.octets));
        return;
      case 'message-abort':
        this.#message = undefined;
        return;
      case 'message-end':
        this.#store(effect.header);
        return;
      case 'close':
        this.closed = true;
    }
  }

  #store(header: string): void {
    const { place } = this;
    const { envelope, content } = this.#message!;
    this.#message = undefined;
    place.now += 102;
    if (place.stage.fullDisk) {
      this.session.notStored(place.now);
      return;
    }
    place.delivered.push({ envelope, header, content: Buffer.concat(content).toString('latin1') });
    this.session.stored(place.now, { internalId: `4711${place.delivered.length}`, hostname: 'ex01.contoso.example' });
  }
}
