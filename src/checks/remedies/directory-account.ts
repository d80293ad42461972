/** Commands that show why Windows does not let an account log on. */
import { literal } from '../../powershell/quoting.ts';
import { accountOf } from '../evidence/failed-logon.ts';
import type { Remedy } from '../finding.ts';
import { powershell } from './commands.ts';

/** The account in Active Directory, by the name with which the client logs on. */
export function accountFilter(user: string): string {
  const name = ldapText(user.includes('@') ? user : accountOf(user));
  const filter = user.includes('@') ? `(|(userPrincipalName=${name})(mail=${name}))` : `(sAMAccountName=${name})`;
  return `Get-ADUser -LDAPFilter ${literal(filter)}`;
}

/** RFC 4515: what means something in a filter is written as its code. */
const ldapText = (text: string): string =>
  text.replace(/[\\*()\0]/g, (character) => `\\${character.charCodeAt(0).toString(16).padStart(2, '0')}`);

export const showAccount = (user: string): Remedy =>
  powershell(
    `${accountFilter(user)} -Properties LockedOut, PasswordExpired, PasswordLastSet, AccountExpirationDate, BadLogonCount, LastBadPasswordAttempt | Format-List Name, Enabled, LockedOut, PasswordExpired, PasswordLastSet, AccountExpirationDate, BadLogonCount, LastBadPasswordAttempt`,
  );

/** Failed logons in the security log of a server from a minute before a time (milliseconds UTC) on. */
export function showFailedLogons(server: string | null, at: number): Remedy {
  const start = new Date(at - 60_000).toISOString();
  return powershell(
    `Get-WinEvent ${server ? `-ComputerName ${literal(server)} ` : ''}-FilterHashtable @{LogName='Security'; ID=4625; StartTime='${start}'} -MaxEvents 20 | Format-List TimeCreated, Message`,
  );
}

/** What the codes in those events mean. */
export const SUB_STATUS =
  'In event 4625 the sub status tells which: 0xC000006A wrong password, 0xC0000064 no such user, 0xC0000234 locked, 0xC0000072 disabled, 0xC0000071 or 0xC0000224 password expired or to be changed, 0xC0000193 account expired.';
