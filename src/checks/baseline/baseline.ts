/**
 * What an audit saw at one time, small enough to be kept and read: who came without a logon and whether they relayed, the
 * connectors with all that decides who may, and the accepted domains. A file of its own, with a format of its own.
 */
import { z } from 'zod';
import { parseRange } from '../../net/address-range.ts';

/** Counts up where a reader of the version before would misunderstand the file. */
const VERSION = 1;
const KIND = 'relaylens audit baseline';

const time = z.iso.datetime();
const text = z.string();
const count = z.int().nonnegative();
const range = text.refine((one) => parseRange(one) !== undefined, 'is no address range');

const schema = z.object({
  kind: z.literal(KIND),
  version: z.literal(VERSION),
  /** Of the logs that it was made of; null where they hold no client. */
  period: z.object({ since: time, until: time }).nullable(),
  /** When the configuration was exported, at the latest. */
  configurationAsOf: time.nullable(),
  /** Clients without a logon by place: all of the own networks, and of the Internet those that may relay, or did. */
  sources: z.array(
    z.object({
      source: text,
      device: text.nullable(),
      server: text,
      /** Without the server; empty where no connector took it. */
      connector: text,
      mayRelay: z.enum(['yes', 'no', 'likely', 'unknown']),
      /** Accepted recipients outside without a logon, here. */
      externalRecipients: count,
      first: time,
      last: time,
    }),
  ),
  /** Domains outside to which clients sent without a logon, over all places: how many. */
  relayed: z.array(z.object({ source: text, domains: count })),
  connectors: z.array(
    z.object({
      server: text,
      name: text,
      enabled: z.boolean(),
      /** Whether a client without a logon may send to any domain. */
      mayRelay: z.enum(['yes', 'no', 'likely', 'unknown']),
      ranges: z.array(range),
      /** null: not in the export. */
      permissionGroups: z.array(text).nullable(),
      authMechanism: z.array(text).nullable(),
      /** Of accounts other than Exchange's own servers; null: not imported. */
      rights: z.array(z.object({ account: text, right: text, deny: z.boolean() })).nullable(),
    }),
  ),
  /** null: not imported. */
  acceptedDomains: z.array(z.object({ domain: text, type: text })).nullable(),
  /** What was found already, as `findingKey` has it: it alarms nobody again. */
  known: z.array(text),
});

export type Baseline = z.infer<typeof schema>;
export type BaselineSource = Baseline['sources'][number];
export type BaselineConnector = Baseline['connectors'][number];
export type BaselineRight = NonNullable<BaselineConnector['rights']>[number];

/** The first members of every baseline. */
export const BASELINE_HEAD = { kind: KIND, version: VERSION } as const;

/** Why a text is no baseline that can be read: a sentence without its full stop, and what to do. */
export interface BaselineFault {
  readonly fault: string;
  readonly hint: string;
}

const AGAIN = 'Make one with: relaylens audit --save-baseline FILE';

/** Of the whole file; what it has more than this version knows is passed over. */
export function readBaseline(content: string): Baseline | BaselineFault {
  let value: unknown;
  try {
    value = JSON.parse(content.replace(/^\uFEFF/, ''));
  } catch {
    return { fault: content.trim() === '' ? 'it is empty' : 'it is no JSON, or was cut off', hint: AGAIN };
  }
  const head = z.object({ kind: z.literal(KIND), version: z.int() }).safeParse(value);
  if (!head.success) return { fault: 'it is no baseline of an audit', hint: AGAIN };
  if (head.data.version > VERSION)
    return {
      fault: `it was made by a newer relaylens (format ${head.data.version}; this one reads up to ${VERSION})`,
      hint: 'Use that relaylens, or make a new baseline.',
    };
  const whole = schema.safeParse(value);
  if (whole.success) return whole.data;
  const [issue] = whole.error.issues;
  return { fault: `${placeOf(issue?.path ?? [])} is not as relaylens writes it`, hint: AGAIN };
}

/** `sources[3].first`. */
const placeOf = (path: readonly PropertyKey[]): string =>
  path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
    .join('')
    .replace(/^\./, '') || 'the file';

/** As a file: one line for each source, connector and domain, so that two baselines can be laid side by side. */
export function baselineText(baseline: Baseline): string {
  const members = Object.entries(baseline).map(([name, value]) => {
    const list =
      Array.isArray(value) && value.length > 0
        ? `[\n${value.map((one) => `    ${JSON.stringify(one)}`).join(',\n')}\n  ]`
        : JSON.stringify(value);
    return `  ${JSON.stringify(name)}: ${list}`;
  });
  return `{\n${members.join(',\n')}\n}\n`;
}
