// Textbook RSA: the same message always gives the same ciphertext. E encrypts every PIN there is, and compares.

import { bytesEqual, textOf, utf8 } from '../../../core/bytes.ts';
import { integerBytes, integerOf } from '../../../secure/crypto/big_integer.ts';
import type { Program } from '../../../world/app/program.ts';
import type { Attacker } from '../../attack/attacker.ts';
import type { Secret } from '../../attack/secret.ts';
import type { Entry } from '../entry.ts';
import type { Mail } from '../stage.ts';
import { decryptPadded, encryptPadded, privatePower, publicPower, type ToyPublicKey, toyRsaKey } from '../toy_rsa.ts';

const PINS = 10_000;

const saying = (pin: number): Uint8Array => utf8(`The PIN is ${String(pin).padStart(4, '0')}`);

const textbook = (key: ToyPublicKey, message: Uint8Array): Uint8Array =>
  integerBytes(publicPower(key, integerOf(message)), key.length);

// A -> B: PE(public key, 'The PIN is ...')
function a(mail: Mail, message: Uint8Array, encrypt: (message: Uint8Array) => Uint8Array): void {
  mail.send('B', encrypt(message));
}

function* b(mail: Mail, decrypt: (ciphertext: Uint8Array) => Uint8Array): Program<void> {
  const letter = yield* mail.receive();
  if (letter !== undefined) mail.note(textOf(decrypt(letter.bytes)));
}

function confirmGuess(m: Attacker, publicKey: ToyPublicKey): void {
  const seen = m.latest('A', 'B')?.bytes ?? new Uint8Array(0);
  for (let pin = 0; pin < PINS && m.computes(); pin++) {
    if (!bytesEqual(textbook(publicKey, saying(pin)), seen)) continue;
    m.knowledge.learn(saying(pin), 'encrypts to the same');
    return;
  }
}

export const guessConfirmed: Entry = {
  id: 'guess-confirmed',
  items: [56, 73, 75],
  rung: 'textbook RSA',
  curedBy: 'RSA with random padding',
  claim: 'Public-key encryption is one-way without the private key.',
  position: 'tap',
  budget: { computations: PINS },
  breaks: 'confidential',
  explanation: [
    'E encrypts each of 10,000 PINs to B, and one of them gives just what A has sent.',
    'Going back is hard, but E has the public key and can go forward as often as it likes.',
    'One-way is not enough: encryption must hide even what can be guessed, and so must be random.',
  ],
  cure: 'A puts random bytes in front of the message, at least eight of them, which E would have to guess as well.',
  perform(stage, variant) {
    const key = toyRsaKey(stage.random('key of B'), 256);
    const message = saying(stage.random('pin').below(PINS));
    // Not a minted one: a PIN can be guessed. But no run of bytes has 15 characters of this by chance.
    const secret: Secret = { name: 'pin', text: textOf(message), bytes: message };
    const padding = stage.random('padding');
    if (variant === 'vulnerable') {
      stage.b.acts((mail) => b(mail, (c) => integerBytes(privatePower(key, integerOf(c)), message.length)));
      stage.a.acts((mail) => a(mail, message, (text) => textbook(key, text)));
    } else {
      stage.b.acts((mail) => b(mail, (c) => decryptPadded(key, c) ?? new Uint8Array(0)));
      stage.a.acts((mail) => a(mail, message, (text) => encryptPadded(key, text, padding) ?? new Uint8Array(0)));
    }
    return () => {
      confirmGuess(stage.m, key);
      const path = stage.m.knowledge.pathTo(secret);
      const { computations } = stage.m.spent;
      return {
        succeeded: path !== undefined,
        evidence:
          path === undefined
            ? `none of ${computations} PINs encrypts to what A sent`
            : `"${secret.text}" ${path}, after ${computations} encryptions`,
        honest: stage.b.believes(secret.text),
      };
    };
  },
};
