import { describe, expect, it } from 'vitest';
import { FIELDS } from '../../src/protocol-log/fields.ts';
import { directionOfLogType, parseFields, parseHeaderLine } from '../../src/protocol-log/header.ts';

const USUAL = 'date-time,connector-id,session-id,sequence-number,local-endpoint,remote-endpoint,event,data,context';

describe('a header line', () => {
  it('is a name and a value', () => {
    expect(parseHeaderLine('#Software: Microsoft Exchange Server')).toEqual({
      name: 'Software',
      value: 'Microsoft Exchange Server',
    });
    expect(parseHeaderLine('#Version: 15.0.0.0')).toEqual({ name: 'Version', value: '15.0.0.0' });
    expect(parseHeaderLine('#Date: 2023-01-11T16:00:04.113Z')).toEqual({ name: 'Date', value: '2023-01-11T16:00:04.113Z' });
    expect(parseHeaderLine(`#Fields: ${USUAL}`)).toEqual({ name: 'Fields', value: USUAL });
  });

  it('is the same as the product writes it and as its documentation does', () => {
    expect(parseHeaderLine('#Log-Type: SMTP Send Protocol Log')).toEqual(parseHeaderLine('#Log-type: SMTP Send Protocol Log'));
  });

  it('may stand behind a byte order mark, decoded or not', () => {
    expect(parseHeaderLine('\uFEFF#Version: 15.0.0.0')?.name).toBe('Version');
    expect(parseHeaderLine('\u00EF\u00BB\u00BF#Version: 15.0.0.0')?.name).toBe('Version');
  });

  it('may have lost its # or got quotes and spaces on the way', () => {
    expect(parseHeaderLine('Version: 15.0.0.0')).toEqual({ name: 'Version', value: '15.0.0.0' });
    expect(parseHeaderLine('"#Version: 15.0.0.0"')).toEqual({ name: 'Version', value: '15.0.0.0' });
    expect(parseHeaderLine(' # Version: 15.0.0.0  ')).toEqual({ name: 'Version', value: '15.0.0.0' });
  });

  it('is none of the names we know otherwise', () => {
    for (const text of ['', '#', '#Comment: x', 'Softwares: x', 'a #Version: 15.0.0.0', '2026-11-02T08:02:00.000Z,Date: x'])
      expect(parseHeaderLine(text), text).toBeUndefined();
  });
});

describe('the type of a log', () => {
  it('gives the direction of ours', () => {
    expect(directionOfLogType('SMTP Receive Protocol Log')).toBe('receive');
    expect(directionOfLogType('SMTP Send Protocol Log')).toBe('send');
    expect(directionOfLogType('smtp send protocol log')).toBe('send');
  });

  it('gives none for another log', () => {
    for (const type of ['', 'POP3 Log', 'Message Tracking Log', 'SMTP Receive Protocol Log 2'])
      expect(directionOfLogType(type)).toBeUndefined();
  });
});

describe('the fields of a log', () => {
  it('stand in the usual order', () => {
    expect(parseFields(USUAL)).toEqual({ kind: 'usual' });
    expect(FIELDS.map((field) => field.name).join(',')).toBe(USUAL);
  });

  it('are the usual ones with spaces or capitals too', () => {
    expect(parseFields(USUAL.replaceAll(',', ', '))).toEqual({ kind: 'usual' });
    expect(parseFields(USUAL.toUpperCase())).toEqual({ kind: 'usual' });
  });

  it('may stand in another order', () => {
    const reversed = USUAL.split(',').reverse().join(',');
    expect(parseFields(reversed)).toEqual({ kind: 'reordered', order: { column: [8, 7, 6, 5, 4, 3, 2, 1, 0], count: 9 } });
  });

  it('may have more columns between them', () => {
    expect(parseFields(`server,${USUAL},note`)).toEqual({
      kind: 'reordered',
      order: { column: [1, 2, 3, 4, 5, 6, 7, 8, 9], count: 11 },
    });
    expect(parseFields(`${USUAL},note`)).toMatchObject({ kind: 'reordered' });
  });

  it('are foreign when one of ours is missing', () => {
    expect(
      parseFields('dateTime,sessionId,seqNumber,sIp,cIp,user,duration,rqsize,rpsize,command,parameters,context,puid'),
    ).toMatchObject({
      kind: 'foreign',
      missing: expect.arrayContaining(['date-time', 'session-id', 'event']),
    });
    expect(parseFields(USUAL.replace(',event', ''))).toEqual({ kind: 'foreign', missing: ['event'] });
  });

  it('tell of a spreadsheet that saved them with semicolons', () => {
    expect(parseFields(USUAL.replaceAll(',', ';'))).toEqual({ kind: 'semicolons' });
  });
});
