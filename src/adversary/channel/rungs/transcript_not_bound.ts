// A and B agree on a cipher first. M strikes the strong one from A's offer, and then tries all keys of the weak one.

import { bytesEqual, joinBytes, textOf, utf8 } from '../../../core/bytes.ts';
import type { AgreementKey } from '../../../secure/crypto/provider.ts';
import type { Program } from '../../../world/app/program.ts';
import type { Attacker } from '../../attack/attacker.ts';
import type { Entry } from '../entry.ts';
import type { KeyPair, LectureNames } from '../names.ts';
import { type Mail, pack, unpack } from '../stage.ts';

const WEAK_BITS = 13;
const GREETING = 'Dear B, ';

interface Handshake {
  readonly names: LectureNames;
  readonly generate: (mail: Mail) => AgreementKey;
  readonly signing: KeyPair;
  /** The cure. */
  readonly bindsTranscript: boolean;
}

const weakKey = (number: number): Uint8Array => Uint8Array.of(number >> 8, number & 0xff, ...new Uint8Array(30));

/** One of several keys: hash(something + shared secret). */
function derive({ hash }: LectureNames, something: string, shared: Uint8Array, cipher: string): Uint8Array {
  const key = hash(joinBytes([utf8(something), shared]));
  return cipher === 'weak' ? weakKey((((key[0] ?? 0) << 8) | (key[1] ?? 0)) >> (16 - WEAK_BITS)) : key;
}

// MAC(key made from key shares, Hash(everything so far))
const finished = (names: LectureNames, shared: Uint8Array, ...everything: Uint8Array[]): Uint8Array =>
  names.MAC(derive(names, 'finished', shared, 'strong'), names.hash(joinBytes(everything)));

// A -> B: (ciphers: strong, weak) (key share)
// A -> B: E(key, 'Dear B, ...')
function* a(mail: Mail, handshake: Handshake, secret: string): Program<void> {
  const { names, generate, signing, bindsTranscript } = handshake;
  for (let attempt = 0; attempt < 2; attempt++) {
    const own = generate(mail);
    const hello = pack('strong, weak', own.publicKey);
    mail.send('B', hello);
    const letter = yield* mail.receive();
    const [answer, mac] = unpack(letter?.bytes ?? new Uint8Array(0), 2) ?? [];
    const [cipher, share, signature] = unpack(answer ?? new Uint8Array(0), 3) ?? [];
    if (answer === undefined || mac === undefined || cipher === undefined || share === undefined) continue;
    const shared = own.agree(share);
    if (shared === undefined || signature === undefined) continue;
    if (!names.V(signing.publicKey, pack(own.publicKey, share), signature)) continue;
    if (bindsTranscript && !bytesEqual(mac, finished(names, shared, hello, answer))) continue;
    mail.send('B', names.E(derive(names, 'traffic', shared, textOf(cipher)), utf8(GREETING + secret)));
    return;
  }
}

// B -> A: (cipher: strong) (key share) (signature over both key shares) (MAC over everything so far)
function* b(mail: Mail, { names, generate, signing }: Handshake): Program<void> {
  let key = new Uint8Array(32);
  for (let letter = yield* mail.receive(); letter !== undefined; letter = yield* mail.receive()) {
    const [ciphers, share] = unpack(letter.bytes, 2) ?? [];
    if (ciphers === undefined || share === undefined) {
      mail.note(textOf(names.D(key, letter.bytes) ?? new Uint8Array(0)));
      continue;
    }
    const cipher = textOf(ciphers).includes('strong') ? 'strong' : 'weak';
    const own = generate(mail);
    const shared = own.agree(share);
    if (shared === undefined) continue;
    const signature = names.S(signing.privateKey, pack(share, own.publicKey));
    const answer = pack(cipher, own.publicKey, signature);
    mail.send('A', pack(answer, finished(names, shared, letter.bytes, answer)));
    key = derive(names, 'traffic', shared, cipher).slice();
  }
}

// The first offer becomes a worse one; what is sent under the weak cipher is read by trying every key.
function downgrade(m: Attacker, { D }: LectureNames): void {
  let isDone = false;
  m.intercepts(({ from, bytes }) => {
    const [ciphers, share] = (from === 'A' ? unpack(bytes, 2) : undefined) ?? [];
    if (ciphers !== undefined && share !== undefined) {
      if (isDone) return 'pass';
      isDone = true;
      return pack('weak', share);
    }
    if (from !== 'A') return 'pass';
    for (let number = 0; number < 2 ** WEAK_BITS && m.computes(); number++) {
      const text = D(weakKey(number), bytes);
      if (text !== undefined && textOf(text.slice(0, GREETING.length)) === GREETING) {
        m.knowledge.learn(text, `A to B, weak key ${number}`);
        break;
      }
    }
    return 'pass';
  });
}

export const transcriptNotBound: Entry = {
  id: 'transcript-not-bound',
  items: [129, 132],
  rung: 'a handshake with signed key shares',
  curedBy: 'a handshake with a bound transcript',
  claim: 'A and B use the best cipher that both have, and their key shares are signed.',
  position: 'on-path',
  budget: { computations: 2 ** WEAK_BITS },
  breaks: 'confidential',
  explanation: [
    `M strikes the strong cipher from A's offer, B takes the weak one, and M tries its 2^${WEAK_BITS} keys.`,
    'The key shares are signed and cannot be changed, but nothing protects the list that was sent before there was a key.',
    'A handshake is safe only if both sides check at its end that they have seen the same messages.',
  ],
  cure: 'B sends MAC(key made from key shares, Hash(everything so far)), and A compares it with what A sent and received.',
  perform(stage, variant) {
    const { names } = stage;
    const secret = stage.secret('secret');
    const handshake: Handshake = {
      names,
      generate: (mail) => stage.crypto.agreement.X25519.generate(mail.random),
      signing: names.signingKeys(stage.random('signing keys of B')),
      bindsTranscript: variant === 'cured',
    };
    stage.b.acts((mail) => b(mail, handshake));
    stage.a.acts((mail) => a(mail, handshake, secret.text));
    downgrade(stage.m, names);
    return () => {
      const path = stage.m.knowledge.pathTo(secret);
      return {
        succeeded: path !== undefined,
        evidence:
          path === undefined
            ? 'A gives up the handshake that was changed, and the next is strong'
            : `M reads it (${path})`,
        honest: stage.b.believes(GREETING + secret.text),
      };
    };
  },
};
