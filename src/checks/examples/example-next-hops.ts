/** Pieces of send sessions for the examples of the diagnoses, in the language of `fixtures/story.ts`. */
const SIZED = ' SIZE=18000';

export const SEND_QUIT = '> QUIT\n< 221 2.0.0 Bye\n- | Local';

/** Up to the answer to EHLO. */
export const dialled = (banner = '220 mx.fabrikam.example ESMTP', extensions = 'SIZE 52428800, STARTTLS, CHUNKING'): string =>
  `* SendRoutingHeaders | Set Session Permissions\n* | attempting to connect\n+\n< ${banner}\n> EHLO mail.contoso.example\n< {hello ${extensions}}`;

/** The first message that a client sent in the session with that id, and MAIL for it. */
export const sending = (session: string, sender = 'scan@contoso.example'): string =>
  `* | sending message with RecordId 47111 and InternetMessageId <1.${session}@device.example>\n> MAIL FROM:<${sender}>${SIZED}\n< 250 2.1.0 Ok`;

/** A send session that delivers the message. */
export const passedOn = (session: string): string =>
  `${dialled()}\n${sending(session)}\n> RCPT TO:<partner@fabrikam.example>\n< 250 2.1.5 Ok\n> DATA\n< 354 End data with <CR><LF>.<CR><LF>\n@120 < 250 2.0.0 Ok: queued as 4C1D22A0\n${SEND_QUIT}`;

/** A send session whose recipient is refused. */
export const refusedRecipient = (session: string, reply: string, banner?: string): string =>
  `${dialled(banner)}\n${sending(session)}\n> RCPT TO:<partner@fabrikam.example>\n< ${reply}\n${SEND_QUIT}`;

/** A connection that is not made; `number` as Windows counts. */
export const unconnected = (number: number, endpoint = '203.0.113.9:25'): string =>
  `* SendRoutingHeaders | Set Session Permissions\n* | attempting to connect\n@21000 * | Failed to connect. Winsock error code: ${number}, Win32 error code: ${number}, Destination domain: fabrikam.example, Error Message: No connection could be made ${endpoint}.`;

export const ONLINE_BANNER =
  '220 DB5EUR01FT003.mail.protection.outlook.com Microsoft ESMTP MAIL Service ready at Mon, 2 Nov 2026 08:00:00 +0000';
