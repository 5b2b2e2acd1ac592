// Something that programs wait for. Whoever waits is woken once, looks again, and waits anew if it must.

import type { Host } from './host.ts';
import type { HostProcess } from './process.ts';

export class Waitable {
  protected readonly host: Host;
  private waiters: HostProcess[] | undefined;

  constructor(host: Host) {
    this.host = host;
  }

  /** Before a program yields: it wants to know when something changes here. */
  protected await(): void {
    const process = this.host.current;
    if (process === undefined) return;
    this.waiters ??= [];
    if (!this.waiters.includes(process)) this.waiters.push(process);
  }

  wakeAll(): void {
    const waiters = this.waiters;
    if (waiters === undefined) return;
    this.waiters = undefined;
    for (const process of waiters) this.host.makeRunnable(process);
  }
}
