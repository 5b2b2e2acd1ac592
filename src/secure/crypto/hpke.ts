// Hybrid public key encryption (RFC 9180): a key agreement with the recipient's public key, a key from it, and messages
// sealed one after the other. All four modes: base, with a pre-shared key, with the sender's own key, and with both.
//
//   setupSender    -> encapsulated key, which travels -> setupRecipient
//   seal, seal...  -> ciphertexts, in this order      -> open, open...
//
// Not here: KEMs that are no Diffie-Hellman, and P-521.

import { joinBytes, utf8 } from '../../core/bytes.ts';
import { integerBytes } from './big_integer.ts';
import { isScalar, PRIME_CURVES } from './prime_curve.ts';
import {
  AEAD_KEY_LENGTH,
  AEAD_NONCE_LENGTH,
  type Aead,
  type AeadName,
  type AgreementGroup,
  type AgreementKey,
  type CryptoProvider,
  HASHES,
  type HashName,
  type RandomSource,
} from './provider.ts';

export interface HpkeSuite {
  /** DHKEM over this group, with SHA-384 for P-384 and SHA-256 for the others. */
  readonly kem: AgreementGroup;
  readonly kdf: Exclude<HashName, 'sha1'>;
  /** `export-only`: secrets can be exported, nothing can be sealed. */
  readonly aead: AeadName | 'export-only';
}

/** What both know beforehand: 32 bytes or more, and a name for it. RFC 9180 §5.1.2. */
export interface HpkePreSharedKey {
  readonly key: Uint8Array;
  readonly id: Uint8Array;
}

export interface HpkeSender {
  readonly encapsulatedKey: Uint8Array;
  /** Messages are numbered: the recipient opens them in the same order. */
  seal(associatedData: Uint8Array, plaintext: Uint8Array): Uint8Array;
  export(context: Uint8Array, length: number): Uint8Array;
}

export interface HpkeRecipient {
  /** Undefined if it is not the next message; the next one is still awaited then. */
  open(associatedData: Uint8Array, ciphertext: Uint8Array): Uint8Array | undefined;
  export(context: Uint8Array, length: number): Uint8Array;
}

export interface Hpke {
  readonly suite: HpkeSuite;
  /** RFC 9180 §7.1.3. The material should have as many bytes as the group's secrets. */
  deriveKey(keyMaterial: Uint8Array): AgreementKey;
  /** Undefined if the recipient's public key is none. @throws RangeError on a short pre-shared key */
  setupSender(
    recipient: Uint8Array,
    info: Uint8Array,
    random: RandomSource,
    options?: { readonly preSharedKey?: HpkePreSharedKey; readonly sender?: AgreementKey },
  ): HpkeSender | undefined;
  /** Undefined if the encapsulated key, or the sender's, is none. @throws RangeError on a short pre-shared key */
  setupRecipient(
    encapsulatedKey: Uint8Array,
    recipient: AgreementKey,
    info: Uint8Array,
    options?: { readonly preSharedKey?: HpkePreSharedKey; readonly sender?: Uint8Array },
  ): HpkeRecipient | undefined;
}

// RFC 9180 §7.1 to §7.3.
const KEM: Readonly<Record<AgreementGroup, { readonly id: number; readonly hash: HashName }>> = {
  'P-256': { id: 0x0010, hash: 'sha256' },
  'P-384': { id: 0x0011, hash: 'sha384' },
  X25519: { id: 0x0020, hash: 'sha256' },
};
const KDF_ID: Readonly<Record<HpkeSuite['kdf'], number>> = { sha256: 1, sha384: 2, sha512: 3 };
const AEAD_ID: Readonly<Record<HpkeSuite['aead'], number>> = {
  'aes-128-gcm': 1,
  'aes-256-gcm': 2,
  'chacha20-poly1305': 3,
  'export-only': 0xffff,
};

const NOTHING = new Uint8Array(0);
const VERSION = utf8('HPKE-v1');
const SHORTEST_PRE_SHARED_KEY = 32;

export function hpke(provider: CryptoProvider, suite: HpkeSuite): Hpke {
  const group = provider.agreement[suite.kem];
  const { id: kemId, hash: kemHash } = KEM[suite.kem];
  const kem = labeled(provider, kemHash, joinBytes([utf8('KEM'), number(kemId, 2)]));
  const suiteId = [utf8('HPKE'), number(kemId, 2), number(KDF_ID[suite.kdf], 2), number(AEAD_ID[suite.aead], 2)];
  const kdf = labeled(provider, suite.kdf, joinBytes(suiteId));

  /** ExtractAndExpand, RFC 9180 §4.1. Undefined if one of the public keys was none. */
  function sharedSecret(agreed: readonly (Uint8Array | undefined)[], context: readonly Uint8Array[]) {
    const known = agreed.filter((secret) => secret !== undefined);
    if (known.length < agreed.length) return undefined;
    const extracted = kem.extract(NOTHING, 'eae_prk', joinBytes(known));
    return kem.expand(extracted, 'shared_secret', joinBytes(context), HASHES[kemHash].length);
  }

  /** KeySchedule, RFC 9180 §5.1. */
  function schedule(secret: Uint8Array, isAuthenticated: boolean, info: Uint8Array, psk?: HpkePreSharedKey): Keys {
    if (psk !== undefined && psk.key.length < SHORTEST_PRE_SHARED_KEY) {
      throw new RangeError(
        `the pre-shared key must have ${SHORTEST_PRE_SHARED_KEY} bytes or more, not ${psk.key.length}`,
      );
    }
    const mode = (psk === undefined ? 0 : 1) + (isAuthenticated ? 2 : 0);
    const idHash = kdf.extract(NOTHING, 'psk_id_hash', psk?.id ?? NOTHING);
    const context = joinBytes([number(mode, 1), idHash, kdf.extract(NOTHING, 'info_hash', info)]);
    const extracted = kdf.extract(secret, 'secret', psk?.key ?? NOTHING);
    const exporterSecret = kdf.expand(extracted, 'exp', context, HASHES[suite.kdf].length);
    const exporter: Keys['export'] = (label, length) => kdf.expand(exporterSecret, 'sec', label, length);
    if (suite.aead === 'export-only') return { export: exporter, aead: undefined, baseNonce: NOTHING };
    return {
      export: exporter,
      aead: provider.prepareAead(suite.aead, kdf.expand(extracted, 'key', context, AEAD_KEY_LENGTH[suite.aead])),
      baseNonce: kdf.expand(extracted, 'base_nonce', context, AEAD_NONCE_LENGTH),
    };
  }

  function deriveKey(keyMaterial: Uint8Array): AgreementKey {
    const extracted = kem.extract(NOTHING, 'dkp_prk', keyMaterial);
    if (suite.kem === 'X25519') return group.importKey(kem.expand(extracted, 'sk', NOTHING, group.secretLength));
    for (let counter = 0; counter < 256; counter++) {
      const candidate = kem.expand(extracted, 'candidate', number(counter, 1), group.secretLength);
      if (isScalar(PRIME_CURVES[suite.kem], candidate)) return group.importKey(candidate);
    }
    // The first candidate fits, but for about one seed in 2^32.
    throw new RangeError('no key comes from this material in 256 attempts: take other material');
  }

  return {
    suite,
    deriveKey,

    setupSender(recipient, info, random, { preSharedKey, sender } = {}) {
      const keyMaterial = new Uint8Array(group.secretLength);
      random.fill(keyMaterial);
      const ephemeral = deriveKey(keyMaterial);
      const encapsulatedKey = ephemeral.publicKey;
      const secret =
        sender === undefined
          ? sharedSecret([ephemeral.agree(recipient)], [encapsulatedKey, recipient])
          : sharedSecret(
              [ephemeral.agree(recipient), sender.agree(recipient)],
              [encapsulatedKey, recipient, sender.publicKey],
            );
      if (secret === undefined) return undefined;
      const keys = schedule(secret, sender !== undefined, info, preSharedKey);
      let sequence = 0;
      return {
        encapsulatedKey,
        export: keys.export,
        seal: (associatedData, plaintext) => aeadOf(keys).seal(nonceOf(keys, sequence++), associatedData, plaintext),
      };
    },

    setupRecipient(encapsulatedKey, recipient, info, { preSharedKey, sender } = {}) {
      const { publicKey } = recipient;
      const secret =
        sender === undefined
          ? sharedSecret([recipient.agree(encapsulatedKey)], [encapsulatedKey, publicKey])
          : sharedSecret(
              [recipient.agree(encapsulatedKey), recipient.agree(sender)],
              [encapsulatedKey, publicKey, sender],
            );
      if (secret === undefined) return undefined;
      const keys = schedule(secret, sender !== undefined, info, preSharedKey);
      let sequence = 0;
      return {
        export: keys.export,
        open(associatedData, ciphertext) {
          const plaintext = aeadOf(keys).open(nonceOf(keys, sequence), associatedData, ciphertext);
          if (plaintext !== undefined) sequence++;
          return plaintext;
        },
      };
    },
  };
}

interface Keys {
  readonly aead: Aead | undefined;
  readonly baseNonce: Uint8Array;
  readonly export: (context: Uint8Array, length: number) => Uint8Array;
}

/** @throws RangeError */
function aeadOf({ aead }: Keys): Aead {
  if (aead === undefined) throw new RangeError('an export-only suite seals and opens nothing: take one with an AEAD');
  return aead;
}

/** RFC 9180 §5.2: the number of the message over the end of the base nonce. */
function nonceOf({ baseNonce }: Keys, sequence: number): Uint8Array {
  return number(sequence, AEAD_NONCE_LENGTH).map((byte, i) => byte ^ (baseNonce[i] ?? 0));
}

interface LabeledKdf {
  extract(salt: Uint8Array, label: string, keyMaterial: Uint8Array): Uint8Array;
  expand(key: Uint8Array, label: string, info: Uint8Array, length: number): Uint8Array;
}

/** LabeledExtract and LabeledExpand, RFC 9180 §4. */
function labeled(provider: CryptoProvider, hash: HashName, suiteId: Uint8Array): LabeledKdf {
  return {
    extract: (salt, label, keyMaterial) =>
      provider.hkdfExtract(hash, salt, joinBytes([VERSION, suiteId, utf8(label), keyMaterial])),
    expand: (key, label, info, length) =>
      provider.hkdfExpand(hash, key, joinBytes([number(length, 2), VERSION, suiteId, utf8(label), info]), length),
  };
}

const number = (value: number, length: number): Uint8Array => integerBytes(BigInt(value), length);
