/** The page of a report of use: what everybody should know first, then ever more detail. */
import type { Document, Section } from '../../document/document.ts';
import type { UsageReport } from '../../queries/usage/usage-report.ts';
import { changeSections } from './change-sections.ts';
import { connectorChart, deviceChart, refusalChart, tlsChart, weekChart } from './chart-sections.ts';
import { connectorSections } from './connector-sections.ts';
import { coverageSections } from './coverage-sections.ts';
import { deviceSections } from './device-sections.ts';
import { headline } from './headline.ts';
import { type PageOptions, stampOf } from './page.ts';
import {
  busiestSections,
  domainSections,
  largestSections,
  noiseSections,
  refusalSections,
  tlsSections,
} from './traffic-sections.ts';

export function usageDocument(report: UsageReport, options: PageOptions): Document {
  const title = `Use of the relay: ${report.period.name}`;
  return { title, sections: [{ kind: 'heading', text: title }, ...PARTS.flatMap((part) => part(report, options))] };
}

/** Pictures, where the format has them: on a screen of text the curves of the tables say the same. */
const pictured =
  (part: (report: UsageReport) => Section[]): Part =>
  (report, { charts }) =>
    charts ? part(report) : [];

type Part = (report: UsageReport, options: PageOptions) => Section[];

const COUNTED = 'A message counts where and when it was accepted, once, for the client that sent it.';

/** In the order of the page. Where nothing was used there is little to say. */
const PARTS: readonly Part[] = [
  headline,
  coverageSections,
  (report, options) => (isUsed(report) ? connectorSections(report, options) : []),
  pictured((report) => [...connectorChart(report), ...refusalChart(report)]),
  (report, options) => (report.totals.devices > 0 ? deviceSections(report, options) : []),
  pictured(deviceChart),
  changeSections,
  (report, options) => (report.totals.devices > 0 ? [...refusalSections(report, options), ...tlsSections(report)] : []),
  pictured(tlsChart),
  (report, options) => (report.totals.devices > 0 ? domainSections(report, options) : []),
  busiestSections,
  pictured(weekChart),
  largestSections,
  noiseSections,
  (report, options) => [stampOf(report, options, COUNTED)],
];

const isUsed = ({ connectors }: UsageReport): boolean => connectors.length > 0;
