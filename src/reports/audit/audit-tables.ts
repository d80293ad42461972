/** The tables of an audit as data: whole, one file each. Columns are called as in JSON; times are ISO. */
import { riskOf } from '../../checks/risk.ts';
import type { ConnectorProposal } from '../../checks/tightening/proposal.ts';
import { identityOf } from '../../connector/connector.ts';
import { findingTable } from '../finding-sections.ts';
import { replayCsvTable } from '../replay.ts';
import { type NamedTable, table } from '../usage/usage-tables.ts';
import type { AuditReport, RehearsedProposal } from './audit-report.ts';
import { kindOf } from './source-sections.ts';

export function auditTables({ facts, review, evidence, proposal }: AuditReport): NamedTable[] {
  const listed = facts.organisation.devices.length > 0;
  return [
    { name: 'findings', table: findingTable(review.findings) },
    {
      name: 'sources',
      table: table(
        facts.sources.map((source) => ({ ...source, kind: kindOf(source), risk: riskOf(source, listed) })),
        [
          ['source', 'text', ({ source }) => source],
          ['device', 'text', ({ device }) => device],
          ['owner', 'text', ({ owner }) => owner],
          ['site', 'text', ({ site }) => site],
          ['helo', 'text', ({ helo }) => list(helo.map(({ name }) => name))],
          ['space', 'text', ({ space }) => space],
          ['kind', 'text', ({ kind }) => kind],
          ['risk', 'text', ({ risk }) => risk.level],
          ['reasons', 'text', ({ risk }) => list(risk.reasons)],
          ['sessions', 'count', ({ sessions }) => sessions],
          ['logonSucceeded', 'count', ({ logon }) => logon.succeeded],
          ['logonFailed', 'count', ({ logon }) => logon.failed],
          ['externalRecipients', 'count', ({ external }) => external?.count ?? 0],
          ['externalDomains', 'text', ({ external }) => list((external?.domains ?? []).map(({ domain }) => domain))],
          ['externalFirst', 'text', ({ external }) => iso(external?.first)],
          ['externalLast', 'text', ({ external }) => iso(external?.last)],
          ['refusedRelay', 'count', ({ refusedRelay }) => refusedRelay?.count ?? 0],
          ['sendersOwn', 'count', ({ senders }) => senders.own],
          ['sendersForeign', 'count', ({ senders }) => senders.foreign],
          ['sendersNone', 'count', ({ senders }) => senders.none],
          ['tls', 'text', ({ tls }) => list(Object.entries(tls).map(([version, sessions]) => `${version}:${sessions}`))],
          ['first', 'text', ({ first }) => iso(first)],
          ['last', 'text', ({ last }) => iso(last)],
          ['firstEver', 'text', ({ firstEver }) => iso(firstEver)],
          ['activeDays', 'count', ({ activeDays }) => activeDays],
        ],
      ),
    },
    {
      name: 'places',
      table: table(
        facts.sources.flatMap(({ source, device, places }) => places.map((place) => ({ source, device, ...place }))),
        [
          ['source', 'text', ({ source }) => source],
          ['device', 'text', ({ device }) => device],
          ['connector', 'text', ({ server, connector }) => (connector === '' ? '' : identityOf({ server, name: connector }))],
          ['range', 'text', ({ range }) => range],
          ['mayRelay', 'text', ({ relay }) => relay.mayRelay],
          ['knownBy', 'text', ({ relay }) => relay.knownBy],
          ['sessions', 'count', ({ sessions }) => sessions],
          ['anonymousSessions', 'count', ({ anonymousSessions }) => anonymousSessions],
          ['messagesAccepted', 'count', ({ messagesAccepted }) => messagesAccepted],
          ['messagesRefused', 'count', ({ messagesRefused }) => messagesRefused],
          ['externalRecipients', 'count', ({ externalRecipients }) => externalRecipients],
          ['first', 'text', ({ first }) => iso(first)],
          ['last', 'text', ({ last }) => iso(last)],
        ],
      ),
    },
    {
      name: 'ranges',
      table: table(
        facts.connectors.flatMap(({ server, name, ranges }) =>
          ranges.map((range) => ({ connector: identityOf({ server, name }), ...range })),
        ),
        [
          ['connector', 'text', ({ connector }) => connector],
          ['range', 'text', ({ range }) => range],
          ['sources', 'count', ({ sources }) => sources.length],
          ['lastUsed', 'text', ({ lastUsed }) => iso(lastUsed)],
        ],
      ),
    },
    {
      name: 'rules',
      table: table(review.rules, [
        ['check', 'text', ({ check }) => check],
        ['title', 'text', ({ title }) => title],
        ['severity', 'text', ({ severity }) => severity],
        ['state', 'text', ({ state }) => state],
        ['findings', 'count', ({ findings }) => findings],
        ['because', 'text', ({ because }) => because],
      ]),
    },
    {
      name: 'logs',
      table: table(evidence.logs, [
        ['path', 'text', ({ path }) => path],
        ['bytes', 'count', ({ bytes }) => bytes],
        ['lines', 'count', ({ lines }) => lines],
        ['rows', 'count', ({ rows }) => rows],
        ['hash', 'text', ({ hash }) => hash],
      ]),
    },
    ...(proposal ? proposalTables(proposal) : []),
  ];
}

/** What may be closed, who keeps its way and who does not, and the sessions that would end otherwise. */
function proposalTables({ proposal, dryRun }: RehearsedProposal): NamedTable[] {
  const { connectors } = proposal;
  const of = <T>(rows: (one: ConnectorProposal) => readonly T[]): (T & { readonly connector: string })[] =>
    connectors.flatMap((one) => rows(one).map((row) => ({ ...row, connector: identityOf(one) })));
  return [
    {
      name: 'proposal',
      table: table(connectors, [
        ['connector', 'text', identityOf],
        ['action', 'text', ({ action }) => action],
        ['because', 'text', ({ because }) => because],
        ['before', 'text', ({ before }) => list(before)],
        ['after', 'text', ({ after }) => list(after)],
        ['addressesBefore', 'text', ({ addressesBefore }) => addressesBefore],
        ['addressesAfter', 'text', ({ addressesAfter }) => addressesAfter],
        ['untouched', 'text', ({ untouched }) => list(untouched)],
        ['dedicated', 'text', ({ dedicated }) => dedicated?.name ?? null],
        ['days', 'count', ({ days }) => days],
        ['commands', 'text', ({ commands }) => commands.join('\n')],
        ['wayBack', 'text', ({ wayBack }) => wayBack.join('\n')],
      ]),
    },
    {
      name: 'proposal-kept',
      table: table(
        of(({ kept }) => kept),
        [
          ['connector', 'text', ({ connector }) => connector],
          ['source', 'text', ({ source }) => source],
          ['device', 'text', ({ device }) => device],
          ['owner', 'text', ({ owner }) => owner],
          ['range', 'text', ({ range }) => range],
          ['because', 'text', ({ because }) => because],
          ['isPublic', 'text', ({ isPublic }) => String(isPublic)],
          ['habit', 'text', ({ habit }) => habit.kind],
          ['firstEver', 'text', ({ firstEver }) => iso(firstEver)],
          ['last', 'text', ({ last }) => iso(last)],
          ['activeDays', 'count', ({ activeDays }) => activeDays],
        ],
      ),
    },
    {
      name: 'proposal-left-out',
      table: table(
        of(({ leftOut }) => leftOut),
        [
          ['connector', 'text', ({ connector }) => connector],
          ['source', 'text', ({ source }) => source],
          ['device', 'text', ({ device }) => device],
          ['because', 'text', ({ because }) => because],
          ['landsOn', 'text', ({ landsOn }) => landsOn],
        ],
      ),
    },
    { name: 'proposal-sessions', table: replayCsvTable(dryRun.sessions) },
  ];
}

const list = (texts: readonly string[]): string => texts.join('; ');
const iso = (at: number | null | undefined): string | null =>
  at === null || at === undefined ? null : new Date(at).toISOString();
