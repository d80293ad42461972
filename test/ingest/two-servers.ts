/**
 * The logs of two servers over some hours: devices at two front ends, the Hub behind them, and what the first front
 * end sends to it. Sessions interleave, cross hours, come again under the same id, and do not all end.
 */
import { type StorySettings, story } from '../../fixtures/story.ts';
import type { Direction } from '../../src/protocol-log/fields.ts';
import type { LogRow } from '../../src/protocol-log/writer.ts';

export interface ServerLog {
  /** Folder, with the product's own folder names. */
  readonly folder: string;
  readonly direction: Direction;
  /** In order of time. */
  readonly rows: readonly LogRow[];
}

export const GREETED = `
  +
  > {banner}
  < EHLO mfp-02
  > {hello SIZE 37748736, PIPELINING, STARTTLS, AUTH NTLM, CHUNKING}`;

export const DELIVERED = `
  < MAIL FROM:<scan@contoso.example>
  * {message}
  > 250 2.1.0 Sender OK
  < RCPT TO:<anna@contoso.example>
  > 250 2.1.5 Recipient OK
  < DATA
  > 354 Start mail input; end with <CRLF>.<CRLF>
  > {queued 2048}`;

export const QUIT = `
  < QUIT
  > 221 2.0.0 Service closing transmission channel
  - | Local`;

export const REFUSED = `
  < MAIL FROM:<app@contoso.example>
  * {message}
  > 250 2.1.0 Sender OK
  < RCPT TO:<x@fabrikam.example>
  * Tarpit for '0.00:00:05' due to '550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain'
  @5000 > 550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain`;

/** A message as the Hub gets it for a client of the front end. */
const handedOver = (session: string, client: string, turn: number, wait = 15): string => `
  @${wait} < XPROXYFROM SID=${session} IP=${client} PORT=50111 DOMAIN=mfp-02 SEQNUM=${turn} PERMS=1073 AUTHSRC=Anonymous
  > 250 XProxyFrom accepted${DELIVERED}`;

/** Rows of several sessions, in order of time. */
export const interleaved = (...sessions: readonly LogRow[][]): LogRow[] =>
  sessions
    .flat()
    .map((row, index) => ({ row, index }))
    .sort((a, b) => a.row.at - b.row.at || a.index - b.index)
    .map(({ row }) => row);

const MINUTE = 60_000;
const at = (time: string): string => `2026-11-02T${time}Z`;
const front1 = (settings: StorySettings, script: string): LogRow[] => story(settings, script);
const front2 = (settings: StorySettings, script: string): LogRow[] =>
  story({ connector: 'EX02\\Default Frontend EX02', local: '10.0.0.6:25', fqdn: 'ex02.contoso.example', ...settings }, script);

const hub = (settings: StorySettings, script: string): LogRow[] =>
  story({ connector: 'EX01\\Default EX01', local: '10.0.0.5:2525', ...settings }, script);

export const SCANNER = '08DE19A1B2C3D401';
export const APPLICATION = '08DE19A1B2C3D40F';
const OVER_THE_HOUR = '08DE19A1B2C3D410';

export const TWO_SERVERS: readonly ServerLog[] = [
  {
    folder: 'EX01/FrontEnd/ProtocolLog/SmtpReceive',
    direction: 'receive',
    rows: interleaved(
      front1({ sessionId: SCANNER, at: at('08:02:00.000') }, GREETED + DELIVERED + QUIT),
      front1({ sessionId: '08DE19A1B2C3D402', at: at('08:02:00.020'), remote: '10.0.20.13:50200' }, GREETED + REFUSED + QUIT),
      // no connector takes it
      front1(
        { sessionId: '08DE19A1B2C3D403', at: at('08:03:00.000'), connector: '', remote: '10.9.9.9:40000' },
        '+\n> 421 4.3.2 Service not available\n- | Local',
      ),
      // keeps its connection for more than an hour; its second message gets its reply just after ten
      front1(
        { sessionId: APPLICATION, at: at('08:30:00.000'), remote: '10.0.20.30:50300' },
        `${GREETED}${DELIVERED}\n@${90 * MINUTE - 290} < NOOP\n> 250 2.0.0 OK${DELIVERED}${QUIT}`,
      ),
      // over the hour
      front1(
        { sessionId: OVER_THE_HOUR, at: at('08:59:59.930'), remote: '10.0.20.13:50210' },
        `${GREETED}${DELIVERED}${REFUSED}${QUIT}`,
      ),
      // the same id and endpoint twice
      front1({ sessionId: '08DE19A1B2C3D420', at: at('08:10:00.000'), remote: '10.0.20.14:50400' }, GREETED + DELIVERED + QUIT),
      front1({ sessionId: '08DE19A1B2C3D420', at: at('10:10:00.000'), remote: '10.0.20.14:50400' }, GREETED + REFUSED + QUIT),
      // still there when the log ends
      front1(
        { sessionId: '08DE19A1B2C3D430', at: at('11:00:00.000'), remote: '10.0.20.15:50500' },
        `${GREETED}\n< MAIL FROM:<a@b>`,
      ),
      // and one whose end was never logged
      front1({ sessionId: '08DE19A1B2C3D431', at: at('09:30:00.000'), remote: '10.0.20.16:50600' }, GREETED + DELIVERED),
    ),
  },
  {
    folder: 'EX02/FrontEnd/ProtocolLog/SmtpReceive',
    direction: 'receive',
    rows: interleaved(
      // the session-id of another server's session, from the same endpoint
      front2({ sessionId: SCANNER, at: at('08:02:00.005') }, `${GREETED}${REFUSED}${QUIT}`),
      front2(
        { sessionId: '08DE2222B2C3D402', at: at('09:10:00.000'), remote: '10.0.20.40:50700' },
        `${GREETED}
        < AUTH LOGIN
        > 334 <authentication response>
        > 334 <authentication response>
        * | Inbound AUTH LOGIN failed because of LogonDenied
        * | User Name: svc-scan
        @5000 > 535 5.7.3 Authentication unsuccessful${QUIT}`,
      ),
    ),
  },
  {
    folder: 'EX01/Hub/ProtocolLog/SmtpReceive',
    direction: 'receive',
    rows: interleaved(
      // one connection for several clients; of the last the front end's log is not here
      hub(
        { sessionId: '08DE3333B2C3D401', remote: '10.0.0.5:61000', at: at('08:02:00.100') },
        GREETED +
          handedOver(SCANNER, '10.0.20.12', 1) +
          handedOver(APPLICATION, '10.0.20.30', 1, 28 * MINUTE) +
          handedOver('08DE77777777D401', '10.0.20.99', 1, 5 * MINUTE) +
          QUIT,
      ),
      // taken just before the hour, so that the front end's reply falls into the next
      hub(
        { sessionId: '08DE3333B2C3D402', remote: '10.0.0.5:61002', at: at('08:59:59.800') },
        GREETED + handedOver(OVER_THE_HOUR, '10.0.20.13', 1) + QUIT,
      ),
      hub(
        { sessionId: '08DE3333B2C3D403', remote: '10.0.0.5:61004', at: at('09:59:59.790') },
        GREETED + handedOver(APPLICATION, '10.0.20.30', 2) + QUIT,
      ),
    ),
  },
  {
    folder: 'EX01/FrontEnd/ProtocolLog/SmtpSend',
    direction: 'send',
    rows: story(
      {
        direction: 'send',
        connector: 'Inbound Proxy Internal Send Connector',
        sessionId: '08DE19A1B2C3D404',
        local: '10.0.0.5:61000',
        remote: '10.0.0.5:2525',
        at: at('08:02:00.080'),
      },
      `
      * SendRoutingHeaders | Set Session Permissions
      * | attempting to connect
      +
      < {banner}
      * | Proxying inbound session with session id ${SCANNER}
      > EHLO ex01.contoso.example
      < {hello SIZE 37748736, XPROXYFROM}
      > MAIL FROM:<scan@contoso.example>
      < 250 2.1.0 Sender OK
      > RCPT TO:<anna@contoso.example>
      < 250 2.1.5 Recipient OK
      > DATA
      < 354 Start mail input; end with <CRLF>.<CRLF>
      < {queued 2048}
      > QUIT
      < 221 2.0.0 Service closing transmission channel
      - | Local`,
    ),
  },
];
