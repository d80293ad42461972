/** A17: a disabled connector takes nobody, and stands in the way of others all the same. */
import { formatBinding } from '../../connector/binding.ts';
import { identityOf, isDefaultConnector, isEnabled, type ReceiveConnector } from '../../connector/connector.ts';
import type { Organisation } from '../../connector/organisation.ts';
import { literal } from '../../powershell/quoting.ts';
import type { ConfigurationCheck } from '../configuration-check.ts';
import { rangeEvidence } from '../evidence/range-evidence.ts';
import { aboutConnector, propertyEvidence, type Remedy } from '../finding.ts';
import { section } from '../references.ts';
import { advice, powershell, setConnector, showRights } from '../remedies/commands.ts';
import { relaysPerhaps } from '../remedies/safe-change.ts';
import { enumerate } from '../words/enumeration.ts';

export const disabledBlocker: ConfigurationCheck = {
  id: 'disabled-blocker',
  title: 'Disabled connector',
  why: 'New-ReceiveConnector compares with disabled connectors too: one with the same or crossing ranges is refused, and the error names a connector that nobody thinks of.',
  severity: 'info',
  references: [section('2.5'), section('5.5 (A17)')],
  examples: {
    fires: [{ connectors: [{ id: 'EX01\\Old', from: '10.0.0.1', Enabled: false }] }],
    silent: [
      {
        connectors: [
          { id: 'EX01\\New', from: '10.0.0.1', Enabled: true },
          { id: 'EX01\\Unknown', from: '10.0.0.2' },
        ],
      },
    ],
  },
  find: (organisation) =>
    organisation.servers
      .flatMap(({ connectors }) => connectors)
      .filter((connector) => !isEnabled(connector))
      .map((connector) => {
        const places = enumerate(connector.bindings.map(formatBinding));
        return aboutConnector(disabledBlocker, connector, {
          what: `"${identityOf(connector)}" is disabled: it takes no client, and no other connector may have its ranges at ${places}.`,
          cause: isDefaultConnector(connector)
            ? 'It is one of those that Exchange makes itself. Its clients land on other connectors of the port, or are sent away with 421 4.3.2.'
            : `Its clients (${enumerate(connector.remoteIPRanges.map(({ text }) => text))}) land on other connectors of the port, or are sent away with 421 4.3.2. A connector for them is refused while this one exists.`,
          evidence: [...propertyEvidence(connector, 'Enabled'), ...rangeEvidence(connector, connector.remoteIPRanges)],
          remedy: isDefaultConnector(connector)
            ? enabling(organisation, connector)
            : [
                advice('If nobody needs it any more (keep its properties first: Get-ReceiveConnector | Export-Clixml):'),
                powershell(`Remove-ReceiveConnector -Identity ${literal(identityOf(connector))}`),
                advice('If its clients are missing:'),
                ...enabling(organisation, connector),
              ],
          confidence: { level: 'high', because: 'Enabled is False' },
        });
      }),
};

/** A relay is not opened by a command that somebody pastes. */
function enabling(organisation: Organisation, connector: ReceiveConnector): Remedy[] {
  return relaysPerhaps(organisation, connector)
    ? [
        advice(
          'Enabled, it lets its clients send to any domain without authentication. See its rights before anybody enables it:',
        ),
        showRights(connector),
      ]
    : [setConnector(connector, { Enabled: true })];
}
