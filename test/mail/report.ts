/** A small report, and how it is mailed. */
import type { Document } from '../../src/document/document.ts';
import type { ReportMailOptions } from '../../src/mail/report-mail.ts';
import { BERLIN, chart, days, series } from '../render/chart/charts.ts';

export const REPORT: Document = {
  title: 'Relay usage, October 2026',
  sections: [
    { kind: 'text', text: '42 devices sent 12 messages.' },
    chart({ kind: 'stacked', span: days(3), series: [series('a', 3)] }),
    chart({ kind: 'curve', span: days(3), series: [series('a', 3)] }),
  ],
};

const png = Buffer.from('89504e47', 'hex');
export const OPTIONS: ReportMailOptions = {
  from: 'relaylens@contoso.example',
  to: ['anna@contoso.example', 'boss@contoso.example'],
  subject: 'Relay usage, October 2026',
  period: '2026-10',
  zone: BERLIN,
  paint: () => ({ png, width: 880, height: 300 }),
  at: Date.parse('2026-11-02T06:00:00Z'),
};
