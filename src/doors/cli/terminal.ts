// Where text goes: data to stdout, everything else to stderr, and colours only where they are welcome.

import { styleText } from 'node:util';

export type Style = Parameters<typeof styleText>[0];

/** Off by `--no-color`. */
let isColorAllowed = true;

export function refuseColor(): void {
  isColorAllowed = false;
}

/** NO_COLOR (no-color.org) wins over FORCE_COLOR, which wins over what the stream is. */
function isColored(stream: NodeJS.WriteStream): boolean {
  const { NO_COLOR = '', FORCE_COLOR = '' } = process.env;
  if (!isColorAllowed || NO_COLOR !== '') return false;
  return FORCE_COLOR === '' ? stream.isTTY === true : FORCE_COLOR !== '0';
}

const painted = (stream: NodeJS.WriteStream, style: Style, text: string): string =>
  isColored(stream) ? styleText(style, text, { validateStream: false }) : text;

/** For text that goes to stdout. */
export const paint = (style: Style, text: string): string => painted(process.stdout, style, text);

/** For text that goes to stderr. */
export const paintNote = (style: Style, text: string): string => painted(process.stderr, style, text);

/** Of names that others wrote: nothing that a terminal obeys. */
export const printable = (text: string): string => text.replaceAll(/\p{C}/gu, '?');

/** One line or several to stdout. */
export function print(text: string): void {
  process.stdout.write(text.endsWith('\n') || text === '' ? text : `${text}\n`);
}

export function printLines(lines: Iterable<string>): void {
  // In one piece: a line at a time costs a system call each.
  const text = [...lines].map((line) => `${line}\n`).join('');
  if (text !== '') process.stdout.write(text);
}

/** One line or several to stderr. */
export function note(text: string): void {
  process.stderr.write(text.endsWith('\n') ? text : `${text}\n`);
}

/** On stderr, in place of the last one; nothing where stderr is no terminal. */
export function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[2K${text}`);
}
