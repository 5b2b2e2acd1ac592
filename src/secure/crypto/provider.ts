// What the secure floor asks of cryptography: hashes, MACs, key derivation, authenticated encryption, key agreement,
// signatures, RSA, a key encapsulation and password hashes, all synchronous. Two providers give the same bytes for the
// same arguments: node.ts, and portable.ts for browsers.
//
// Bytes that may come from the wire (public keys, points, ciphertexts, signatures) never throw: they give undefined or
// false. A wrong argument of the caller's own (a key of the wrong length, an unknown name) is a RangeError.
// Not here: protocols over these, like HPKE (hpke.ts), or TLS's key schedule.
//
// For a simulated world: neither provider hides from a clock which key it is computing with.

export type HashName = 'sha1' | 'sha256' | 'sha384' | 'sha512';

/** Length of the output and of the block that is hashed at once (HMAC pads its key to it), in bytes. */
export const HASHES: Readonly<Record<HashName, { readonly length: number; readonly blockLength: number }>> = {
  sha1: { length: 20, blockLength: 64 },
  sha256: { length: 32, blockLength: 64 },
  sha384: { length: 48, blockLength: 128 },
  sha512: { length: 64, blockLength: 128 },
};

export type AeadName = 'aes-128-gcm' | 'aes-256-gcm' | 'chacha20-poly1305';

/** In bytes. */
export const AEAD_KEY_LENGTH: Readonly<Record<AeadName, number>> = {
  'aes-128-gcm': 16,
  'aes-256-gcm': 32,
  'chacha20-poly1305': 32,
};

/** RFC 5116 §5.1, §5.2, RFC 8439 §2.8: all three take nonces of 12 bytes and append tags of 16. */
export const AEAD_NONCE_LENGTH = 12;
export const AEAD_TAG_LENGTH = 16;

export type EcdsaCurve = 'P-256' | 'P-384';
export type AgreementGroup = 'X25519' | EcdsaCurve;

/** `der`: ECDSA-Sig-Value, as in certificates and TLS. `raw`: r and s, each as long as the curve's order. */
export type EcdsaForm = 'der' | 'raw';

/** Where keys, salts and nonces come from: `Random` of core/random.ts is one. */
export interface RandomSource {
  fill(out: Uint8Array): void;
}

export interface CryptoProvider {
  readonly name: 'node' | 'portable';

  hash(name: HashName, message: Uint8Array): Uint8Array;
  /** A hash that is fed in pieces and can be looked at on the way, like a transcript. */
  startHash(name: HashName): RunningHash;
  /** RFC 2104. */
  hmac(name: HashName, key: Uint8Array, message: Uint8Array): Uint8Array;
  /** RFC 5869 §2.2. An empty salt is one of zeros. */
  hkdfExtract(name: HashName, salt: Uint8Array, keyMaterial: Uint8Array): Uint8Array;
  /** RFC 5869 §2.3; `length` up to 255 outputs of the hash. @throws RangeError */
  hkdfExpand(name: HashName, pseudorandomKey: Uint8Array, info: Uint8Array, length: number): Uint8Array;

  /** A key prepared once and used for many messages. @throws RangeError on a key of another length */
  prepareAead(name: AeadName, key: Uint8Array): Aead;

  readonly agreement: Readonly<Record<AgreementGroup, KeyAgreement>>;
  readonly ecdsa: Readonly<Record<EcdsaCurve, Ecdsa>>;
  readonly ed25519: Ed25519;
  readonly rsa: Rsa;
  readonly mlKem768: KeyEncapsulation;

  readonly passwords: PasswordDerivation;
}

export interface RunningHash {
  update(piece: Uint8Array): this;
  /** Of everything so far; more may follow. */
  digest(): Uint8Array;
  /** Goes on from here by itself. */
  copy(): RunningHash;
}

/** Nonces of 12 bytes; whoever uses one twice with a key has given both messages away. @throws RangeError otherwise */
export interface Aead {
  readonly name: AeadName;
  /** The ciphertext, 16 bytes longer than the plaintext: the tag is at its end. */
  seal(nonce: Uint8Array, associatedData: Uint8Array, plaintext: Uint8Array): Uint8Array;
  /**
   * The same, written to `out` from `at` on: where the plaintext may lie already, but no other part of it.
   * @throws RangeError if it does not fit
   */
  sealInto(nonce: Uint8Array, associatedData: Uint8Array, plaintext: Uint8Array, out: Uint8Array, at: number): void;
  /** The plaintext, or undefined if anything differs from what was sealed. */
  open(nonce: Uint8Array, associatedData: Uint8Array, ciphertext: Uint8Array): Uint8Array | undefined;
}

/** Diffie-Hellman. Points of P-256 and P-384 are uncompressed, 04 x y; RFC 8446 §4.2.8.2 (now 9846) knows no others. */
export interface KeyAgreement {
  readonly group: AgreementGroup;
  readonly publicKeyLength: number;
  readonly secretLength: number;
  generate(random: RandomSource): AgreementKey;
  /** @throws RangeError on a secret of another length, or on no scalar of the curve */
  importKey(secret: Uint8Array): AgreementKey;
}

export interface AgreementKey {
  readonly secret: Uint8Array;
  readonly publicKey: Uint8Array;
  /** X25519's output, or the x coordinate. Undefined if it is no point of the curve, or if all agree on one value. */
  agree(peer: Uint8Array): Uint8Array | undefined;
}

export interface Ecdsa {
  readonly curve: EcdsaCurve;
  generate(random: RandomSource): EcdsaPrivateKey;
  /** @throws RangeError on a secret of another length, or outside 1 to n - 1 */
  importKey(secret: Uint8Array): EcdsaPrivateKey;
  /** From an uncompressed point. */
  importPublicKey(point: Uint8Array): EcdsaPublicKey | undefined;
}

export interface EcdsaPrivateKey {
  readonly secret: Uint8Array;
  readonly publicKey: EcdsaPublicKey;
  /** Deterministic: RFC 6979. */
  sign(hash: HashName, message: Uint8Array, form?: EcdsaForm): Uint8Array;
}

export interface EcdsaPublicKey {
  readonly point: Uint8Array;
  verify(hash: HashName, message: Uint8Array, signature: Uint8Array, form?: EcdsaForm): boolean;
}

/** RFC 8032, without a context. */
export interface Ed25519 {
  generate(random: RandomSource): Ed25519PrivateKey;
  /** From the 32 bytes that everything else is derived from. @throws RangeError on another length */
  importKey(secret: Uint8Array): Ed25519PrivateKey;
  /**
   * Undefined unless it is written as RFC 8032 §5.1.3 demands, or if its order is small: anybody could sign. Whether
   * there is a point with that y is seen by `verify` alone, which then finds no signature good.
   */
  importPublicKey(bytes: Uint8Array): Ed25519PublicKey | undefined;
}

export interface Ed25519PrivateKey {
  readonly secret: Uint8Array;
  readonly publicKey: Ed25519PublicKey;
  sign(message: Uint8Array): Uint8Array;
}

export interface Ed25519PublicKey {
  readonly bytes: Uint8Array;
  verify(message: Uint8Array, signature: Uint8Array): boolean;
}

/** Keys are imported: primes from a seed would be slow, and no two libraries would find the same ones. */
export interface Rsa {
  /** From 512 to 8,192 bits, the exponent odd and below 2^32: larger ones only cost time. Undefined otherwise. */
  importPublicKey(numbers: RsaPublicNumbers): RsaPublicKey | undefined;
  /** @throws RangeError if the numbers do not belong together */
  importKey(numbers: RsaPrivateNumbers): RsaPrivateKey;
}

/** Big-endian, zeros in front allowed. RFC 8017 §3.1. */
export interface RsaPublicNumbers {
  readonly modulus: Uint8Array;
  readonly publicExponent: Uint8Array;
}

/** As in RSAPrivateKey: RFC 8017 §A.1.2. */
export interface RsaPrivateNumbers extends RsaPublicNumbers {
  readonly privateExponent: Uint8Array;
  readonly prime1: Uint8Array;
  readonly prime2: Uint8Array;
  readonly exponent1: Uint8Array;
  readonly exponent2: Uint8Array;
  readonly coefficient: Uint8Array;
}

export interface RsaPublicKey {
  readonly numbers: RsaPublicNumbers;
  /** Of the modulus, of a signature and of a ciphertext, in bytes. */
  readonly length: number;
  /** RFC 8017 §8.2.2. */
  verifyPkcs1(hash: HashName, message: Uint8Array, signature: Uint8Array): boolean;
  /** RFC 8017 §8.1.2, MGF1 with the same hash; the salt as long as the hash unless said otherwise. */
  verifyPss(hash: HashName, message: Uint8Array, signature: Uint8Array, saltLength?: number): boolean;
  /** RFC 8017 §7.2.1: at most 11 bytes less than the modulus. @throws RangeError on a longer message */
  encryptPkcs1(message: Uint8Array, random: RandomSource): Uint8Array;
  /** RFC 8017 §7.1.1: two hashes and two bytes less than the modulus at most. @throws RangeError on a longer message */
  encryptOaep(hash: HashName, message: Uint8Array, random: RandomSource, label?: Uint8Array): Uint8Array;
  /** RSAEP, without any padding. Undefined unless it is as long as the modulus and below it. */
  raw(block: Uint8Array): Uint8Array | undefined;
}

export interface RsaPrivateKey {
  readonly publicKey: RsaPublicKey;
  signPkcs1(hash: HashName, message: Uint8Array): Uint8Array;
  signPss(hash: HashName, message: Uint8Array, random: RandomSource, saltLength?: number): Uint8Array;
  /** Undefined for a wrong padding: who lets others see that has built Bleichenbacher's oracle. */
  decryptPkcs1(ciphertext: Uint8Array): Uint8Array | undefined;
  decryptOaep(hash: HashName, ciphertext: Uint8Array, label?: Uint8Array): Uint8Array | undefined;
  /** RSADP, without any padding. Undefined unless it is as long as the modulus and below it. */
  raw(block: Uint8Array): Uint8Array | undefined;
}

/** ML-KEM (FIPS 203). */
export interface KeyEncapsulation {
  readonly publicKeyLength: number;
  readonly ciphertextLength: number;
  readonly sharedSecretLength: number;
  generate(random: RandomSource): DecapsulationKey;
  /** From d and z, 64 bytes. @throws RangeError on another length */
  importKey(seed: Uint8Array): DecapsulationKey;
  /** Undefined for a public key of the wrong length or with a coefficient out of range (FIPS 203 §7.2). */
  encapsulate(publicKey: Uint8Array, random: RandomSource): Encapsulated | undefined;
}

export interface Encapsulated {
  readonly ciphertext: Uint8Array;
  readonly sharedSecret: Uint8Array;
}

export interface DecapsulationKey {
  readonly seed: Uint8Array;
  readonly publicKey: Uint8Array;
  /** Undefined for a ciphertext of the wrong length alone: a forged one gives a secret that nobody else has. */
  decapsulate(ciphertext: Uint8Array): Uint8Array | undefined;
}

/** Slow on purpose. Encoded strings and verification are in password_hash.ts. @throws RangeError on impossible costs */
export interface PasswordDerivation {
  /** RFC 8018 §5.2. */
  pbkdf2(hash: HashName, password: Uint8Array, salt: Uint8Array, iterations: number, length: number): Uint8Array;
  /** RFC 7914; `cost` is N, a power of two. Takes 128 * cost * blockSize bytes of memory. */
  scrypt(password: Uint8Array, salt: Uint8Array, costs: ScryptCosts, length: number): Uint8Array;
  /** RFC 9106, version 0x13. */
  argon2(
    variant: Argon2Variant,
    password: Uint8Array,
    salt: Uint8Array,
    costs: Argon2Costs,
    length: number,
  ): Uint8Array;
}

export interface ScryptCosts {
  readonly cost: number;
  readonly blockSize: number;
  readonly parallelism: number;
}

export type Argon2Variant = 'argon2d' | 'argon2i' | 'argon2id';

export interface Argon2Costs {
  /** In KiB. */
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
}
