// B says why it could not read a message. M asks a few hundred times, and the answers decrypt what A has sent.
//
// Bleichenbacher's attack of 1998, in Manger's form of 2001, which needs less questions: the answer tells only whether the
// first byte was zero, as PKCS #1 wants it, that is, whether the number is below some bound.

import { textOf } from '../../../core/bytes.ts';
import { seconds } from '../../../core/time.ts';
import { integerBytes, integerOf } from '../../../secure/crypto/big_integer.ts';
import { decodePkcs1Encryption } from '../../../secure/crypto/rsa_padding.ts';
import type { Program } from '../../../world/app/program.ts';
import type { Attacker } from '../../attack/attacker.ts';
import type { Entry } from '../entry.ts';
import type { Mail } from '../stage.ts';
import { encryptPadded, privatePower, publicPower, type ToyKey, type ToyPublicKey, toyRsaKey } from '../toy_rsa.ts';

const TOO_LARGE = 'number too large';

// A -> B: PE(public key, message)
function a(mail: Mail, key: ToyPublicKey, message: Uint8Array): void {
  mail.send('B', encryptPadded(key, message, mail.random) ?? '');
}

// B -> A: what B thought of it
function* b(mail: Mail, key: ToyKey, answerFor: (reaction: string) => string): Program<void> {
  for (;;) {
    const letter = yield* mail.receive();
    if (letter === undefined) return;
    const block = integerBytes(privatePower(key, integerOf(letter.bytes)), key.length);
    const message = decodePkcs1Encryption(block);
    if (message !== undefined) mail.note(textOf(message));
    const reaction = block[0] !== 0 ? TOO_LARGE : message === undefined ? 'no such padding' : 'received';
    mail.send(letter.from, answerFor(reaction));
  }
}

const roundedUp = (a: bigint, b: bigint): bigint => (a + b - 1n) / b;

// f^e * c decrypts to f * message modulo n. Is that below the bound? Each answer halves what the message may be.
function* decrypt(mail: Mail, m: Attacker, key: ToyPublicKey): Program<void> {
  const n = key.modulus;
  const ciphertext = integerOf(m.latest('A', 'B')?.bytes ?? new Uint8Array(0));
  const bound = 1n << BigInt(8 * (key.length - 1));
  let isOver = false;
  function* isLarge(f: bigint): Program<boolean> {
    if (!m.sends('M', 'B', integerBytes((publicPower(key, f) * ciphertext) % n, key.length))) isOver = true;
    const answer = isOver ? undefined : yield* mail.receive();
    return answer?.text === TOO_LARGE;
  }

  let f1 = 2n; // until f1 * message passes the bound
  while (!(yield* isLarge(f1)) && !isOver) f1 *= 2n;
  const half = f1 / 2n;
  let f2 = ((n + bound) / bound) * half; // until f2 * message passes n
  while ((yield* isLarge(f2)) && !isOver) f2 += half;
  let least = roundedUp(n, f2);
  let most = (n + bound) / f2;
  while (least < most && !isOver) {
    const i = (((2n * bound) / (most - least)) * least) / n;
    const f3 = roundedUp(i * n, least);
    if (yield* isLarge(f3)) least = roundedUp(i * n + bound, f3);
    else most = (i * n + bound) / f3;
  }
  const message = isOver ? undefined : decodePkcs1Encryption(integerBytes(least, key.length));
  if (message !== undefined) m.knowledge.learn(message, 'worked out from the answers');
}

export const answersThatDecrypt: Entry = {
  id: 'answers-that-decrypt',
  items: [65, 75, 76],
  rung: 'RSA with random padding',
  curedBy: 'RSA with one answer to everything',
  claim: 'Only B can decrypt, and what B answers contains nothing of the message.',
  position: 'on-path',
  budget: { messages: 600 },
  breaks: 'confidential',
  explanation: [
    'M multiplies the ciphertext of A with numbers of its choice, and B tells each time whether the result was too large.',
    'RSA lets the message be multiplied without being known, and each answer says in which half of what is left it lies.',
    'How one reacts to what a stranger lets one decrypt must say nothing about it: not in words, and not in time.',
  ],
  cure: 'B gives the same answer to whatever arrives.',
  perform(stage, variant) {
    const { m } = stage;
    const pin = stage.secret('pin');
    const key = toyRsaKey(stage.random('key of B'), 256);
    stage.b.acts((mail) => b(mail, key, variant === 'vulnerable' ? (reaction) => reaction : () => 'thank you'));
    stage.a.acts((mail) => a(mail, key, pin.bytes));
    stage.mallory.acts(function* (mail) {
      yield* mail.sleep(seconds(1));
      yield* decrypt(mail, m, key);
    });
    return () => {
      const path = m.knowledge.pathTo(pin);
      return {
        succeeded: path !== undefined,
        evidence: `after ${m.spent.messages} questions M has ${path === undefined ? 'nothing' : `the PIN (${path})`}`,
        honest: stage.b.believes(pin.text),
      };
    };
  },
};
