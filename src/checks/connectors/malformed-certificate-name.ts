/** A16, as far as the configuration decides: a certificate is named in a form that names none. */
import { identityOf } from '../../connector/connector.ts';
import type { ConfigurationCheck } from '../configuration-check.ts';
import { aboutConnector, propertyEvidence } from '../finding.ts';
import { enabledConnectors } from '../ranges/relay-connectors.ts';
import { SET_CONNECTOR, section } from '../references.ts';
import { advice, setConnector } from '../remedies/commands.ts';

export const malformedCertificateName: ConfigurationCheck = {
  id: 'malformed-certificate-name',
  title: 'TlsCertificateName that names no certificate',
  why: 'The certificate is looked up by this name first: where none is found, STARTTLS is not offered, or with another certificate.',
  severity: 'medium',
  references: [SET_CONNECTOR, section('1.1'), section('5.5 (A16)')],
  examples: {
    fires: [{ connectors: [{ id: 'EX01\\Relay', TlsCertificateName: 'mail.contoso.com' }] }],
    silent: [
      {
        connectors: [
          { id: 'EX01\\Relay', TlsCertificateName: '<I>CN=Contoso CA, DC=contoso<S>CN=mail.contoso.com' },
          { id: 'EX01\\By name', Fqdn: 'mail.contoso.com', TlsCertificateName: '' },
        ],
      },
    ],
  },
  find: (organisation) =>
    enabledConnectors(organisation)
      .filter(({ properties }) => properties.TlsCertificateName && !/^<I>.+<S>.+$/is.test(properties.TlsCertificateName.trim()))
      .map((connector) =>
        aboutConnector(malformedCertificateName, connector, {
          what: `The TlsCertificateName of "${identityOf(connector)}" is not of the form <I>issuer<S>subject.`,
          cause:
            'A certificate is named by its issuer and its subject together; a host name or a thumbprint in their place finds none.',
          evidence: propertyEvidence(connector, 'TlsCertificateName', 'Fqdn'),
          remedy: [
            advice(
              'Put the certificate\'s name there ("<I>$($c.Issuer)<S>$($c.Subject)", with $c from Get-ExchangeCertificate), or take it away, so that the certificate is found by Fqdn:',
            ),
            setConnector(connector, { TlsCertificateName: null }),
          ],
          confidence: {
            level: 'medium',
            because: 'the form is wrong, but which certificate Exchange takes then is not in the export',
          },
        }),
      ),
};
