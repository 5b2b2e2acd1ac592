// The key schedule of TLS 1.3 (RFC 8446 §7, now 9846): from a pre-shared key and a shared secret, stage by stage, to everything
// that is ever a key. A stage gives its secrets only while it is there; the step to the next one spends it.
//
//   PSK or zeros           -> EarlySchedule     -> binder key, early traffic, early exporter
//   + (EC)DHE secret       -> HandshakeSchedule -> handshake traffic of both
//   + zeros                -> MainSchedule      -> application traffic of both, exporter, resumption (the last)
//
// Not here: what is hashed (transcript.ts), and what the keys protect (record_protection.ts).

import { assert } from '../../core/assert.ts';
import { utf8 } from '../../core/bytes.ts';
import { AEAD_KEY_LENGTH, AEAD_NONCE_LENGTH, type CryptoProvider, HASHES, type HashName } from '../crypto/provider.ts';
import type { CipherSuite } from './cipher_suite.ts';

const NOTHING: Uint8Array = new Uint8Array(0);

/** What each computation needs to know. */
interface Kdf {
  readonly provider: CryptoProvider;
  readonly hash: HashName;
}

export class EarlySchedule {
  readonly #kdf: Kdf;
  /** Undefined without a PSK: nobody asks for the secrets of zeros. */
  readonly #secret: Uint8Array | undefined;
  #isSpent = false;

  private constructor(kdf: Kdf, secret: Uint8Array | undefined) {
    this.#kdf = kdf;
    this.#secret = secret;
  }

  /** @param psk from a ticket; nothing: a full handshake */
  static start(provider: CryptoProvider, hash: HashName, psk?: Uint8Array): EarlySchedule {
    return new EarlySchedule({ provider, hash }, psk && provider.hkdfExtract(hash, NOTHING, psk));
  }

  /** RFC 8446 §4.2.11.2: binds a PSK to the hello that offers it. */
  binderKey(): Uint8Array {
    return deriveSecret(this.#kdf, this.#take(), 'res binder', constantsOf(this.#kdf).emptyHash);
  }

  /** @param transcriptHash up to the ClientHello */
  clientEarlyTrafficSecret(transcriptHash: Uint8Array): Uint8Array {
    return deriveSecret(this.#kdf, this.#take(), 'c e traffic', transcriptHash);
  }

  /** @param transcriptHash up to the ClientHello */
  earlyExporterSecret(transcriptHash: Uint8Array): Uint8Array {
    return deriveSecret(this.#kdf, this.#take(), 'e exp master', transcriptHash);
  }

  /** @param sharedSecret of the key agreement; undefined: there was none (§4.2.9, psk_ke) */
  intoHandshake(sharedSecret: Uint8Array | undefined): HandshakeSchedule {
    assert(!this.#isSpent, 'a stage of the key schedule is used once');
    this.#isSpent = true;
    const constants = constantsOf(this.#kdf);
    const salt = this.#secret === undefined ? constants.derivedWithoutPsk : derived(this.#kdf, this.#secret);
    const { provider, hash } = this.#kdf;
    return new HandshakeSchedule(this.#kdf, provider.hkdfExtract(hash, salt, sharedSecret ?? constants.zeros));
  }

  #take(): Uint8Array {
    assert(!this.#isSpent, 'a stage of the key schedule is used once');
    assert(this.#secret !== undefined, 'early secrets are of a pre-shared key');
    return this.#secret;
  }
}

class HandshakeSchedule {
  readonly #kdf: Kdf;
  #secret: Uint8Array | undefined;

  constructor(kdf: Kdf, secret: Uint8Array) {
    this.#kdf = kdf;
    this.#secret = secret;
  }

  /** @param transcriptHash up to the ServerHello */
  clientTrafficSecret(transcriptHash: Uint8Array): Uint8Array {
    return deriveSecret(this.#kdf, unspent(this.#secret), 'c hs traffic', transcriptHash);
  }

  /** @param transcriptHash up to the ServerHello */
  serverTrafficSecret(transcriptHash: Uint8Array): Uint8Array {
    return deriveSecret(this.#kdf, unspent(this.#secret), 's hs traffic', transcriptHash);
  }

  intoMain(): MainSchedule {
    const salt = derived(this.#kdf, unspent(this.#secret));
    this.#secret = undefined;
    const { provider, hash } = this.#kdf;
    return new MainSchedule(this.#kdf, provider.hkdfExtract(hash, salt, constantsOf(this.#kdf).zeros));
  }
}

class MainSchedule {
  readonly #kdf: Kdf;
  #secret: Uint8Array | undefined;

  constructor(kdf: Kdf, secret: Uint8Array) {
    this.#kdf = kdf;
    this.#secret = secret;
  }

  /** @param transcriptHash up to the server's Finished */
  clientTrafficSecret(transcriptHash: Uint8Array): Uint8Array {
    return deriveSecret(this.#kdf, unspent(this.#secret), 'c ap traffic', transcriptHash);
  }

  /** @param transcriptHash up to the server's Finished */
  serverTrafficSecret(transcriptHash: Uint8Array): Uint8Array {
    return deriveSecret(this.#kdf, unspent(this.#secret), 's ap traffic', transcriptHash);
  }

  /** @param transcriptHash up to the server's Finished */
  exporterSecret(transcriptHash: Uint8Array): Uint8Array {
    return deriveSecret(this.#kdf, unspent(this.#secret), 'exp master', transcriptHash);
  }

  /** The last that is asked of the schedule. @param transcriptHash up to the client's Finished */
  intoResumptionSecret(transcriptHash: Uint8Array): Uint8Array {
    const secret = unspent(this.#secret);
    this.#secret = undefined;
    return deriveSecret(this.#kdf, secret, 'res master', transcriptHash);
  }
}

// Types alone: what makes a stage is the one before it.
export type { HandshakeSchedule, MainSchedule };

/** Of every handshake, encoded once. */
const LABELS: ReadonlyMap<string, Uint8Array> = new Map(
  [
    ...['derived', 'res binder', 'c e traffic', 'e exp master', 'c hs traffic', 's hs traffic', 'c ap traffic'],
    ...['s ap traffic', 'exp master', 'res master', 'resumption', 'finished', 'key', 'iv', 'traffic upd', 'exporter'],
  ].map((label) => [label, encodedLabel(label)] as const),
);

function encodedLabel(label: string): Uint8Array {
  return utf8(`tls13 ${label}`);
}

/** HKDF-Expand-Label, RFC 8446 §7.1. @throws RangeError on a label, a context or a length that does not fit its field */
export function expandLabel(
  provider: CryptoProvider,
  hash: HashName,
  secret: Uint8Array,
  label: string,
  context: Uint8Array,
  length: number,
): Uint8Array {
  const name = LABELS.get(label) ?? encodedLabel(label);
  if (name.length > 255) throw new RangeError(`the label must be at most 249 bytes, not ${name.length - 6}`);
  if (context.length > 255) throw new RangeError(`the context must be at most 255 bytes, not ${context.length}`);
  if (!Number.isInteger(length) || length < 0 || length > 0xffff) {
    throw new RangeError(`length must be from 0 to 65535 bytes, not ${length}`);
  }
  // HkdfLabel, and behind it the counter of HKDF's only block: one HMAC does for nearly all (RFC 5869 §2.3).
  const info = new Uint8Array(2 + 1 + name.length + 1 + context.length + 1);
  info[0] = length >>> 8;
  info[1] = length;
  info[2] = name.length;
  info.set(name, 3);
  info[3 + name.length] = context.length;
  info.set(context, 4 + name.length);
  info[info.length - 1] = 1;
  const { length: outputLength } = HASHES[hash];
  if (length > outputLength) return provider.hkdfExpand(hash, secret, info.subarray(0, -1), length);
  const output = provider.hmac(hash, secret, info);
  return length === outputLength ? output : output.slice(0, length);
}

/** What Finished contains, and what a binder is. RFC 8446 §4.4.4. @param baseSecret a handshake traffic secret or binder key */
export function finishedMac(
  provider: CryptoProvider,
  hash: HashName,
  baseSecret: Uint8Array,
  transcriptHash: Uint8Array,
): Uint8Array {
  const key = expandLabel(provider, hash, baseSecret, 'finished', NOTHING, HASHES[hash].length);
  return provider.hmac(hash, key, transcriptHash);
}

/** After a KeyUpdate: RFC 8446 §7.2. */
export const nextTrafficSecret = (provider: CryptoProvider, hash: HashName, secret: Uint8Array): Uint8Array =>
  expandLabel(provider, hash, secret, 'traffic upd', NOTHING, HASHES[hash].length);

/** The pre-shared key that goes with a ticket: RFC 8446 §4.6.1. @param nonce of the ticket */
export const resumptionPsk = (
  provider: CryptoProvider,
  hash: HashName,
  resumptionSecret: Uint8Array,
  nonce: Uint8Array,
): Uint8Array => expandLabel(provider, hash, resumptionSecret, 'resumption', nonce, HASHES[hash].length);

/** RFC 8446 §7.5. @throws RangeError on a label of more than 249 bytes, or more than 255 hashes of output */
export function exportKeyingMaterial(
  provider: CryptoProvider,
  hash: HashName,
  exporterSecret: Uint8Array,
  label: string,
  context: Uint8Array,
  length: number,
): Uint8Array {
  const kdf = { provider, hash };
  const secret = deriveSecret(kdf, exporterSecret, label, constantsOf(kdf).emptyHash);
  return expandLabel(provider, hash, secret, 'exporter', provider.hash(hash, context), length);
}

export interface TrafficKeys {
  readonly key: Uint8Array;
  readonly iv: Uint8Array;
}

/** RFC 8446 §7.3. */
export function trafficKeys(provider: CryptoProvider, suite: CipherSuite, secret: Uint8Array): TrafficKeys {
  return {
    key: expandLabel(provider, suite.hash, secret, 'key', NOTHING, AEAD_KEY_LENGTH[suite.aead]),
    iv: expandLabel(provider, suite.hash, secret, 'iv', NOTHING, AEAD_NONCE_LENGTH),
  };
}

const deriveSecret = ({ provider, hash }: Kdf, secret: Uint8Array, label: string, context: Uint8Array): Uint8Array =>
  expandLabel(provider, hash, secret, label, context, HASHES[hash].length);

const derived = (kdf: Kdf, secret: Uint8Array): Uint8Array =>
  deriveSecret(kdf, secret, 'derived', constantsOf(kdf).emptyHash);

function unspent(secret: Uint8Array | undefined): Uint8Array {
  assert(secret !== undefined, 'a stage of the key schedule is used once');
  return secret;
}

/** The same in every handshake. */
interface Constants {
  readonly zeros: Uint8Array;
  readonly emptyHash: Uint8Array;
  /** From the early secret of zeros to the salt of the handshake secret. */
  readonly derivedWithoutPsk: Uint8Array;
}

const CONSTANTS: Map<HashName, Constants> = new Map();

function constantsOf({ provider, hash }: Kdf): Constants {
  const known = CONSTANTS.get(hash);
  if (known !== undefined) return known;
  const { length } = HASHES[hash];
  const zeros = new Uint8Array(length);
  const emptyHash = provider.hash(hash, NOTHING);
  const earlySecret = provider.hkdfExtract(hash, NOTHING, zeros);
  const derivedWithoutPsk = expandLabel(provider, hash, earlySecret, 'derived', emptyHash, length);
  const constants = { zeros, emptyHash, derivedWithoutPsk };
  CONSTANTS.set(hash, constants);
  return constants;
}
