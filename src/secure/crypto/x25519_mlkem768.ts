// X25519MLKEM768 (RFC 10024): ML-KEM-768 and X25519 side by side, so that a secret is safe while either of them is. Shares
// and secrets are those of ML-KEM followed by those of X25519. Not here: which of TLS's messages carries them.

import { joinBytes } from '../../core/bytes.ts';
import { expectLength } from './argument_checks.ts';
import type { CryptoProvider, DecapsulationKey, KeyEncapsulation } from './provider.ts';

const ML_KEM_SEED_LENGTH = 64;

/** As a key encapsulation: the client's share is the public key, the server's the ciphertext. */
export function x25519MlKem768({ mlKem768, agreement: { X25519 } }: CryptoProvider): KeyEncapsulation {
  const importKey = (seed: Uint8Array): DecapsulationKey => {
    expectLength('the seed of X25519MLKEM768', seed, ML_KEM_SEED_LENGTH + X25519.secretLength);
    const lattice = mlKem768.importKey(seed.subarray(0, ML_KEM_SEED_LENGTH));
    const curve = X25519.importKey(seed.subarray(ML_KEM_SEED_LENGTH));
    return {
      seed: seed.slice(),
      publicKey: joinBytes([lattice.publicKey, curve.publicKey]),
      decapsulate(ciphertext) {
        const [first, second] = halves(ciphertext, mlKem768.ciphertextLength);
        const [latticeSecret, curveSecret] = [lattice.decapsulate(first), curve.agree(second)];
        return latticeSecret && curveSecret && joinBytes([latticeSecret, curveSecret]);
      },
    };
  };
  return {
    publicKeyLength: mlKem768.publicKeyLength + X25519.publicKeyLength,
    ciphertextLength: mlKem768.ciphertextLength + X25519.publicKeyLength,
    sharedSecretLength: mlKem768.sharedSecretLength + X25519.secretLength,
    importKey,
    generate(random) {
      const seed = new Uint8Array(ML_KEM_SEED_LENGTH + X25519.secretLength);
      random.fill(seed);
      return importKey(seed);
    },
    encapsulate(publicKey, random) {
      const [first, second] = halves(publicKey, mlKem768.publicKeyLength);
      const made = mlKem768.encapsulate(first, random);
      const curve = X25519.generate(random);
      const curveSecret = curve.agree(second);
      if (made === undefined || curveSecret === undefined) return undefined;
      return {
        ciphertext: joinBytes([made.ciphertext, curve.publicKey]),
        sharedSecret: joinBytes([made.sharedSecret, curveSecret]),
      };
    },
  };
}

// A wrong length of the whole is a wrong length of the second half, which then agrees on nothing.
const halves = (bytes: Uint8Array, at: number): readonly [Uint8Array, Uint8Array] => [
  bytes.subarray(0, at),
  bytes.subarray(at),
];
