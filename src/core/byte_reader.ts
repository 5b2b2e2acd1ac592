// Reads fields from bytes that someone else wrote. Nothing here throws: reading past the end yields zeros and leaves
// `isTruncated` set, so that a decoder reads straight through and judges once.
//
// With `spans` given, each marked field is recorded with the bytes it came from, so that every byte can be explained.

export interface ByteSpan {
  readonly start: number;
  readonly end: number;
  /** What these bytes are: `transaction id`. */
  readonly label: string;
  /** Their meaning as text, where they have one. */
  readonly value?: string;
}

export class ByteReader {
  readonly view: DataView;
  /** The next byte to read. */
  at: number;
  readonly end: number;
  /** Set once something was asked for that lies behind the end. */
  isTruncated = false;
  readonly spans: ByteSpan[] | undefined;

  constructor(view: DataView, at = 0, end: number = view.byteLength, spans?: ByteSpan[]) {
    this.view = view;
    this.at = at;
    this.end = end;
    this.spans = spans;
  }

  get remaining(): number {
    return this.end - this.at;
  }

  uint8(): number {
    return this.has(1) ? this.view.getUint8(this.at++) : 0;
  }

  uint16(): number {
    if (!this.has(2)) return 0;
    this.at += 2;
    return this.view.getUint16(this.at - 2);
  }

  uint24(): number {
    return this.uint8() * 0x1_0000 + this.uint16();
  }

  /** Unsigned. */
  uint32(): number {
    if (!this.has(4)) return 0;
    this.at += 4;
    return this.view.getUint32(this.at - 4);
  }

  /** Signed, as IPv4 addresses are kept. */
  int32(): number {
    return this.uint32() | 0;
  }

  /** A copy of the next `length` bytes; nothing, and truncated, when there are fewer. */
  bytes(length: number): Uint8Array {
    if (!this.has(length)) return new Uint8Array(0);
    this.at += length;
    return new Uint8Array(this.view.buffer, this.view.byteOffset + this.at - length, length).slice();
  }

  skip(length: number): void {
    if (this.has(length)) this.at += length;
  }

  /** A reader of the next `length` bytes, which this one steps over. */
  sub(length: number): ByteReader {
    const start = this.at;
    const isThere = this.has(length);
    if (isThere) this.at += length;
    return new ByteReader(this.view, start, isThere ? start + length : start, this.spans);
  }

  /** Records that the bytes from `start` up to here are `label`. */
  mark(start: number, label: string, value?: string): void {
    if (this.spans === undefined) return;
    this.spans.push(value === undefined ? { start, end: this.at, label } : { start, end: this.at, label, value });
  }

  private has(length: number): boolean {
    if (length >= 0 && this.at + length <= this.end) return true;
    this.isTruncated = true;
    this.at = this.end;
    return false;
  }
}
