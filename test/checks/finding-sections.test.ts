/** Findings as they stand on a screen. */
import { describe, expect, it } from 'vitest';
import { type ConnectorSketch, organisationOf } from '../../src/checks/examples/example-organisation.ts';
import { runConfigurationChecks } from '../../src/checks/run-configuration-checks.ts';
import { renderText } from '../../src/render/text.ts';
import { findingSections } from '../../src/reports/finding-sections.ts';

function shown(connectors: readonly ConnectorSketch[], more: Parameters<typeof findingSections>[1] = {}): string {
  const { findings } = runConfigurationChecks(organisationOf({ connectors }));
  return renderText(
    { title: '', sections: findingSections(findings, more) },
    { zone: { name: 'UTC' }, width: 80, colour: false },
  );
}

const silent = (count: number): ConnectorSketch[] =>
  Array.from({ length: count }, (_, index) => ({
    id: `EX01\\C${10 + index}`,
    from: `10.0.0.${index}`,
    ProtocolLoggingLevel: 'None',
    Enabled: true,
  }));

describe('findings on a screen', () => {
  it('begin with how many there are', () => {
    expect(shown([...silent(1), { id: 'EX01\\Users', AuthMechanism: ['BasicAuth', 'Tls'] }])).toMatch(
      /^Findings: 1 high, 1 medium\n/,
    );
  });

  it('say that there is none', () => {
    expect(shown([], { none: 'Nothing was found by 32 checks.' })).toBe('Findings: none\n\nNothing was found by 32 checks.\n');
  });

  it('name severity and connector, and say what, why, on which evidence, how surely, and what to do', () => {
    expect(shown(silent(1))).toBe(`Findings: 1 medium

MEDIUM  Protocol logging switched off: EX01\\C10

Sessions on "EX01\\C10" are not logged.
A connector that somebody creates does not log, unless it is switched on.

Evidence  EX01\\C10: ProtocolLoggingLevel None
Sure      high: the exported properties say so

Set-ReceiveConnector -Identity "EX01\\C10" -ProtocolLoggingLevel Verbose
`);
  });

  it('fit into 80 columns, save the commands, which stand in one line each', () => {
    const text = shown([
      {
        id: `EX01\\${'Scanner and multifunction devices '.repeat(3)}`,
        from: Array.from({ length: 40 }, (_, i) => `10.${i}.0.0/16`).join(' '),
        PermissionGroups: ['AnonymousUsers', 'Custom'],
      },
    ]);
    const lines = text.split('\n');
    const commands = lines.filter((line) => /^(Get|Set)-/.test(line));
    expect(commands.some((line) => line.length > 200)).toBe(true);
    for (const line of lines)
      if (!commands.includes(line) && !/^[A-Z]+ {2}/.test(line)) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('of one kind stand together, the cause once, the many only counted', () => {
    const text = shown(silent(13), { limit: 2 });
    expect(text.match(/unless it is switched on/g)).toHaveLength(1);
    expect(text.match(/^Set-ReceiveConnector/gm)).toHaveLength(2);
    expect(text).toContain('Protocol logging switched off: 13 times');
    expect(text).toContain('And 11 more of this kind: EX01\\C12, EX01\\C13');
  });

  it('let no control character of a name through', () => {
    const text = shown([{ id: 'EX01\\A\u001b[31m\u202e\nB', ProtocolLoggingLevel: 'None' }]);
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u);
  });

  it('are followed by the checks that could not be run', () => {
    expect(shown([], { broken: [{ check: 'odd', title: 'Odd', message: 'no such thing' }] })).toContain('odd    no such thing');
  });
});
