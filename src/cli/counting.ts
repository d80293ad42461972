/** An old database is counted before the first question: said on standard error where that takes a while. */
import { existsSync } from 'node:fs';
import { openForReading } from '../store/database.ts';
import type { Io } from './io.ts';

/** Sessions that are counted before anybody notices: half a second. */
const UNNOTICED = 25_000;

/** Counts what is not counted yet; a command that asks the database finds nothing left to do. */
export function countFirst(io: Io, path: string): void {
  if (!existsSync(path)) return;
  let shown = -1;
  openForReading(path, ({ done, all, sessions }) => {
    if (sessions < UNNOTICED) return;
    if (shown < 0) io.err(`counting ${sessions.toLocaleString('en-US')} sessions for reports of use, once\n`);
    const percent = Math.floor((100 * done) / all);
    if (io.errIsTerminal && percent !== shown) io.err(`\r${percent} %${done === all ? '\r      \r' : ''}`);
    shown = percent;
  }).close();
}
