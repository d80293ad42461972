/** A partner server has to prove by certificate who it is, and does not, or not well enough. */
import { literal } from '../../powershell/quoting.ts';
import type { SessionDiagnosis } from '../diagnosis.ts';
import { rowAt } from '../evidence/row-evidence.ts';
import { delivered, greeted, QUIT, secured, tarpitted } from '../examples/example-sessions.ts';
import { replySection, section } from '../references.ts';
import { advice, powershell } from '../remedies/commands.ts';
import { showConnector } from '../remedies/permission-group-change.ts';

const PARTNER = { from: '203.0.113.9' };
const opened = `${greeted('mail.fabrikam.example')}\n${secured('mail.fabrikam.example')}`;

export const clientCertificateRefused: SessionDiagnosis = {
  kind: 'session',
  id: 'client-certificate-refused',
  title: 'The certificate of a partner server is not accepted',
  why: 'Mail of a domain with domain security, or with TLS capabilities of its own, is taken only from a server with a valid certificate for it.',
  severity: 'high',
  references: [replySection('C4'), section('7.5')],
  signs: ['client-certificate-invalid', 'secure-domain-disallowed', 'secure-domain-unauthenticated'],
  examples: {
    fires: [
      {
        about: 'a certificate that is not trusted',
        sessions: [
          {
            ...PARTNER,
            rows: `${greeted('mail.fabrikam.example')}\n< STARTTLS\n> 220 2.0.0 SMTP server ready\n* {certificate}\n* {tls 1_2}\n< EHLO mail.fabrikam.example\n* | Client certificate chain validation status: 'UntrustedRoot'\n> 454 4.7.5 Certificate validation failure\n- | Local`,
          },
        ],
        says: ['UntrustedRoot', /203\.0\.113\.9/],
      },
      {
        about: 'a secured domain without a certificate',
        sessions: [
          {
            ...PARTNER,
            rows: `${opened}\n< MAIL FROM:<order@fabrikam.example>\n${tarpitted('530 5.7.1 Not authenticated')}\n${QUIT}`,
          },
        ],
        says: ['fabrikam.example', 'Set-TransportConfig -TLSReceiveDomainSecureList @{Remove="fabrikam.example"}'],
      },
    ],
    silent: [
      {
        about: 'no certificate is shown and none is wanted',
        sessions: [
          { rows: `${opened}\n* | Client certificate chain validation status: 'EmptyCertificate'\n${delivered()}\n${QUIT}` },
        ],
      },
      {
        about: 'the server did not take anonymous mail',
        sessions: [
          {
            rows: `${opened}\n< MAIL FROM:<order@fabrikam.example>\n${tarpitted('530 5.7.57 SMTP; Client was not authenticated to send anonymous mail during MAIL FROM')}\n- | Local`,
          },
        ],
      },
    ],
  },
  diagnose({ sign }, { session }) {
    if (session.direction === 'send' || sign.kind !== 'refusal') return undefined;
    const id = sign.found?.entry.id;
    const index = session.events.findIndex(({ context }) => context.startsWith('Client certificate chain validation status'));
    const status = /'([^']*)'/.exec(session.events[index]?.context ?? '')?.[1];
    const none = status === 'EmptyCertificate' || session.tls === 'none';
    const domain = sign.sender?.split('@')[1];
    const whose = domain ? `Mail of ${domain}` : `Mail of ${session.helo ?? session.source ?? 'this server'}`;
    const shown = status === undefined || none ? '' : ` Its certificate was judged "${status}".`;
    return {
      cause:
        id === 'secure-domain-disallowed'
          ? `${whose} has to come authenticated by certificate, and is switched off for the time being.`
          : `${whose} is taken only from a server that proves by certificate who it is. ${session.source ?? 'The client'} ${none ? `showed none${session.tls === 'none' ? ', and did not start TLS' : ''}` : 'did not do so'}.${shown}`,
      evidence: index < 0 ? [] : rowAt(session, index),
      remedy: [
        powershell('Get-TransportConfig | Format-List TLSReceiveDomainSecureList, TLSSendDomainSecureList'),
        ...showConnector(session, 'DomainSecureEnabled', 'TlsDomainCapabilities'),
        advice(
          `The other side has to send with a valid certificate for its domain, from an issuer that this server trusts${status && !none ? ` (now: ${status})` : ''}.`,
        ),
        ...(domain
          ? [
              advice(
                'If this domain is not to be secured, take it out of the list. Given up by that: mail in its name is then taken from anybody:',
              ),
              powershell(`Set-TransportConfig -TLSReceiveDomainSecureList @{Remove=${literal(domain)}}`),
            ]
          : []),
      ],
      confidence: { level: 'high', because: status ? 'reply and validation status say so' : 'the reply says so' },
    };
  },
};
