/** A11: clients whose TLS is older than 1.2. */
import type { Audit } from '../audit.ts';
import { clientName, OLD_TLS } from '../evidence/audited-clients.ts';
import { delivered, greeted, QUIT, secured, workingSession } from '../examples/example-sessions.ts';
import { aboutClient } from '../finding.ts';
import { section } from '../references.ts';
import { advice } from '../remedies/commands.ts';
import { count, enumerate } from '../words/enumeration.ts';

const session = (from: string, version: string) => ({
  from,
  rows: `${greeted('OLDSCAN')}\n${secured('OLDSCAN', version)}\n${delivered('anna@contoso.example')}\n${QUIT}`,
});

export const oldTls: Audit = {
  id: 'old-tls',
  title: 'TLS older than 1.2',
  why: 'TLS 1.0 and 1.1 count as broken, and a server that is hardened one day no longer takes them: then the device fails.',
  severity: 'low',
  references: [section('5.5 (A11)')],
  needs: [],
  falsePositives: [],
  examples: {
    fires: [
      { about: 'TLS 1.0 only', sessions: [session('10.0.20.12', '1_0')], says: ['10.0.20.12', 'TLS1.0', 'never newer'] },
      {
        about: 'now the one, now the other',
        sessions: [session('10.0.20.12', '1_1'), session('10.0.20.12', '1_2')],
        says: ['also TLS1.2'],
      },
    ],
    silent: [
      { about: 'TLS 1.2', sessions: [session('10.0.20.12', '1_2')] },
      { about: 'none at all, which is another matter', sessions: [{ rows: workingSession('MFP', 'anna@contoso.example') }] },
    ],
  },
  find: ({ sources }) =>
    sources.flatMap((source) => {
      const old = OLD_TLS.filter((version) => source.tls[version] !== undefined);
      if (old.length === 0) return [];
      const sessions = old.reduce((sum, version) => sum + source.tls[version]!, 0);
      const newer = Object.keys(source.tls).filter((version) => version !== 'none' && !OLD_TLS.includes(version));
      return [
        aboutClient(oldTls, source, null, {
          what: `${clientName(source)} negotiated ${enumerate(old)} in ${count(sessions, 'session')}, ${newer.length === 0 ? 'never newer' : `also ${enumerate(newer)}`}.`,
          cause:
            newer.length === 0
              ? 'What the two have in common decides, and the server offers more: the device knows nothing newer, or is set to the old version.'
              : 'Several programs stand behind the address, or the device was updated meanwhile.',
          evidence: [{ kind: 'count', note: Object.entries(source.tls).map(tlsNote).join(', ') }],
          remedy: [
            advice('On the device: newer firmware, and TLS 1.2 switched on; or no TLS at all where the network is trusted.'),
          ],
          confidence: { level: 'high', because: 'the log names the negotiated version' },
        }),
      ];
    }),
};

const tlsNote = ([version, sessions]: [string, number]): string =>
  `${version === 'none' ? 'without TLS' : version}: ${count(sessions, 'session')}`;
