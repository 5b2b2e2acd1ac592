// An attacker on the path asks one question after the other, each chosen by what the answers so far have shown. Whoever
// answers is its oracle. Not here: what is asked.

import type { Attacker } from './attacker.ts';

/** Yields questions, and is given the answer to each. */
export type Inquiry = Generator<Uint8Array, void, Uint8Array>;

interface Route {
  readonly from: string;
  readonly to: string;
}

/**
 * Begins at once, and ends with the questions, with the budget or when no answer comes. A question claims to come from
 * `question.from`; the next message on the way of `answer` is taken as the answer, and reaches nobody unless `passes`.
 */
export function inquire(m: Attacker, question: Route, answer: Route, inquiry: Inquiry, passes = false): void {
  const ask = (next: IteratorResult<Uint8Array, void>): boolean =>
    next.done !== true && m.sends(question.from, question.to, next.value);
  let isAsking = ask(inquiry.next());
  m.intercepts(({ from, to, bytes }) => {
    if (!isAsking || from !== answer.from || to !== answer.to) return 'pass';
    isAsking = ask(inquiry.next(bytes));
    return passes ? 'pass' : 'drop';
  });
}
