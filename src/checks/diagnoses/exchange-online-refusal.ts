/** Exchange Online refused what was handed on to it: by its own reply, or quoted by a front end. */
import { REPLIES } from '../../smtp/reply-catalogue.ts';
import type { SessionDiagnosis } from '../diagnosis.ts';
import { repliedTo } from '../evidence/next-hop.ts';
import { explainOnline } from '../evidence/online-reply.ts';
import { dialled, ONLINE_BANNER, refusedRecipient, SEND_QUIT, sending } from '../examples/example-next-hops.ts';
import { ONLINE_CONNECTORS, ONLINE_REPORTS, replySection } from '../references.ts';

const SESSION = '08DE19A1B2C3D3FF';
const HOST = '[DB5EUR01FT003.eop-EUR01.prod.protection.outlook.com]';
const hop = { from: '52.101.73.9', direction: 'send', service: 'Hub', connector: 'To Microsoft 365' } as const;
const seenFrom = (rows: string, address = '198.51.100.7'): string =>
  rows.replace(
    /< \{hello [^}]*\}/,
    `< 250  DB5EUR01FT003.mail.protection.outlook.com Hello [${address}] SIZE 157286400 PIPELINING STARTTLS`,
  );

export const exchangeOnlineRefusal: SessionDiagnosis = {
  kind: 'session',
  id: 'exchange-online-refusal',
  title: 'Exchange Online refused it',
  why: 'The own server did its part; Exchange Online takes mail for a tenant only from whom it recognises, and says why it does not.',
  severity: 'high',
  references: [ONLINE_REPORTS, ONLINE_CONNECTORS, replySection('C12')],
  signs: [
    ...REPLIES.filter(({ side }) => side === 'exchange-online').map(({ id }) => id),
    'front-end-send-failed',
    'front-end-send-refused',
    'outbound-front-end-refused',
    'next-hop-refused',
  ],
  examples: {
    fires: [
      {
        about: 'the address of the site is in no inbound connector',
        sessions: [
          {
            ...hop,
            rows: seenFrom(refusedRecipient(SESSION, `550 5.7.64 TenantAttribution; Relay Access Denied ${HOST}`, ONLINE_BANNER)),
          },
        ],
        says: [
          /does not recognise/,
          /198\.51\.100\.7/,
          /In Exchange Online PowerShell/,
          'Set-InboundConnector \'<inboundConnector>\' -SenderIPAddresses @{Add="198.51.100.7"}',
          /not encrypted/,
        ],
      },
      {
        about: 'a partner connector that wants another certificate',
        sessions: [
          {
            ...hop,
            rows: `${dialled(ONLINE_BANNER)}\n> STARTTLS\n< 220 2.0.0 SMTP server ready\n* {certificate}\n* {tls 1_2}\n> EHLO mail.contoso.example\n< {hello SIZE}\n${sending(SESSION)}\n> RCPT TO:<partner@fabrikam.example>\n< 550 5.7.51 TenantInboundAttribution; There is a partner connector configured that matched the message's recipient domain. The connector had either the RestrictDomainsToIPAddresses or RestrictDomainsToCertificate set ${HOST}\n${SEND_QUIT}`,
          },
        ],
        says: [
          /certificate that was shown is that of mail\.contoso\.example/,
          '-TlsSenderCertificateName "mail.contoso.example"',
        ],
      },
      {
        about: 'a logon, in words that on-premises servers say too',
        sessions: [
          {
            ...hop,
            rows: `${dialled('220 AM0PR02CA0100.outlook.office365.com Microsoft ESMTP MAIL Service ready')}\n> AUTH LOGIN\n< 535 5.7.3 Authentication unsuccessful [AM0PR02CA0100.eurprd02.prod.outlook.com]\n${SEND_QUIT}`,
          },
        ],
        says: [/SMTP AUTH/, 'Set-CASMailbox'],
      },
      {
        about: 'quoted by the front end through which mail leaves',
        sessions: [
          {
            ...hop,
            from: '10.0.0.5',
            rows: `${dialled('220 ex01.contoso.example Microsoft ESMTP MAIL Service ready')}\n${sending(SESSION)}\n> RCPT TO:<partner@fabrikam.example>\n< 550 5.7.0 Proxy session setup failed on Frontend with  '550 5.7.708 Service unavailable. Access denied, traffic not accepted from this IP'\n${SEND_QUIT}`,
          },
        ],
        says: [/5\.7\.708/, /front end quotes/],
      },
    ],
    silent: [
      {
        about: 'another server refuses',
        sessions: [
          {
            ...hop,
            from: '203.0.113.9',
            rows: refusedRecipient(SESSION, '554 5.7.1 <partner@fabrikam.example>: Relay access denied'),
          },
        ],
      },
      {
        about: 'a logon that another smart host refuses in the same words',
        sessions: [
          {
            ...hop,
            from: '203.0.113.9',
            rows: `${dialled('220 ex09.fabrikam.example Microsoft ESMTP MAIL Service ready')}\n> AUTH LOGIN\n< 535 5.7.3 Authentication unsuccessful\n${SEND_QUIT}`,
          },
        ],
      },
      {
        about: 'the front end quotes another server',
        sessions: [
          {
            ...hop,
            from: '10.0.0.5',
            rows: `${dialled()}\n${sending(SESSION)}\n> RCPT TO:<partner@fabrikam.example>\n< 550 5.7.0 Proxy session setup failed on Frontend with  '554 5.7.1 Relay access denied'\n${SEND_QUIT}`,
          },
        ],
      },
    ],
  },
  diagnose({ sign }, { session }) {
    if (sign.kind !== 'refusal') return undefined;
    const { text, found, wrappings } = repliedTo(session, sign.refusal.text);
    if (found?.entry.side !== 'exchange-online') return undefined;
    const { cause, remedy } = explainOnline(found, session, wrappings.length > 0);
    return {
      ...(text.startsWith('4') ? { severity: 'medium' as const } : {}),
      cause: wrappings.length > 0 ? `The front end quotes Exchange Online: "${text}". ${cause}` : cause,
      remedy,
      confidence: { level: 'high', because: 'Exchange Online says it in words of its own' },
    };
  },
};
