/** Passwords can be guessed on one connection without end. */
import { identityOf } from '../../connector/connector.ts';
import type { ConfigurationCheck } from '../configuration-check.ts';
import { aboutConnector, propertyEvidence, STATED } from '../finding.ts';
import { publicRanges } from '../ranges/address-space.ts';
import { liveRanges } from '../ranges/live-ranges.ts';
import { enabledConnectors } from '../ranges/relay-connectors.ts';
import { section } from '../references.ts';
import { setConnector } from '../remedies/commands.ts';

export const unlimitedLogonFailures: ConfigurationCheck = {
  id: 'unlimited-logon-failures',
  title: 'No end to failed logons',
  why: 'A client that guesses passwords is not sent away after some failures, as it is by default.',
  severity: 'low',
  references: [section('1.1'), section('7.4')],
  examples: {
    fires: [
      { connectors: [{ id: 'EX01\\Users', from: '10.0.0.0/8', AuthMechanism: ['Tls', 'Integrated'], MaxLogonFailures: 0 }] },
    ],
    silent: [
      {
        connectors: [
          { id: 'EX01\\Users', AuthMechanism: ['Tls', 'Integrated'], MaxLogonFailures: 1 },
          { id: 'EX01\\Relay', AuthMechanism: ['Tls'], MaxLogonFailures: 0 },
          { id: 'EX01\\Unknown', AuthMechanism: ['BasicAuth'] },
        ],
      },
    ],
  },
  find: (organisation) =>
    enabledConnectors(organisation)
      .filter(
        ({ properties }) =>
          properties.MaxLogonFailures === 0 &&
          (properties.AuthMechanism?.includes('BasicAuth') || properties.AuthMechanism?.includes('Integrated')),
      )
      .map((connector) =>
        aboutConnector(unlimitedLogonFailures, connector, {
          severity: publicRanges(liveRanges(connector)).length > 0 ? 'medium' : 'low',
          what: `"${identityOf(connector)}" never closes a connection because of failed logons.`,
          cause: 'MaxLogonFailures 0 means without end; by default a connection is closed after the third failure.',
          evidence: propertyEvidence(connector, 'MaxLogonFailures', 'AuthMechanism'),
          remedy: [setConnector(connector, { MaxLogonFailures: 3 })],
          confidence: STATED,
        }),
      ),
};
