/** The schema of the configuration file: names, forms and defaults of its settings. */
import { z } from 'zod';
import { ACCEPTED_DOMAIN_TYPES, type AcceptedDomainType } from '../../connector/accepted-domain.ts';
import { permissionOfRight, RELAY_RIGHT, SMTP_RIGHTS } from '../../connector/permission-group.ts';
import type { FaultRule, FaultStage } from '../machine/faults.ts';
import { connectorSetting } from './connector-setting.ts';
import { nearest } from './nearest.ts';
import { TLS_VERSIONS } from './relay-settings.ts';
import {
  address,
  byteSize,
  byteSizeOrUnlimited,
  endpoint,
  name,
  passwordHash,
  range,
  serverName,
  textOf,
  timeSpan,
} from './scalars.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const MB = 1024 * 1024;

const STAGES = [
  'connect',
  'hello',
  'start-tls',
  'auth',
  'mail',
  'rcpt',
  'data',
  'end-of-data',
  'quit',
] as const satisfies FaultStage[];

/** One thing may stand in place of a list of one. */
const several = <T extends z.ZodType>(item: T) =>
  z.preprocess((value) => (value === undefined || Array.isArray(value) ? value : [value]), z.array(item));

const file = z.strictObject({ file: name });

const isFile = (value: unknown): boolean => typeof value === 'object' && value !== null && 'file' in value;

/** Either the file of an export, or what is written here. */
const fileOr = <T extends z.ZodType>(inline: T) =>
  z.unknown().transform((value, context): z.output<typeof file> | z.output<T> => {
    const parsed = (isFile(value) ? file : inline).safeParse(value);
    if (parsed.success) return parsed.data as z.output<typeof file> | z.output<T>;
    for (const issue of parsed.error.issues) context.issues.push({ ...issue, path: [...issue.path], input: undefined } as never);
    return z.NEVER;
  });

const listen = z.preprocess(
  (value) => (typeof value === 'string' ? { on: value } : value),
  z.strictObject({
    on: endpoint,
    as: endpoint.optional(),
    from: address.optional(),
    service: z.enum(['FrontEnd', 'Hub']).default('FrontEnd'),
  }),
);

const rightName = name.superRefine((text, context) => {
  if (text === '' || permissionOfRight(text) !== undefined) return;
  const meant = nearest(text, SMTP_RIGHTS);
  const more = meant ? `; ${meant} is meant` : `, such as ${RELAY_RIGHT}`;
  context.addIssue({ code: 'custom', message: `is no right with a part in SMTP${more}` });
});

const right = z.strictObject({
  /** Name of the connector, without the server's. */
  connector: name,
  user: name,
  rights: z.array(rightName).min(1),
  deny: z.boolean().default(false),
});

/** With or without what is below it; `*` is every domain. International names stand as people write them. */
const DOMAIN = /^(?:\*|(?:\*\.)?[\p{L}\p{M}\p{N}_-]+(?:\.[\p{L}\p{M}\p{N}_-]+)*)$/u;

const acceptedDomain = z.preprocess(
  (value) => (typeof value === 'string' ? { name: value } : value),
  z.strictObject({
    name: textOf(
      (text) => (DOMAIN.test(text) ? text : undefined),
      'is no domain, such as "contoso.example" or "*.contoso.example"',
    ),
    type: z.enum(Object.keys(ACCEPTED_DOMAIN_TYPES) as AcceptedDomainType[]).default('Authoritative'),
  }),
);

const reply = textOf(
  (text) => (/^[245]\d\d [\x20-\x7e]+$/.test(text) ? text : undefined),
  'is no reply, such as "451 4.3.2 please try later"',
);

const fault = z
  .strictObject({
    at: z.enum(STAGES),
    source: range.optional(),
    times: z.int().positive().optional(),
    after: z.int().nonnegative().optional(),
    reply: reply.optional(),
    delay: timeSpan.optional(),
    drop: z.boolean().optional(),
  })
  .refine((rule) => rule.reply !== undefined || rule.delay !== undefined || rule.drop === true, {
    error: 'does nothing: it needs a reply, a delay or drop',
  })
  .transform(
    ({ delay, ...rule }): FaultRule => ({ ...defined(rule), ...(delay !== undefined && { delayMs: delay }) }) as FaultRule,
  );

const certificate = z.preprocess(
  (value) => (isObject(value) ? { kind: 'files', ...value } : { kind: value }),
  z.discriminatedUnion(
    'kind',
    [
      z.strictObject({ kind: z.literal('self-signed') }),
      z.strictObject({ kind: z.literal('none') }),
      z.strictObject({ kind: z.literal('files'), certificate: name, key: name }),
    ],
    { error: 'is neither "self-signed" nor "none" nor the files { "certificate", "key" }' },
  ),
);

const tls = z
  .strictObject({
    minVersion: z.enum(TLS_VERSIONS).default('1.2'),
    maxVersion: z.enum(TLS_VERSIONS).default('1.3'),
    ciphers: name.optional(),
    handshakeTimeout: timeSpan.default(MINUTE),
  })
  .refine(({ minVersion, maxVersion }) => minVersion <= maxVersion, {
    path: ['minVersion'],
    error: 'is newer than maxVersion',
  });

const timeZone = textOf((text) => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone && text;
  } catch {
    return undefined;
  }
}, 'is no time zone, such as "Europe/Berlin"');

/** What one server is told. */
export const serverSettings = z.strictObject({
  server: serverName,
  fqdn: serverName.optional(),
  exchange: z.enum(['2013', '2016+']).default('2016+'),
  listen: several(listen).refine((list) => list.length > 0, { error: 'is empty' }),
  connectors: several(connectorSetting).refine((list) => list.length > 0, { error: 'is empty' }),
  rights: several(fileOr(right)).default([]),
  acceptedDomains: several(fileOr(acceptedDomain)).default([]),
  users: z.record(name, passwordHash).default({}),
  certificate: certificate.prefault('self-signed'),
  tls: tls.prefault({}),
  clients: z.record(z.string(), address).default({}),
  hub: z.boolean().default(false),
  backPressure: z.enum(['none', 'medium', 'high']).default('none'),
  inactive: z.boolean().default(false),
  timeZone: timeZone.optional(),
  decimalMark: z.enum(['.', ',']).default('.'),
  faults: z.array(fault).default([]),
  /** Every connector is logged, whatever its ProtocolLoggingLevel. */
  verbose: z.boolean().default(false),
});

const delivery = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({ kind: z.literal('sink') }),
    z.strictObject({ kind: z.literal('maildir'), folder: name, layout: z.enum(['one', 'recipient']).default('one') }),
    z
      .strictObject({
        kind: z.literal('smart-host'),
        host: name,
        port: z.int().min(1).max(65_535).default(25),
        tls: z.enum(['opportunistic', 'required', 'none']).default('opportunistic'),
        verify: z.boolean().default(false),
        user: z.string().optional(),
        password: z.string().optional(),
        connector: name.default('Relay'),
        retryIntervals: several(timeSpan).default([1, 5, 15, 30, 60].map((minutes) => minutes * MINUTE)),
        expiry: timeSpan.default(2 * DAY),
        connections: z.int().min(1).max(100).default(4),
        down: z.union([z.boolean(), z.int().min(0)]).default(false),
      })
      .refine(({ user, password }) => (user === undefined) === (password === undefined), {
        error: 'has a user or a password, and not both',
      }),
  ],
  { error: 'is none of sink, maildir, smart-host' },
);

/** What the process is told, beside its servers. */
export const processSettings = z.strictObject({
  delivery: delivery.default({ kind: 'sink' }),
  data: name.default('data'),
  logs: z
    .strictObject({
      folder: name.default('logs'),
      maxAge: timeSpan.default(30 * DAY),
      maxDirectorySize: byteSizeOrUnlimited.default(250 * MB),
      maxFileSize: byteSizeOrUnlimited.default(10 * MB),
      flushInterval: timeSpan.default(5_000),
    })
    .prefault({}),
  limits: z
    .strictObject({
      connections: z.int().min(1).max(100_000).default(5_000),
      memoryPerConnection: byteSize.default(256 * 1024),
      parallelLogons: z.int().min(1).max(16).default(2),
    })
    .prefault({}),
});

export type ServerDocument = z.output<typeof serverSettings>;
export type ProcessDocument = z.output<typeof processSettings>;

/** Without the properties that are undefined. */
function defined<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as Partial<T>;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
