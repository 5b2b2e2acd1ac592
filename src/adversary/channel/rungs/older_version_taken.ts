// A and B both know a good version and an older one. M strikes the good one from A's hello, so that B has to believe that A knows
// nothing better, and then tries all keys of the older one.

import { bytesEqual, joinBytes, textOf, utf8 } from '../../../core/bytes.ts';
import type { AgreementKey } from '../../../secure/crypto/provider.ts';
import type { Program } from '../../../world/app/program.ts';
import type { Attacker } from '../../attack/attacker.ts';
import type { Entry } from '../entry.ts';
import type { KeyPair, LectureNames } from '../names.ts';
import { type Mail, pack, unpack } from '../stage.ts';

const WEAK_BITS = 12;
const GREETING = 'Dear B, ';
const RANDOM_LENGTH = 16;
/** RFC 8446 §4.1.3 has these, and a number, at the end of a server's random value. */
const SENTINEL: Uint8Array = utf8('DOWNGRD');

interface Versions {
  readonly names: LectureNames;
  readonly generate: (mail: Mail) => AgreementKey;
  readonly signing: KeyPair;
  /** The cure: B says in the older version that it knows the newer one. */
  readonly hasSentinel: boolean;
}

/** The older version was made when nobody was allowed longer keys. */
function keyOf({ hash }: LectureNames, version: string, shared: Uint8Array): Uint8Array {
  const key = hash(joinBytes([utf8(version), shared]));
  return version === '2' ? key : weakKey((((key[0] ?? 0) << 8) | (key[1] ?? 0)) >> (16 - WEAK_BITS));
}

const weakKey = (number: number): Uint8Array => Uint8Array.of(number >> 8, number & 0xff, ...new Uint8Array(30));

// Version 2 signs everything so far; version 1 signs what its designers thought of: the random value and the share.
const signedIn = (version: string, hello: Uint8Array, random: Uint8Array, share: Uint8Array): Uint8Array =>
  version === '2' ? pack(hello, random, share) : pack(random, share);

// A -> B: (versions: 2, 1) (key share)
// A -> B: E(key, 'Dear B, ...')
function* a(mail: Mail, { names, generate, signing, hasSentinel }: Versions, secret: string): Program<void> {
  for (let attempt = 0; attempt < 2; attempt++) {
    const own = generate(mail);
    const hello = pack('2, 1', own.publicKey);
    mail.send('B', hello);
    const letter = yield* mail.receive();
    const [version, random, share, signature] = unpack(letter?.bytes ?? new Uint8Array(0), 4) ?? [];
    if (version === undefined || random === undefined || share === undefined || signature === undefined) continue;
    if (!names.V(signing.publicKey, signedIn(textOf(version), hello, random, share), signature)) continue;
    if (hasSentinel && textOf(version) === '1' && bytesEqual(random.slice(-SENTINEL.length), SENTINEL)) continue;
    const shared = own.agree(share);
    if (shared === undefined) continue;
    mail.send('B', names.E(keyOf(names, textOf(version), shared), utf8(GREETING + secret)));
    return;
  }
}

// B -> A: (version) (random value) (key share) (signature)
function* b(mail: Mail, { names, generate, signing, hasSentinel }: Versions): Program<void> {
  let key = new Uint8Array(32);
  for (let letter = yield* mail.receive(); letter !== undefined; letter = yield* mail.receive()) {
    const [versions, share] = unpack(letter.bytes, 2) ?? [];
    if (versions === undefined || share === undefined) {
      mail.note(textOf(names.D(key, letter.bytes) ?? new Uint8Array(0)));
      continue;
    }
    const version = textOf(versions).includes('2') ? '2' : '1';
    const random = new Uint8Array(RANDOM_LENGTH);
    mail.random.fill(random);
    if (hasSentinel && version === '1') random.set(SENTINEL, RANDOM_LENGTH - SENTINEL.length);
    const own = generate(mail);
    const shared = own.agree(share);
    if (shared === undefined) continue;
    const signature = names.S(signing.privateKey, signedIn(version, letter.bytes, random, own.publicKey));
    mail.send('A', pack(version, random, own.publicKey, signature));
    key = keyOf(names, version, shared).slice();
  }
}

// The first hello knows the older version alone; what is then sent is read by trying every key.
function strikeVersion(m: Attacker, { D }: LectureNames): void {
  let isDone = false;
  m.intercepts(({ from, bytes }) => {
    const [versions, share] = (from === 'A' ? unpack(bytes, 2) : undefined) ?? [];
    if (versions !== undefined && share !== undefined) {
      if (isDone) return 'pass';
      isDone = true;
      return pack('1', share);
    }
    if (from !== 'A') return 'pass';
    for (let number = 0; number < 2 ** WEAK_BITS && m.computes(); number++) {
      const text = D(weakKey(number), bytes);
      if (text !== undefined && textOf(text.slice(0, GREETING.length)) === GREETING) {
        m.knowledge.learn(text, `A to B in version 1, key ${number}`);
        break;
      }
    }
    return 'pass';
  });
}

export const olderVersionTaken: Entry = {
  id: 'older-version-taken',
  items: [132],
  rung: 'a handshake with an older version beside it',
  curedBy: 'a sentinel in the older version',
  claim: 'A and B use the newer version, since both know it; the older one is for those who know nothing better.',
  position: 'on-path',
  budget: { computations: 2 ** WEAK_BITS },
  breaks: 'confidential',
  explanation: [
    "M strikes version 2 from A's hello. B takes A for an old machine and answers in version 1.",
    `Version 1 signs neither the hello nor which version was chosen, and M tries its 2^${WEAK_BITS} keys.`,
    'What the newer version protects is of no use if it can be talked away: the older one has to tell.',
  ],
  cure: 'B, which knows version 2, ends its random value in version 1 with DOWNGRD; version 1 signs that value, and A looks.',
  perform(stage, variant) {
    const { names } = stage;
    const secret = stage.secret('secret');
    const versions: Versions = {
      names,
      generate: (mail) => stage.crypto.agreement.X25519.generate(mail.random),
      signing: names.signingKeys(stage.random('signing keys of B')),
      hasSentinel: variant === 'cured',
    };
    stage.b.acts((mail) => b(mail, versions));
    stage.a.acts((mail) => a(mail, versions, secret.text));
    strikeVersion(stage.m, names);
    return () => {
      const path = stage.m.knowledge.pathTo(secret);
      return {
        succeeded: path !== undefined,
        evidence:
          path === undefined
            ? 'A sees that B knows better and begins anew; M cannot take the word out'
            : `M reads it (${path})`,
        honest: stage.b.believes(GREETING + secret.text),
      };
    };
  },
};
