// What attacks on the path are put together from: each block is a judge of messages, and `inTurn` lets the first that does
// not pass a message decide about it. Not here: sending of one's own accord (attacker.ts), asking oracles (inquiry.ts).

import type { Judgement, Message } from './attacker.ts';

export type Judge = (message: Message) => Judgement;
export type Choice = (message: Message) => boolean;

/** Messages for a principal. */
export const to =
  (name: string): Choice =>
  (message) =>
    message.to === name;

/** The n-th message of those that `choice` takes, from 1. */
export function nth(n: number, choice: Choice = () => true): Choice {
  let count = 0;
  return (message) => choice(message) && ++count === n;
}

/** The first judge that does not let it pass decides. */
export const inTurn =
  (...judges: readonly Judge[]): Judge =>
  (message) => {
    for (const judge of judges) {
      const judgement = judge(message);
      if (judgement !== 'pass') return judgement;
    }
    return 'pass';
  };

/** Other bytes in the place of its own. */
export const rewrite =
  (choice: Choice, change: (bytes: Uint8Array) => Uint8Array): Judge =>
  (message) =>
    choice(message) ? change(message.bytes) : 'pass';

export const drop =
  (choice: Choice): Judge =>
  (message) =>
    choice(message) ? 'drop' : 'pass';

/** It arrives so often instead of once. */
export const replay =
  (choice: Choice, times: number): Judge =>
  (message) =>
    choice(message) ? Array.from({ length: times }, () => message.bytes) : 'pass';

/** Others beside it, behind it. */
export const inject =
  (choice: Choice, ...others: readonly Uint8Array[]): Judge =>
  (message) =>
    choice(message) ? [message.bytes, ...others] : 'pass';

/** It arrives behind the next message for the same principal. */
export function delay(choice: Choice): Judge {
  let held: Message | undefined;
  return (message) => {
    if (held !== undefined && held.to === message.to) {
      const { bytes } = held;
      held = undefined;
      return [message.bytes, bytes];
    }
    if (held !== undefined || !choice(message)) return 'pass';
    held = message;
    return 'drop';
  };
}

/** The first candidate that fits, as long as the attacker's budget lets it try: `search(m, keys, opens)`. */
export function search<Candidate>(
  attacker: { computes(): boolean },
  candidates: Iterable<Candidate>,
  fits: (candidate: Candidate) => boolean,
): Candidate | undefined {
  for (const candidate of candidates) {
    if (!attacker.computes()) return undefined;
    if (fits(candidate)) return candidate;
  }
  return undefined;
}
