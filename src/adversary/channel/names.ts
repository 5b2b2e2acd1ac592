// The lecture's names for what cryptography gives: E, D, MAC, PE, PD, S, V, hash. Each does what the slide says of it, and
// no more: E hides and does not protect, so that what happens then can be seen.
//
// The primitives are the provider's and the library's. Not here: anything that should be used outside a lesson as it is.

import { chacha20 } from '@noble/ciphers/chacha.js';
import { joinBytes } from '../../core/bytes.ts';
import type { Random } from '../../core/random.ts';
import type { CryptoProvider } from '../../secure/crypto/provider.ts';

/** Bytes in front of what E gives: chosen anew for each message, so that equal messages look different. */
export const E_NONCE_LENGTH = 12;

export interface KeyPair {
  readonly publicKey: Uint8Array;
  readonly privateKey: Uint8Array;
}

export interface LectureNames {
  /** Encrypts under a key of 32 bytes: a nonce, then the message XOR a key stream. As long as the message, and 12 more. */
  E(key: Uint8Array, message: Uint8Array): Uint8Array;
  /** Decrypts whatever comes: something always comes out. Nothing only for what is shorter than a nonce. */
  D(key: Uint8Array, ciphertext: Uint8Array): Uint8Array | undefined;
  /** Message authentication code: HMAC-SHA-256, 32 bytes. */
  MAC(key: Uint8Array, message: Uint8Array): Uint8Array;
  /** SHA-256. */
  hash(message: Uint8Array): Uint8Array;
  /** A pair for PE and PD. */
  encryptionKeys(random: Random): KeyPair;
  /** Encrypts to a public key: a fresh share in front, then AEAD under what both agree on. Anybody can. */
  PE(publicKey: Uint8Array, message: Uint8Array): Uint8Array | undefined;
  /** Nothing where it was not encrypted to this key, or was changed. */
  PD(privateKey: Uint8Array, ciphertext: Uint8Array): Uint8Array | undefined;
  /** A pair for S and V. */
  signingKeys(random: Random): KeyPair;
  S(privateKey: Uint8Array, message: Uint8Array): Uint8Array;
  V(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
}

export function lectureNames(crypto: CryptoProvider, random: Random): LectureNames {
  const { X25519 } = crypto.agreement;
  const sealing = (shared: Uint8Array, share: Uint8Array) =>
    crypto.prepareAead(
      'chacha20-poly1305',
      crypto.hkdfExpand('sha256', crypto.hkdfExtract('sha256', share, shared), new Uint8Array(0), 32),
    );
  const onceUsed = new Uint8Array(12); // the key is used for one message alone
  return {
    E(key, message) {
      const nonce = new Uint8Array(E_NONCE_LENGTH);
      random.fill(nonce);
      return joinBytes([nonce, chacha20(key, nonce, message)]);
    },
    D(key, ciphertext) {
      if (ciphertext.length < E_NONCE_LENGTH) return undefined;
      return chacha20(key, ciphertext.slice(0, E_NONCE_LENGTH), ciphertext.slice(E_NONCE_LENGTH));
    },
    MAC: (key, message) => crypto.hmac('sha256', key, message),
    hash: (message) => crypto.hash('sha256', message),
    encryptionKeys(source) {
      const { secret, publicKey } = X25519.generate(source);
      return { publicKey, privateKey: secret };
    },
    PE(publicKey, message) {
      const fresh = X25519.generate(random);
      const shared = fresh.agree(publicKey);
      if (shared === undefined) return undefined;
      return joinBytes([fresh.publicKey, sealing(shared, fresh.publicKey).seal(onceUsed, fresh.publicKey, message)]);
    },
    PD(privateKey, ciphertext) {
      const share = ciphertext.slice(0, X25519.publicKeyLength);
      const shared = share.length < X25519.publicKeyLength ? undefined : X25519.importKey(privateKey).agree(share);
      if (shared === undefined) return undefined;
      return sealing(shared, share).open(onceUsed, share, ciphertext.slice(X25519.publicKeyLength));
    },
    signingKeys(source) {
      const { secret, publicKey } = crypto.ed25519.generate(source);
      return { publicKey: publicKey.bytes, privateKey: secret };
    },
    S: (privateKey, message) => crypto.ed25519.importKey(privateKey).sign(message),
    V: (publicKey, message, signature) =>
      crypto.ed25519.importPublicKey(publicKey)?.verify(message, signature) === true,
  };
}
