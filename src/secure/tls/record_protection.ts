// Records that nobody else can read or change (RFC 8446 §5.2).

import { AEAD_TAG_LENGTH, type Aead, type CryptoProvider } from '../crypto/provider.ts';
import type { CipherSuite } from './cipher_suite.ts';
import { failure, type TlsFailure } from './failure.ts';
import { trafficKeys } from './key_schedule.ts';
import { ContentType, MAX_PLAINTEXT, RECORD_HEADER_LENGTH } from './record.ts';

class Protection {
  readonly aead: Aead;
  readonly nonce: Uint8Array = new Uint8Array(12);
  private readonly iv: Uint8Array;
  protected sequence = 0;
  constructor(provider: CryptoProvider, suite: CipherSuite, secret: Uint8Array) {
    const { key, iv } = trafficKeys(provider, suite, secret);
    this.aead = provider.prepareAead(suite.aead, key);
    this.iv = iv;
  }
  nextNonce(): Uint8Array {
    const { nonce, iv } = this;
    nonce.set(iv);
    let rest = this.sequence++;
    for (let i = 11; i >= 4; i--) {
      nonce[i] = (nonce[i] ?? 0) ^ (rest & 0xff);
      rest = Math.floor(rest / 256);
    }
    return nonce;
  }
}

export class RecordSealer extends Protection {
  private readonly limit: number;
  constructor(provider: CryptoProvider, suite: CipherSuite, secret: Uint8Array) {
    super(provider, suite, secret);
    this.limit = suite.recordLimit;
  }
  get isExhausted(): boolean {
    return this.sequence >= this.limit;
  }
  sealAll(type: number, content: Uint8Array, maxRecordLength: number): Uint8Array {
    const records = Math.max(1, Math.ceil(content.length / maxRecordLength));
    const overhead = RECORD_HEADER_LENGTH + 1 + AEAD_TAG_LENGTH;
    const out = new Uint8Array(content.length + records * overhead);
    let at = 0;
    for (let i = 0; i < records; i++) {
      const piece = content.subarray(i * maxRecordLength, (i + 1) * maxRecordLength);
      const inner = new Uint8Array(piece.length + 1);
      inner.set(piece);
      inner[piece.length] = type;
      const length = inner.length + AEAD_TAG_LENGTH;
      const header = out.subarray(at, at + RECORD_HEADER_LENGTH);
      header.set([ContentType.ApplicationData, 3, 3, length >>> 8, length]);
      this.aead.sealInto(this.nextNonce(), header, inner, out, at + RECORD_HEADER_LENGTH);
      at += RECORD_HEADER_LENGTH + length;
    }
    return out;
  }
}

export class RecordOpener extends Protection {
  open(header: Uint8Array, payload: Uint8Array): { type: number; content: Uint8Array } | TlsFailure {
    const sequence = this.sequence;
    const inner = this.aead.open(this.nextNonce(), header, payload);
    if (inner === undefined) {
      this.sequence = sequence;
      return failure('not-authentic', `record ${sequence}`);
    }
    if (inner.length > MAX_PLAINTEXT + 1) return failure('record-too-long', `${inner.length} bytes`);
    let end = inner.length - 1;
    while (end >= 0 && inner[end] === 0) end--;
    if (end < 0) return failure('bad-record-padding', 'nothing but zeros');
    return { type: inner[end] ?? 0, content: inner.subarray(0, end) };
  }
}
