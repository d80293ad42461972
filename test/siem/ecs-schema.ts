/**
 * What ECS 8.17 asks of the fields that relaylens fills: types, allowed values, and the event types that it expects of each
 * category. Objects are strict: a field that ECS does not have is an error, but under `relaylens`.
 */
import { isIP } from 'node:net';
import { z } from 'zod';

/** Event types by category, as the field reference lists them. */
const EXPECTED_TYPES = {
  authentication: ['start', 'end', 'info'],
  configuration: ['access', 'change', 'creation', 'deletion', 'info'],
  email: ['info'],
  intrusion_detection: ['allowed', 'denied', 'info'],
  network: ['access', 'allowed', 'connection', 'denied', 'end', 'info', 'protocol', 'start'],
} as const;

type Category = keyof typeof EXPECTED_TYPES;

const keyword = z.string().min(1);
const ip = z.string().refine((text) => isIP(text) !== 0, { error: 'no address' });
const date = z.iso.datetime();
const many = (one: z.ZodType) => z.array(one).min(1);

const peer = z.strictObject({ address: keyword, ip: ip.optional(), port: z.int().min(0).max(65_535).optional() });

const event = z
  .strictObject({
    id: keyword,
    kind: z.enum(['alert', 'asset', 'enrichment', 'event', 'metric', 'pipeline_error', 'state']),
    category: z.array(z.enum(Object.keys(EXPECTED_TYPES) as Category[])).min(1),
    type: z.array(z.enum([...new Set(Object.values(EXPECTED_TYPES).flat())])).min(1),
    outcome: z.enum(['success', 'failure', 'unknown']).optional(),
    severity: z.int().min(1).max(99).optional(),
    action: keyword,
    reason: keyword.optional(),
    module: z.literal('relaylens'),
    dataset: z.string().regex(/^relaylens\.[a-z]+$/),
    start: date,
    end: date,
    duration: z.int().nonnegative(),
    original: keyword.optional(),
  })
  .refine(({ category, type }) => type.every((one) => category.some((name) => expects(name, one))), {
    error: 'an event type that none of the categories expects',
  })
  .refine(({ category, type }) => category.every((name) => type.some((one) => expects(name, one))), {
    error: 'a category without an event type that it expects',
  })
  .refine(({ start, end, duration }) => duration === (Date.parse(end) - Date.parse(start)) * 1e6, {
    error: 'a duration that is not the nanoseconds from start to end',
  });

const expects = (category: Category, type: string): boolean => (EXPECTED_TYPES[category] as readonly string[]).includes(type);

export const ecsDocument = z.strictObject({
  '@timestamp': date,
  ecs: z.strictObject({ version: z.literal('8.17.0') }),
  event,
  message: keyword.optional(),
  rule: z.strictObject({ id: keyword, name: keyword, ruleset: keyword, reference: z.url().optional() }).optional(),
  source: peer.optional(),
  destination: peer.optional(),
  client: peer.optional(),
  server: peer.optional(),
  network: z
    .strictObject({
      protocol: z.literal('smtp'),
      transport: z.literal('tcp'),
      type: z.enum(['ipv4', 'ipv6']).optional(),
      direction: z.enum(['ingress', 'egress', 'inbound', 'outbound', 'internal', 'external', 'unknown']),
      forwarded_ip: many(ip).optional(),
    })
    .optional(),
  host: z.strictObject({ name: keyword }).optional(),
  observer: z.strictObject({ vendor: keyword, product: keyword, type: keyword, hostname: keyword.optional() }),
  user: z.strictObject({ name: keyword }).optional(),
  tls: z
    .strictObject({
      version: z
        .string()
        .regex(/^\d(\.\d)?$/)
        .optional(),
      version_protocol: z.enum(['tls', 'ssl', 'pct']).optional(),
      established: z.boolean(),
    })
    .optional(),
  email: z
    .strictObject({
      from: z.strictObject({ address: many(keyword) }).optional(),
      to: z.strictObject({ address: many(keyword) }).optional(),
      message_id: keyword.optional(),
      local_id: keyword.optional(),
    })
    .optional(),
  error: z
    .strictObject({
      message: keyword,
      code: z
        .string()
        .regex(/^\d{3}$/)
        .optional(),
    })
    .optional(),
  related: z.strictObject({ ip: many(ip).optional(), user: many(keyword).optional(), hosts: many(keyword).optional() }),
  relaylens: z.record(z.string().regex(/^[a-z]+(_[a-z]+)*$/), z.unknown()),
});
