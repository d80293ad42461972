/** Mail in the name of the organisation that came from the Internet without a logon. */
import type { Audit } from '../audit.ts';
import { clientName, placeNote } from '../evidence/audited-clients.ts';
import { DEFAULT_FRONTEND, workingSession } from '../examples/example-sessions.ts';
import { aboutClient } from '../finding.ts';
import { SET_CONNECTOR, section } from '../references.ts';
import { advice } from '../remedies/commands.ts';
import { count } from '../words/enumeration.ts';

const INSIDE = 'anna@contoso.example';
const configuration = { connectors: [DEFAULT_FRONTEND], acceptedDomains: ['contoso.example'] };

export const ownDomainFromInternet: Audit = {
  id: 'own-domain-from-internet',
  title: 'Own sender domain from the Internet',
  why: "A colleague's name on mail from outside is how fraud begins; the front end does not check the right to a sender.",
  severity: 'medium',
  references: [SET_CONNECTOR, section('5.3')],
  needs: ['accepted-domains'],
  falsePositives: [
    'A cloud service sends in the name of the organisation because it was told to, such as a newsletter or ticket system.',
    'A branch office comes through its own line.',
  ],
  examples: {
    fires: [
      {
        about: "a colleague's name from a public address",
        sessions: [{ from: '203.0.113.7', rows: workingSession('mail', INSIDE, 'boss@contoso.example') }],
        configuration,
        says: ['203.0.113.7', '1 message'],
      },
    ],
    silent: [
      {
        about: 'from inside',
        sessions: [{ from: '10.0.20.7', rows: workingSession('mail', INSIDE, 'boss@contoso.example') }],
        configuration,
      },
      {
        about: 'the sender is a stranger, as all mail from outside',
        sessions: [{ from: '203.0.113.7', rows: workingSession('mail', INSIDE, 'bob@fabrikam.example') }],
        configuration,
      },
    ],
  },
  find: ({ sources }) =>
    sources.flatMap((source) => {
      const { own } = source.senders;
      if (source.space !== 'public' || own === null || own === 0) return [];
      const places = source.places.filter(({ anonymousMessages }) => anonymousMessages > 0);
      return [
        aboutClient(ownDomainFromInternet, source, places.length === 1 ? places[0]! : null, {
          what: `${clientName(source)} sent ${count(own, 'message')} in the name of the organisation from the Internet, without a logon.`,
          cause:
            'Connectors that take mail from everybody accept any sender: rights to send as somebody are not looked at on the front end.',
          evidence: places.map((place) => ({
            kind: 'count',
            note: `on ${place.server}\\${place.connector}: ${placeNote(place)}`,
          })),
          remedy: [
            advice('Where it is a service of your own: let it log on, or give it a connector for its address.'),
            advice(
              'Otherwise publish SPF and DMARC for the domain, and let the spam filter in front of the server reject what fails them.',
            ),
          ],
          confidence: { level: 'medium', because: 'the log shows sender and address, not who stands behind it' },
        }),
      ];
    }),
};
