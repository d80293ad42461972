/**
 * What is wrong with the name behind HELO or EHLO, in words. The rules are Exchange's: reference of the receive
 * connectors, section 7.2.
 */
import { parseAddress } from '../../net/address-range.ts';
import { enumerate } from '../words/enumeration.ts';
import { characterName } from '../words/quotation.ts';

const LONGEST_NAME = 255;
const LONGEST_LABEL = 63;

/** Half a sentence behind "the name": `ends with a full stop`; undefined: nothing is. */
export function helloNameFault(name: string, { unicode }: { readonly unicode: boolean }): string | undefined {
  if (name === '') return 'is empty';
  if (name.startsWith('[')) return literalFault(name);
  if (parseAddress(name)) return undefined;
  const strange = [...new Set(name)].filter(
    (character) => !(unicode ? /[\p{L}\p{M}\p{N}._-]/u : /[A-Za-z0-9._-]/).test(character),
  );
  if (strange.length > 0) {
    const foreign = strange.every((character) => /[\p{L}\p{N}]/u.test(character));
    return `holds ${enumerate(strange.map(characterName))}${foreign ? ', and letters beyond ASCII are not taken here' : ''}`;
  }
  if (name.endsWith('.')) return 'ends with a full stop';
  if (name.startsWith('.')) return 'begins with a full stop';
  if (name.includes('..')) return 'has two full stops in a row';
  if (name.length > LONGEST_NAME) return `has ${name.length} characters, and ${LONGEST_NAME} are taken`;
  if (name.split('.').some((label) => label.length > LONGEST_LABEL))
    return `has a part of more than ${LONGEST_LABEL} characters between its full stops`;
  return undefined;
}

function literalFault(name: string): string | undefined {
  const inside = /^\[(.*)\]$/s.exec(name)?.[1];
  if (inside === undefined) return 'has an opening bracket without the closing one at its end';
  if (inside === '') return 'is a pair of brackets with no address between them';
  const address = parseAddress(inside.replace(/^IPv6:/i, ''));
  if (!address) return 'has brackets with something between them that is no IP address';
  const marked = /^IPv6:/i.test(inside);
  if (address.family === 'ipv6' && !marked) return 'is an IPv6 address in brackets without "IPv6:" before it';
  return address.family === 'ipv4' && marked ? 'says "IPv6:" before an IPv4 address' : undefined;
}
