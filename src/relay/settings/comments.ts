/** JSON with comments: what a person writes who explains a setting beside it. */

/**
 * The text without its `//` comments and without commas before a closing bracket: blanks stand in their place, so that
 * lines and columns stay. What stands in strings is left alone.
 */
export function withoutComments(text: string): string {
  return text
    .replace(STRING_OR_COMMENT, (match) => (match.startsWith('"') ? match : ' '.repeat(match.length)))
    .replace(STRING_OR_COMMA, (match) => (match.startsWith('"') ? match : ` ${match.slice(1)}`));
}

/** A string that is not closed ends at its line: the parser says so at the right place. */
const STRING = '"(?:[^"\\\\\\r\\n]|\\\\.)*"?';
const STRING_OR_COMMENT = new RegExp(`${STRING}|//[^\\r\\n]*`, 'g');
const STRING_OR_COMMA = new RegExp(`${STRING}|,(?=\\s*[}\\]])`, 'g');
