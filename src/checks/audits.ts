/** All audits of what the logs show. To add one: its file, its import, and its name in the list. */
import type { Audit } from './audit.ts';
import { barelyUsedRange } from './audits/barely-used-range.ts';
import { unusedRange } from './audits/unused-range.ts';

/** By id. */
export const AUDITS: readonly Audit[] = [barelyUsedRange, unusedRange];
