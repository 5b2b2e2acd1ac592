// A seeds its generator with the time of day in milliseconds. E tries all that it may have been.

import { textOf } from '../../../core/bytes.ts';
import { type Instant, milliseconds } from '../../../core/time.ts';
import { integerBytes } from '../../../secure/crypto/big_integer.ts';
import type { CryptoProvider } from '../../../secure/crypto/provider.ts';
import { RandomGenerator } from '../../../secure/crypto/random_generator.ts';
import type { Program } from '../../../world/app/program.ts';
import type { Attacker } from '../../attack/attacker.ts';
import type { Entry } from '../entry.ts';
import { generate, readsWithGivenKeys, saying, sendsUnderNewKey, triesKey } from '../generated_key.ts';
import type { LectureNames } from '../names.ts';
import type { Mail } from '../stage.ts';

/** E knows to four seconds when A began. */
const MILLISECONDS = 4000;

function generatorOf(crypto: CryptoProvider, time: number): RandomGenerator {
  const generator = new RandomGenerator(crypto);
  generator.addEntropy(integerBytes(BigInt(time), 8));
  return generator;
}

const millisecondsOf = (now: Instant): number => Math.floor(now / milliseconds(1));

/** Events that are hard to predict, like the exact timing of interrupts: the machine's own randomness stands for them. */
function fromEvents({ random }: Mail): Uint8Array {
  const measured = new Uint8Array(32);
  random.fill(measured);
  return measured;
}

function tryTimes(m: Attacker, crypto: CryptoProvider, names: LectureNames): number | undefined {
  const heard = m.latest('A', 'B')?.bytes ?? new Uint8Array(0);
  for (let time = 0; time < MILLISECONDS && m.computes(); time++) {
    const key = generate(generatorOf(crypto, time));
    if (!textOf(names.D(key, heard) ?? heard).startsWith(saying(''))) continue;
    triesKey(m, key, `decrypted with the key of millisecond ${time}`, names);
    return time;
  }
  return undefined;
}

export const keyFromTheClock: Entry = {
  id: 'key-from-the-clock',
  items: [57, 119, 120, 122],
  rung: 'key from the clock',
  curedBy: 'key from entropy of events',
  claim: 'The key has 256 bits that look random.',
  position: 'tap',
  budget: { computations: MILLISECONDS },
  breaks: 'confidential',
  explanation: [
    'E generates the key of each of 4,000 milliseconds as A does, and decrypts with each until a sentence begins as expected.',
    'A generator makes no randomness: its output has no more possibilities than what went in, here less than 2^12.',
    'Random means that an attacker cannot guess better than chance, and not that it looks without pattern.',
  ],
  cure: 'A adds 256 bits from events that are hard to predict before it asks for a key.',
  perform(stage, variant) {
    const { names, crypto, m } = stage;
    const formula = stage.secret('formula');
    const keys: Uint8Array[] = [];
    stage.b.acts((mail) => readsWithGivenKeys(mail, keys, names));
    stage.a.acts(function* (mail): Program<void> {
      yield* mail.sleep(milliseconds(mail.random.below(MILLISECONDS)));
      const generator = generatorOf(crypto, millisecondsOf(mail.now));
      if (variant === 'cured') generator.addEntropy(fromEvents(mail));
      sendsUnderNewKey(mail, generator, formula.text, keys, names);
    });
    return () => {
      const time = tryTimes(m, crypto, names);
      const path = m.knowledge.pathTo(formula);
      return {
        succeeded: path !== undefined,
        evidence:
          time === undefined
            ? `none of ${m.spent.computations} milliseconds gives the key`
            : `E has the formula (${path})`,
        honest: stage.b.believes(saying(formula.text)),
      };
    };
  },
};
