// Where promises meet virtual time. Time moves while somebody waits for something in the world, and stops as soon as a
// promise has been resolved: one turn of the real event loop goes by, so that whoever awaited it can act, before it moves
// again.

import type { World } from '../../world/sim/world.ts';

/** Nothing is left to happen, and somebody still waits. */
export class DeadlockError extends Error {
  override readonly name = 'DeadlockError';
}

interface Waiting {
  readonly what: string;
  isDone(): boolean;
  settle(): void;
  fail(error: Error): void;
}

export class Pump {
  private readonly world: World;
  private readonly waiting = new Set<Waiting>();
  private isRunning = false;

  constructor(world: World) {
    this.world = world;
  }

  /** Resolves once `isDone` says so; virtual time passes meanwhile. */
  until(what: string, isDone: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.add({ what, isDone, settle: resolve, fail: reject });
      if (this.isRunning) return;
      this.isRunning = true;
      setImmediate(() => this.turn());
    });
  }

  private turn(): void {
    try {
      while (!this.resolveDone()) {
        if (this.world.isAlive && this.world.step()) continue;
        this.failAll();
        break;
      }
    } catch (error) {
      for (const each of this.waiting) each.fail(error instanceof Error ? error : new Error(String(error)));
      this.waiting.clear();
    }
    this.isRunning = this.waiting.size > 0;
    if (this.isRunning) setImmediate(() => this.turn());
  }

  private resolveDone(): boolean {
    let isAny = false;
    for (const each of this.waiting) {
      if (!each.isDone()) continue;
      this.waiting.delete(each);
      each.settle();
      isAny = true;
    }
    return isAny;
  }

  private failAll(): void {
    const names = [...this.waiting].map(({ what }) => what).join(', ');
    const error = new DeadlockError(`nothing is left to happen at ${this.world.now / 1e9} s, and these still wait: ${names}`);
    for (const each of this.waiting) each.fail(error);
    this.waiting.clear();
  }
}
