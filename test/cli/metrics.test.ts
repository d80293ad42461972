/** `metrics`: figures derived from the stories of the organisation, in a text that Prometheus reads. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { renderPrometheus } from '../../src/render/prometheus.ts';
import { databaseOf } from './console.ts';

const ask = databaseOf();

/** Name and labels → value. */
function samples(text: string): Map<string, number> {
  return new Map(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => {
        const place = line.lastIndexOf(' ');
        return [line.slice(0, place), Number(line.slice(place + 1))];
      }),
  );
}

it('counts what the stories tell', async () => {
  const { code, out, err } = await ask('metrics');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  for (const line of out.trim().split('\n')) expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+(\{.*\})? [\d.e+-]+)$/);
  const said = samples(out);
  // MFP-01 three times, the ERP's two sessions of three messages, the batch job's two.
  expect(said.get('relaylens_messages_accepted_total{server="EX01",connector="EX01\\\\Anon Relay EX01"}')).toBe(3 + 6 + 2);
  expect(said.get('relaylens_messages_refused_total{server="EX01",connector="EX01\\\\Default Frontend EX01"}')).toBe(3);
  expect(said.get('relaylens_refusals_total{server="EX02",cause="relay-denied"}')).toBe(1);
  expect(said.get('relaylens_refusals_total{server="EX01",cause="authentication-failed"}')).toBe(2);
  expect(said.get('relaylens_refusals_total{server="EX01",cause="message-too-large"}')).toBe(1);
  expect(said.get('relaylens_sessions_total{server="EX01",outcome="turned-away"}')).toBe(1);
  expect(said.get('relaylens_failing_clients')).toBe(9);
  expect(said.get('relaylens_log_end_timestamp_seconds{server="EX02",service="FrontEnd",direction="receive"}')).toBeGreaterThan(
    1.79e9,
  );
});

it('writes a file at once, and says what it is in JSON', async () => {
  const path = ask.path('relaylens.prom');
  expect(await ask('metrics', '--out', path)).toMatchObject({ code: 0, out: '' });
  expect(readFileSync(path, 'utf8')).toBe((await ask('metrics')).out);
  const { metrics } = await ask.json('metrics');
  expect(metrics[0]).toMatchObject({ name: 'relaylens_messages_accepted_total', type: 'counter' });
  expect(await ask('metrics', '--out', '/nowhere/at/all')).toMatchObject({
    code: 2,
    err: expect.stringContaining('cannot be written'),
  });
});

it('keeps hostile names inside their labels', () => {
  const text = renderPrometheus([
    { name: 'x_total', help: 'a\nb', type: 'counter', samples: [{ labels: { connector: 'a"b\\c\nd\u0007' }, value: 1 }] },
  ]);
  expect(text).toBe('# HELP x_total a\\nb\n# TYPE x_total counter\nx_total{connector="a\\"b\\\\c\\nd␣"} 1\n');
});
