/** The charts of a document as pictures in a folder, one file each. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Chart, Document } from '../document/document.ts';
import type { Zone } from '../render/cell-text.ts';
import { loadPainter } from '../render/chart/painter.ts';
import { UserError } from '../store/user-error.ts';
import { fileNamePart } from './out-name.ts';

/** Paths of what was written: `01-messages-by-connector.png`, … A UserError where nothing can be drawn or written. */
export async function writeChartFiles(folder: string, { sections }: Document, zone: Zone): Promise<string[]> {
  const charts = sections.filter((section): section is Chart => section.kind === 'chart');
  const painter = await loadPainter(zone);
  if (painter.kind === 'missing') throw new UserError(painter.reason, 'The other formats have the same figures as tables.');
  try {
    mkdirSync(folder, { recursive: true });
    return charts.map((chart, index) => {
      const path = join(folder, `${String(index + 1).padStart(2, '0')}-${fileNamePart(chart.title).toLowerCase()}.png`);
      writeFileSync(path, painter.paint(chart, 'alone').png);
      return path;
    });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new UserError(`${folder}: cannot be written (${code})`, 'Name another folder.');
  }
}
