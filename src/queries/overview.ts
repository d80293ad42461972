/** Everything that an overview tells, asked at once. */
import type { Database } from '../store/database.ts';
import { ConfigurationHistory } from './configuration-history.ts';
import { type ConnectorView, connectorViews } from './configured-connectors.ts';
import { listConnectors } from './connectors.ts';
import {
  type CoverageEntry,
  coverage,
  type DamageEntry,
  damagedLines,
  sessionAnomalies,
  type Totals,
  totals,
} from './coverage.ts';
import { listSources, type SourceSummary } from './sources.ts';

export interface OverviewFacts {
  readonly totals: Totals;
  readonly coverage: readonly CoverageEntry[];
  readonly damage: readonly DamageEntry[];
  readonly anomalies: readonly { readonly kind: string; readonly sessions: number }[];
  readonly connectors: readonly ConnectorView[];
  readonly sources: readonly SourceSummary[];
}

export function overviewFacts(db: Database): OverviewFacts {
  return {
    totals: totals(db),
    coverage: coverage(db),
    damage: damagedLines(db),
    anomalies: sessionAnomalies(db),
    connectors: connectorViews(new ConfigurationHistory(db).latest, listConnectors(db)),
    sources: listSources(db),
  };
}
