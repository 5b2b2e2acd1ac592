// The options of a run, and whether those that are given are some. Not here: whether a probability is one, which the link
// knows (stack/link/impairments.ts), and which levels there are (levels.ts).

import { suggestFrom } from '../../world/sim/scenario/suggestion.ts';
import type { Message } from './lab.ts';
import type { Faults, Medium } from './levels.ts';

export interface MailboxOptions {
  /** 1 to 7; 1 where it is left out. */
  readonly level?: number;
  /** 0 to 2^53 - 1; 1 where it is left out. */
  readonly seed?: number;
  /** In the place of the level's letters. */
  readonly letters?: readonly Message[];
  /** In the place of what the level does to messages. */
  readonly medium?: Medium;
  /** Off: no `digest`, no `pcapng`. Faster. */
  readonly isCapturing?: boolean;
}

// A name too few or too many here does not compile.
const OPTIONS = Object.keys({
  level: 0,
  seed: 0,
  letters: 0,
  medium: 0,
  isCapturing: 0,
} satisfies Record<keyof MailboxOptions, 0>);
const DIRECTIONS = ['toBob', 'toAlice'] as const;
const FAULTS = Object.keys({
  loss: 0,
  duplicate: 0,
  reorder: 0,
  reorderDelay: 0,
  jitter: 0,
  corrupt: 0,
} satisfies Record<keyof Faults, 0>);
const MEDIUM = '{ toBob, toAlice }, each with faults, like { loss: 0.5 }, or {}';

/** @throws TypeError on what is no option, or no value of one */
export function checkOptions(options: MailboxOptions): void {
  if (!isObject(options)) throw new TypeError('mailbox takes options, then a function: mailbox({ level: 3 }, main)');
  checkNames(options, 'mailbox has no option', OPTIONS);
  const { letters, medium, isCapturing } = options;
  if (letters !== undefined && !Array.isArray(letters)) throw new TypeError('letters is an array of bytes or texts');
  if (isCapturing !== undefined && typeof isCapturing !== 'boolean') {
    throw new TypeError(`isCapturing is true or false, not ${written(isCapturing)}`);
  }
  if (medium !== undefined) checkMedium(medium);
}

function checkMedium(medium: Medium): void {
  if (!isObject(medium)) throw new TypeError(`medium is ${MEDIUM}; not ${written(medium)}`);
  checkNames(medium, 'medium has no', DIRECTIONS);
  for (const direction of DIRECTIONS) {
    const faults = medium[direction];
    const name = `medium.${direction}`;
    if (faults === undefined) throw new TypeError(`medium has no ${direction}: it is ${MEDIUM}`);
    if (!isObject(faults)) {
      throw new TypeError(`${name} is an object of faults, like { loss: 0.5 }, not ${written(faults)}`);
    }
    checkNames(faults, `${name} has no`, FAULTS);
    for (const [fault, value] of Object.entries(faults)) {
      if (value !== undefined && typeof value !== 'number') {
        throw new TypeError(`${name}.${fault} is a number, not ${written(value)}`);
      }
    }
  }
}

function checkNames(given: object, complaint: string, known: readonly string[]): void {
  const strange = Object.keys(given).find((name) => !known.includes(name));
  if (strange !== undefined) throw new TypeError(`${complaint} ${strange}: ${suggestFrom(strange, known)}`);
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A value of any kind, in a sentence. */
export const written = (value: unknown): string =>
  typeof value === 'string' ? JSON.stringify(value) : isObject(value) ? 'an object' : String(value);
