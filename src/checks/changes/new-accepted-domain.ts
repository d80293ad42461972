/** Recipients that anybody may write to without the right to relay: more than in the baseline. */
import type { BaselineChange } from '../baseline-change.ts';
import { changeLog, exportWords, saveAgain } from '../evidence/compared.ts';
import { aboutServer, type Severity } from '../finding.ts';
import { ACCEPTED_DOMAINS, section } from '../references.ts';

const having = (...acceptedDomains: readonly string[]) => ({ sessions: [], configuration: { connectors: [], acceptedDomains } });
const unknown = { sessions: [], configuration: { connectors: [] } };

export const newAcceptedDomain: BaselineChange = {
  id: 'new-accepted-domain',
  title: 'New accepted domain',
  why: 'Mail to an accepted domain is taken from everybody, and for one that lies elsewhere it is sent on.',
  severity: 'medium',
  references: [ACCEPTED_DOMAINS, section('6')],
  falsePositives: ['The organisation has a new domain.'],
  examples: {
    fires: [
      {
        about: 'one that lies elsewhere',
        before: having('contoso.example'),
        now: having('contoso.example', 'fabrikam.example'),
        says: ['fabrikam.example', '"severity":"medium"', 'InternalRelay'],
      },
      {
        about: 'every domain there is',
        before: having('contoso.example'),
        now: having('contoso.example', '*'),
        says: ['"severity":"critical"', /open relay/],
      },
    ],
    silent: [
      { about: 'written in capitals', before: having('contoso.example'), now: having('CONTOSO.example') },
      { about: 'one is gone', before: having('contoso.example', 'fabrikam.example'), now: having('contoso.example') },
      { about: 'not known then', before: unknown, now: having('contoso.example') },
    ],
  },
  obstacle: ({ before, now }) =>
    now.acceptedDomains === null
      ? 'import the accepted domains (Get-AcceptedDomain)'
      : before.acceptedDomains === null
        ? 'the baseline was saved without accepted domains: save a new one'
        : undefined,
  find({ before, now }) {
    const then = new Map((before.acceptedDomains ?? []).map(({ domain, type }) => [domain, type]));
    return (now.acceptedDomains ?? [])
      .filter(({ domain, type }) => then.get(domain) !== type)
      .map(({ domain, type }) => {
        const was = then.get(domain);
        const severity: Severity = domain === '*' ? 'critical' : type === 'Authoritative' ? 'low' : 'medium';
        return aboutServer(newAcceptedDomain, null, {
          severity,
          what:
            was === undefined
              ? `The accepted domain ${domain} (${type}) is not in the baseline.`
              : `The accepted domain ${domain} is ${type} now, and was ${was} in the baseline.`,
          cause: `${
            domain === '*'
              ? 'It holds every domain there is: the whole organisation is an open relay by it.'
              : type === 'Authoritative'
                ? 'Mail to it is taken from everybody and delivered inside.'
                : 'Mail to it is taken from everybody, and sent on where no mailbox has the address.'
          } Compared with ${exportWords(before)}.`,
          evidence: [{ kind: 'accepted-domain', name: domain, domainName: domain, domainType: type }],
          remedy: [...changeLog(before), saveAgain],
          confidence: { level: 'high', because: 'both lists are whole' },
        });
      });
  },
};
