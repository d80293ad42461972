/** Drives a session machine with a clock of its own: what the client says goes in, what it hears and what is logged comes out. */
import { AcceptedDomains } from '../../../src/connector/accepted-domain.ts';
import type { ListeningRole, ReceiveConnector } from '../../../src/connector/connector.ts';
import { RELAY_RIGHT } from '../../../src/connector/permission-group.ts';
import type { RightEntry } from '../../../src/connector/right.ts';
import { SelectionTable } from '../../../src/connector/selection.ts';
import { LogReader } from '../../../src/protocol-log/log-reader.ts';
import { formatRow, type LogRow } from '../../../src/protocol-log/writer.ts';
import type { Effect, Envelope } from '../../../src/relay/machine/effects.ts';
import { type FaultRule, Faults } from '../../../src/relay/machine/faults.ts';
import { Limits } from '../../../src/relay/machine/limits.ts';
import { SessionMachine } from '../../../src/relay/machine/session-machine.ts';
import type { BackPressure, ExchangeVersion, ServiceSettings } from '../../../src/relay/machine/settings.ts';
import type { Session } from '../../../src/session/session.ts';
import { SessionBuilder } from '../../../src/session/session-builder.ts';
import { ALL_IPV4, ALL_IPV6, connector } from '../../connector/connectors.ts';

const AUTH = ['Tls', 'Integrated', 'BasicAuth', 'BasicAuthRequireTLS', 'ExchangeServer'] as const;

export const FRONTEND = connector('Default Frontend EX01', '0.0.0.0:25 [::]:25', `${ALL_IPV4} ${ALL_IPV6}`, {
  AuthMechanism: AUTH,
  PermissionGroups: ['AnonymousUsers', 'ExchangeServers', 'ExchangeLegacyServers'],
  ProtocolLoggingLevel: 'Verbose',
});
export const SUBMISSION = connector('Client Frontend EX01', '0.0.0.0:587 [::]:587', `${ALL_IPV4} ${ALL_IPV6}`, {
  AuthMechanism: ['Tls', 'Integrated', 'BasicAuth', 'BasicAuthRequireTLS'],
  PermissionGroups: ['ExchangeUsers'],
  EnableAuthGSSAPI: true,
  ProtocolLoggingLevel: 'Verbose',
});
export const RELAY = connector('Anon Relay EX01', '0.0.0.0:25', '10.0.20.11', {
  AuthMechanism: ['Tls'],
  PermissionGroups: ['AnonymousUsers', 'Custom'],
  ProtocolLoggingLevel: 'Verbose',
});

export interface Stage {
  readonly version?: ExchangeVersion;
  readonly role?: ListeningRole;
  readonly connectors?: readonly ReceiveConnector[];
  readonly local?: string;
  readonly remote?: string;
  readonly faults?: readonly FaultRule[];
  readonly backPressure?: BackPressure;
  readonly inactive?: boolean;
  readonly tls?: boolean;
  /** The handshake fails with this. */
  readonly tlsError?: string;
  readonly limits?: Limits;
  /** user → password. */
  readonly users?: Readonly<Record<string, string>>;
  /** The queue cannot keep anything. */
  readonly fullDisk?: boolean;
}

const START = Date.parse('2026-11-02T08:02:00.000Z');

const RIGHTS = (one: ReceiveConnector): readonly RightEntry[] | null =>
  one.properties.PermissionGroups?.includes('Custom')
    ? [{ user: 'NT AUTHORITY\\ANONYMOUS LOGON', deny: false, inherited: false, rights: [RELAY_RIGHT] }]
    : null;

export function serviceOf(stage: Stage): ServiceSettings {
  const connectors = stage.connectors ?? [FRONTEND, SUBMISSION, RELAY];
  const role = stage.role ?? 'FrontendTransport';
  return {
    server: 'EX01',
    fqdn: 'ex01.contoso.example',
    version: stage.version ?? '2016+',
    role,
    table: new SelectionTable(connectors, role),
    rightsOf: RIGHTS,
    acceptedDomains: new AcceptedDomains([
      { name: 'contoso', domainName: 'contoso.example', domainType: 'Authoritative', isDefault: true },
      { name: 'sub', domainName: '*.contoso.example', domainType: 'InternalRelay', isDefault: false },
    ]),
    certificate:
      stage.tls === false
        ? undefined
        : {
            subject: 'CN=mail.contoso.example',
            issuer: 'CN=Contoso Issuing CA 3',
            serialNumber: '5F0C3AC188DE4F169A3F8A2D6CC1D001',
            thumbprint: 'A1B2C3D4E5F60718293A4B5C6D7E8F9001122334',
            notBefore: Date.UTC(2026, 0, 12),
            notAfter: Date.UTC(2027, 0, 12),
            alternateNames: ['mail.contoso.example'],
          },
    limits: stage.limits ?? new Limits(),
    faults: new Faults(stage.faults),
    backPressure: () => stage.backPressure ?? 'none',
    inactive: () => stage.inactive ?? false,
    decimalMark: '.',
    formatDate: () => 'Mon, 2 Nov 2026 09:02:00 +0100',
    newGuid: () => '5f0c3ac1-88de-4f16-9a3f-8a2d6cc1d001',
  };
}

export interface Delivered {
  readonly envelope: Envelope;
  readonly header: string;
  readonly content: string;
}

/** A client and its server. */
export class Talk {
  readonly rows: LogRow[] = [];
  readonly delivered: Delivered[] = [];
  now = START;
  closed = false;
  readonly machine: SessionMachine;
  readonly #stage: Stage;
  #heard = '';
  #message: { envelope: Envelope; content: Buffer[] } | undefined;

  constructor(stage: Stage = {}) {
    this.#stage = stage;
    const remoteEndpoint = stage.remote ?? '10.0.20.12:50111';
    const localEndpoint = stage.local ?? (remoteEndpoint.startsWith('[') ? '[fd00::5]:25' : '10.0.0.5:25');
    this.machine = new SessionMachine(
      serviceOf(stage),
      { sessionId: '08DE19A1B2C3D401', localEndpoint, remoteEndpoint },
      this.now,
    );
    this.#obey();
  }

  /** Sends lines, each with its CR LF, in one packet; lets delays pass; gives what was heard since the last time, line by line. */
  say(...lines: string[]): string[] {
    return this.send(Buffer.from(lines.map((line) => `${line}\r\n`).join('')));
  }

  send(octets: Uint8Array): string[] {
    this.now += 15;
    this.machine.receive(this.now, octets);
    this.#obey();
    return this.hear();
  }

  /** What was heard since the last time. */
  hear(): string[] {
    const lines = this.#heard.split('\r\n').slice(0, -1);
    this.#heard = '';
    return lines;
  }

  /** Nothing is said for a while. */
  wait(ms: number): string[] {
    this.now += ms;
    this.machine.wake(this.now);
    this.#obey();
    return this.hear();
  }

  hangUp(error?: string): void {
    this.now += 10;
    this.machine.disconnected(this.now, error);
    this.#obey();
  }

  /** The rows as the project's own reader understands them. */
  get session(): Session {
    const builder = new SessionBuilder('receive', true);
    new LogReader({
      row: (view) => builder.feed(view),
      damage: (kind, _, line, text) => {
        throw new Error(`${kind} at line ${line}: ${text}`);
      },
    }).read(Buffer.from(this.rows.map(formatRow).join('')), 0);
    return builder.build();
  }

  /** `event data | context`, row by row. */
  get log(): string[] {
    return this.rows.map(({ event, data, context }) =>
      `${event} ${data}${context === '' ? '' : `${data === '' ? '' : ' '}| ${context}`}`.trimEnd(),
    );
  }

  #obey(): void {
    for (let effects = this.machine.drain(); effects.length > 0 || this.#delay(); effects = this.machine.drain())
      for (const effect of effects) this.#do(effect);
  }

  /** Lets a delay of the server pass; silence is not passed over. */
  #delay(): boolean {
    const at = this.machine.wakeAt;
    if (this.machine.wantsInput || at === undefined) return false;
    this.now = Math.max(this.now, at);
    this.machine.wake(this.now);
    return true;
  }

  #do(effect: Effect): void {
    switch (effect.kind) {
      case 'write':
        this.#heard += effect.text;
        return;
      case 'row':
        this.rows.push(effect.row);
        return;
      case 'start-tls':
        this.now += 45;
        if (this.#stage.tlsError !== undefined) {
          this.machine.tlsFailed(this.now, this.#stage.tlsError);
          return;
        }
        this.machine.tlsStarted(this.now, { protocol: 'TLS1_2', cipher: 'ECDHE-RSA-AES256-GCM-SHA384', strength: 256 });
        return;
      case 'check-logon':
        this.now += 30;
        this.machine.logonChecked(this.now, this.#stage.users?.[effect.user] === effect.password);
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
    const { envelope, content } = this.#message!;
    this.#message = undefined;
    this.now += 102;
    if (this.#stage.fullDisk) this.machine.notStored(this.now);
    else {
      this.delivered.push({ envelope, header, content: Buffer.concat(content).toString('latin1') });
      this.machine.stored(this.now, { internalId: `4711${this.delivered.length}`, hostname: 'ex01.contoso.example' });
    }
  }
}
