// The columns of the ladder's table: one fault each, with the letters that it is tried with; and all of them together.

import { LETTERS, LONG_LETTERS, REPEATED_LETTERS } from '../letters.ts';
import type { Faults, Medium } from '../levels.ts';

export type FaultName =
  | 'none'
  | 'loss to Bob'
  | 'loss'
  | 'duplication'
  | 'reordering'
  | 'delay'
  | 'corruption'
  | 'same again'
  | 'too long'
  | 'all';

export interface Fault {
  readonly name: FaultName;
  /** In a sentence. */
  readonly text: string;
  readonly medium: Medium;
  readonly letters: readonly Uint8Array[];
}

const LOSS = { loss: 0.2 } as const;
const DUPLICATION = { duplicate: 0.2 } as const;
/** Shorter than the rungs' patience, as a fault of its own. */
const REORDERING = { reorder: 0.2, reorderDelay: 50 } as const;
/** Longer than it. */
const DELAY = { jitter: 500 } as const;
const CORRUPTION = { corrupt: 0.2 } as const;

const bothWays = (faults: Faults): Medium => ({ toBob: faults, toAlice: faults });
const PERFECT = bothWays({});

const REPEATED_LONG_LETTERS = LONG_LETTERS.flatMap((letter) => [letter, letter]);

export const FAULTS: readonly Fault[] = [
  { name: 'none', text: 'Each message arrives after 10 ms.', medium: PERFECT, letters: LETTERS },
  {
    name: 'loss to Bob',
    text: 'One in five of the messages to Bob is lost; those to Alice arrive.',
    medium: { toBob: LOSS, toAlice: {} },
    letters: LETTERS,
  },
  { name: 'loss', text: 'One in five of all messages is lost.', medium: bothWays(LOSS), letters: LETTERS },
  { name: 'duplication', text: 'One in five arrives twice.', medium: bothWays(DUPLICATION), letters: LETTERS },
  {
    name: 'reordering',
    text: 'One in five is held back for 50 ms while later ones pass.',
    medium: bothWays(REORDERING),
    letters: LETTERS,
  },
  {
    name: 'delay',
    text: 'Each takes up to 500 ms longer, in their order: longer than a rung waits for an answer.',
    medium: bothWays(DELAY),
    letters: LETTERS,
  },
  { name: 'corruption', text: 'In one of five a bit is turned over.', medium: bothWays(CORRUPTION), letters: LETTERS },
  {
    name: 'same again',
    text: 'Nothing happens to messages, but some letters say the same as the one before.',
    medium: PERFECT,
    letters: REPEATED_LETTERS,
  },
  {
    name: 'too long',
    text: 'Nothing happens to messages, but each letter is longer than the medium takes.',
    medium: PERFECT,
    letters: LONG_LETTERS,
  },
  {
    name: 'all',
    text: 'All of this together.',
    medium: bothWays({ ...LOSS, ...DUPLICATION, ...REORDERING, ...DELAY, ...CORRUPTION }),
    letters: REPEATED_LONG_LETTERS,
  },
];
