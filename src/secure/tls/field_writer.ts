// Writes what TLS's presentation language describes (RFC 8446 §3): the mirror image of field_reader.ts.

import { ByteWriter } from '../../core/byte_writer.ts';

export class FieldWriter {
  private readonly writer: ByteWriter;

  constructor(capacity = 256) {
    this.writer = new ByteWriter(capacity);
  }

  uint8(value: number): void {
    this.writer.uint8(value);
  }

  uint16(value: number): void {
    this.writer.uint16(value);
  }

  uint32(value: number): void {
    this.writer.uint32(value);
  }

  opaque(value: Uint8Array): void {
    this.writer.bytes(value);
  }

  /** @throws RangeError for all vectors that are longer than their length can tell */
  opaque8(value: Uint8Array): void {
    this.vector8(() => this.opaque(value));
  }

  opaque16(value: Uint8Array): void {
    this.vector16(() => this.opaque(value));
  }

  opaque24(value: Uint8Array): void {
    this.vector24(() => this.opaque(value));
  }

  /** A vector of what `write` writes. */
  vector8(write: () => void): void {
    const at = this.writer.length;
    this.writer.uint8(0);
    write();
    this.writer.setUint8(at, this.lengthFrom(at + 1, 0xff));
  }

  vector16(write: () => void): void {
    const at = this.writer.length;
    this.writer.uint16(0);
    write();
    this.writer.setUint16(at, this.lengthFrom(at + 2, 0xffff));
  }

  vector24(write: () => void): void {
    const at = this.writer.length;
    this.writer.uint24(0);
    write();
    this.writer.setUint24(at, this.lengthFrom(at + 3, 0xff_ffff));
  }

  uint16s(values: readonly number[]): void {
    for (const value of values) this.uint16(value);
  }

  uint8s(values: readonly number[]): void {
    for (const value of values) this.uint8(value);
  }

  /** A copy of everything written. */
  finish(): Uint8Array {
    return this.writer.finish();
  }

  private lengthFrom(start: number, max: number): number {
    const length = this.writer.length - start;
    if (length <= max) return length;
    throw new RangeError(`a vector must have at most ${max} bytes here, not ${length}`);
  }
}
