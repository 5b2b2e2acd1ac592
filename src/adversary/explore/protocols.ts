// Protocols for the search, each with the switch that mends it. They are the lecture's: the repair man at the door, the
// challenge that is answered for somebody else, the one that comes back, and the handshake that may be cut short.

import { bytesEqual, textOf, utf8 } from '../../core/bytes.ts';
import type { Program } from '../../world/app/program.ts';
import type { LectureNames } from '../channel/names.ts';
import { type Mail, pack, unpack } from '../channel/stage.ts';
import type { Explorable } from './exploration.ts';

const ORDER = 'let the repair man in';
/** How often somebody comes to the door; without an end the search would have none. */
const VISITS = 3;

// A -> B: order, S(A, order)      cured: B -> A: nonce; A -> B: order, S(A, order + nonce)
export const repairMan: Explorable = {
  id: 'repair-man',
  attack: 'replay',
  explanation: 'A orders once that the door be opened. B opens it for whoever brings the signed order.',
  setUp(world, isCured) {
    const { signingKeys, S, V } = world.names;
    const { privateKey, publicKey } = signingKeys(world.randomOf('keys of A'));
    function* door(mail: Mail): Program<void> {
      for (let visit = 0; visit < VISITS; visit++) {
        const nonce = fresh(mail);
        if (isCured) mail.send('A', pack(nonce));
        const letter = yield* mail.receive();
        const [order, signature] = unpack(letter?.bytes ?? new Uint8Array(0), 2) ?? [];
        if (order === undefined || signature === undefined) continue;
        if (V(publicKey, isCured ? pack(order, nonce) : order, signature) && textOf(order) === ORDER)
          mail.note('opened');
      }
    }
    function* owner(mail: Mail): Program<void> {
      const nonce = isCured ? unpack((yield* mail.receive())?.bytes ?? new Uint8Array(0), 1)?.[0] : undefined;
      const order = utf8(ORDER);
      mail.note('ordered');
      mail.send('B', pack(order, S(privateKey, nonce === undefined ? order : pack(order, nonce))));
    }
    world.acts('B', 'A', door);
    world.acts('A', 'B', owner);
  },
  violation: (world) =>
    world.count('B', 'opened') > world.count('A', 'ordered')
      ? 'B opened the door more often than A ordered'
      : undefined,
  isDone: (world) => world.count('B', 'opened') > 0,
};

// B -> A: nonce    A -> B: S(A, nonce)      cured: S(A, "for B", nonce)
export const shownToSomeoneElse: Explorable = {
  id: 'shown-to-someone-else',
  attack: 'shown to someone else',
  explanation: 'A proves who it is to M, who has asked rightfully. M shows the proof to B.',
  setUp(world, isCured) {
    const { signingKeys, S, V } = world.names;
    const { privateKey, publicKey } = signingKeys(world.randomOf('keys of A'));
    const statement = (verifier: string, nonce: Uint8Array): Uint8Array =>
      isCured ? pack(verifier, nonce) : pack(nonce);
    function* verifier(mail: Mail): Program<void> {
      const nonce = fresh(mail);
      mail.send('A', pack(nonce));
      const proof = yield* mail.receive();
      if (proof !== undefined && V(publicKey, statement('B', nonce), proof.bytes)) mail.note('speaks with A');
    }
    function prover(peer: string): (mail: Mail) => Program<void> {
      return function* (mail) {
        const [nonce] = unpack((yield* mail.receive())?.bytes ?? new Uint8Array(0), 1) ?? [];
        if (nonce === undefined) return;
        mail.note(`spoke with ${peer}`);
        mail.send(peer, S(privateKey, statement(peer, nonce)));
      };
    }
    world.acts('B', 'A', verifier);
    world.acts('A', 'M', prover('M')); // and A knows that it is M
    world.acts('A', 'B', prover('B'));
  },
  violation: (world) =>
    world.count('B', 'speaks with A') > world.count('A', 'spoke with B')
      ? 'B believes that A speaks with it, and A does not'
      : undefined,
  isDone: (world) => world.count('B', 'speaks with A') > 0,
};

// A -> B: nonce    B -> A: MAC(key, nonce), both ways with one key      cured: MAC(key, "B", nonce)
export const reflection: Explorable = {
  id: 'reflection',
  attack: 'reflection',
  explanation:
    'A asks for a proof that only B can give, and answers such questions as well. M sends A its own question.',
  setUp(world, isCured) {
    const { MAC } = world.names;
    const key = world.key('of A and B');
    const proof = (prover: string, nonce: Uint8Array): Uint8Array =>
      MAC(key, isCured ? pack(prover, nonce) : pack(nonce));
    function* asks(mail: Mail): Program<void> {
      const nonce = fresh(mail);
      mail.send('B', pack(nonce));
      const answer = yield* mail.receive();
      if (answer !== undefined && bytesEqual(answer.bytes, proof('B', nonce))) mail.note('speaks with B');
    }
    function answers(own: string, peer: string): (mail: Mail) => Program<void> {
      return function* (mail) {
        const [nonce] = unpack((yield* mail.receive())?.bytes ?? new Uint8Array(0), 1) ?? [];
        if (nonce === undefined) return;
        mail.note('answered');
        mail.send(peer, proof(own, nonce));
      };
    }
    world.acts('A', 'B', asks);
    world.acts('A', 'B', answers('A', 'B'));
    world.acts('B', 'A', answers('B', 'A'));
  },
  violation: (world) =>
    world.count('A', 'speaks with B') > world.count('B', 'answered')
      ? 'A believes that it speaks with B, who has said nothing'
      : undefined,
  isDone: (world) => world.count('A', 'speaks with B') > 0,
};

// A -> B: hello   B -> A: hello   B -> A: key, S(B, both hellos, key)   B -> A: finished
// The bug: messages are handled by their kind, whichever is awaited.
export const skippedProof: Explorable = {
  id: 'skipped-proof',
  attack: 'messages in the wrong order (SMACK)',
  explanation: 'A handles each message by its kind. Whoever says "finished" first is never asked for a proof.',
  setUp(world, isCured) {
    const keys = world.names.signingKeys(world.randomOf('keys of B'));
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

export const EXPLORABLES: readonly Explorable[] = [repairMan, shownToSomeoneElse, reflection, skippedProof];
