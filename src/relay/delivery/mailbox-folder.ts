import { createHash } from 'node:crypto';

const LONGEST = 100;
/** Names that Windows keeps for devices, with any extension. */
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/;

/**
 * The folder of a recipient, `<domain>/<user>`, relative. An address is hostile text: whatever could leave the folder,
 * name a device or differ only in case is written as hexadecimal digits.
 */
export function mailboxFolder(recipient: string): string {
  const at = recipient.lastIndexOf('@');
  const [user, domain] = at < 0 ? [recipient, ''] : [recipient.slice(0, at), recipient.slice(at + 1)];
  return `${safeName(domain || 'no-domain')}/${safeName(user)}`;
}

function safeName(text: string): string {
  const name = Array.from(Buffer.from(text.toLowerCase()), (byte) => {
    const character = String.fromCharCode(byte);
    return /[a-z0-9_=+.-]/.test(character) ? character : `%${byte.toString(16).padStart(2, '0')}`;
  }).join('');
  const safe = name === '' || /^\.|\.$/.test(name) || DEVICE.test(name) ? `%${name.replaceAll('.', '%2e')}` : name;
  return safe.length <= LONGEST
    ? safe
    : `${safe.slice(0, LONGEST - 17)}-${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
}
