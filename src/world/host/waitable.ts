// Something that programs wait for. Whoever waits is woken once, looks again, and waits anew if it must.

import type { Host } from './host.ts';
import type { HostProcess } from './process.ts';

export class Waitable {
  protected readonly host: Host;
  // Nearly always one: a list is made only for the second.
  private waiter: HostProcess | undefined;
  private others: HostProcess[] | undefined;

  constructor(host: Host) {
    this.host = host;
  }

  /** Before a program yields: it wants to know when something changes here. */
  await(): void {
    const process = this.host.current;
    if (process === undefined) return;
    if (this.waiter === undefined) this.waiter = process;
    else if (this.waiter !== process && !this.others?.includes(process)) {
      this.others ??= [];
      this.others.push(process);
    }
  }

  wakeAll(): void {
    const { waiter, others } = this;
    if (waiter === undefined) return;
    this.waiter = undefined;
    this.host.makeRunnable(waiter);
    if (others === undefined) return;
    this.others = undefined;
    for (const process of others) this.host.makeRunnable(process);
  }
}
