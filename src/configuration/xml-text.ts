/** Texts in CLIXML: entities of XML, and the escapes of PowerShell for what XML cannot hold. */

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** `&amp;`, `&#252;` and `_x000A_` as the characters that they stand for; unknown entities stay as they are. */
export function xmlText(text: string): string {
  const plain = text.includes('&') ? text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,4}));/gi, entity) : text;
  return plain.includes('_x')
    ? plain.replace(/_x([0-9a-f]{4})_/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    : plain;
}

function entity(whole: string, decimal?: string, hex?: string, named?: string): string {
  if (named !== undefined) return NAMED[named.toLowerCase()] ?? whole;
  const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
  return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
}
