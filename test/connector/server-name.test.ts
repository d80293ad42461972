import { describe, expect, it } from 'vitest';
import { nameOn, pairConnectors, plainName } from '../../src/connector/server-name.ts';

const on = (server: string, ...names: string[]) => names.map((name) => ({ server, name }));

describe('a name with its server in it', () => {
  it('is that of the other server there', () => {
    expect(nameOn({ server: 'EX01', name: 'Anon Relay ex01' }, 'EX02')).toBe('Anon Relay EX02');
    expect(nameOn({ server: 'EX1', name: 'Relay EX10' }, 'EX2')).toBe('Relay EX10');
    expect(nameOn({ server: 'EX01', name: 'Relay' }, 'EX02')).toBe('Relay');
  });

  it('takes the other name as it is', () => {
    expect(nameOn({ server: 'EX01', name: 'Relay EX01' }, '$&')).toBe('Relay $&');
  });

  it('can be left out', () => {
    expect(plainName({ server: 'EX01', name: 'EX01 Relay (EX01)' })).toBe('Relay');
    expect(plainName({ server: 'EX01', name: 'EX01-Relay [old]' })).toBe('Relay [old]');
    expect(plainName({ server: 'EX01', name: 'EX01' })).toBe('EX01');
  });
});

describe('pairs', () => {
  const pairs = (a: string[], b: string[]) =>
    pairConnectors(on('EX01', ...a), on('EX02', ...b)).map((pair) => [pair.a?.name, pair.b?.name]);

  it('are named alike, each with its own server', () => {
    expect(pairs(['Anon Relay EX01', 'Internet'], ['internet', 'anon relay ex02'])).toEqual([
      ['Anon Relay EX01', 'anon relay ex02'],
      ['Internet', 'internet'],
    ]);
  });

  it('may be copies with the old name', () => {
    expect(pairs(['Relay EX01'], ['Relay EX01'])).toEqual([['Relay EX01', 'Relay EX01']]);
  });

  it('may leave the server out on one side, where nothing fits better', () => {
    expect(pairs(['Relay EX01', 'Relay'], ['Relay'])).toEqual([
      ['Relay EX01', undefined],
      ['Relay', 'Relay'],
    ]);
    expect(pairs(['Relay EX01'], ['Relay'])).toEqual([['Relay EX01', 'Relay']]);
  });

  it('leave over what is on one side only', () => {
    expect(pairs(['A'], ['B'])).toEqual([
      ['A', undefined],
      [undefined, 'B'],
    ]);
  });
});
