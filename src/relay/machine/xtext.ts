/** xtext of RFC 3461: any text as one plain word. */

/** What is no plain character, and `+` and `=`, as `+` and two digits for each octet. */
export function encodeXtext(text: string): string {
  return [...Buffer.from(text)]
    .map((octet) => {
      const isPlain = octet > 32 && octet < 127 && octet !== 43 && octet !== 61;
      return isPlain ? String.fromCharCode(octet) : `+${octet.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
}

/** A `+` that begins no escape is kept. */
export function decodeXtext(word: string): string {
  const octets = word.replace(/\+([0-9A-F]{2})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
  return Buffer.from(octets, 'latin1').toString('utf8');
}
