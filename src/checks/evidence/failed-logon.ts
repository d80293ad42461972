/** Why a logon was refused, by the rows that Exchange writes before its 535, and what is known of the user's other tries. */

import { partsOf } from '../../connector/connector.ts';
import { effectiveRights, unauthenticatedPrincipal } from '../../connector/effective-rights.ts';
import { rightsOf } from '../../connector/organisation.ts';
import type { Case, ExaminedSession, LogonTries } from '../../queries/cases/case.ts';
import type { Remedy } from '../finding.ts';
import { isPublic } from '../ranges/address-space.ts';
import { advice } from '../remedies/commands.ts';
import { configuredConnector, portOf } from './client-place.ts';
import type { RowAt, Sign } from './sign.ts';

export interface FailedLogon {
  /** `rows-missing`: 535 alone, which any of the others may be. */
  readonly why: 'denied' | 'submit-right' | 'well-known' | 'rows-missing';
  /** `LogonDenied`, or what else Windows said. */
  readonly status: string | null;
  /** Empty: the client sent no name. null: the log does not show one. */
  readonly user: string | null;
  /** `LOGIN`, `NTLM` …; empty where it is not known. */
  readonly mechanism: string;
  /** The row that says why. */
  readonly row: RowAt | null;
}

/** For a refused AUTH, or the row that stands for its refusal. */
export function failedLogon(sign: Sign, session: ExaminedSession): FailedLogon {
  const rows = sign.kind === 'refusal' ? sign.contexts : sign.kind === 'row' ? [sign.row] : [];
  const said = rows.flatMap((row) => {
    const why = reasonIn(row.event.context);
    return why ? [{ ...why, row }] : [];
  });
  const [first] = said;
  const named = rows
    .map(({ event }) => /^User ?[Nn]ame: (.*)/s.exec(event.context)?.[1]?.trim())
    .find((name) => name !== undefined);
  const user = named ?? session.authUser;
  const command = sign.kind === 'refusal' ? sign.command?.event.data.trim().split(/\s+/)[1] : undefined;
  return {
    why: first?.why ?? 'rows-missing',
    status: first?.status ?? null,
    // A line end in a name would break the sentence that holds it.
    user: user === null ? null : user === 'NULL' ? '' : user.replace(/\p{Cc}/gu, '␣'),
    mechanism: (command ?? session.authMechanism ?? '').toUpperCase(),
    row: first?.row ?? null,
  };
}

function reasonIn(context: string): { why: FailedLogon['why']; status: string | null } | undefined {
  if (/doesn't have submit permission/.test(context)) return { why: 'submit-right', status: null };
  if (/as we reject well-known account/.test(context)) return { why: 'well-known', status: null };
  const status = /^Inbound .*failed because of (\S+?)\.?$/.exec(context)?.[1];
  return status === undefined ? undefined : { why: 'denied', status };
}

/** `the user a@b`, as far as the log names one. */
export function userWords(user: string | null): string {
  return user === null ? 'an account that the log does not name' : user === '' ? 'an empty user name' : `the user ${user}`;
}

/** The account of `DOMAIN\account` or `account@domain`: a logon that succeeds may be written otherwise than it was typed. */
export const accountOf = (user: string): string => user.toLowerCase().replace(/^.*\\/, '').replace(/@.*$/, '');

/** Tries of the same account from this client, as one. */
export function triesOf({ circumstances }: Case, user: string | null): LogonTries | undefined {
  if (!user) return undefined;
  const own = circumstances.logons().filter((one) => one.user.toLowerCase() === user.toLowerCase());
  const alike = own.some(({ succeeded }) => succeeded > 0)
    ? own
    : circumstances.logons().filter((one) => accountOf(one.user) === accountOf(user));
  if (alike.length === 0) return undefined;
  const lastSucceeded = highest(alike.map((one) => one.lastSucceeded));
  const failures = alike.filter(({ failed }) => failed > 0);
  return {
    user,
    failed: failures.reduce((sum, { failed }) => sum + failed, 0),
    succeeded: alike.reduce((sum, { succeeded }) => sum + succeeded, 0),
    firstFailed: lowest(failures.map((one) => one.firstFailed)),
    lastFailed: highest(failures.map((one) => one.lastFailed)),
    lastSucceeded,
    firstFailedSince: lowest(
      failures.map((one) => one.firstFailedSince ?? one.firstFailed).filter((at) => (at ?? 0) > (lastSucceeded ?? 0)),
    ),
  };
}

const numbers = (values: readonly (number | null)[]): number[] => values.filter((value) => value !== null);
const highest = (values: readonly (number | null)[]): number | null =>
  numbers(values).reduce<number | null>((best, value) => (best === null || value > best ? value : best), null);
const lowest = (values: readonly (number | null)[]): number | null =>
  numbers(values).reduce<number | null>((best, value) => (best === null || value < best ? value : best), null);

/** A client on the Internet that has never logged on in the logs read: mostly nobody's device. */
export const isStranger = (session: ExaminedSession, theCase: Case): boolean =>
  session.source !== null && isPublic(session.source) && theCase.circumstances.logons().every(({ succeeded }) => succeeded === 0);

export const STRANGER =
  'The client is on the Internet: where nobody of yours is behind it, somebody tries logons there, and it is right that they fail.';
export const STRANGER_REMEDY: Remedy = advice(
  'If nobody of yours is behind the address, change nothing for it: block it on the firewall, and let logons from the Internet reach the server only where they are needed.',
);

/** Whether a user who logs on may submit on the connector of the session; `likely` by the name that setup gave it. */
export function usersMaySubmit(theCase: Case, session: ExaminedSession): 'yes' | 'no' | 'likely-not' | 'unknown' {
  const connector = configuredConnector(theCase, session);
  if (connector) {
    const { permissions, knownBy } = effectiveRights(connector, rightsOf(theCase.organisation, connector), 'authenticated-user');
    if (knownBy !== 'nothing') return permissions.includes('SMTPSubmit') ? 'yes' : knownBy === 'custom' ? 'unknown' : 'no';
  }
  const { name } = partsOf(session.connector);
  return /^default frontend /i.test(name) && portOf(session) === 25 ? 'likely-not' : 'unknown';
}

/** Whether a client without a logon may submit on the connector of the session. */
export function anybodyMaySubmit(theCase: Case, session: ExaminedSession): 'yes' | 'no' | 'unknown' {
  const connector = configuredConnector(theCase, session);
  if (connector) {
    const { permissions, knownBy } = effectiveRights(
      connector,
      rightsOf(theCase.organisation, connector),
      unauthenticatedPrincipal(connector),
    );
    if (permissions.includes('SMTPSubmit')) return 'yes';
    if (knownBy === 'groups' || knownBy === 'rights') return 'no';
  }
  const here = [session, theCase.lastGood, ...theCase.twins].filter((one) => one?.connector === session.connector);
  return here.some((one) => one && one.authResult !== 'success' && one.transactions.length > 0) ? 'yes' : 'unknown';
}
