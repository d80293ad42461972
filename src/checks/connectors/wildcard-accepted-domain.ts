/** A3: an accepted domain that accepts everything. */
import { literal } from '../../powershell/quoting.ts';
import type { ConfigurationCheck } from '../configuration-check.ts';
import { aboutServer } from '../finding.ts';
import { ACCEPTED_DOMAINS, section } from '../references.ts';
import { advice, powershell } from '../remedies/commands.ts';

export const wildcardAcceptedDomain: ConfigurationCheck = {
  id: 'wildcard-accepted-domain',
  title: 'Every domain is an accepted domain',
  why: 'Recipients in accepted domains need no right to relay: where every domain is one, every connector that takes anonymous mail relays.',
  severity: 'critical',
  references: [ACCEPTED_DOMAINS, section('5.5 (A3)'), section('6')],
  examples: {
    fires: [{ connectors: [], acceptedDomains: ['contoso.com', '*'] }],
    silent: [{ connectors: [], acceptedDomains: ['contoso.com', '*.contoso.com'] }, { connectors: [] }],
  },
  find: ({ acceptedDomains }) =>
    (acceptedDomains ?? [])
      .filter(({ domainName }) => domainName.trim() === '*')
      .map(({ name, domainName, domainType, isDefault }) =>
        aboutServer(wildcardAcceptedDomain, null, {
          what: `The accepted domain "${name}" is *, so that every recipient of every domain is accepted from anybody.`,
          cause:
            'The check for the right to relay passes where the recipient lies in an accepted domain of any type, and * holds them all. The cmdlet only warns.',
          evidence: [{ kind: 'accepted-domain', name, domainName, domainType }],
          remedy: [
            ...(isDefault
              ? [advice('It is the default domain: first make another one the default (Set-AcceptedDomain -MakeDefault $true).')]
              : []),
            // As identity the asterisk could be read as a pattern, which every accepted domain matches.
            powershell(
              `Get-AcceptedDomain | Where-Object { $_.DomainName.ToString() -eq ${literal(domainName.trim())} } | Remove-AcceptedDomain`,
            ),
          ],
          confidence: { level: 'high', because: 'the accepted domains were imported' },
        }),
      ),
};
