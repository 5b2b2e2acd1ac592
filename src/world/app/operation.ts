// A socket operation as a program that is no generator: it looks, waits until it is woken or its deadline has come, and
// looks again. Bulk traffic calls one with each segment, and a generator takes 260 bytes and a twelfth of the time; an
// operation is made once, and begun anew when it is over. Not here: the operations themselves.

import type { Instant } from '../../core/time.ts';
import type { Program } from './program.ts';

export abstract class Operation<Result> implements Program<Result> {
  /** From when it is begun until it is over: whoever wants the same meanwhile needs one of their own. */
  isInUse = false;
  // Handed to whoever runs the program, who reads it at once.
  private readonly turn: { done: boolean; value: Instant | Result | undefined } = { done: false, value: undefined };

  /** Of the look that was the last one. */
  protected abstract readonly result: Result;

  /** Looks once: until when to wait then, or nothing when it is over. */
  protected abstract look(): Instant | undefined;

  next(): IteratorResult<Instant, Result> {
    const { turn } = this;
    this.isInUse = false; // it may throw
    const deadline = this.look();
    const isOver = deadline === undefined;
    this.isInUse = !isOver;
    turn.done = isOver;
    turn.value = isOver ? this.result : deadline;
    return turn as IteratorResult<Instant, Result>;
  }

  return(result: Result): IteratorResult<Instant, Result> {
    this.isInUse = false;
    return { done: true, value: result };
  }

  throw(error: unknown): IteratorResult<Instant, Result> {
    this.isInUse = false;
    throw error;
  }

  [Symbol.iterator](): Program<Result> {
    return this;
  }
}
