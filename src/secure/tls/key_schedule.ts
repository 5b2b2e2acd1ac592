// From shared secrets to keys (RFC 8446 §7.1, now 9846).

import { assert } from '../../core/assert.ts';
import { utf8 } from '../../core/bytes.ts';
import { AEAD_KEY_LENGTH, AEAD_NONCE_LENGTH, type CryptoProvider, HASHES, type HashName } from '../crypto/provider.ts';
import type { CipherSuite } from './cipher_suite.ts';

export function expandLabel(
  provider: CryptoProvider,
  hash: HashName,
  secret: Uint8Array,
  label: string,
  context: Uint8Array,
  length: number,
): Uint8Array {
  const name = utf8(`tls13 ${label}`);
  const info = new Uint8Array(4 + name.length + context.length);
  info[0] = length >>> 8;
  info[1] = length;
  info[2] = name.length;
  info.set(name, 3);
  info[3 + name.length] = context.length;
  info.set(context, 4 + name.length);
  return provider.hkdfExpand(hash, secret, info, length);
}

const EMPTY = new Uint8Array(0);

class Stage {
  readonly provider: CryptoProvider;
  readonly hash: HashName;
  #secret: Uint8Array | undefined;
  constructor(provider: CryptoProvider, hash: HashName, secret: Uint8Array) {
    this.provider = provider;
    this.hash = hash;
    this.#secret = secret;
  }
  derive(label: string, transcriptHash: Uint8Array): Uint8Array {
    assert(this.#secret !== undefined, 'a stage of the key schedule is used once');
    return expandLabel(this.provider, this.hash, this.#secret, label, transcriptHash, HASHES[this.hash].length);
  }
  spend(keyMaterial: Uint8Array | undefined): Uint8Array {
    const { provider, hash } = this;
    const derived = this.derive('derived', provider.hash(hash, EMPTY));
    this.#secret = undefined;
    return provider.hkdfExtract(hash, derived, keyMaterial ?? new Uint8Array(HASHES[hash].length));
  }
  end(): void {
    this.#secret = undefined;
  }
}

export class EarlySchedule extends Stage {
  static start(provider: CryptoProvider, hash: HashName, psk?: Uint8Array): EarlySchedule {
    const { length } = HASHES[hash];
    return new EarlySchedule(provider, hash, provider.hkdfExtract(hash, EMPTY, psk ?? new Uint8Array(length)));
  }
  binderKey(): Uint8Array {
    return this.derive('res binder', this.provider.hash(this.hash, EMPTY));
  }
  clientEarlyTrafficSecret(transcriptHash: Uint8Array): Uint8Array {
    return this.derive('c e traffic', transcriptHash);
  }
  intoHandshake(sharedSecret: Uint8Array | undefined): HandshakeSchedule {
    return new HandshakeSchedule(this.provider, this.hash, this.spend(sharedSecret));
  }
}

export class HandshakeSchedule extends Stage {
  clientTrafficSecret(transcriptHash: Uint8Array): Uint8Array {
    return this.derive('c hs traffic', transcriptHash);
  }
  serverTrafficSecret(transcriptHash: Uint8Array): Uint8Array {
    return this.derive('s hs traffic', transcriptHash);
  }
  intoMain(): MainSchedule {
    return new MainSchedule(this.provider, this.hash, this.spend(undefined));
  }
}

export class MainSchedule extends Stage {
  clientTrafficSecret(transcriptHash: Uint8Array): Uint8Array {
    return this.derive('c ap traffic', transcriptHash);
  }
  serverTrafficSecret(transcriptHash: Uint8Array): Uint8Array {
    return this.derive('s ap traffic', transcriptHash);
  }
  exporterSecret(transcriptHash: Uint8Array): Uint8Array {
    return this.derive('exp master', transcriptHash);
  }
  intoResumptionSecret(transcriptHash: Uint8Array): Uint8Array {
    const secret = this.derive('res master', transcriptHash);
    this.end();
    return secret;
  }
}

export const finishedMac = (
  provider: CryptoProvider,
  hash: HashName,
  baseSecret: Uint8Array,
  transcriptHash: Uint8Array,
): Uint8Array =>
  provider.hmac(hash, expandLabel(provider, hash, baseSecret, 'finished', EMPTY, HASHES[hash].length), transcriptHash);

export const nextTrafficSecret = (provider: CryptoProvider, hash: HashName, secret: Uint8Array): Uint8Array =>
  expandLabel(provider, hash, secret, 'traffic upd', EMPTY, HASHES[hash].length);

export const resumptionPsk = (
  provider: CryptoProvider,
  hash: HashName,
  secret: Uint8Array,
  nonce: Uint8Array,
): Uint8Array => expandLabel(provider, hash, secret, 'resumption', nonce, HASHES[hash].length);

export function exportKeyingMaterial(
  provider: CryptoProvider,
  hash: HashName,
  exporterSecret: Uint8Array,
  label: string,
  context: Uint8Array,
  length: number,
): Uint8Array {
  const size = HASHES[hash].length;
  const derived = expandLabel(provider, hash, exporterSecret, label, provider.hash(hash, EMPTY), size);
  return expandLabel(provider, hash, derived, 'exporter', provider.hash(hash, context), length);
}

export const trafficKeys = (
  provider: CryptoProvider,
  { hash, aead }: CipherSuite,
  secret: Uint8Array,
): { key: Uint8Array; iv: Uint8Array } => ({
  key: expandLabel(provider, hash, secret, 'key', EMPTY, AEAD_KEY_LENGTH[aead]),
  iv: expandLabel(provider, hash, secret, 'iv', EMPTY, AEAD_NONCE_LENGTH),
});
