// Preloaded into what is measured: writes the peak memory of the process when it exits.
import { writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

const file = process.env.RELAYLENS_PEAK_FILE;
if (file && isMainThread)
  process.on('exit', () => writeFileSync(file, JSON.stringify({ maxRSS: process.resourceUsage().maxRSS })));
