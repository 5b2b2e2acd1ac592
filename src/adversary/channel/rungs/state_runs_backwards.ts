// A's generator hides its state, and then only counts on. E gets into the machine later, sees the state, and counts back.

import { joinBytes } from '../../../core/bytes.ts';
import { minutes, seconds } from '../../../core/time.ts';
import { integerBytes, integerOf } from '../../../secure/crypto/big_integer.ts';
import type { CryptoProvider, RandomSource } from '../../../secure/crypto/provider.ts';
import { RandomGenerator } from '../../../secure/crypto/random_generator.ts';
import type { Program } from '../../../world/app/program.ts';
import type { Attacker } from '../../attack/attacker.ts';
import type { Entry } from '../entry.ts';
import { readsWithGivenKeys, saying, sendsUnderNewKey, triesKey } from '../generated_key.ts';
import type { LectureNames } from '../names.ts';

const STATE_LENGTH = 32;

const extract = (crypto: CryptoProvider, state: Uint8Array): Uint8Array =>
  crypto.hash('sha256', joinBytes([Uint8Array.of(1), state]));

interface Generator extends RandomSource {
  /** What whoever is in the machine sees. */
  capture(): Uint8Array;
}

// random bytes <- SecureHash(1 + state)
// state <- the next number, and not SecureHash(2 + state)
function counting(crypto: CryptoProvider, seed: Uint8Array): Generator {
  let state = seed;
  return {
    fill(out) {
      out.set(extract(crypto, state).subarray(0, out.length));
      state = integerBytes(BigInt.asUintN(8 * STATE_LENGTH, integerOf(state) + 1n), STATE_LENGTH);
    },
    capture: () => state,
  };
}

// The states before this one, were it a count.
function countBack(m: Attacker, captured: Uint8Array, crypto: CryptoProvider, names: LectureNames): void {
  for (let back = 1n; m.computes(); back++) {
    const earlier = integerBytes(BigInt.asUintN(8 * STATE_LENGTH, integerOf(captured) - back), STATE_LENGTH);
    triesKey(m, extract(crypto, earlier), `decrypted with the key made ${back} before`, names);
  }
}

export const stateRunsBackwards: Entry = {
  id: 'state-runs-backwards',
  items: [49, 120, 121, 123],
  rung: 'generator that counts',
  curedBy: 'generator that forgets',
  claim: 'Knowing some random numbers does not help to predict others, since a hash hides the state.',
  position: 'tap',
  budget: { computations: 4 },
  breaks: 'forward secret',
  explanation: [
    'E gets into the machine of A when all is said, reads the state of the generator, and works out the earlier keys.',
    'The output hides the state, but a state that counts up can be counted down.',
    'A machine that is taken over now should not give away its past: the state must change in a way that has no way back.',
  ],
  cure: 'After each extraction the state becomes SecureHash(2 + state), from which nobody finds the one before.',
  perform(stage, variant) {
    const { names, crypto, m } = stage;
    const formulas = ['first', 'second', 'third'].map((name) => stage.secret(name));
    const keys: Uint8Array[] = [];
    const seed = stage.key('seed of A', STATE_LENGTH);
    const generator = variant === 'vulnerable' ? counting(crypto, seed) : new RandomGenerator(crypto, seed);
    stage.b.acts((mail) => readsWithGivenKeys(mail, keys, names));
    stage.a.acts(function* (mail): Program<void> {
      for (const { text } of formulas) {
        sendsUnderNewKey(mail, generator, text, keys, names);
        yield* mail.sleep(seconds(1));
      }
    });
    stage.at(minutes(30), () => countBack(m, generator.capture(), crypto, names));
    return () => {
      const known = formulas.filter((formula) => m.knowledge.knows(formula)).length;
      return {
        succeeded: known === formulas.length,
        evidence: `with the state of now E reads ${known} of ${formulas.length} messages of before`,
        honest: formulas.every(({ text }) => stage.b.believes(saying(text))),
      };
    };
  },
};
