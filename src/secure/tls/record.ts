// Records (RFC 8446 §5.1): how TLS cuts the stream below it.
//
//    0      1      2      3      4      5
//   +------+------+------+------+------+-- ... --+
//   | type | legacy      | length      | payload |   type: of the payload; 23 also for whatever is protected
//   |      | version     |             |         |
//   +------+------+------+------+------+-- ... --+
//
// Not here: how payloads are protected (record_protection.ts).

import { failure, isFailure, type TlsFailure } from './failure.ts';
import { UnitBuffer } from './unit_buffer.ts';

export const ContentType = { ChangeCipherSpec: 20, Alert: 21, Handshake: 22, ApplicationData: 23 } as const;

/** RFC 8446 §5.1: bytes of a plaintext. */
export const MAX_PLAINTEXT: number = 2 ** 14;

/** RFC 8446 §5.2: bytes of what is protected: the type, padding and the tag come on top. */
export const MAX_CIPHERTEXT: number = MAX_PLAINTEXT + 256;

export const RECORD_HEADER_LENGTH = 5;

const MAJOR_VERSION = 3;

export interface TlsRecord {
  readonly type: number;
  /** To be ignored (RFC 8446 §5.1). */
  readonly legacyVersion: number;
  readonly payload: Uint8Array;
  /** The five bytes in front of it, which protection authenticates too. */
  readonly header: Uint8Array;
}

/** Finds the records in a stream. */
export class RecordBuffer {
  private readonly units = new UnitBuffer(RECORD_HEADER_LENGTH, recordLength);

  /** No record has begun. */
  get isEmpty(): boolean {
    return this.units.isEmpty;
  }

  /** What the transport brought. Must not change before `next` has answered that there is nothing more. */
  add(bytes: Uint8Array): void {
    this.units.add(bytes);
  }

  /**
   * The next record; undefined: it is not there whole. Its payload lies in the bytes that came if it can. After a failure there
   * is nothing but the same.
   */
  next(): TlsRecord | undefined | TlsFailure {
    const unit = this.units.next();
    if (unit === undefined || isFailure(unit)) return unit;
    const [type = 0, major = 0, minor = 0] = unit;
    return {
      type,
      legacyVersion: (major << 8) | minor,
      payload: unit.subarray(RECORD_HEADER_LENGTH),
      header: unit.subarray(0, RECORD_HEADER_LENGTH),
    };
  }
}

function recordLength(bytes: Uint8Array, at: number): number | TlsFailure {
  const [type = 0, major = 0, minor = 0, high = 0, low = 0] = bytes.subarray(at, at + RECORD_HEADER_LENGTH);
  if (type < ContentType.ChangeCipherSpec || type > ContentType.ApplicationData) {
    return failure('bad-record', `content type ${type}`);
  }
  if (major !== MAJOR_VERSION) return failure('bad-record-version', `record version ${major}.${minor}`);
  const length = (high << 8) | low;
  const max = type === ContentType.ApplicationData ? MAX_CIPHERTEXT : MAX_PLAINTEXT;
  return length <= max ? RECORD_HEADER_LENGTH + length : failure('record-too-long', `a record of ${length} bytes`);
}

/** A record without protection. @throws RangeError if the payload is longer than a record may be */
export function writeRecord(type: number, payload: Uint8Array, legacyVersion: number): Uint8Array {
  const { length } = payload;
  if (length > MAX_PLAINTEXT) throw new RangeError(`a payload must have at most ${MAX_PLAINTEXT} bytes, not ${length}`);
  const record = new Uint8Array(RECORD_HEADER_LENGTH + length);
  record.set([type, legacyVersion >>> 8, legacyVersion, length >>> 8, length]);
  record.set(payload, RECORD_HEADER_LENGTH);
  return record;
}
