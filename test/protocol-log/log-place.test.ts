import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placeOf } from '../../src/protocol-log/log-place.ts';

const seriesOf = (name: string) => placeOf(`logs/${name}`).series;
const inOrder = (names: readonly string[]) => [...names].sort((a, b) => (seriesOf(a) < seriesOf(b) ? -1 : 1));

describe('the place of a log', () => {
  it('tells the direction from the name', () => {
    expect(placeOf('x/RECV2026110208-1.LOG').direction).toBe('receive');
    expect(placeOf('x/SEND20261102-12.LOG').direction).toBe('send');
    expect(placeOf('x/recv20261102-1.log').direction).toBe('receive');
    expect(placeOf('x/RECV2026110208-1.LOG.gz').direction).toBe('receive');
  });

  it('tells the direction from the folder when the name does not', () => {
    expect(placeOf('EX01/Hub/ProtocolLog/SmtpSend/copy of monday.txt').direction).toBe('send');
    expect(placeOf('EX01/hub/protocollog/smtpreceive/1.log').direction).toBe('receive');
    expect(placeOf('EX01/monday.txt').direction).toBeUndefined();
  });

  it('believes the name before the folder', () => {
    expect(placeOf('EX01/SmtpSend/RECV2026110208-1.LOG').direction).toBe('receive');
  });

  it.each([
    ['FrontEnd\\ProtocolLog\\SmtpReceive', 'FrontEnd', 'receive'],
    ['Hub\\ProtocolLog\\SmtpSend', 'Hub', 'send'],
    ['Edge\\ProtocolLog\\SmtpReceive', 'Edge', 'receive'],
    ['Mailbox\\ProtocolLog\\SmtpReceive\\Delivery', 'Mailbox', 'receive'],
    ['Mailbox\\ProtocolLog\\SmtpSend\\Submission', 'Mailbox', 'send'],
  ] as const)('tells service and direction from %s', (folder, service, direction) => {
    expect(placeOf(`D:\\logs\\EX01\\TransportRoles\\Logs\\${folder}\\1.LOG`)).toMatchObject({
      service,
      direction,
      tree: 'D:/logs/EX01',
    });
  });

  it('has no service in the folders of 2007 and 2010', () => {
    expect(placeOf('EX01/TransportRoles/Logs/ProtocolLog/SmtpReceive/RECV20101102-1.LOG')).toMatchObject({
      service: undefined,
      tree: 'EX01',
    });
  });

  it("takes no folder above the product's own for one of them", () => {
    expect(placeOf('/data/Hub/2026/SmtpReceive/RECV2026110208-1.LOG')).toMatchObject({
      service: undefined,
      tree: '/data/Hub/2026',
    });
    expect(placeOf('/edge/EX01/RECV2026110208-1.LOG')).toMatchObject({ service: undefined, tree: '/edge/EX01' });
  });

  it('gives the logs of one server one tree, whatever their service and separator', () => {
    const trees = ['logs/EX01/FrontEnd/ProtocolLog/SmtpReceive/1.LOG', 'logs\\EX01\\Hub\\ProtocolLog\\SmtpSend\\1.LOG'].map(
      (path) => placeOf(path).tree,
    );
    expect(trees).toEqual(['logs/EX01', 'logs/EX01']);
  });

  it('needs no folder', () => {
    expect(placeOf('RECV2026110208-1.LOG')).toMatchObject({ direction: 'receive', service: undefined, tree: '' });
    expect(placeOf('')).toMatchObject({ direction: undefined, tree: '' });
  });
});

describe('the series of a log', () => {
  it('counts instances as numbers: -10 comes after -2', () => {
    expect(inOrder(['RECV20261102-10.LOG', 'RECV20261102-2.LOG', 'RECV20261102-1.LOG'])).toEqual([
      'RECV20261102-1.LOG',
      'RECV20261102-2.LOG',
      'RECV20261102-10.LOG',
    ]);
  });

  it('puts the hour before the instance', () => {
    expect(inOrder(['RECV2026110210-1.LOG', 'RECV2026110209-2.LOG', 'RECV2026110209-11.LOG'])).toEqual([
      'RECV2026110209-2.LOG',
      'RECV2026110209-11.LOG',
      'RECV2026110210-1.LOG',
    ]);
  });

  it('runs as day, hour and instance do', () => {
    const name = fc.record({
      day: fc.integer({ min: 10, max: 28 }),
      hour: fc.integer({ min: 10, max: 23 }),
      instance: fc.nat({ max: 99_999 }),
    });
    const written = ({ day, hour, instance }: { day: number; hour: number; instance: number }) =>
      `SEND202611${day}${hour}-${instance}.LOG`;
    fc.assert(
      fc.property(name, name, (a, b) => {
        const expected = Math.sign(a.day - b.day || a.hour - b.hour || a.instance - b.instance);
        const [x, y] = [seriesOf(written(a)), seriesOf(written(b))];
        expect(x < y ? -1 : x > y ? 1 : 0).toBe(expected);
      }),
    );
  });
});
