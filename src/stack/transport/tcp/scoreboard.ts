// What is out and not yet acknowledged, of a connection with SACK: when each piece left last, and what has been heard of
// it. Pieces that left at the same instant and fared alike are one record, so a window is as many records as there were
// occasions to send.
//
//     start        end(0)         end(1)                end(2)
//       |-- time(0) --|-- Sacked ----|-- Lost, Again ------|
//
// Records are kept in order in typed arrays with room on both sides, and searched by halving. Their number is bounded:
// beyond it news of the peer is not taken in, which SACK allows, since it only advises (RFC 2018 §8).
//
// Not here: what counts as lost (rack.ts), and when it goes again (output.ts).

import type { Serial } from '../../../core/serial.ts';
import { type Instant, START } from '../../../core/time.ts';

/** What has become of a piece. */
export const Mark = {
  /** It lies at the peer, behind a gap. */
  Sacked: 1,
  /** It is to be sent again. */
  Lost: 2,
  /** It has been sent more than once (Segment.retransmitted of RFC 8985 §5.2). */
  Again: 4,
} as const;

const FIRST_CAPACITY = 16;
/** Records of one connection: as many as a window of 40 MB has segments. */
export const MAX_RECORDS = 32_768;

export class Scoreboard {
  /** First number that is not acknowledged. */
  start: Serial;
  /** Bytes marked as sacked, and as lost. */
  sackedBytes = 0;
  lostBytes = 0;
  private times = new Float64Array(FIRST_CAPACITY);
  // End and marks of each record in turn.
  private words = new Int32Array(2 * FIRST_CAPACITY);
  private head = 0;
  private tail = 0;

  constructor(start: Serial) {
    this.start = start;
  }

  /** How many records there are. */
  get size(): number {
    return this.tail - this.head;
  }

  /** First number of record `i`, 0 to `size` - 1. */
  startOf(i: number): Serial {
    return i === 0 ? this.start : this.endOf(i - 1);
  }

  /** The number behind the last one of record `i`; of -1: the first of all. */
  endOf(i: number): Serial {
    return i < 0 ? this.start : (this.words[2 * (this.head + i)] ?? 0);
  }

  /** When record `i` left last; the start of all, once it is sacked, so that sacked neighbors are one. */
  timeOf(i: number): Instant {
    return (this.times[this.head + i] ?? 0) as Instant;
  }

  marksOf(i: number): number {
    return this.words[2 * (this.head + i) + 1] ?? 0;
  }

  /** The record that holds `at`, which must lie in one. */
  indexOf(at: Serial): number {
    let low = 0;
    let high = this.size - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (((this.endOf(middle) - at) | 0) > 0) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Everything up to `end` that was not out before left at `now`. */
  append(end: Serial, now: Instant): void {
    const last = this.tail - 1;
    if (last >= this.head && this.words[2 * last + 1] === 0 && (this.times[last] === now || this.size >= MAX_RECORDS)) {
      this.words[2 * last] = end;
      this.times[last] = now;
      return;
    }
    if (this.tail === this.times.length) this.makeRoom();
    this.times[this.tail] = now;
    this.words[2 * this.tail] = end;
    this.words[2 * this.tail + 1] = 0;
    this.tail++;
  }

  /** Drops what lies before `ack`. */
  acknowledge(ack: Serial): void {
    const { words } = this;
    let { head } = this;
    if (this.sackedBytes > 0 || this.lostBytes > 0) this.discount(ack);
    while (head < this.tail && (((words[2 * head] ?? 0) - ack) | 0) <= 0) head++;
    this.start = ack;
    if (head === this.tail) {
      head = 0;
      this.tail = 0;
    }
    this.head = head;
  }

  /**
   * Marks `[from, to)`, a part of record `i` that is not sacked, as sacked. Returns the record in which it lies now; -1 when
   * there are too many.
   */
  sack(i: number, from: Serial, to: Serial): number {
    const at = this.cut(i, from, to, Mark.Sacked, START);
    if (at < 0) return -1;
    const count = (to - from) | 0;
    this.sackedBytes += count;
    return at;
  }

  /** Marks record `i`, which is neither, as lost. */
  lose(i: number): void {
    const at = 2 * (this.head + i);
    this.words[at + 1] = (this.words[at + 1] ?? 0) | Mark.Lost;
    this.lostBytes += (this.endOf(i) - this.startOf(i)) | 0;
  }

  /** `[from, to)`, a part of record `i` that is not sacked, leaves once more at `now`. */
  resend(i: number, from: Serial, to: Serial, now: Instant): void {
    this.cut(i, from, to, Mark.Again, now);
  }

  /** The first record that is lost; -1: none. */
  firstLost(): number {
    if (this.lostBytes === 0) return -1;
    for (let i = 0; i < this.size; i++) if (this.marksOf(i) & Mark.Lost) return i;
    return -1;
  }

  /** Nothing counts as lost. */
  forgetLost(): void {
    for (let i = this.head; i < this.tail; i++) this.words[2 * i + 1] = (this.words[2 * i + 1] ?? 0) & ~Mark.Lost;
    this.lostBytes = 0;
  }

  /** Nothing counts as having arrived out of order: the peer may have thrown it away (RFC 2018 §8). */
  forgetSacked(): void {
    for (let i = this.head; i < this.tail; i++) {
      const marks = this.words[2 * i + 1] ?? 0;
      this.words[2 * i + 1] = marks & ~Mark.Sacked;
    }
    this.sackedBytes = 0;
  }

  // Part of record `i` gets these marks and this time. Where a neighbor has both, the boundary moves and no record is made.
  private cut(i: number, from: Serial, to: Serial, marks: number, time: Instant): number {
    const start = this.startOf(i);
    const end = this.endOf(i);
    const before = this.marksOf(i);
    const isFromStart = from === start;
    const isToEnd = to === end;
    const joinsLeft = isFromStart && i > 0 && this.isLike(i - 1, marks, time);
    const joinsRight = isToEnd && i + 1 < this.size && this.isLike(i + 1, marks, time);
    const added = (isFromStart ? 0 : 1) + (isToEnd ? 0 : 1) - (joinsLeft ? 1 : 0) - (joinsRight ? 1 : 0);
    if (added > 0 && this.size + added > MAX_RECORDS && marks === Mark.Sacked) return -1;
    if (before & Mark.Lost) this.lostBytes -= (to - from) | 0;
    if (joinsLeft && !isToEnd) {
      this.words[2 * (this.head + i - 1)] = to;
      return i - 1;
    }
    if (joinsRight && !isFromStart) {
      this.words[2 * (this.head + i)] = from;
      return i + 1;
    }
    const kept = this.timeOf(i);
    let at = i;
    if (!isFromStart) {
      this.insert(at, from, kept, before);
      at++;
    }
    if (!isToEnd) this.insert(at, to, time, marks);
    else this.set(at, end, time, marks);
    if (joinsRight) this.join(at);
    if (joinsLeft) {
      this.join(at - 1);
      at--;
    }
    return at;
  }

  private isLike(i: number, marks: number, time: Instant): boolean {
    return this.marksOf(i) === marks && this.timeOf(i) === time;
  }

  private set(i: number, end: Serial, time: Instant, marks: number): void {
    const at = this.head + i;
    this.times[at] = time;
    this.words[2 * at] = end;
    this.words[2 * at + 1] = marks;
  }

  // A record in front of record `i`, out of whose beginning it is cut.
  private insert(i: number, end: Serial, time: Instant, marks: number): void {
    if (this.head > 0 && 2 * i < this.size) {
      this.times.copyWithin(this.head - 1, this.head, this.head + i);
      this.words.copyWithin(2 * (this.head - 1), 2 * this.head, 2 * (this.head + i));
      this.head--;
    } else {
      if (this.tail === this.times.length) this.makeRoom();
      const at = this.head + i;
      this.times.copyWithin(at + 1, at, this.tail);
      this.words.copyWithin(2 * (at + 1), 2 * at, 2 * this.tail);
      this.tail++;
    }
    this.set(i, end, time, marks);
  }

  // Record `i` becomes a part of the one behind it.
  private join(i: number): void {
    const at = this.head + i;
    if (2 * i < this.size) {
      this.times.copyWithin(this.head + 1, this.head, at);
      this.words.copyWithin(2 * (this.head + 1), 2 * this.head, 2 * at);
      this.head++;
    } else {
      this.times.copyWithin(at, at + 1, this.tail);
      this.words.copyWithin(2 * at, 2 * (at + 1), 2 * this.tail);
      this.tail--;
    }
  }

  // Takes marked bytes before `ack` out of the counts.
  private discount(ack: Serial): void {
    for (let i = 0; i < this.size && ((this.startOf(i) - ack) | 0) < 0; i++) {
      const end = this.endOf(i);
      const count = ((((end - ack) | 0) < 0 ? end : ack) - this.startOf(i)) | 0;
      const marks = this.marksOf(i);
      if (marks & Mark.Sacked) this.sackedBytes -= count;
      if (marks & Mark.Lost) this.lostBytes -= count;
    }
  }

  private makeRoom(): void {
    const { head, size, times, words } = this;
    if (2 * size > times.length) {
      this.times = new Float64Array(2 * times.length);
      this.words = new Int32Array(2 * words.length);
    }
    this.times.set(times.subarray(head, head + size));
    this.words.set(words.subarray(2 * head, 2 * (head + size)));
    this.head = 0;
    this.tail = size;
  }
}
