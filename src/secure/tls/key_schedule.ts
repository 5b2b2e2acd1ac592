// From shared secrets to keys (RFC 8446 §7.1, now 9846). Each stage is left for the next, and gone then:
//
//        PSK or zeros               key agreement                   zeros
//             │                           │                           │
//   0 ──▶ EarlySchedule ──────▶ HandshakeSchedule ──────▶ MainSchedule ──▶ resumption secret
//             ├─ binder key               ├─ client, server           ├─ client, server application traffic
//             └─ early traffic               handshake traffic        └─ exporter
//
// What is derived depends on the hash of all that was said (transcript.ts), so that ends that have seen different things have
// different keys. Not here: what protects records (record_protection.ts).

import { assert } from '../../core/assert.ts';
import { utf8 } from '../../core/bytes.ts';
import { AEAD_KEY_LENGTH, AEAD_NONCE_LENGTH, type CryptoProvider, HASHES, type HashName } from '../crypto/provider.ts';
import type { CipherSuite } from './cipher_suite.ts';

const EMPTY: Uint8Array = new Uint8Array(0);

/** HKDF-Expand-Label; `length` up to one output of the hash, which is all that TLS asks for but exporters. */
function expandShort(
  provider: CryptoProvider,
  hash: HashName,
  secret: Uint8Array,
  label: string,
  context: Uint8Array,
  length: number,
): Uint8Array {
  // RFC 5869 §2.3: the first block is HMAC(secret, info | 1), and here it is the last one too.
  const output = provider.hmac(hash, secret, hkdfLabel(label, context, length, 1));
  return length === output.length ? output : output.slice(0, length);
}

/** HkdfLabel, and behind it `tail` bytes of 1. */
function hkdfLabel(label: string, context: Uint8Array, length: number, tail: 0 | 1): Uint8Array {
  const name = labelBytes(label);
  const info = new Uint8Array(4 + name.length + context.length + tail).fill(tail);
  info[0] = length >>> 8;
  info[1] = length;
  info[2] = name.length;
  info.set(name, 3);
  info[3 + name.length] = context.length;
  info.set(context, 4 + name.length);
  return info;
}

const LABELS = new Map<string, Uint8Array>();
/** More are encoded each time: exporters may have any. */
const MAX_LABELS = 32;

function labelBytes(label: string): Uint8Array {
  const known = LABELS.get(label);
  if (known !== undefined) return known;
  const bytes = utf8(`tls13 ${label}`);
  if (LABELS.size < MAX_LABELS) LABELS.set(label, bytes);
  return bytes;
}

/** HKDF-Expand-Label (RFC 8446 §7.1). @throws RangeError on a length that the hash cannot give, or a label above 249 bytes */
export function expandLabel(
  provider: CryptoProvider,
  hash: HashName,
  secret: Uint8Array,
  label: string,
  context: Uint8Array,
  length: number,
): Uint8Array {
  if (labelBytes(label).length > 255) throw new RangeError(`a label must have at most 249 bytes: ${label}`);
  return provider.hkdfExpand(hash, secret, hkdfLabel(label, context, length, 0), length);
}

const EMPTY_HASHES = new Map<HashName, Uint8Array>();

/** Hash(""): what a derivation that depends on nothing that was said has for a transcript. */
function emptyHash(provider: CryptoProvider, hash: HashName): Uint8Array {
  const known = EMPTY_HASHES.get(hash) ?? provider.hash(hash, EMPTY);
  EMPTY_HASHES.set(hash, known);
  return known;
}

/** One secret of the chain. Who goes on to the next one leaves nothing behind that could be used again. */
class Stage {
  protected readonly provider: CryptoProvider;
  protected readonly hash: HashName;
  #secret: Uint8Array | undefined;

  constructor(provider: CryptoProvider, hash: HashName, secret: Uint8Array) {
    this.provider = provider;
    this.hash = hash;
    this.#secret = secret;
  }

  /** Derive-Secret. */
  protected derive(label: string, transcriptHash: Uint8Array): Uint8Array {
    assert(this.#secret !== undefined, 'a stage of the key schedule is not used once it is spent');
    const { provider, hash } = this;
    return expandShort(provider, hash, this.#secret, label, transcriptHash, HASHES[hash].length);
  }

  /** The secret of the next stage. */
  protected intoNext(keyMaterial: Uint8Array | undefined): Uint8Array {
    const { provider, hash } = this;
    const derived = this.derive('derived', emptyHash(provider, hash));
    this.spend();
    return provider.hkdfExtract(hash, derived, keyMaterial ?? new Uint8Array(HASHES[hash].length));
  }

  protected spend(): void {
    this.#secret = undefined;
  }
}

export class EarlySchedule extends Stage {
  /** @param psk of the session that is resumed; nothing: zeros */
  static start(provider: CryptoProvider, hash: HashName, psk?: Uint8Array): EarlySchedule {
    const keyMaterial = psk ?? new Uint8Array(HASHES[hash].length);
    return new EarlySchedule(provider, hash, provider.hkdfExtract(hash, EMPTY, keyMaterial));
  }

  /** Of a session that is resumed: what its binder is a MAC under. */
  binderKey(): Uint8Array {
    return this.derive('res binder', emptyHash(this.provider, this.hash));
  }

  /** @param transcriptHash of the ClientHello */
  clientEarlyTrafficSecret(transcriptHash: Uint8Array): Uint8Array {
    return this.derive('c e traffic', transcriptHash);
  }

  intoHandshake(sharedSecret: Uint8Array): HandshakeSchedule {
    return new HandshakeSchedule(this.provider, this.hash, this.intoNext(sharedSecret));
  }
}

export class HandshakeSchedule extends Stage {
  /** @param transcriptHash up to ServerHello */
  clientTrafficSecret(transcriptHash: Uint8Array): Uint8Array {
    return this.derive('c hs traffic', transcriptHash);
  }

  /** @param transcriptHash up to ServerHello */
  serverTrafficSecret(transcriptHash: Uint8Array): Uint8Array {
    return this.derive('s hs traffic', transcriptHash);
  }

  intoMain(): MainSchedule {
    return new MainSchedule(this.provider, this.hash, this.intoNext(undefined));
  }
}

export class MainSchedule extends Stage {
  /** @param transcriptHash up to the server's Finished */
  clientTrafficSecret(transcriptHash: Uint8Array): Uint8Array {
    return this.derive('c ap traffic', transcriptHash);
  }

  /** @param transcriptHash up to the server's Finished */
  serverTrafficSecret(transcriptHash: Uint8Array): Uint8Array {
    return this.derive('s ap traffic', transcriptHash);
  }

  /** @param transcriptHash up to the server's Finished */
  exporterSecret(transcriptHash: Uint8Array): Uint8Array {
    return this.derive('exp master', transcriptHash);
  }

  /** @param transcriptHash up to the client's Finished: nothing is left after it */
  intoResumptionSecret(transcriptHash: Uint8Array): Uint8Array {
    const secret = this.derive('res master', transcriptHash);
    this.spend();
    return secret;
  }
}

/** What Finished and binders say: a MAC over everything so far (RFC 8446 §4.4.4). */
export function finishedMac(
  provider: CryptoProvider,
  hash: HashName,
  baseSecret: Uint8Array,
  transcriptHash: Uint8Array,
): Uint8Array {
  const key = expandShort(provider, hash, baseSecret, 'finished', EMPTY, HASHES[hash].length);
  return provider.hmac(hash, key, transcriptHash);
}

/** §7.2: after a KeyUpdate. The new one does not lead back to the old one. */
export const nextTrafficSecret = (provider: CryptoProvider, hash: HashName, secret: Uint8Array): Uint8Array =>
  expandShort(provider, hash, secret, 'traffic upd', EMPTY, HASHES[hash].length);

/** §4.6.1: each ticket of a session has its own. */
export const resumptionPsk = (
  provider: CryptoProvider,
  hash: HashName,
  resumptionSecret: Uint8Array,
  nonce: Uint8Array,
): Uint8Array => expandShort(provider, hash, resumptionSecret, 'resumption', nonce, HASHES[hash].length);

/** §7.5. @throws RangeError on a length that the hash cannot give, or a label above 249 bytes */
export function exportKeyingMaterial(
  provider: CryptoProvider,
  hash: HashName,
  exporterSecret: Uint8Array,
  label: string,
  context: Uint8Array,
  length: number,
): Uint8Array {
  const derived = expandLabel(provider, hash, exporterSecret, label, emptyHash(provider, hash), HASHES[hash].length);
  return expandLabel(provider, hash, derived, 'exporter', provider.hash(hash, context), length);
}

/** §7.3: what one direction's records are protected with. */
export function trafficKeys(
  provider: CryptoProvider,
  { hash, aead }: CipherSuite,
  secret: Uint8Array,
): { readonly key: Uint8Array; readonly iv: Uint8Array } {
  return {
    key: expandShort(provider, hash, secret, 'key', EMPTY, AEAD_KEY_LENGTH[aead]),
    iv: expandShort(provider, hash, secret, 'iv', EMPTY, AEAD_NONCE_LENGTH),
  };
}
