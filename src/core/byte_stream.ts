// A stream's bytes in the arena: a chain of chunks, made when written and given back as they are consumed.
//
//    chunk 0 (small or medium)   chunk 1 (medium)          chunk 2 (medium)
//   | consumed | bytes ......  | bytes ................. | bytes ...|  - gap -  | written ahead |
//              ^ offset 0                                           ^ length                    ^ extent
//
// Offsets count from the first byte not yet consumed. Bytes may be written ahead of `length`, out of order; `commit`
// takes them in once the gap is closed. An empty stream holds no chunk. Not here: which of the bytes ahead are there
// (interval_set.ts), and how much may be held: the owner knows its buffer size.

import { type Arena, MEDIUM_PAYLOAD, NO_SLOT, SMALL_PAYLOAD } from './arena.ts';

export class ByteStream {
  private readonly arena: Arena;
  // Chunks by their place in the chain; NO_SLOT where nothing has been written yet. All but the first are medium ones.
  // A stream whose reader keeps up has one: no array for that, which would be made anew with each segment.
  private first = NO_SLOT;
  private others: number[] | undefined;
  private firstCapacity = 0; // 0: no chunk
  private consumed = 0;
  private committed = 0;
  private extent = 0;

  constructor(arena: Arena) {
    this.arena = arena;
  }

  /** Bytes that follow each other without a gap from offset 0 on. */
  get length(): number {
    return this.committed;
  }

  /** Chunks held. */
  get chunkCount(): number {
    let count = this.first === NO_SLOT ? 0 : 1;
    for (const chunk of this.others ?? []) if (chunk !== NO_SLOT) count++;
    return count;
  }

  /** Copies `bytes[from, to)` to the end. */
  append(bytes: Uint8Array, from: number, to: number): void {
    const total = to - from;
    let done = 0;
    while (done < total) {
      const at = this.placeForWriting(this.committed + done, total - done);
      const count = Math.min(total - done, this.roomAt(this.committed + done));
      this.arena.bytes.set(count === bytes.length ? bytes : bytes.subarray(from + done, from + done + count), at);
      done += count;
    }
    this.commit(total);
  }

  /**
   * Copies `length` bytes that lie at `from` in the arena to `offset`, which may be ahead of `length`, and returns their
   * sum. They count once they are committed; until then they may be written over. Allocates: see `Arena.allocate`.
   */
  copySumFrom(from: number, offset: number, length: number): number {
    let sum = 0;
    let done = 0;
    while (done < length) {
      const to = this.placeForWriting(offset + done, length - done);
      const count = Math.min(length - done, this.roomAt(offset + done));
      const part = this.arena.copySum(to, from + done, count);
      sum += (done & 1) === 0 ? part : swapped(part);
      done += count;
    }
    if (offset + length > this.extent) this.extent = offset + length;
    return folded(sum);
  }

  /** Takes in `length` bytes that have been written behind the present end. */
  commit(length: number): void {
    this.committed += length;
    if (this.committed > this.extent) this.extent = this.committed;
  }

  /** Copies `length` bytes from `offset` to a place in the arena, and returns their sum. */
  copySumTo(to: number, offset: number, length: number): number {
    const position = this.consumed + offset;
    const at = this.placeOf(position);
    const room = this.roomAt(offset);
    if (length <= room) return this.arena.copySum(to, at, length);
    let sum = this.arena.copySum(to, at, room);
    let done = room;
    while (done < length) {
      const count = Math.min(length - done, MEDIUM_PAYLOAD);
      const part = this.arena.copySum(to + done, this.placeOf(position + done), count);
      sum += (done & 1) === 0 ? part : swapped(part); // an odd piece before it shifts every byte to the other half
      done += count;
    }
    return folded(sum);
  }

  /** Copies the first bytes into `buffer`, as many as there are and fit, consumes them, and returns their number. */
  readInto(buffer: Uint8Array): number {
    const total = Math.min(buffer.length, this.committed);
    let done = 0;
    while (done < total) {
      const at = this.placeOf(this.consumed + done);
      const count = Math.min(total - done, this.roomAt(done));
      this.arena.copyInto(buffer, done, at, count);
      done += count;
    }
    this.consume(total);
    return total;
  }

  /** Gives up the first `count` bytes, at most `length`. */
  consume(count: number): void {
    this.committed -= count;
    this.extent -= count;
    this.consumed += count;
    if (this.extent === 0) {
      this.clear();
      return;
    }
    while (this.consumed >= this.firstCapacity) {
      if (this.first !== NO_SLOT) this.arena.release(this.first);
      this.first = this.others?.shift() ?? NO_SLOT;
      this.consumed -= this.firstCapacity;
      this.firstCapacity = MEDIUM_PAYLOAD;
    }
  }

  /** Gives back what was written ahead and not committed, where whole chunks can go. */
  dropAhead(): void {
    this.extent = this.committed;
    if (this.extent === 0) {
      this.clear();
      return;
    }
    const kept = this.indexOf(this.consumed + this.extent - 1);
    const { others } = this;
    while (others !== undefined && others.length > kept) {
      const chunk = others.pop() ?? NO_SLOT;
      if (chunk !== NO_SLOT) this.arena.release(chunk);
    }
  }

  /** Gives everything back. */
  clear(): void {
    if (this.first !== NO_SLOT) this.arena.release(this.first);
    this.first = NO_SLOT;
    const { others } = this;
    if (others !== undefined && others.length > 0) {
      for (const chunk of others) if (chunk !== NO_SLOT) this.arena.release(chunk);
      this.others = undefined;
    }
    this.consumed = 0;
    this.committed = 0;
    this.extent = 0;
    this.firstCapacity = 0;
  }

  // Positions count from the start of chunk 0.
  private indexOf(position: number): number {
    return position < this.firstCapacity ? 0 : 1 + (((position - this.firstCapacity) / MEDIUM_PAYLOAD) | 0);
  }

  private placeOf(position: number): number {
    if (position < this.firstCapacity) return this.arena.start(this.first) + position;
    const behind = position - this.firstCapacity;
    const chunk = this.others?.[(behind / MEDIUM_PAYLOAD) | 0] ?? NO_SLOT;
    return this.arena.start(chunk) + (behind % MEDIUM_PAYLOAD);
  }

  // Bytes from `offset` to the end of its chunk.
  private roomAt(offset: number): number {
    const position = this.consumed + offset;
    const first = this.firstCapacity;
    return position < first ? first - position : MEDIUM_PAYLOAD - ((position - first) % MEDIUM_PAYLOAD);
  }

  // Where to write at `offset`, the chunk made if need be; `length` tells a lone message from the start of much.
  private placeForWriting(offset: number, length: number): number {
    if (this.firstCapacity === 0) {
      this.consumed = 0;
      this.firstCapacity = offset + length <= SMALL_PAYLOAD ? SMALL_PAYLOAD : MEDIUM_PAYLOAD;
    }
    const position = this.consumed + offset;
    const index = this.indexOf(position);
    if (index > 0) this.makeOther(index - 1);
    else if (this.first === NO_SLOT) this.first = this.arena.allocate(this.firstCapacity);
    return this.placeOf(position);
  }

  private makeOther(index: number): void {
    this.others ??= [];
    while (this.others.length <= index) this.others.push(NO_SLOT);
    if (this.others[index] === NO_SLOT) this.others[index] = this.arena.allocate(MEDIUM_PAYLOAD);
  }
}

const swapped = (sum: number): number => ((sum & 0xff) << 8) | (sum >>> 8);

function folded(sum: number): number {
  const once = (sum & 0xffff) + (sum >>> 16);
  return (once & 0xffff) + (once >>> 16);
}
