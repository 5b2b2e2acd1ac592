// The levels of the lab: what the medium does to messages at each. A level does all that the one before it does, and one
// thing more.

import { type Duration, milliseconds } from '../../core/time.ts';
import { LETTERS, LONG_LETTERS } from './letters.ts';
import { written } from './mailbox_options.ts';

/** What happens to messages in one direction. Probabilities from 0 to 1, milliseconds; what is left out does not happen. */
export interface Faults {
  readonly loss?: number;
  readonly duplicate?: number;
  /** Probability that a message is held back, by `reorderDelay`, while later ones pass. */
  readonly reorder?: number;
  readonly reorderDelay?: number;
  /** Extra delay, uniform from 0 to this; the order stays. */
  readonly jitter?: number;
  /** Probability that one bit of a message is turned over. */
  readonly corrupt?: number;
}

export interface Medium {
  /** To Bob. */
  readonly toBob: Faults;
  /** To Alice. */
  readonly toAlice: Faults;
}

/** From one end to the other, where nothing holds a message up. */
export const DELAY: Duration = milliseconds(10);
/** Bytes of the longest message. */
export const MAX_MESSAGE = 64;

const LOSS = { loss: 0.2 } as const;
const COPIES = { ...LOSS, duplicate: 0.2 } as const;
const DISORDER = { ...COPIES, reorder: 0.2, reorderDelay: 50 } as const;
const LATENESS = { ...DISORDER, jitter: 400 } as const;
const DAMAGE = { ...LATENESS, corrupt: 0.2 } as const;

const bothWays = (faults: Faults): Medium => ({ toBob: faults, toAlice: faults });

export interface Level {
  readonly name: string;
  /** In a sentence. */
  readonly text: string;
  readonly medium: Medium;
  readonly letters: readonly Uint8Array[];
}

/** Level 1 is the first. */
export const LEVELS: readonly Level[] = [
  {
    name: 'perfect',
    text: 'Every message arrives after 10 ms, once, as it was sent.',
    medium: bothWays({}),
    letters: LETTERS,
  },
  {
    name: 'loses',
    text: 'One in five of the messages to Bob is lost; those to Alice arrive.',
    medium: { toBob: LOSS, toAlice: {} },
    letters: LETTERS,
  },
  {
    name: 'duplicates',
    text: 'One in five of all messages is lost, to Alice too; of the others, one in five arrives twice.',
    medium: bothWays(COPIES),
    letters: LETTERS,
  },
  {
    name: 'reorders',
    text: 'Of those that are not lost, one in five is also held back for 50 ms, and later ones overtake it.',
    medium: bothWays(DISORDER),
    letters: LETTERS,
  },
  {
    name: 'delays',
    text: 'Each message also takes up to 400 ms longer.',
    medium: bothWays(LATENESS),
    letters: LETTERS,
  },
  {
    name: 'corrupts',
    text: 'In one in five of those that are not lost a bit is also turned over; of the rest, one in five arrives twice.',
    medium: bothWays(DAMAGE),
    letters: LETTERS,
  },
  {
    name: 'all of it',
    text: 'And the letters are longer than a message may be.',
    medium: bothWays(DAMAGE),
    letters: LONG_LETTERS,
  },
];

/** @throws RangeError where there is no such level */
export function levelOf(level: number): Level {
  const found = typeof level === 'number' ? LEVELS[level - 1] : undefined;
  if (found === undefined) {
    throw new RangeError(`level is a whole number from 1 to ${LEVELS.length}, not ${written(level)}`);
  }
  return found;
}
