// Reads what TLS's presentation language describes (RFC 8446 §3): numbers, opaque bytes and vectors, from bytes that a stranger
// wrote. Nothing here throws. The first thing that is wrong is kept in `failure`, shared by a reader and all readers opened
// from it; after that everything reads as empty, so that a decoder reads straight through and judges once.
//
// Every field says what it is: with `spans` given, each byte is recorded once, the lengths of vectors too. The mirror image is
// field_writer.ts.

import { ByteReader, type ByteSpan } from '../../core/byte_reader.ts';
import { viewOf } from '../../core/bytes.ts';
import { type FailureReason, failure, type TlsFailure } from './failure.ts';

type Meaning<T> = (value: T) => string;
/** Most opaque bytes have none beside themselves. */
type OpaqueMeaning = (value: Uint8Array) => string | undefined;

interface Outcome {
  failure: TlsFailure | undefined;
}

export class FieldReader {
  private readonly reader: ByteReader;
  private readonly outcome: Outcome;

  private constructor(reader: ByteReader, outcome: Outcome) {
    this.reader = reader;
    this.outcome = outcome;
  }

  static of(bytes: Uint8Array, spans?: ByteSpan[]): FieldReader {
    return new FieldReader(new ByteReader(viewOf(bytes), 0, bytes.length, spans), { failure: undefined });
  }

  /** The first thing that was wrong, anywhere in these bytes. */
  get failure(): TlsFailure | undefined {
    return this.outcome.failure;
  }

  /** Nothing is left to read, or nothing that makes sense. */
  get isAtEnd(): boolean {
    return this.outcome.failure !== undefined || this.reader.remaining === 0;
  }

  get remaining(): number {
    return this.outcome.failure === undefined ? this.reader.remaining : 0;
  }

  fail(reason: FailureReason, detail: string): void {
    this.outcome.failure ??= failure(reason, detail);
  }

  uint8(label: string, meaning: Meaning<number> = String): number {
    return this.number(label, 1, this.reader.uint8(), meaning);
  }

  uint16(label: string, meaning: Meaning<number> = String): number {
    return this.number(label, 2, this.reader.uint16(), meaning);
  }

  uint24(label: string, meaning: Meaning<number> = String): number {
    return this.number(label, 3, this.reader.uint24(), meaning);
  }

  /** Unsigned. */
  uint32(label: string, meaning: Meaning<number> = String): number {
    return this.number(label, 4, this.reader.uint32(), meaning);
  }

  /** A copy of the next `length` bytes, which have no length in front of them. */
  opaque(label: string, length: number, meaning?: OpaqueMeaning): Uint8Array {
    const { reader } = this;
    const start = reader.at;
    const value = reader.bytes(length);
    this.judge(label);
    if (this.outcome.failure !== undefined) return value.subarray(0, 0);
    if (reader.spans !== undefined && value.length > 0) reader.mark(start, label, meaning?.(value));
    return value;
  }

  /** opaque<min..2^8-1> */
  opaque8(label: string, min: number, meaning?: OpaqueMeaning): Uint8Array {
    return this.opaque(label, this.length(label, 1, min), meaning);
  }

  /** opaque<min..2^16-1> */
  opaque16(label: string, min: number, meaning?: OpaqueMeaning): Uint8Array {
    return this.opaque(label, this.length(label, 2, min), meaning);
  }

  /** opaque<min..2^24-1> */
  opaque24(label: string, min: number, meaning?: OpaqueMeaning): Uint8Array {
    return this.opaque(label, this.length(label, 3, min), meaning);
  }

  /** A reader of a vector of at least `min` bytes, which this one steps over. */
  vector8(label: string, min: number): FieldReader {
    return this.sub(label, this.length(label, 1, min));
  }

  vector16(label: string, min: number): FieldReader {
    return this.sub(label, this.length(label, 2, min));
  }

  vector24(label: string, min: number): FieldReader {
    return this.sub(label, this.length(label, 3, min));
  }

  /** Numbers of two bytes each, up to the end. */
  uint16s(label: string, meaning: Meaning<number>): number[] {
    const values: number[] = [];
    while (!this.isAtEnd) values.push(this.uint16(label, meaning));
    return values;
  }

  uint8s(label: string, meaning: Meaning<number>): number[] {
    const values: number[] = [];
    while (!this.isAtEnd) values.push(this.uint8(label, meaning));
    return values;
  }

  /** Steps over what is left, unread. */
  skipRest(label: string): void {
    if (!this.isAtEnd) this.opaque(label, this.reader.remaining);
  }

  /** RFC 8446 §4: what does not end where its length says cannot be decoded. */
  finish(label: string): void {
    if (this.remaining > 0) this.fail('malformed-message', `${this.remaining} bytes behind the end of ${label}`);
  }

  private number(label: string, size: number, value: number, meaning: Meaning<number>): number {
    this.judge(label);
    const { reader } = this;
    if (reader.spans !== undefined && this.outcome.failure === undefined) {
      reader.mark(reader.at - size, label, meaning(value));
    }
    return this.outcome.failure === undefined ? value : 0;
  }

  private length(label: string, size: 1 | 2 | 3, min: number): number {
    const name = `length of ${label}`;
    const length = size === 1 ? this.uint8(name) : size === 2 ? this.uint16(name) : this.uint24(name);
    if (length < min) this.fail('malformed-message', `${label} of ${length} bytes`);
    return this.outcome.failure === undefined ? length : 0;
  }

  private sub(label: string, length: number): FieldReader {
    const sub = new FieldReader(this.reader.sub(length), this.outcome);
    this.judge(label);
    return sub;
  }

  private judge(label: string): void {
    if (this.reader.isTruncated) this.fail('malformed-message', `${label} is cut off`);
  }
}
