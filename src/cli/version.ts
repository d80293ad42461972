/** Which relaylens this is. */
import { readFileSync } from 'node:fs';
import { inPackage } from '../package-root.ts';

export function relaylensVersion(): string {
  const { version } = JSON.parse(readFileSync(inPackage('package.json'), 'utf8')) as { version: string };
  return version;
}
