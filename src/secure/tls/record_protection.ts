// Records under a traffic secret (RFC 8446 §5.2, now 9846): content and its type become a sealed record, and back.
//
//   header 23 03 03 length | sealed: content, type, zeros of padding | tag
//
// Not here: records as they come from the transport (record_layer.ts), and when a secret gives way to the next.

import { AEAD_TAG_LENGTH, type Aead, type CryptoProvider } from '../crypto/provider.ts';
import type { CipherSuite } from './cipher_suite.ts';
import { failure, type TlsFailure } from './failure.ts';
import { trafficKeys } from './key_schedule.ts';

const HEADER_LENGTH = 5;
/** What a record has beside its content: header, type, tag. */
const OVERHEAD = HEADER_LENGTH + 1 + AEAD_TAG_LENGTH;
/** RFC 8446 §5.1: content of a record. */
const MAX_CONTENT = 16_384;

// RFC 8446 §5.2: every sealed record looks like application data of TLS 1.2.
const APPLICATION_DATA = 23;
const LEGACY_VERSION = 0x0303;

/** One direction of a connection, under one secret: what is sent. */
export class RecordSealer {
  private readonly suite: CipherSuite;
  private readonly aead: Aead;
  private readonly nonces: Nonces;

  constructor(provider: CryptoProvider, suite: CipherSuite, secret: Uint8Array) {
    const { key, iv } = trafficKeys(provider, suite, secret);
    this.suite = suite;
    this.aead = provider.prepareAead(suite.aead, key);
    this.nonces = new Nonces(iv);
  }

  /** Whether this many records under one secret are enough (RFC 8446 §5.5): another secret is due. */
  get isExhausted(): boolean {
    return this.nonces.used >= this.suite.recordLimit;
  }

  /** One record, whole, of the content's bytes `from` up to `to`: at most 2^14. */
  seal(type: number, content: Uint8Array, from: number, to: number): Uint8Array {
    const out = new Uint8Array(to - from + OVERHEAD);
    this.sealInto(type, content.subarray(from, to), out, 0);
    return out;
  }

  /** As many records as it takes, one behind the other; one of no content if there is none. */
  sealAll(type: number, content: Uint8Array, maxRecordLength: number): Uint8Array {
    const records = Math.max(1, Math.ceil(content.length / maxRecordLength));
    const out = new Uint8Array(content.length + records * OVERHEAD);
    for (let i = 0, from = 0; i < records; i++, from += maxRecordLength) {
      this.sealInto(type, content.subarray(from, from + maxRecordLength), out, from + i * OVERHEAD);
    }
    return out;
  }

  private sealInto(type: number, content: Uint8Array, out: Uint8Array, at: number): void {
    const innerLength = content.length + 1;
    const length = innerLength + AEAD_TAG_LENGTH;
    out[at] = APPLICATION_DATA;
    out[at + 1] = LEGACY_VERSION >>> 8;
    out[at + 2] = LEGACY_VERSION & 0xff;
    out[at + 3] = length >>> 8;
    out[at + 4] = length & 0xff;
    const start = at + HEADER_LENGTH;
    out.set(content, start);
    out[start + content.length] = type;
    const header = out.subarray(at, start);
    this.aead.sealInto(this.nonces.next(), header, out.subarray(start, start + innerLength), out, start);
  }
}

export interface OpenedRecord {
  readonly type: number;
  readonly content: Uint8Array;
}

/** One direction of a connection, under one secret: what is received. */
export class RecordOpener {
  private readonly aead: Aead;
  private readonly nonces: Nonces;

  constructor(provider: CryptoProvider, suite: CipherSuite, secret: Uint8Array) {
    const { key, iv } = trafficKeys(provider, suite, secret);
    this.aead = provider.prepareAead(suite.aead, key);
    this.nonces = new Nonces(iv);
  }

  /** A record that is not authentic does not count: the next one may still be. @param header the record's five bytes */
  open(header: Uint8Array, payload: Uint8Array): OpenedRecord | TlsFailure {
    const inner = this.aead.open(this.nonces.peek(), header, payload);
    if (inner === undefined) return failure('not-authentic', `record ${this.nonces.used}`);
    this.nonces.next();
    // RFC 8446 §5.4: padding counts.
    if (inner.length > MAX_CONTENT + 1)
      return failure('record-too-long', `${inner.length} bytes with type and padding`);
    let end = inner.length;
    while (end > 0 && inner[end - 1] === 0) end--;
    if (end === 0) return failure('bad-record-padding', 'a record of zeros, without a type');
    return { type: inner[end - 1] ?? 0, content: inner.subarray(0, end - 1) };
  }
}

/** RFC 8446 §5.3: the number of the record, from 0 on, exclusive-or the IV. One array for all. */
class Nonces {
  /** Records so far. */
  used = 0;
  private readonly nonce: Uint8Array;
  private readonly view: DataView;
  private readonly high: number;
  private readonly low: number;

  constructor(iv: Uint8Array) {
    this.nonce = iv.slice();
    this.view = new DataView(this.nonce.buffer);
    this.high = this.view.getUint32(4);
    this.low = this.view.getUint32(8);
  }

  /** Of the record that comes next. */
  peek(): Uint8Array {
    this.view.setUint32(4, this.high ^ Math.floor(this.used / 0x1_0000_0000));
    this.view.setUint32(8, this.low ^ this.used);
    return this.nonce;
  }

  next(): Uint8Array {
    const nonce = this.peek();
    this.used++;
    return nonce;
  }
}
