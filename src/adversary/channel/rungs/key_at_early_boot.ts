// A is a small machine that makes its key when it is switched on for the first time, before anything has happened. M has
// bought one of the same kind.

import { seconds } from '../../../core/time.ts';
import { RandomGenerator } from '../../../secure/crypto/random_generator.ts';
import type { Program } from '../../../world/app/program.ts';
import type { Entry } from '../entry.ts';
import { generate, readsWithGivenKeys, saying, sendsUnderNewKey, triesKey } from '../generated_key.ts';

export const keyAtEarlyBoot: Entry = {
  id: 'key-at-early-boot',
  items: [119, 120, 122, 123],
  rung: 'key at early boot',
  curedBy: 'key from entropy of events',
  claim: 'The generator is that of the slide, and nobody finds its state from what it gives.',
  position: 'tap',
  budget: { computations: 1 },
  breaks: 'confidential',
  explanation: [
    'M switches on a machine of its own of the same kind, looks at the first key that it makes, and has that of A.',
    'SecureHash(1 + state) hides the state, but all machines have the same state before the first event.',
    'A generator must be asked only once it has been given enough: a machine that has just started has to wait.',
  ],
  cure: 'A waits for events, adds what they give to the state at once, and makes its key only then.',
  perform(stage, variant) {
    const { names, crypto, m } = stage;
    const formula = stage.secret('formula');
    const keys: Uint8Array[] = [];
    stage.b.acts((mail) => readsWithGivenKeys(mail, keys, names));
    stage.a.acts(function* (mail): Program<void> {
      const generator = new RandomGenerator(crypto); // the state with which the machine leaves the factory
      if (variant === 'cured') {
        yield* mail.sleep(seconds(3)); // until enough interrupts have come
        const timings = new Uint8Array(32);
        mail.random.fill(timings);
        generator.addEntropy(timings);
      }
      sendsUnderNewKey(mail, generator, formula.text, keys, names);
    });
    return () => {
      if (m.computes())
        triesKey(m, generate(new RandomGenerator(crypto)), 'decrypted with the key of an equal machine', names);
      const path = m.knowledge.pathTo(formula);
      return {
        succeeded: path !== undefined,
        evidence: path === undefined ? 'the machine of M made another key' : `M has the formula (${path})`,
        honest: stage.b.believes(saying(formula.text)),
      };
    };
  },
};
