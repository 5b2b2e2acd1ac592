// RSA with a modulus of 40 bits. E factors it, and has the private key.

import { joinBytes, textOf, utf8 } from '../../../core/bytes.ts';
import { bitLength, integerBytes, integerOf } from '../../../secure/crypto/big_integer.ts';
import type { Program } from '../../../world/app/program.ts';
import type { Attacker } from '../../attack/attacker.ts';
import type { Entry } from '../entry.ts';
import type { LectureNames } from '../names.ts';
import type { Mail } from '../stage.ts';
import { privatePower, publicPower, type ToyKey, type ToyPublicKey, toyKeyOf, toyRsaKey } from '../toy_rsa.ts';

// A -> B: PE(public key, random number), E(hash(random number), message)
function a(mail: Mail, key: ToyPublicKey, message: string, { E, hash }: LectureNames): void {
  const number = new Uint8Array(key.length);
  mail.random.fill(number);
  const inRange = integerOf(number) % key.modulus;
  const ciphertext = integerBytes(publicPower(key, inRange), key.length);
  mail.send('B', joinBytes([ciphertext, E(hash(integerBytes(inRange, key.length)), utf8(message))]));
}

const open = (key: ToyKey, bytes: Uint8Array, { D, hash }: LectureNames): Uint8Array | undefined => {
  const number = privatePower(key, integerOf(bytes.slice(0, key.length)));
  return D(hash(integerBytes(number, key.length)), bytes.slice(key.length));
};

function* b(mail: Mail, key: ToyKey, names: LectureNames): Program<void> {
  const letter = yield* mail.receive();
  if (letter !== undefined) mail.note(textOf(open(key, letter.bytes, names) ?? new Uint8Array(0)));
}

// Pollard's rho: x -> x^2 + c runs into a circle modulo p long before it does modulo n. One that goes once and one that goes
// twice at a time then meet modulo p, and p divides their difference. The greatest common divisor is taken of a hundred
// differences at once.
function factor(m: Attacker, n: bigint): bigint | undefined {
  for (let c = 1n; ; c++) {
    let [slow, fast, product] = [2n, 2n, 1n];
    const next = (x: bigint): bigint => (x * x + c) % n;
    for (let divisor = 1n; divisor === 1n; divisor = greatestCommonDivisor(product, n)) {
      for (let i = 0; i < 100; i++) {
        if (!m.computes()) return undefined;
        slow = next(slow);
        fast = next(next(fast));
        product = (product * (slow > fast ? slow - fast : fast - slow)) % n;
      }
    }
    const divisor = greatestCommonDivisor(product, n);
    if (divisor !== n) return divisor; // else both primes at once: another circle
  }
}

const greatestCommonDivisor = (a: bigint, b: bigint): bigint => (a === 0n ? b : greatestCommonDivisor(b % a, a));

export const smallModulusFactored: Entry = {
  id: 'small-modulus-factored',
  items: [55, 73, 74, 75],
  rung: 'RSA of 40 bits',
  curedBy: 'RSA of 512 bits',
  claim: 'The private key cannot be computed from the public one, other than by trying every key of 40 bits.',
  position: 'tap',
  budget: { computations: 20_000 },
  breaks: 'confidential',
  explanation: [
    'E factors the modulus with a few thousand multiplications, computes the private key from the factors, and decrypts.',
    'What makes a private key hard to find is the mathematics of the public one, and that has shorter ways than trying.',
    'Public keys must be longer than shared keys for the same safety: this way costs about 2^(bits / 4) steps, and there are better ones.',
  ],
  cure: 'A modulus so large that the best way known is out of reach: 512 bits here, for this way; today at least 2,048.',
  perform(stage, variant) {
    const formula = stage.secret('formula');
    const key = toyRsaKey(stage.random('key of B'), variant === 'vulnerable' ? 40 : 512);
    const { modulus } = key;
    stage.b.acts((mail) => b(mail, key, stage.names));
    stage.a.acts((mail) => a(mail, key, formula.text, stage.names));
    return () => {
      const p = factor(stage.m, modulus);
      const found = p === undefined ? undefined : toyKeyOf(p, modulus / p);
      if (found !== undefined) {
        const decode = (bytes: Uint8Array) => [open(found, bytes, stage.names)].flatMap((message) => message ?? []);
        stage.m.knowledge.learnToDecode({ name: 'the computed private key', decode });
      }
      const path = stage.m.knowledge.pathTo(formula);
      const { computations } = stage.m.spent;
      return {
        succeeded: path !== undefined,
        evidence:
          p === undefined
            ? `no factor of ${bitLength(modulus)} bits in ${computations} steps: about 2^${bitLength(modulus) / 4} are needed`
            : `${modulus} = ${p} * ${modulus / p} after ${computations} steps, against up to 2^${bitLength(modulus)} tries; E has the formula (${path})`,
        honest: stage.b.believes(formula.text),
      };
    };
  },
};
