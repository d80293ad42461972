/** The connection filter has found the address of the client on a block list: its own, or that of a provider. */
import { literal } from '../../powershell/quoting.ts';
import type { SessionDiagnosis } from '../diagnosis.ts';
import { greeted, mailFrom, QUIT, tarpitted, workingSession } from '../examples/example-sessions.ts';
import { isPublic } from '../ranges/address-space.ts';
import { CONNECTION_FILTERING, replySection } from '../references.ts';
import { advice, powershell } from '../remedies/commands.ts';
import { count } from '../words/enumeration.ts';

const LISTED = '550 5.7.1 Recipient not authorized, your IP has been found on a block list';
const refused = `${greeted('mailer')}\n${mailFrom('news@fabrikam.example')}\n< RCPT TO:<anna@contoso.example>\n${tarpitted(LISTED)}\n${QUIT}`;

/** So many clients at once are rarely all on a list: rather the list itself has failed. */
const MANY = 4;

export const clientOnBlockList: SessionDiagnosis = {
  kind: 'session',
  id: 'client-on-block-list',
  title: 'Its address is on a block list',
  why: 'The connection filter refuses whoever is on a list, whatever the message is.',
  severity: 'high',
  references: [CONNECTION_FILTERING, replySection('C7')],
  signs: ['client-on-block-list'],
  examples: {
    fires: [
      {
        about: 'a client of the own network: only the own list can hold it',
        sessions: [{ rows: refused }],
        says: ['no public address', 'Get-IPBlockListEntry -IPAddress "10.0.20.12"'],
      },
      {
        about: 'a client of the Internet',
        sessions: [{ from: '203.0.113.77', rows: refused }],
        says: ['Get-IPBlockListProvider', 'provider'],
      },
      {
        about: 'many clients at once: a provider that says yes to everything',
        sessions: ['203.0.113.77', '198.51.100.4', '198.51.100.9', '192.0.2.15', '10.0.20.12'].map((from) => ({
          from,
          rows: refused,
        })),
        says: ['4 other clients', 'Set-IPBlockListProvider'],
      },
    ],
    silent: [
      { about: 'it is not listed', sessions: [{ rows: workingSession('mailer') }] },
      {
        about: 'the sender is the one that is refused',
        sessions: [
          {
            rows: `${greeted('mailer')}\n${mailFrom()}\n< RCPT TO:<anna@contoso.example>\n${tarpitted('554 5.1.0 Sender denied')}\n${QUIT}`,
          },
        ],
      },
    ],
  },
  diagnose({ sign }, { session }, { circumstances }) {
    if (session.direction === 'send' || sign.kind !== 'refusal') return undefined;
    const { source, server } = session;
    const client = literal(source ?? '<address>');
    const others = circumstances.othersWithReply(server, sign.refusal.text, Date.parse(sign.refusal.at));
    const allow = powershell(`Add-IPAllowListEntry -IPAddress ${client}`);
    const own = [
      powershell(`Get-IPBlockListEntry -IPAddress ${client}`),
      advice('If an entry is shown that is there by mistake, remove it:'),
      powershell(`Get-IPBlockListEntry -IPAddress ${client} | Remove-IPBlockListEntry`),
    ];
    const providers = [
      powershell('Get-IPBlockListProvider | Format-Table Name, LookupDomain, Enabled, AnyMatch'),
      powershell(`Test-IPBlockListProvider -Identity "<name of the provider>" -IPAddress ${client}`),
    ];
    if (others >= MANY)
      return {
        cause: `${count(others, 'other client')} met the same on this server within half a day. Rather than all of them being listed, a provider of a block list has closed or fails and says yes to every address.`,
        remedy: [
          advice('See which of the providers lists the address, and switch that one off if it is out of service:'),
          ...providers,
          powershell('Set-IPBlockListProvider -Identity "<name of the provider>" -Enabled $false'),
        ],
        confidence: { level: 'medium', because: 'many clients are refused alike' },
        unknown: ['Which list it was is in the agent log only: "Get-AgentLog" names it in ReasonData.'],
      };
    if (!isPublic(source ?? ''))
      return {
        cause: `${source ?? 'The client'} is no public address, so that it stands on the list of the organisation itself, by itself or in a range.`,
        remedy: [...own, advice('If a range around it is to stay blocked, except the client from it:'), allow],
        confidence: { level: 'medium', because: 'providers list public addresses only' },
      };
    return {
      cause: `${source} is on the list of the organisation itself or, more likely, on that of a provider that the server asks.`,
      remedy: [
        advice('See on which list it is:'),
        ...own,
        ...providers,
        advice(
          'The operator of the client has to have it taken off the list of the provider. If you trust the client whatever the lists say:',
        ),
        allow,
      ],
      confidence: { level: 'high', because: 'the reply says it' },
      unknown: ['Which list it was is in the agent log only: "Get-AgentLog" names it in ReasonData.'],
    };
  },
};
