/** How Exchange servers recognise each other, and name the client for which they speak. */
import { parseAddress } from '../../../net/address-range.ts';
import { permissionNames } from '../../../smtp/permission.ts';
import type { ReplyId } from '../../../smtp/reply-catalogue.ts';
import type { Conversation } from '../conversation.ts';
import { exchangeMechanisms } from '../extensions.ts';
import { decodeXtext } from '../xtext.ts';
import { logOn } from './auth.ts';
import type { Next } from './dispatch.ts';

/** X-ANONYMOUSTLS: for the front end in the same process only, to whom TLS is a word; to others it is none. */
export function xAnonymousTls(conversation: Conversation, argument: string): Next {
  const { properties, facts, service, tls } = conversation;
  const offered =
    facts.peer !== undefined &&
    !speaksForClient(conversation) &&
    exchangeMechanisms({ properties, role: service.role, version: service.version }).length > 0 &&
    properties.SuppressXAnonymousTls !== true;
  if (!offered) return conversation.reply('unrecognized-command');
  if (conversation.helo === undefined) return conversation.reply('hello-missing');
  if (argument !== '') return conversation.reply('invalid-arguments');
  if (tls) return conversation.reply('second-starttls');
  conversation.tlsIsAnonymous = true;
  conversation.reply('ready-for-tls');
  return 'start-tls';
}

/** X-EXPS: EXCHANGEAUTH for the front end in the same process; the other mechanisms know no logon here. */
export function xExps(conversation: Conversation, argument: string): Next {
  const { properties, service, tlsIsAnonymous, facts } = conversation;
  const offered = exchangeMechanisms({ properties, role: service.role, version: service.version, tlsIsAnonymous });
  if (offered.length === 0 || speaksForClient(conversation)) return conversation.reply('unrecognized-command');
  const [mechanism = '', hash = '', proof] = argument.split(/\s+/);
  if (mechanism.toUpperCase() !== 'EXCHANGEAUTH' || !offered.includes('EXCHANGEAUTH') || !facts.peer)
    return logOn(
      conversation,
      argument,
      offered.filter((one) => one !== 'EXCHANGEAUTH'),
    );
  if (conversation.helo === undefined) return conversation.reply('hello-missing');
  if (conversation.isExchangeServer) return conversation.reply('second-authentication');
  if (hash.toUpperCase() !== 'SHA256' || proof === undefined) return conversation.reply('invalid-arguments');
  conversation.isExchangeServer = true;
  conversation.grant('exchange-server', true);
  conversation.mayProxy = conversation.can('SMTPAcceptXProxyFrom');
  conversation.note('authenticated', facts.peer.account);
  conversation.sayMasked(`235 ${Buffer.from(service.fqdn).toString('base64')}`, '235 <authentication response>');
  return 'command';
}

/** XPROXYFROM: the front end names the client whose message comes next, and what that client may do. */
export function xProxyFrom(conversation: Conversation, argument: string): Next {
  const named = namedClient(conversation, argument);
  if (typeof named === 'string') return conversation.reply(named);
  const { client, helo, values } = named;
  const mask = Number(values.get('PERMS'));
  if (!/^\d{1,10}$/.test(values.get('PERMS') ?? '') || mask > 0xffff_ffff) return conversation.reply('invalid-arguments');
  conversation.proxied = { client, helo };
  const permissions = permissionNames(mask);
  conversation.permissions = new Set(permissions);
  conversation.note('Set Session Permissions', permissions.join(' ') || 'None');
  return conversation.reply('proxied-client-named');
}

/** XPROXY: from here on the session is that of the client, which the front end has let in. */
export function xProxy(conversation: Conversation, argument: string): Next {
  const named = namedClient(conversation, argument);
  if (typeof named === 'string') return conversation.reply(named);
  const { client, helo, values } = named;
  const user = decodeXtext(values.get('UNAME') ?? '');
  if (user === '') return conversation.reply('invalid-arguments');
  conversation.proxied = { client, helo: undefined };
  conversation.helo = helo;
  conversation.isExtended = true;
  conversation.user = user;
  conversation.mayProxy = false;
  conversation.grant('authenticated-user', true);
  conversation.note('authenticated', user);
  return conversation.reply('proxied-session-accepted');
}

/** After XPROXY it is a client that speaks: what servers use among themselves is nothing it could know. */
const speaksForClient = ({ proxied, mayProxy }: Conversation): boolean => proxied !== undefined && !mayProxy;

interface NamedClient {
  readonly client: string;
  readonly helo: string;
  readonly values: ReadonlyMap<string, string>;
}

function namedClient(conversation: Conversation, argument: string): NamedClient | ReplyId {
  if (conversation.service.role !== 'HubTransport' || speaksForClient(conversation)) return 'unrecognized-command';
  if (!conversation.mayProxy) return 'internal-extension-not-authorized';
  if (conversation.helo === undefined) return 'hello-missing';
  if (conversation.transaction) return 'bad-sequence';
  const values = new Map(
    argument.split(/\s+/).map((word): [string, string] => {
      const [name = '', ...value] = word.split('=');
      return [name.toUpperCase(), value.join('=')];
    }),
  );
  const client = values.get('IP') ?? '';
  if (!parseAddress(client) || !/^[0-9a-f]{16}$/i.test(values.get('SID') ?? '')) return 'invalid-arguments';
  return { client, helo: values.get('DOMAIN') ?? '', values };
}
