/**
 * What a check has to say, whoever it comes from: the configuration, the logs (diagnoses), or both (audits). A finding is
 * plain data without big integers, so that it can be printed, sorted, stored and given out as JSON as it is.
 */
import { identityOf, type ReceiveConnector } from '../connector/connector.ts';
import type { PropertyName } from '../connector/properties.ts';
import { propertyText } from '../connector/property-text.ts';

/** Worst first. */
export const SEVERITIES = ['critical', 'high', 'medium', 'low', 'info'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** A remote IP range of a connector at one of its bindings. */
export interface PlacedRange {
  /** `SERVER\Name`. */
  readonly connector: string;
  /** `0.0.0.0:25`; null where it is the same at every binding. */
  readonly binding: string | null;
  /** As exported. */
  readonly range: string;
}

/** What the finding rests on. */
export type Evidence =
  | { readonly kind: 'property'; readonly connector: string; readonly property: string; readonly value: string }
  /** `note`: what the range is, such as the number of its addresses. */
  | { readonly kind: 'range'; readonly range: PlacedRange; readonly note: string }
  | {
      readonly kind: 'ranges';
      readonly first: PlacedRange;
      readonly relation: 'lies inside' | 'crosses' | 'equals' | 'is taken over by' | 'listens beside';
      readonly second: PlacedRange;
    }
  | { readonly kind: 'right'; readonly connector: string; readonly user: string; readonly right: string }
  | { readonly kind: 'accepted-domain'; readonly name: string; readonly domainName: string; readonly domainType: string }
  /** Evidence that was left out, because there is much more of the same. */
  | { readonly kind: 'more'; readonly count: number }
  /** A session, by the id under which relaylens shows it, and what it shows. */
  | { readonly kind: 'session'; readonly session: string; readonly at: number; readonly note: string }
  /** A figure of the period, such as how many sessions. */
  | { readonly kind: 'count'; readonly note: string }
  /** A row of a log; `session`: the id by which relaylens shows it; `log`: whose log it is, such as `EX01 FrontEnd`. */
  | {
      readonly kind: 'row';
      readonly session: string | null;
      readonly log: string;
      readonly file: string;
      readonly line: number;
      readonly row: string;
    };

/** `powershell`: one line for the Exchange Management Shell, to be pasted as it is. `advice`: a sentence. */
export type Remedy = { readonly kind: 'powershell' | 'advice'; readonly text: string };

export interface Confidence {
  readonly level: 'high' | 'medium' | 'low';
  /** Half a sentence. */
  readonly because: string;
}

/** How often and when it was seen: findings from logs only. Times in milliseconds UTC. */
export interface Sightings {
  readonly count: number;
  readonly firstSeen: number;
  readonly lastSeen: number;
  readonly lastSuccess: number | null;
}

export interface Finding {
  /** Id of the check. */
  readonly check: string;
  readonly severity: Severity;
  readonly title: string;
  /** null: the organisation as a whole. */
  readonly server: string | null;
  /** Name without the server; null: the server as a whole. */
  readonly connector: string | null;
  /** One plain sentence. */
  readonly what: string;
  /** Why it is so, and what comes of it. */
  readonly cause: string;
  readonly evidence: readonly Evidence[];
  /** In the order in which they are to be done. */
  readonly remedy: readonly Remedy[];
  readonly confidence: Confidence;
  /** Findings about a client: its address, and the name of the device where it is known. */
  readonly client?: { readonly source: string; readonly device: string | null };
  readonly seen?: Sightings;
  /** Whole sentences: what would look the same and is harmless. */
  readonly falsePositives?: readonly string[];
}

/** What is found, and where: the same in every run, whatever was counted meanwhile. */
export const findingKey = ({ check, server, connector, client }: Finding): string =>
  [check, server, connector, client?.source]
    .filter((part) => part !== null && part !== undefined)
    .join(' ')
    .toLowerCase();

/** What differs from finding to finding of one check; `severity` only where it is not the check's own. */
export interface Observation {
  readonly severity?: Severity;
  readonly what: string;
  readonly cause: string;
  readonly evidence: readonly Evidence[];
  readonly remedy: readonly Remedy[];
  readonly confidence: Confidence;
}

interface Finder {
  readonly id: string;
  readonly title: string;
  readonly severity: Severity;
}

/** A finding about one connector. An export that does not say whether the connector is enabled makes it less sure. */
export function aboutConnector(check: Finder, connector: ReceiveConnector, observation: Observation): Finding {
  const { level, because } = observation.confidence;
  const confidence: Confidence =
    connector.properties.Enabled === undefined
      ? {
          level: level === 'high' ? 'medium' : level,
          because: `${because}; the export does not say whether the connector is enabled`,
        }
      : observation.confidence;
  return about(check, connector.server, connector.name, { ...observation, confidence });
}

/** A finding about a server, or with null about the organisation. */
export function aboutServer(check: Finder, server: string | null, observation: Observation): Finding {
  return about(check, server, null, observation);
}

function about(check: Finder, server: string | null, connector: string | null, observation: Observation): Finding {
  const { severity = check.severity, ...rest } = observation;
  return { check: check.id, severity, title: check.title, server, connector, ...rest };
}

/** A finding about a client, on a connector where it is about one place. */
export function aboutClient(
  check: Finder,
  client: { readonly source: string; readonly device: string | null },
  place: { readonly server: string; readonly connector: string } | null,
  observation: Observation & { readonly seen?: Sightings },
): Finding {
  const { source, device } = client;
  const { seen, ...rest } = observation;
  return {
    ...about(check, place?.server || null, place?.connector || null, rest),
    client: { source, device },
    ...(seen && { seen }),
  };
}

/** The export says it, and nothing else could make it different. */
export const STATED: Confidence = { level: 'high', because: 'the exported properties say so' };

/** Properties with their values as evidence; one that the export did not hold says so. */
export function propertyEvidence(connector: ReceiveConnector, ...names: readonly PropertyName[]): Evidence[] {
  return names.map((property) => {
    const value = connector.properties[property];
    return {
      kind: 'property',
      connector: identityOf(connector),
      property,
      value: value === undefined ? '(not in the export)' : propertyText(property, value),
    };
  });
}
