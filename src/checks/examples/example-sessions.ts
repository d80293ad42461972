/** Pieces of sessions for the examples of the diagnoses, in the language of `fixtures/story.ts`. */
export const QUIT = '< QUIT\n> 221 2.0.0 Service closing transmission channel\n- | Local';

/** Connect, banner, EHLO and its answer; `extensions` as the server offers them. */
export const greeted = (hello: string, extensions = 'SIZE 37748736, PIPELINING, STARTTLS, AUTH NTLM'): string =>
  `+\n> {banner}\n< EHLO ${hello}\n> {hello ${extensions}}`;

/** MAIL FROM that is accepted. */
export const mailFrom = (sender = 'scan@contoso.example', parameters = ''): string =>
  `< MAIL FROM:<${sender}>${parameters}\n* {message}\n> 250 2.1.0 Sender OK`;

/** A reply that is held back five seconds, as for every client without a logon. */
export const tarpitted = (reply: string): string => `@0 * Tarpit for '0.00:00:05' due to '${reply}'\n@5006 > ${reply}`;

/** A whole message that is accepted. */
export const delivered = (recipient = 'partner@fabrikam.example', sender = 'scan@contoso.example'): string =>
  `${mailFrom(sender)}\n< RCPT TO:<${recipient}>\n> 250 2.1.5 Recipient OK\n< DATA\n> 354 Start mail input; end with <CRLF>.<CRLF>\n@120 > {queued 18000}`;

/** STARTTLS that succeeds, and the hello after it. */
export const secured = (hello: string, version = '1_2', extensions = 'SIZE 37748736, PIPELINING, AUTH NTLM LOGIN'): string =>
  `< STARTTLS\n> 220 2.0.0 SMTP server ready\n@0 * {certificate}\n@40 * {tls ${version}}\n< EHLO ${hello}\n> {hello ${extensions}}`;

/** A session that delivers one message. */
export const workingSession = (hello: string, recipient?: string, sender?: string): string =>
  `${greeted(hello)}\n${delivered(recipient, sender)}\n${QUIT}`;

export const UNABLE_TO_RELAY = '550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain';

/** A session whose recipient outside is refused. */
export const relayRefusedSession = (hello: string): string =>
  `${greeted(hello)}\n${mailFrom()}\n< RCPT TO:<partner@fabrikam.example>\n${tarpitted(UNABLE_TO_RELAY)}\n${QUIT}`;

/** A front end that lets anybody send to the inside. */
export const DEFAULT_FRONTEND = {
  id: 'EX01\\Default Frontend EX01',
  PermissionGroups: ['AnonymousUsers', 'ExchangeServers', 'ExchangeLegacyServers'],
  AuthMechanism: ['Tls', 'Integrated', 'BasicAuth', 'BasicAuthRequireTLS', 'ExchangeServer'],
} as const;

/** A relay connector for two printers. */
export const RELAY_CONNECTOR = {
  id: 'EX01\\Anon Relay EX01',
  from: '10.0.20.10-10.0.20.11',
  PermissionGroups: ['AnonymousUsers', 'Custom'],
  AuthMechanism: ['Tls'],
  anonymousRights: ['ms-Exch-SMTP-Submit', 'ms-Exch-SMTP-Accept-Any-Recipient'],
} as const;

/** AUTH LOGIN as the log shows it: questions and answers are not told. */
export const loggingOn = '< AUTH LOGIN\n> 334 <authentication response>\n> 334 <authentication response>';

/** The reply to a logon that failed, whatever the reason. */
export const refusedLogon = tarpitted('535 5.7.3 Authentication unsuccessful');

/** A logon with a wrong password. */
export const deniedLogon = (user: string): string =>
  `${loggingOn}\n* | Inbound AUTH LOGIN failed because of LogonDenied\n* | User Name: ${user}\n${refusedLogon}`;

/** A logon that succeeds. */
export const logonOf = (user: string): string =>
  `${loggingOn}\n* SMTPSubmit SMTPAcceptAnyRecipient BypassAntiSpam AcceptRoutingHeaders | Set Session Permissions\n* ${user} | authenticated\n> 235 2.7.0 Authentication successful`;

/** A session that ends before the greeting. */
export const TURNED_AWAY = '+\n> 421 4.3.2 Service not available\n- | Local';
