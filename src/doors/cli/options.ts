// Values of the command line: what the parser leaves as anything, checked and with the sentence for what is wrong.

import type { Instant } from '../../core/time.ts';
import { FOREVER } from '../../core/time.ts';
import { suggestFrom } from '../../world/sim/scenario/suggestion.ts';
import { parseDuration, UNIT_FORMS } from '../../world/sim/scenario/units.ts';
import { checkFilter, type PacketFilter, parseFilter } from '../../world/view/filter.ts';
import { writtenText } from './argument_vector.ts';
import { usageError } from './exit.ts';

/** As the parser gives them: lists where an option is repeated, and values with their mark. */
export type RawOptions = Readonly<Record<string, unknown>>;

const MAX_SEED = Number.MAX_SAFE_INTEGER;
/** Runs that one command makes at most, each with a seed of its own. */
export const MAX_SEEDS = 100_000;

/** The last one where it is repeated. */
export function textOption(options: RawOptions, name: string): string | undefined {
  const value = options[name];
  const last: unknown = Array.isArray(value) ? value.at(-1) : value;
  return last === undefined || last === false ? undefined : writtenText(last);
}

export const flagOption = (options: RawOptions, name: string): boolean => options[name] === true;

/** Whether TLS is opened with the secrets that its ends gave away: unless `--no-secrets` is there. */
export const wantsSecrets = ({ secrets }: RawOptions): boolean => secrets !== false;

export function listOption(options: RawOptions, name: string): readonly string[] {
  const value = options[name];
  return value === undefined ? [] : [value].flat().map(writtenText);
}

/** @throws CliError */
export function seedOption(options: RawOptions): number | undefined {
  const text = textOption(options, 'seed');
  if (text === undefined) return undefined;
  const seed = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(seed)) return seed;
  throw usageError(`--seed ${text} is no seed.`, `Write a whole number from 0 to ${MAX_SEED}.`);
}

/** From 1 to `most`. @throws CliError */
export function countOption(options: RawOptions, name: string, most: number): number | undefined {
  const text = textOption(options, name);
  if (text === undefined) return undefined;
  const count = /^\d+$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= most) return count;
  throw usageError(`--${name} ${text} makes no sense.`, `Write a whole number from 1 to ${most}.`);
}

/** A time since the start of the world. @throws CliError */
export function timeOption(options: RawOptions, name: string): Instant | undefined {
  const text = textOption(options, name);
  return text === undefined ? undefined : timeOf(text, `--${name} ${text}`);
}

/** @throws CliError */
export function timeOf(text: string, shown: string): Instant {
  const duration = parseDuration(text);
  if (duration === undefined || duration === FOREVER) {
    throw usageError(`${shown} is no time.`, `${capitalized(UNIT_FORMS.duration.replace(', or forever', ''))}.`);
  }
  return duration as number as Instant;
}

/** @throws CliError with a mark under the place that is wrong */
export function filterArgument(text = ''): PacketFilter {
  const problem = checkFilter(text);
  const filter = parseFilter(text);
  if (problem === undefined && typeof filter === 'function') return filter;
  const { index = 0, message = '' } = problem ?? {};
  throw usageError(
    `The filter is wrong: ${sentence(message)}\n  ${text}\n  ${' '.repeat(index)}^`,
    'The language is described in docs/reference/filter.md.',
  );
}

/** One of a few words. @throws CliError */
export function oneOf<Word extends string>(text: string, words: readonly Word[], what: string): Word {
  const found = words.find((word) => word === text);
  if (found !== undefined) return found;
  throw usageError(
    `There is no ${what} "${text}".`,
    sentence(suggestFrom(text, words) ?? `known: ${words.join(', ')}`),
  );
}

/** `did you mean "x"?` -> `Did you mean "x"?`; `known: a, b` -> `Known: a, b.` */
export const sentence = (text: string): string => `${capitalized(text)}${/[.?!]$/.test(text) ? '' : '.'}`;

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
