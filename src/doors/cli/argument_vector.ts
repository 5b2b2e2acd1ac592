// What stands on the command line, made ready for the parser: which takes `-1` behind an option for another option, and
// digits for a number, so that `--out 2026.10` would become a directory 2026.1. Behind an option that has a value, the
// value is joined to it, with a mark in front that keeps it text.

import type { CAC } from 'cac';

/** Nobody can type it: arguments of programs hold no NUL. */
const TEXT_MARK = '\0';

/** @param argv as `process.argv` */
export function withTextValues(argv: readonly string[], cli: CAC): string[] {
  const valued = new Set(
    [cli.globalCommand, ...cli.commands]
      .flatMap(({ options }) => options)
      .filter(({ isBoolean }) => isBoolean !== true)
      .flatMap(({ names }) => names.map((name) => (name.length === 1 ? `-${name}` : `--${name}`))),
  );
  const made: string[] = [];
  for (const rest = [...argv]; rest.length > 0; ) {
    const argument = rest.shift() ?? '';
    if (argument === '--') return [...made, argument, ...rest];
    const [name = ''] = argument.split('=', 1);
    if (!valued.has(name)) made.push(argument);
    else if (name !== argument) made.push(`${name}=${TEXT_MARK}${argument.slice(name.length + 1)}`);
    else if (isValue(rest[0])) made.push(`${name}=${TEXT_MARK}${rest.shift()}`);
    else made.push(argument);
  }
  return made;
}

/** What was written, without the mark. */
export const writtenText = (value: unknown): string => String(value).replace(TEXT_MARK, '');

// A number below zero is a value that somebody meant, however wrong; a dash alone is one too.
const isValue = (text: string | undefined): boolean => text !== undefined && /^(?!-)|^-$|^-\.?\d/.test(text);
