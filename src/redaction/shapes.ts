/** What looks like something that identifies, whether it is known or not. */
import { MARKED_SESSION } from './session-mark.ts';

export type ShapeKind =
  | 'mail'
  | 'name'
  | 'range4'
  | 'masked4'
  | 'range6'
  | 'account'
  | 'host'
  | 'hex'
  | 'sid'
  | 'session'
  | 'hello'
  | 'user';

export interface ShapeMatch {
  readonly kind: ShapeKind;
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

const LABEL = '[\\p{L}\\p{N}_][\\p{L}\\p{N}\\p{M}_-]*';
const HOST = `(?:${LABEL}\\.)+\\p{L}[\\p{L}\\p{N}\\p{M}-]*[\\p{L}\\p{N}\\p{M}]`;
const IPV4 = '\\d{1,3}(?:\\.\\d{1,3}){3}';
/** What ends with a single colon ends a clause of a sentence with it. */
const IPV6 = `(?:[0-9a-f]{0,4}:){2,7}(?:${IPV4}|[0-9a-f]{0,4})(?<!(?:^|[^:]):)(?:%[\\w.-]*\\w)?`;
/** A distinguished name: where a value is a host it ends with it, else with what cannot be in it. */
const NAME_VALUE = `(?:""[^"]+""|"[^"]+"|(?:\\*\\.)?${HOST}(?![^\\s,;"'<>])|(?:(?!\\s+(?:CN|OU|O|DC|E)=|\\s+[0-9a-f]{16,}(?!\\w)|\\s+\\d{4}-\\d\\d-\\d\\dT)[^,;"'<>=\\r\\n])+)`;

const SHAPES: Readonly<Record<ShapeKind, string>> = {
  // A quote before a comma ends a field of a row; no local part begins there.
  mail:
    '(?<=<)[^<>@\\s,"]+@[^<>@\\s,"]+(?=>)' +
    `|(?:"{1,2}(?!,)(?:[^"\\\\\\r\\n]|\\\\.)+"{1,2}|[^\\s<>"'(),:;@\\[\\]\\\\|={}/]+)@(?:${HOST}|\\[[^\\]\\s",]+\\]|${LABEL})`,
  name: `(?<![\\w-])(?:CN|OU|O|DC|E)=${NAME_VALUE}(?:,\\s*[A-Z][A-Za-z.]{0,15}=${NAME_VALUE})*(?:\\s+[0-9a-f]{8,64}(?!\\w))*`,
  range6: `(?:(?<=IPv6:)|(?<![\\w:.]))${IPV6}(?:-${IPV6}|/\\d{1,3})?(?!\\w|:[0-9a-f:])`,
  range4: `(?<![\\w.])${IPV4}(?:-${IPV4}|/\\d{1,2}|\\(${IPV4}\\))?(?![\\w])(?!\\.\\d)`,
  // 10.0.20.* and 10.0.20.x, as people write a subnet.
  masked4: '(?<![\\w.])\\d{1,3}\\.\\d{1,3}\\.(?:\\d{1,3}\\.[*x]+|[*x]+\\.[*x]+)(?![\\w.])',
  account:
    '(?<![\\w\\\\/:.-])[\\p{L}\\p{N}][\\p{L}\\p{N}_.-]{0,63}\\\\[\\p{L}\\p{N}_](?:[\\p{L}\\p{N}_.$-]*[\\p{L}\\p{N}_$])?(?![\\p{L}\\p{N}_$\\\\/]|[.-][\\p{L}\\p{N}])',
  // A reply of several lines has its code before the host: 250-mail.contoso.com Hello.
  host: `(?!(?<=^|[,"])[2-5]\\d\\d-)(?<![\\p{L}\\p{N}\\p{M}_$]|[\\p{L}\\p{N}\\p{M}_-]\\.)(?:\\*\\.)?${HOST}(?![\\p{L}\\p{N}_\\p{M}])`,
  session: MARKED_SESSION,
  sid: '(?<![\\w-])S-1-5-21(?:-\\d+){3,}(?![\\w-])',
  // The hash of a log names nobody, and is worth nothing when it is another.
  hex: '(?<!\\w|sha256:)[0-9a-f]{20,64}(?!\\w)',
  hello: '(?<=(?:^|[,"<>]\\s?)(?:EHLO|HELO|LHLO)\\s+|\\bDOMAIN=)[^\\s",;<>]+',
  user: '(?<=\\bUNAME=|\\bUser Name: |MappingInfo for user )[^\\s",;:<>@\\\\]+(?![@\\\\\\w])',
};

const KINDS = Object.keys(SHAPES) as ShapeKind[];
const ALL = new RegExp(KINDS.map((kind) => `(?<${kind}>${SHAPES[kind]})`).join('|'), 'giu');

/** Shapes in a text, from left to right; none overlaps another. */
export function* shapesIn(text: string): Generator<ShapeMatch> {
  for (const match of text.matchAll(ALL)) {
    const kind = KINDS.find((one) => match.groups![one] !== undefined)!;
    yield { kind, start: match.index, end: match.index + match[0].length, text: match[0] };
  }
}

const WHOLE_HOST = new RegExp(`^(?:\\*\\.)?${HOST}$`, 'iu');

/** Endings of files, which are no domains. */
const FILES =
  /\.(log|gz|zip|csv|json|ndjson|xml|clixml|txt|html?|md|xlsx|png|db|sql|ps1|psm1|psd1|exe|dll|config|js|ts|pem|pfx|cer|crt|key)$/i;

/** False for files, and for names of code such as Locator.EndGetDatabase. */
export function isHost(text: string): boolean {
  if (!WHOLE_HOST.test(text) || FILES.test(text) || /^(System|Microsoft)\./.test(text)) return false;
  return !/\p{Ll}\p{Lu}/u.test(text.slice(text.lastIndexOf('.') + 1));
}
