// Cuts a stream of bytes into units that begin with a header which tells their length: records, and the messages in them. What
// lies whole in the bytes that came is handed out where it lies; only what was cut in two is copied, once.
//
// Not here: what the headers mean (record.ts, handshake_buffer.ts).

import { joinBytes } from '../../core/bytes.ts';
import type { TlsFailure } from './failure.ts';

const EMPTY: Uint8Array = new Uint8Array(0);

/** Enough for any record, which is then copied once though it come in many pieces. */
const FIRST_ROOM = 2 ** 15;

/** Bytes of the unit whole, by its header at `at`; or why it is refused. */
type LengthOf = (bytes: Uint8Array, at: number) => number | TlsFailure;

export class UnitBuffer {
  private readonly headerLength: number;
  private readonly lengthOf: LengthOf;
  // What came last, and how far it has been handed out.
  private input = EMPTY;
  private at = 0;
  // The beginning of a unit whose end has not come yet, in room that grows: a header alone claims little memory.
  private begun = EMPTY;
  private begunLength = 0;
  private failure: TlsFailure | undefined;

  constructor(headerLength: number, lengthOf: LengthOf) {
    this.headerLength = headerLength;
    this.lengthOf = lengthOf;
  }

  /** Nothing lies here that has not been handed out. */
  get isEmpty(): boolean {
    return this.begunLength === 0 && this.at === this.input.length;
  }

  /**
   * Takes bytes, which must not change before `next` has answered that there is nothing more. To be called then: what is added
   * to what could still be handed out is copied together with it.
   */
  add(bytes: Uint8Array): void {
    const isUsedUp = this.at === this.input.length;
    this.input = isUsedUp ? bytes : joinBytes([this.input.subarray(this.at), bytes]);
    this.at = 0;
  }

  /** The next unit, its header included; undefined: it is not there whole. After a failure there is nothing but the same. */
  next(): Uint8Array | undefined | TlsFailure {
    return this.failure ?? (this.begunLength === 0 ? this.nextInPlace() : this.nextCompleted());
  }

  private nextInPlace(): Uint8Array | undefined | TlsFailure {
    const { input, at } = this;
    if (input.length - at >= this.headerLength) {
      const length = this.judge(input, at);
      if (typeof length !== 'number') return length;
      if (input.length - at >= length) {
        this.at = at + length;
        return input.subarray(at, this.at);
      }
      this.keep(input.length - at, length);
    } else this.keep(input.length - at, this.headerLength);
    return undefined;
  }

  private nextCompleted(): Uint8Array | undefined | TlsFailure {
    if (this.begunLength < this.headerLength) this.keep(this.headerLength - this.begunLength, this.headerLength);
    if (this.begunLength < this.headerLength) return undefined;
    const length = this.judge(this.begun, 0);
    if (typeof length !== 'number') return length;
    this.keep(length - this.begunLength, length);
    if (this.begunLength < length) return undefined;
    const unit = this.begun.subarray(0, length);
    this.begun = EMPTY; // it is the receiver's now
    this.begunLength = 0;
    return unit;
  }

  private judge(bytes: Uint8Array, at: number): number | TlsFailure {
    const length = this.lengthOf(bytes, at);
    if (typeof length !== 'number') this.failure = length;
    return length;
  }

  /** Moves up to `count` bytes of the input behind what has begun, of which there will be `whole` as far as is known. */
  private keep(count: number, whole: number): void {
    const moved = this.input.subarray(this.at, this.at + count);
    const length = this.begunLength + moved.length;
    if (length > this.begun.length) {
      const room = Math.min(whole, Math.max(2 * this.begun.length, FIRST_ROOM));
      const larger = new Uint8Array(Math.max(length, room));
      larger.set(this.begun.subarray(0, this.begunLength));
      this.begun = larger;
    }
    this.begun.set(moved, this.begunLength);
    this.begunLength = length;
    this.at += moved.length;
  }
}
