// What the search is put to. Three are rungs of the ladder, by the names of their entries and with their very code: M has to
// find by itself what is written down there. In the fourth M would have to compute, which the search does not: it has a
// handshake of its own, in which the bug is the same.

import type { Program } from '../../world/app/program.ts';
import type { LectureNames } from '../channel/names.ts';
import * as repairMan from '../channel/repair_man.ts';
import * as challenge from '../channel/rungs/reflection.ts';
import { writer } from '../channel/signed_text.ts';
import { type Mail, pack, unpack } from '../channel/stage.ts';
import type { Explorable, ExploredWorld } from './exploration.ts';

const LET_IN = `${repairMan.DOOR} Yes.`;
const KEPT_OUT = `${repairMan.DOOR} No.`;

// A asks about lunch, and whether to let the man in. B says yes, and no.
const repairManReplayed: Explorable = {
  id: 'repair-man-replayed',
  showsItsState: true,
  attack: 'replay',
  explanation: 'A asks B about lunch and then about the man at the door. All is signed.',
  setUp(world, isCured) {
    const writers = { a: writer(world, 'A'), b: writer(world, 'B') };
    const labels = isCured ? repairMan.counted() : repairMan.UNLABELLED;
    const others = new Map([['A', writers.a]]);
    world.acts('B', 'A', (mail) => repairMan.b(mail, writers.b, others, labels));
    const questions = [repairMan.LUNCH, repairMan.DOOR];
    world.acts('A', 'B', (mail) => repairMan.a(mail, writers.a, writers.b, labels, questions));
  },
  violation: isLetIn,
  isDone: (world) => world.count('A', KEPT_OUT) > 0,
};

// B counts with each one who asks, and M asks as well.
const shownToSomeoneElse: Explorable = {
  id: 'shown-to-someone-else',
  showsItsState: true,
  attack: 'shown to someone else',
  explanation:
    'A asks B about the man at the door, M asks B about lunch under its own name. All is signed and numbered.',
  setUp(world, isCured) {
    const writers = { a: writer(world, 'A'), b: writer(world, 'B'), m: writer(world, 'M') };
    const labels = repairMan.counted({ sayWho: isCured });
    const others = new Map([
      ['A', writers.a],
      ['M', writers.m],
    ]);
    for (const peer of ['A', 'M']) {
      world.acts('B', peer, (mail) => repairMan.b(mail, writers.b, others, labels));
    }
    world.acts('A', 'B', (mail) => repairMan.a(mail, writers.a, writers.b, labels, [repairMan.DOOR]));
    world.knows(writers.m.sign(`#1 ${repairMan.LUNCH}`));
  },
  violation: isLetIn,
  isDone: (world) => world.count('A', KEPT_OUT) > 0,
};

function isLetIn(world: ExploredWorld): string | undefined {
  return world.count('A', LET_IN) > 0 ? 'A lets the man in, and B never said so' : undefined;
}

const reflection: Explorable = {
  id: 'reflection',
  showsItsState: true,
  attack: 'reflection',
  explanation: 'A asks for a proof that only B can give, and answers such questions as well.',
  setUp(world, isCured) {
    const proof = challenge.proofOf(world.names, world.key('of A and B'), isCured);
    world.acts('A', 'B', (mail) => challenge.a(mail, proof));
    world.acts('B', 'A', (mail) => challenge.b(mail, proof));
  },
  violation: (world) =>
    world.countOfNotes('A', 'B is there') > world.sentBy('B')
      ? 'A believes that it talks to B, who has said nothing'
      : undefined,
  isDone: (world) => world.countOfNotes('A', 'B is there') > 0,
};

// A -> B: hello   B -> A: hello   B -> A: key, S(B, both hellos, key)   B -> A: finished
// The bug: messages are handled by their kind, whichever is awaited.
const skippedProof: Explorable = {
  id: 'skipped-proof',
  showsItsState: false,
  attack: 'messages in the wrong order (SMACK)',
  explanation: 'A handles each message by its kind. Whoever says "finished" first is never asked for a proof.',
  setUp(world, isCured) {
    const keys = world.names.signingKeys(world.random('keys of B'));
    world.acts('A', 'B', (mail) => client(mail, world.names, keys.publicKey, isCured));
    world.acts('B', 'A', (mail) => server(mail, world.names, keys.privateKey));
    world.knows('hello', 'finished');
  },
  violation: (world) =>
    world.count('A', 'connected to B') > world.count('B', 'proved who it is')
      ? 'A is connected to B, and B has proved nothing'
      : undefined,
  isDone: (world) => world.count('A', 'connected to B') > 0,
};

function* client(mail: Mail, { V }: LectureNames, publicKey: Uint8Array, isCured: boolean): Program<void> {
  const hello = pack('client hello', fresh(mail));
  mail.send('B', hello);
  let awaited: 'hello' | 'proof' | 'finished' = 'hello';
  for (let turn = 0; turn < 4; turn++) {
    const { bytes, text } = (yield* mail.receive()) ?? { bytes: new Uint8Array(0), text: '' };
    const [, signature] = unpack(bytes, 2) ?? [];
    const kind = signature !== undefined ? 'proof' : text;
    if (isCured && kind !== awaited) return; // one message is awaited, and no other
    if (kind === 'hello') awaited = 'proof';
    else if (kind === 'proof') {
      if (signature === undefined || !V(publicKey, hello, signature)) return;
      awaited = 'finished';
    } else if (kind === 'finished') {
      mail.note('connected to B');
      return;
    }
  }
}

function* server(mail: Mail, { S }: LectureNames, privateKey: Uint8Array): Program<void> {
  const hello = yield* mail.receive();
  if (hello === undefined || unpack(hello.bytes, 2) === undefined) return;
  mail.send('A', 'hello');
  mail.send('A', pack('proof', S(privateKey, hello.bytes)));
  mail.note('proved who it is');
  mail.send('A', 'finished');
}

function fresh(mail: Mail): Uint8Array {
  const nonce = new Uint8Array(8);
  mail.random.fill(nonce);
  return nonce;
}

export const EXPLORABLES: readonly Explorable[] = [repairManReplayed, shownToSomeoneElse, reflection, skippedProof];
