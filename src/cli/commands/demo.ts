/** `demo`: relay, devices, logs, overview, on one command and without Exchange. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { recordOf } from '../../configuration/record.ts';
import { demonstrate } from '../../demo/demo.ts';
import { DEVICES } from '../../demo/devices.ts';
import { ingest } from '../../ingest/ingest.ts';
import { overviewFacts } from '../../queries/overview.ts';
import type { RelaySettings } from '../../relay/settings/relay-settings.ts';
import { printable } from '../../render/printable.ts';
import { verdictJson } from '../../reports/diagnosis.ts';
import { overviewDocument, worstSources } from '../../reports/overview.ts';
import { type StoredConfiguration, storeConfigurations } from '../../store/configuration-store.ts';
import { openDatabase, openForReading } from '../../store/database.ts';
import { runLines } from '../ingest-page.ts';
import type { Io } from '../io.ts';
import { type CommonOptions, withOutputOptions, zoneOf } from '../options.ts';
import { print } from '../output.ts';
import { verdictsOnClients } from './diagnosis.ts';

export function registerDemo(program: Command, io: Io): void {
  withOutputOptions(program.command('demo'))
    .description('a relay and a dozen devices on this machine, then what their logs tell; needs no Exchange')
    .argument('[folder]', 'where all of it stays to be looked at', 'relaylens-demo')
    .action(async (folder: string, options: CommonOptions) => {
      for (const { name, address, does } of DEVICES) io.err(`${`${name} (${address})`.padEnd(28)} ${does}\n`);
      io.err('They need some fifteen seconds: the server keeps whoever errs waiting.\n\n');
      const { settings, logs } = await demonstrate(resolve(folder), (line) => io.err(`relaylens: ${printable(line)}\n`));
      const database = `${folder}/relaylens.db`;
      const writing = openDatabase(database);
      try {
        storeConfigurations(writing, configurationOf(settings, io.now(), folder));
        const run = runLines(await ingest(writing, [logs]));
        const db = openForReading(database);
        const facts = overviewFacts(db);
        const verdicts = verdictsOnClients(db, worstSources(facts.sources));
        db.close();
        print(io, options, {
          json: { folder, database, ...facts, ...verdictJson(verdicts) },
          document: () => overviewDocument({ database, zone: zoneOf(options).name, run, verdicts, ...facts }),
        });
        if (options.format === 'text')
          io.out(
            `\nLook further: relaylens diagnose 10.0.20.12 --db ${database}\n              relaylens match 10.0.20.12 --db ${database}\nThe logs, the mail and the configuration of the relay are in ${folder}.\n`,
          );
      } finally {
        writing.close();
      }
    });
}

/** What the relay was told, as an import would have it; the devices have the names that they are shown by here. */
function configurationOf({ servers }: RelaySettings, now: number, folder: string): StoredConfiguration[] {
  const part = (kind: StoredConfiguration['kind'], scope: string, content: unknown): StoredConfiguration => ({
    kind,
    scope,
    asOf: now - 60_000,
    importedAt: now,
    file: `${folder}/relay.json`,
    content: JSON.stringify(content),
  });
  return [
    ...servers.flatMap(({ server, connectors, rights, acceptedDomains }) => [
      part('connectors', server, connectors.map(recordOf)),
      ...connectors.flatMap(({ name }) => {
        const entries = rights.get(`${server}\\${name}`.toLowerCase());
        return entries ? [part('rights', `${server}\\${name}`, { server, connector: name, entries })] : [];
      }),
      part('accepted-domains', '', acceptedDomains),
    ]),
    part(
      'devices',
      '',
      DEVICES.map(({ name, address }) => ({ match: address, name, owner: null, site: null, note: null })),
    ),
  ];
}
