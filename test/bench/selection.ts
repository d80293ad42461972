/** How long a selection takes with 1,000 connectors of 1,000 ranges each: the table, then one answer. */
import { parseBinding } from '../../src/connector/binding.ts';
import type { ReceiveConnector } from '../../src/connector/connector.ts';
import { parseRemoteRange } from '../../src/connector/remote-range.ts';
import { SelectionTable } from '../../src/connector/selection.ts';
import { parseAddress } from '../../src/net/address-range.ts';

const MANY = 1000;
const QUESTIONS = 1_000_000;

/** Ranges that lie beside each other, each with its neighbour's end within it. */
function connectors(): ReceiveConnector[] {
  return Array.from({ length: MANY }, (_, one) => ({
    server: 'EX01',
    name: `Connector ${one}`,
    bindings: [parseBinding('0.0.0.0:25')!],
    remoteIPRanges: Array.from({ length: MANY }, (_range, index) => {
      const net = one * MANY + index;
      const base = `${10 + (net >> 16)}.${(net >> 8) & 255}.${net & 255}.`;
      return parseRemoteRange(`${base}${one % 50}-${base}${50 + (one % 200)}`)!;
    }),
    properties: { TransportRole: 'FrontendTransport' as const },
    others: {},
  }));
}

export function selectionSpeed(): { tableSeconds: number; answerMicroseconds: number } {
  const all = connectors();
  const local = { address: parseAddress('10.0.0.1')!, port: 25 };
  let started = performance.now();
  const table = new SelectionTable(all, 'FrontendTransport');
  table.select(local, parseAddress('11.2.3.60')!);
  const tableSeconds = (performance.now() - started) / 1000;
  const clients = Array.from(
    { length: MANY },
    (_, index) => parseAddress(`${10 + (index % 15)}.${index % 256}.${index % 250}.60`)!,
  );
  started = performance.now();
  let found = 0;
  for (let i = 0; i < QUESTIONS; i++) if (table.select(local, clients[i % MANY]!)) found++;
  if (found === 0) throw new Error('no client was taken: the question is wrong');
  return { tableSeconds, answerMicroseconds: ((performance.now() - started) * 1000) / QUESTIONS };
}
