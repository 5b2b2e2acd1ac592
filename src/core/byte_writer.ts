// Writes fields into bytes that grow as needed: the mirror image of `ByteReader`.

export class ByteWriter {
  private buffer: Uint8Array;
  private view: DataView;
  private used = 0;

  constructor(capacity = 64) {
    this.buffer = new Uint8Array(capacity);
    this.view = new DataView(this.buffer.buffer);
  }

  /** Bytes written so far, and so the place of the next one. */
  get length(): number {
    return this.used;
  }

  uint8(value: number): void {
    const at = this.grow(1);
    this.view.setUint8(at, value);
  }

  uint16(value: number): void {
    const at = this.grow(2);
    this.view.setUint16(at, value);
  }

  uint24(value: number): void {
    this.uint8(value >>> 16);
    this.uint16(value);
  }

  /** Signed or unsigned: the same 32 bits. */
  uint32(value: number): void {
    const at = this.grow(4);
    this.view.setUint32(at, value);
  }

  bytes(data: Uint8Array): void {
    const at = this.grow(data.length);
    this.buffer.set(data, at);
  }

  /** `length` zero bytes. */
  zeros(length: number): void {
    const at = this.grow(length);
    this.buffer.fill(0, at, at + length);
  }

  /** Fills in a field that was left open, once its value is known. */
  setUint16(at: number, value: number): void {
    this.view.setUint16(at, value);
  }

  setUint24(at: number, value: number): void {
    this.view.setUint8(at, value >>> 16);
    this.view.setUint16(at + 1, value);
  }

  setUint8(at: number, value: number): void {
    this.view.setUint8(at, value);
  }

  /** Forgets what was written from `length` on. */
  rewind(length: number): void {
    if (length < this.used) this.used = Math.max(0, length);
  }

  /** A copy of everything written. */
  finish(): Uint8Array {
    return this.buffer.slice(0, this.used);
  }

  private grow(length: number): number {
    const at = this.used;
    this.used += length;
    if (this.used > this.buffer.length) {
      const larger = new Uint8Array(Math.max(this.used, 2 * this.buffer.length));
      larger.set(this.buffer);
      this.buffer = larger;
      this.view = new DataView(larger.buffer);
    }
    return at;
  }
}
