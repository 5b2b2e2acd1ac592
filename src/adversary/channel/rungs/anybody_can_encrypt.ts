// Public-key encryption made from key agreement, in the five steps of the slide. M encrypts to B as well as A does.

import { bytesEqual, joinBytes, textOf, utf8 } from '../../../core/bytes.ts';
import type { Random } from '../../../core/random.ts';
import { seconds } from '../../../core/time.ts';
import { integerOf } from '../../../secure/crypto/big_integer.ts';
import type { Program } from '../../../world/app/program.ts';
import type { Attacker } from '../../attack/attacker.ts';
import { f, LARGE, randomExponent, shareBytes } from '../diffie_hellman.ts';
import type { Entry } from '../entry.ts';
import type { LectureNames } from '../names.ts';
import { type Mail, pack, unpack } from '../stage.ts';

const FORGED = 'I am A: let the man from the repair service in';
const GENUINE = 'I am A: water the flowers';

// Several keys from one secret: hash(something + shared secret).
function keysOf(shared: bigint, { hash }: LectureNames): { encryption: Uint8Array; mac: Uint8Array } {
  const secret = shareBytes(shared, LARGE);
  const made = (something: string): Uint8Array => hash(joinBytes([utf8(something), secret]));
  return { encryption: made('encryption'), mac: made('MAC') };
}

// Private key: generated random value Y. Public key: key share generated from that Y.
// PE(public key, message) =
function PE(publicKey: bigint, message: Uint8Array, random: Random, names: LectureNames): Uint8Array {
  const Z = randomExponent(random, LARGE); // generate random value Z
  const shared = f(publicKey, Z, LARGE); // combine with public key to get shared secret
  const keys = keysOf(shared, names); // use symmetric encryption + MAC using shared secret as keys
  const data = names.E(keys.encryption, message);
  // output: (key share generated from Z) (sym. encrypted data) (mac tag)
  return pack(shareBytes(f(LARGE.X, Z, LARGE), LARGE), data, names.MAC(keys.mac, data));
}

// PD(private key, ciphertext): extract the key share, combine with private key to get shared secret, ...
function PD(Y: bigint, ciphertext: Uint8Array, names: LectureNames): Uint8Array | undefined {
  const [share, data, tag] = unpack(ciphertext, 3) ?? [];
  if (share === undefined || data === undefined || tag === undefined) return undefined;
  const keys = keysOf(f(integerOf(share), Y, LARGE), names);
  return bytesEqual(names.MAC(keys.mac, data), tag) ? names.D(keys.encryption, data) : undefined;
}

/** What A adds, and what B asks for. */
interface Proof {
  sign(text: string): Uint8Array;
  isGood(text: string, signature: Uint8Array): boolean;
}

// A -> B: PE(public key of B, text, signature)
function a(mail: Mail, publicKeyOfB: bigint, { sign }: Proof, names: LectureNames): void {
  mail.send('B', PE(publicKeyOfB, pack(GENUINE, sign(GENUINE)), mail.random, names));
}

function* b(mail: Mail, Y: bigint, { isGood }: Proof, names: LectureNames): Program<void> {
  for (;;) {
    const letter = yield* mail.receive();
    if (letter === undefined) return;
    const [text, signature] = unpack(PD(Y, letter.bytes, names) ?? new Uint8Array(0), 2) ?? [];
    if (text === undefined || signature === undefined) continue;
    mail.note(isGood(textOf(text), signature) ? textOf(text) : 'not from A');
  }
}

function encryptToo(m: Attacker, publicKeyOfB: bigint, random: Random, names: LectureNames): void {
  const own = names.signingKeys(random);
  m.sends('A', 'B', PE(publicKeyOfB, pack(FORGED, names.S(own.privateKey, utf8(FORGED))), random, names));
}

export const anybodyCanEncrypt: Entry = {
  id: 'anybody-can-encrypt',
  items: [77, 79, 128, 130],
  rung: 'public-key encryption made from key agreement',
  curedBy: 'public-key encryption and a signature',
  claim: 'B opens only what was encrypted to it and has a right MAC, and the letter says that it is from A.',
  position: 'off-path',
  budget: { messages: 1 },
  breaks: 'authentic',
  explanation: [
    'M, who hears nothing, encrypts a letter to the public key of B that says it is from A, and B believes it.',
    'The keys of the MAC come from a share that the sender has just made up, so that it says only that nothing was changed since.',
    'Whoever has the public key can encrypt: public-key encryption hides a message, and says nothing of its sender.',
  ],
  cure: 'A also signs what it writes and to whom, with a key that B knows as that of A.',
  perform(stage, variant) {
    const { names } = stage;
    const Y = randomExponent(stage.random('B'), LARGE);
    const publicKeyOfB = f(LARGE.X, Y, LARGE);
    const keysOfA = names.signingKeys(stage.random('keys of A'));
    const none: Proof = { sign: () => new Uint8Array(0), isGood: () => true };
    const signed: Proof = {
      sign: (text) => names.S(keysOfA.privateKey, pack('A to B', text)),
      isGood: (text, signature) => names.V(keysOfA.publicKey, pack('A to B', text), signature),
    };
    const proof = variant === 'vulnerable' ? none : signed;
    stage.b.acts((mail) => b(mail, Y, proof, names));
    stage.a.acts((mail) => a(mail, publicKeyOfB, proof, names));
    stage.at(seconds(1), () => encryptToo(stage.m, publicKeyOfB, stage.random('M'), names));
    return () => ({
      succeeded: stage.b.believes(FORGED),
      evidence: `B noted "${stage.b.notes.at(-1)}"`,
      honest: stage.b.believes(GENUINE),
    });
  },
};
