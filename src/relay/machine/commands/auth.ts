import type { Conversation } from '../conversation.ts';
import { authMechanisms } from '../extensions.ts';
import { mannerOf } from '../faults.ts';
import type { HandOverFault } from '../hand-over-fault.ts';
import type { HubDestination } from '../settings.ts';
import type { Next } from './dispatch.ts';

/** Accounts that no front end lets in, whatever their password. */
const WELL_KNOWN = /^(?:.*\\)?(administrator|guest)$/i;

/** AUTH: LOGIN asks for user and password; NTLM and GSSAPI are offered where configured, and know no logon here. */
export function beginAuth(conversation: Conversation, argument: string): Next {
  const { properties, tls } = conversation;
  return logOn(conversation, argument, authMechanisms({ properties, tlsActive: tls !== undefined }));
}

/** `offered`: the mechanisms that the command has here. */
export function logOn(conversation: Conversation, argument: string, offered: readonly string[]): Next {
  const [mechanism = '', initial, ...more] = argument.split(/\s+/);
  if (conversation.helo === undefined) return conversation.reply('hello-missing');
  if (!conversation.isExtended) return conversation.reply('extended-hello-missing');
  if (conversation.user !== undefined) return conversation.reply('second-authentication');
  if (conversation.transaction) return conversation.reply('bad-sequence');
  if (!offered.includes(mechanism.toUpperCase())) return conversation.reply('unrecognized-authentication-type');
  if (more.length > 0) return conversation.reply('invalid-arguments');
  return begin(conversation, mechanism.toUpperCase() as Logon['mechanism'], initial);
}

/** What a logon has come to. */
export interface Logon {
  readonly mechanism: 'LOGIN' | 'NTLM' | 'GSSAPI';
  user: string | undefined;
}

function begin(conversation: Conversation, mechanism: Logon['mechanism'], initial: string | undefined): Next {
  const logon: Logon = { mechanism, user: undefined };
  conversation.logon = logon;
  if (mechanism === 'LOGIN') {
    if (initial !== undefined && initial !== '=') logon.user = decoded(initial);
    return challenge(conversation, Buffer.from(logon.user === undefined ? 'Username:' : 'Password:').toString('base64'));
  }
  return initial === undefined ? challenge(conversation, `${mechanism} supported`) : failed(conversation, 'LogonDenied');
}

function challenge(conversation: Conversation, text: string): Next {
  conversation.sayMasked(`334 ${text}`, conversation.service.version === '2013' ? '334 ' : '334 <authentication response>');
  conversation.awaitsLogon = true;
  return 'command';
}

const decoded = (text: string): string => Buffer.from(text, 'base64').toString('utf8');

/** A line of the client within a logon: never logged. */
export function readLogon(conversation: Conversation, line: string): Next {
  const logon = conversation.logon!;
  conversation.awaitsLogon = false;
  if (line.trim() === '*') {
    conversation.logon = undefined;
    return conversation.reply('authentication-cancelled');
  }
  if (logon.mechanism !== 'LOGIN') return failed(conversation, 'LogonDenied');
  if (logon.user === undefined) {
    logon.user = decoded(line);
    return challenge(conversation, Buffer.from('Password:').toString('base64'));
  }
  const fault = conversation.service.faults.strike('auth', conversation.client);
  if (fault?.drop) return conversation.close('Local');
  if (fault?.reply) {
    conversation.logon = undefined;
    return conversation.say(fault.reply, mannerOf(fault));
  }
  conversation.checksLogon = true;
  conversation.effect({ kind: 'check-logon', user: logon.user, password: decoded(line) });
  return 'command';
}

/** The answer to `check-logon`. */
export function logonChecked(conversation: Conversation, succeeded: boolean): Next {
  conversation.checksLogon = false;
  const { user = '' } = conversation.logon ?? {};
  if (!succeeded) return failed(conversation, 'LogonDenied');
  if (WELL_KNOWN.test(user)) {
    conversation.note(`Inbound authentication failed as we reject well-known account authentication for ${user}`);
    return refuse(conversation);
  }
  const before = conversation.permissions;
  conversation.grant('authenticated-user', false);
  if (!conversation.can('SMTPSubmit')) {
    conversation.permissions = before;
    conversation.note(`Inbound authentication failed because the client ${user} doesn't have submit permission.`);
    return refuse(conversation);
  }
  conversation.grant('authenticated-user', true);
  conversation.note('authenticated', user);
  const { hub } = conversation.facts;
  if (hub) return locateHub(conversation, before, hub);
  conversation.user = user;
  conversation.logon = undefined;
  return conversation.reply('authenticated');
}

/** Behind a front end the logon counts only once the server with the mailbox has taken the session. */
function locateHub(conversation: Conversation, before: Conversation['permissions'], { fqdn, isActive }: HubDestination): Next {
  const { user = '' } = conversation.logon!;
  if (conversation.dialect === 'B') {
    conversation.note(`ASyncBackendLocator.BeginGetDatabaseToServerMappingInfo for user ${user}.`);
    conversation.note(`AsyncBackendLocator.EndGetDatabaseToServerMappingInfo for user ${user}`);
  }
  if (!isActive()) {
    conversation.permissions = before;
    conversation.logon = undefined;
    return conversation.reply('mailbox-server-not-located');
  }
  conversation.note(`Setting up client proxy session to destination(s): ${fqdn}`);
  conversation.awaitsProxy = true;
  return 'command';
}

/** The Hub has taken the session of who has logged on. */
export function clientProxied(conversation: Conversation): Next {
  const { user = '' } = conversation.logon!;
  // The missing blank is the product's own.
  conversation.note(`Proxy session was successfully set up. Session for${user} will now be proxied`);
  conversation.awaitsProxy = false;
  conversation.user = user;
  conversation.logon = undefined;
  return conversation.reply('authenticated');
}

/** The Hub has not: who was right all the same has to try again. `response`: what the Hub or the network said. */
export function clientNotProxied(conversation: Conversation, reply: HandOverFault, response: string): Next {
  conversation.note(`Setting up client proxy session failed with error: ${response}`);
  conversation.awaitsProxy = false;
  conversation.logon = undefined;
  conversation.grant('anonymous', false);
  return conversation.reply(reply);
}

function failed(conversation: Conversation, reason: string): Next {
  const { mechanism, user } = conversation.logon!;
  conversation.note(
    mechanism === 'LOGIN' ? `Inbound AUTH LOGIN failed because of ${reason}` : `Inbound Negotiate failed because of ${reason}`,
  );
  if (mechanism === 'LOGIN') conversation.note(`User Name: ${user || 'NULL'}`);
  return refuse(conversation);
}

function refuse(conversation: Conversation): Next {
  conversation.logon = undefined;
  if (conversation.countLogonFailure()) return conversation.reply('too-many-errors');
  return conversation.reply('authentication-failed');
}
