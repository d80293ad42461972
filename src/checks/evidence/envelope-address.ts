/**
 * What is wrong with the address in a row with MAIL or RCPT, in words. The rules are Exchange's: reference of the receive
 * connectors, sections 6 and 7.5.
 */
import { commandAddress } from '../../smtp/command.ts';
import { enumerate } from '../words/enumeration.ts';
import { asMeant, characterName, quotation } from '../words/quotation.ts';

const LONGEST_LOCAL_PART = 64;

type Telling = (kind: AddressFault['kind'], words: string) => AddressFault;

export interface AddressFault {
  readonly kind: 'empty' | 'display-name' | 'several' | 'no-domain' | 'not-ascii' | 'long' | 'form';
  /** A sentence without its end: `There is a blank in it`. */
  readonly words: string;
  /** The address that was probably meant; undefined where none can be made out. */
  readonly meant: string | undefined;
}

/** undefined: nothing is wrong by the rules that are known. */
export function envelopeFault(logged: string): AddressFault | undefined {
  const row = asMeant(logged);
  const rest = row.slice(row.indexOf(':') + 1).trim();
  const found = rest.match(/[^\s<>"(),:;@[\]\\]+@[^\s<>"(),:;@[\]\\]+/g) ?? [];
  const meant = found.length === 1 ? found[0] : undefined;
  const fault = (kind: AddressFault['kind'], words: string): AddressFault => ({ kind, words, meant });
  if (!row.includes(':') || rest === '' || /^<\s*>/.test(rest)) return fault('empty', 'There is no address in it');
  if (/^<?\s*mailto:/i.test(rest)) return fault('form', 'It begins with "mailto:", which belongs to web pages');
  if (!rest.startsWith('<') && rest.replace(/"(?:[^"\\]|\\.)*"(?=@)/gs, '').includes('<'))
    return fault('display-name', `A name stands before the address (${quotation(rest.slice(0, rest.indexOf('<')).trim())})`);
  const address = rest.startsWith('<') ? inBrackets(rest) : rest.replace(/(?:\s+[A-Za-z][\w-]*(?:=\S*)?)+$/, '');
  if (address === undefined) return fault('form', 'The bracket that closes the address is missing');
  return faultOf(address, fault);
}

function inBrackets(rest: string): string | undefined {
  return rest.includes('>') ? commandAddress(`x:${rest}`) : undefined;
}

function faultOf(address: string, fault: Telling): AddressFault | undefined {
  if (isQuoted(address)) return quotedFault(address, fault);
  const parts = address.split(/[;,]/);
  if (parts.filter((part) => part.includes('@')).length > 1)
    return fault('several', 'Several addresses stand in one field, and each needs one of its own');
  if (parts.length > 1) return fault('form', `There is ${characterName(/[;,]/.exec(address)![0])} in it`);
  if (/[<>"()[\]]/.test(address.replace(/@\[[^\]]*\]$/, '')) && address.includes('@'))
    return fault('display-name', 'A name or brackets stand within the address');
  if (/\s/.test(address.trim()) && address.includes('@'))
    return { ...fault('form', 'There is a blank in the address, or a name stands beside it'), meant: undefined };
  if (address !== address.trim()) return fault('form', 'There is a blank at the beginning or the end of the address');
  const foreign = foreignFault(address, fault);
  if (foreign) return foreign;
  if (!address.includes('@')) return fault('no-domain', `${quotation(address)} has no @ and no domain`);
  return partsFault(address, fault);
}

/** Between quotation marks nearly everything may stand. */
const isQuoted = (address: string): boolean => /^"(?:[^"\\]|\\.)*"@[^@]*$/s.test(address);

function quotedFault(address: string, fault: Telling): AddressFault | undefined {
  const at = address.lastIndexOf('@');
  return foreignFault(address, fault) ?? partsFault(`${'x'.repeat(at)}${address.slice(at)}`, fault);
}

function foreignFault(address: string, fault: Telling): AddressFault | undefined {
  const foreign = [...new Set(address)].filter((character) => character > '~');
  return foreign.length > 0 ? fault('not-ascii', `The address holds ${enumerate(foreign.map(characterName))}`) : undefined;
}

function partsFault(address: string, fault: Telling): AddressFault | undefined {
  const at = address.lastIndexOf('@');
  const [local, domain] = [address.slice(0, at), address.slice(at + 1)];
  if (local.includes('@')) return fault('form', 'There is more than one @ in the address');
  if (local === '') return fault('form', 'Nothing stands before the @');
  if (domain === '') return fault('no-domain', 'Nothing stands behind the @');
  if (/^\.|\.$|\.\./.test(local))
    return fault('form', 'Before the @ there is a full stop at the beginning, at the end, or two in a row');
  if (/^\.|\.$|\.\./.test(domain))
    return fault('form', `The domain ${quotation(domain)} has a full stop at its beginning, at its end, or two in a row`);
  const strange = [
    ...new Set([...local].filter((c) => /[\s"(),:;<>[\\\]]/.test(c)).concat([...domain].filter((c) => !/[\w.[\]:-]/.test(c)))),
  ];
  if (strange.length > 0) return fault('form', `It holds ${enumerate(strange.map(characterName))}`);
  if (local.length > LONGEST_LOCAL_PART)
    return fault('long', `The part before the @ has ${local.length} characters, and ${LONGEST_LOCAL_PART} are taken`);
  return address.length > 255 ? fault('long', `It has ${address.length} characters`) : undefined;
}
