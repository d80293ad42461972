/** A strict reader of the Markdown that we write: it throws at what is no text and not ours. */

export interface Block {
  readonly kind: 'heading' | 'paragraph' | 'list' | 'table' | 'fence';
  readonly language?: string;
  /** Without the marks of headings, lists and fences; rows of tables as they are. */
  readonly lines: readonly string[];
}

export function blocksOf(markdown: string): Block[] {
  const lines = markdown.split('\n');
  const blocks: Block[] = [];
  while (lines.length > 0) {
    const first = lines.shift()!;
    if (first === '') continue;
    const fence = /^(`{3,})([a-z]+)$/.exec(first);
    if (fence) {
      const end = lines.indexOf(fence[1]!);
      const inside = lines.splice(0, end + 1).slice(0, -1);
      if (end < 0 || inside.some((line) => line.trimStart().startsWith(fence[1]!))) throw new Error(`a fence breaks: ${first}`);
      blocks.push({ kind: 'fence', language: fence[2]!, lines: inside });
      continue;
    }
    const end = lines.indexOf('');
    blocks.push(blockOf([first, ...lines.splice(0, end < 0 ? lines.length : end)]));
  }
  return blocks;
}

function blockOf(lines: readonly string[]): Block {
  const [first = ''] = lines;
  const heading = /^#{1,3} (.*)$/.exec(first);
  if (heading && lines.length === 1) return { kind: 'heading', lines: [heading[1]!] };
  if (/^[-*] ./.test(first)) return { kind: 'list', lines: lines.map((line) => take(line, /^(?:[-*]| {2}-) (.+)$/)) };
  if (first.startsWith('|')) {
    const widths = new Set(lines.map((line) => cellsOf(line).length));
    if (widths.size !== 1 || !/^\|(?: -{3}:? \|)+$/.test(lines[1] ?? '')) throw new Error(`no table: ${lines.join('\n')}`);
    return { kind: 'table', lines };
  }
  for (const line of lines) if (STARTS.test(line)) throw new Error(`no paragraph: ${line}`);
  return { kind: 'paragraph', lines: lines.map((line, index) => (index < lines.length - 1 ? take(line, /^(.*)\\$/) : line)) };
}

/** With what no line of a paragraph may begin. */
const STARTS = /^(?:\s|>|#{1,6}(?:\s|$)|[-+](?:\s|$)|\d{1,9}[.)](?:\s|$)|~~~|`{3,}[^`]*$|(?:[-:|\s]+|[_\s]+|[*\s]+|=+)$)/;

function take(line: string, pattern: RegExp): string {
  const match = pattern.exec(line);
  if (!match) throw new Error(`not as we write it: ${line}`);
  return match[1]!;
}

/** As GitHub splits a row: a bar counts everywhere, also in code, but for one behind a backslash. */
export function cellsOf(row: string): string[] {
  const cells = take(row, /^\| (.*) \|$/).match(/(?:\\[!-/:-@[-`{-~]|[^|])+|(?<=\|)(?=\|)/g) ?? [''];
  return cells.map((cell) => cell.trim().replaceAll('\\|', '|'));
}

/** The text that a line shows. Throws where part of it means something, but for the bold type of labels and titles. */
export function plainText(line: string): string {
  let text = '';
  let outsideCode = '';
  let alive = '';
  let rest = line.replace(/^\*\*(.*?)(:?)\*\*(?= |$)/, '$1$2');
  const take = (length: number): string => {
    const taken = rest.slice(0, length);
    rest = rest.slice(length);
    return taken;
  };
  while (rest !== '') {
    const run = /^`+/.exec(rest)?.[0];
    const code = run && new RegExp(`^${run}(?!\`)([^]*?[^\`])${run}(?!\`)`).exec(rest);
    if (code) {
      take(code[0].length);
      const inside = code[1]!;
      text += /^ .* $/.test(inside) && inside.trim() !== '' ? inside.slice(1, -1) : inside;
      outsideCode += ' ';
      alive += ' ';
    } else if (/^\\[!-/:-@[-`{-~]/.test(rest)) {
      const escaped = take(2)[1]!;
      text += escaped;
      outsideCode += escaped;
      alive += ' ';
    } else {
      const character = take(1);
      text += character;
      outsideCode += character;
      alive += character;
    }
  }
  // A bar lost its backslash with its cell.
  if (/[`*_[<~]|&[#\w]+;/.test(alive)) throw new Error(`alive: ${line}`);
  if (/@|:\/\/|www\.|#\d|\$|:[a-z]+:|mailto:/i.test(outsideCode)) throw new Error(`becomes a link: ${line}`);
  return text;
}
