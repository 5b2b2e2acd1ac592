// Records that nobody else can read or change (RFC 8446 §5.2): the content, its type and zeros are sealed together, the record's
// header and number with them, so that one that is changed, left out, repeated or moved is not opened. Not here: which keys, and
// when (connection.ts).

import { AEAD_NONCE_LENGTH, AEAD_TAG_LENGTH, type Aead, type CryptoProvider } from '../crypto/provider.ts';
import type { CipherSuite } from './cipher_suite.ts';
import { failure, type TlsFailure } from './failure.ts';
import { trafficKeys } from './key_schedule.ts';
import { ContentType, MAX_PLAINTEXT, RECORD_HEADER_LENGTH } from './record.ts';

/** What protection adds to a record's content: header, type and tag. */
export const RECORD_OVERHEAD: number = RECORD_HEADER_LENGTH + 1 + AEAD_TAG_LENGTH;

/** §5.3: the record's number over the last bytes of the IV; no nonce comes twice, and none is sent. */
class NonceSequence {
  private readonly iv: Uint8Array;
  private readonly nonce: Uint8Array = new Uint8Array(AEAD_NONCE_LENGTH);
  /** Of the next record. */
  number = 0;

  constructor(iv: Uint8Array) {
    this.iv = iv;
  }

  /** Holds until the next call. */
  current(): Uint8Array {
    const { nonce, iv, number } = this;
    nonce.set(iv);
    // A number has 53 bits: no connection has sealed as many records.
    for (let i = AEAD_NONCE_LENGTH - 1, rest = number; rest > 0; i--, rest = Math.floor(rest / 256)) {
      nonce[i] = (nonce[i] ?? 0) ^ (rest & 0xff);
    }
    return nonce;
  }
}

export class RecordSealer {
  private readonly aead: Aead;
  private readonly nonces: NonceSequence;
  private readonly recordLimit: number;

  /** @param secret of one direction's traffic */
  constructor(provider: CryptoProvider, suite: CipherSuite, secret: Uint8Array) {
    const { key, iv } = trafficKeys(provider, suite, secret);
    this.aead = provider.prepareAead(suite.aead, key);
    this.nonces = new NonceSequence(iv);
    this.recordLimit = suite.recordLimit;
  }

  /** RFC 8446 §5.5: it is time for another key. */
  get isExhausted(): boolean {
    return this.nonces.number >= this.recordLimit;
  }

  /** As many records as it takes, each with up to `maxLength` bytes of content; one also for no content. */
  sealAll(type: number, content: Uint8Array, maxLength: number): Uint8Array {
    const records = Math.max(1, Math.ceil(content.length / maxLength));
    const out = new Uint8Array(content.length + records * RECORD_OVERHEAD);
    for (let from = 0, at = 0; at < out.length; from += maxLength) {
      at = this.sealOne(type, content.subarray(from, from + maxLength), out, at);
    }
    return out;
  }

  /** Returns where the next record begins. */
  private sealOne(type: number, content: Uint8Array, out: Uint8Array, at: number): number {
    const sealedLength = content.length + 1 + AEAD_TAG_LENGTH;
    const start = at + RECORD_HEADER_LENGTH;
    const header = out.subarray(at, start);
    header[0] = ContentType.ApplicationData;
    header[1] = 3;
    header[2] = 3;
    header[3] = sealedLength >>> 8;
    header[4] = sealedLength;
    // Content and type are sealed where they are to lie: no memory in between.
    out.set(content, start);
    out[start + content.length] = type;
    const inner = out.subarray(start, start + content.length + 1);
    this.aead.sealInto(this.nonces.current(), header, inner, out, start);
    this.nonces.number++;
    return start + sealedLength;
  }
}

export interface OpenedRecord {
  readonly type: number;
  readonly content: Uint8Array;
}

export class RecordOpener {
  private readonly aead: Aead;
  private readonly nonces: NonceSequence;

  /** @param secret of one direction's traffic */
  constructor(provider: CryptoProvider, suite: CipherSuite, secret: Uint8Array) {
    const { key, iv } = trafficKeys(provider, suite, secret);
    this.aead = provider.prepareAead(suite.aead, key);
    this.nonces = new NonceSequence(iv);
  }

  /** A record that is not opened does not count: the next one may still be the one that was due. */
  open(header: Uint8Array, payload: Uint8Array): OpenedRecord | TlsFailure {
    const inner = this.aead.open(this.nonces.current(), header, payload);
    if (inner === undefined) return failure('not-authentic', `record ${this.nonces.number} under this key`);
    this.nonces.number++;
    // §5.4: zeros behind the type are padding, and count (§5.2).
    if (inner.length > MAX_PLAINTEXT + 1) return failure('record-too-long', `${inner.length - 1} bytes of content`);
    let end = inner.length - 1;
    while (end >= 0 && inner[end] === 0) end--;
    const type = inner[end];
    return type === undefined
      ? failure('bad-record-padding', 'a record of nothing but zeros')
      : { type, content: inner.subarray(0, end) };
  }
}
