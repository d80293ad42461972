/** The files under fixtures/configuration/exports/ are what their generator makes, and are what the organisation has. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { configurationFiles } from '../../fixtures/configuration/configuration-files.ts';
import { contosoConnectors, contosoDomains, contosoRights } from '../../fixtures/configuration/contoso.ts';
import { exportCommands } from '../../src/configuration/export-commands.ts';
import { PROPERTY_NAMES } from '../../src/connector/properties.ts';
import { read } from './reading.ts';

const FOLDER = new URL('../../fixtures/configuration/exports/', import.meta.url);
const OUT_OF_DATE = 'fixtures/configuration/exports is not what its generator makes: run npx tsx fixtures/configuration/make.ts';
const made = configurationFiles();

it('there is a file for everything that the generator makes, and none besides', () => {
  const files = readdirSync(FOLDER);
  expect(files.sort(), OUT_OF_DATE).toEqual(Object.keys(made).sort());
});

it.each(Object.keys(made))('%s holds byte for byte what the generator makes', (name) => {
  expect(readFileSync(new URL(name, FOLDER), 'utf8'), OUT_OF_DATE).toBe(made[name]);
});

it('the files say what the organisation is', () => {
  const readings = Object.values(made).map((text) => read(text));
  expect(readings.flatMap(({ problems }) => problems)).toEqual([]);
  expect(readings.flatMap(({ connectors }) => connectors)).toEqual(
    contosoConnectors().map((record) => ({ ...record, others: {} })),
  );
  expect(readings.flatMap(({ rights }) => rights)).toEqual(contosoRights());
  expect(readings.flatMap(({ acceptedDomains }) => acceptedDomains)).toEqual(contosoDomains());
  expect(readings.flatMap(({ devices }) => devices).map(({ match }) => match)).toContain('cam-lobby');
});

it('the lines for the export name every property, in three pipelines to three files', () => {
  const lines = exportCommands();
  const text = lines.join('\n');
  for (const name of ['Bindings', 'RemoteIPRanges', ...PROPERTY_NAMES]) expect(text).toContain(`'${name}'`);
  expect([...text.matchAll(/Set-Content (\S+) -Encoding UTF8/g)].map(([, file]) => file)).toEqual(
    Object.keys(made)
      .filter((name) => name.endsWith('.json'))
      .sort((a, b) => text.indexOf(a) - text.indexOf(b)),
  );
  expect(text.split("'").length % 2).toBe(1);
  for (const [open, close] of ['{}', '()', '[]']) expect(text.split(open!).length).toBe(text.split(close!).length);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(160);
});
