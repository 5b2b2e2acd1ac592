// A packetdrill script cut into words, numbers and signs, without comments and without what `#ifdef` leaves out.
//
// Not here: what they mean together (parse_script.ts and the files beside it).

import { ScriptSyntaxError } from './problem.ts';

export type TokenKind =
  | 'word'
  | 'integer'
  | 'decimal'
  | 'string'
  | 'command'
  | 'code'
  | 'option'
  | 'ellipsis'
  | 'ipv4'
  | 'ipv6'
  | 'sign'
  | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** As written; of strings, commands and code what is between the quotes; of options all behind the dashes. */
  readonly text: string;
  readonly line: number;
  /** Where it stands in the script. */
  readonly start: number;
  readonly end: number;
}

// In this order: the first that matches is taken.
const FORMS: readonly (readonly [kind: TokenKind | 'space', form: RegExp])[] = [
  ['space', /(?:\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/)+/y],
  ['code', /%\{([\s\S]*?)\}%/y],
  ['command', /`((?:\\[\s\S]|[^`\\])*)`/y],
  ['string', /"((?:\\[\s\S]|[^"\\])*)"/y],
  ['option', /--(\w+(?:=(?:[^\s"`]*(?:"[^"]*"|`[^`]*`)|\S*))?)/y],
  ['ellipsis', /\.\.\./y],
  ['ipv4', /\d+\.\d+\.\d+\.\d+/y],
  // With a `::` or all eight groups; a range of sequence numbers has one colon.
  [
    'ipv6',
    /(?:[\da-fA-F]{1,4}:){7}[\da-fA-F]{1,4}|(?:[\da-fA-F]{1,4}:)*[\da-fA-F]{0,4}::(?:[\da-fA-F]{1,4}(?::[\da-fA-F]{1,4})*)?/y,
  ],
  ['integer', /0x[\da-fA-F]+(?!\w)/y],
  ['decimal', /-?\d*\.\d+/y],
  ['integer', /-?\d+(?!\w)/y],
  ['word', /\w+/y],
  ['sign', /[^\s]/y],
];

/**
 * @param symbols what `#ifdef` finds, and what `--define` gives a value
 * @throws ScriptSyntaxError
 */
export function tokenize(script: string, symbols: ReadonlyMap<string, string> = new Map()): readonly Token[] {
  const text = withoutExcluded(script, symbols);
  const tokens: Token[] = [];
  let line = 1;
  for (let at = 0; at < text.length; ) {
    const found = tokenAt(text, at, line);
    if (found.kind !== 'space') tokens.push(found.token);
    for (let i = at; i < found.end; i++) if (text.charCodeAt(i) === 10) line++;
    at = found.end;
  }
  tokens.push({ kind: 'end', text: '', line, start: text.length, end: text.length });
  return tokens;
}

function tokenAt(
  text: string,
  at: number,
  line: number,
):
  | { readonly kind: 'space'; readonly end: number }
  | { readonly kind: 'token'; readonly end: number; readonly token: Token } {
  for (const [kind, form] of FORMS) {
    form.lastIndex = at;
    const match = form.exec(text);
    if (match === null) continue;
    const end = form.lastIndex;
    if (kind === 'space') return { kind, end };
    return { kind: 'token', end, token: { kind, text: match[1] ?? match[0], line, start: at, end } };
  }
  throw new ScriptSyntaxError(line, 'this is no word of the language');
}

// Lines of conditions, and those that they leave out, become empty, so that all others keep their numbers.
function withoutExcluded(script: string, symbols: ReadonlyMap<string, string>): string {
  if (!script.includes('#')) return script;
  const open: boolean[] = [];
  const kept = script.split('\n').map((text, index) => {
    const condition = /^\s*#\s*(ifdef|ifndef|else|endif)\b\s*(\w*)/.exec(text);
    if (condition === null) return open.every((isTaken) => isTaken) ? text : '';
    const [, word, name = ''] = condition;
    if (word === 'ifdef' || word === 'ifndef') {
      if (name === '') throw new ScriptSyntaxError(index + 1, `#${word} needs a name`);
      open.push(symbols.has(name) === (word === 'ifdef'));
    } else {
      const last = open.pop();
      if (last === undefined) throw new ScriptSyntaxError(index + 1, `#${word} without an #ifdef`);
      if (word === 'else') open.push(!last);
    }
    return '';
  });
  if (open.length > 0) throw new ScriptSyntaxError(kept.length, 'an #ifdef has no #endif');
  return kept.join('\n');
}
