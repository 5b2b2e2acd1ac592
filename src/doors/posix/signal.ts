// Waiting for news of a real socket: whoever waits is woken once, looks again, and waits anew if it must.

import type { Duration } from '../../core/time.ts';
import { PosixError } from './posix_error.ts';

export class Signal {
  private waiting: (() => void)[] = [];

  wake(): void {
    for (const resume of this.waiting.splice(0)) resume();
  }

  /**
   * Looks until there is something: `look` returns undefined where there is nothing yet.
   *
   * @param isServing keeps no Node running
   * @throws PosixError EAGAIN when `timeout` is over
   */
  async until<Result>(
    look: () => Result | undefined,
    timeout: Duration | undefined,
    isServing: boolean,
  ): Promise<Result> {
    let isOver = false;
    const timer = timeout === undefined ? undefined : setTimeout(() => this.end(() => (isOver = true)), timeout / 1e6);
    if (isServing) timer?.unref();
    try {
      for (;;) {
        const found = look();
        if (found !== undefined) return found;
        if (isOver) throw new PosixError('EAGAIN', 'receive');
        await new Promise<void>((resume) => this.waiting.push(resume));
      }
    } finally {
      clearTimeout(timer);
    }
  }

  private end(note: () => void): void {
    note();
    this.wake();
  }
}
