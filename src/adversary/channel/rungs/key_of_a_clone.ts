// A rents a virtual machine that is started from an image, the state of its generator included. So does M.

import { RandomGenerator } from '../../../secure/crypto/random_generator.ts';
import type { Entry } from '../entry.ts';
import { generate, readsWithGivenKeys, saying, sendsUnderNewKey, triesKey } from '../generated_key.ts';

export const keyOfAClone: Entry = {
  id: 'key-of-a-clone',
  items: [120, 122, 123],
  rung: 'key from the state of an image',
  curedBy: 'key from entropy of events',
  claim: 'The state was made from plenty of entropy, so that nobody guesses it.',
  position: 'tap',
  budget: { computations: 1 },
  breaks: 'confidential',
  explanation: [
    'M starts a machine from the image that A uses as well, and the next key that its generator gives is the key of A.',
    'Nobody could guess the state, and nobody has to: a copy of a machine copies it.',
    'Randomness must be used once, and whatever is copied or goes back in time needs new entropy before its next key.',
  ],
  cure: 'A machine that wakes from an image adds entropy of its own before it is asked for anything.',
  perform(stage, variant) {
    const { names, crypto, m } = stage;
    const formula = stage.secret('formula');
    const keys: Uint8Array[] = [];
    const image = new RandomGenerator(crypto);
    image.addEntropy(stage.key('collected before the image was made'));
    const startedFromImage = (): RandomGenerator => new RandomGenerator(crypto, image.capture());
    stage.b.acts((mail) => readsWithGivenKeys(mail, keys, names));
    stage.a.acts((mail) => {
      const generator = startedFromImage();
      if (variant === 'cured') {
        const timings = new Uint8Array(32);
        mail.random.fill(timings);
        generator.addEntropy(timings);
      }
      sendsUnderNewKey(mail, generator, formula.text, keys, names);
    });
    return () => {
      if (m.computes()) triesKey(m, generate(startedFromImage()), 'decrypted with the key of a clone', names);
      const path = m.knowledge.pathTo(formula);
      return {
        succeeded: path !== undefined,
        evidence: path === undefined ? 'the clone of M made another key' : `M has the formula (${path})`,
        honest: stage.b.believes(saying(formula.text)),
      };
    };
  },
};
