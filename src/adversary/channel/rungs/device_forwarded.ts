// A chat in which each person has several devices, and a device may forward the key of another one of the same person. A
// checks that a forwarded key is signed by a device that it knows, and not by whose (the bug of some Matrix clients).

import { textOf } from '../../../core/bytes.ts';
import { seconds } from '../../../core/time.ts';
import type { Program } from '../../../world/app/program.ts';
import type { Entry } from '../entry.ts';
import type { KeyPair, LectureNames } from '../names.ts';
import { type Mail, pack, type Stage, unpack } from '../stage.ts';

/** Whose it is, where it is, and its keys. */
interface Device {
  readonly owner: string;
  readonly at: string;
  readonly encryption: KeyPair;
  readonly signing: KeyPair;
}

/** What others have of it. */
interface KnownDevice {
  readonly owner: string;
  readonly at: string;
  readonly encryptsTo: Uint8Array;
  readonly verifies: Uint8Array;
}

const publicOf = ({ owner, at, encryption, signing }: Device): KnownDevice => ({
  owner,
  at,
  encryptsTo: encryption.publicKey,
  verifies: signing.publicKey,
});

function device(stage: Stage, owner: string, at: string): Device {
  const encryption = stage.names.encryptionKeys(stage.random(`encryption keys of ${at}`));
  return { owner, at, encryption, signing: stage.names.signingKeys(stage.random(`signing keys of ${at}`)) };
}

// phone -> A: B's other device has the key XXX [signature by phone]
function forwarded(
  { S }: LectureNames,
  by: Device,
  owner: string,
  { at, encryptsTo, verifies }: KnownDevice,
): Uint8Array {
  const statement = pack(owner, at, encryptsTo, verifies);
  return pack(by.at, statement, S(by.signing.privateKey, statement));
}

// To talk to B, A verified one of B's public keys; the others are forwarded. Then A writes to each of B's devices.
function* a(
  mail: Mail,
  { V, PE }: LectureNames,
  known: KnownDevice[],
  secret: Uint8Array,
  checksWhose: boolean,
): Program<void> {
  for (let letter = yield* mail.receive(); letter !== undefined; letter = yield* mail.receive()) {
    const [by, statement, signature] = unpack(letter.bytes, 3) ?? [];
    const [owner, at, encryptsTo, verifies] = unpack(statement ?? new Uint8Array(0), 4) ?? [];
    if (by === undefined || statement === undefined || signature === undefined) continue;
    if (owner === undefined || at === undefined || encryptsTo === undefined || verifies === undefined) continue;
    const signer = known.find((one) => one.at === textOf(by));
    if (signer === undefined || !V(signer.verifies, statement, signature)) continue;
    if (checksWhose && signer.owner !== textOf(owner)) continue; // the line that was missing
    known.push({ owner: textOf(owner), at: textOf(at), encryptsTo, verifies });
  }
  for (const { at, encryptsTo } of known.filter(({ owner }) => owner === 'B')) {
    const sealed = PE(encryptsTo, secret);
    if (sealed !== undefined) mail.send(at, sealed);
  }
}

function* reads(mail: Mail, { PD }: LectureNames, own: Device): Program<void> {
  const letter = yield* mail.receive();
  const text = letter === undefined ? undefined : PD(own.encryption.privateKey, letter.bytes);
  if (text !== undefined) mail.note(textOf(text));
}

// M -> A: B's other device has the key MMM [signature by M's own device, which A knows as M's]
function forwardOwn(stage: Stage, own: Device): void {
  const { m, names, mallory } = stage;
  m.sends('M', 'A', forwarded(names, own, 'B', publicOf({ ...own, owner: 'B' })));
  mallory.acts(function* (mail) {
    const letter = yield* mail.receive(seconds(10));
    const text = letter === undefined ? undefined : names.PD(own.encryption.privateKey, letter.bytes);
    if (text !== undefined) m.knowledge.learn(text, "A to M, decrypted with the key of M's device");
  });
}

export const deviceForwarded: Entry = {
  id: 'device-forwarded',
  items: [91],
  rung: 'device keys forwarded by anybody',
  curedBy: 'device keys forwarded by their owner',
  claim: 'Only keys that were verified, or were forwarded by a verified device, are written to.',
  position: 'same-segment',
  budget: { messages: 1 },
  breaks: 'confidential',
  explanation: [
    'M, whom A knows as M, forwards a key of its own as that of another device of B, and A encrypts what it writes to B to it too.',
    'A checks that a device it knows has signed, and does not compare its owner with the owner of the new key.',
    'That a signature is good is half of the check; the other half is whether its maker may say such a thing.',
  ],
  cure: 'A takes a key for B only from a device of B.',
  perform(stage, variant) {
    const { names } = stage;
    const secret = stage.secret('secret');
    const phone = device(stage, 'B', 'B');
    const laptop = device(stage, 'B', 'laptop');
    const ofM = device(stage, 'M', 'M');
    const checksWhose = variant === 'cured'; // the switch that puts the bug back
    stage.b.acts(function* (mail) {
      mail.send('A', forwarded(names, phone, 'B', publicOf(laptop)));
      yield* mail.sleep(seconds(5));
      yield* reads(mail, names, phone);
    });
    stage.principal('laptop').acts(function* (mail) {
      yield* mail.sleep(seconds(5));
      yield* reads(mail, names, laptop);
    });
    stage.a.acts((mail) => a(mail, names, [publicOf(phone), publicOf(ofM)], secret.bytes, checksWhose));
    stage.at(seconds(1), () => forwardOwn(stage, ofM));
    return () => {
      const path = stage.m.knowledge.pathTo(secret);
      return {
        succeeded: path !== undefined,
        evidence:
          path === undefined
            ? 'A writes to the phone and the laptop of B alone'
            : `M reads what A wrote to B (${path})`,
        honest: stage.b.believes(secret.text) && stage.principal('laptop').believes(secret.text),
      };
    };
  },
};
