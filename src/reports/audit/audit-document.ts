/** The page of an audit: what everybody should know first, then connectors, sources, findings, and what it rests on. */
import type { Finding } from '../../checks/finding.ts';
import type { Document, Section, Table } from '../../document/document.ts';
import { findingSections, placeText } from '../finding-sections.ts';
import type { AuditPageOptions, AuditReport } from './audit-report.ts';
import { connectorSections } from './connector-sections.ts';
import { evidenceSections } from './evidence-sections.ts';
import { headline } from './headline.ts';
import { proposalSections } from './proposal-sections.ts';
import { ruleSections } from './rule-sections.ts';
import { sourceSections } from './source-sections.ts';

/** Findings of one rule told in full; the glance names all. */
const TOLD = 10;

export function auditDocument(report: AuditReport, options: AuditPageOptions): Document {
  const { since, until } = report.facts;
  const title = `Audit of anonymous relay: ${options.day(since)} to ${options.day(until - 1)}`;
  return { title, sections: [{ kind: 'heading', text: title }, ...PARTS.flatMap((part) => part(report, options))] };
}

type Part = (report: AuditReport, options: AuditPageOptions) => Section[];

/** In the order of the page. */
const PARTS: readonly Part[] = [
  headline,
  ({ review }) => glance(review.findings),
  connectorSections,
  sourceSections,
  ({ review }) => (review.findings.length === 0 ? [] : findingSections(review.findings, { limit: TOLD })),
  ({ proposal }, options) => (proposal ? proposalSections(proposal, options) : []),
  ruleSections,
  evidenceSections,
];

function glance(findings: readonly Finding[]): Section[] {
  if (findings.length === 0) return [];
  return [{ kind: 'heading', text: 'Findings at a glance' }, glanceTable(findings)];
}

function glanceTable(findings: readonly Finding[]): Table {
  return {
    kind: 'table',
    columns: [
      { title: 'Severity', kind: 'text' },
      { title: 'What', kind: 'text', shrinks: true },
      { title: 'Where', kind: 'text', shrinks: true },
    ],
    rows: findings.map((finding) => [finding.severity, finding.title, placeText(finding)]),
  };
}
