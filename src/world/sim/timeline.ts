// What happens at set times: an event source that stands before all machines, so that what is due at an instant is done
// before anything else of that instant.

import { EventKind, EventSource, eventRank } from '../../core/event_queue.ts';
import { type Instant, NEVER } from '../../core/time.ts';
import type { World } from './world.ts';

const BEFORE_ALL_NODES = -1;

interface Entry {
  readonly at: Instant;
  readonly act: (now: Instant) => void;
}

export class Timeline extends EventSource {
  private readonly world: World;
  // In the order of time; of equal times in the order of entry.
  private readonly entries: Entry[] = [];

  constructor(world: World) {
    super();
    this.world = world;
  }

  override get rank(): number {
    return eventRank(BEFORE_ALL_NODES, 0, EventKind.Timer);
  }

  /** @throws RangeError when the time has passed */
  at(at: Instant, act: (now: Instant) => void): void {
    if (at < this.world.now)
      throw new RangeError(`it is ${this.world.now} ns already: nothing can be done at ${at} ns`);
    let place = this.entries.length;
    while (place > 0 && (this.entries[place - 1]?.at ?? 0) > at) place--;
    this.entries.splice(place, 0, { at, act });
    this.arm();
  }

  override fire(now: Instant): void {
    this.world.queue.schedule(this, NEVER);
    if (this.world.isClosed) this.entries.length = 0;
    for (let first = this.entries[0]; first !== undefined && first.at <= now; first = this.entries[0]) {
      this.entries.shift();
      first.act(now);
    }
    this.arm();
  }

  private arm(): void {
    this.world.queue.schedule(this, this.entries[0]?.at ?? NEVER);
  }
}
