// Arguments of commands: single-letter flags that may stand together, long ones, and values behind some of them.

import { UsageError } from './command.ts';

export interface Arguments {
  /** By name without dashes; the value, or '' for one that takes none. */
  readonly flags: ReadonlyMap<string, string>;
  readonly operands: readonly string[];
}

/**
 * @param valued names of flags that take a value
 * @param plain names of those that take none
 * @throws UsageError on a flag that is neither
 */
export function parseArguments(
  args: readonly string[],
  valued: readonly string[],
  plain: readonly string[],
): Arguments {
  const flags = new Map<string, string>();
  const operands: string[] = [];
  const take = (name: string, rest: string[], attached: string | undefined): void => {
    if (plain.includes(name) && attached === undefined) flags.set(name, '');
    else if (valued.includes(name)) {
      const value = attached ?? rest.shift();
      if (value === undefined) throw new UsageError(`option ${name} needs a value`);
      flags.set(name, value);
    } else throw new UsageError(`there is no option ${name.length === 1 ? '-' : '--'}${name}`);
  };
  for (const rest = [...args]; rest.length > 0; ) {
    const argument = rest.shift() ?? '';
    if (argument === '--') {
      operands.push(...rest.splice(0));
    } else if (argument.startsWith('--')) {
      const [name = '', ...value] = argument.slice(2).split('=');
      take(name, rest, value.length > 0 ? value.join('=') : undefined);
    } else if (/^-[^-\d]/.test(argument)) {
      takeLetters(argument.slice(1), rest, valued, take);
    } else operands.push(argument);
  }
  return { flags, operands };
}

// -tulpn, -c3, -c 3
function takeLetters(
  letters: string,
  rest: string[],
  valued: readonly string[],
  take: (name: string, rest: string[], attached: string | undefined) => void,
): void {
  for (let at = 0; at < letters.length; at++) {
    const letter = letters[at] ?? '';
    const attached = letters.slice(at + 1);
    if (!valued.includes(letter)) {
      take(letter, rest, undefined);
      continue;
    }
    take(letter, rest, attached === '' ? undefined : attached);
    return;
  }
}

/** A whole number within limits. @throws UsageError */
export function wholeNumber(
  text: string | undefined,
  fallback: number,
  what: string,
  min: number,
  max: number,
): number {
  if (text === undefined) return fallback;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= min && value <= max))
    throw new UsageError(`${what} is a whole number from ${min} to ${max}, not ${text}`);
  return value;
}

/** Seconds with decimals, as ping and others take them; in milliseconds. @throws UsageError */
export function secondsOf(text: string | undefined, fallback: number, what: string): number {
  if (text === undefined) return fallback;
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (!(value > 0 && value <= 86_400))
    throw new UsageError(`${what} is a number of seconds from 0.001 to 86400, not ${text}`);
  return value * 1000;
}

const PIECE = /"((?:[^"\\]|\\.)*)"|'([^']*)'|((?:\\.|[^\s"'\\])+)/gs;
const WORD = new RegExp(`(?:${PIECE.source})+`, 'gs');

/**
 * A command line as words: blanks divide, quotes hold together, also within a word, and a backslash takes the next
 * character as it is. A quote that is never closed counts for nothing.
 */
export function splitCommand(line: string): readonly string[] {
  return (line.match(WORD) ?? []).map((word) =>
    word.replace(PIECE, (_piece, double?: string, single?: string, bare?: string) =>
      single === undefined ? (double ?? bare ?? '').replace(/\\(.)/gs, '$1') : single,
    ),
  );
}
