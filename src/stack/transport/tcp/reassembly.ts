// What has arrived behind a gap, and what the peer is told of it: SACK blocks (RFC 2018), and a D-SACK for what has come
// twice (RFC 2883). The bytes themselves lie in the receive stream already (receive.ts).
//
// The number of ranges is bounded; a segment that would make one more is dropped and comes again.

import { IntervalSet } from '../../../core/interval_set.ts';
import type { Serial } from '../../../core/serial.ts';
import type { SackBlock } from '../../../wire/tcp_options.ts';

export const MAX_GAPS = 128;
const MAX_BLOCKS = 4; // RFC 2018 §3; beside timestamps there is room for three

export class Reassembly {
  private readonly ranges = new IntervalSet(MAX_GAPS);
  // A number in each range that has changed lately, the latest first.
  private recent: Serial[] = [];
  private duplicate: SackBlock | undefined;

  /** How many ranges lie behind gaps. */
  get size(): number {
    return this.ranges.size;
  }

  /** Whether the next segment has something to say of it. */
  get hasNews(): boolean {
    return this.ranges.size > 0 || this.duplicate !== undefined;
  }

  /** How many blocks that is, at most four. */
  get blockCount(): number {
    return Math.min(this.ranges.size + (this.duplicate === undefined ? 0 : 1), MAX_BLOCKS);
  }

  /** `[start, end)` has arrived behind a gap; false: there is no room for one more range. */
  add(start: Serial, end: Serial): boolean {
    if (!this.ranges.add(start, end)) return false;
    this.noteRecent(start);
    return true;
  }

  /** The part of `[start, end)` that is there already and comes first; nothing when none is. */
  overlap(start: Serial, end: Serial): SackBlock | undefined {
    const { ranges } = this;
    for (let i = 0; i < ranges.size; i++) {
      const left = ((start - ranges.start(i)) | 0) > 0 ? start : ranges.start(i);
      const right = ((end - ranges.end(i)) | 0) < 0 ? end : ranges.end(i);
      if (((right - left) | 0) > 0) return { left, right };
    }
    return undefined;
  }

  /** RFC 2883 §4: this has come twice, and is reported once. */
  noteDuplicate(block: SackBlock): void {
    this.duplicate = block;
    this.noteRecent(block.left);
  }

  /** Everything before `rcvNxt` has been taken in. Returns how far what follows reaches without a gap. */
  advance(rcvNxt: Serial): Serial {
    const { ranges } = this;
    ranges.removeBefore(rcvNxt);
    if (ranges.size === 0 || ranges.start(0) !== rcvNxt) return rcvNxt;
    const end = ranges.end(0);
    ranges.removeBefore(end);
    return end;
  }

  /**
   * The blocks of a segment that leaves now (RFC 2018 §4, RFC 2883 §4): a duplicate, then the range that holds what came
   * last, then those that were told of last.
   */
  takeBlocks(): readonly SackBlock[] {
    const { ranges, duplicate } = this;
    const blocks: SackBlock[] = [];
    if (duplicate !== undefined) {
      blocks.push(duplicate);
      this.duplicate = undefined;
    }
    const told = new Set<number>();
    for (const at of this.recent) told.add(ranges.indexOf(at));
    for (let i = ranges.size - 1; i >= 0; i--) told.add(i);
    for (const i of told) {
      if (blocks.length === MAX_BLOCKS) break;
      if (i >= 0) blocks.push({ left: ranges.start(i), right: ranges.end(i) });
    }
    return blocks;
  }

  private noteRecent(at: Serial): void {
    const { ranges } = this;
    const range = ranges.indexOf(at);
    const others = this.recent.filter((other) => ranges.indexOf(other) !== range);
    this.recent = [at, ...others].slice(0, MAX_BLOCKS);
  }
}
