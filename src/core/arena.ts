// The packet memory of a world: one WebAssembly.Memory, cut into slots of three sizes, handed out by free lists.
//
//   slot:  | headroom, 128 bytes | payload ...           | unused |
//                          ^ start: headers grow to the left  ^ end
//
// A slot is a small integer. Whoever holds one owns a reference to it and passes it on or releases it. The memory grows
// when no slot is free, and growing replaces `view` and `bytes`: read them from the arena after each `allocate`, never
// keep them across one. Not here: what the bytes mean.

import { assert } from './assert.ts';
import type { ChecksumKernel, PacketMemory } from './checksum_kernel.ts';
import { bestKernel } from './checksum_kernel_simd.ts';

/** No slot: what a `poll...` returns when there is nothing. */
export const NO_SLOT = -1;

/** Room in front of a payload: Ethernet with a VLAN tag, the longest IPv4 header, and a usual TCP header. */
export const HEADROOM = 128;

const WASM_PAGE = 65_536;
const BLOCK = 64; // a cache line

// Odd numbers of cache lines: with a power of two, all headers of a full window would share a few cache sets.
const CLASSES = [
  { size: 27 * BLOCK, perPiece: 64 }, // a full Ethernet frame
  { size: 257 * BLOCK, perPiece: 4 }, // a piece of a stream, or a jumbo frame
  { size: 1027 * BLOCK, perPiece: 1 }, // the largest IP packet
] as const;

/** The longest payload that a slot can hold. */
export const MAX_PAYLOAD: number = CLASSES[2].size - HEADROOM;
/** Payload bytes of a slot of the smallest and of the middle size. */
export const SMALL_PAYLOAD: number = CLASSES[0].size - HEADROOM;
export const MEDIUM_PAYLOAD: number = CLASSES[1].size - HEADROOM;

// What is known of a slot, four integers side by side, so that one cache line holds them.
const START = 0;
const END = 1;
const REFERENCES = 2;
const BASE = 3; // the lowest two bits hold the size class; slots start on cache lines

export class ArenaFull extends Error {
  override readonly name = 'ArenaFull';
}

export class Arena {
  /** All packet bytes. Replaced by `allocate` when the memory grows. */
  view: DataView;
  bytes: Uint8Array;
  // What was copied out last: bulk traffic fills and empties the same slot over and over.
  private lastCopied: Uint8Array;
  private readonly memory: WebAssembly.Memory;
  private readonly kernel: ChecksumKernel;
  private readonly limit: number;
  private info = new Int32Array(4 * 256);
  private slots = 0;
  private carved = 0;
  private readonly free: [Int32Array, Int32Array, Int32Array] = [
    new Int32Array(256),
    new Int32Array(64),
    new Int32Array(16),
  ];
  private readonly freeCount: [number, number, number] = [0, 0, 0];
  private used = 0;

  /**
   * @param limit the most bytes it may grow to; beyond it `allocate` throws `ArenaFull`, which fails the run
   * @param makeKernel the loops over the memory; the fastest that the platform has where nothing else is asked for
   */
  constructor(limit: number = 2 ** 31, makeKernel: (memory: PacketMemory) => ChecksumKernel = bestKernel) {
    this.limit = limit;
    this.memory = new WebAssembly.Memory({ initial: 2, maximum: Math.ceil(limit / WASM_PAGE) });
    this.view = new DataView(this.memory.buffer);
    this.bytes = new Uint8Array(this.memory.buffer);
    this.lastCopied = this.bytes;
    this.kernel = makeKernel(this.memory);
  }

  /** Slots in use: zero once a world is closed. */
  get slotsInUse(): number {
    return this.used;
  }

  /** Bytes of memory taken from the platform so far. */
  get byteLength(): number {
    return this.bytes.length;
  }

  /**
   * A slot with room for `length` bytes between `start` and `end`, and `HEADROOM` in front of them. Its contents are
   * whatever was there. The caller owns the one reference.
   */
  allocate(length: number): number {
    const kind = length <= SMALL_PAYLOAD ? 0 : length <= MEDIUM_PAYLOAD ? 1 : 2;
    assert(length >= 0 && length <= MAX_PAYLOAD, 'no packet is longer than a slot');
    if (this.freeCount[kind] === 0) this.carve(kind);
    this.freeCount[kind]--;
    const slot = this.free[kind][this.freeCount[kind]] ?? NO_SLOT;
    const i = slot << 2;
    const start = ((this.info[i + BASE] ?? 0) & ~3) + HEADROOM;
    this.info[i + START] = start;
    this.info[i + END] = start + length;
    this.info[i + REFERENCES] = 1;
    this.used++;
    return slot;
  }

  /** The place of the first byte in `view` and `bytes`. */
  start(slot: number): number {
    return this.info[(slot << 2) + START] ?? 0;
  }

  /** The place behind the last byte. */
  end(slot: number): number {
    return this.info[(slot << 2) + END] ?? 0;
  }

  length(slot: number): number {
    const i = slot << 2;
    return (this.info[i + END] ?? 0) - (this.info[i + START] ?? 0);
  }

  /** Makes room for a header of `length` bytes in front, and returns where it starts. */
  prepend(slot: number, length: number): number {
    const i = slot << 2;
    const start = (this.info[i + START] ?? 0) - length;
    assert(start >= ((this.info[i + BASE] ?? 0) & ~3), 'headers fit into the headroom');
    this.info[i + START] = start;
    return start;
  }

  /** Drops `length` bytes in front: a header that has been read. Returns the new start. */
  trimFront(slot: number, length: number): number {
    const i = slot << 2;
    const start = (this.info[i + START] ?? 0) + length;
    assert(start <= (this.info[i + END] ?? 0), 'no more is trimmed than there is');
    this.info[i + START] = start;
    return start;
  }

  /** Cuts the slot to its first `length` bytes, or lengthens it within its size. */
  setLength(slot: number, length: number): void {
    const i = slot << 2;
    const base = this.info[i + BASE] ?? 0;
    const end = (this.info[i + START] ?? 0) + length;
    assert(length >= 0 && end <= (base & ~3) + sizeOf(base & 3), 'a slot holds no more than its size');
    this.info[i + END] = end;
  }

  retain(slot: number): void {
    const i = (slot << 2) + REFERENCES;
    this.info[i] = (this.info[i] ?? 0) + 1;
  }

  release(slot: number): void {
    const i = slot << 2;
    const left = (this.info[i + REFERENCES] ?? 0) - 1;
    assert(left >= 0, 'a slot is released once for each reference');
    this.info[i + REFERENCES] = left;
    if (left > 0) return;
    const kind = ((this.info[i + BASE] ?? 0) & 3) as 0 | 1 | 2;
    this.free[kind][this.freeCount[kind]++] = slot;
    this.used--;
  }

  /** Whether someone else reads the same bytes: then they must not be changed in place. */
  isShared(slot: number): boolean {
    return (this.info[(slot << 2) + REFERENCES] ?? 0) > 1;
  }

  /** The same bytes in a slot of one's own; gives up the reference to `slot`. Free of cost when nobody shares it. */
  own(slot: number): number {
    if (!this.isShared(slot)) return slot;
    const copy = this.duplicate(slot);
    this.release(slot);
    return copy;
  }

  /** A second slot with the same bytes; the reference to `slot` stays. */
  duplicate(slot: number): number {
    const length = this.length(slot);
    const copy = this.allocate(length);
    const from = this.start(slot);
    this.bytes.copyWithin(this.start(copy), from, from + length);
    return copy;
  }

  /** A slot that holds a copy of `data`. */
  allocateFrom(data: Uint8Array): number {
    const slot = this.allocate(data.length);
    this.bytes.set(data, this.start(slot));
    return slot;
  }

  /** A copy of the slot's bytes, for whoever lives outside the arena. */
  copyOut(slot: number): Uint8Array {
    return this.bytes.slice(this.start(slot), this.end(slot));
  }

  /** Copies `length` bytes at `at` into `target`, from its place `to` on. */
  copyInto(target: Uint8Array, to: number, at: number, length: number): void {
    let copied = this.lastCopied;
    if (copied.byteOffset !== at || copied.length !== length) {
      copied = this.bytes.subarray(at, at + length);
      this.lastCopied = copied;
    }
    target.set(copied, to);
  }

  /** Sum of `length` bytes at `at`, see `ChecksumKernel`. */
  sum(at: number, length: number): number {
    return this.kernel.sum(at, length);
  }

  /** Copies within the arena and sums in one pass. */
  copySum(to: number, from: number, length: number): number {
    return this.kernel.copySum(to, from, length);
  }

  private carve(kind: 0 | 1 | 2): void {
    const { size, perPiece } = CLASSES[kind];
    const base = this.carved;
    const needed = base + size * perPiece;
    if (needed > this.bytes.length) this.growTo(needed);
    this.carved = needed;
    if (4 * (this.slots + perPiece) > this.info.length) this.info = enlarged(this.info);
    // Free lists are stacks; filled from the top, so that slots are handed out in the order of their addresses.
    if (this.slots + perPiece > this.free[kind].length) this.free[kind] = enlarged(this.free[kind]);
    for (let n = perPiece - 1; n >= 0; n--) {
      const slot = this.slots + n;
      this.info[(slot << 2) + BASE] = (base + n * size) | kind;
      this.free[kind][this.freeCount[kind]++] = slot;
    }
    this.slots += perPiece;
  }

  private growTo(needed: number): void {
    if (needed > this.limit) {
      throw new ArenaFull(
        `packets need more than ${this.limit} bytes of memory: something sends faster than anything is taken away`,
      );
    }
    // By a quarter at least, so that a growing world is copied rarely; never beyond the limit.
    const wished = Math.min(Math.max(needed, Math.ceil(this.bytes.length * 1.25)), this.limit);
    const pages = Math.ceil(wished / WASM_PAGE) - this.bytes.length / WASM_PAGE;
    this.memory.grow(pages);
    this.view = new DataView(this.memory.buffer);
    this.bytes = new Uint8Array(this.memory.buffer);
    this.lastCopied = this.bytes;
  }
}

const sizeOf = (kind: number): number => (CLASSES[kind] ?? CLASSES[2]).size;

function enlarged(table: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(2 * table.length);
  larger.set(table);
  return larger;
}
