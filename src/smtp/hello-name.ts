/** Names by which clients introduce themselves. */

/** Of a label: RFC 1035. */
const LONGEST_LABEL = 63;

/** A host name that is like it and that Exchange takes; `scanner` where nothing is left. */
export function goodHelloName(name: string): string {
  const labels = name
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .split('.')
    .map((label) => label.replace(/^-+|-+$/g, '').slice(0, LONGEST_LABEL))
    .filter((label) => label !== '');
  return labels.join('.').slice(0, 100) || 'scanner';
}
