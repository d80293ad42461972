/**
 * A document of the Elastic Common Schema, as far as relaylens fills it: names, types and allowed values are those of
 * ECS 8.17 (field reference and categorization fields); what ECS has no field for stands under `relaylens`.
 * Absent is what is undefined: nothing is null or empty.
 */

export const ECS_VERSION = '8.17.0';

/** `event`: something happened; `alert`: a rule found it. */
export type EventKind = 'event' | 'alert';
export type EventCategory = 'authentication' | 'configuration' | 'email' | 'intrusion_detection' | 'network';
export type EventType = 'allowed' | 'connection' | 'denied' | 'info' | 'protocol' | 'start';
export type EventOutcome = 'success' | 'failure' | 'unknown';

export interface EcsEvent {
  readonly id: string;
  readonly kind: EventKind;
  readonly category: readonly EventCategory[];
  readonly type: readonly EventType[];
  /** Absent where neither success nor failure makes sense. */
  readonly outcome?: EventOutcome | undefined;
  /** Of an alert: the higher, the worse. */
  readonly severity?: number | undefined;
  readonly action: string;
  readonly reason?: string | undefined;
  readonly module: 'relaylens';
  readonly dataset: `relaylens.${string}`;
  /** ISO times in UTC. */
  readonly start: string;
  readonly end: string;
  /** Nanoseconds. */
  readonly duration: number;
  /** The lines of the log, with line feeds between them. */
  readonly original?: string | undefined;
}

/** One end of a connection. */
export interface EcsPeer {
  /** As the log has it, masked or not. */
  readonly address: string;
  /** Only where `address` is an address; without zone index, which the type `ip` does not know. */
  readonly ip?: string | undefined;
  readonly port?: number | undefined;
}

/** What found an alert. */
interface EcsRule {
  readonly id: string;
  readonly name: string;
  readonly ruleset: string;
  readonly reference?: string | undefined;
}

export interface EcsDocument {
  readonly '@timestamp': string;
  readonly ecs: { readonly version: typeof ECS_VERSION };
  readonly event: EcsEvent;
  readonly message?: string | undefined;
  readonly rule?: EcsRule | undefined;
  /** Who opened the connection, and to whom; `client` and `server` repeat it, as ECS asks where the roles are known. */
  readonly source?: EcsPeer | undefined;
  readonly destination?: EcsPeer | undefined;
  readonly client?: EcsPeer | undefined;
  readonly server?: EcsPeer | undefined;
  readonly network?:
    | {
        readonly protocol: 'smtp';
        readonly transport: 'tcp';
        readonly type?: 'ipv4' | 'ipv6' | undefined;
        /** From the point of view of the Exchange server. */
        readonly direction: 'ingress' | 'egress';
        /** Real clients behind a front end. */
        readonly forwarded_ip?: readonly string[] | undefined;
      }
    | undefined;
  readonly host?: { readonly name: string } | undefined;
  readonly observer?: {
    readonly vendor: string;
    readonly product: string;
    readonly type: string;
    readonly hostname?: string | undefined;
  };
  /** Whose logon it was, or who was tried in a logon that failed. */
  readonly user?: { readonly name: string } | undefined;
  readonly tls?:
    | {
        /** `1.2`, of the protocol `tls`, or `ssl`; both absent where the log does not name the version. */
        readonly version?: string | undefined;
        readonly version_protocol?: string | undefined;
        readonly established: boolean;
      }
    | undefined;
  readonly email?:
    | {
        readonly from?: { readonly address: readonly string[] } | undefined;
        readonly to?: { readonly address: readonly string[] } | undefined;
        /** Without angle brackets. */
        readonly message_id?: string | undefined;
        /** Number in the queue and in message tracking. */
        readonly local_id?: string | undefined;
      }
    | undefined;
  readonly error?: { readonly message: string; readonly code?: string | undefined } | undefined;
  readonly related?: {
    readonly ip?: readonly string[] | undefined;
    readonly user?: readonly string[] | undefined;
    readonly hosts?: readonly string[] | undefined;
  };
  readonly relaylens: Readonly<Record<string, unknown>>;
}

/**
 * Fields whose values are words of the schema or of relaylens, whatever somebody calls himself: redaction leaves them
 * alone. All others may hold what identifies.
 */
export const OWN_WORDS: ReadonlySet<string> = new Set([
  'ecs',
  'kind',
  'category',
  'type',
  'outcome',
  'action',
  'module',
  'dataset',
  'protocol',
  'transport',
  'direction',
  'vendor',
  'product',
  'version',
  'version_protocol',
  'code',
  'service',
  'result',
  'permissions',
  'may_relay',
  'known_by',
  'verdict',
  'state',
  'rule',
  'severity',
  'confidence',
]);

/** What there is of the values, each once; undefined for none. */
export function present(values: readonly (string | null | undefined)[]): readonly string[] | undefined {
  const given = [...new Set(values)].filter((value) => value !== null && value !== undefined && value !== '');
  return given.length === 0 ? undefined : (given as string[]);
}
