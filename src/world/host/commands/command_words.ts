// A command line as words: blanks divide, quotes hold together, also within a word, and a backslash takes the next
// character as it is. A quote that is never closed counts for nothing. No variables, patterns or pipes.

export interface CommandWord {
  readonly text: string;
  /** Where it begins in the line, in UTF-16 units. */
  readonly start: number;
}

const PIECE = /"((?:[^"\\]|\\.)*)"|'([^']*)'|((?:\\.|[^\s"'\\])+)/gs;
const WORD = new RegExp(`(?:${PIECE.source})+`, 'gs');

export function commandWords(line: string): readonly CommandWord[] {
  return [...line.matchAll(WORD)].map(({ 0: written, index }) => ({ text: unquoted(written), start: index }));
}

const unquoted = (written: string): string =>
  written.replace(PIECE, (_piece, double?: string, single?: string, bare?: string) =>
    single === undefined ? (double ?? bare ?? '').replace(/\\(.)/gs, '$1') : single,
  );
