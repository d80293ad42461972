/** What the schema finds wrong, as lines for the person who wrote the file. */
import type { z } from 'zod';
import { formatPath, type SettingPath, shownValue, valueAt } from './setting-path.ts';

/** What a finding of a setting that has to be there says. */
export const MISSING = 'is missing';

type Issue = z.core.$ZodIssue;

/** `document` is what was checked; `place` maps a path in it to the path in the file. */
export function issueLines(issues: readonly Issue[], document: unknown, place: (path: SettingPath) => SettingPath): string[] {
  return [...new Set(issues.flatMap((issue) => linesOf(issue, document, place)))];
}

function linesOf(issue: Issue, document: unknown, place: (path: SettingPath) => SettingPath): string[] {
  const at = within(document, issue.path);
  const path = formatPath(place(at)) || 'the file';
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => `${formatPath(place([...issue.path, key]))}: no such setting`);
  const value = valueAt(document, at);
  if (value === undefined && issue.code !== 'custom') return [`${path} is missing`];
  return [complaint(issue, path, value)];
}

/** Where a text stands for an object, what is wrong with the object is wrong with the text. */
function within(document: unknown, path: SettingPath): SettingPath {
  const end = path.findIndex((_, at) => at > 0 && !isNothingOrObject(valueAt(document, path.slice(0, at))));
  return end < 0 ? path : path.slice(0, end);
}

const isNothingOrObject = (value: unknown): boolean => value === undefined || (typeof value === 'object' && value !== null);

function complaint(issue: Issue, path: string, value: unknown): string {
  const about = `${path}: ${shownValue(value)}`;
  switch (issue.code) {
    case 'invalid_type':
      return `${about} is no ${EXPECTED[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `${about} is ${issue.values.length > 1 ? 'none of' : 'not'} ${issue.values.map((one) => JSON.stringify(one)).join(', ')}`;
    case 'too_small':
      return issue.origin === 'array' || issue.origin === 'string'
        ? `${path} is empty`
        : `${about} is less than ${issue.minimum}`;
    case 'too_big':
      return `${about} is more than ${issue.maximum}`;
    case 'custom':
      if (issue.message === MISSING) return `${path} ${MISSING}`;
      // Some findings are about a setting as a whole: its value says nothing.
      return issue.params?.whole || isNothingOrObject(value) ? `${path}: ${issue.message}` : `${about} ${issue.message}`;
    default:
      return `${about} ${issue.message}`;
  }
}

const EXPECTED: Readonly<Record<string, string>> = {
  int: 'whole number',
  string: 'text',
  array: 'list',
  record: 'object',
  boolean: 'true or false',
};
