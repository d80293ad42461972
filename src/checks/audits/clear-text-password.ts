/** A11: clients that sent user and password without TLS. */
import type { Audit } from '../audit.ts';
import { clientName, sightings } from '../evidence/audited-clients.ts';
import { deniedLogon, greeted, logonOf, QUIT, secured, tarpitted } from '../examples/example-sessions.ts';
import { aboutClient } from '../finding.ts';
import { section } from '../references.ts';
import { advice } from '../remedies/commands.ts';
import { count, enumerate } from '../words/enumeration.ts';

const OFFERS = 'SIZE 37748736, PIPELINING, AUTH LOGIN';
const clear = (logon: string) => `${greeted('nas', OFFERS)}\n${logon}\n${QUIT}`;

export const clearTextPassword: Audit = {
  id: 'clear-text-password',
  title: 'Password sent without encryption',
  why: 'Who listens on the wire has a password that works for mailboxes too, and often for everything else.',
  severity: 'high',
  references: [section('5.5 (A10, A11)')],
  needs: [],
  falsePositives: [],
  examples: {
    fires: [
      {
        about: 'a logon that succeeds',
        sessions: [{ rows: clear(logonOf('CONTOSO\\svc-nas')) }],
        says: ['10.0.20.12 (nas)', '1 session'],
      },
      { about: 'a logon that fails: the password was sent all the same', sessions: [{ rows: clear(deniedLogon('svc-nas')) }] },
    ],
    silent: [
      {
        about: 'over TLS',
        sessions: [{ rows: `${greeted('nas')}\n${secured('nas')}\n${logonOf('CONTOSO\\svc-nas')}\n${QUIT}` }],
      },
      {
        about: 'the mechanism is refused, so that no password follows',
        sessions: [
          {
            rows: `${greeted('ticket', 'SIZE, STARTTLS')}\n< AUTH LOGIN\n${tarpitted('504 5.7.4 Unrecognized authentication type')}\n${QUIT}`,
          },
        ],
      },
      {
        about: 'NTLM, which sends no password',
        sessions: [
          {
            rows: `${greeted('app')}\n< AUTH NTLM\n> 334 <authentication response>\n* CONTOSO\\svc-app | authenticated\n> 235 2.7.0 Authentication successful\n${QUIT}`,
          },
        ],
      },
    ],
  },
  find: ({ sources }) =>
    sources.flatMap((source) => {
      const { clearTextLogons } = source;
      if (!clearTextLogons) return [];
      const places = [...new Set(source.places.map(({ server, connector }) => `${server}\\${connector}`))];
      return [
        aboutClient(clearTextPassword, source, null, {
          what: `${clientName(source)} sent user and password in clear text in ${count(clearTextLogons.count, 'session')}.`,
          cause:
            'AUTH LOGIN came before any TLS: the connector has BasicAuth without BasicAuthRequireTLS, and the client does not begin with STARTTLS.',
          evidence: [{ kind: 'count', note: `AUTH LOGIN or PLAIN without TLS, on ${enumerate(places)}` }],
          remedy: [
            advice('On the device: switch STARTTLS on (port 587, often called "explicit TLS").'),
            advice(
              'Then add BasicAuthRequireTLS to the connector, and give the account a new password: the old one was on the wire.',
            ),
          ],
          confidence: { level: 'high', because: 'no row of these sessions shows TLS' },
          seen: sightings(clearTextLogons),
        }),
      ];
    }),
};
