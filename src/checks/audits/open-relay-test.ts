/** Somebody outside tries whether the server relays: from the outside to the outside, in the forms that testers use. */
import { AcceptedDomains } from '../../connector/accepted-domain.ts';
import type { AuditedSource, AuditFacts } from '../../queries/audit/audit-facts.ts';
import type { RelayForm, RelayFormTry } from '../../queries/audit/behaviour/behaviours.ts';
import type { Audit } from '../audit.ts';
import { clientName, envelopeNote, exampleEvidence } from '../evidence/audited-clients.ts';
import { delivered, greeted, mailFrom, QUIT, tarpitted, UNABLE_TO_RELAY } from '../examples/example-sessions.ts';
import { aboutClient, aboutServer, type Evidence, type Finding } from '../finding.ts';
import { ANONYMOUS_RELAY, replySection, section } from '../references.ts';
import { advice } from '../remedies/commands.ts';
import { count, enumerate } from '../words/enumeration.ts';
import { quotation } from '../words/quotation.ts';

/** Sources that are named in one finding. */
const SHOWN = 10;

const INVALID = '501 5.1.3 Invalid address';
const RELAY = { connectors: [], acceptedDomains: ['contoso.example'] };
const recipient = (address: string, reply = UNABLE_TO_RELAY): string => `< RCPT TO:<${address}>\n${tarpitted(reply)}`;
const trying = (source: string, sender: string, ...recipients: readonly string[]) => ({
  from: source,
  rows: `${greeted('x')}\n${mailFrom(sender)}\n${recipients.join('\n')}\n${QUIT}`,
});
const taking = (source: string, to: string, sender: string) => ({
  from: source,
  rows: `${greeted('x')}\n${delivered(to, sender)}\n${QUIT}`,
});
const FOREIGN = 'probe@tester.example';

export const openRelayTest: Audit = {
  id: 'open-relay-test',
  title: 'Somebody outside tests for open relay',
  why: 'Open relays are looked for all the time; refusing them is all that is needed, and one that is accepted sends for anybody.',
  severity: 'low',
  references: [ANONYMOUS_RELAY, replySection('E'), section('6')],
  needs: ['accepted-domains'],
  falsePositives: [
    'A service that tests for open relays on your own order.',
    'A host still brings mail for a domain that is no longer accepted here.',
  ],
  examples: {
    fires: [
      {
        about: 'from the outside to the outside, refused: tried, and no relay',
        configuration: RELAY,
        sessions: [trying('203.0.113.77', FOREIGN, recipient('victim@fabrikam.example'))],
        says: ['"severity":"low"', '203.0.113.77', /refused/, 'tester.example'],
      },
      {
        about: 'the forms of a tester, refused one by one',
        configuration: RELAY,
        sessions: [
          trying(
            '203.0.113.77',
            '',
            recipient('victim%fabrikam.example@[10.0.0.5]'),
            recipient('fabrikam.example!victim', INVALID),
            recipient('"victim@fabrikam.example"', INVALID),
            recipient('victim@localhost'),
          ),
        ],
        says: [/user@\[address\]/, /outside!user/, /"user@outside"/, /user@localhost/, '"severity":"low"'],
      },
      {
        about: 'one of its tries was accepted',
        configuration: RELAY,
        sessions: [
          trying('203.0.113.77', FOREIGN, recipient('victim@fabrikam.example')),
          taking('203.0.113.77', 'victim@fabrikam.example', FOREIGN),
        ],
        says: ['"severity":"critical"', /1 recipient outside/],
      },
      {
        about: 'two testers in one finding',
        configuration: RELAY,
        sessions: ['203.0.113.77', '198.51.100.8'].map((source) => trying(source, FOREIGN, recipient('victim@fabrikam.example'))),
        says: [/2 addresses/],
      },
    ],
    silent: [
      {
        about: 'a partner whose mail is accepted every day, and one recipient was wrong',
        configuration: RELAY,
        sessions: [
          taking('203.0.113.77', 'eva@contoso.example', 'otto@fabrikam.example'),
          trying('203.0.113.77', 'otto@fabrikam.example', recipient('victim@adatum.example')),
        ],
      },
      {
        about: 'a device inside that may not relay',
        configuration: RELAY,
        sessions: [trying('10.0.20.12', FOREIGN, recipient('victim@fabrikam.example'))],
      },
      {
        about: 'in the name of the own domain: a device outside that lacks the right',
        configuration: RELAY,
        sessions: [trying('203.0.113.77', 'scan@contoso.example', recipient('partner@fabrikam.example'))],
      },
      {
        about: 'ordinary recipients with a percent sign and in quotes',
        configuration: RELAY,
        sessions: [
          trying('203.0.113.77', FOREIGN, recipient('50%off@contoso.example', '550 5.1.1 User unknown')),
          trying('203.0.113.77', FOREIGN, recipient('"eva meier"@contoso.example', '550 5.1.1 User unknown')),
        ],
      },
    ],
  },
  find(facts) {
    const testers = testersIn(facts);
    const accepted = testers.filter(({ source }) => source.external !== null);
    return [...accepted.map(relayed), ...refusedAt(testers.filter(({ source }) => source.external === null))];
  },
};

interface Tester {
  readonly source: AuditedSource;
  /** Refused recipients outside, of senders outside. */
  readonly foreign: number;
  readonly senders: readonly string[];
  readonly forms: readonly RelayFormTry[];
  /** Where it tried most. */
  readonly server: string;
  readonly connector: string;
}

function testersIn({ sources, organisation, behaviours }: AuditFacts): Tester[] {
  const own = new AcceptedDomains(organisation.acceptedDomains ?? []);
  const forms = new Map<string, RelayFormTry[]>();
  for (const one of behaviours.relayForms) if (one.refused > 0) forms.set(one.source, [...(forms.get(one.source) ?? []), one]);
  return sources
    .filter(({ space }) => space === 'public')
    .flatMap((source) => {
      const tried = forms.get(source.source) ?? [];
      const senders = (source.refusedRelay?.senderDomains ?? []).filter(({ domain }) => domain !== '' && !own.find(domain));
      const foreign = senders.reduce((sum, one) => sum + one.count, 0);
      if (tried.length === 0 && foreign === 0) return [];
      // Whose mail is accepted for the inside is a mail server with a wrong address; a tester has nothing to say to anybody.
      const served = source.places.some(({ messagesAccepted }) => messagesAccepted > 0);
      if (served && tried.length < 2 && source.external === null) return [];
      const [place] = source.places;
      return place === undefined
        ? []
        : [
            {
              source,
              foreign,
              senders: senders.map(({ domain }) => domain),
              forms: tried,
              server: place.server,
              connector: place.connector,
            },
          ];
    });
}

function relayed(tester: Tester): Finding {
  const { source, senders, forms } = tester;
  const external = source.external!;
  const tries = (source.refusedRelay?.count ?? 0) + forms.reduce((sum, { refused }) => sum + refused, 0);
  return aboutClient(openRelayTest, source, tester, {
    severity: 'critical',
    what: `${clientName(source)} tried from the Internet what testers of open relays try, and got through: ${count(external.count, 'recipient')} outside accepted without a logon.`,
    cause: `It was refused before or after (${count(tries, 'recipient')}${senders.length > 0 ? `, in the name of ${enumerate(senders)}` : ''}), so it looks for a way; on some connector, or at some time, there is one.`,
    evidence: [
      ...exampleEvidence(external.examples, (example) => `accepted: ${envelopeNote(example)}`),
      ...exampleEvidence(source.refusedRelay?.examples ?? [], (example) => `refused: ${envelopeNote(example)}`),
      ...formEvidence(forms),
    ],
    remedy: [
      advice(
        `Find the connector that accepted it ("relaylens match ${source.source}"), and take the address, or all of the Internet, out of its remote IP ranges.`,
      ),
      advice(`Block ${source.source} on the firewall until that is done.`),
      advice('See in the queues what was sent, and ask the block lists whether your address is on them.'),
    ],
    confidence: { level: 'high', because: 'recipients outside were accepted from there without a logon' },
    seen: { count: external.count, firstSeen: external.first, lastSeen: external.last, lastSuccess: external.last },
  });
}

/** One finding a connector: there are too many such addresses for one each, and nothing is to be done about any of them. */
function refusedAt(testers: readonly Tester[]): Finding[] {
  const places = new Map<string, Tester[]>();
  for (const tester of testers) {
    const key = `${tester.server}\\${tester.connector}`.toLowerCase();
    places.set(key, [...(places.get(key) ?? []), tester]);
  }
  return [...places.values()].map((here) => {
    const [{ server, connector, source }] = here as [Tester];
    const foreign = here.reduce((sum, one) => sum + one.foreign, 0);
    const forms = here.flatMap((one) => one.forms);
    const odd = forms.reduce((sum, { refused }) => sum + refused, 0);
    const observation = {
      what: `${here.length === 1 ? clientName(source) : `${here.length.toLocaleString('en-US')} addresses of the Internet`} tried whether ${connector === '' ? server : `"${connector}"`} relays, and ${here.length === 1 ? 'was' : 'were'} refused: ${count(foreign, 'recipient')} from the outside to the outside${odd > 0 ? `, ${count(odd, 'recipient')} in forms that testers use (${enumerate(kindsOf(forms), 7)})` : ''}.`,
      cause: 'Nothing was accepted from there for the outside: the attempts were refused, and are no relay.',
      evidence: [
        ...here.slice(0, SHOWN).flatMap((one): Evidence[] => [
          ...exampleEvidence(
            one.source.refusedRelay?.examples.slice(0, 1) ?? [],
            (example) => `refused: ${envelopeNote(example)}`,
          ),
          {
            kind: 'count',
            note: `${one.source.source}: ${count(one.foreign, 'recipient')} refused${one.senders.length > 0 ? `, in the name of ${enumerate(one.senders)}` : ''}`,
          },
          ...formEvidence(one.forms),
        ]),
        ...(here.length > SHOWN ? [{ kind: 'more', count: here.length - SHOWN } as const] : []),
      ],
      remedy: [
        advice(
          'Nothing has to be done: it is refused as it should be. Where such tries come in great numbers, block them on the firewall.',
        ),
      ],
      confidence: { level: 'high', because: 'the server refused every one of them' },
    } as const;
    const seen = {
      count: foreign + odd,
      firstSeen: Math.min(...here.map((one) => one.source.first)),
      lastSeen: Math.max(...here.map((one) => one.source.last)),
      lastSuccess: null,
    };
    return here.length === 1
      ? aboutClient(openRelayTest, source, { server, connector }, { ...observation, seen })
      : { ...aboutServer(openRelayTest, server || null, observation), connector: connector || null, seen };
  });
}

const formEvidence = (forms: readonly RelayFormTry[]): Evidence[] =>
  forms.map(({ form, refused, recipient: last }) => ({
    kind: 'count',
    note: `${FORMS[form]}: ${count(refused, 'recipient')} refused, the last ${quotation(last)}`,
  }));

const kindsOf = (forms: readonly RelayFormTry[]): string[] => [...new Set(forms.map(({ form }) => FORMS[form]))];

const FORMS: Readonly<Record<RelayForm, string>> = {
  percent: 'user%outside@inside',
  bang: 'outside!user',
  quoted: '"user@outside"',
  'address-literal': 'user@[address]',
  'two-at': 'user@outside@inside',
  'source-route': '@inside:user@outside',
  localhost: 'user@localhost',
};
