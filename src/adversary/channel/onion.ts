// Messages that go over relays: each relay takes off one layer of PE, and finds in it where to send what is left.
//
//   A -> R1: PE(R1, 'to R2', PE(R2, 'to R3', PE(R3, 'to B', PE(B, message))))

import { textOf, utf8 } from '../../core/bytes.ts';
import type { Program } from '../../world/app/program.ts';
import type { KeyPair, LectureNames } from './names.ts';
import { type Mail, pack, type Stage, unpack } from './stage.ts';

export interface Hop {
  readonly name: string;
  readonly keys: KeyPair;
}

export const hop = (stage: Stage, name: string): Hop => ({
  name,
  keys: stage.names.encryptionKeys(stage.random(`encryption keys of ${name}`)),
});

/** Wraps for the receiver, and then for each relay, the last one first. */
export function wrap({ PE }: LectureNames, relays: readonly Hop[], receiver: Hop, message: string): Uint8Array {
  let inner = PE(receiver.keys.publicKey, utf8(message)) ?? new Uint8Array(0);
  let next = receiver;
  for (const relay of relays.toReversed()) {
    inner = PE(relay.keys.publicKey, pack(next.name, inner)) ?? new Uint8Array(0);
    next = relay;
  }
  return inner;
}

/** What a relay finds under its layer. */
export function unwrap(
  { PD }: LectureNames,
  { keys }: Hop,
  bytes: Uint8Array,
): { next: string; inner: Uint8Array } | undefined {
  const [next, inner] = unpack(PD(keys.privateKey, bytes) ?? new Uint8Array(0), 2) ?? [];
  return next === undefined || inner === undefined ? undefined : { next: textOf(next), inner };
}

// R -> next: what is left
export function* relay(mail: Mail, names: LectureNames, own: Hop): Program<void> {
  for (let letter = yield* mail.receive(); letter !== undefined; letter = yield* mail.receive()) {
    const found = unwrap(names, own, letter.bytes);
    if (found !== undefined) mail.send(found.next, found.inner);
  }
}

export function* receiver(mail: Mail, { PD }: LectureNames, { keys }: Hop): Program<void> {
  const letter = yield* mail.receive();
  const text = letter === undefined ? undefined : PD(keys.privateKey, letter.bytes);
  if (text !== undefined) mail.note(textOf(text));
}
